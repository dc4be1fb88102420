/* SPDX-License-Identifier: MIT */
/* R27: one file's text, line by line. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include <ini.h>

#include "lib/base/text.h"
#include "verifier/config/read.h"

/* What the library answers instead of reading, if not 0. */
static int ini_answer;
/* The buffer of a library that cannot be told another size; 0: as it is. */
static int ini_size;

int __real_ini_parse_stream(ini_reader reader, void *stream,
    ini_handler handler, void *user);
int __wrap_ini_parse_stream(ini_reader reader, void *stream,
    ini_handler handler, void *user);

int
__wrap_ini_parse_stream(ini_reader reader, void *stream, ini_handler handler,
    void *user)
{
	char line[64];

	if (ini_answer != 0)
		return ini_answer;
	if (ini_size != 0) {
		while (reader(line, ini_size, stream) != NULL)
			assert_true(strlen(line) + 1 < (size_t)ini_size);
		return 0;
	}
	return __real_ini_parse_stream(reader, stream, handler, user);
}

struct outcome {
	struct mfa_config config;
	struct mfa_config_problem problem;
	struct mfa_config_reading reading;
};

static void
begin(struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	mfa_config_init(&o->config);
	o->reading.config = &o->config;
	o->reading.problem = &o->problem;
}

/* From memory of exactly that size, so that a sanitizer sees a byte too far. */
static enum mfa_err
read_bytes(struct outcome *o, uint32_t file, const char *text, size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	enum mfa_err r;

	assert_non_null(copy);
	memcpy(copy, text, len);
	r = mfa_config_read(&o->reading, "/p/x.conf", file, copy, len);
	free(copy);
	return r;
}

static enum mfa_err
read_text(struct outcome *o, uint32_t file, const char *text)
{
	return read_bytes(o, file, text, strlen(text));
}

static void
refused(const char *text, size_t len, const char *at, const char *says)
{
	struct outcome o;

	begin(&o);
	if (read_bytes(&o, 1, text, len) != MFA_ERR_CONFIG)
		fail_msg("accepted, expected %s %s: %s", at, says, text);
	if (strncmp(o.problem.text, at, strlen(at)) != 0 ||
	    strstr(o.problem.text, says) == NULL)
		fail_msg("'%s' instead of %s %s", o.problem.text, at, says);
	/* R26 */
	assert_true(mfa_text_printable(o.problem.text));
	assert_null(strpbrk(o.problem.text, "\"\\"));
}

