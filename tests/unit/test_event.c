/* SPDX-License-Identifier: MIT */
/* R26: one line an event, key=value, a stranger's text escaped. */
#include "tests/unit/unit.h"

#include "lib/base/text.h"
#include "verifier/event/event.h"

static void
expect(const struct mfa_event *event, const char *expected)
{
	char line[512];

	mfa_event_format(event, line, sizeof(line));
	assert_string_equal(line, expected);
}

static void
test_R26_names(void **state)
{
	static const struct {
		enum mfa_event_type type;
		const char *name;
	} names[] = {
		{ MFA_EVENT_KEY_ROTATED, "key.rotated" },
		{ MFA_EVENT_KEY_RETIRED, "key.retired" },
		{ MFA_EVENT_KEY_EXPORTED, "key.exported" },
		{ MFA_EVENT_RESTORED, "record.restored" },
		{ MFA_EVENT_FORGOTTEN, "remembered.forgotten" },
		{ MFA_EVENT_FACTOR_RENAMED, "factor.renamed" },
		{ MFA_EVENT_CHALLENGE_CREATED, "challenge.created" },
		{ MFA_EVENT_CHALLENGE_EXPIRED, "challenge.expired" },
		{ MFA_EVENT_OTP_GENERATED, "otp.generated" },
		{ MFA_EVENT_OTP_DELETED, "otp.deleted" },
		{ MFA_EVENT_OTP_UNDELIVERED, "otp.undelivered" },
		{ MFA_EVENT_PROGRAM_FAILED, "program.failed" },
		{ MFA_EVENT_INVITED, "invitation.created" },
		{ MFA_EVENT_INVITATION_USED, "invitation.used" },
		{ MFA_EVENT_BYPASS_CREATED, "bypass.created" },
		{ MFA_EVENT_BYPASS_USED, "bypass.used" },
	};

	(void)state;
	for (int i = 1; i < MFA_EVENT_END; i++) {
		const char *name = mfa_event_name((enum mfa_event_type)i);

		assert_string_not_equal(name, "unknown");
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz._"),
		    strlen(name));
		assert_true(strlen(name) <= 32);
		for (int j = 1; j < i; j++)
			assert_string_not_equal(name,
			    mfa_event_name((enum mfa_event_type)j));
	}
	assert_string_equal(mfa_event_name(MFA_EVENT_CHALLENGE_FAILED),
	    "challenge.failed");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(mfa_event_name(names[i].type),
		    names[i].name);
	assert_string_equal(mfa_event_name((enum mfa_event_type)0), "unknown");
	assert_string_equal(mfa_event_name(MFA_EVENT_END), "unknown");
	assert_string_equal(mfa_event_name((enum mfa_event_type)-1), "unknown");
}

static void
test_R26_order_of_fields(void **state)
{
	const struct mfa_event event = {
		.type = MFA_EVENT_CHALLENGE_FAILED, .realm = "shop",
		.subject = "alice", .service = "sshd", .rhost = "192.0.2.7",
		.tty = "ssh", .method = "totp", .factor = "phone",
		.reason = "wrong", .err = MFA_ERR_NO_SPACE, .has_left = true,
		.left = 3, .has_attempts = true, .attempts = 2, .caller = 1000,
		.detail = "last",
	};

	(void)state;
	expect(&event, "event=challenge.failed user=alice realm=shop "
		       "service=sshd rhost=192.0.2.7 tty=ssh method=totp "
		       "factor=phone reason=wrong err=no_space left=3 "
		       "attempts_left=2 uid=1000 detail=last");
}

static void
test_R26_absent_fields_are_left_out(void **state)
{
	struct mfa_event event = { .type = MFA_EVENT_KEY_NEW };

	(void)state;
	expect(&event, "event=key.new uid=0");
	event.realm = "unix";
	event.subject = "";
	event.rhost = "";
	event.left = 7;
	expect(&event, "event=key.new uid=0");
	event.has_left = true;
	event.left = 0;
	event.caller = UINT32_MAX;
	expect(&event, "event=key.new left=0 uid=4294967295");
	event.has_left = false;
	event.attempts = 7;
	expect(&event, "event=key.new uid=4294967295");
	event.has_attempts = true;
	event.attempts = 0;
	expect(&event, "event=key.new attempts_left=0 uid=4294967295");
	event.has_attempts = false;
	event.type = (enum mfa_event_type)99;
	expect(&event, "event=unknown uid=4294967295");
}

