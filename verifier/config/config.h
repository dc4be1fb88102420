/* SPDX-License-Identifier: MIT */
/*
 * medusa-mfa.conf: one table row per option (options.c), strict (R27).
 *
 * Read in this order: /etc/medusa-mfa/medusa-mfa.conf, or where that is
 * missing the vendor's; then the drop-ins of both conf.d folders sorted by
 * name, a file in /etc hiding the vendor's of the same name.  A later file
 * overrides; within one file a repeated key is an error.
 */
#ifndef MFA_CONFIG_CONFIG_H
#define MFA_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

#define MFA_CONFIG_USERS 64  /* entries of exempt_users */
#define MFA_CONFIG_PATH	 256 /* bytes of a path */

enum mfa_require {
	MFA_REQUIRE_ENROLLED = 1, /* whoever is enrolled is asked */
	MFA_REQUIRE_ALL = 2	  /* everybody is asked, exempt users apart */
};

struct mfa_config {
	/* [mfa] */
	char encryption_key[MFA_CONFIG_PATH]; /* folder of the key ring */
	char store[MFA_CONFIG_PATH];	      /* "file:DIR" */
	char issuer[65];		      /* empty: the host's name */
	enum mfa_require require;
	char exempt_users[MFA_CONFIG_USERS][257];
	uint32_t exempt_count;
	bool provider_totp;	     /* providers = totp recovery_code */
	bool provider_recovery_code;
	uint32_t challenge_ttl_seconds;
	uint32_t max_attempts;	     /* prompts of one challenge */
	uint32_t recovery_code_count;
	uint32_t pending_ttl_seconds;
	/* [totp] */
	uint32_t digits;
	uint32_t period;
	uint32_t algorithm; /* enum mfa_crypt_alg's numbers */
	uint32_t window;    /* steps before and after */
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

/*
 * Fills in the defaults.
 */
void mfa_config_init(struct mfa_config *config);

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

/* One row a option; for tests and for the manual's own test. */
struct mfa_config_option {
	const char *section;
	const char *name;
	const char *fallback; /* default as written in a file */
	enum mfa_err (*parse)(const struct mfa_config_option *option,
	    const char *value, struct mfa_config *config);
	uint64_t min, max; /* of numbers */
	size_t offset;	   /* in struct mfa_config */
};
extern const struct mfa_config_option mfa_config_options[];
extern const size_t mfa_config_option_count;

#endif
