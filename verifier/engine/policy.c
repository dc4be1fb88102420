/* SPDX-License-Identifier: MIT */
#include "verifier/engine/policy.h"

#include <stdio.h>
#include <string.h>

static bool
is_unix(const struct mfa_config *config, const struct mfa_config_realm *realm)
{
	return realm == &config->realm[0];
}

/* Exempt users are users of this host. */
static bool
is_exempt_user(const struct mfa_config *config,
    const struct mfa_config_realm *realm, const char *user)
{
	for (uint32_t i = 0; is_unix(config, realm) &&
	    i < config->exempt_count; i++) {
		if (strcmp(config->exempt_users[i], user) == 0)
			return true;
	}
	return false;
}

static enum mfa_policy_kind
kind_of(enum mfa_decision decision)
{
	switch (decision) {
	case MFA_DECISION_OPTIONAL:
		return MFA_POLICY_ENROLLED;
	case MFA_DECISION_EXEMPT:
		return MFA_POLICY_EXEMPT;
	case MFA_DECISION_DENY:
		return MFA_POLICY_DENIED;
	default:
		return MFA_POLICY_REQUIRED;
	}
}

static enum mfa_policy_kind
fallback(const struct mfa_config_realm *realm)
{
	return realm->require == MFA_REQUIRE_ENROLLED ? MFA_POLICY_ENROLLED :
							MFA_POLICY_REQUIRED;
}

void
mfa_policy_check(const struct mfa_config *config,
    const struct mfa_config_realm *realm, const struct mfa_subject *subject,
    const struct mfa_caller *caller, struct mfa_policy *out)
{
	struct mfa_groups groups = { 0 };
	const uint32_t rules = is_unix(config, realm) ? config->rule_count : 0;
	enum mfa_match match = MFA_MATCH_NO;
	enum mfa_trouble trouble = MFA_TROUBLE_NONE;

	*out = (struct mfa_policy){ .kind = fallback(realm),
		.provides = realm->provides };
	if (is_exempt_user(config, realm, subject->name)) {
		out->kind = MFA_POLICY_EXEMPT;
		return;
	}
	for (uint32_t i = 0; match == MFA_MATCH_NO && i < rules; i++) {
		match = mfa_rules_match(&config->rule[i], subject, caller,
		    &groups, &trouble);
		if (match != MFA_MATCH_NO)
			out->rule = &config->rule[i];
	}
	mfa_groups_free(&groups);
	if (out->rule == NULL)
		return;
	out->kind = kind_of(out->rule->decision);
	if (match != MFA_MATCH_YES) {
		out->kind = MFA_POLICY_REQUIRED;
		out->trouble = trouble;
	}
	out->provides = out->rule->provides;
}

const char *
mfa_policy_trouble(enum mfa_trouble trouble)
{
	switch (trouble) {
	case MFA_TROUBLE_HOST:
		return "the remote host is a name, not an address";
	case MFA_TROUBLE_KEY:
		return "sshd has not told whether a key was used";
	case MFA_TROUBLE_GROUP:
		return "a group of it is not known to this host";
	case MFA_TROUBLE_LOOKUP:
		return "its groups cannot be looked up";
	default:
		return "";
	}
}

/* One word, so that a log can be searched for it. */
void
mfa_policy_tell(const struct mfa_policy *policy, char *out, size_t size)
{
	static const char *const why[] = { [MFA_TROUBLE_NONE] = "",
		[MFA_TROUBLE_HOST] = ":host-is-a-name",
		[MFA_TROUBLE_GROUP] = ":unknown-group",
		[MFA_TROUBLE_LOOKUP] = ":no-groups",
		[MFA_TROUBLE_KEY] = ":key-unknown" };

	out[0] = '\0';
	if (policy->rule != NULL)
		(void)snprintf(out, size, "rule:%s%s", policy->rule->name,
		    why[policy->trouble]);
}

static void
widen(struct mfa_policy_range *range, enum mfa_policy_kind kind)
{
	range->may_require |= kind == MFA_POLICY_REQUIRED;
	range->may_ask |= kind == MFA_POLICY_REQUIRED ||
	    kind == MFA_POLICY_ENROLLED;
	range->denied |= kind == MFA_POLICY_DENIED;
}

void
mfa_policy_range(const struct mfa_config *config,
    const struct mfa_config_realm *realm, const struct mfa_subject *subject,
    struct mfa_policy_range *out)
{
	struct mfa_groups groups = { 0 };
	const uint32_t rules = is_unix(config, realm) ? config->rule_count : 0;
	enum mfa_trouble ignored;
	enum mfa_match match = MFA_MATCH_NO;

	memset(out, 0, sizeof(*out));
	if (is_exempt_user(config, realm, subject->name))
		return;
	for (uint32_t i = 0; match != MFA_MATCH_YES &&
	    match != MFA_MATCH_TROUBLE && i < rules; i++) {
		const struct mfa_config_rule *rule = &config->rule[i];

		match = mfa_rules_match(rule, subject, NULL, &groups, &ignored);
		if (match == MFA_MATCH_NO)
			continue;
		if (match == MFA_MATCH_TROUBLE) {
			widen(out, MFA_POLICY_REQUIRED);
			continue;
		}
		widen(out, kind_of(rule->decision));
		out->grace |= rule->enroll_end != 0 ||
		    rule->enroll_logins != 0 ||
		    rule->unenrolled == MFA_UNENROLLED_ENROLL;
		out->by_rules |= match == MFA_MATCH_MAYBE;
	}
	mfa_groups_free(&groups);
	if (match != MFA_MATCH_YES && match != MFA_MATCH_TROUBLE)
		widen(out, fallback(realm));
}

int
mfa_policy_outside(const struct mfa_config *config, const char *name)
{
	for (uint32_t i = 0; i < config->outside_count; i++) {
		if (strcmp(config->outside[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

uint32_t
mfa_policy_bit(const struct mfa_config *config,
    const mfa_record_Factor *factor)
{
	int i;

	switch (factor->provider) {
	case mfa_record_Provider_PROVIDER_TOTP:
		return MFA_PROVIDES_TOTP;
	case mfa_record_Provider_PROVIDER_HOTP:
		return MFA_PROVIDES_HOTP;
	case mfa_record_Provider_PROVIDER_OTP:
		return MFA_PROVIDES_OTP;
	case mfa_record_Provider_PROVIDER_OUTSIDE:
		i = mfa_policy_outside(config, factor->program);
		return i < 0 ? 0 : (uint32_t)MFA_PROVIDES_OUTSIDE << i;
	default:
		return 0;
	}
}

bool
mfa_policy_provides(const struct mfa_config *config,
    const struct mfa_config_realm *realm, const mfa_record_Factor *factor)
{
	return (realm->provides & mfa_policy_bit(config, factor)) != 0;
}
