/* SPDX-License-Identifier: MIT */
/*
 * The sections of a file: [totp], and those that stand once for each realm,
 * each outside provider and each rule; nobody outside this folder includes it.
 */
#ifndef MFA_CONFIG_SECTION_H
#define MFA_CONFIG_SECTION_H

#include <stddef.h>

#include "verifier/config/config.h"

/*
 * Instances of a section: 0 of each plain one, i of realm[i], then the outside
 * providers and the rules.
 */
#define MFA_CONFIG_INSTANCE_OUTSIDE MFA_CONFIG_REALMS
#define MFA_CONFIG_INSTANCE_RULE    (MFA_CONFIG_REALMS + MFA_CONFIG_OUTSIDE)
#define MFA_CONFIG_INSTANCES	    (MFA_CONFIG_INSTANCE_RULE + MFA_CONFIG_RULES)

/* Bytes of the longest title, "realm" and a name, with its NUL. */
#define MFA_CONFIG_TITLE (6 + MFA_CONFIG_REALM)

struct mfa_config_section {
	char title[MFA_CONFIG_TITLE]; /* as in [TITLE]; "": before the first */
	char kind[16];	 /* its first word, the section of the table */
	size_t instance;
	void *base; /* what the offsets of its rows count from */
};

/*
 * Opens the section that is written [title]; a realm, provider or rule that
 * config does not have yet is added with its defaults.
 *
 * title:    len bytes
 * section:  untouched on failure; points into config
 * sentence: constant text, what is wrong, on failure
 *
 * Returns: MFA_OK; MFA_ERR_CONFIG.
 */
enum mfa_err mfa_config_section_open(struct mfa_config *config,
    const char *title, size_t len, struct mfa_config_section *section,
    const char **sentence) MFA_MUST_USE;

#endif
