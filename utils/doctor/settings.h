/* SPDX-License-Identifier: MIT */
/*
 * The few options of medusa-mfa.conf that the doctor goes by.  Whether the
 * configuration is right is the verifier's to say, not checked here.
 */
#ifndef MFA_DOCTOR_SETTINGS_H
#define MFA_DOCTOR_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "utils/doctor/tree.h"

#define MFA_SETTINGS_RULES 24 /* that the verifier takes */

/* [rule NAME], as written; lists are words with one blank between. */
struct mfa_rule {
	char name[33];
	char where[160]; /* the file that has it first */
	char user[513];
	char group[257];
	char service[257];
	char from[1025];
	char key_used[8];
	char decision[16];
	char remember[16];
	char enroll_by[24];
	char unenrolled[16];
};

struct mfa_settings {
	bool there;	  /* there is a folder of the configuration */
	bool require_all; /* [mfa] require = all */
	char keys[256];	  /* [mfa] encryption_key */
	char store[256];  /* [mfa] store, without file: */
	struct mfa_rule rule[MFA_SETTINGS_RULES]; /* in their order */
	size_t rules;
};

/*
 * Reads the files that the verifier reads, in its order: the main one, then
 * those of conf.d by name, /etc hiding the vendor's of the same name.
 */
void mfa_settings_load(const struct mfa_tree *tree,
    struct mfa_settings *settings);

/* The rule has no condition on the service, or names this one. */
bool mfa_settings_rule_is_for(const struct mfa_rule *rule,
    const char *service);

/* Somebody who is not enrolled is refused by this service. */
bool mfa_settings_requires(const struct mfa_settings *settings,
    const char *service);

#endif
