/* SPDX-License-Identifier: MIT */
/* R27, B10: the table of options and its defaults. */
#include "tests/unit/unit.h"

#include "lib/base/text.h"
#include "verifier/config/config.h"
#include "verifier/config/options.h"
#include "verifier/crypt/crypt.h"

static const struct mfa_config_option *
row(const char *section, const char *name)
{
	size_t i = mfa_config_option_find(section, name);

	if (i == mfa_config_option_count)
		fail_msg("no option %s.%s", section, name);
	return &mfa_config_options[i];
}

/* Parses into an otherwise default configuration. */
static enum mfa_err
parse(const struct mfa_config_option *option, const char *value,
    struct mfa_config *config)
{
	mfa_config_init(config);
	return option->parse(option, value, config);
}

static void
refused(const struct mfa_config_option *option, const char *value)
{
	struct mfa_config config, before;

	mfa_config_init(&before);
	if (parse(option, value, &config) == MFA_OK)
		fail_msg("%s.%s takes '%s'", option->section, option->name,
		    value);
	assert_memory_equal(&config, &before, sizeof(config));
}

static uint32_t
number(const struct mfa_config_option *option, const struct mfa_config *config)
{
	uint32_t value;

	memcpy(&value, (const char *)config + option->offset, sizeof(value));
	return value;
}

static void
test_B10_medusas_names_and_defaults(void **state)
{
	(void)state;
	assert_string_equal(row("mfa", "encryption_key")->fallback,
	    MFA_SYSCONFDIR "/keys");
	assert_string_equal(row("mfa", "challenge_ttl_seconds")->fallback,
	    "300");
	assert_string_equal(row("mfa", "max_attempts")->fallback, "5");
	assert_string_equal(row("mfa", "recovery_code_count")->fallback, "10");
	assert_string_equal(row("mfa", "providers")->fallback,
	    "totp recovery_code");
	assert_string_equal(row("mfa", "issuer")->fallback, "");
	assert_string_equal(row("totp", "digits")->fallback, "6");
	assert_string_equal(row("totp", "period")->fallback, "30");
}

static void
test_R9_R16_defaults(void **state)
{
	struct mfa_config c;

	(void)state;
	memset(&c, 0xa5, sizeof(c));
	mfa_config_init(&c);
	assert_int_equal(c.burst, 5);
	assert_int_equal(c.lock_seconds, 15 * 60);
	assert_int_equal(c.lock_max_seconds, 24 * 60 * 60);
	assert_int_equal(c.hard_stop, 70);
	assert_int_equal(c.hard_stop_unprivileged, 30);
	assert_int_equal(c.wrong_per_day, 20);
	assert_int_equal(c.wrong_per_month, 200);
	assert_int_equal(c.wrong_per_day_unprivileged, 10);
	assert_int_equal(c.algorithm, MFA_CRYPT_SHA1);
	assert_int_equal(c.digits, 6);
	assert_int_equal(c.period, 30);
	assert_int_equal(c.window, 1);
	assert_int_equal(c.require, MFA_REQUIRE_ENROLLED);
	assert_true(c.provider_totp);
	assert_true(c.provider_recovery_code);
	assert_int_equal(c.exempt_count, 0);
	assert_string_equal(c.issuer, "");
	assert_string_equal(c.store, "file:" MFA_STATEDIR);
	assert_string_equal(c.encryption_key, MFA_SYSCONFDIR "/keys");
	assert_int_equal(c.challenge_ttl_seconds, 300);
	assert_int_equal(c.max_attempts, 5);
	assert_int_equal(c.recovery_code_count, 10);
	assert_int_equal(c.pending_ttl_seconds, 900);
}

