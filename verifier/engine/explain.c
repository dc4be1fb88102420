/* SPDX-License-Identifier: MIT */
#include "verifier/engine/explain.h"

#include <stdio.h>
#include <string.h>

#include "verifier/engine/repo.h"
#include "verifier/engine/throttle.h"

static uint32_t
usable(const struct mfa_config *config, const mfa_record_Record *record,
    uint32_t provides)
{
	uint32_t n = 0;

	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *f = &record->factors[i];

		n += f->status == mfa_record_Status_STATUS_ENABLED &&
		    (provides & mfa_policy_bit(config, f)) != 0;
	}
	return n;
}

static void
look(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct mfa_explained *out)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	r = mfa_repo_open(engine, subject, MFA_STORE_READ, &repo);
	if (r == MFA_OK) {
		const mfa_record_Record *record = mfa_repo_record(repo);

		out->enrolled = record->enrolled;
		out->usable_factors = usable(engine->config, record,
		    out->policy.provides);
		out->locked_seconds = mfa_throttle_longest(engine->config,
		    record, MFA_PATH_ROOT, mfa_repo_clock(repo)->lapse);
		out->remembered = mfa_remember_has(record,
		    mfa_repo_clock(repo), &out->place);
	} else if (r != MFA_ERR_NOT_FOUND) {
		out->problem = r;
	}
	mfa_repo_close(repo);
}

static void
set(struct mfa_explained *out, enum mfa_outlook outlook, const char *why)
{
	out->outlook = outlook;
	(void)snprintf(out->why, sizeof(out->why), "%s", why);
}

/* Who is not enrolled, where everybody must be. */
static void
explain_newcomer(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct mfa_explained *out)
{
	const enum mfa_err r = mfa_grace_check(engine, subject, &out->policy,
	    false, &out->grace);

	if (r == MFA_OK && out->grace.open)
		set(out, MFA_OUTLOOK_PASSES, "not enrolled, and the time to "
		    "enrol is not over");
	else if (r == MFA_ERR_CLOCK)
		set(out, MFA_OUTLOOK_REFUSED, "not enrolled, and the clock is "
		    "wrong: no time to enrol can be held against it");
	else if (r != MFA_OK)
		set(out, MFA_OUTLOOK_REFUSED, mfa_strerror(r));
	else if (out->policy.rule != NULL &&
	    out->policy.trouble == MFA_TROUBLE_NONE &&
	    out->policy.rule->unenrolled == MFA_UNENROLLED_ENROLL)
		set(out, MFA_OUTLOOK_ENROLLS, "not enrolled, and adds a factor "
		    "in the login");
	else
		set(out, MFA_OUTLOOK_REFUSED, "not enrolled, and a factor is "
		    "required: any code is refused");
}

static void
explain_record(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct mfa_explained *out)
{
	if (out->problem == MFA_ERR_FOREIGN)
		set(out, MFA_OUTLOOK_REFUSED, "the record belongs to an "
		    "earlier user of this name: medusa-mfa reset USER");
	else if (out->problem != MFA_OK)
		set(out, MFA_OUTLOOK_REFUSED, "the record cannot be used");
	else if (out->remembered)
		set(out, MFA_OUTLOOK_PASSES, "a code was given at this place "
		    "a while ago");
	else if (out->enrolled && out->usable_factors == 0)
		set(out, MFA_OUTLOOK_ASKED,
		    (out->policy.provides & MFA_PROVIDES_RECOVERY_CODE) != 0 ?
			"enrolled, but with no factor that counts here: at "
			"most a recovery code lets in" :
			"enrolled, but with no factor that counts here: only "
			"a bypass code lets in");
	else if (out->enrolled)
		set(out, MFA_OUTLOOK_ASKED, "enrolled");
	else if (out->policy.kind == MFA_POLICY_ENROLLED)
		set(out, MFA_OUTLOOK_PASSES, "not enrolled, and need not be");
	else
		explain_newcomer(engine, subject, out);
}

void
mfa_explain(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, struct mfa_explained *out)
{
	struct mfa_caller thought = *caller;
	const char *trouble;
	char why[sizeof(out->why)];

	memset(out, 0, sizeof(*out));
	thought.path = MFA_PATH_ROOT;
	mfa_policy_check(engine->config, &engine->config->realm[0], subject,
	    &thought, &out->policy);
	mfa_remember_place(engine, &thought, &out->policy, &out->place);
	if (subject->known)
		look(engine, subject, out);
	if (out->policy.kind == MFA_POLICY_DENIED)
		set(out, MFA_OUTLOOK_REFUSED, "a rule denies it");
	else if (!subject->known)
		set(out, MFA_OUTLOOK_REFUSED, "unknown to this host: asked, "
		    "and any code is refused");
	else if (out->policy.kind == MFA_POLICY_EXEMPT)
		set(out, MFA_OUTLOOK_PASSES, out->policy.rule == NULL ?
			"listed in exempt_users" : "a rule exempts it");
	else
		explain_record(engine, subject, out);
	trouble = mfa_policy_trouble(out->policy.trouble);
	if (trouble[0] != '\0') {
		memcpy(why, out->why, sizeof(why));
		(void)snprintf(out->why, sizeof(out->why), "%s, so it is "
			"required; %.100s", trouble, why);
	}
}
