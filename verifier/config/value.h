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
/* The options of rules: base is struct mfa_config_rule. */
MFA_CONFIG_VALUE(rule_user);
MFA_CONFIG_VALUE(rule_group);
MFA_CONFIG_VALUE(rule_service);
MFA_CONFIG_VALUE(networks);
MFA_CONFIG_VALUE(key_used);
MFA_CONFIG_VALUE(decision);
MFA_CONFIG_VALUE(methods); /* check.c makes bits of them */
MFA_CONFIG_VALUE(enroll_by);
MFA_CONFIG_VALUE(unenrolled);
MFA_CONFIG_VALUE(remember);

#define MFA_CONFIG_STORE_SCHEME "file:"

/* What a value must be, or NULL for a number. */
const char *mfa_config_value_sentence(const struct mfa_config_option *option);

/*
 * The length of the next blank-separated word, which *rest then points to;
 * 0 if none is left.
 */
size_t mfa_config_value_word(const char **rest);

/*
 * A list of words, each once, stored with one blank between them.
 *
 * fits: says whether a word, len bytes, may stand in it
 * out:  size bytes, NUL-terminated; untouched on failure
 *
 * Returns: MFA_OK; MFA_ERR_SYNTAX; MFA_ERR_INVALID if it is too long.
 */
enum mfa_err mfa_config_value_join(const char *value,
    bool (*fits)(const char *word, size_t len), char *out,
    size_t size) MFA_MUST_USE;

/* What can be the name of a user or group, a PAM service, a provider. */
bool mfa_config_value_is_user(const char *name, size_t len);
bool mfa_config_value_is_service(const char *name, size_t len);
bool mfa_config_value_is_provider(const char *name, size_t len);

/*
 * YYYY-MM-DD.
 *
 * end: the end of that day, UTC, in seconds since 1970
 *
 * Returns: MFA_OK; MFA_ERR_SYNTAX, also for a day that no calendar has.
 */
enum mfa_err mfa_config_value_day(const char *text, uint64_t *end) MFA_MUST_USE;

/*
 * The bit of a built-in provider (MFA_PROVIDES_TOTP, ...), 0 if name, len
 * bytes, is none.
 */
uint32_t mfa_config_value_built_in(const char *name, size_t len);

/* True if it can be the name of a [provider NAME] section. */
bool mfa_config_value_is_outside(const char *name);

#endif