#define BAD(text, line, says)                                                  \
	{ text, sizeof(text) - 1, "/p/x.conf:" #line ": ", says }

static const struct {
	const char *text;
	size_t len;
	const char *at, *says;
} bad[] = {
	/* bytes */
	BAD("[totp]\ndigits = 6\0\n", 2, "NUL byte"),
	BAD("\0", 1, "NUL byte"),
	BAD("[totp]\n# a\0b\n", 2, "NUL byte"),
	BAD("[totp]\r\ndigits = 6\r\n", 1, "carriage return"),
	BAD("[totp]\ndigits = 6\r", 2, "carriage return"),
	BAD("\xef\xbb\xbf[totp]\n", 1, "byte order mark"),
	BAD("\n\n# \x1b[2J\n", 3, "control character"),
	BAD("[totp]\ndigits\x7f = 6\n", 2, "control character"),
	BAD("[totp]\n\fdigits = 6\n", 2, "control character"),
	/* sections */
	BAD("digits = 6\n", 1, "before the first"),
	BAD("\n[policy]\n", 2, "unknown section"),
	BAD("[totp ]\ndigits = 6\n", 1, "unknown section"),
	BAD("[ totp]\ndigits = 6\n", 1, "unknown section"),
	BAD("[TOTP]\n", 1, "unknown section"),
	BAD("[]\n", 1, "unknown section"),
	BAD("[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n", 1,
	    "unknown section"),
	BAD("[totp\n", 1, "a section line is"),
	BAD("[totp] digits = 8\n", 1, "a section line is"),
	BAD("[totp]]\n", 1, "a section line is"),
	BAD("[totp] ; phones\n", 1, "a section line is"),
	BAD("[[totp]\n", 1, "unknown section"),
	BAD("[totp shop]\n", 1, "unknown section"),
	BAD("[realm]\n", 1, "a realm has a name"),
	BAD("[realm ]\n", 1, "a realm is named by"),
	BAD("[realm  shop]\n", 1, "a realm is named by"),
	BAD("[realm shop ]\n", 1, "a realm is named by"),
	BAD("[realm shop] # ours\n", 1, "a section line is"),
	BAD("[realm\tshop]\n", 1, "unknown section"),
	BAD("[realm Shop]\n", 1, "a realm is named by"),
	BAD("[realm unix]\naccount = shop\n", 1, "unix has its options in"),
	BAD("[realm a;b]\n", 1, "a realm is named by"),
	BAD("[realm abcdefghijklmnopqrstuvwxyz1234567]\n", 1,
	    "unknown section, or a name too long"),
	BAD("[Realm shop]\n", 1, "unknown section"),
	BAD("[provider]\n", 1, "a provider has a name"),
	BAD("[provider totp]\n", 1, "a provider is named by"),
	BAD("[provider abcdefghijklmnopq]\n", 1, "a provider is named by"),
	BAD("[provider a b]\n", 1, "a provider is named by"),
	BAD("[realm a]\n[realm b]\n[realm c]\n[realm d]\n[realm e]\n"
	    "[realm f]\n[realm g]\n[realm h]\n[realm a]\n[realm i]\n", 10,
	    "more than 8 realms"),
	BAD("[provider a]\n[provider b]\n[provider c]\n[provider d]\n"
	    "[provider d]\n[provider e]\n", 6, "more than 4 providers"),
	/* lines */
	BAD("[totp]\ndigits\n", 2, "neither"),
	BAD("[totp]\njunk line\n", 2, "neither"),
	BAD("[totp]\n=6\n", 2, "neither"),
	BAD("[totp]\ndigits: 6\n", 2, "neither"),
	BAD("[totp]\ndigits : = 6\n", 2, "neither"),
	BAD("[totp]\n\xc3\xa9\n", 2, "neither"),
	BAD("[totp]\n digits = 6\n", 2, "not continued"),
	BAD("[totp]\ndigits = 6\n\t7\n", 3, "not continued"),
	BAD("[totp]\ndigits = 6\n period = 30\n", 3, "not continued"),
	BAD(" [totp]\n", 1, "not continued"),
	BAD("[totp]\ndigits = 6 ; six\n", 2, "line of its own"),
	BAD("[mfa]\nissuer = Some\t;Org\n", 2, "line of its own"),
	BAD("[totp]\ndigits ;= 6\n", 2, "line of its own"),
	/* names */
	BAD("[totp]\ndigit = 6\n", 2,
	    "unknown option digit in section totp"),
	BAD("[mfa]\n\n\ndigits = 6\n", 4,
	    "unknown option digits in section mfa"),
	BAD("[totp]\nDigits = 6\n", 2, "unknown option Digits"),
	BAD("[totp]\ndi\"gits = 6\n", 2,
	    "unknown option (not printed) in"),
	BAD("[totp]\n\xc3\xa9 = 6\n", 2,
	    "unknown option (not printed) in"),
	BAD("[totp]\nperiod = 30\n#\ndigits = 6\ndigits = 6\n", 5,
	    "totp.digits is set twice in this file, first in line 4"),
	BAD("[totp]\ndigits = 6\n[mfa]\n[totp]\ndigits = 7\n", 5,
	    "first in line 2"),
	BAD("[mfa]\nissuer = \nissuer = x\n", 3, "set twice"),
	BAD("[realm shop]\nprogram = /x\n", 2,
	    "unknown option program in section realm shop"),
	BAD("[provider key]\nservices = a\n", 2,
	    "unknown option services in section provider key"),
	BAD("[realm shop]\nname = a\n", 2, "unknown option name in"),
	BAD("[realm shop]\naccount = a\n[realm b]\naccount = b\n"
	    "[realm shop]\naccount = a\n", 6,
	    "realm shop: account is set twice in this file, first in line 2"),
	BAD("[provider a]\nprogram = /a\nprogram = /a\n", 3,
	    "provider a: program is set twice in this file, first in line 2"),
	/* values */
	BAD("[realm shop]\naccount =\n", 2,
	    "realm shop: account has no value"),
	BAD("[realm shop]\naccount = root\n", 2, "not root"),
	BAD("[realm shop]\nmax_subjects = 10000001\n", 2,
	    "realm shop: max_subjects must be a whole number from 0 to"),
	BAD("[provider key]\nprogram = key\n", 2,
	    "provider key: program must be an absolute path"),
	BAD("[otp]\nttl = 601\n", 2,
	    "otp.ttl must be a whole number from 30 to 600"),
	BAD("[otp]\nservices = SSHD\n", 2, "lower-case letters"),
	BAD("[events]\ndirectory = x\n", 2, "must be empty or an absolute"),
	BAD("[hotp]\nlook_ahead = 51\n", 2, "from 0 to 50"),
	BAD("[totp]\ndigits =\n", 2, "totp.digits has no value"),
	BAD("[totp]\ndigits = \t\n", 2, "totp.digits has no value"),
	BAD("[mfa]\nstore =\n", 2, "mfa.store has no value"),
	BAD("[mfa]\nproviders=\n", 2, "mfa.providers has no value"),
	BAD("[totp]\ndigits = 12junk\n", 2,
	    "totp.digits must be a whole number from 6 to 8"),
	BAD("[totp]\ndigits = 6 # six\n", 2,
	    "from 6 to 8; a comment needs a line of its own"),
	BAD("[mfa]\nrequire = all\t# now\n", 2, "all; a comment needs"),
	BAD("[mfa]\nproviders = # none\n", 2, "; a comment needs a line"),
	BAD("[otp]\nprogram = /a # ours\n", 2, "; a comment needs"),
	BAD("[totp]\ndigits = = 6\n", 2, "must be a whole number"),
	BAD("[totp]\nwindow = -1\n", 2, "from 0 to 10"),
	BAD("[totp]\nperiod = 123456789012345678901234\n", 2,
	    "from 15 to 120"),
	BAD("[totp]\nperiod = 4294967326\n", 2, "from 15 to 120"),
	BAD("[totp]\ndigits = 9", 2, "from 6 to 8"),
	BAD("[mfa]\nstore = redis://h\n", 2,
	    "file is the only store known"),
	BAD("[mfa]\nexempt_users = *\n", 2, "no wildcards"),
	BAD("[mfa]\nproviders = recovery_code\n", 2, "must be totp, hotp"),
};

static void
test_R27_bad_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i].text, bad[i].len, bad[i].at, bad[i].says);
}

