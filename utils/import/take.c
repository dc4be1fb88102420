/* SPDX-License-Identifier: MIT */
#include "utils/import/take.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "utils/ask.h"
#include "utils/out.h"

struct mfa_import_name {
	struct mfa_import_name *next;
	char name[];
};

/* One factor on its way. */
struct taking {
	struct mfa_import_run *run;
	const struct mfa_import_found *found;
	const char *user;
	mfa_wire_Request request; /* secret */
	mfa_wire_Reply reply;
	struct mfa_ask_problem problem;
};

/* ---- who had something of this source before ---- */

static bool
is_known(const struct mfa_import_run *run, const char *user)
{
	const struct mfa_import_name *n = run->names;

	while (n != NULL && strcmp(n->name, user) != 0)
		n = n->next;
	return n != NULL;
}

static enum mfa_err
remember(struct mfa_import_run *run, const char *user)
{
	struct mfa_import_name *n;

	if (is_known(run, user))
		return MFA_OK;
	if ((n = malloc(sizeof(*n) + strlen(user) + 1)) == NULL)
		return MFA_ERR_MEMORY;
	memcpy(n->name, user, strlen(user) + 1);
	n->next = run->names;
	run->names = n;
	return MFA_OK;
}

/* ---- requests ---- */

static bool
fill(struct taking *t)
{
	mfa_wire_Enroll *enroll = &t->request.what.enroll;
	const struct mfa_import_found *found = t->found;
	const char *label = t->run->args->label;

	t->request.which_what = mfa_wire_Request_enroll_tag;
	enroll->enabled = true;
	enroll->digits = found->digits;
	enroll->period = found->hotp ? 0 : found->period;
	enroll->counter = found->hotp ? found->counter : 0;
	return mfa_text_copy(enroll->user, sizeof(enroll->user), t->user) &&
	    mfa_text_copy(enroll->provider, sizeof(enroll->provider),
		found->hotp ? "hotp" : "totp") &&
	    mfa_text_copy(enroll->algorithm, sizeof(enroll->algorithm),
		found->algorithm) &&
	    mfa_text_copy(enroll->label, sizeof(enroll->label),
		label != NULL ? label : "") &&
	    mfa_text_copy(enroll->import_secret,
		sizeof(enroll->import_secret), found->key);
}

static enum mfa_err
ask(struct taking *t, bool check_only)
{
	enum mfa_err r;

	t->request.what.enroll.check_only = check_only;
	r = mfa_ask_one(&t->request, mfa_wire_Reply_enrolled_tag, &t->reply,
	    &t->problem);
	/* It waits for a code now, for the verifier knew nothing better. */
	if (r == MFA_OK && !t->reply.what.enrolled.enabled) {
		mfa_ask_explain(MFA_ERR_VERSION, &t->problem);
		r = MFA_ERR_VERSION;
	}
	return r;
}

/* In use is the key, or the label alone. */
static bool
is_label_taken(struct taking *t)
{
	mfa_wire_Enroll *enroll = &t->request.what.enroll;

	if (enroll->label[0] == '\0')
		return false;
	enroll->label[0] = '\0';
	return ask(t, true) == MFA_OK;
}

static enum mfa_err
is_enrolled(struct taking *t, bool *enrolled)
{
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	enum mfa_err r;

	*enrolled = true;
	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_status_tag;
	(void)mfa_text_copy(request.what.status.user,
	    sizeof(request.what.status.user), t->user);
	r = mfa_ask_one(&request, mfa_wire_Reply_account_tag, &reply,
	    &t->problem);
	if (r == MFA_OK)
		*enrolled = reply.what.account.enrolled;
	return r;
}

/* ---- what becomes of it ---- */

static enum mfa_err
tell(struct taking *t, enum mfa_import_fate fate, const char *label,
    const char *why)
{
	return mfa_import_report_row(&t->run->report, t->user, fate, label,
	    why);
}

/* Errors that the next factor would meet as well. */
static bool
is_general(enum mfa_err err)
{
	return err == MFA_ERR_UNAVAILABLE || err == MFA_ERR_VERSION ||
	    err == MFA_ERR_DENIED || err == MFA_ERR_CLOCK ||
	    err == MFA_ERR_READ_ONLY || err == MFA_ERR_NO_SPACE ||
	    err == MFA_ERR_NO_KEY || err == MFA_ERR_MEMORY ||
	    err == MFA_ERR_UNSAFE || err == MFA_ERR_NSS;
}

