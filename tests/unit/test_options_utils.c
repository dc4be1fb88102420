/* SPDX-License-Identifier: MIT */
#include "tests/unit/capture.h"

#include "utils/command.h"
#include "utils/options.h"
#include "utils/qr.h"

#define WORDS 32

/* Parses the words of a line, split at single spaces; "_" is an empty one. */
static enum mfa_err
parse(const char *line, struct mfa_args *args, struct capture *said)
{
	static char copy[512];
	static char *argv[WORDS];
	const struct mfa_command *command;
	enum mfa_err r;
	char *rest = copy, *p;
	int argc = 0;

	assert_true(strlen(line) < sizeof(copy));
	(void)memcpy(copy, line, strlen(line) + 1);
	while ((p = strsep(&rest, " ")) != NULL) {
		if (strcmp(p, "_") == 0)
			p[0] = '\0';
		assert_true(argc < WORDS - 1);
		argv[argc++] = p;
	}
	argv[argc] = NULL;
	command = mfa_command_find(argv[0]);
	assert_non_null(command);
	memset(args, 0x5a, sizeof(*args));
	capture_begin(said, STDERR_FILENO);
	r = mfa_options_parse(command, argc, argv, args);
	(void)capture_end(said);
	return r;
}

static void
accepted(const char *line, struct mfa_args *args)
{
	struct capture said;

	if (parse(line, args, &said) != MFA_OK)
		fail_msg("refused: %s: %s", line, said.text);
	assert_string_equal(said.text, "");
}

/* Refused in one line that begins so, and without a value left behind. */
static void
refused(const char *line, const char *expected)
{
	const struct mfa_args none = { .user = NULL };
	struct capture said;
	struct mfa_args args;

	if (parse(line, &args, &said) != MFA_ERR_SYNTAX)
		fail_msg("accepted: %s", line);
	if (strncmp(said.text, expected, strlen(expected)) != 0)
		fail_msg("%s: said: %s", line, said.text);
	assert_ptr_equal(
	    strchr(said.text, '\n'), said.text + strlen(said.text) - 1);
	assert_memory_equal(&args, &none, sizeof(args));
}

static void
test_every_option_reaches_its_field(void **state)
{
	struct mfa_args a;

	(void)state;
	accepted("enroll --user bob --label phone --qr ascii --show-url "
		 "--algorithm SHA256 --digits 8 --period 60 --import-secret "
		 "--json --realm shop --provider otp --address bob@example.org "
		 "--counter 9007199254740992",
	    &a);
	assert_string_equal(a.realm, "shop");
	assert_string_equal(a.provider, "otp");
	assert_string_equal(a.address, "bob@example.org");
	assert_true(a.counter == UINT64_C(9007199254740992));
	assert_string_equal(a.user, "bob");
	assert_string_equal(a.label, "phone");
	assert_int_equal(a.qr, MFA_QR_ASCII);
	assert_true(a.show_url);
	assert_string_equal(a.algorithm, "SHA256");
	assert_int_equal(a.digits, 8);
	assert_int_equal(a.period, 60);
	assert_true(a.import_secret);
	assert_true(a.json);
	assert_null(a.output);
	assert_false(a.yes || a.clock || a.help || a.all_details);
	assert_int_equal(a.count, 0);
	accepted("list --long", &a);
	assert_true(a.all_details);
	accepted("enroll --import", &a);
	assert_true(a.import_secret);
	accepted("explain bob sshd 10.1.2.3 --key-used --tty pts/3", &a);
	assert_true(a.key_used);
	assert_string_equal(a.tty, "pts/3");
	assert_int_equal(a.count, 3);
}

static void
test_nothing_given_is_nothing_set(void **state)
{
	struct mfa_args a;

	(void)state;
	accepted("enroll", &a);
	assert_null(a.user);
	assert_null(a.label);
	assert_null(a.algorithm);
	assert_null(a.output);
	assert_int_equal(a.digits, 0);
	assert_int_equal(a.period, 0);
	assert_int_equal(a.qr, MFA_QR_AUTO);
	assert_false(a.json || a.show_url || a.import_secret);
	assert_null(a.realm);
	assert_null(a.provider);
	assert_null(a.address);
	assert_true(a.counter == 0);
}

