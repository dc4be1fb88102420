/* SPDX-License-Identifier: MIT */
#include "verifier/config/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "verifier/config/value.h"

static enum mfa_err say(struct mfa_config_fault *fault,
    struct mfa_config_origin at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum mfa_err
say(struct mfa_config_fault *fault, struct mfa_config_origin at,
    const char *format, ...)
{
	va_list args;

	fault->at = at;
	va_start(args, format);
	(void)vsnprintf(fault->sentence, sizeof(fault->sentence), format, args);
	va_end(args);
	return MFA_ERR_CONFIG;
}

/* Where an option of a plain section was set. */
static struct mfa_config_origin
set_at(const struct mfa_config_reading *reading, const char *section,
    const char *name)
{
	return reading->origin[0][mfa_config_option_find(section, name)];
}

static struct mfa_config_origin
later(struct mfa_config_origin a, struct mfa_config_origin b)
{
	if (a.file != b.file)
		return a.file > b.file ? a : b;
	return a.line > b.line ? a : b;
}

static enum mfa_err
check_pairs(const struct mfa_config_reading *reading,
    struct mfa_config_fault *fault)
{
	for (size_t i = 0; i < mfa_config_pair_count; i++) {
		const struct mfa_config_pair *pair = &mfa_config_pairs[i];

		if (!pair->fits(reading->config))
			return say(fault, later(
			    set_at(reading, pair->section, pair->first),
			    set_at(reading, pair->section, pair->second)),
			    "%s", pair->sentence);
	}
	return MFA_OK;
}

/* What a section with a name cannot do without. */
static enum mfa_err
check_required(const struct mfa_config_reading *reading,
    struct mfa_config_fault *fault)
{
	const struct mfa_config *config = reading->config;

	for (size_t i = 1; i < config->realm_count; i++) {
		if (config->realm[i].account[0] == '\0')
			return say(fault, reading->opened[i],
			    "realm %s: account is missing",
			    config->realm[i].name);
	}
	for (size_t i = 0; i < config->outside_count; i++) {
		if (config->outside[i].program[0] == '\0')
			return say(fault,
			    reading->opened[MFA_CONFIG_INSTANCE_OUTSIDE + i],
			    "provider %s: program is missing",
			    config->outside[i].name);
	}
	for (size_t i = 0; i < config->rule_count; i++) {
		if (config->rule[i].decision == 0)
			return say(fault,
			    reading->opened[MFA_CONFIG_INSTANCE_RULE + i],
			    "rule %s: decision is missing",
			    config->rule[i].name);
	}
	return MFA_OK;
}

/* The bit of a provider, built in or described by a section; 0 if unknown. */
static uint32_t
bit_of(const struct mfa_config *config, const char *name, size_t len)
{
	const uint32_t bit = mfa_config_value_built_in(name, len);

	for (uint32_t i = 0; bit == 0 && i < config->outside_count; i++) {
		const char *outside = config->outside[i].name;

		if (strlen(outside) == len && memcmp(outside, name, len) == 0)
			return (uint32_t)MFA_PROVIDES_OUTSIDE << i;
	}
	return bit;
}

/* Returns: NULL, or where in the names the first one without a bit is. */
static const char *
bits_of(const struct mfa_config *config, const char *names, uint32_t *out)
{
	const char *p = names, *unknown = NULL;
	uint32_t bits = 0;
	size_t len;

	for (; (len = mfa_config_value_word(&p)) != 0; p += len) {
		const uint32_t bit = bit_of(config, p, len);

		if (bit == 0 && unknown == NULL)
			unknown = p;
		bits |= bit;
	}
	*out = bits;
	return unknown;
}

const char *
mfa_config_provides(struct mfa_config *config, size_t realm)
{
	return bits_of(config, config->realm[realm].providers,
	    &config->realm[realm].provides);
}

static enum mfa_err
check_providers(const struct mfa_config_reading *reading, size_t realm,
    struct mfa_config_fault *fault)
{
	struct mfa_config *config = reading->config;
	const struct mfa_config_origin at = realm == 0 ?
	    set_at(reading, "mfa", "providers") :
	    reading->origin[realm][mfa_config_option_find("realm",
		"providers")];
	const char *unknown = mfa_config_provides(config, realm);

	if (unknown != NULL)
		return say(fault, at,
		    "providers has %.*s, which is neither built in nor a "
		    "section [provider NAME]", (int)strcspn(unknown, " "),
		    unknown);
	if ((config->realm[realm].provides & MFA_PROVIDES_OTP) != 0 &&
	    config->otp_program[0] == '\0')
		return say(fault, later(at, set_at(reading, "otp", "program")),
		    "providers has otp, but otp.program is not set");
	return MFA_OK;
}

/* Where an option of a rule was set, or the rule's first line. */
static struct mfa_config_origin
rule_at(const struct mfa_config_reading *reading, size_t rule,
    const char *name)
{
	const size_t i = MFA_CONFIG_INSTANCE_RULE + rule;
	const struct mfa_config_origin at =
	    reading->origin[i][mfa_config_option_find("rule", name)];

	return at.file != 0 ? at : reading->opened[i];
}

/* What would count in no realm could not be answered with. */
static enum mfa_err
check_methods(const struct mfa_config_reading *reading, size_t i,
    struct mfa_config_fault *fault)
{
	struct mfa_config *config = reading->config;
	struct mfa_config_rule *rule = &config->rule[i];
	const char *unknown = bits_of(config, rule->methods, &rule->provides);

	if (rule->methods[0] == '\0')
		rule->provides = config->realm[0].provides;
	if (unknown != NULL)
		return say(fault, rule_at(reading, i, "methods"),
		    "rule %s: methods has %.*s, which is no provider",
		    rule->name, (int)strcspn(unknown, " "), unknown);
	if ((rule->provides & ~config->realm[0].provides) != 0)
		return say(fault, rule_at(reading, i, "methods"),
		    "rule %s: methods has a provider that mfa.providers does "
		    "not have", rule->name);
	return MFA_OK;
}

/* An option that its decision never looks at is a misunderstanding. */
static enum mfa_err
check_rule(const struct mfa_config_reading *reading, size_t i,
    struct mfa_config_fault *fault)
{
	const struct mfa_config_rule *rule = &reading->config->rule[i];
	const bool require = rule->decision == MFA_DECISION_REQUIRE;
	const bool asks = require || rule->decision == MFA_DECISION_OPTIONAL;
	const struct {
		const char *name;
		bool set, fits;
	} options[] = {
		{ "enroll_by", rule->enroll_end != 0 ||
		    rule->enroll_logins != 0, require },
		{ "unenrolled", rule->unenrolled == MFA_UNENROLLED_ENROLL,
		    require },
		{ "methods", rule->methods[0] != '\0', asks },
		{ "remember", rule->remember_seconds != 0, asks },
	};

	for (size_t n = 0; n < sizeof(options) / sizeof(options[0]); n++) {
		if (options[n].set && !options[n].fits)
			return say(fault, rule_at(reading, i, options[n].name),
			    "rule %s: %s means nothing with this decision",
			    rule->name, options[n].name);
	}
	if (rule->unenrolled == MFA_UNENROLLED_ENROLL &&
	    reading->config->self_enroll == MFA_SELF_ENROLL_NO)
		return say(fault, rule_at(reading, i, "unenrolled"),
		    "rule %s: unenrolled = enroll, but mfa.self_enroll is no",
		    rule->name);
	if (rule->unenrolled == MFA_UNENROLLED_ENROLL &&
	    (rule->provides & MFA_PROVIDES_TOTP) == 0)
		return say(fault, rule_at(reading, i, "unenrolled"),
		    "rule %s: unenrolled = enroll adds a totp factor, which "
		    "its methods do not have", rule->name);
	return MFA_OK;
}

enum mfa_err
mfa_config_check(struct mfa_config_reading *reading,
    struct mfa_config_fault *fault)
{
	enum mfa_err r;

	if ((r = check_pairs(reading, fault)) != MFA_OK)
		return r;
	if ((r = check_required(reading, fault)) != MFA_OK)
		return r;
	for (size_t i = 0; i < reading->config->realm_count; i++) {
		if ((r = check_providers(reading, i, fault)) != MFA_OK)
			return r;
	}
	for (size_t i = 0; i < reading->config->rule_count; i++) {
		if ((r = check_methods(reading, i, fault)) != MFA_OK ||
		    (r = check_rule(reading, i, fault)) != MFA_OK)
			return r;
	}
	return MFA_OK;
}
