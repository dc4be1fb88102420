/* SPDX-License-Identifier: MIT */
/*
 * medusa-mfa.conf: one table row per option (options.c), strict (R27).
 *
 * Read in this order: /etc/medusa-mfa/medusa-mfa.conf, or where that is
 * missing the vendor's; then the drop-ins of both conf.d folders sorted by
 * name, a file in /etc hiding the vendor's of the same name.  A later file
 * overrides; within one file a repeated key is an error.
 *
 * [realm NAME], [provider NAME] and [rule NAME] stand once for each realm, for
 * each provider that is a program and for each rule; a later file adds to what
 * an earlier one says of the same name.  Rules keep the order in which their
 * names came first.
 */
#ifndef MFA_CONFIG_CONFIG_H
#define MFA_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "verifier/config/kinds.h"
#include "verifier/config/rule.h"

/* What may differ between realms. */
struct mfa_config_realm {
	char name[MFA_CONFIG_REALM];
	char account[33]; /* user name or uid in digits; empty for unix */
	char issuer[65];  /* empty: the host's name */
	enum mfa_require require;
	char providers[129]; /* as written, names by blanks */
	uint32_t provides;   /* the same as bits */
	uint32_t max_subjects; /* 0: no bound */
	uint32_t sends_per_day;
};

/* A provider that is a program. */
struct mfa_config_outside {
	char name[MFA_CONFIG_PROVIDER];
	char program[MFA_CONFIG_PATH];
};

struct mfa_config {
	/* [mfa], for unix, which is realm[0]; then [realm NAME] */
	struct mfa_config_realm realm[MFA_CONFIG_REALMS];
	uint32_t realm_count;
	/* [provider NAME] */
	struct mfa_config_outside outside[MFA_CONFIG_OUTSIDE];
	uint32_t outside_count;
	/* [rule NAME], for unix, in the order in which they are looked at */
	struct mfa_config_rule rule[MFA_CONFIG_RULES];
	uint32_t rule_count;
	/* [mfa] */
	char encryption_key[MFA_CONFIG_PATH]; /* folder of the key ring */
	char store[MFA_CONFIG_PATH];	      /* "file:DIR" */
	char exempt_users[MFA_CONFIG_USERS][257];
	uint32_t exempt_count;
	uint32_t challenge_ttl_seconds;
	uint32_t max_attempts;	     /* prompts of one challenge */
	uint32_t recovery_code_count;
	uint32_t pending_ttl_seconds;
	enum mfa_self_enroll self_enroll;
	uint64_t self_enroll_end; /* of UNTIL: wall time of the day's end, UTC */
	uint32_t invitation_ttl_seconds;
	/* [totp] */
	uint32_t digits;
	uint32_t period;
	uint32_t algorithm; /* enum mfa_crypt_alg's numbers */
	uint32_t window;    /* steps before and after */
	/* [hotp] */
	uint32_t look_ahead; /* counters beyond the next */
	/* [otp] */
	char otp_program[MFA_CONFIG_PATH]; /* delivers; empty: none */
	char otp_services[MFA_CONFIG_SERVICES][MFA_CONFIG_SERVICE];
	uint32_t otp_service_count; /* 0: every service */
	uint32_t otp_digits;
	uint32_t otp_ttl_seconds;
	uint32_t otp_resend_seconds;
	/* [events] */
	char events_directory[MFA_CONFIG_PATH]; /* empty: none */
	/* [throttle] (R9) */
	uint32_t burst;
	uint32_t lock_seconds;
	uint32_t lock_max_seconds;
	uint32_t hard_stop;
	uint32_t hard_stop_unprivileged;
	uint32_t wrong_per_day;
	uint32_t wrong_per_month;
	uint32_t wrong_per_day_unprivileged;
};

/* What is wrong, for a person: "FILE:LINE: sentence". */
struct mfa_config_problem {
	char text[400];
};

/* Where to read: the built-in folders, or a test's own. */
struct mfa_config_place {
	const char *etc;    /* MFA_SYSCONFDIR */
	const char *vendor; /* MFA_VENDORDIR */
	unsigned int owner; /* uid that must own the files: 0 */
	/* name in etc of the main file, NULL for the usual one with the
	   vendor's in its place where it is missing */
	const char *main;
};
extern const struct mfa_config_place mfa_config_system;

/* Fills in the defaults: one realm, unix. */
void mfa_config_init(struct mfa_config *config);

/* The realm of that name, or NULL. */
const struct mfa_config_realm *mfa_config_realm_find(
    const struct mfa_config *config, const char *name);

/*
 * True if delivered codes are on in unix for this service: everybody sees the
 * same prompt there.
 */
bool mfa_config_delivers(const struct mfa_config *config, const char *service);

/*
 * Reads the whole configuration.
 *
 * config:  untouched on failure
 * problem: filled in on failure
 *
 * Returns: MFA_OK; MFA_ERR_CONFIG for everything that is wrong in or with a
 * file (unknown, repeated or empty key, bad value, junk line, NUL byte, unsafe
 * owner or mode, no file at all); MFA_ERR_IO; MFA_ERR_MEMORY.
 */
enum mfa_err mfa_config_load(const struct mfa_config_place *place,
    struct mfa_config *config, struct mfa_config_problem *problem) MFA_MUST_USE;

/*
 * Tells of each file in the folders of drop-ins that is not read, since its
 * name does not end in .conf; but of none that is hidden, or left there by an
 * editor or a packager.
 *
 * dir, name: may have any byte in them
 */
void mfa_config_passed(const struct mfa_config_place *place,
    void (*take)(void *ctx, const char *dir, const char *name), void *ctx);

#endif
