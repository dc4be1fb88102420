/* SPDX-License-Identifier: MIT */
#include "verifier/engine/newcomer.h"

#include <stdio.h>
#include <string.h>

#include "verifier/crypt/crypt.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/throttle.h"

#define LABEL	 "login" /* tells its pending factors from others' */
#define GROUP	 4 /* characters of a key that are read at once */
#define SHOWN	 5 /* recovery codes that fit a note */

/* ---- the pending factor ---- */

/* For whom, where. */
struct clearing {
	const struct mfa_config *config;
	const struct mfa_caller *caller;
};

static enum mfa_err
apply_clear(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	const struct clearing *c = ctx;
	bool changed = false;

	if (record->enrolled)
		return MFA_ERR_CONFLICT;
	/* Its code would be refused: no key is shown for nothing. */
	if (mfa_throttle_account_check(c->config, record, c->caller->path,
		clock->lapse, NULL) != MFA_THROTTLE_OPEN)
		return MFA_ERR_LOCKED;
	for (pb_size_t i = record->factors_count; i-- > 0;) {
		if (record->factors[i].status !=
			mfa_record_Status_STATUS_PENDING ||
		    strcmp(record->factors[i].label, LABEL) != 0)
			continue;
		mfa_enroll_drop(record, i);
		changed = true;
	}
	return changed ? MFA_OK : MFA_ERR_NOT_FOUND;
}

/* out: size bytes, all zero, so that it ends where nothing was written */
static void
group(const char *secret, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; secret[i] != '\0' && used + 2 < size; i++) {
		if (i > 0 && i % GROUP == 0)
			out[used++] = ' ';
		out[used++] = secret[i];
	}
}

/*
 * Who passed a first factor may add the first of the others.  Whether there is
 * one by now is judged in each change itself: a prompt may be out for minutes,
 * and its owner enrol meanwhile.
 */
static struct mfa_caller
for_the_first(const struct mfa_caller *caller)
{
	struct mfa_caller first = *caller;

	if (first.right == MFA_RIGHT_MANAGE)
		first.right = MFA_RIGHT_FIRST;
	return first;
}

enum mfa_err
mfa_newcomer_begin(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, struct mfa_newcomer *out)
{
	/* Apps take a key that is typed in for one of these. */
	const struct mfa_enroll_ask ask = { .label = LABEL, .provider = "totp",
		.algorithm = "SHA1", .digits = 6, .period = 30, .import = "",
		.address = "" };
	const struct mfa_caller first = for_the_first(caller);
	struct clearing c = { engine->config, caller };
	struct mfa_enrolled enrolled;
	enum mfa_err r;

	r = mfa_repo_change(engine, subject,
	    (struct mfa_delta){ apply_clear, &c });
	if (r != MFA_OK && r != MFA_ERR_NOT_FOUND)
		return r;
	r = mfa_enroll_begin(engine, &first, subject, &ask, &enrolled);
	if (r == MFA_OK) {
		memset(out, 0, sizeof(*out));
		memcpy(out->id, enrolled.id, sizeof(out->id));
		memcpy(out->label, enrolled.label, sizeof(out->label));
		group(enrolled.secret, out->key, sizeof(out->key));
	}
	mfa_crypt_wipe(&enrolled, sizeof(enrolled));
	return r == MFA_ERR_PROOF ? MFA_ERR_CONFLICT : r;
}

enum mfa_err
mfa_newcomer_answer(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct mfa_typed *typed,
    struct mfa_newcomer *newcomer)
{
	const struct mfa_caller first = for_the_first(caller);
	struct mfa_confirmed confirmed;
	enum mfa_err r;

	r = mfa_enroll_confirm(engine, &first, subject, newcomer->id, typed,
	    &confirmed);
	if (r == MFA_OK) {
		newcomer->codes = confirmed.codes;
		mfa_crypt_wipe(newcomer->key, sizeof(newcomer->key));
	}
	mfa_crypt_wipe(&confirmed, sizeof(confirmed));
	return r;
}

/* ---- words ---- */

void
mfa_newcomer_ask(const struct mfa_newcomer *newcomer, const char *before,
    char *note)
{
	(void)snprintf(note, MFA_NEWCOMER_NOTE, "%s%sA second factor is needed "
		"now. Add this key to your authenticator app: %s.", before,
	    before[0] != '\0' ? " " : "", newcomer->key);
}

bool
mfa_newcomer_show(struct mfa_newcomer *newcomer, char *note)
{
	const struct mfa_recovery_text *codes = &newcomer->codes;
	const uint32_t pages = (codes->count + SHOWN - 1) / SHOWN;
	size_t used;

	if (newcomer->shown >= codes->count)
		return false;
	(void)snprintf(note, MFA_NEWCOMER_NOTE, "Recovery codes, each good "
		"once, shown only now (%u of %u):",
	    (unsigned int)(newcomer->shown / SHOWN + 1), (unsigned int)pages);
	for (uint32_t i = 0; i < SHOWN && newcomer->shown < codes->count;
	    i++) {
		used = strlen(note);
		(void)snprintf(note + used, MFA_NEWCOMER_NOTE - used, " %s",
		    codes->code[newcomer->shown++]);
	}
	return true;
}
