/* SPDX-License-Identifier: MIT */
/* MUST list: challenge.h. */
#include "verifier/engine/challenge.h"

#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/engine/deliver.h"
#include "verifier/engine/grace.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"
#include "verifier/provider/provider.h"
#include "verifier/provider/recovery.h"

#define STORED 4 /* challenges of a record */

_Static_assert(sizeof(((mfa_record_Record *)0)->challenges) /
	    sizeof(mfa_record_Challenge) == STORED, "as stored");

/* ---- start ---- */

struct starting {
	struct mfa_engine *engine;
	const struct mfa_caller *caller;
	const struct mfa_config_realm *realm;
	struct mfa_policy policy;
	uint8_t id[MFA_CHALLENGE_ID];
	mfa_record_Challenge ended[STORED]; /* for their events */
	bool evicted[STORED];
	unsigned int ended_count;
	struct mfa_challenge out;
};

static void
end(struct starting *s, mfa_record_Record *record, pb_size_t i, bool evicted)
{
	/* One that was answered to its end has been told already. */
	if (record->challenges[i].attempts < s->engine->config->max_attempts) {
		s->ended[s->ended_count] = record->challenges[i];
		s->evicted[s->ended_count++] = evicted;
	}
	mfa_challenges_drop(record, i);
}

/*
 * The one that gives way: the oldest that was not begun by root, so that who is
 * not root evicts nobody else's; else, for root, the oldest.
 */
static int
oldest(const struct starting *s, const mfa_record_Record *record)
{
	for (pb_size_t i = 0; i < record->challenges_count; i++) {
		if (record->challenges[i].peer != MFA_PATH_ROOT)
			return i;
	}
	return s->caller->path == MFA_PATH_ROOT ? 0 : -1;
}

static enum mfa_err
make_room(struct starting *s, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	int i;

	s->ended_count = 0;
	for (pb_size_t n = record->challenges_count; n-- > 0;) {
		const mfa_record_Challenge *c = &record->challenges[n];

		if (c->until <= clock->lapse ||
		    c->attempts >= s->engine->config->max_attempts)
			end(s, record, n, false);
	}
	if (record->challenges_count < STORED)
		return MFA_OK;
	if ((i = oldest(s, record)) < 0)
		return MFA_ERR_BUSY;
	end(s, record, (pb_size_t)i, true);
	return MFA_OK;
}

static void
add_method(struct mfa_challenge *out, const char *name)
{
	for (uint32_t i = 0; i < out->method_count; i++) {
		if (strcmp(out->method[i], name) == 0)
			return;
	}
	if (out->method_count < MFA_CHALLENGE_METHODS)
		(void)mfa_text_copy(out->method[out->method_count++],
		    sizeof(out->method[0]), name);
}

/* What this subject could answer with. */
static void
list_methods(struct starting *s, const mfa_record_Record *record)
{
	s->out.method_count = 0;
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *f = &record->factors[i];

		if (f->status == mfa_record_Status_STATUS_ENABLED &&
		    (s->policy.provides & mfa_policy_bit(s->engine->config, f)) !=
			0)
			add_method(&s->out, mfa_provider_name(f));
	}
	if ((s->policy.provides & MFA_PROVIDES_RECOVERY_CODE) != 0 &&
	    mfa_provider_recovery_left(&record->recovery) > 0)
		add_method(&s->out, mfa_provider_recovery_code.name);
}

/* What fits of a text; the rest of a long host name is not missed. */
static void
copy_cut(char *out, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	memcpy(out, text, len);
	out[len] = '\0';
}

static enum mfa_err
apply_start(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct starting *s = ctx;
	const uint32_t ttl = s->engine->config->challenge_ttl_seconds;
	mfa_record_Challenge *c;
	enum mfa_err r;

	if (!record->enrolled)
		return MFA_ERR_NOT_FOUND;
	list_methods(s, record);
	/* All that would answer it is off, or used up. */
	if (s->out.method_count == 0)
		return MFA_ERR_NOT_ENROLLED;
	if ((r = make_room(s, record, clock)) != MFA_OK)
		return r;
	c = &record->challenges[record->challenges_count++];
	memcpy(c->id, s->id, sizeof(c->id));
	copy_cut(c->service, sizeof(c->service), s->caller->service);
	copy_cut(c->rhost, sizeof(c->rhost), s->caller->rhost);
	c->started = clock->lapse;
	c->until = clock->lapse + ttl;
	c->attempts = 0;
	c->peer = (uint8_t)s->caller->path;
	c->methods = s->policy.rule == NULL ? 0 : (uint8_t)s->policy.provides;
	s->out.required = true;
	s->out.expires_seconds = ttl;
	s->out.expires_at = clock->now.wall + ttl;
	return MFA_OK;
}