/* The first problem is the one that is told. */
static void
test_R27_first_problem(void **state)
{
	static const char text[] = "[totp]\ndigits = 5\n\0\njunk\n";

	(void)state;
	refused(text, sizeof(text) - 1, "/p/x.conf:2: ", "from 6 to 8");
}

/* Where none is meant, none is spoken of. */
static void
test_R27_what_is_no_comment(void **state)
{
	static const char *const lines[] = { "[totp]\ndigits = 9\n",
		"[mfa]\nrequire = all#now\n" };
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		begin(&o);
		assert_int_equal(read_text(&o, 1, lines[i]), MFA_ERR_CONFIG);
		assert_null(strstr(o.problem.text, "comment"));
	}
}

static void
test_R27_good_text(void **state)
{
	static const char text[] = "# comment \xc3\xa9\n"
	    "; another\n"
	    "\n"
	    "  # indented comment\n"
	    " \t \n"
	    "[totp]\n"
	    "digits=8\n"
	    "\t; after an option\n"
	    "period\t=\t60 \t\n"
	    "[throttle] \n"
	    "[totp]\n"
	    "window = 0\n"
	    "[mfa]\n"
	    "issuer = a=b;c # [d]\n"
	    "exempt_users =\n"
	    "store = file:/srv/mfa\n"
	    "max_attempts = 3";
	struct outcome o;

	(void)state;
	begin(&o);
	assert_int_equal(read_text(&o, 1, text), MFA_OK);
	assert_int_equal(o.config.digits, 8);
	assert_int_equal(o.config.period, 60);
	assert_int_equal(o.config.window, 0);
	assert_string_equal(o.config.realm[0].issuer, "a=b;c # [d]");
	assert_string_equal(o.config.store, "file:/srv/mfa");
	assert_int_equal(o.config.exempt_count, 0);
	assert_int_equal(o.config.max_attempts, 3);
	assert_int_equal(o.config.burst, 5);
	assert_string_equal(o.problem.text, "");
}

