/* SPDX-License-Identifier: MIT */
/* The table of options, for this folder and for tests. */
#ifndef MFA_CONFIG_OPTIONS_H
#define MFA_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "verifier/config/config.h"

#define MFA_CONFIG_OPTION_MAX 64 /* rows at most */

/*
 * One row an option; for tests and for the manual's own test.  The rows of
 * realm and provider stand for every section [realm NAME], [provider NAME].
 */
struct mfa_config_option {
	const char *section; /* first word of it */
	const char *name;
	const char *fallback; /* default as written in a file; NULL: none, a
				 value is required */
	/* base: what offset counts from; untouched on failure */
	enum mfa_err (*parse)(const struct mfa_config_option *option,
	    const char *value, void *base);
	uint64_t min, max; /* of numbers */
	size_t offset;	   /* in struct mfa_config, in the realm or provider */
};
extern const struct mfa_config_option mfa_config_options[];
extern const size_t mfa_config_option_count;

/*
 * Returns: the row's index in mfa_config_options; mfa_config_option_count if
 * there is no such option.
 */
size_t mfa_config_option_find(const char *section, const char *name);

/* True if some option belongs to that section. */
bool mfa_config_option_section(const char *section);

/* True if the option may be written with an empty value. */
bool mfa_config_option_may_be_empty(const struct mfa_config_option *option);

/*
 * What a value of the option must be, as "must be SHA1, SHA256 or SHA512".
 *
 * out: size bytes, NUL-terminated; 160 suffice
 */
void mfa_config_option_expect(const struct mfa_config_option *option, char *out,
    size_t size);

/* Fills in the defaults of one section's options, counted from base. */
void mfa_config_option_defaults(const char *section, void *base);

/*
 * A pair of options that only together can be wrong; looked at when all files
 * are read.
 */
struct mfa_config_pair {
	const char *section;
	const char *first;
	const char *second;
	bool (*fits)(const struct mfa_config *config);
	const char *sentence; /* what is wrong if they do not fit */
};
extern const struct mfa_config_pair mfa_config_pairs[];
extern const size_t mfa_config_pair_count;

#endif