static void
report_start(struct starting *s, const struct mfa_subject *subject)
{
	struct mfa_caller then = *s->caller;

	for (unsigned int i = 0; i < s->ended_count; i++) {
		const struct mfa_report_why why = {
			.type = MFA_EVENT_CHALLENGE_EXPIRED,
			.reason = s->evicted[i] ? MFA_REASON_EVICTED :
						  MFA_REASON_EXPIRED,
		};
		then.service = s->ended[i].service;
		then.rhost = s->ended[i].rhost;
		mfa_report_why(s->engine, &then, subject, &why);
	}
	mfa_report(s->engine, s->caller, subject, MFA_EVENT_CHALLENGE_CREATED,
	    "");
}

/* Nothing to prove: as with a login, exempt or not enrolled by policy. */
static void
report_skipped(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, enum mfa_reason reason)
{
	const struct mfa_report_why why = {
		.type = MFA_EVENT_CHALLENGE_SKIPPED, .reason = reason };

	mfa_report_why(engine, caller, subject, &why);
}

static enum mfa_err
begin(struct starting *s, const struct mfa_subject *subject)
{
	enum mfa_err r;

	s->engine->env->random(s->engine->env, s->id, sizeof(s->id));
	r = mfa_repo_change(s->engine, subject,
	    (struct mfa_delta){ apply_start, s });
	if (r != MFA_OK)
		return r;
	mfa_num_hex(s->id, sizeof(s->id), s->out.id);
	s->out.id[2 * MFA_CHALLENGE_ID] = '.';
	mfa_subject_format(subject, s->out.id + 2 * MFA_CHALLENGE_ID + 1);
	report_start(s, subject);
	return MFA_OK;
}

static void
report_refused(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject)
{
	const struct mfa_report_why why = { .type = MFA_EVENT_CHALLENGE_FAILED,
		.reason = MFA_REASON_REFUSED };

	mfa_report_why(engine, caller, subject, &why);
}

/* Who is not enrolled: need not be, or not yet. */
static enum mfa_err
excuse(struct starting *s, const struct mfa_subject *subject,
    enum mfa_reason *skip)
{
	struct mfa_grace grace = { .open = false };
	enum mfa_err r = MFA_OK;

	if (s->policy.kind == MFA_POLICY_REQUIRED &&
	    s->caller->path == MFA_PATH_ROOT)
		r = mfa_grace_check(s->engine, subject, &s->policy, true,
		    &grace);
	if (r != MFA_OK && r != MFA_ERR_CLOCK)
		return r;
	if (s->policy.kind == MFA_POLICY_ENROLLED || grace.open)
		*skip = MFA_REASON_NOT_ENROLLED;
	return MFA_ERR_NOT_ENROLLED;
}

enum mfa_err
mfa_challenge_start(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, struct mfa_challenge *out)
{
	struct starting s = { .engine = engine, .caller = caller };
	enum mfa_reason skip = MFA_REASON_NONE;
	enum mfa_err r = MFA_OK;

	s.realm = mfa_config_realm_find(engine->config, subject->realm);
	if (s.realm == NULL)
		return MFA_ERR_NO_REALM;
	if (!subject->known)
		return MFA_ERR_NO_USER;
	mfa_policy_check(engine->config, s.realm, subject, caller, &s.policy);
	if (s.policy.kind == MFA_POLICY_DENIED) {
		report_refused(engine, caller, subject);
		return MFA_ERR_DENIED;
	}
	if (s.policy.kind == MFA_POLICY_EXEMPT)
		skip = MFA_REASON_EXEMPT;
	else if ((r = begin(&s, subject)) == MFA_ERR_NOT_FOUND)
		r = excuse(&s, subject, &skip);
	if (skip != MFA_REASON_NONE) {
		report_skipped(engine, caller, subject, skip);
		memset(out, 0, sizeof(*out));
		return MFA_OK;
	}
	if (r == MFA_OK)
		*out = s.out;
	else if (r != MFA_ERR_NOT_ENROLLED && r != MFA_ERR_BUSY &&
	    r != MFA_ERR_FOREIGN)
		mfa_report_trouble(engine, caller, subject, r);
	return r;
}

/* ---- send, verify ---- */