static void
test_R27_empty_text(void **state)
{
	struct mfa_config defaults;
	struct outcome o;

	(void)state;
	mfa_config_init(&defaults);
	begin(&o);
	assert_int_equal(read_text(&o, 1, ""), MFA_OK);
	assert_int_equal(read_text(&o, 2, "\n"), MFA_OK);
	assert_int_equal(read_text(&o, 3, "[mfa]"), MFA_OK);
	assert_memory_equal(&o.config, &defaults, sizeof(defaults));
}

/* Another file may set an option again; the later one counts. */
static void
test_R27_later_file_overrides(void **state)
{
	const size_t digits = mfa_config_option_find("totp", "digits");
	struct outcome o;

	(void)state;
	begin(&o);
	assert_int_equal(read_text(&o, 1, "[totp]\ndigits = 7\n"), MFA_OK);
	assert_int_equal(read_text(&o, 2, "[totp]\n\ndigits = 8\n"), MFA_OK);
	assert_int_equal(o.config.digits, 8);
	assert_int_equal(o.reading.origin[0][digits].file, 2);
	assert_int_equal(o.reading.origin[0][digits].line, 3);
	/* A section does not reach into the next file. */
	assert_int_equal(read_text(&o, 3, "digits = 8\n"), MFA_ERR_CONFIG);
	assert_string_equal(o.problem.text,
	    "/p/x.conf:1: an option before the first [section]");
}

/* R27: each realm and provider is set once for itself. */
static void
test_R27_named_sections(void **state)
{
	static const char first[] = "[realm shop]\n"
	    "account = shop\n"
	    "issuer = Shop\n"
	    "[provider key]\n"
	    "program = /usr/libexec/key\n"
	    "[mfa]\n"
	    "require = all\n"
	    "issuer = Host\n"
	    "[realm blog]\n"
	    "account = 1000\n"
	    "max_subjects = 7\n"
	    "[realm shop]\n"
	    "sends_per_day = 3\n";
	static const char second[] = "[realm empty]\n"
	    "[realm shop]\n"
	    "issuer = Shop 2\n";
	const size_t issuer = mfa_config_option_find("realm", "issuer");
	struct outcome o;

	(void)state;
	begin(&o);
	assert_int_equal(read_text(&o, 1, first), MFA_OK);
	assert_int_equal(read_text(&o, 2, second), MFA_OK);
	assert_int_equal(o.config.realm_count, 4);
	assert_string_equal(o.config.realm[0].issuer, "Host");
	assert_int_equal(o.config.realm[0].sends_per_day, 10);
	assert_string_equal(o.config.realm[1].name, "shop");
	assert_string_equal(o.config.realm[1].account, "shop");
	assert_string_equal(o.config.realm[1].issuer, "Shop 2");
	assert_int_equal(o.config.realm[1].sends_per_day, 3);
	/* Omitted options have the table's defaults, not those of [mfa]. */
	assert_int_equal(o.config.realm[1].require, MFA_REQUIRE_ENROLLED);
	assert_string_equal(o.config.realm[2].issuer, "");
	assert_string_equal(o.config.realm[2].account, "1000");
	assert_int_equal(o.config.realm[2].max_subjects, 7);
	assert_string_equal(o.config.realm[3].name, "empty");
	assert_string_equal(o.config.realm[3].providers, "totp recovery_code");
	assert_int_equal(o.config.outside_count, 1);
	assert_string_equal(o.config.outside[0].name, "key");
	assert_string_equal(o.config.outside[0].program, "/usr/libexec/key");
	assert_int_equal(o.reading.origin[1][issuer].file, 2);
	assert_int_equal(o.reading.origin[2][issuer].file, 0);
	assert_int_equal(o.reading.opened[1].file, 1);
	assert_int_equal(o.reading.opened[1].line, 1);
	assert_int_equal(o.reading.opened[3].file, 2);
	assert_int_equal(o.reading.opened[MFA_CONFIG_REALMS].line, 4);
}

