/* SPDX-License-Identifier: MIT */
/* MUST list: deliver.h. */
#include "verifier/engine/deliver.h"

#include <string.h>

#include "verifier/crypt/crypt.h"
#include "verifier/engine/challenges.h"
#include "verifier/engine/enroll.h"
#include "verifier/engine/issuer.h"
#include "verifier/engine/permit.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"
#include "verifier/engine/throttle.h"

struct sending {
	struct mfa_engine *engine;
	const struct mfa_caller *caller;
	const struct mfa_subject *subject;
	const struct mfa_deliver_ask *ask;
	const struct mfa_config_realm *realm;
	char code[9]; /* secret */
	char address[MFA_OTP_ADDRESS + 1];
	char label[33];
	bool replaced; /* a code that was live is void now */
};

static bool
is_otp(const mfa_record_Factor *factor, mfa_record_Status status)
{
	return factor->provider == mfa_record_Provider_PROVIDER_OTP &&
	    factor->status == status;
}

/* Where to: the factor that is asked for, or NULL. */
static mfa_record_Factor *
choose(const struct mfa_deliver_ask *ask, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	int named = ask->factor[0] == '\0' ?
	    -1 :
	    mfa_enroll_find(record, ask->factor);

	for (pb_size_t i = 0; i < record->factors_count; i++) {
		mfa_record_Factor *f = &record->factors[i];

		if (ask->use.confirm != NULL) {
			if (memcmp(f->id, ask->use.confirm, sizeof(f->id)) ==
				0 &&
			    is_otp(f, mfa_record_Status_STATUS_PENDING) &&
			    f->pending_until > clock->lapse)
				return f;
			continue;
		}
		if (is_otp(f, mfa_record_Status_STATUS_ENABLED) &&
		    (ask->factor[0] == '\0' || named == (int)i))
			return f;
	}
	return NULL;
}

/* The challenge that the code is for must be one that it could answer. */
static enum mfa_err
check_challenge(const struct sending *s, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	const uint8_t *id = s->ask->use.challenge;

	if (id == NULL ||
	    mfa_challenges_live(s->engine->config, record, id, s->caller->path,
		clock) >= 0)
		return MFA_OK;
	return MFA_ERR_EXPIRED;
}

/* A code that confirms a factor is part of its set-up. */
static enum mfa_err
check_right(const struct sending *s, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	return s->ask->use.confirm == NULL ?
	    MFA_OK :
	    mfa_permit_check(s->engine, s->caller, s->subject, record, clock,
		MFA_CHANGE_CONFIRM);
}

/*
 * Who is not root takes half of the day's codes at most: malware in a session
 * must not leave its owner without one for sshd.
 */
static uint32_t
sends_limit(const struct sending *s)
{
	const uint32_t all = s->realm->sends_per_day;

	return s->caller->path == MFA_PATH_ROOT ? all : all / 2;
}

/*
 * Who is not root neither keeps root's hosts waiting nor voids a code that one
 * of them has sent.
 */
static bool
is_too_soon(const struct sending *s, const mfa_record_Record *record,
    uint64_t lapse)
{
	const mfa_record_Delivered *last = &record->delivered;
	const bool root = s->caller->path == MFA_PATH_ROOT;
	const bool roots = last->peer == MFA_PATH_ROOT;

	if (last->until == 0 || (root && !roots))
		return false;
	if (!root && roots && lapse < last->until)
		return true;
	return lapse < last->sent + s->engine->config->otp_resend_seconds;
}

static enum mfa_err
check_limits(const struct sending *s, const mfa_record_Record *record,
    const mfa_record_Factor *factor, const struct mfa_clock *clock)
{
	const struct mfa_config *config = s->engine->config;

	if (mfa_throttle_factor_check(config, factor, s->caller->path,
		clock->lapse, NULL) != MFA_THROTTLE_OPEN ||
	    mfa_throttle_sends_check(record, sends_limit(s), clock->lapse) !=
		MFA_THROTTLE_OPEN)
		return MFA_ERR_LOCKED;
	return is_too_soon(s, record, clock->lapse) ? MFA_ERR_TOO_SOON : MFA_OK;
}