static void
test_operands_may_stand_anywhere(void **state)
{
	static const char *const lines[] = { "disable phone --yes --user bob",
		"disable --yes phone --user bob",
		"disable --user=bob --yes phone",
		"disable --yes --user bob -- phone" };
	struct mfa_args a;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		accepted(lines[i], &a);
		assert_int_equal(a.count, 1);
		assert_string_equal(a.operand[0], "phone");
		assert_string_equal(a.user, "bob");
		assert_true(a.yes);
	}
	accepted("disable -- --yes", &a);
	assert_string_equal(a.operand[0], "--yes");
	assert_false(a.yes);
}

static void
test_choices_have_the_numbers_of_their_enum(void **state)
{
	struct mfa_args a;

	(void)state;
	accepted("enroll --qr utf8", &a);
	assert_int_equal(a.qr, MFA_QR_UTF8);
	accepted("enroll --qr none", &a);
	assert_int_equal(a.qr, MFA_QR_NONE);
	refused("enroll --qr UTF8", "medusa-mfa: enroll: value not allowed");
	refused("enroll --qr png", "medusa-mfa: enroll: value not allowed");
}

static void
test_option_that_a_command_does_not_know_is_an_error(void **state)
{
	(void)state;
	refused(
	    "enroll --nonsense", "medusa-mfa: enroll: unknown option --non");
	refused("enroll -x", "medusa-mfa: enroll: unknown option -x");
	refused("list --yes", "medusa-mfa: list: unknown option --yes");
	refused("verify --json", "medusa-mfa: verify: unknown option --json");
	refused(
	    "setup --user root", "medusa-mfa: setup: unknown option --user");
	refused("reset bob --user bob", "medusa-mfa: reset: unknown option");
	refused("unlock bob --yes", "medusa-mfa: unlock: unknown option --yes");
	/* What is shown of it cannot steer a terminal. */
	refused(
	    "list --\033[31m", "medusa-mfa: list: unknown option --\\x1b[31m");
}

static void
test_values_have_bounds(void **state)
{
	static const char *const lines[] = { "enroll --digits 5",
		"enroll --digits 9", "enroll --digits 08", "enroll --digits +6",
		"enroll --digits six", "enroll --digits -6",
		"enroll --digits=", "enroll --period 14", "enroll --period 121",
		"enroll --period 99999999999999999999",
		"enroll --algorithm MD5", "enroll --algorithm sha1",
		"enroll --label _",
		"enroll --label a23456789012345678901234567890123",
		"enroll --label ../x", "enroll --label Phone",
		"enroll --label 2nd", "enroll --provider _",
		"enroll --address _", "enroll --counter -1",
		"enroll --counter +1", "enroll --counter 0x10",
		"enroll --counter 01", "enroll --counter 1e3",
		"enroll --counter _", "enroll --counter 9007199254740993",
		"enroll --counter 18446744073709551616",
		"users --realm _", "users --realm Shop", "users --realm ../x",
		"users --realm shop.x",
		"users --realm a23456789012345678901234567890123",
		"enroll --output _", "list --user _",
		"explain bob sshd --tty _" };
	char line[400];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		refused(lines[i], "medusa-mfa: ");
	memcpy(line, "list --user ", 13);
	memset(line + 12, 'u', 257);
	line[12 + 257] = '\0';
	refused(line, "medusa-mfa: list: value not allowed for --user");
}

static void
test_longest_address_is_taken(void **state)
{
	char line[200] = "enroll --address ";
	size_t used = strlen(line);
	struct mfa_args a;

	(void)state;
	memset(line + used, 'a', 128);
	line[used + 128] = '\0';
	accepted(line, &a);
	assert_int_equal(strlen(a.address), 128);
	line[used + 128] = 'a';
	line[used + 129] = '\0';
	refused(line, "medusa-mfa: enroll: value not allowed for --address");
}

/* The caller's own name is nobody's in another realm. */
static void
test_realm_needs_a_user(void **state)
{
	struct mfa_args a;

	(void)state;
	refused("list --realm shop",
	    "medusa-mfa: list: --realm needs --user NAME");
	refused("enroll --realm shop", "medusa-mfa: enroll: --realm needs");
	accepted("list --realm shop --user carol", &a);
	accepted("list --realm unix", &a);
	accepted("users --realm shop", &a);
	accepted("reset --realm shop carol", &a);
	accepted("list --realm shop --help", &a);
	refused("verify --realm shop", "medusa-mfa: verify: unknown option");
	refused("key list --realm shop", "medusa-mfa: key: unknown option");
}

