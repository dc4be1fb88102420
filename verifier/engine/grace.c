/* SPDX-License-Identifier: MIT */
#include "verifier/engine/grace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "verifier/engine/repo.h"

#define DAY 86400

struct looking {
	uint64_t wall;
	bool plausible;
	uint32_t logins;
};

/* The record's clock knows more than the host's, where there is one. */
static enum mfa_err
look(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct looking *out)
{
	struct mfa_repo *repo = NULL;
	struct mfa_now now;
	enum mfa_err r;

	memset(out, 0, sizeof(*out));
	r = mfa_repo_open(engine, subject, MFA_STORE_READ, &repo);
	if (r == MFA_OK) {
		out->wall = mfa_repo_clock(repo)->now.wall;
		out->plausible = mfa_repo_clock(repo)->plausible;
		out->logins = mfa_repo_record(repo)->grace_logins;
	} else if (r == MFA_ERR_NOT_FOUND &&
	    (r = engine->env->now(engine->env, &now)) == MFA_OK) {
		out->wall = now.wall;
		out->plausible = now.wall >= engine->env->release;
	}
	mfa_repo_close(repo);
	return r;
}

struct counting {
	uint32_t most;
	uint32_t count;
};

static enum mfa_err
apply_count(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct counting *c = ctx;

	(void)clock;
	if (record->enrolled)
		return MFA_ERR_CONFLICT;
	if (record->grace_logins >= c->most)
		return MFA_ERR_EXPIRED;
	c->count = ++record->grace_logins;
	return MFA_OK;
}

static enum mfa_err
count_login(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct counting *c)
{
	const struct mfa_delta delta = { apply_count, c };
	enum mfa_err r = mfa_repo_change(engine, subject, delta);

	return r == MFA_ERR_NOT_FOUND ?
	    mfa_repo_make(engine, subject, delta) :
	    r;
}

static enum mfa_err
check_logins(struct mfa_engine *engine, const struct mfa_subject *subject,
    const struct looking *now, bool use, struct mfa_grace *out)
{
	struct counting c = { .most = out->logins_left, .count = now->logins };
	enum mfa_err r = MFA_OK;

	out->counted = true;
	out->open = now->logins < c.most;
	if (use && out->open)
		r = count_login(engine, subject, &c);
	if (r == MFA_ERR_EXPIRED) {
		out->open = false;
		r = MFA_OK;
	}
	out->logins_left = out->open ? c.most - c.count : 0;
	return r;
}

enum mfa_err
mfa_grace_check(struct mfa_engine *engine, const struct mfa_subject *subject,
    const struct mfa_policy *policy, bool use, struct mfa_grace *out)
{
	struct mfa_grace got = { .open = false };
	struct looking now;
	enum mfa_err r;

	memset(out, 0, sizeof(*out));
	if (policy->rule == NULL || policy->trouble != MFA_TROUBLE_NONE ||
	    (policy->rule->enroll_end == 0 && policy->rule->enroll_logins == 0))
		return MFA_OK;
	if ((r = look(engine, subject, &now)) != MFA_OK)
		return r;
	got.end = policy->rule->enroll_end;
	got.logins_left = policy->rule->enroll_logins;
	if (got.end == 0) {
		r = check_logins(engine, subject, &now, use, &got);
	} else if (!now.plausible) {
		r = MFA_ERR_CLOCK;
	} else if (now.wall < got.end) {
		got.open = true;
		got.seconds_left = got.end - now.wall;
	}
	if (r == MFA_OK)
		*out = got;
	return r;
}

void
mfa_grace_tell(const struct mfa_grace *grace, char *out)
{
	const uint64_t days = (grace->seconds_left + DAY - 1) / DAY;
	const time_t last = (time_t)(grace->end - 1); /* within the last day */
	char when[16] = "";
	struct tm tm;

	if (grace->counted && grace->logins_left == 0) {
		(void)snprintf(out, MFA_GRACE_TEXT, "Set up a second factor "
			"now, the next login needs one: medusa-mfa enroll.");
		return;
	}
	if (grace->counted) {
		(void)snprintf(out, MFA_GRACE_TEXT, "Set up a second factor "
			"soon, %" PRIu32 " login%s left: medusa-mfa enroll.",
		    grace->logins_left, grace->logins_left == 1 ? "" : "s");
		return;
	}
	if (gmtime_r(&last, &tm) == NULL ||
	    strftime(when, sizeof(when), "by %Y-%m-%d", &tm) == 0)
		(void)snprintf(when, sizeof(when), "soon");
	(void)snprintf(out, MFA_GRACE_TEXT, "Set up a second factor %s, "
		"%" PRIu64 " day%s left: medusa-mfa enroll.", when, days,
	    days == 1 ? "" : "s");
}