static enum mfa_err
refused(struct taking *t, enum mfa_err err)
{
	if (err == MFA_ERR_NO_USER)
		return tell(t, MFA_IMPORT_UNKNOWN, NULL,
		    "this host knows no such user");
	if (err == MFA_ERR_EXISTS && is_label_taken(t))
		return tell(t, MFA_IMPORT_REFUSED, NULL,
		    "another factor of this user has this label");
	if (err == MFA_ERR_EXISTS)
		return tell(t, MFA_IMPORT_EXISTS, NULL, "");
	if (!is_general(err))
		return tell(t, MFA_IMPORT_REFUSED, NULL, t->problem.text);
	t->run->code = mfa_ask_failed(&t->problem);
	return err;
}

static enum mfa_err
take(struct taking *t)
{
	const struct mfa_args *args = t->run->args;
	bool enrolled = false;
	enum mfa_err r = ask(t, true);

	/* Somebody who is enrolled already may have given up the old key. */
	if (r == MFA_OK && !args->named && !is_known(t->run, t->user))
		r = is_enrolled(t, &enrolled);
	if (r == MFA_OK && enrolled)
		return tell(t, MFA_IMPORT_ENROLLED, NULL,
		    "has factors already: --user adds this one");
	if (r == MFA_OK && !args->dry_run)
		r = ask(t, false);
	if ((r == MFA_OK || r == MFA_ERR_EXISTS) &&
	    remember(t->run, t->user) != MFA_OK)
		return MFA_ERR_MEMORY;
	if (r != MFA_OK)
		return refused(t, r);
	return tell(t, MFA_IMPORT_IMPORTED, t->reply.what.enrolled.label,
	    t->found->note);
}

enum mfa_err
mfa_import_take(struct mfa_import_run *run,
    const struct mfa_import_found *found)
{
	struct taking t = { .run = run, .found = found };
	enum mfa_err r;

	t.user = run->args->named ? run->args->user : found->user;
	if ((run->select || found->chosen) && run->args->named &&
	    strcmp(found->user, run->args->user) != 0)
		return MFA_OK;
	if (found->refused[0] != '\0')
		r = tell(&t, MFA_IMPORT_REFUSED, NULL, found->refused);
	else if (t.user[0] == '\0')
		r = tell(&t, MFA_IMPORT_REFUSED, NULL,
		    "it names no user: --user NAME");
	else if (!fill(&t))
		r = tell(&t, MFA_IMPORT_REFUSED, NULL,
		    "its user or label is too long");
	else
		r = take(&t);
	mfa_secret_wipe(&t, sizeof(t));
	if (r != MFA_OK && run->code == MFA_EXIT_DONE) {
		mfa_out_error("%s", mfa_strerror(r));
		run->code = MFA_EXIT_FAILED;
	}
	return r;
}

void
mfa_import_lines(struct mfa_import_run *run, enum mfa_err (*read)(
    const char *line, size_t len, struct mfa_import_found *found),
    const char *text, size_t len)
{
	struct mfa_import_found found;
	enum mfa_err r = MFA_OK;
	char where[64];
	size_t line, number = 1;

	for (size_t at = 0; r == MFA_OK && at < len; at += line + 1) {
		const char *end = memchr(text + at, '\n', len - at);

		line = end != NULL ? (size_t)(end - text) - at : len - at;
		r = read(text + at, line, &found);
		(void)snprintf(where, sizeof(where),
		    "line %zu is not understood", number++);
		if (r == MFA_OK)
			r = mfa_import_take(run, &found);
		else if (r == MFA_ERR_NOT_FOUND)
			r = MFA_OK;
		else
			r = mfa_import_report_row(&run->report, "",
			    MFA_IMPORT_REFUSED, NULL, where);
		mfa_import_wipe(&found);
	}
}

void
mfa_import_begin(struct mfa_import_run *run, const struct mfa_args *args)
{
	memset(run, 0, sizeof(*run));
	run->args = args;
	mfa_import_report_open(&run->report, args);
}

int
mfa_import_end(struct mfa_import_run *run)
{
	int code = mfa_import_report_close(&run->report);

	while (run->names != NULL) {
		struct mfa_import_name *next = run->names->next;

		free(run->names);
		run->names = next;
	}
	return run->code != MFA_EXIT_DONE ? run->code : code;
}
