/* SPDX-License-Identifier: MIT */
/* MUST list: rules.h. */
#include "verifier/engine/rules.h"

#include <string.h>

/* The next of the words with one blank between; 0: none is left. */
static size_t
next_word(const char **words)
{
	*words += strspn(*words, " ");
	return strcspn(*words, " ");
}

static enum mfa_match
match_word(const char *words, const char *wanted)
{
	size_t len;

	for (const char *p = words; (len = next_word(&p)) != 0; p += len) {
		if (strlen(wanted) == len && memcmp(p, wanted, len) == 0)
			return MFA_MATCH_YES;
	}
	return MFA_MATCH_NO;
}

static enum mfa_match
match_from(const struct mfa_config_rule *rule, const char *rhost,
    enum mfa_trouble *trouble)
{
	struct mfa_config_address address;

	if (rhost[0] == '\0')
		return MFA_MATCH_NO;
	if (mfa_config_address_parse(rhost, &address) != MFA_OK) {
		*trouble = MFA_TROUBLE_HOST;
		return MFA_MATCH_TROUBLE;
	}
	for (uint32_t i = 0; i < rule->from_count; i++) {
		if (mfa_config_network_has(&rule->from[i], &address))
			return MFA_MATCH_YES;
	}
	return MFA_MATCH_NO;
}

static enum mfa_match
match_group(const struct mfa_config_rule *rule,
    const struct mfa_subject *subject, struct mfa_groups *groups,
    enum mfa_trouble *trouble)
{
	enum mfa_match match = MFA_MATCH_NO;
	enum mfa_trouble why = *trouble;
	size_t len;

	/* Nobody the user database knows is in none of its groups. */
	if (!subject->known)
		return MFA_MATCH_NO;
	for (const char *p = rule->group; (len = next_word(&p)) != 0;
	    p += len) {
		bool has = false;
		const enum mfa_err r = mfa_groups_has(groups, subject, p, len,
		    &has);

		if (r == MFA_OK && has)
			return MFA_MATCH_YES;
		if (r == MFA_OK)
			continue;
		match = MFA_MATCH_TROUBLE;
		why = r == MFA_ERR_NOT_FOUND ? MFA_TROUBLE_GROUP :
					       MFA_TROUBLE_LOOKUP;
	}
	/* Not of a group that another one made up for. */
	*trouble = why;
	return match;
}

/* NO decides, then TROUBLE, then MAYBE. */
static enum mfa_match
both(enum mfa_match a, enum mfa_match b)
{
	if (a == MFA_MATCH_NO || b == MFA_MATCH_NO)
		return MFA_MATCH_NO;
	if (a == MFA_MATCH_TROUBLE || b == MFA_MATCH_TROUBLE)
		return MFA_MATCH_TROUBLE;
	return a == MFA_MATCH_YES ? b : a;
}

static bool
is_claimed(const struct mfa_config_rule *rule)
{
	return rule->service[0] != '\0' || rule->from_count != 0 ||
	    rule->key_used != MFA_KEY_USED_ANY;
}

static bool
lets_pass(const struct mfa_config_rule *rule)
{
	return rule->decision == MFA_DECISION_OPTIONAL ||
	    rule->decision == MFA_DECISION_EXEMPT;
}

/* What only a login has. */
static enum mfa_match
match_login(const struct mfa_config_rule *rule,
    const struct mfa_caller *caller, enum mfa_trouble *trouble)
{
	enum mfa_match match = MFA_MATCH_YES;

	if (!is_claimed(rule))
		return MFA_MATCH_YES;
	if (caller == NULL)
		return MFA_MATCH_MAYBE;
	if (caller->path != MFA_PATH_ROOT && lets_pass(rule))
		return MFA_MATCH_NO;
	if (rule->service[0] != '\0')
		match = match_word(rule->service, caller->service);
	if (rule->key_used != MFA_KEY_USED_ANY && caller->key_unknown) {
		*trouble = MFA_TROUBLE_KEY;
		match = both(match, lets_pass(rule) ? MFA_MATCH_NO :
						      MFA_MATCH_TROUBLE);
	} else if (rule->key_used != MFA_KEY_USED_ANY &&
	    caller->key_used != (rule->key_used == MFA_KEY_USED_YES))
		match = MFA_MATCH_NO;
	if (match != MFA_MATCH_NO && rule->from_count != 0)
		match = both(match, match_from(rule, caller->rhost, trouble));
	return match;
}

enum mfa_match
mfa_rules_match(const struct mfa_config_rule *rule,
    const struct mfa_subject *subject, const struct mfa_caller *caller,
    struct mfa_groups *groups, enum mfa_trouble *trouble)
{
	enum mfa_match match = match_login(rule, caller, trouble);

	if (match != MFA_MATCH_NO && rule->user[0] != '\0')
		match = both(match, match_word(rule->user, subject->name));
	/* Last: the only one that asks somebody. */
	if (match != MFA_MATCH_NO && rule->group[0] != '\0')
		match = both(match, match_group(rule, subject, groups,
		    trouble));
	return match;
}