static void
test_longest_names_are_taken(void **state)
{
	struct mfa_args a;
	char line[400];

	(void)state;
	memcpy(line, "list --user ", 13);
	memset(line + 12, 'u', 256);
	line[12 + 256] = '\0';
	accepted(line, &a);
	assert_int_equal(strlen(a.user), 256);
	accepted("enroll --label a2345678901234567890123456789012", &a);
	assert_int_equal(strlen(a.label), 32);
}

static void
test_options_are_given_once_and_wholly(void **state)
{
	(void)state;
	refused("list --json --json", "medusa-mfa: list: given twice: --json");
	refused(
	    "list --user a --user b", "medusa-mfa: list: given twice: --user");
	refused(
	    "list --user", "medusa-mfa: list: a value is missing after --us");
	refused(
	    "list --json=1", "medusa-mfa: list: no value belongs to --json");
	refused("confirm x --json --output f",
	    "medusa-mfa: confirm: --json and --output exclude each other");
	refused("list --json --long",
	    "medusa-mfa: list: --json and --long exclude each other");
	refused("enroll --counter 1 --counter 2",
	    "medusa-mfa: enroll: given twice: --counter");
}

static void
test_operands_are_counted(void **state)
{
	(void)state;
	refused("confirm", "medusa-mfa: confirm: an operand is missing");
	refused("reset", "medusa-mfa: reset: an operand is missing");
	refused("send", "medusa-mfa: send: an operand is missing");
	refused("rename phone", "medusa-mfa: rename: an operand is missing");
	refused("rename a b c", "medusa-mfa: rename: one operand too many");
	refused("list bob", "medusa-mfa: list: one operand too many");
	refused("setup now", "medusa-mfa: setup: one operand too many");
	refused("explain bob", "medusa-mfa: explain: an operand is missing");
	refused("explain bob sshd ::1 x", "medusa-mfa: explain: one operand too");
	refused("forget bob eve", "medusa-mfa: forget: one operand too many");
	refused("users remove bob eve", "medusa-mfa: users: one operand too");
}

/* R14: no code is taken from argv, nor printed where one was put there. */
static void
test_R14_code_as_an_argument_is_refused(void **state)
{
	struct capture said;
	struct mfa_args a;

	(void)state;
	assert_int_equal(
	    parse("confirm phone 123456", &a, &said), MFA_ERR_SYNTAX);
	assert_null(strstr(said.text, "123456"));
	assert_int_equal(
	    parse("sync phone 123456 654321", &a, &said), MFA_ERR_SYNTAX);
	assert_null(strstr(said.text, "123456"));
	refused("verify 123456", "medusa-mfa: verify: one operand too many");
	refused("confirm phone --code 123456", "medusa-mfa: confirm: unknown");
	refused(
	    "enroll --import-secret=JBSWY3DP", "medusa-mfa: enroll: no value");
	refused("enroll --provider yubico 00112233",
	    "medusa-mfa: enroll: one operand too many");
	for (size_t i = 0; i < mfa_option_count; i++) {
		const struct mfa_option *row = &mfa_options[i];

		assert_true(strcmp(row->name, "code") != 0);
		if (strcmp(row->name, "import-secret") == 0)
			assert_int_equal(row->kind, MFA_OPTION_FLAG);
	}
}

/* Each kind of value, in the same line; what was typed is not repeated. */
static void
test_a_wrong_value_is_told_what_is_right(void **state)
{
	static const char *const cases[][2] = {
		{ "enroll --digits 9", "--digits: must be a whole number from 6 "
		    "to 8 (see: medusa-mfa help enroll)\n" },
		{ "enroll --period 1", "a whole number from 15 to 120 (" },
		{ "enroll --counter x", "from 0 to 9007199254740992 (" },
		{ "enroll --qr png", "--qr: must be utf8, ascii or none (" },
		{ "enroll --algorithm MD5", "SHA1, SHA256 or SHA512 (" },
		{ "enroll --label Phone", "a letter, then letters, digits and "
		    "hyphens, all lower case, at most 32 (" },
		{ "bypass x --for 8d", "s, m, h or d, from 1 minute to 7 days " },
		{ "bypass x --reason _", "must be 1 to 64 bytes (" },
	};
	struct capture said;
	struct mfa_args a;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(parse(cases[i][0], &a, &said), MFA_ERR_SYNTAX);
		if (strstr(said.text, cases[i][1]) == NULL)
			fail_msg("%s: %s", cases[i][0], said.text);
	}
	assert_int_equal(parse("enroll --digits 492039", &a, &said),
	    MFA_ERR_SYNTAX);
	assert_null(strstr(said.text, "492039"));
}

