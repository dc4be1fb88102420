/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "utils/command.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/whose.h"

static void
print_commands(void)
{
	(void)puts("usage: medusa-mfa COMMAND [OPTIONS]\n"
		   "       medusa-mfa help [COMMAND]\n"
		   "       medusa-mfa --version\n");
	for (size_t i = 0; i < mfa_command_count; i++)
		(void)printf("  %-15s %s\n", mfa_commands[i].name,
		    mfa_commands[i].summary);
}

static void
print_command(const struct mfa_command *command)
{
	char left[64];

	(void)printf("usage: medusa-mfa %s%s%s\n\n%s\n", command->name,
	    command->usage[0] != '\0' ? " " : "", command->usage,
	    command->summary);
	if (command->words != NULL)
		(void)printf("\n%s\n", command->words);
	(void)putchar('\n');
	for (size_t i = 0; i < mfa_option_count; i++) {
		const struct mfa_option *row = &mfa_options[i];

		if (!mfa_option_known(command, row->name))
			continue;
		(void)snprintf(left, sizeof(left), "--%s%s%s", row->name,
		    row->value != NULL ? " " : "",
		    row->value != NULL ? row->value : "");
		(void)printf("  %-20s %s\n", left, row->help);
	}
}

static int
unknown(const char *name)
{
	const struct mfa_command *like = mfa_command_like(name);
	char clean[64];

	mfa_out_clean(name, clean, sizeof(clean));
	if (like != NULL)
		mfa_out_error("unknown command %s: did you mean %s?", clean,
		    like->name);
	else
		mfa_out_error("unknown command %s (see: medusa-mfa help)",
		    clean);
	return MFA_EXIT_USAGE;
}

static int
help(int argc, char **argv)
{
	const struct mfa_command *command;

	if (argc < 2) {
		print_commands();
		return MFA_EXIT_DONE;
	}
	command = mfa_command_find(argv[1]);
	if (command == NULL)
		return unknown(argv[1]);
	print_command(command);
	return MFA_EXIT_DONE;
}

/* Without --user: the name of who calls, also for root under sudo. */
static int
default_user(struct mfa_args *args)
{
	const struct passwd *pw;

	args->named = args->user != NULL;
	if (args->named)
		return MFA_EXIT_DONE;
	pw = getpwuid(getuid());
	if (pw != NULL) {
		args->user = pw->pw_name;
		args->assumed = true;
		return MFA_EXIT_DONE;
	}
	mfa_out_error("your uid has no user name; say --user NAME");
	return MFA_EXIT_FAILED;
}

static int
run(const struct mfa_command *command, int argc, char **argv)
{
	struct mfa_args args;
	int code = MFA_EXIT_DONE;

	if (mfa_options_parse(command, argc, argv, &args) != MFA_OK)
		return MFA_EXIT_USAGE;
	if (args.help) {
		print_command(command);
		return MFA_EXIT_DONE;
	}
	if (!mfa_command_allowed(command, &args, geteuid()))
		return MFA_EXIT_FAILED;
	if (mfa_option_known(command, "user")) {
		code = default_user(&args);
		args.owner = geteuid() != 0 && mfa_whose_is_unix(&args);
	}
	return code == MFA_EXIT_DONE ? command->run(&args) : code;
}

static int
dispatch(int argc, char **argv)
{
	const struct mfa_command *command;

	if (argc < 2) {
		mfa_out_error("say what to do (see: medusa-mfa help)");
		return MFA_EXIT_USAGE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)
		return help(argc - 1, argv + 1);
	if (strcmp(argv[1], "--version") == 0) {
		(void)puts("medusa-mfa " PACKAGE_VERSION);
		return MFA_EXIT_DONE;
	}
	command = mfa_command_find(argv[1]);
	return command != NULL ? run(command, argc - 1, argv + 1) :
				 unknown(argv[1]);
}

/*
 * A closed descriptor would be the next file opened, and then printed into.
 * What stands in for it fails, so that output is never lost in silence.
 */
static void
hold_standard_descriptors(void)
{
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
	}
}

int
main(int argc, char **argv)
{
	char buffer[BUFSIZ];
	bool lost;
	int code;

	hold_standard_descriptors();
	/* Secrets are on our screen, but not in a core or for a debugger. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	mfa_out_json_init();
	code = dispatch(argc, argv);
	/* What was lost before the last flush is known to the stream alone. */
	lost = ferror(stdout) != 0;
	lost |= fclose(stdout) != 0;
	if (lost && code == MFA_EXIT_DONE) {
		(void)fputs("medusa-mfa: cannot write the output\n", stderr);
		code = MFA_EXIT_FAILED;
	}
	mfa_secret_wipe(buffer, sizeof(buffer));
	return code;
}
