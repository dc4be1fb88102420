/* SPDX-License-Identifier: MIT */
#include "verifier/config/section.h"

#include <string.h>

#include "lib/base/text.h"
#include "verifier/config/check.h"
#include "verifier/config/options.h"
#include "verifier/config/value.h"

#define UNIX	 "unix"
#define REALM	 "realm"
#define PROVIDER "provider"
#define RULE	 "rule"

static enum mfa_err
say(const char **out, const char *sentence)
{
	*out = sentence;
	return MFA_ERR_CONFIG;
}

static enum mfa_err
open_plain(struct mfa_config *config, struct mfa_config_section *section,
    const char **sentence)
{
	if (strcmp(section->kind, REALM) == 0)
		return say(sentence, "a realm has a name: [realm NAME]");
	if (strcmp(section->kind, PROVIDER) == 0)
		return say(sentence, "a provider has a name: [provider NAME]");
	if (strcmp(section->kind, RULE) == 0)
		return say(sentence, "a rule has a name: [rule NAME]");
	if (!mfa_config_option_section(section->kind))
		return say(sentence, "unknown section");
	section->instance = 0;
	section->base = config;
	return MFA_OK;
}

static enum mfa_err
open_realm(struct mfa_config *config, const char *name,
    struct mfa_config_section *section, const char **sentence)
{
	struct mfa_config_realm *realm;
	size_t i = 1;

	if (!mfa_text_is_label(name) || strcmp(name, UNIX) == 0)
		return say(sentence, "a realm is named by at most 32 "
		    "lower-case letters, digits and hyphens, the first a "
		    "letter; unix has its options in [mfa]");
	while (i < config->realm_count &&
	    strcmp(config->realm[i].name, name) != 0)
		i++;
	if (i == MFA_CONFIG_REALMS)
		return say(sentence, "more than 8 realms");
	realm = &config->realm[i];
	if (i == config->realm_count) {
		config->realm_count++;
		memcpy(realm->name, name, strlen(name) + 1);
		mfa_config_option_defaults(REALM, realm);
	}
	section->instance = i;
	section->base = realm;
	return MFA_OK;
}

static enum mfa_err
open_provider(struct mfa_config *config, const char *name,
    struct mfa_config_section *section, const char **sentence)
{
	struct mfa_config_outside *outside;
	size_t i = 0;

	if (!mfa_config_value_is_outside(name))
		return say(sentence, "a provider is named by at most 16 "
		    "lower-case letters, digits and hyphens, the first a "
		    "letter; a built-in one has no such section");
	while (i < config->outside_count &&
	    strcmp(config->outside[i].name, name) != 0)
		i++;
	if (i == MFA_CONFIG_OUTSIDE)
		return say(sentence, "more than 4 providers");
	outside = &config->outside[i];
	if (i == config->outside_count) {
		config->outside_count++;
		memcpy(outside->name, name, strlen(name) + 1);
		mfa_config_option_defaults(PROVIDER, outside);
	}
	section->instance = MFA_CONFIG_INSTANCE_OUTSIDE + i;
	section->base = outside;
	return MFA_OK;
}

static enum mfa_err
open_rule(struct mfa_config *config, const char *name,
    struct mfa_config_section *section, const char **sentence)
{
	struct mfa_config_rule *rule;
	size_t i = 0;

	if (!mfa_text_is_label(name))
		return say(sentence, "a rule is named by at most 32 lower-case "
		    "letters, digits and hyphens, the first a letter");
	while (i < config->rule_count &&
	    strcmp(config->rule[i].name, name) != 0)
		i++;
	if (i == MFA_CONFIG_RULES)
		return say(sentence, "more than 24 rules");
	rule = &config->rule[i];
	if (i == config->rule_count) {
		config->rule_count++;
		memcpy(rule->name, name, strlen(name) + 1);
		mfa_config_option_defaults(RULE, rule);
	}
	section->instance = MFA_CONFIG_INSTANCE_RULE + i;
	section->base = rule;
	return MFA_OK;
}

enum mfa_err
mfa_config_section_open(struct mfa_config *config, const char *title,
    size_t len, struct mfa_config_section *section, const char **sentence)
{
	struct mfa_config_section opened = { .title = "" };
	const char *name;
	size_t word;
	enum mfa_err r;

	if (len >= sizeof(opened.title))
		return say(sentence, "unknown section, or a name too long");
	memcpy(opened.title, title, len);
	word = strcspn(opened.title, " ");
	if (word >= sizeof(opened.kind))
		return say(sentence, "unknown section");
	memcpy(opened.kind, title, word);
	name = opened.title + word + 1;
	if (opened.title[word] == '\0')
		r = open_plain(config, &opened, sentence);
	else if (strcmp(opened.kind, REALM) == 0)
		r = open_realm(config, name, &opened, sentence);
	else if (strcmp(opened.kind, PROVIDER) == 0)
		r = open_provider(config, name, &opened, sentence);
	else if (strcmp(opened.kind, RULE) == 0)
		r = open_rule(config, name, &opened, sentence);
	else
		return say(sentence, "unknown section");
	if (r == MFA_OK)
		*section = opened;
	return r;
}

void
mfa_config_init(struct mfa_config *config)
{
	memset(config, 0, sizeof(*config));
	memcpy(config->realm[0].name, UNIX, sizeof(UNIX));
	config->realm_count = 1;
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		const char *section = mfa_config_options[i].section;

		if (strcmp(section, REALM) != 0 &&
		    strcmp(section, PROVIDER) != 0 &&
		    strcmp(section, RULE) != 0)
			(void)mfa_config_options[i].parse(
			    &mfa_config_options[i],
			    mfa_config_options[i].fallback, config);
	}
	(void)mfa_config_provides(config, 0);
}
