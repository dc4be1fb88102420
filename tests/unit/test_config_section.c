/* SPDX-License-Identifier: MIT */
/* R27: sections, and those that stand once for each realm and provider. */
#include "tests/unit/unit.h"

#include "lib/base/text.h"
#include "verifier/config/config.h"
#include "verifier/config/section.h"

struct outcome {
	struct mfa_config config;
	struct mfa_config_section section;
	const char *sentence;
};

static enum mfa_err
open_title(struct outcome *o, const char *title)
{
	return mfa_config_section_open(&o->config, title, strlen(title),
	    &o->section, &o->sentence);
}

static void
begin(struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	mfa_config_init(&o->config);
}

static void
opens(struct outcome *o, const char *title, size_t instance, const void *base)
{
	assert_int_equal(open_title(o, title), MFA_OK);
	assert_string_equal(o->section.title, title);
	assert_int_equal(o->section.instance, instance);
	assert_ptr_equal(o->section.base, base);
}

static void
test_R27_plain_sections(void **state)
{
	static const char *const names[] = { "mfa", "totp", "hotp", "otp",
		"events", "throttle" };
	struct mfa_config defaults;
	struct outcome o;

	(void)state;
	begin(&o);
	mfa_config_init(&defaults);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		opens(&o, names[i], 0, &o.config);
		assert_string_equal(o.section.kind, names[i]);
	}
	assert_memory_equal(&o.config, &defaults, sizeof(defaults));
}

static void
test_R27_realms_are_added_once(void **state)
{
	struct outcome o;

	(void)state;
	begin(&o);
	opens(&o, "realm shop", 1, &o.config.realm[1]);
	opens(&o, "realm abcdefghijklmnopqrstuvwxyz-12345", 2,
	    &o.config.realm[2]);
	assert_string_equal(o.section.kind, "realm");
	o.config.realm[1].max_subjects = 7;
	opens(&o, "realm shop", 1, &o.config.realm[1]);
	assert_int_equal(o.config.realm[1].max_subjects, 7);
	assert_int_equal(o.config.realm_count, 3);
	/* One name begins with the other. */
	opens(&o, "realm sho", 3, &o.config.realm[3]);
	opens(&o, "realm s", 4, &o.config.realm[4]);
	opens(&o, "realm a", 5, &o.config.realm[5]);
	opens(&o, "realm b", 6, &o.config.realm[6]);
	opens(&o, "realm c", 7, &o.config.realm[7]);
	opens(&o, "realm d", 8, &o.config.realm[8]);
	assert_int_equal(o.config.realm_count, MFA_CONFIG_REALMS);
	opens(&o, "realm sho", 3, &o.config.realm[3]);
	assert_int_equal(open_title(&o, "realm e"), MFA_ERR_CONFIG);
	assert_string_equal(o.sentence, "more than 8 realms");
	assert_int_equal(o.config.realm_count, MFA_CONFIG_REALMS);
	assert_string_equal(o.section.title, "realm sho");
}

/* R27: what a realm leaves out is not taken from [mfa]. */
static void
test_R27_new_realm_has_the_tables_defaults(void **state)
{
	struct outcome o;

	(void)state;
	begin(&o);
	memcpy(o.config.realm[0].issuer, "Host", 5);
	memcpy(o.config.realm[0].providers, "hotp", 5);
	o.config.realm[0].require = MFA_REQUIRE_ALL;
	o.config.realm[0].sends_per_day = 99;
	opens(&o, "realm shop", 1, &o.config.realm[1]);
	assert_string_equal(o.config.realm[1].name, "shop");
	assert_string_equal(o.config.realm[1].account, "");
	assert_string_equal(o.config.realm[1].issuer, "");
	assert_string_equal(o.config.realm[1].providers, "totp recovery_code");
	assert_int_equal(o.config.realm[1].require, MFA_REQUIRE_ENROLLED);
	assert_int_equal(o.config.realm[1].sends_per_day, 10);
	assert_int_equal(o.config.realm[1].max_subjects, 0);
}

