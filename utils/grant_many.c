/* SPDX-License-Identifier: MIT */
/*
 * MUST (checked against grant_many.c):
 *  - a code that was made is printed and out before the next one is made; if it
 *    cannot be, no other is made, and whose is lost is said;
 *  - the list of names is read as root only where others cannot change it
 *    (R18), and no line of it is longer than a name may be.
 */
#include "utils/grant.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "utils/ask.h"
#include "utils/codes.h"
#include "utils/import/read.h"
#include "utils/out.h"

#define VERSION 3 /* of the protocol, with Invite */

struct many {
	const struct mfa_args *args;
	struct mfa_client *client; /* NULL: to be opened */
	struct mfa_codes codes;
	void *seen; /* names, by tsearch */
	size_t invited, failed;
	int code; /* MFA_EXIT_DONE; else it goes no further, and that was said */
};

/* ---- one user ---- */

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* True if this name did not come before. */
static bool
is_new(struct many *many, const char *name)
{
	void *node = tsearch(name, &many->seen, compare);

	if (node == NULL) {
		mfa_out_error("%s", mfa_strerror(MFA_ERR_MEMORY));
		many->code = MFA_EXIT_FAILED;
		return false;
	}
	return *(char **)node == name;
}

static enum mfa_err
ask_once(struct many *many, const mfa_wire_Request *request,
    mfa_wire_Reply *reply, struct mfa_ask_problem *problem)
{
	enum mfa_err r = MFA_OK;

	if (many->client == NULL)
		r = mfa_ask_open(VERSION, &many->client, problem);
	if (r != MFA_OK)
		return r;
	if ((r = mfa_client_send(many->client, request)) != MFA_OK)
		mfa_ask_explain(r, problem);
	else
		r = mfa_ask_answer(many->client, mfa_wire_Reply_granted_tag,
		    reply, problem);
	return r;
}

static bool
is_over(enum mfa_err err)
{
	return err == MFA_ERR_CLOSED || err == MFA_ERR_TIMEOUT ||
	    err == MFA_ERR_PROTOCOL;
}

/* One that ended between two users is begun anew. */
static enum mfa_err
ask(struct many *many, const mfa_wire_Request *request, mfa_wire_Reply *reply,
    struct mfa_ask_problem *problem)
{
	bool fresh = many->client == NULL;
	enum mfa_err r = ask_once(many, request, reply, problem);

	if (!is_over(r))
		return r;
	mfa_client_free(many->client);
	many->client = NULL;
	return r == MFA_ERR_CLOSED && !fresh ?
	    ask_once(many, request, reply, problem) : r;
}

/* "alice                XXXX-... until 2026-11-25 13:00" */
static bool
give_line(struct many *many, const char *user,
    const mfa_wire_Granted *granted)
{
	char date[MFA_OUT_DATE], clean[300], line[400];
	bool given;

	mfa_out_date(granted->expires_at, false, date);
	mfa_out_clean(user, clean, sizeof(clean));
	(void)snprintf(line, sizeof(line), "%-20s %s until %s\n", clean,
	    granted->code, date);
	if (many->codes.path != NULL)
		given = mfa_path_write(many->codes.fd, line, strlen(line)) ==
		    MFA_OK;
	else
		given = fputs(line, stdout) >= 0;
	mfa_secret_wipe(line, sizeof(line));
	return given;
}

static bool
give_json(const char *user, const mfa_wire_Granted *granted)
{
	return mfa_out_json_line(json_pack("{s:o,s:o,s:o,s:I}", "user",
		   mfa_out_json_text(user), "code",
		   mfa_out_json_text(granted->code), "expires_at",
		   mfa_out_json_date(granted->expires_at), "expires_seconds",
		   (json_int_t)granted->expires_seconds)) == MFA_EXIT_DONE;
}

static void
give(struct many *many, const char *user, const mfa_wire_Granted *granted)
{
	bool given = many->args->json ? give_json(user, granted) :
					give_line(many, user, granted);
	char word[300];

	mfa_out_word(user, word, sizeof(word));
	if (given && fflush(stdout) == 0 && ferror(stdout) == 0) {
		many->invited++;
		if (granted->replaced)
			mfa_out_error("note: %s: the invitation of before is "
				      "void", word);
		if (granted->dropped != 0)
			mfa_out_error("note: %s: " MFA_GRANT_DROPPED, word,
			    granted->dropped);
		return;
	}
	mfa_out_error("cannot write the output; the invitation was made and "
		      "is lost: medusa-mfa invite %s makes another one", word);
	many->code = MFA_EXIT_FAILED;
}

/* What the next one would meet as well. */
static bool
is_general(enum mfa_err err)
{
	return err == MFA_ERR_UNAVAILABLE || err == MFA_ERR_VERSION ||
	    err == MFA_ERR_DENIED || err == MFA_ERR_CONFIG ||
	    err == MFA_ERR_READ_ONLY || err == MFA_ERR_NO_SPACE ||
	    err == MFA_ERR_NO_KEY || err == MFA_ERR_MEMORY ||
	    err == MFA_ERR_UNSAFE || err == MFA_ERR_NSS || is_over(err);
}

