/* SPDX-License-Identifier: MIT */
/* Factors of other programs, without scanning anything again. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "utils/import/choose.h"
#include "utils/import/helper.h"
#include "utils/import/homes.h"
#include "utils/import/read.h"
#include "utils/import/take.h"
#include "utils/out.h"

/* A text that holds keys, and is wiped. */
struct text {
	char *bytes;
	size_t len;
};

static enum mfa_err
text_new(struct text *text)
{
	text->len = 0;
	text->bytes = malloc(MFA_IMPORT_ALL);
	return text->bytes != NULL ? MFA_OK : MFA_ERR_MEMORY;
}

static void
text_free(struct text *text)
{
	/* Whole: what was read before an error has no length. */
	if (text->bytes != NULL)
		mfa_secret_wipe(text->bytes, MFA_IMPORT_ALL);
	free(text->bytes);
}

static int
usage(const char *what)
{
	mfa_out_error("import: %s (see: medusa-mfa help import)", what);
	return MFA_EXIT_USAGE;
}

static int
unreadable(const char *path, enum mfa_err r)
{
	char clean[300];

	mfa_out_clean(path, clean, sizeof(clean));
	if (r == MFA_ERR_UNSAFE)
		mfa_out_error("%s: it, or a folder on the way, is not root's "
		    "alone (chmod 600, no links); or give - and the file on "
		    "standard input", clean);
	else
		mfa_out_error("%s: %s", clean, mfa_out_file_error(r));
	return MFA_EXIT_FAILED;
}

/* The end of all that read lines. */
static int
take_lines(const struct mfa_args *args, enum mfa_err (*read)(const char *line,
    size_t len, struct mfa_import_found *found), const struct text *text)
{
	struct mfa_import_run run;

	mfa_import_begin(&run, args);
	run.select = read == mfa_import_oath;
	mfa_import_lines(&run, read, text->bytes, text->len);
	return mfa_import_end(&run);
}

/* ---- google-authenticator ---- */

static int
import_google(const struct mfa_args *args)
{
	const char *pattern = args->count > 1 ? args->operand[1] :
						MFA_IMPORT_HOME;
	struct mfa_import_run run;

	if (args->all_users && args->named)
		return usage("--user and --all-users exclude each other");
	/* Everybody would have the same key. */
	if (args->all_users && !mfa_import_home_varies(pattern))
		return usage("with --all-users, FILE has to name the user: "
			     "${USER} or ${HOME}");
	mfa_import_begin(&run, args);
	if (args->all_users)
		mfa_import_homes(&run, pattern);
	else
		mfa_import_home(&run, pattern);
	return mfa_import_end(&run);
}

/* ---- lines ---- */

static int
import_file(const struct mfa_args *args, const char *path,
    enum mfa_err (*read)(const char *line, size_t len,
    struct mfa_import_found *found))
{
	struct text text;
	enum mfa_err r = text_new(&text);
	int code;

	if (r == MFA_OK)
		r = mfa_import_read_root(path, text.bytes, MFA_IMPORT_ALL,
		    &text.len);
	code = r == MFA_OK ? take_lines(args, read, &text) :
			     unreadable(path, r);
	text_free(&text);
	return code;
}

static int
import_oath(const struct mfa_args *args)
{
	if (args->count != 2)
		return usage("say the file, as /etc/users.oath");
	return import_file(args, args->operand[1], mfa_import_oath);
}

/* ---- what other programs read for us ---- */

static int
failed(const struct mfa_import_helper *helper, enum mfa_err r)
{
	if (r == MFA_ERR_NOT_FOUND)
		mfa_out_error("%s/%s is not installed", MFA_LIBEXECDIR,
		    helper->name);
	else if (r != MFA_ERR_PROGRAM)
		mfa_out_error("%s: %s", helper->name, mfa_strerror(r));
	else
		mfa_out_error("%s could not read the file", helper->name);
	return MFA_EXIT_FAILED;
}

/* Of a file of all users, --user takes what names that one. */
static int
take_chosen(const struct mfa_args *args, const struct text *text)
{
	enum mfa_import_choice choice = MFA_CHOICE_ALL;
	struct mfa_import_run run;

	if (args->named && args->image == NULL)
		choice = mfa_import_choose(args->user, text->bytes, text->len);
	if (choice == MFA_CHOICE_NONE) {
		mfa_out_error("the file has keys of several users or tokens, "
		    "and none names this user: leave out --user, or give a "
		    "file with one key");
		return MFA_EXIT_FAILED;
	}
	mfa_import_begin(&run, args);
	run.select = choice == MFA_CHOICE_OWN;
	mfa_import_lines(&run, mfa_import_otpauth, text->bytes, text->len);
	return mfa_import_end(&run);
}

/*
 * The program gets a descriptor, of a file that only root can have put there;
 * "-" is standard input, which the caller's shell has opened.
 */
static int
import_helped(const struct mfa_args *args, struct mfa_import_helper *helper,
    const char *path)
{
	struct text text;
	enum mfa_err r = MFA_OK;
	int code;

	helper->in = STDIN_FILENO;
	if (strcmp(path, "-") != 0)
		r = mfa_import_open_root(path, &mfa_import_private,
		    &helper->in);
	if (r != MFA_OK)
		return unreadable(path, r);
	if ((r = text_new(&text)) == MFA_OK)
		r = mfa_import_helper(helper, text.bytes, MFA_IMPORT_ALL,
		    &text.len);
	code = r == MFA_OK ? take_chosen(args, &text) : failed(helper, r);
	text_free(&text);
	if (helper->in != STDIN_FILENO)
		(void)close(helper->in);
	return code;
}

static int
import_otpauth(const struct mfa_args *args)
{
	struct mfa_import_helper qr = { .name = "medusa-mfa-import-qr" };

	if (args->count != 1)
		return usage("otpauth reads standard input, or --image FILE");
	/* What an image says of its user is a stranger's word. */
	if (args->image != NULL && !args->named)
		return usage("say whose it is: --user NAME");
	if (args->image != NULL)
		return import_helped(args, &qr, args->image);
	return import_file(args, "-", mfa_import_otpauth_line);
}

static int
import_pskc(const struct mfa_args *args)
{
	struct mfa_import_helper pskc = { .name = "medusa-mfa-import-pskc" };

	if (args->count != 2)
		return usage("say the file");
	return import_helped(args, &pskc, args->operand[1]);
}

/* ---- which ---- */

static const struct {
	const char *name;
	int (*run)(const struct mfa_args *args);
	unsigned int options; /* that it knows, of those below */
} sources[] = {
	{ "google-authenticator", import_google, 1U },
	{ "oath", import_oath, 0 },
	{ "otpauth", import_otpauth, 2U },
	{ "pskc", import_pskc, 0 },
};

int
mfa_cmd_import(const struct mfa_args *args)
{
	const unsigned int given = (args->all_users ? 1U : 0) |
	    (args->image != NULL ? 2U : 0);

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (strcmp(sources[i].name, args->operand[0]) != 0)
			continue;
		if ((given & ~sources[i].options) != 0)
			return usage("--all-users belongs to "
			    "google-authenticator, --image to otpauth");
		return sources[i].run(args);
	}
	return usage("say google-authenticator, oath, otpauth or pskc");
}