static void
test_R27_providers_are_added_once(void **state)
{
	const size_t first = MFA_CONFIG_REALMS;
	struct outcome o;

	(void)state;
	begin(&o);
	opens(&o, "provider yubico", first, &o.config.outside[0]);
	opens(&o, "provider abcdefghijklmnop", first + 1, &o.config.outside[1]);
	opens(&o, "provider yubico", first, &o.config.outside[0]);
	opens(&o, "provider sms", first + 2, &o.config.outside[2]);
	opens(&o, "provider x", first + 3, &o.config.outside[3]);
	assert_int_equal(o.section.instance, MFA_CONFIG_INSTANCE_RULE - 1);
	assert_int_equal(open_title(&o, "provider y"), MFA_ERR_CONFIG);
	assert_string_equal(o.sentence, "more than 4 providers");
	assert_int_equal(o.config.outside_count, MFA_CONFIG_OUTSIDE);
	assert_string_equal(o.config.outside[1].name, "abcdefghijklmnop");
	assert_string_equal(o.config.outside[1].program, "");
}

/* Their order is that of their names' first lines. */
static void
test_R27_rules_are_added_once(void **state)
{
	const size_t first = MFA_CONFIG_INSTANCE_RULE;
	struct outcome o;
	char title[16];

	(void)state;
	begin(&o);
	opens(&o, "rule office", first, &o.config.rule[0]);
	opens(&o, "rule all", first + 1, &o.config.rule[1]);
	opens(&o, "rule office", first, &o.config.rule[0]);
	assert_int_equal(o.config.rule_count, 2);
	assert_string_equal(o.config.rule[0].name, "office");
	assert_string_equal(o.config.rule[1].name, "all");
	/* No decision yet, no condition, no leniency. */
	assert_int_equal(o.config.rule[0].decision, 0);
	assert_string_equal(o.config.rule[0].user, "");
	assert_int_equal(o.config.rule[0].key_used, MFA_KEY_USED_ANY);
	assert_int_equal(o.config.rule[0].unenrolled, MFA_UNENROLLED_REFUSE);
	assert_int_equal(o.config.rule[0].remember_seconds, 0);
	for (size_t i = 2; i < MFA_CONFIG_RULES; i++) {
		(void)snprintf(title, sizeof(title), "rule r%zu", i);
		opens(&o, title, first + i, &o.config.rule[i]);
	}
	assert_int_equal(o.section.instance, MFA_CONFIG_INSTANCES - 1);
	assert_int_equal(open_title(&o, "rule r"), MFA_ERR_CONFIG);
	assert_string_equal(o.sentence, "more than 24 rules");
	assert_int_equal(o.config.rule_count, MFA_CONFIG_RULES);
}

static void
test_R27_what_is_no_section(void **state)
{
	static const char *const bad[] = { "", " ", "x", "MFA", "mfa ", " mfa",
		"mfa unix", "realm", "realm ", "realm  a", "realm a ",
		"realm a b", "realm unix", "realm A", "realm 1a", "realm -a",
		"realm a_b", "realm a.b", "realm ../a", "realms a", "realma",
		"realm\ta", "realm \xc3\xa4", "provider", "provider ",
		"provider totp", "provider hotp", "provider otp",
		"provider recovery_code", "provider A", "provider a_b",
		"provider abcdefghijklmnopq", "providers a", "unix",
		"rule", "rule ", "rule A", "rule a b", "rule 1a", "rules a",
		"realm abcdefghijklmnopqrstuvwxyz-123456",
		"abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz a" };
	struct outcome o, before;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin(&o);
		before = o;
		if (open_title(&o, bad[i]) != MFA_ERR_CONFIG)
			fail_msg("[%s] is a section", bad[i]);
		assert_true(mfa_text_printable(o.sentence));
		assert_null(strpbrk(o.sentence, "\"\\"));
		assert_memory_equal(&o.config, &before.config,
		    sizeof(o.config));
		assert_memory_equal(&o.section, &before.section,
		    sizeof(o.section));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R27_plain_sections),
		cmocka_unit_test(test_R27_realms_are_added_once),
		cmocka_unit_test(test_R27_new_realm_has_the_tables_defaults),
		cmocka_unit_test(test_R27_providers_are_added_once),
		cmocka_unit_test(test_R27_rules_are_added_once),
		cmocka_unit_test(test_R27_what_is_no_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