static void
invite(struct many *many, const char *user)
{
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	char clean[300];

	memset(&request, 0, sizeof(request));
	memset(&reply, 0, sizeof(reply));
	request.which_what = mfa_wire_Request_invite_tag;
	mfa_out_clean(user, clean, sizeof(clean));
	if (strchr(user, ',') != NULL) {
		mfa_out_error("%s: one name a line", clean);
		many->failed++;
		return;
	}
	if (user[0] == '\0' || !mfa_text_copy(request.what.invite.user,
		sizeof(request.what.invite.user), user)) {
		mfa_out_error("%s: a name must have 1 to 256 bytes", clean);
		many->failed++;
		return;
	}
	if (!is_new(many, user))
		return;
	if (ask(many, &request, &reply, &problem) == MFA_OK) {
		give(many, user, &reply.what.granted);
	} else {
		/* The name stands once in the line. */
		mfa_out_error("%s: %s", clean, problem.err == MFA_ERR_NO_USER ?
			"there is no such user on this host" : problem.text);
		many->failed++;
		if (is_general(problem.err))
			many->code = problem.err == MFA_ERR_UNAVAILABLE ?
			    MFA_EXIT_UNAVAILABLE : MFA_EXIT_FAILED;
	}
	mfa_secret_wipe(&reply, sizeof(reply));
}

/* ---- all of them ---- */

/* Of a line: without blanks at its ends; NULL for none, or a comment. */
static char *
name_of(char *line)
{
	size_t len;

	line += strspn(line, " \t\r");
	for (len = strlen(line); len > 0 &&
	     strchr(" \t\r", line[len - 1]) != NULL; len--)
		;
	line[len] = '\0';
	return len == 0 || line[0] == '#' ? NULL : line;
}

static void
invite_lines(struct many *many, char *text)
{
	while (many->code == MFA_EXIT_DONE && *text != '\0') {
		size_t len = strcspn(text, "\n");
		char *next = text + len + (text[len] == '\n'), *name;

		text[len] = '\0';
		if ((name = name_of(text)) != NULL)
			invite(many, name);
		text = next;
	}
}

static enum mfa_err
read_names(const char *path, char *text, size_t *len)
{
	enum mfa_err r;
	int fd = STDIN_FILENO;

	if (strcmp(path, "-") != 0) {
		r = mfa_import_open_root(path, &mfa_path_root_owned, &fd);
		if (r != MFA_OK)
			return r;
	}
	r = mfa_import_read_fd(fd, 0, text, MFA_IMPORT_ALL - 1, len);
	if (fd != STDIN_FILENO)
		(void)close(fd);
	if (r == MFA_OK && memchr(text, '\0', *len) != NULL)
		r = MFA_ERR_INVALID;
	return r;
}

static int
unreadable(const char *path, enum mfa_err r)
{
	char clean[300];

	mfa_out_clean(path, clean, sizeof(clean));
	if (r == MFA_ERR_UNSAFE)
		mfa_out_error("%s: others can change it, or a folder on the "
		    "way; or give - and the file on standard input", clean);
	else
		mfa_out_error("%s: %s", clean, mfa_out_file_error(r));
	return MFA_EXIT_FAILED;
}

static void
keep_name(void *name)
{
	(void)name;
}

static int
conclude(struct many *many)
{
	enum mfa_err r = MFA_OK;

	if (many->codes.path != NULL && many->invited != 0)
		r = mfa_codes_save(&many->codes, NULL, 0);
	if (r != MFA_OK)
		mfa_out_error("cannot write the file: %s",
		    mfa_out_file_error(r));
	if (many->failed == 0 && many->invited == 0 &&
	    many->code == MFA_EXIT_DONE) {
		mfa_out_error("there is no name in it");
		many->code = MFA_EXIT_FAILED;
	}
	if (many->failed != 0)
		mfa_out_error("%zu invited, %zu not", many->invited,
		    many->failed);
	if (many->code != MFA_EXIT_DONE)
		return many->code;
	return many->failed == 0 && r == MFA_OK ? MFA_EXIT_DONE :
						  MFA_EXIT_FAILED;
}

int
mfa_grant_many(const struct mfa_args *args)
{
	struct many many = { .args = args, .code = MFA_EXIT_DONE };
	char *text = NULL;
	size_t len = 0;
	enum mfa_err r;
	int code;

	if (args->users_from != NULL) {
		if ((text = malloc(MFA_IMPORT_ALL)) == NULL)
			return unreadable(args->users_from, MFA_ERR_MEMORY);
		r = read_names(args->users_from, text, &len);
		if (r != MFA_OK) {
			free(text);
			return unreadable(args->users_from, r);
		}
		text[len] = '\0';
	}
	if (!mfa_codes_open(&many.codes, args->output)) {
		free(text);
		return MFA_EXIT_FAILED;
	}
	for (int i = 0; i < args->count && many.code == MFA_EXIT_DONE; i++)
		invite(&many, args->operand[i]);
	if (text != NULL)
		invite_lines(&many, text);
	code = conclude(&many);
	mfa_codes_close(&many.codes);
	mfa_client_free(many.client);
	tdestroy(many.seen, keep_name);
	free(text);
	return code;
}
