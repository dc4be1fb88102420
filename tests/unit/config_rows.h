/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the table of options share: rows by name, and a default
 * configuration with one realm, one provider and one rule to parse into.
 */
#ifndef MFA_TESTS_CONFIG_ROWS_H
#define MFA_TESTS_CONFIG_ROWS_H

#include "tests/unit/unit.h"

#include "verifier/config/config.h"
#include "verifier/config/options.h"
#include "verifier/config/section.h"

static inline const struct mfa_config_option *
row(const char *section, const char *name)
{
	size_t i = mfa_config_option_find(section, name);

	if (i == mfa_config_option_count)
		fail_msg("no option %s.%s", section, name);
	return &mfa_config_options[i];
}

/* What the row's offset counts from. */
static inline void *
base_of(const struct mfa_config_option *option, struct mfa_config *config)
{
	if (strcmp(option->section, "realm") == 0)
		return &config->realm[1];
	if (strcmp(option->section, "provider") == 0)
		return &config->outside[0];
	if (strcmp(option->section, "rule") == 0)
		return &config->rule[0];
	return config;
}

static inline void
prepare(struct mfa_config *config)
{
	struct mfa_config_section section;
	const char *sentence;

	mfa_config_init(config);
	assert_int_equal(mfa_config_section_open(config, "realm shop", 10,
			     &section, &sentence), MFA_OK);
	assert_int_equal(mfa_config_section_open(config, "provider key", 12,
			     &section, &sentence), MFA_OK);
	assert_int_equal(mfa_config_section_open(config, "rule office", 11,
			     &section, &sentence), MFA_OK);
}

/* Parses into an otherwise default configuration. */
static inline enum mfa_err
parse(const struct mfa_config_option *option, const char *value,
    struct mfa_config *config)
{
	prepare(config);
	return option->parse(option, value, base_of(option, config));
}

static inline void
refused(const struct mfa_config_option *option, const char *value)
{
	struct mfa_config config, before;

	prepare(&before);
	if (parse(option, value, &config) == MFA_OK)
		fail_msg("%s.%s takes '%s'", option->section, option->name,
		    value);
	assert_memory_equal(&config, &before, sizeof(config));
}

#endif