enum mfa_err
mfa_challenge_parse(const char *text, struct mfa_subject *subject,
    uint8_t id[MFA_CHALLENGE_ID])
{
	char hex[2 * MFA_CHALLENGE_ID + 1];
	enum mfa_err r;

	if (strnlen(text, sizeof(hex)) < sizeof(hex) ||
	    text[2 * MFA_CHALLENGE_ID] != '.')
		return MFA_ERR_EXPIRED;
	memcpy(hex, text, sizeof(hex));
	hex[2 * MFA_CHALLENGE_ID] = '\0';
	if (mfa_num_unhex(hex, id, MFA_CHALLENGE_ID) != MFA_OK)
		return MFA_ERR_EXPIRED;
	r = mfa_subject_parse(text + 2 * MFA_CHALLENGE_ID + 1, subject);
	return r == MFA_ERR_SYNTAX || r == MFA_ERR_INVALID ? MFA_ERR_EXPIRED :
							     r;
}

/* What a stored challenge says of itself, for events and bindings. */
struct stored {
	struct mfa_caller caller; /* its strings are below */
	char service[MFA_CONFIG_SERVICE];
	char rhost[33];
	uint32_t methods;
};

_Static_assert(sizeof(((mfa_record_Challenge *)0)->service) ==
	    MFA_CONFIG_SERVICE, "a service fits");
_Static_assert(sizeof(((mfa_record_Challenge *)0)->rhost) == 33,
    "a remote host fits");

static enum mfa_err
look_up(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const uint8_t *id, struct stored *out)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	out->caller = *caller;
	r = mfa_repo_open(engine, subject, MFA_STORE_READ, &repo);
	if (r == MFA_OK) {
		const mfa_record_Record *record = mfa_repo_record(repo);
		int i = mfa_challenges_find(record, id);

		if (i < 0) {
			r = MFA_ERR_EXPIRED;
		} else {
			memcpy(out->service, record->challenges[i].service,
			    sizeof(out->service));
			memcpy(out->rhost, record->challenges[i].rhost,
			    sizeof(out->rhost));
			out->caller.service = out->service;
			out->caller.rhost = out->rhost;
			out->methods = record->challenges[i].methods;
		}
	}
	mfa_repo_close(repo);
	return r == MFA_ERR_NOT_FOUND ? MFA_ERR_EXPIRED : r;
}

enum mfa_err
mfa_challenge_send(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const uint8_t id[MFA_CHALLENGE_ID],
    const char *factor)
{
	struct stored stored;
	enum mfa_err r = look_up(engine, caller, subject, id, &stored);

	if (r != MFA_OK)
		return r;
	if (stored.methods != 0 && (stored.methods & MFA_PROVIDES_OTP) == 0)
		return MFA_ERR_CONFIG;
	const struct mfa_deliver_ask ask = {
		.factor = factor,
		.use = { .service = stored.service, .rhost = stored.rhost,
		    .peer = (uint32_t)caller->path, .challenge = id },
		.wait = true,
	};
	return mfa_deliver_code(engine, &stored.caller, subject, &ask);
}

static void
report_verified(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject,
    const struct mfa_attempt_result *result)
{
	const struct mfa_report_why why = {
		.type = result->reason == MFA_REASON_OK ?
		    MFA_EVENT_CHALLENGE_VERIFIED :
		    MFA_EVENT_CHALLENGE_FAILED,
		.reason = result->reason,
		.result = result,
		.has_attempts = result->reason != MFA_REASON_OK,
		.attempts = result->attempts_left,
	};

	mfa_report_why(engine, caller, subject, &why);
	mfa_report_also(engine, caller, subject, result);
}

enum mfa_err
mfa_challenge_verify(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const struct mfa_challenge_answer *answer,
    struct mfa_attempt_result *result)
{
	struct stored stored;
	struct mfa_typed typed;
	struct mfa_attempt attempt = {
		.caller = &stored.caller,
		.typed = &typed,
		.challenge = answer->id,
		.method = answer->method[0] == '\0' ? NULL : answer->method,
	};
	enum mfa_err r;

	memset(result, 0, sizeof(*result));
	r = look_up(engine, caller, subject, answer->id, &stored);
	if (r == MFA_ERR_EXPIRED) {
		/* Over, or never was: there is nothing to charge. */
		result->reason = MFA_REASON_EXPIRED;
		report_verified(engine, caller, subject, result);
		return MFA_OK;
	}
	if (r == MFA_OK) {
		attempt.methods = stored.methods;
		mfa_typed_parse(answer->answer, answer->len, &typed);
		r = mfa_attempt_make(engine, subject, &attempt, result);
		mfa_typed_wipe(&typed);
	}
	if (r == MFA_OK)
		report_verified(engine, &stored.caller, subject, result);
	else
		mfa_report_trouble(engine, &stored.caller, subject, r);
	return r;
}
