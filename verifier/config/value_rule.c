/* SPDX-License-Identifier: MIT */
/* The options of [rule NAME]. */
#include <string.h>

#include "lib/base/num.h"
#include "verifier/config/value.h"

#define LOGINS_MOST   1000
#define REMEMBER_MOST (30 * 86400)

enum mfa_err
mfa_config_value_rule_user(const struct mfa_config_option *option,
    const char *value, void *base)
{
	struct mfa_config_rule *rule = base;

	(void)option;
	return mfa_config_value_join(value, mfa_config_value_is_user,
	    rule->user, sizeof(rule->user));
}

enum mfa_err
mfa_config_value_rule_group(const struct mfa_config_option *option,
    const char *value, void *base)
{
	struct mfa_config_rule *rule = base;

	(void)option;
	return mfa_config_value_join(value, mfa_config_value_is_user,
	    rule->group, sizeof(rule->group));
}

enum mfa_err
mfa_config_value_rule_service(const struct mfa_config_option *option,
    const char *value, void *base)
{
	struct mfa_config_rule *rule = base;

	(void)option;
	return mfa_config_value_join(value, mfa_config_value_is_service,
	    rule->service, sizeof(rule->service));
}

enum mfa_err
mfa_config_value_networks(const struct mfa_config_option *option,
    const char *value, void *base)
{
	struct mfa_config_network got[MFA_CONFIG_NETWORKS];
	struct mfa_config_rule *rule = base;
	uint32_t count = 0;
	size_t len;
	enum mfa_err r;

	(void)option;
	for (const char *p = value; (len = mfa_config_value_word(&p)) != 0;
	    p += len) {
		if (count == MFA_CONFIG_NETWORKS)
			return MFA_ERR_INVALID;
		r = mfa_config_network_parse(p, len, &got[count]);
		if (r != MFA_OK)
			return r;
		count++;
	}
	memcpy(rule->from, got, count * sizeof(got[0]));
	rule->from_count = count;
	return MFA_OK;
}

/* One of a few words, the first of number 1. */
static enum mfa_err
choose(const char *value, const char *const words[], int *out)
{
	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(value, words[i]) == 0) {
			*out = i + 1;
			return MFA_OK;
		}
	}
	return MFA_ERR_SYNTAX;
}

enum mfa_err
mfa_config_value_key_used(const struct mfa_config_option *option,
    const char *value, void *base)
{
	static const char *const words[] = { "yes", "no", NULL };
	struct mfa_config_rule *rule = base;
	int chosen = MFA_KEY_USED_ANY;
	enum mfa_err r = MFA_OK;

	(void)option;
	if (value[0] != '\0')
		r = choose(value, words, &chosen);
	if (r == MFA_OK)
		rule->key_used = (enum mfa_key_used)chosen;
	return r;
}

enum mfa_err
mfa_config_value_decision(const struct mfa_config_option *option,
    const char *value, void *base)
{
	static const char *const words[] = { "require", "optional", "exempt",
		"deny", NULL };
	struct mfa_config_rule *rule = base;
	int chosen;
	enum mfa_err r = choose(value, words, &chosen);

	(void)option;
	if (r == MFA_OK)
		rule->decision = (enum mfa_decision)chosen;
	return r;
}

enum mfa_err
mfa_config_value_methods(const struct mfa_config_option *option,
    const char *value, void *base)
{
	struct mfa_config_rule *rule = base;

	(void)option;
	return mfa_config_value_join(value, mfa_config_value_is_provider,
	    rule->methods, sizeof(rule->methods));
}

/* "5 logins", "1 login" */
static enum mfa_err
parse_logins(const char *value, uint32_t *out)
{
	const size_t digits = strspn(value, "0123456789");
	char number[8];
	uint64_t n;

	if (digits == 0 || digits >= sizeof(number) ||
	    (strcmp(value + digits, " logins") != 0 &&
		strcmp(value + digits, " login") != 0))
		return MFA_ERR_SYNTAX;
	memcpy(number, value, digits);
	number[digits] = '\0';
	if (mfa_num_parse(number, 1, LOGINS_MOST, &n) != MFA_OK)
		return MFA_ERR_SYNTAX;
	*out = (uint32_t)n;
	return MFA_OK;
}

enum mfa_err
mfa_config_value_enroll_by(const struct mfa_config_option *option,
    const char *value, void *base)
{
	struct mfa_config_rule *rule = base;
	uint64_t end = 0;
	uint32_t logins = 0;

	(void)option;
	if (value[0] != '\0' && mfa_config_value_day(value, &end) != MFA_OK &&
	    parse_logins(value, &logins) != MFA_OK)
		return MFA_ERR_SYNTAX;
	rule->enroll_end = end;
	rule->enroll_logins = logins;
	return MFA_OK;
}

enum mfa_err
mfa_config_value_unenrolled(const struct mfa_config_option *option,
    const char *value, void *base)
{
	static const char *const words[] = { "refuse", "enroll", NULL };
	struct mfa_config_rule *rule = base;
	int chosen;
	enum mfa_err r = choose(value, words, &chosen);

	(void)option;
	if (r == MFA_OK)
		rule->unenrolled = (enum mfa_unenrolled)chosen;
	return r;
}

enum mfa_err
mfa_config_value_remember(const struct mfa_config_option *option,
    const char *value, void *base)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	struct mfa_config_rule *rule = base;
	const size_t digits = strspn(value, "0123456789");
	char number[8];
	uint64_t n = 0;

	(void)option;
	if (value[0] == '\0') {
		rule->remember_seconds = 0;
		return MFA_OK;
	}
	if (digits == 0 || digits >= sizeof(number) ||
	    strlen(value) != digits + 1)
		return MFA_ERR_SYNTAX;
	memcpy(number, value, digits);
	number[digits] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].unit == value[digits] &&
		    mfa_num_parse(number, 1, REMEMBER_MOST / units[i].seconds,
			&n) == MFA_OK)
			n *= units[i].seconds;
		else if (units[i].unit == value[digits])
			return MFA_ERR_SYNTAX;
	}
	if (n == 0)
		return MFA_ERR_SYNTAX;
	rule->remember_seconds = (uint32_t)n;
	return MFA_OK;
}