/* A full list fits in its line; a longer line is refused, never cut. */
static void
test_R27_long_lines(void **state)
{
	char text[MFA_CONFIG_LINE + 64];
	struct outcome o;
	size_t used;

	(void)state;
	used = (size_t)snprintf(text, sizeof(text), "[mfa]\nexempt_users =");
	for (int i = 0; i < 64; i++) {
		text[used++] = ' ';
		memset(text + used, 'u', 256);
		used += 256;
	}
	begin(&o);
	assert_int_equal(read_bytes(&o, 1, text, used), MFA_OK);
	assert_int_equal(o.config.exempt_count, 64);
	assert_int_equal(strlen(o.config.exempt_users[63]), 256);
	memset(text, '#', sizeof(text));
	text[MFA_CONFIG_LINE - 1] = '\n';
	begin(&o);
	assert_int_equal(read_bytes(&o, 1, text, MFA_CONFIG_LINE), MFA_OK);
	text[MFA_CONFIG_LINE - 1] = '#';
	assert_int_equal(read_bytes(&o, 1, text, MFA_CONFIG_LINE), MFA_OK);
	refused(text, MFA_CONFIG_LINE + 1, "/p/x.conf:1: ", "line too long");
	text[MFA_CONFIG_LINE] = '\n';
	refused(text, sizeof(text), "/p/x.conf:1: ", "line too long");
	text[0] = '\n';
	text[MFA_CONFIG_LINE] = '#';
	refused(text, sizeof(text), "/p/x.conf:2: ", "line too long");
}

static void
test_R27_seventy_users(void **state)
{
	char text[512] = "[mfa]\nexempt_users =";

	(void)state;
	for (size_t i = 0, used = strlen(text); i < 70; i++, used += 2)
		memcpy(text + used, " u", 3);
	refused(text, strlen(text), "/p/x.conf:2: ", "at most 64 user names");
}

/* Names of any length are told cut or not at all, and never overrun. */
static void
test_R27_long_names(void **state)
{
	char text[4096];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "[totp]\n", 7);
	memcpy(text + sizeof(text) - 5, " = 6\n", 5);
	refused(text, sizeof(text), "/p/x.conf:2: ",
	    "unknown option (not printed)");
}

static void
test_R27_long_path_is_cut(void **state)
{
	char path[1024];
	struct outcome o;

	(void)state;
	memset(path, 'p', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	begin(&o);
	assert_int_equal(mfa_config_read(&o.reading, path, 1,
			     (const uint8_t *)"x", 1), MFA_ERR_CONFIG);
	assert_int_equal(strlen(o.problem.text), sizeof(o.problem.text) - 1);
}

static void
test_R3_R27_trouble_in_the_library(void **state)
{
	struct outcome o;

	(void)state;
	begin(&o);
	ini_answer = -2;
	assert_int_equal(read_text(&o, 1, "[totp]\n"), MFA_ERR_MEMORY);
	assert_string_equal(o.problem.text, "/p/x.conf: out of memory");
	ini_answer = 7;
	assert_int_equal(read_text(&o, 1, "[totp]\n"), MFA_ERR_CONFIG);
	assert_string_equal(o.problem.text, "/p/x.conf:7: not understood");
	ini_answer = 0;
}

/* A line that the library would cut is refused, whatever its limit is. */
static void
test_R27_small_buffer_of_the_library(void **state)
{
	struct outcome o;

	(void)state;
	begin(&o);
	ini_size = 12;
	assert_int_equal(read_text(&o, 1, "[totp]\n\n#34567890\n"), MFA_OK);
	assert_int_equal(read_text(&o, 1, "[totp]\n\n#345678901\n"),
	    MFA_ERR_CONFIG);
	assert_string_equal(o.problem.text, "/p/x.conf:3: line too long");
	ini_size = 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R27_bad_lines),
		cmocka_unit_test(test_R27_first_problem),
		cmocka_unit_test(test_R27_what_is_no_comment),
		cmocka_unit_test(test_R27_good_text),
		cmocka_unit_test(test_R27_empty_text),
		cmocka_unit_test(test_R27_later_file_overrides),
		cmocka_unit_test(test_R27_named_sections),
		cmocka_unit_test(test_R27_long_lines),
		cmocka_unit_test(test_R27_seventy_users),
		cmocka_unit_test(test_R27_long_names),
		cmocka_unit_test(test_R27_long_path_is_cut),
		cmocka_unit_test(test_R3_R27_trouble_in_the_library),
		cmocka_unit_test(test_R27_small_buffer_of_the_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