/* R14: an address is for programs, no log has it. */
static void
test_R14_address_is_never_in_a_line(void **state)
{
	struct mfa_event event = { .realm = "shop", .subject = "alice",
		.service = "s", .rhost = "r", .tty = "t", .method = "otp",
		.factor = "mail", .reason = "wrong", .detail = "d",
		.has_left = true, .has_attempts = true, .err = MFA_ERR_IO };
	char with[512], without[512];

	(void)state;
	for (int i = 1; i < MFA_EVENT_END; i++) {
		event.type = (enum mfa_event_type)i;
		event.address = NULL;
		mfa_event_format(&event, without, sizeof(without));
		event.address = "alice@example.net";
		mfa_event_format(&event, with, sizeof(with));
		assert_string_equal(with, without);
		assert_null(strstr(with, "example"));
	}
}

/* R21: what a caller that is not root says of the host is only a claim. */
static void
test_R21_R26_claims_are_marked(void **state)
{
	const struct mfa_event event = {
		.type = MFA_EVENT_CHALLENGE_VERIFIED, .subject = "alice",
		.service = "sshd", .rhost = "10.0.0.1", .tty = "tty1",
		.method = "totp", .unprivileged = true, .caller = 1000,
	};

	(void)state;
	expect(&event, "event=challenge.verified user=alice "
		       "claimed_service=sshd claimed_rhost=10.0.0.1 "
		       "claimed_tty=tty1 method=totp uid=1000");
}

static void
test_R26_text_of_strangers_is_escaped(void **state)
{
	const struct mfa_event event = {
		.type = MFA_EVENT_CHALLENGE_FAILED,
		.subject = "bob\nevent=challenge.verified user=bob",
		.service = "a\"b\\c", .rhost = "\x1b[2J%n%s", .tty = "\xc3\xa9",
		.reason = "wrong",
	};

	(void)state;
	expect(&event, "event=challenge.failed "
		       "user=bob\\x0aevent\\x3dchallenge.verified\\x20user"
		       "\\x3dbob service=a\\x22b\\x5cc rhost=\\x1b[2J%n%s "
		       "tty=\\xc3\\xa9 reason=wrong uid=0");
}

static void
test_R26_a_word_for_each_error(void **state)
{
	struct mfa_event event = { .type = MFA_EVENT_ERROR };
	char lines[MFA_ERR_END + 1][64];

	(void)state;
	for (int i = 1; i < MFA_ERR_END; i++) {
		const char *word;
		size_t len;

		event.err = (enum mfa_err)i;
		mfa_event_format(&event, lines[i], sizeof(lines[i]));
		assert_memory_equal(lines[i], "event=error err=", 16);
		word = lines[i] + 16;
		len = strspn(word, "abcdefghijklmnopqrstuvwxyz_");
		assert_in_range(len, 2, 15);
		assert_string_equal(word + len, " uid=0");
		assert_memory_not_equal(word, "unknown ", 8);
		for (int j = 1; j < i; j++)
			assert_string_not_equal(lines[i], lines[j]);
	}
	event.err = MFA_ERR_END;
	expect(&event, "event=error err=unknown uid=0");
	event.err = (enum mfa_err)-1;
	expect(&event, "event=error err=unknown uid=0");
}

static void
test_R26_the_word_alone(void **state)
{
	static const int none[] = { -1, INT32_MIN, MFA_OK, MFA_ERR_END,
		MFA_ERR_END + 1, 0x7fff, INT32_MAX };
	char line[64], wanted[64];

	(void)state;
	for (int i = 1; i < MFA_ERR_END; i++) {
		const struct mfa_event event = { .type = MFA_EVENT_ERROR,
			.err = (enum mfa_err)i };
		const char *word = mfa_event_err((enum mfa_err)i);

		assert_string_not_equal(word, "unknown");
		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz_"),
		    strlen(word));
		/* As the log has it. */
		(void)snprintf(wanted, sizeof(wanted),
		    "event=error err=%s uid=0", word);
		mfa_event_format(&event, line, sizeof(line));
		assert_string_equal(line, wanted);
	}
	assert_string_equal(mfa_event_err(MFA_ERR_IO), "io");
	assert_string_equal(mfa_event_err(MFA_ERR_NO_SPACE), "no_space");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_string_equal(mfa_event_err((enum mfa_err)none[i]),
		    "unknown");
}

