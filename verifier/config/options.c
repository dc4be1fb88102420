/* SPDX-License-Identifier: MIT */
#include "verifier/config/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "verifier/config/value.h"

_Static_assert(sizeof(MFA_SYSCONFDIR "/keys") <= MFA_CONFIG_PATH,
    "the folder of keys fits");
_Static_assert(sizeof(MFA_CONFIG_STORE_SCHEME MFA_STATEDIR) <=
    MFA_CONFIG_PATH, "the store fits");

/* clang-format off */
#define TEXT(section, name, fallback, kind)                                    \
	TEXT_AT(section, #name, fallback, kind, mfa_config, name)
#define NUMBER(section, name, fallback, min, max)                              \
	NUMBER_AT(section, #name, fallback, min, max, mfa_config, name)
/* Where the field has another name, or is not in struct mfa_config. */
#define TEXT_AT(section, name, fallback, kind, type, member)                   \
	{ section, name, fallback, mfa_config_value_##kind, 0, 0,              \
	    offsetof(struct type, member) }
#define NUMBER_AT(section, name, fallback, min, max, type, member)             \
	{ section, name, fallback, mfa_config_value_number, min, max,          \
	    offsetof(struct type, member) }

const struct mfa_config_option mfa_config_options[] = {
	TEXT("mfa", encryption_key, MFA_SYSCONFDIR "/keys", path),
	TEXT("mfa", store, MFA_CONFIG_STORE_SCHEME MFA_STATEDIR, store),
	TEXT_AT("mfa", "issuer", "", issuer, mfa_config, realm[0].issuer),
	TEXT_AT("mfa", "require", "enrolled", require, mfa_config, realm[0].require),
	TEXT("mfa", exempt_users, "", users),
	TEXT_AT("mfa", "providers", "totp recovery_code", names, mfa_config, realm[0].providers),
	NUMBER("mfa", challenge_ttl_seconds, "300", 30, 3600),
	NUMBER("mfa", max_attempts, "5", 1, 10),
	NUMBER("mfa", recovery_code_count, "10", 1, 16),
	NUMBER("mfa", pending_ttl_seconds, "900", 60, 86400),
	TEXT("mfa", self_enroll, "invite", self_enroll),
	NUMBER("mfa", invitation_ttl_seconds, "259200", 60, 2592000),
	NUMBER("totp", digits, "6", 6, 8),
	NUMBER("totp", period, "30", 15, 120),
	TEXT("totp", algorithm, "SHA1", algorithm),
	NUMBER("totp", window, "1", 0, 10),
	NUMBER("hotp", look_ahead, "10", 0, 50),
	TEXT_AT("otp", "program", "", delivery, mfa_config, otp_program),
	TEXT_AT("otp", "services", "", services, mfa_config, otp_services),
	NUMBER_AT("otp", "digits", "8", 6, 8, mfa_config, otp_digits),
	NUMBER_AT("otp", "ttl", "300", 30, 600, mfa_config, otp_ttl_seconds),
	NUMBER_AT("otp", "resend_seconds", "30", 30, 600, mfa_config, otp_resend_seconds),
	NUMBER_AT("otp", "sends_per_day", "10", 1, 100, mfa_config, realm[0].sends_per_day),
	TEXT_AT("events", "directory", "", folder, mfa_config, events_directory),
	NUMBER("throttle", burst, "5", 1, 20),
	NUMBER("throttle", lock_seconds, "900", 1, 86400),
	NUMBER("throttle", lock_max_seconds, "86400", 1, 2592000),
	NUMBER("throttle", hard_stop, "70", 1, 100),
	NUMBER("throttle", hard_stop_unprivileged, "30", 1, 100),
	NUMBER("throttle", wrong_per_day, "20", 1, 1000),
	NUMBER("throttle", wrong_per_month, "200", 1, 10000),
	NUMBER("throttle", wrong_per_day_unprivileged, "10", 1, 1000),
	TEXT_AT("provider", "program", NULL, program, mfa_config_outside, program),
	TEXT_AT("rule", "user", "", rule_user, mfa_config_rule, user),
	TEXT_AT("rule", "group", "", rule_group, mfa_config_rule, group),
	TEXT_AT("rule", "service", "", rule_service, mfa_config_rule, service),
	TEXT_AT("rule", "from", "", networks, mfa_config_rule, from),
	TEXT_AT("rule", "key_used", "", key_used, mfa_config_rule, key_used),
	TEXT_AT("rule", "decision", NULL, decision, mfa_config_rule, decision),
	TEXT_AT("rule", "methods", "", methods, mfa_config_rule, methods),
	TEXT_AT("rule", "enroll_by", "", enroll_by, mfa_config_rule, enroll_end),
	TEXT_AT("rule", "unenrolled", "refuse", unenrolled, mfa_config_rule, unenrolled),
	TEXT_AT("rule", "remember", "", remember, mfa_config_rule, remember_seconds),
	TEXT_AT("realm", "account", NULL, account, mfa_config_realm, account),
	TEXT_AT("realm", "issuer", "", issuer, mfa_config_realm, issuer),
	TEXT_AT("realm", "require", "enrolled", require, mfa_config_realm, require),
	TEXT_AT("realm", "providers", "totp recovery_code", names, mfa_config_realm, providers),
	NUMBER_AT("realm", "max_subjects", "0", 0, 10000000, mfa_config_realm, max_subjects),
	NUMBER_AT("realm", "sends_per_day", "10", 1, 100, mfa_config_realm, sends_per_day),
};
/* clang-format on */
const size_t mfa_config_option_count =
    sizeof(mfa_config_options) / sizeof(mfa_config_options[0]);

_Static_assert(sizeof(mfa_config_options) / sizeof(mfa_config_options[0]) <=
    MFA_CONFIG_OPTION_MAX, "a mark for each option");

static bool
lock_times_fit(const struct mfa_config *config)
{
	return config->lock_seconds <= config->lock_max_seconds;
}

/* NIST SP 800-63B-4 section 3.2.2: no more than 100 failures in a row. */
static bool
hard_stops_fit(const struct mfa_config *config)
{
	return config->hard_stop + config->hard_stop_unprivileged <= 100;
}

const struct mfa_config_pair mfa_config_pairs[] = {
	{ "throttle", "lock_seconds", "lock_max_seconds", lock_times_fit,
	    "throttle.lock_max_seconds is below throttle.lock_seconds" },
	{ "throttle", "hard_stop", "hard_stop_unprivileged", hard_stops_fit,
	    "throttle.hard_stop and throttle.hard_stop_unprivileged together "
	    "exceed 100" },
};
const size_t mfa_config_pair_count =
    sizeof(mfa_config_pairs) / sizeof(mfa_config_pairs[0]);

void
mfa_config_option_expect(const struct mfa_config_option *option, char *out,
    size_t size)
{
	const char *sentence = mfa_config_value_sentence(option);

	if (sentence != NULL)
		(void)snprintf(out, size, "%s", sentence);
	else
		(void)snprintf(out, size,
		    "must be a whole number from %" PRIu64 " to %" PRIu64,
		    option->min, option->max);
}

bool
mfa_config_option_may_be_empty(const struct mfa_config_option *option)
{
	return option->fallback != NULL && option->fallback[0] == '\0';
}

size_t
mfa_config_option_find(const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < mfa_config_option_count; i++) {
		if (strcmp(mfa_config_options[i].section, section) == 0 &&
		    strcmp(mfa_config_options[i].name, name) == 0)
			break;
	}
	return i;
}

bool
mfa_config_option_section(const char *section)
{
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		if (strcmp(mfa_config_options[i].section, section) == 0)
			return true;
	}
	return false;
}

/* A default that does not parse cannot ship: test_options.c. */
void
mfa_config_option_defaults(const char *section, void *base)
{
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		const struct mfa_config_option *option = &mfa_config_options[i];

		if (strcmp(option->section, section) == 0 &&
		    option->fallback != NULL)
			(void)option->parse(option, option->fallback, base);
	}
}