static void
test_R27_rows_are_unique_and_their_defaults_parse(void **state)
{
	struct mfa_config config, defaults;

	(void)state;
	mfa_config_init(&defaults);
	assert_true(mfa_config_option_count <= MFA_CONFIG_OPTION_MAX);
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		const struct mfa_config_option *o = &mfa_config_options[i];

		assert_ptr_equal(row(o->section, o->name), o);
		assert_true(mfa_config_option_section(o->section));
		assert_int_equal(parse(o, o->fallback, &config), MFA_OK);
		assert_memory_equal(&config, &defaults, sizeof(config));
		assert_int_equal(mfa_config_option_may_be_empty(o),
		    o->fallback[0] == '\0');
	}
	for (size_t i = 0; i < mfa_config_pair_count; i++) {
		const struct mfa_config_pair *p = &mfa_config_pairs[i];

		assert_non_null(row(p->section, p->first));
		assert_non_null(row(p->section, p->second));
		assert_true(p->fits(&defaults));
	}
}

static void
test_R27_unknown_names_are_not_found(void **state)
{
	(void)state;
	assert_int_equal(mfa_config_option_find("mfa", "digits"),
	    mfa_config_option_count);
	assert_int_equal(mfa_config_option_find("totp", "Digits"),
	    mfa_config_option_count);
	assert_int_equal(mfa_config_option_find("totp", "digit"),
	    mfa_config_option_count);
	assert_int_equal(mfa_config_option_find("totp", ""),
	    mfa_config_option_count);
	assert_int_equal(mfa_config_option_find("", "digits"),
	    mfa_config_option_count);
	assert_false(mfa_config_option_section(""));
	assert_false(mfa_config_option_section("MFA"));
	assert_false(mfa_config_option_section("mfa "));
}

/* The bounds of the task and no others; min and max as in the manual. */
static void
test_R27_number_bounds(void **state)
{
	static const struct {
		const char *section, *name;
		uint32_t min, max;
	} bounds[] = {
		{ "mfa", "challenge_ttl_seconds", 30, 3600 },
		{ "mfa", "max_attempts", 1, 10 },
		{ "mfa", "recovery_code_count", 1, 16 },
		{ "mfa", "pending_ttl_seconds", 60, 86400 },
		{ "totp", "digits", 6, 8 },
		{ "totp", "period", 15, 120 },
		{ "totp", "window", 0, 10 },
		{ "throttle", "burst", 1, 20 },
		{ "throttle", "lock_seconds", 1, 86400 },
		{ "throttle", "lock_max_seconds", 1, 2592000 },
		{ "throttle", "hard_stop", 1, 100 },
		{ "throttle", "hard_stop_unprivileged", 1, 100 },
		{ "throttle", "wrong_per_day", 1, 1000 },
		{ "throttle", "wrong_per_month", 1, 10000 },
		{ "throttle", "wrong_per_day_unprivileged", 1, 1000 },
	};
	size_t numbers = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		const struct mfa_config_option *o =
		    row(bounds[i].section, bounds[i].name);
		struct mfa_config config;
		char text[32];

		(void)snprintf(text, sizeof(text), "%u", bounds[i].min);
		assert_int_equal(parse(o, text, &config), MFA_OK);
		assert_int_equal(number(o, &config), bounds[i].min);
		(void)snprintf(text, sizeof(text), "%u", bounds[i].max);
		assert_int_equal(parse(o, text, &config), MFA_OK);
		assert_int_equal(number(o, &config), bounds[i].max);
		(void)snprintf(text, sizeof(text), "%u", bounds[i].max + 1);
		refused(o, text);
		(void)snprintf(text, sizeof(text), "%d",
		    (int)bounds[i].min - 1);
		refused(o, text);
	}
	for (size_t i = 0; i < mfa_config_option_count; i++)
		numbers += mfa_config_options[i].max != 0;
	assert_int_equal(numbers, sizeof(bounds) / sizeof(bounds[0]));
}

