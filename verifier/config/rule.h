/* SPDX-License-Identifier: MIT */
/* A section [rule NAME]: whom it is about, and what then. */
#ifndef MFA_CONFIG_RULE_H
#define MFA_CONFIG_RULE_H

#include <stdint.h>

#include "verifier/config/kinds.h"
#include "verifier/config/network.h"

/* One rule; a condition that is not set is met. */
struct mfa_config_rule {
	char name[MFA_CONFIG_RULE];
	/* conditions; lists are words with one blank between */
	char user[513];
	char group[257]; /* names, or gids in digits */
	char service[257];
	struct mfa_config_network from[MFA_CONFIG_NETWORKS];
	uint32_t from_count;
	enum mfa_key_used key_used;
	/* what then */
	enum mfa_decision decision; /* 0: not set yet */
	char methods[129];  /* names of providers; empty: the realm's */
	uint32_t provides;  /* the same as bits, never 0 */
	uint64_t enroll_end; /* of enroll_by: wall time of the day's end, UTC;
				0: none */
	uint32_t enroll_logins; /* of enroll_by: how many; 0: none */
	enum mfa_unenrolled unenrolled;
	uint32_t remember_seconds; /* 0: never */
};

#endif
