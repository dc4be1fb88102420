/* SPDX-License-Identifier: MIT */
/*
 * The few options of medusa-mfa.conf that the doctor goes by.  Whether the
 * configuration is right is the verifier's to say, not checked here.
 */
#ifndef MFA_DOCTOR_SETTINGS_H
#define MFA_DOCTOR_SETTINGS_H

#include <stdbool.h>

#include "utils/doctor/tree.h"

struct mfa_settings {
	bool there;	  /* there is a folder of the configuration */
	bool require_all; /* [mfa] require = all */
	char keys[256];	  /* [mfa] encryption_key */
	char store[256];  /* [mfa] store, without file: */
};

void mfa_settings_load(const struct mfa_tree *tree,
    struct mfa_settings *settings);

#endif
