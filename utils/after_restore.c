/* SPDX-License-Identifier: MIT */
/* store after-restore. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "utils/out.h"
#include "utils/store.h"
#include "utils/sweep.h"
#include "utils/term.h"

struct restoring {
	const struct mfa_args *args;
	struct mfa_sweep sweep;
	size_t changed, failed;
	size_t codes, tokens, granted; /* records that had them */
	size_t pending;		       /* factors */
	bool began;		       /* the list of JSON */
	bool lost;		       /* some of the output */
};

/* ---- one record ---- */

static enum mfa_err
say_json(struct restoring *re, const struct mfa_sweep_record *record,
    const mfa_wire_Restored *done)
{
	(void)fputs(re->began ? ",\n" : "\n", stdout);
	re->began = true;
	return mfa_out_json(json_pack("{s:o,s:o,s:o,s:i,s:i,s:i,s:b,s:i}",
	    "record", mfa_out_json_text(record->id), "realm",
	    mfa_out_json_text(record->realm), "user",
	    mfa_out_json_text(record->user), "recovery_codes",
	    (int)done->recovery_codes, "tokens", (int)done->tokens, "pending",
	    (int)done->pending, "granted", done->granted, "enabled",
	    (int)done->enabled));
}

/* Whose tokens have to be synced, as it is to be typed. */
static void
say_tokens(const struct restoring *re, const struct mfa_sweep_record *record)
{
	char user[1030], realm[140];

	mfa_sweep_clear(&re->sweep);
	mfa_out_word(record->user, user, sizeof(user));
	(void)printf("token to sync: medusa-mfa sync --user %s", user);
	if (strcmp(record->realm, "unix") != 0) {
		mfa_out_word(record->realm, realm, sizeof(realm));
		(void)printf(" --realm %s", realm);
	}
	(void)puts(" FACTOR");
}

static enum mfa_err
note(struct restoring *re, const struct mfa_sweep_record *record,
    const mfa_wire_Restored *done)
{
	re->changed += done->changed;
	re->codes += done->recovery_codes != 0;
	re->tokens += done->tokens != 0;
	re->granted += done->granted;
	re->pending += done->pending;
	if (re->args->json)
		return done->changed ? say_json(re, record, done) : MFA_OK;
	if (done->tokens != 0)
		say_tokens(re, record);
	return MFA_OK;
}

static void
void_one(struct restoring *re, const struct mfa_sweep_record *record)
{
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	mfa_wire_Reply reply;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_after_restore_tag;
	memcpy(request.what.after_restore.id, record->id,
	    strlen(record->id) + 1);
	if (mfa_sweep_ask(&re->sweep, &request, mfa_wire_Reply_restored_tag,
		&reply, &problem) == MFA_OK) {
		re->lost |= note(re, record, &reply.what.restored) != MFA_OK;
		return;
	}
	re->failed++;
	mfa_sweep_clear(&re->sweep);
	mfa_out_error("record %s: %s", record->id, problem.text);
}

/* ---- what is to be done now ---- */

static void
advise(const struct restoring *re)
{
	if (re->codes != 0)
		(void)printf("Recovery codes of %zu user%s are void: they make "
			     "new ones with medusa-mfa recovery-codes.\n",
		    re->codes, mfa_out_s(re->codes));
	if (re->tokens != 0)
		(void)printf("Tokens of %zu user%s are blocked until sync has "
			     "seen two new codes of each; unlock would open "
			     "them to old codes.\n", re->tokens,
		    mfa_out_s(re->tokens));
	if (re->granted != 0)
		(void)printf("Invitations or bypasses of %zu user%s are "
			     "void.\n", re->granted, mfa_out_s(re->granted));
	if (re->pending != 0)
		(void)printf("%zu factor%s not confirmed %s gone.\n",
		    re->pending, re->pending == 1 ? " that was" :
			"s that were", re->pending == 1 ? "is" : "are");
	if (re->changed != 0)
		(void)puts("Codes of apps up to now, and the window beyond, are "
			   "used up: the next but\n"
			   "one is good, unless a wider window is "
			   "configured.\n");
	(void)puts("What was changed after the backup was made is as it was "
		   "before:\n"
		   "- factors that were disabled are enabled again: medusa-mfa "
		   "list --user NAME;\n"
		   "- who was reset has the factors of before; who has enrolled "
		   "since is\n"
		   "  not enrolled.\n"
		   "The log since then names them: event=factor.disabled, "
		   "record.reset, factor.enabled.");
}

static int
report(struct restoring *re)
{
	const size_t good = re->sweep.count - re->changed - re->failed;

	if (re->args->json) {
		(void)printf("],\"records\":%zu,\"changed\":%zu,"
			     "\"failed\":%zu}\n", re->sweep.count,
		    re->changed, re->failed);
	} else {
		(void)printf("%zu record%s: %zu changed, %zu had nothing to "
			     "void, %zu failed\n", re->sweep.count,
		    mfa_out_s(re->sweep.count), re->changed, good, re->failed);
		advise(re);
	}
	re->lost |= fflush(stdout) != 0 || ferror(stdout) != 0;
	if (re->lost)
		mfa_out_error("cannot write the output; all records were gone "
			      "through all the same");
	if (re->failed == 0)
		return re->lost ? MFA_EXIT_FAILED : MFA_EXIT_DONE;
	mfa_out_error("%zu record%s as the backup has %s: mend or reset %s "
		      "before anybody logs in", re->failed,
	    re->failed == 1 ? " is" : "s are", re->failed == 1 ? "it" : "them",
	    re->failed == 1 ? "it" : "them");
	return MFA_EXIT_FAILED;
}

static int
void_all(struct restoring *re)
{
	struct mfa_sweep_record record;

	/* Whoever reads no further leaves no record as the backup has it. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (re->args->json)
		(void)fputs("{\"restored\":[", stdout);
	while (mfa_sweep_next(&re->sweep, &record))
		void_one(re, &record);
	return report(re);
}

int
mfa_store_after_restore(const struct mfa_args *args)
{
	struct restoring re = {
		.args = args,
		.sweep.bar = !args->json && isatty(STDERR_FILENO),
	};
	struct mfa_ask_problem problem;
	char question[200];
	int code;

	if (mfa_sweep_list(&re.sweep, NULL, NULL, &problem) != MFA_OK) {
		code = mfa_ask_failed(&problem);
		goto out;
	}
	(void)snprintf(question, sizeof(question), "Make all recovery codes, "
	    "invitations and bypasses of %zu record%s void,\n"
	    "and block tokens until sync?", re.sweep.count,
	    mfa_out_s(re.sweep.count));
	code = mfa_term_agree(args->yes, question);
	if (code == MFA_EXIT_DONE)
		code = void_all(&re);
out:
	mfa_sweep_free(&re.sweep);
	return code;
}
