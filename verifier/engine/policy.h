/* SPDX-License-Identifier: MIT */
/*
 * Who has to give a code, and which codes count: exempt_users, then the rules
 * in their order, then require.  Reads the configuration and, for groups, the
 * user database.
 *
 * MUST (checked against policy.c):
 *  - the first rule whose conditions are all met decides, and nothing else of
 *    a later one;
 *  - a rule that cannot be evaluated, and that no condition rules out, means
 *    required, with its methods and none of its leniency.
 */
#ifndef MFA_ENGINE_POLICY_H
#define MFA_ENGINE_POLICY_H

#include "protocol/record.pb.h"
#include "verifier/config/config.h"
#include "verifier/engine/caller.h"
#include "verifier/engine/rules.h"
#include "verifier/engine/subject.h"

enum mfa_policy_kind {
	MFA_POLICY_REQUIRED = 1, /* everybody, enrolled or not */
	MFA_POLICY_ENROLLED = 2, /* whoever is enrolled */
	MFA_POLICY_EXEMPT = 3,
	MFA_POLICY_DENIED = 4
};

struct mfa_policy {
	enum mfa_policy_kind kind;
	const struct mfa_config_rule *rule; /* that says so; NULL: none */
	enum mfa_trouble trouble; /* why the rule could not be evaluated */
	uint32_t provides; /* bits of the providers whose codes count */
};

/*
 * realm:   of the configuration; rules are about unix alone
 * subject: of that realm; in unix also one that nobody knows
 */
void mfa_policy_check(const struct mfa_config *config,
    const struct mfa_config_realm *realm, const struct mfa_subject *subject,
    const struct mfa_caller *caller, struct mfa_policy *out);

/*
 * Which rule it was, for the log: "rule:office", "rule:office:unknown-group";
 * empty without one.
 *
 * out: size bytes, NUL-terminated; MFA_POLICY_TEXT suffice
 */
#define MFA_POLICY_TEXT 64
void mfa_policy_tell(const struct mfa_policy *policy, char *out, size_t size);

/* Why a rule could not be evaluated; empty for NONE. */
const char *mfa_policy_trouble(enum mfa_trouble trouble);

/* What may come of it, over all services, hosts and keys. */
struct mfa_policy_range {
	bool may_require; /* somewhere a factor is needed to come in */
	bool may_ask;	  /* somewhere a code is asked for, if enrolled */
	bool by_rules;	  /* it depends on more than the user */
	bool denied;	  /* somewhere a rule lets nobody in */
	bool grace;	  /* somewhere who is not enrolled comes in still */
};
void mfa_policy_range(const struct mfa_config *config,
    const struct mfa_config_realm *realm, const struct mfa_subject *subject,
    struct mfa_policy_range *out);

/* The bit of a factor's provider; 0 if the configuration has none such. */
uint32_t mfa_policy_bit(const struct mfa_config *config,
    const mfa_record_Factor *factor);

/* True if the realm's providers have that factor's on. */
bool mfa_policy_provides(const struct mfa_config *config,
    const struct mfa_config_realm *realm, const mfa_record_Factor *factor);

/* Index in config->outside of a provider's name, or -1. */
int mfa_policy_outside(const struct mfa_config *config, const char *name);

#endif
