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

static const char *const help_words[] = { "help", "--help", "-h", NULL };
static const char *const version_words[] = { "version", "--version", "-V",
	NULL };

/* They are in no table, for they know no options, but are looked up, too. */
static const struct mfa_command help_row = { .name = "help",
	.summary = "list the commands, or the options of one",
	.usage = "[COMMAND]", .options = "" };
static const struct mfa_command version_row = { .name = "version",
	.summary = "print the version", .usage = "", .options = "" };

static void
print_commands(void)
{
	(void)puts("usage: medusa-mfa COMMAND [OPTIONS]\n"
		   "       medusa-mfa help [COMMAND]\n"
		   "       medusa-mfa version\n");
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
		(void)printf("  %-20s %s\n", left,
		    mfa_option_help(command, row));
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

static bool
is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(*words, word) != 0)
		words++;
	return *words != NULL;
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
	if (is_one_of(argv[1], help_words))
		command = &help_row;
	else if (is_one_of(argv[1], version_words))
		command = &version_row;
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
	if (is_one_of(argv[1], help_words))
		return help(argc - 1, argv + 1);
	if (is_one_of(argv[1], version_words)) {
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
