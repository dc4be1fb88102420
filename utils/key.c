/* SPDX-License-Identifier: MIT */
/* Keys never pass through here: the verifier makes, reads and writes them. */
#include "utils/key.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "utils/ask.h"
#include "utils/codes.h"
#include "utils/out.h"
#include "utils/run.h"

/* A job of medusa-mfad's, which says itself what is wrong. */
static int
maintain(const char *word, const char *mode, const char *what)
{
	if (geteuid() != 0) {
		mfa_out_error("key %s must be run as root", word);
		return MFA_EXIT_FAILED;
	}
	if (mfa_run_verifier(mode, what) == 0)
		return MFA_EXIT_DONE;
	mfa_ask_setup();
	return MFA_EXIT_FAILED;
}

static int
new_key(const struct mfa_args *args)
{
	(void)args;
	return maintain("new", "--new-key", NULL);
}

static int
rotate(const struct mfa_args *args)
{
	(void)args;
	return maintain("rotate", "--rotate-key", NULL);
}

static int
remove_key(const struct mfa_args *args)
{
	return maintain("remove", "--remove-key", args->operand[1]);
}

static int
list(const struct mfa_args *args)
{
	return mfa_key_list(args, false);
}

static int
retired(const struct mfa_args *args)
{
	return mfa_key_list(args, true);
}

/* The verifier's standard output is the file, for as long as it runs. */
static int
export_to(int fd)
{
	int before, code;

	(void)fflush(stdout);
	if ((before = dup(STDOUT_FILENO)) < 0 ||
	    dup2(fd, STDOUT_FILENO) < 0) {
		mfa_out_error("cannot write the file");
		code = MFA_EXIT_FAILED;
	} else {
		code = maintain("export", "--export-keys", NULL);
		(void)dup2(before, STDOUT_FILENO);
	}
	if (before >= 0)
		(void)close(before);
	return code;
}

/* Whatever the verifier said names no file: it was given none. */
static int
export_failed(const char *path, const char *why)
{
	char clean[300];

	mfa_out_clean(path, clean, sizeof(clean));
	mfa_out_error("no keys were written to %s%s%s", clean,
	    why[0] != '\0' ? ": " : "", why);
	return MFA_EXIT_FAILED;
}

static int
export(const struct mfa_args *args)
{
	struct mfa_codes file;
	enum mfa_err r;
	int code;

	if (args->output == NULL)
		return maintain("export", "--export-keys", NULL);
	if (!mfa_codes_open(&file, args->output))
		return MFA_EXIT_FAILED;
	code = export_to(file.fd);
	/* No codes: what is there is made durable. */
	if (code != MFA_EXIT_DONE)
		code = export_failed(file.path, "");
	else if ((r = mfa_codes_save(&file, NULL, 0)) != MFA_OK)
		code = export_failed(file.path, mfa_out_file_error(r));
	mfa_codes_close(&file);
	if (code == MFA_EXIT_DONE)
		(void)printf("All keys are in %s: put it into a safe, and "
			     "leave no copy here.\n", file.path);
	return code;
}

static const struct word {
	const char *name;
	int operands; /* with itself */
	bool json, output;
	int (*run)(const struct mfa_args *args);
} words[] = {
	{ "new", 1, false, false, new_key },
	{ "rotate", 1, false, false, rotate },
	{ "list", 1, true, false, list },
	{ "rekey", 1, true, false, mfa_key_rekey },
	{ "remove", 2, false, false, remove_key },
	{ "retired", 1, true, false, retired },
	{ "export", 1, false, true, export },
};

int
mfa_cmd_key(const struct mfa_args *args)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const struct word *word = &words[i];

		if (strcmp(args->operand[0], word->name) == 0 &&
		    args->count == word->operands &&
		    (word->json || !args->json) &&
		    (word->output || args->output == NULL))
			return word->run(args);
	}
	mfa_out_error("key: say key new, rotate, list, rekey, remove ID, "
		      "retired or export (see: medusa-mfa help key)");
	return MFA_EXIT_USAGE;
}