static void
test_R27_what_is_no_number(void **state)
{
	static const char *const junk[] = { "", " ", "6 ", " 6", "+6", "-6",
		"06", "6.0", "6,0", "0x6", "6e0", "six", "12junk", "6\n",
		"4294967302", "18446744073709551622",
		"123456789012345678901234" };

	(void)state;
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		if (mfa_config_options[i].max == 0)
			continue;
		for (size_t j = 0; j < sizeof(junk) / sizeof(junk[0]); j++)
			refused(&mfa_config_options[i], junk[j]);
	}
}

static void
test_R27_words(void **state)
{
	static const struct {
		const char *section, *name, *value;
	} bad[] = {
		{ "mfa", "require", "" }, { "mfa", "require", "All" },
		{ "mfa", "require", "all " }, { "mfa", "require", "maybe" },
		{ "totp", "algorithm", "" }, { "totp", "algorithm", "sha1" },
		{ "totp", "algorithm", "SHA-1" },
		{ "totp", "algorithm", "MD5" },
		{ "mfa", "providers", "" },
		{ "mfa", "providers", "recovery_code" },
		{ "mfa", "providers", "totp totp" },
		{ "mfa", "providers", "totp,recovery_code" },
		{ "mfa", "providers", "totp sms" },
		{ "mfa", "providers", "tot" }, { "mfa", "providers", "totps" },
		{ "mfa", "store", "" }, { "mfa", "store", "file:" },
		{ "mfa", "store", "file:records" }, { "mfa", "store", "/x" },
		{ "mfa", "store", "redis://localhost" },
		{ "mfa", "store", "postgresql://x" },
		{ "mfa", "store", "FILE:/x" }, { "mfa", "store", "file:/x/.." },
		{ "mfa", "encryption_key", "" },
		{ "mfa", "encryption_key", "keys" },
		{ "mfa", "encryption_key", "/a/./b" },
		{ "mfa", "encryption_key", "/a/../b" },
		{ "mfa", "encryption_key", "/a\x1b[2J" },
		{ "mfa", "issuer", "a:b" }, { "mfa", "issuer", "caf\xc3\xa9" },
		{ "mfa", "issuer", "a\nb" },
		{ "mfa", "exempt_users", "*" },
		{ "mfa", "exempt_users", "backup root*" },
		{ "mfa", "exempt_users", "alice,bob" },
		{ "mfa", "exempt_users", "%wheel" },
		{ "mfa", "exempt_users", "@netgroup" },
		{ "mfa", "exempt_users", "alice -bob" },
		{ "mfa", "exempt_users", "ops/alice" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(row(bad[i].section, bad[i].name), bad[i].value);
}

static void
test_R27_good_words(void **state)
{
	struct mfa_config c;

	(void)state;
	assert_int_equal(parse(row("mfa", "require"), "all", &c), MFA_OK);
	assert_int_equal(c.require, MFA_REQUIRE_ALL);
	assert_int_equal(parse(row("totp", "algorithm"), "SHA256", &c), MFA_OK);
	assert_int_equal(c.algorithm, MFA_CRYPT_SHA256);
	assert_int_equal(parse(row("totp", "algorithm"), "SHA512", &c), MFA_OK);
	assert_int_equal(c.algorithm, MFA_CRYPT_SHA512);
	assert_int_equal(parse(row("mfa", "providers"), "totp", &c), MFA_OK);
	assert_true(c.provider_totp);
	assert_false(c.provider_recovery_code);
	assert_int_equal(parse(row("mfa", "providers"),
			     "recovery_code \t totp", &c), MFA_OK);
	assert_true(c.provider_recovery_code);
	assert_int_equal(parse(row("mfa", "store"), "file:/srv/..x", &c),
	    MFA_OK);
	assert_string_equal(c.store, "file:/srv/..x");
	assert_int_equal(parse(row("mfa", "issuer"), "Example Org", &c),
	    MFA_OK);
	assert_string_equal(c.issuer, "Example Org");
}

/* One byte more than fits is refused, and nothing is cut. */
static void
test_R27_longest_texts(void **state)
{
	static const struct {
		const char *section, *name, *start;
		size_t most;
	} texts[] = {
		{ "mfa", "encryption_key", "/", 255 },
		{ "mfa", "store", "file:/", 255 },
		{ "mfa", "issuer", "", 64 },
		{ "mfa", "exempt_users", "", 256 },
	};
	struct mfa_config config;
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct mfa_config_option *o =
		    row(texts[i].section, texts[i].name);

		memset(text, 'x', sizeof(text));
		memcpy(text, texts[i].start, strlen(texts[i].start));
		text[texts[i].most] = '\0';
		assert_int_equal(parse(o, text, &config), MFA_OK);
		assert_string_equal((const char *)&config + o->offset, text);
		text[texts[i].most] = 'x';
		text[texts[i].most + 1] = '\0';
		refused(o, text);
	}
}

static void
test_R27_exempt_users(void **state)
{
	const struct mfa_config_option *o = row("mfa", "exempt_users");
	struct mfa_config c;
	char text[2 * 70 + 1];

	(void)state;
	assert_int_equal(
	    parse(o, "backup  DOM\\alice\tbob@dom \xc3\xa4nne", &c), MFA_OK);
	assert_int_equal(c.exempt_count, 4);
	assert_string_equal(c.exempt_users[0], "backup");
	assert_string_equal(c.exempt_users[1], "DOM\\alice");
	assert_string_equal(c.exempt_users[2], "bob@dom");
	assert_string_equal(c.exempt_users[3], "\xc3\xa4nne");
	/* A later file replaces the list, it does not add to it. */
	assert_int_equal(o->parse(o, "carol", &c), MFA_OK);
	assert_int_equal(c.exempt_count, 1);
	assert_string_equal(c.exempt_users[0], "carol");
	assert_string_equal(c.exempt_users[1], "");
	assert_int_equal(o->parse(o, "", &c), MFA_OK);
	assert_int_equal(c.exempt_count, 0);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 == 0 ? 'u' : ' ';
	text[2 * 64 - 1] = '\0';
	assert_int_equal(parse(o, text, &c), MFA_OK);
	assert_int_equal(c.exempt_count, 64);
	text[2 * 64 - 1] = ' ';
	text[2 * 65 - 1] = '\0';
	refused(o, text);
	text[2 * 65 - 1] = ' ';
	text[2 * 70 - 1] = '\0';
	refused(o, text);
}

static void
test_R26_sentences_are_plain(void **state)
{
	char text[160];

	(void)state;
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		const struct mfa_config_option *o = &mfa_config_options[i];

		mfa_config_option_expect(o, text, sizeof(text));
		assert_true(strlen(text) < sizeof(text) - 1);
		assert_memory_equal(text, "must be ", 8);
		assert_true(mfa_text_printable(text));
		assert_null(strpbrk(text, "\"\\"));
		/* A row of a kind without a sentence would show bounds 0, 0. */
		assert_null(strstr(text, "from 0 to 0"));
	}
	mfa_config_option_expect(row("totp", "digits"), text, sizeof(text));
	assert_string_equal(text, "must be a whole number from 6 to 8");
	mfa_config_option_expect(row("mfa", "store"), text, sizeof(text));
	assert_non_null(strstr(text, "file is the only store known"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_B10_medusas_names_and_defaults),
		cmocka_unit_test(test_R9_R16_defaults),
		cmocka_unit_test(
		    test_R27_rows_are_unique_and_their_defaults_parse),
		cmocka_unit_test(test_R27_unknown_names_are_not_found),
		cmocka_unit_test(test_R27_number_bounds),
		cmocka_unit_test(test_R27_what_is_no_number),
		cmocka_unit_test(test_R27_words),
		cmocka_unit_test(test_R27_good_words),
		cmocka_unit_test(test_R27_longest_texts),
		cmocka_unit_test(test_R27_exempt_users),
		cmocka_unit_test(test_R26_sentences_are_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
