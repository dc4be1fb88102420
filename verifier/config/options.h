/* SPDX-License-Identifier: MIT */
/* What this folder asks of its table of options; nobody else includes it. */
#ifndef MFA_CONFIG_OPTIONS_H
#define MFA_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "verifier/config/config.h"

#define MFA_CONFIG_OPTION_MAX 32 /* rows at most */

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
