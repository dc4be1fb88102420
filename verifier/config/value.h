/* SPDX-License-Identifier: MIT */
/*
 * The kinds of values, for rows of the table of options; nobody outside this
 * folder includes it.
 */
#ifndef MFA_CONFIG_VALUE_H
#define MFA_CONFIG_VALUE_H

#include "verifier/config/options.h"

/*
 * Each parses a NUL-terminated value of its kind and stores it, counted from
 * base.
 *
 * Returns: MFA_OK; MFA_ERR_SYNTAX, MFA_ERR_INVALID: nothing is stored.
 */
#define MFA_CONFIG_VALUE(kind)                                                 \
	enum mfa_err mfa_config_value_##kind(                                  \
	    const struct mfa_config_option *option, const char *value,         \
	    void *base) MFA_MUST_USE
MFA_CONFIG_VALUE(number);
MFA_CONFIG_VALUE(path);
MFA_CONFIG_VALUE(folder);   /* or empty */
MFA_CONFIG_VALUE(program);
MFA_CONFIG_VALUE(delivery); /* a program, or empty */
MFA_CONFIG_VALUE(store);
MFA_CONFIG_VALUE(issuer);
MFA_CONFIG_VALUE(require);
MFA_CONFIG_VALUE(algorithm);
MFA_CONFIG_VALUE(names);     /* of providers; check.c makes bits of them */
MFA_CONFIG_VALUE(users);     /* base is struct mfa_config */
MFA_CONFIG_VALUE(services);  /* the same */
MFA_CONFIG_VALUE(account);
MFA_CONFIG_VALUE(self_enroll); /* base is struct mfa_config */

#define MFA_CONFIG_STORE_SCHEME "file:"

/* What a value must be, or NULL for a number. */
const char *mfa_config_value_sentence(const struct mfa_config_option *option);

/*
 * The length of the next blank-separated word, which *rest then points to;
 * 0 if none is left.
 */
size_t mfa_config_value_word(const char **rest);

/*
 * The bit of a built-in provider (MFA_PROVIDES_TOTP, ...), 0 if name, len
 * bytes, is none.
 */
uint32_t mfa_config_value_built_in(const char *name, size_t len);

/* True if it can be the name of a [provider NAME] section. */
bool mfa_config_value_is_outside(const char *name);

#endif
