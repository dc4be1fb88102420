/* SPDX-License-Identifier: MIT */
/* The programs that a configuration names. */
#ifndef MFA_CONFIG_PROGRAMS_H
#define MFA_CONFIG_PROGRAMS_H

#include "verifier/config/config.h"

/*
 * The programs of a configuration, which are known to the runner by their
 * index alone: the delivery program, the folder of event programs, the outside
 * providers.
 */
enum mfa_program {
	MFA_PROGRAM_DELIVER = 0,
	MFA_PROGRAM_EVENTS = 1,
	MFA_PROGRAM_OUTSIDE = 2, /* outside[i] is OUTSIDE + i */
	MFA_PROGRAM_END = MFA_PROGRAM_OUTSIDE + MFA_CONFIG_OUTSIDE
};
struct mfa_programs {
	char path[MFA_PROGRAM_END][MFA_CONFIG_PATH]; /* empty: none */
};

/*
 * programs: filled in, all of it
 *
 * Returns: true if there is any.
 */
bool mfa_config_programs(const struct mfa_config *config,
    struct mfa_programs *programs);

#endif