static const char *
help_of(const char *command, const char *option)
{
	for (size_t i = 0; i < mfa_option_count; i++) {
		if (strcmp(mfa_options[i].name, option) == 0)
			return mfa_option_help(mfa_command_find(command),
			    &mfa_options[i]);
	}
	return "";
}

/* What one command does with a shared option stands in its own help. */
static void
test_help_is_about_the_command(void **state)
{
	char expected[40];

	(void)state;
	assert_non_null(strstr(help_of("enroll", "output"), "the codes to a"));
	assert_non_null(strstr(help_of("key", "output"), "the keys to a"));
	assert_non_null(strstr(help_of("invite", "output"), "invitations to"));
	assert_null(strstr(help_of("verify", "user"), "realm"));
	assert_non_null(strstr(help_of("list", "user"), "realm"));
	assert_non_null(strstr(help_of("users", "realm"), "whose users"));
	/* And what may be said to enroll, in its own. */
	for (size_t i = 0; i < mfa_option_count; i++) {
		const struct mfa_option *row = &mfa_options[i];

		if (row->kind != MFA_OPTION_NUMBER)
			continue;
		(void)snprintf(expected, sizeof(expected), ", %d to %d;",
		    (int)row->min, (int)row->max);
		assert_non_null(strstr(help_of("enroll", row->name), expected));
	}
}

static void
test_help_asks_for_nothing_else(void **state)
{
	struct mfa_args a;

	(void)state;
	accepted("confirm -h", &a);
	assert_true(a.help);
	accepted("confirm --help", &a);
	assert_true(a.help);
	accepted("setup --help", &a);
	assert_true(a.help);
	refused("confirm --help --nonsense", "medusa-mfa: confirm: unknown");
}

/* Every name in the commands' lists is an option, and shown in its usage. */
static void
test_commands_name_options_that_exist(void **state)
{
	(void)state;
	for (size_t i = 0; i < mfa_command_count; i++) {
		const struct mfa_command *c = &mfa_commands[i];
		size_t named = 0, known = 0;

		for (const char *p = c->options; *p != '\0'; named++) {
			p += strcspn(p, " ");
			p += strspn(p, " ");
		}
		for (size_t j = 0; j < mfa_option_count; j++) {
			char word[40];

			if (strcmp(mfa_options[j].name, "help") == 0 ||
			    !mfa_option_known(c, mfa_options[j].name))
				continue;
			known++;
			(void)snprintf(
			    word, sizeof(word), "--%s", mfa_options[j].name);
			if (strstr(c->usage, word) == NULL)
				fail_msg(
				    "%s: no %s in its usage", c->name, word);
		}
		assert_int_equal(named, known);
		assert_true(c->least <= c->most);
		assert_ptr_equal(mfa_command_find(c->name), c);
	}
	assert_null(mfa_command_find("nonsense"));
	assert_null(mfa_command_find(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_option_reaches_its_field),
		cmocka_unit_test(test_nothing_given_is_nothing_set),
		cmocka_unit_test(test_operands_may_stand_anywhere),
		cmocka_unit_test(test_choices_have_the_numbers_of_their_enum),
		cmocka_unit_test(
		    test_option_that_a_command_does_not_know_is_an_error),
		cmocka_unit_test(test_values_have_bounds),
		cmocka_unit_test(test_longest_names_are_taken),
		cmocka_unit_test(test_longest_address_is_taken),
		cmocka_unit_test(test_realm_needs_a_user),
		cmocka_unit_test(test_options_are_given_once_and_wholly),
		cmocka_unit_test(test_operands_are_counted),
		cmocka_unit_test(test_R14_code_as_an_argument_is_refused),
		cmocka_unit_test(test_a_wrong_value_is_told_what_is_right),
		cmocka_unit_test(test_help_is_about_the_command),
		cmocka_unit_test(test_help_asks_for_nothing_else),
		cmocka_unit_test(test_commands_name_options_that_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
