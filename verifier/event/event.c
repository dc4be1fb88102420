/* SPDX-License-Identifier: MIT */
#include "verifier/event/event.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"

static const char *const names[MFA_EVENT_END] = {
	[MFA_EVENT_CHALLENGE_VERIFIED] = "challenge.verified",
	[MFA_EVENT_CHALLENGE_FAILED] = "challenge.failed",
	[MFA_EVENT_CHALLENGE_SKIPPED] = "challenge.skipped",
	[MFA_EVENT_FACTOR_PENDING] = "factor.pending",
	[MFA_EVENT_FACTOR_ENABLED] = "factor.enabled",
	[MFA_EVENT_FACTOR_DISABLED] = "factor.disabled",
	[MFA_EVENT_RECOVERY_GENERATED] = "recovery_codes.generated",
	[MFA_EVENT_RECOVERY_USED] = "recovery_code.used",
	[MFA_EVENT_LOCKED] = "locked",
	[MFA_EVENT_UNLOCKED] = "unlocked",
	[MFA_EVENT_RESET] = "record.reset",
	[MFA_EVENT_REMOVED] = "record.removed",
	[MFA_EVENT_SYNCED] = "factor.synced",
	[MFA_EVENT_CLOCK_IMPLAUSIBLE] = "clock.implausible",
	[MFA_EVENT_RECORD_UNUSABLE] = "record.damaged",
	[MFA_EVENT_ERROR] = "error",
	[MFA_EVENT_KEY_NEW] = "key.new",
	[MFA_EVENT_KEY_ROTATED] = "key.rotated",
	[MFA_EVENT_FACTOR_RENAMED] = "factor.renamed",
	[MFA_EVENT_CHALLENGE_CREATED] = "challenge.created",
	[MFA_EVENT_CHALLENGE_EXPIRED] = "challenge.expired",
	[MFA_EVENT_OTP_GENERATED] = "otp.generated",
	[MFA_EVENT_OTP_DELETED] = "otp.deleted",
	[MFA_EVENT_OTP_UNDELIVERED] = "otp.undelivered",
	[MFA_EVENT_PROGRAM_FAILED] = "program.failed",
	[MFA_EVENT_INVITED] = "invitation.created",
	[MFA_EVENT_INVITATION_USED] = "invitation.used",
	[MFA_EVENT_BYPASS_CREATED] = "bypass.created",
	[MFA_EVENT_BYPASS_USED] = "bypass.used",
	[MFA_EVENT_KEY_RETIRED] = "key.retired",
	[MFA_EVENT_KEY_EXPORTED] = "key.exported",
	[MFA_EVENT_RESTORED] = "record.restored",
	[MFA_EVENT_FORGOTTEN] = "remembered.forgotten",
};

/* One word for each enum mfa_err. */
static const char *const words[MFA_ERR_END] = {
	[MFA_ERR_MEMORY] = "memory",
	[MFA_ERR_INVALID] = "invalid",
	[MFA_ERR_SYNTAX] = "syntax",
	[MFA_ERR_NOT_FOUND] = "not_found",
	[MFA_ERR_EXISTS] = "exists",
	[MFA_ERR_UNSAFE] = "unsafe",
	[MFA_ERR_IO] = "io",
	[MFA_ERR_READ_ONLY] = "read_only",
	[MFA_ERR_NO_SPACE] = "no_space",
	[MFA_ERR_LIMIT] = "limit",
	[MFA_ERR_BUSY] = "busy",
	[MFA_ERR_TIMEOUT] = "timeout",
	[MFA_ERR_CLOSED] = "closed",
	[MFA_ERR_PROTOCOL] = "protocol",
	[MFA_ERR_VERSION] = "version",
	[MFA_ERR_DAMAGED] = "damaged",
	[MFA_ERR_NO_KEY] = "no_key",
	[MFA_ERR_FORMAT] = "format",
	[MFA_ERR_CONFLICT] = "conflict",
	[MFA_ERR_OUTCOME_UNKNOWN] = "outcome_unknown",
	[MFA_ERR_CONFIG] = "config",
	[MFA_ERR_DENIED] = "denied",
	[MFA_ERR_NSS] = "nss",
	[MFA_ERR_NO_USER] = "no_user",
	[MFA_ERR_FOREIGN] = "foreign",
	[MFA_ERR_CRYPTO] = "crypto",
	[MFA_ERR_FULL] = "full",
	[MFA_ERR_CLOCK] = "clock",
	[MFA_ERR_WRONG] = "wrong",
	[MFA_ERR_REPLAYED] = "replayed",
	[MFA_ERR_LOCKED] = "locked",
	[MFA_ERR_UNAVAILABLE] = "unavailable",
	[MFA_ERR_NETWORK_FS] = "network_fs",
	[MFA_ERR_ACCOUNT] = "account",
	[MFA_ERR_UNDELIVERED] = "undelivered",
	[MFA_ERR_PROGRAM] = "program",
	[MFA_ERR_TOO_SOON] = "too_soon",
	[MFA_ERR_EXPIRED] = "expired",
	[MFA_ERR_NOT_ENROLLED] = "not_enrolled",
	[MFA_ERR_NO_REALM] = "no_realm",
	[MFA_ERR_PROOF] = "proof",
	[MFA_ERR_INVITATION] = "invitation",
	[MFA_ERR_LAST] = "last",
};

