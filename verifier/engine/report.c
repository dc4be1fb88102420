/* SPDX-License-Identifier: MIT */
#include "verifier/engine/report.h"

#include <string.h>

#include "verifier/provider/otp.h"
#include "verifier/vault/keyring.h"

const char *
mfa_reason_name(enum mfa_reason reason)
{
	static const char *const names[] = {
		[MFA_REASON_NONE] = "none",
		[MFA_REASON_OK] = "ok",
		[MFA_REASON_WRONG] = "wrong",
		[MFA_REASON_REPLAYED] = "replayed",
		[MFA_REASON_LOCKED] = "locked",
		[MFA_REASON_BLOCKED] = "blocked",
		[MFA_REASON_MALFORMED] = "malformed",
		[MFA_REASON_UNKNOWN_USER] = "unknown-user",
		[MFA_REASON_NOT_ENROLLED] = "not-enrolled",
		[MFA_REASON_EXEMPT] = "exempt",
		[MFA_REASON_EXPIRED] = "expired",
		[MFA_REASON_CLOCK] = "clock",
		[MFA_REASON_ERROR] = "error",
		[MFA_REASON_PASSWORD_REPEATED] = "password-repeated",
		[MFA_REASON_CONVERSATION] = "no-answer",
		[MFA_REASON_JUNK] = "junk",
		[MFA_REASON_NO_CODE] = "no-code",
		[MFA_REASON_SENT] = "send",
		[MFA_REASON_EVICTED] = "evicted",
		[MFA_REASON_UNVERIFIED] = "unverified",
		[MFA_REASON_REFUSED] = "refused",
		[MFA_REASON_REMEMBERED] = "remembered",
	};

	if ((unsigned int)reason >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[reason];
}

enum mfa_err
mfa_reason_err(enum mfa_reason reason)
{
	switch (reason) {
	case MFA_REASON_OK:
	case MFA_REASON_REMEMBERED:
		return MFA_OK;
	case MFA_REASON_REPLAYED:
		return MFA_ERR_REPLAYED;
	case MFA_REASON_LOCKED:
	case MFA_REASON_BLOCKED:
		return MFA_ERR_LOCKED;
	case MFA_REASON_CLOCK:
		return MFA_ERR_CLOCK;
	case MFA_REASON_MALFORMED:
		return MFA_ERR_SYNTAX;
	case MFA_REASON_NO_CODE:
		return MFA_ERR_EXPIRED;
	case MFA_REASON_NOT_ENROLLED:
		return MFA_ERR_NOT_ENROLLED;
	default:
		return MFA_ERR_WRONG;
	}
}

void
mfa_report_address(const mfa_record_Record *record,
    char out[MFA_OTP_ADDRESS + 1])
{
	out[0] = '\0';
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *f = &record->factors[i];

		if (f->provider != mfa_record_Provider_PROVIDER_OTP ||
		    f->status != mfa_record_Status_STATUS_ENABLED)
			continue;
		mfa_otp_address(f, out);
		return;
	}
}

static struct mfa_event
begin(const struct mfa_caller *caller, const struct mfa_subject *subject,
    enum mfa_event_type type)
{
	return (struct mfa_event){
		.type = type,
		.realm = subject->realm,
		.subject = subject->name,
		.service = caller->service,
		.rhost = caller->rhost,
		.tty = caller->tty,
		.unprivileged = caller->uid != 0,
		.caller = caller->uid,
	};
}

static const char *
key_advice(const struct mfa_engine *engine)
{
	return mfa_keyring_advice(engine->config->encryption_key,
	    engine->held);
}

void
mfa_report(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, enum mfa_event_type type,
    const char *label)
{
	const struct mfa_report_why why = { .type = type, .factor = label };

	mfa_report_why(engine, caller, subject, &why);
}

void
mfa_report_why(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct mfa_report_why *why)
{
	struct mfa_event event = begin(caller, subject, why->type);
	const struct mfa_attempt_result *result = why->result;

	if (why->reason != MFA_REASON_NONE)
		event.reason = mfa_reason_name(why->reason);
	event.err = why->err;
	if (why->err == MFA_ERR_NO_KEY)
		event.detail = key_advice(engine);
	if (why->detail != NULL)
		event.detail = why->detail;
	event.method = why->method;
	event.factor = why->factor;
	event.address = why->address;
	event.has_left = why->has_left;
	event.left = why->left;
	event.has_attempts = why->has_attempts;
	event.attempts = why->attempts;
	if (result != NULL) {
		event.method = result->method;
		event.factor = result->factor;
		event.address = result->address;
		event.has_left = result->used_recovery;
		event.left = result->recovery_left;
	}
	engine->sink->emit(engine->sink, &event);
}

void
mfa_report_trouble(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, enum mfa_err err)
{
	/* A service that does not run is no damage to the record. */
	const bool record = err == MFA_ERR_DAMAGED || err == MFA_ERR_FORMAT ||
	    (err == MFA_ERR_NO_KEY && key_advice(engine) == NULL);
	const struct mfa_report_why why = {
		.type = record ? MFA_EVENT_RECORD_UNUSABLE : MFA_EVENT_ERROR,
		.reason = MFA_REASON_ERROR,
		.err = err,
	};

	mfa_report_why(engine, caller, subject, &why);
}

static void
also(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, enum mfa_event_type type,
    enum mfa_reason reason, const struct mfa_attempt_result *result)
{
	const struct mfa_report_why why = { .type = type, .reason = reason,
		.result = result };

	mfa_report_why(engine, caller, subject, &why);
}

/* Of a factor or, without one, of the account. */
static void
report_lock(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject,
    const struct mfa_attempt_result *result)
{
	const struct mfa_report_why why = {
		.type = MFA_EVENT_LOCKED,
		.reason = result->blocked_now ? MFA_REASON_BLOCKED :
						MFA_REASON_LOCKED,
		.method = result->method,
		.factor = result->locked_factor,
		.address = result->address,
	};

	mfa_report_why(engine, caller, subject, &why);
}

void
mfa_report_also(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject,
    const struct mfa_attempt_result *result)
{
	if (result->reason == MFA_REASON_CLOCK)
		also(engine, caller, subject, MFA_EVENT_CLOCK_IMPLAUSIBLE,
		    MFA_REASON_CLOCK, result);
	if (result->locked_now)
		report_lock(engine, caller, subject, result);
	if (result->unlocked_now)
		also(engine, caller, subject, MFA_EVENT_UNLOCKED,
		    MFA_REASON_OK, result);
	if (result->used_recovery)
		also(engine, caller, subject, MFA_EVENT_RECOVERY_USED,
		    MFA_REASON_OK, result);
	if (result->used_invitation)
		also(engine, caller, subject, MFA_EVENT_INVITATION_USED,
		    MFA_REASON_OK, result);
	if (result->used_bypass)
		also(engine, caller, subject, MFA_EVENT_BYPASS_USED,
		    MFA_REASON_OK, result);
	if (result->used_delivered)
		also(engine, caller, subject, MFA_EVENT_OTP_DELETED,
		    MFA_REASON_OK, result);
	if (result->voided_delivered)
		also(engine, caller, subject, MFA_EVENT_OTP_DELETED,
		    MFA_REASON_WRONG, result);
}
