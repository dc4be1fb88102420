/* SPDX-License-Identifier: MIT */
/* R19, R29: key rekey, key list and store check, as they ask and tell. */
#include "tests/unit/capture.h"

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"

#define OLD "0123456789abcdef"
#define NEW "fedcba9876543210"

static struct capture out, err;

static int
run(const char *command, const char *word, bool json)
{
	char copy[16];
	char *words[] = { copy, NULL };
	const struct mfa_args args = { .json = json, .count = 1,
		.operand = words };
	int code;

	(void)snprintf(copy, sizeof(copy), "%s", word);
	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find(command)->run(&args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	assert_int_equal(fake_client.open, 0);
	return code;
}

static void
will_tell_keys(void)
{
	static const char *const ids[] = { OLD, NEW };

	fake_client.version = 3;
	for (int i = 0; i < 2; i++) {
		mfa_wire_KeyInfo *key = &fake_client_will_say(
		    mfa_wire_Reply_key_tag)->what.key;

		(void)snprintf(key->id, sizeof(key->id), "%s", ids[i]);
		key->primary = i == 1;
	}
	fake_client_will_say(mfa_wire_Reply_done_tag);
}

static mfa_wire_RecordInfo *
will_tell(const char *user, const char *key, const char *other)
{
	mfa_wire_RecordInfo *r = &fake_client_will_say(
	    mfa_wire_Reply_record_tag)->what.record;

	(void)snprintf(r->id, sizeof(r->id), "u-%s", user);
	(void)snprintf(r->realm, sizeof(r->realm), "unix");
	(void)snprintf(r->user, sizeof(r->user), "%s", user);
	(void)snprintf(r->key, sizeof(r->key), "%s", key);
	(void)snprintf(r->other_key, sizeof(r->other_key), "%s", other);
	r->format = 3;
	return r;
}

static void
done(void)
{
	fake_client_will_say(mfa_wire_Reply_done_tag);
}

static const char *
rekeyed(size_t i)
{
	assert_true(i < fake_client.asked);
	assert_int_equal(fake_client.requests[i].which_what,
	    mfa_wire_Request_rekey_tag);
	return fake_client.requests[i].what.rekey.id;
}

/* Both slots count; what is torn is written, too. */
static void
test_R29_who_is_moved(void **state)
{
	(void)state;
	will_tell_keys();
	(void)will_tell("there", NEW, NEW);
	(void)will_tell("one", NEW, "");
	(void)will_tell("half", NEW, OLD);
	(void)will_tell("other", OLD, NEW);
	will_tell("torn", NEW, NEW)->torn = true;
	done();
	for (int i = 0; i < 3; i++)
		done();
	assert_int_equal(run("key", "rekey", true), MFA_EXIT_DONE);
	assert_string_equal(rekeyed(2), "u-half");
	assert_string_equal(rekeyed(3), "u-other");
	assert_string_equal(rekeyed(4), "u-torn");
	assert_int_equal(fake_client.asked, 5);
	assert_int_equal(fake_client.opened, 1);
	assert_string_equal(out.text, "{\"primary\":\"" NEW "\",\"moved\":3,"
	    "\"already\":2,\"failed\":0}\n");
	assert_string_equal(err.text, "");
}

static void
test_R19_a_failure_is_named_and_the_rest_goes_on(void **state)
{
	(void)state;
	will_tell_keys();
	(void)will_tell("bad", OLD, OLD);
	(void)will_tell("good", OLD, OLD);
	done();
	fake_client_will_refuse(MFA_ERR_DAMAGED, "it is damaged");
	done();
	assert_int_equal(run("key", "rekey", false), MFA_EXIT_FAILED);
	assert_string_equal(err.text,
	    "medusa-mfa: record u-bad: it is damaged\n");
	assert_string_equal(rekeyed(3), "u-good");
	assert_string_equal(out.text, "1 moved to key " NEW
	    ", 0 were there already, 1 failed\n");
}

/* A listener that was restarted: once more, in another conversation. */
static void
test_R28_a_busy_verifier_is_asked_again(void **state)
{
	(void)state;
	will_tell_keys();
	(void)will_tell("late", OLD, OLD);
	done();
	fake_client_will_refuse(MFA_ERR_BUSY, "busy");
	done();
	assert_int_equal(run("key", "rekey", true), MFA_EXIT_DONE);
	assert_string_equal(rekeyed(2), "u-late");
	assert_string_equal(rekeyed(3), "u-late");
	assert_int_equal(fake_client.opened, 2);
}

static void
test_R17_without_a_primary_nothing_is_asked(void **state)
{
	(void)state;
	fake_client.version = 3;
	done();
	(void)will_tell("alice", OLD, OLD);
	done();
	assert_int_equal(run("key", "rekey", false), MFA_EXIT_FAILED);
	assert_non_null(strstr(err.text, "no primary key"));
	assert_int_equal(fake_client.asked, 2);
}

static void
test_R29_an_older_verifier_is_not_asked(void **state)
{
	(void)state;
	fake_client.version = 2;
	assert_int_equal(run("key", "rekey", false), MFA_EXIT_FAILED);
	assert_int_equal(run("key", "retired", false), MFA_EXIT_FAILED);
	assert_int_equal(run("store", "check", false), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 0);
	assert_non_null(strstr(err.text, "of another release"));
}

static void
test_R17_list_counts_both_slots_and_names_lost_keys(void **state)
{
	(void)state;
	will_tell_keys();
	(void)will_tell("a", NEW, OLD);
	(void)will_tell("b", NEW, NEW);
	(void)will_tell("c", "00000000000000aa", NEW);
	(void)will_tell("d", "", "");
	done();
	assert_int_equal(run("key", "list", true), MFA_EXIT_DONE);
	assert_string_equal(out.text, "{\"keys\":["
	    "{\"id\":\"" OLD "\",\"primary\":false,\"records\":1,"
	    "\"problem\":\"\"},"
	    "{\"id\":\"" NEW "\",\"primary\":true,\"records\":3,"
	    "\"problem\":\"\"},"
	    "{\"id\":\"00000000000000aa\",\"primary\":false,\"records\":1,"
	    "\"problem\":\"records need it, and it is not here\"}],"
	    "\"unknown\":1}\n");
}

static void
test_retired_keys_are_asked_for(void **state)
{
	(void)state;
	will_tell_keys();
	assert_int_equal(run("key", "retired", false), MFA_EXIT_DONE);
	assert_true(fake_client.requests[0].what.keys.retired);
	assert_int_equal(fake_client.asked, 1);
	assert_non_null(strstr(out.text, OLD));
	done();
	assert_int_equal(run("key", "retired", false), MFA_EXIT_DONE);
	assert_string_equal(out.text, "No key was taken out of use.\n");
}

/* ---- store check ---- */

static void
test_R22_store_check_tells_danger_from_the_rest(void **state)
{
	mfa_wire_RecordInfo *r;

	(void)state;
	fake_client.version = 3;
	(void)will_tell("root", NEW, NEW);
	will_tell("root", NEW, NEW)->torn = true;
	(void)will_tell("no-such-user-here", NEW, NEW);
	r = will_tell("bob", NEW, NEW);
	(void)snprintf(r->realm, sizeof(r->realm), "gone");
	r->no_realm = true;
	done();
	assert_int_equal(run("store", "check", false), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "note: record u-root (root of realm "
	    "unix): a write was cut short"));
	assert_non_null(strstr(out.text, "there is no such user"));
	assert_non_null(strstr(out.text, "does not name its realm"));
	assert_non_null(strstr(out.text,
	    "\n4 records: 1 good, 0 with a problem, 2 orphans, 1 torn\n"));
}