/* A line that grows; a field goes in whole or ends it. */
struct line {
	char *out;
	size_t size;
	size_t used;
	bool full;
};

/*
 * Bytes of a value as escaped.  They bound what a stranger can write before
 * the fields that matter, and add up to a line below 768.
 */
enum {
	WIDE = 96,   /* user, rhost */
	NARROW = 32, /* realm, service, factor, reason and our own words */
	SHORT = 16,  /* tty, method */
	LONG = 200,  /* detail, which comes last */
};

const char *
mfa_event_name(enum mfa_event_type type)
{
	if ((unsigned int)type >= MFA_EVENT_END || names[type] == NULL)
		return "unknown";
	return names[type];
}

const char *
mfa_event_err(enum mfa_err err)
{
	if ((unsigned int)err >= MFA_ERR_END || words[err] == NULL)
		return "unknown";
	return words[err];
}

static void
put(struct line *line, const char *key, const char *value, size_t width)
{
	char safe[LONG + 1];
	size_t left = line->size - line->used;
	int n;

	if (line->full || value == NULL || value[0] == '\0')
		return;
	mfa_text_escape(value, safe, width + 1);
	n = snprintf(line->out + line->used, left, "%s%s=%s",
	    line->used == 0 ? "" : " ", key, safe);
	if (n < 0 || (size_t)n >= left) {
		line->out[line->used] = '\0';
		line->full = true;
		return;
	}
	line->used += (size_t)n;
}

static void
put_number(struct line *line, const char *key, uint32_t value)
{
	char digits[12];

	(void)snprintf(digits, sizeof(digits), "%u", value);
	put(line, key, digits, NARROW);
}

void
mfa_event_format(const struct mfa_event *event, char *out, size_t size)
{
	const bool claimed = event->unprivileged;
	struct line line = { .out = out, .size = size };

	out[0] = '\0';
	put(&line, "event", mfa_event_name(event->type), NARROW);
	put(&line, "user", event->subject, WIDE);
	/* The realm of all PAM logins goes without saying. */
	if (event->realm != NULL && strcmp(event->realm, "unix") != 0)
		put(&line, "realm", event->realm, NARROW);
	put(&line, claimed ? "claimed_service" : "service", event->service,
	    NARROW);
	put(&line, claimed ? "claimed_rhost" : "rhost", event->rhost, WIDE);
	put(&line, claimed ? "claimed_tty" : "tty", event->tty, SHORT);
	put(&line, "method", event->method, SHORT);
	put(&line, "factor", event->factor, NARROW);
	put(&line, "reason", event->reason, NARROW);
	if (event->err != MFA_OK)
		put(&line, "err", mfa_event_err(event->err), NARROW);
	if (event->has_left)
		put_number(&line, "left", event->left);
	if (event->has_attempts)
		put_number(&line, "attempts_left", event->attempts);
	put_number(&line, "uid", event->caller);
	put(&line, "detail", event->detail, LONG);
}
