/* SPDX-License-Identifier: MIT */
/*
 * store check.  What keeps somebody out, or will, is a problem; what an
 * administrator may want to know is a note.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "utils/ask.h"
#include "utils/out.h"
#include "utils/store.h"

struct checking {
	const struct mfa_args *args;
	size_t records, good, torn, orphans, problems;
	bool began; /* the list of JSON */
};

struct finding {
	const char *kind; /* one word */
	bool problem;
	char text[400];
};

static void
find(struct finding *f, const char *kind, bool problem, const char *text)
{
	f->kind = kind;
	f->problem = problem;
	(void)snprintf(f->text, sizeof(f->text), "%s", text);
}

/* A user who was renamed has left the factors behind. */
static void
tell_renamed(const mfa_wire_RecordInfo *info, struct finding *f)
{
	const struct passwd *pw = info->uid == 0 ? NULL : getpwuid(info->uid);
	char user[300];

	if (pw == NULL)
		return;
	mfa_out_clean(pw->pw_name, user, sizeof(user));
	(void)snprintf(f->text, sizeof(f->text), "there is no such user; its "
	    "uid %u is that of %s now, whom it does not help", info->uid, user);
}

/* Of realm unix: is the user there, and still the same? */
static bool
judge_user(const mfa_wire_RecordInfo *info, struct finding *f)
{
	const struct passwd *pw;
	char user[300];

	errno = 0;
	pw = getpwnam(info->user);
	if (pw == NULL && (errno == 0 || errno == ENOENT)) {
		find(f, "orphan", false, "there is no such user");
		tell_renamed(info, f);
		return false;
	}
	if (pw == NULL) {
		find(f, "unknown", true, "the user database did not answer");
		return false;
	}
	if (pw->pw_uid == info->uid)
		return true;
	find(f, "foreign", true, "");
	mfa_out_word(info->user, user, sizeof(user));
	(void)snprintf(f->text, sizeof(f->text), "it is of uid %u, but this "
	    "user has uid %u: medusa-mfa reset %s", info->uid, pw->pw_uid,
	    user);
	return false;
}

/* Returns: true if there is nothing to say. */
static bool
judge(const mfa_wire_RecordInfo *info, struct finding *f)
{
	if (info->problem[0] != '\0') {
		find(f, "unusable", true, info->problem);
		return false;
	}
	if (info->no_realm) {
		find(f, "orphan", false,
		    "the configuration does not name its realm");
		return false;
	}
	if (strcmp(info->realm, "unix") == 0 && !judge_user(info, f))
		return false;
	if (!info->torn)
		return true;
	find(f, "torn", false, "a write was cut short; the state before it "
			       "holds, and the next write mends it");
	return false;
}

static enum mfa_err
say(struct checking *c, const mfa_wire_RecordInfo *info,
    const struct finding *f)
{
	char clean[700];

	if (!c->args->json) {
		mfa_out_clean(info->user, clean, sizeof(clean));
		(void)printf("%s: record %s (%s of realm %s): %s\n",
		    f->problem ? "problem" : "note", info->id, clean,
		    info->realm, f->text);
		return MFA_OK;
	}
	(void)fputs(c->began ? ",\n" : "\n", stdout);
	c->began = true;
	return mfa_out_json(json_pack("{s:o,s:o,s:o,s:s,s:b,s:o}", "record",
	    mfa_out_json_text(info->id), "realm",
	    mfa_out_json_text(info->realm), "user",
	    mfa_out_json_text(info->user), "kind", f->kind, "problem",
	    f->problem, "text", mfa_out_json_text(f->text)));
}

static enum mfa_err
visit(void *ctx, const mfa_wire_Reply *reply)
{
	const mfa_wire_RecordInfo *info = &reply->what.record;
	struct checking *c = ctx;
	struct finding f = { "", false, "" };

	c->records++;
	if (judge(info, &f)) {
		c->good++;
		return MFA_OK;
	}
	c->problems += f.problem;
	c->orphans += strcmp(f.kind, "orphan") == 0;
	c->torn += info->torn;
	return say(c, info, &f);
}

static int
report(const struct checking *c)
{
	if (c->args->json)
		(void)printf("],\"records\":%zu,\"good\":%zu,\"problems\":%zu,"
			     "\"orphans\":%zu,\"torn\":%zu}\n", c->records,
		    c->good, c->problems, c->orphans, c->torn);
	else
		(void)printf("%zu record%s: %zu good, %zu with a problem, "
			     "%zu orphan%s, %zu torn\n", c->records,
		    mfa_out_s(c->records), c->good, c->problems, c->orphans,
		    mfa_out_s(c->orphans), c->torn);
	return c->problems == 0 ? MFA_EXIT_DONE : MFA_EXIT_FAILED;
}

static int
check(const struct mfa_args *args)
{
	struct checking c = { .args = args };
	struct mfa_ask_problem problem;
	mfa_wire_Request request;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_records_tag;
	if (args->json)
		(void)fputs("{\"findings\":[", stdout);
	if (mfa_ask_each(&request, mfa_wire_Reply_record_tag, visit, &c,
		&problem) != MFA_OK)
		return mfa_ask_failed(&problem);
	return report(&c);
}

int
mfa_cmd_store(const struct mfa_args *args)
{
	if (strcmp(args->operand[0], "check") == 0 && !args->yes)
		return check(args);
	if (strcmp(args->operand[0], "after-restore") == 0)
		return mfa_store_after_restore(args);
	mfa_out_error("store: say store check or after-restore "
		      "(see: medusa-mfa help store)");
	return MFA_EXIT_USAGE;
}
