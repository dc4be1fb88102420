/* SPDX-License-Identifier: MIT */
/* R14, R23: an event as event programs get it. */
#include "tests/unit/unit.h"

#include <jansson.h>

#include "lib/base/text.h"
#include "verifier/event/event.h"
#include "verifier/runner/json.h"

static char text[MFA_JSON_SIZE + 1];

static const struct mfa_job_event whole = {
	.type = MFA_EVENT_RECOVERY_USED,
	.err = MFA_ERR_IO,
	.wall = 1795331723,
	.caller = 1000,
	.left = 2,
	.attempts = 1,
	.has_left = 1,
	.has_attempts = 1,
	.realm = "unix",
	.subject = "alice",
	.service = "sshd",
	.rhost = "2001:db8::7",
	.tty = "ssh",
	.method = "recovery_code",
	.factor = "phone",
	.reason = "ok",
	.detail = "some \"quoted\" detail",
	.address = "alice@example.org",
};

static const char *
line_of(const struct mfa_job_event *event)
{
	size_t len = 0;

	memset(text, 'x', sizeof(text));
	assert_int_equal(mfa_json_event(event, "host.example", text, &len),
	    MFA_OK);
	assert_true(len > 1 && len <= MFA_JSON_SIZE);
	assert_int_equal(text[len - 1], '\n');
	assert_int_equal(text[len], 'x');
	text[len - 1] = '\0';
	assert_null(strchr(text, '\n'));
	for (const char *p = text; *p != '\0'; p++)
		assert_true(*p >= 0x20 && *p < 0x7f);
	return text;
}

static void
test_R23_every_field_in_one_line(void **state)
{
	(void)state;
	assert_string_equal(line_of(&whole),
	    "{\"event\":\"recovery_code.used\","
	    "\"time\":\"2026-11-22T07:15:23Z\",\"host\":\"host.example\","
	    "\"realm\":\"unix\",\"user\":\"alice\",\"service\":\"sshd\","
	    "\"rhost\":\"2001:db8::7\",\"tty\":\"ssh\","
	    "\"method\":\"recovery_code\",\"factor\":\"phone\","
	    "\"reason\":\"ok\",\"err\":\"io\","
	    "\"detail\":\"some \\\"quoted\\\" detail\",\"left\":2,"
	    "\"attempts_left\":1,\"uid\":1000,"
	    "\"address\":\"alice@example.org\"}");
}

static void
test_R21_what_others_say_is_their_word(void **state)
{
	struct mfa_job_event event = whole;

	(void)state;
	event.unprivileged = 1;
	(void)line_of(&event);
	assert_non_null(strstr(text, "\"claimed_service\":\"sshd\""));
	assert_non_null(strstr(text, "\"claimed_rhost\":\"2001:db8::7\""));
	assert_non_null(strstr(text, "\"claimed_tty\":\"ssh\""));
	assert_null(strstr(text, "\"service\""));
	assert_null(strstr(text, "\"rhost\""));
	assert_null(strstr(text, "\"tty\""));
}

static void
test_R23_what_is_absent_is_left_out(void **state)
{
	const struct mfa_job_event event = { .type = MFA_EVENT_KEY_ROTATED,
		.left = 3, .attempts = 4 };

	(void)state;
	assert_string_equal(line_of(&event),
	    "{\"event\":\"key.rotated\",\"time\":\"1970-01-01T00:00:00Z\","
	    "\"host\":\"host.example\",\"uid\":0}");
}

/* The value of a key as a program that reads JSON has it. */
static const char *
value_of(const char *key)
{
	static json_t *object;
	json_error_t error;

	json_decref(object);
	object = json_loads(text, 0, &error);
	assert_non_null(object);
	return json_string_value(json_object_get(object, key));
}

