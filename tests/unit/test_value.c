/* SPDX-License-Identifier: MIT */
/* R27: what the options take, and what not. */
#include "tests/unit/config_rows.h"

#include "lib/base/text.h"
#include "verifier/config/value.h"
#include "verifier/crypt/crypt.h"

static uint32_t
number(const struct mfa_config_option *option, struct mfa_config *config)
{
	uint32_t value;

	memcpy(&value, (const char *)base_of(option, config) + option->offset,
	    sizeof(value));
	return value;
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
		{ "mfa", "invitation_ttl_seconds", 60, 2592000 },
		{ "totp", "digits", 6, 8 },
		{ "totp", "period", 15, 120 },
		{ "totp", "window", 0, 10 },
		{ "hotp", "look_ahead", 0, 50 },
		{ "otp", "digits", 6, 8 },
		{ "otp", "ttl", 30, 600 },
		{ "otp", "resend_seconds", 30, 600 },
		{ "otp", "sends_per_day", 1, 100 },
		{ "realm", "max_subjects", 0, 10000000 },
		{ "realm", "sends_per_day", 1, 100 },
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
		{ "mfa", "providers", "totp Sms" },
		{ "mfa", "providers", "totp recovery_codes" },
		{ "mfa", "providers", "totp -sms" },
		{ "mfa", "providers", "totp s_m" },
		{ "mfa", "providers", "totp sms otp sms" },
		{ "mfa", "providers", "totp abcdefghijklmnopq" },
		{ "realm", "providers", "" },
		{ "realm", "providers", "recovery_code" },
		{ "realm", "require", "some" }, { "realm", "issuer", "a:b" },
		{ "otp", "program", "mail" }, { "otp", "program", "/" },
		{ "otp", "program", "/bin/" }, { "otp", "program", "/a/../b" },
		{ "otp", "services", "sshd,login" },
		{ "otp", "services", "*" }, { "otp", "services", "Sshd" },
		{ "otp", "services", "sshd /bin/login" },
		{ "events", "directory", "events" },
		{ "events", "directory", "/a/./b" },
		{ "provider", "program", "" }, { "provider", "program", "p" },
		{ "provider", "program", "/bin/" },
		{ "provider", "program", "/a b\x1b" },
		{ "realm", "account", "" }, { "realm", "account", "root" },
		{ "realm", "account", "0" }, { "realm", "account", "00" },
		{ "realm", "account", "07" }, { "realm", "account", "a b" },
		{ "realm", "account", "4294967295" },
		{ "realm", "account", "99999999999999999999" },
		{ "realm", "account", "@staff" }, { "realm", "account", "-1" },
		{ "realm", "account", "+1" }, { "realm", "account", "*" },
		{ "realm", "account", "sh\xc3\xb6p" },
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
	assert_int_equal(c.realm[0].require, MFA_REQUIRE_ALL);
	assert_int_equal(c.realm[1].require, MFA_REQUIRE_ENROLLED);
	assert_int_equal(parse(row("realm", "require"), "all", &c), MFA_OK);
	assert_int_equal(c.realm[0].require, MFA_REQUIRE_ENROLLED);
	assert_int_equal(c.realm[1].require, MFA_REQUIRE_ALL);
	assert_int_equal(parse(row("totp", "algorithm"), "SHA256", &c), MFA_OK);
	assert_int_equal(c.algorithm, MFA_CRYPT_SHA256);
	assert_int_equal(parse(row("totp", "algorithm"), "SHA512", &c), MFA_OK);
	assert_int_equal(c.algorithm, MFA_CRYPT_SHA512);
	assert_int_equal(parse(row("mfa", "store"), "file:/srv/..x", &c),
	    MFA_OK);
	assert_string_equal(c.store, "file:/srv/..x");
	assert_int_equal(parse(row("mfa", "issuer"), "Example Org", &c),
	    MFA_OK);
	assert_string_equal(c.realm[0].issuer, "Example Org");
	assert_int_equal(parse(row("otp", "program"), "/x/deliver", &c),
	    MFA_OK);
	assert_string_equal(c.otp_program, "/x/deliver");
	assert_int_equal(parse(row("events", "directory"), "/x/e/", &c),
	    MFA_OK);
	assert_string_equal(c.events_directory, "/x/e/");
	assert_int_equal(parse(row("provider", "program"), "/x/p", &c), MFA_OK);
	assert_string_equal(c.outside[0].program, "/x/p");
}