static void
test_R22_store_check_fails_on_danger(void **state)
{
	mfa_wire_RecordInfo *r;

	(void)state;
	fake_client.version = 3;
	will_tell("root", NEW, NEW)->uid = 4711;
	r = will_tell("root", NEW, NEW);
	(void)snprintf(r->problem, sizeof(r->problem), "damaged");
	done();
	assert_int_equal(run("store", "check", true), MFA_EXIT_FAILED);
	assert_non_null(strstr(out.text, "\"kind\":\"foreign\""));
	assert_non_null(strstr(out.text, ": medusa-mfa reset root\""));
	assert_non_null(strstr(out.text, "\"kind\":\"unusable\""));
	assert_non_null(strstr(out.text, "],\"records\":2,\"good\":0,"
	    "\"problems\":2,\"orphans\":0,\"torn\":0}\n"));
	assert_int_equal(run("store", "mend", false), MFA_EXIT_USAGE);
}

static void
test_a_list_from_an_older_verifier(void **state)
{
	(void)state;
	will_tell_keys();
	/* Which records need them, it does not know. */
	fake_client.version = 2;
	assert_int_equal(run("key", "list", true), MFA_EXIT_DONE);
	assert_string_equal(out.text,
	    "{\"keys\":[{\"id\":\"" OLD "\",\"primary\":false,"
	    "\"records\":null,\"problem\":\"\"},{\"id\":\"" NEW "\","
	    "\"primary\":true,\"records\":null,\"problem\":\"\"}],"
	    "\"unknown\":0}\n");
	assert_int_equal(run("key", "new", true), MFA_EXIT_USAGE);
	assert_int_equal(run("key", "junk", false), MFA_EXIT_USAGE);
	assert_int_equal(run("config", "junk", false), MFA_EXIT_USAGE);
	assert_int_equal(run("users", "junk", false), MFA_EXIT_USAGE);
	assert_int_equal(fake_client.asked, 1);
}

#define WITH_CLIENT(f) cmocka_unit_test_setup(f, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CLIENT(test_R29_who_is_moved),
		WITH_CLIENT(test_R19_a_failure_is_named_and_the_rest_goes_on),
		WITH_CLIENT(test_R28_a_busy_verifier_is_asked_again),
		WITH_CLIENT(test_R17_without_a_primary_nothing_is_asked),
		WITH_CLIENT(test_R29_an_older_verifier_is_not_asked),
		WITH_CLIENT(test_R17_list_counts_both_slots_and_names_lost_keys),
		WITH_CLIENT(test_a_list_from_an_older_verifier),
		WITH_CLIENT(test_retired_keys_are_asked_for),
		WITH_CLIENT(test_R22_store_check_tells_danger_from_the_rest),
		WITH_CLIENT(test_R22_store_check_fails_on_danger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