/* Charged and made in one write, so that none is sent that is not charged. */
static enum mfa_err
apply_send(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	struct sending *s = ctx;
	const struct mfa_otp_making how = {
		.env = s->engine->env,
		.use = &s->ask->use,
		.lapse = clock->lapse,
		.ttl = s->engine->config->otp_ttl_seconds,
	};
	mfa_record_Factor *factor = choose(s->ask, record, clock);
	enum mfa_err r;

	if (factor == NULL)
		return MFA_ERR_NOT_FOUND;
	if ((r = check_challenge(s, record, clock)) != MFA_OK ||
	    (r = check_right(s, record, clock)) != MFA_OK ||
	    (r = check_limits(s, record, factor, clock)) != MFA_OK)
		return r;
	s->replaced = record->delivered.until > clock->lapse &&
	    record->delivered.compared < MFA_OTP_COMPARISONS;
	mfa_throttle_sends_debit(record, clock->lapse);
	mfa_otp_address(factor, s->address);
	memcpy(s->label, factor->label, sizeof(s->label));
	return mfa_otp_make(&how, record, factor, s->code);
}

static enum mfa_err
hand_over(const struct sending *s)
{
	struct mfa_engine *engine = s->engine;
	char issuer[MFA_ISSUER];
	struct mfa_message message = {
		.realm = s->subject->realm,
		.subject = s->subject->name,
		.service = s->ask->use.service,
		.rhost = s->ask->use.rhost,
		.factor = s->label,
		.address = s->address,
		.issuer = issuer,
		.claimed = s->caller->uid != 0,
		.code = s->code,
		.ttl = engine->config->otp_ttl_seconds,
	};
	struct mfa_now now;
	enum mfa_err r;

	mfa_issuer(s->realm, issuer);
	if ((r = engine->env->now(engine->env, &now)) != MFA_OK)
		return r;
	message.wall = now.wall;
	return engine->runner->deliver(engine->runner, &message, s->ask->wait);
}

static void
report(const struct sending *s)
{
	struct mfa_report_why why = { .type = MFA_EVENT_OTP_DELETED,
		.reason = MFA_REASON_SENT, .factor = s->label };

	if (s->replaced)
		mfa_report_why(s->engine, s->caller, s->subject, &why);
	mfa_report(s->engine, s->caller, s->subject, MFA_EVENT_OTP_GENERATED,
	    s->label);
}

enum mfa_err
mfa_deliver_code(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct mfa_deliver_ask *ask)
{
	struct sending s = {
		.engine = engine,
		.caller = caller,
		.subject = subject,
		.ask = ask,
		.realm = mfa_config_realm_find(engine->config, subject->realm),
	};
	enum mfa_err r;

	if (s.realm == NULL || (s.realm->provides & MFA_PROVIDES_OTP) == 0)
		return MFA_ERR_CONFIG;
	r = mfa_repo_change(engine, subject,
	    (struct mfa_delta){ apply_send, &s });
	if (r == MFA_OK) {
		report(&s);
		r = hand_over(&s);
	}
	mfa_crypt_wipe(&s, sizeof(s));
	return r;
}

enum mfa_err
mfa_deliver_confirm(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const char *factor)
{
	uint8_t id[8];
	const struct mfa_deliver_ask ask = {
		.factor = "",
		.use = { .service = caller->service, .rhost = caller->rhost,
		    .peer = (uint32_t)caller->path, .confirm = id },
		.wait = true,
	};
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	r = mfa_repo_open(engine, subject, MFA_STORE_READ, &repo);
	if (r == MFA_OK) {
		const mfa_record_Record *record = mfa_repo_record(repo);
		int i = mfa_enroll_find(record, factor);

		if (i >= 0)
			memcpy(id, record->factors[i].id, sizeof(id));
		else
			r = MFA_ERR_NOT_FOUND;
	}
	mfa_repo_close(repo);
	return r == MFA_OK ? mfa_deliver_code(engine, caller, subject, &ask) :
			     r;
}