static void
test_R23_no_event_is_lost_for_its_bytes(void **state)
{
	struct mfa_job_event event = whole;

	(void)state;
	(void)mfa_text_copy(event.subject, 257, "J\xc3\xbcrgen\n\x1b");
	(void)mfa_text_copy(event.rhost, 256, "bad\xff\\\x80\n");
	(void)mfa_text_copy(event.service, 65, "cut\xe2\x82");
	(void)line_of(&event);
	assert_string_equal(value_of("user"), "J\xc3\xbcrgen\n\x1b");
	assert_string_equal(value_of("rhost"), "bad\\xff\\x5c\\x80\n");
	assert_string_equal(value_of("service"), "cut\\xe2\\x82");
}

/* Two users are never one for a program, whatever their names' bytes. */
static void
test_R23_a_backslash_is_no_escape(void **state)
{
	static const char *const names[][2] = {
		{ "bob\xff", "bob\\xff" },
		{ "bob\\xff", "bob\\x5cxff" },
		{ "bob\\x5cxff", "bob\\x5cx5cxff" },
		{ "DOM\\user", "DOM\\x5cuser" },
		{ "\\", "\\x5c" },
		{ "J\xc3\xbcrgen", "J\xc3\xbcrgen" },
		{ "J\xc3\xbcrgen\\", "J\\xc3\\xbcrgen\\x5c" },
	};
	struct mfa_job_event event = whole;
	char last[MFA_JSON_SIZE] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)mfa_text_copy(event.subject, 257, names[i][0]);
		assert_string_not_equal(line_of(&event), last);
		memcpy(last, text, sizeof(last));
		assert_string_equal(value_of("user"), names[i][1]);
	}
}

static void
test_R23_the_longest_event_fits(void **state)
{
	static const uint8_t bytes[] = { 0x01, 0xff, '"', 'x', '\\' };
	struct mfa_job_event event = whole;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		memset(event.realm, bytes[i], sizeof(event.realm) - 1);
		memset(event.subject, bytes[i], sizeof(event.subject) - 1);
		memset(event.service, bytes[i], sizeof(event.service) - 1);
		memset(event.rhost, bytes[i], sizeof(event.rhost) - 1);
		memset(event.tty, bytes[i], sizeof(event.tty) - 1);
		memset(event.method, bytes[i], sizeof(event.method) - 1);
		memset(event.factor, bytes[i], sizeof(event.factor) - 1);
		memset(event.reason, bytes[i], sizeof(event.reason) - 1);
		memset(event.detail, bytes[i], sizeof(event.detail) - 1);
		memset(event.address, bytes[i], sizeof(event.address) - 1);
		(void)line_of(&event);
		assert_true(strlen(value_of("user")) >=
		    sizeof(event.subject) - 1);
	}
}

static void
test_R23_every_type_has_a_name_and_others_are_refused(void **state)
{
	struct mfa_job_event event = whole;
	size_t len = 77;

	(void)state;
	for (uint32_t type = 1; type < MFA_EVENT_END; type++) {
		event.type = type;
		(void)line_of(&event);
		assert_string_equal(value_of("event"),
		    mfa_event_name((enum mfa_event_type)type));
	}
	event.type = 0;
	assert_int_equal(mfa_json_event(&event, "h", text, &len),
	    MFA_ERR_INVALID);
	event.type = MFA_EVENT_END;
	assert_int_equal(mfa_json_event(&event, "h", text, &len),
	    MFA_ERR_INVALID);
	assert_int_equal(len, 77);
	/* A time beyond any calendar. */
	event.type = MFA_EVENT_LOCKED;
	event.wall = UINT64_MAX / 2;
	(void)line_of(&event);
	assert_null(value_of("time"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R23_every_field_in_one_line),
		cmocka_unit_test(test_R21_what_others_say_is_their_word),
		cmocka_unit_test(test_R23_what_is_absent_is_left_out),
		cmocka_unit_test(test_R23_no_event_is_lost_for_its_bytes),
		cmocka_unit_test(test_R23_a_backslash_is_no_escape),
		cmocka_unit_test(test_R23_the_longest_event_fits),
		cmocka_unit_test(
		    test_R23_every_type_has_a_name_and_others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
