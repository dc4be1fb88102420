/* SPDX-License-Identifier: MIT */
/*
 * What the engine tells the world: one event for each thing that happened to
 * one subject, after it is durable.
 */
#ifndef MFA_ENGINE_REPORT_H
#define MFA_ENGINE_REPORT_H

#include "verifier/engine/attempt.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/subject.h"

/* Emits one event; label may be "". */
void mfa_report(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, enum mfa_event_type type,
    const char *label);

/* An event with a reason, as an outcome, or with an error. */
struct mfa_report_why {
	enum mfa_event_type type;
	enum mfa_reason reason; /* NONE: none */
	enum mfa_err err;	/* with reason ERROR */
	const struct mfa_attempt_result *result; /* may be NULL */
	bool has_left;
	uint32_t left;		/* recovery codes, where result has none */
	bool has_attempts;
	uint32_t attempts;	/* answers that may still be given */
	const char *method;	/* where result has none; these may be NULL */
	const char *factor;	/* label */
	const char *address;
	const char *detail;
};
void mfa_report_why(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct mfa_report_why *why);

/* No verdict can be had: record.damaged, or error. */
void mfa_report_trouble(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    enum mfa_err err);

/*
 * All that follows from an attempt besides its outcome: clock.implausible,
 * locked, unlocked, recovery_code.used, invitation.used,
 * bypass.used, otp.deleted.
 */
void mfa_report_also(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    const struct mfa_attempt_result *result);

/*
 * Where the subject is reached: the address of its first enabled otp factor,
 * for event programs.
 *
 * out: 129 bytes; empty if there is none
 */
void mfa_report_address(const mfa_record_Record *record, char out[129]);

#endif