static void
test_R27_providers(void **state)
{
	static const char longest[] = "abcdefghijklmno1 abcdefghijklmno2 "
	    "abcdefghijklmno3 abcdefghijklmno4 totp recovery_code hotp otp";
	const struct mfa_config_option *o = row("mfa", "providers");
	char text[9 * 17 + 1];
	struct mfa_config c;

	(void)state;
	assert_int_equal(parse(o, "totp", &c), MFA_OK);
	assert_string_equal(c.realm[0].providers, "totp");
	assert_int_equal(parse(o, " recovery_code \t totp  my-key2 ", &c),
	    MFA_OK);
	assert_string_equal(c.realm[0].providers, "recovery_code totp my-key2");
	/* Any of them may be the only factor. */
	assert_int_equal(parse(o, "hotp", &c), MFA_OK);
	assert_int_equal(parse(o, "otp recovery_code", &c), MFA_OK);
	assert_int_equal(parse(o, "sms", &c), MFA_OK);
	/* One name begins with the other. */
	assert_int_equal(parse(o, "ab abc a", &c), MFA_OK);
	refused(o, "ab abc a abc");
	assert_int_equal(parse(o, longest, &c), MFA_OK);
	assert_string_equal(c.realm[0].providers, longest);
	for (size_t i = 0; i < 9; i++)
		(void)snprintf(text + 17 * i, sizeof(text) - 17 * i,
		    "abcdefghijklmno%zu ", i);
	refused(o, text);
	assert_int_equal(parse(row("realm", "providers"), "otp", &c), MFA_OK);
	assert_string_equal(c.realm[1].providers, "otp");
	assert_string_equal(c.realm[0].providers, "totp recovery_code");
}

static void
test_R27_names_of_providers(void **state)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} built_in[] = {
		{ "totp", MFA_PROVIDES_TOTP }, { "hotp", MFA_PROVIDES_HOTP },
		{ "recovery_code", MFA_PROVIDES_RECOVERY_CODE },
		{ "otp", MFA_PROVIDES_OTP },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const char *name = built_in[i].name;

		assert_int_equal(mfa_config_value_built_in(name, strlen(name)),
		    built_in[i].bit);
		assert_int_equal(mfa_config_value_built_in(name,
				     strlen(name) - 1), 0);
		assert_false(mfa_config_value_is_outside(name));
	}
	assert_int_equal(mfa_config_value_built_in("", 0), 0);
	assert_int_equal(mfa_config_value_built_in("totpx", 5), 0);
	assert_true(mfa_config_value_is_outside("yubico-otp"));
	assert_true(mfa_config_value_is_outside("abcdefghijklmnop"));
	assert_false(mfa_config_value_is_outside("abcdefghijklmnopq"));
	assert_false(mfa_config_value_is_outside(""));
	assert_false(mfa_config_value_is_outside("a_b"));
	assert_false(mfa_config_value_is_outside("2fa"));
}

static void
test_R27_accounts(void **state)
{
	const struct mfa_config_option *o = row("realm", "account");
	static const char *const good[] = { "shop", "www-data", "1", "1000",
		"4294967294", "DOM\\shop", "shop@dom", "root2", "0x0" };
	struct mfa_config c;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(parse(o, good[i], &c), MFA_OK);
		assert_string_equal(c.realm[1].account, good[i]);
	}
}

static void
test_R27_services(void **state)
{
	const struct mfa_config_option *o = row("otp", "services");
	struct mfa_config c;
	char text[2 * 33 + 1];

	(void)state;
	assert_int_equal(parse(o, " sshd\tpolkit-1 gdm-password", &c), MFA_OK);
	assert_int_equal(c.otp_service_count, 3);
	assert_string_equal(c.otp_services[0], "sshd");
	assert_string_equal(c.otp_services[2], "gdm-password");
	/* A later file replaces the list. */
	assert_int_equal(o->parse(o, "su", &c), MFA_OK);
	assert_int_equal(c.otp_service_count, 1);
	assert_string_equal(c.otp_services[0], "su");
	assert_string_equal(c.otp_services[1], "");
	assert_int_equal(o->parse(o, "", &c), MFA_OK);
	assert_int_equal(c.otp_service_count, 0);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 == 0 ? 's' : ' ';
	text[2 * 32 - 1] = '\0';
	assert_int_equal(parse(o, text, &c), MFA_OK);
	assert_int_equal(c.otp_service_count, 32);
	text[2 * 32 - 1] = ' ';
	text[2 * 33 - 1] = '\0';
	refused(o, text);
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
		{ "otp", "program", "/", 255 },
		{ "otp", "services", "", 64 },
		{ "events", "directory", "/", 255 },
		{ "provider", "program", "/", 255 },
		{ "realm", "account", "", 32 },
		{ "realm", "issuer", "", 64 },
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
		assert_string_equal(
		    (const char *)base_of(o, &config) + o->offset, text);
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
		assert_true((o->max != 0) ==
		    (mfa_config_value_sentence(o) == NULL));
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
		cmocka_unit_test(test_R27_number_bounds),
		cmocka_unit_test(test_R27_what_is_no_number),
		cmocka_unit_test(test_R27_words),
		cmocka_unit_test(test_R27_good_words),
		cmocka_unit_test(test_R27_providers),
		cmocka_unit_test(test_R27_names_of_providers),
		cmocka_unit_test(test_R27_accounts),
		cmocka_unit_test(test_R27_services),
		cmocka_unit_test(test_R27_longest_texts),
		cmocka_unit_test(test_R27_exempt_users),
		cmocka_unit_test(test_R26_sentences_are_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