/* However long a stranger's text is, what follows it is still there. */
static void
test_R26_768_bytes_suffice(void **state)
{
	char user[300], other[300], line[768], tail[] = "err=outcome_unknown "
	    "left=4294967295 attempts_left=4294967295 uid=4294967295 detail=";
	struct mfa_event event = {
		.realm = other, .subject = user, .service = other,
		.rhost = user, .tty = other, .method = other, .factor = other,
		.reason = other, .err = MFA_ERR_OUTCOME_UNKNOWN,
		.has_left = true, .left = UINT32_MAX, .has_attempts = true,
		.attempts = UINT32_MAX, .unprivileged = true,
		.caller = UINT32_MAX, .detail = other,
	};

	(void)state;
	for (int byte = 0; byte < 2; byte++) {
		memset(user, byte == 0 ? 'u' : '\n', sizeof(user));
		memset(other, byte == 0 ? 'o' : '\x01', sizeof(other));
		user[299] = other[299] = '\0';
		for (int i = 1; i < MFA_EVENT_END; i++) {
			event.type = (enum mfa_event_type)i;
			mfa_event_format(&event, line, sizeof(line));
			assert_non_null(strstr(line, tail));
			/* The whole of the last field, 200 bytes. */
			assert_int_equal(strlen(strstr(line, " detail=")), 208);
			assert_non_null(strstr(line, " reason="));
			assert_true(mfa_text_printable(line));
		}
	}
	/* A factor's label and the usual names fit whole. */
	event.subject = "abcdefghijklmnopqrstuvwxyz012345";
	event.factor = "abcdefghijklmnopqrstuvwxyz012345";
	event.realm = "abcdefghijklmnopqrstuvwxyz-12345";
	mfa_event_format(&event, line, sizeof(line));
	assert_non_null(
	    strstr(line, " realm=abcdefghijklmnopqrstuvwxyz-12345 "));
	assert_non_null(
	    strstr(line, " factor=abcdefghijklmnopqrstuvwxyz012345 "));
	assert_non_null(
	    strstr(line, " user=abcdefghijklmnopqrstuvwxyz012345 "));
}

/* Cut at a field, never behind the end. */
static void
test_R26_small_buffers(void **state)
{
	const struct mfa_event event = {
		.type = MFA_EVENT_RECOVERY_USED, .subject = "a b",
		.method = "recovery_code", .has_left = true, .left = 9,
	};
	char whole[512], line[512];

	(void)state;
	mfa_event_format(&event, whole, sizeof(whole));
	assert_string_equal(whole, "event=recovery_code.used user=a\\x20b "
				   "method=recovery_code left=9 uid=0");
	for (size_t size = 1; size <= strlen(whole) + 1; size++) {
		size_t len;

		memset(line, '#', sizeof(line));
		mfa_event_format(&event, line, size);
		len = strlen(line);
		assert_true(len < size);
		assert_true(unit_all(line + size, sizeof(line) - size, '#'));
		assert_memory_equal(line, whole, len);
		assert_true(len == 0 || whole[len] == ' ' ||
		    whole[len] == '\0');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R26_names),
		cmocka_unit_test(test_R26_order_of_fields),
		cmocka_unit_test(test_R26_absent_fields_are_left_out),
		cmocka_unit_test(test_R14_address_is_never_in_a_line),
		cmocka_unit_test(test_R21_R26_claims_are_marked),
		cmocka_unit_test(test_R26_text_of_strangers_is_escaped),
		cmocka_unit_test(test_R26_a_word_for_each_error),
		cmocka_unit_test(test_R26_the_word_alone),
		cmocka_unit_test(test_R26_768_bytes_suffice),
		cmocka_unit_test(test_R26_small_buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
