/* SPDX-License-Identifier: MIT */
/* What each command asks the verifier, and makes of its answer. */
#include "tests/unit/capture.h"

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"

static struct capture out, err;

static int
run(const char *name, const struct mfa_args *args, const char *input)
{
	int saved = capture_input(input, strlen(input));
	int code;

	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find(name)->run(args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	capture_input_end(saved);
	assert_int_equal(fake_client.open, 0);
	return code;
}

/* The last request that was sent. */
static const mfa_wire_Request *
asked(unsigned int tag)
{
	assert_true(fake_client.asked > 0);
	assert_int_equal(
	    fake_client.requests[fake_client.asked - 1].which_what, tag);
	return &fake_client.requests[fake_client.asked - 1];
}

static char bob[] = "bob", phone[] = "phone", remove_word[] = "remove",
	    list_word[] = "list", new_word[] = "new", junk_word[] = "junk";

static void
test_list(void **state)
{
	struct mfa_args args = { .user = "alice" };
	mfa_wire_FactorInfo *f;

	(void)state;
	for (int i = 0; i < 2; i++) {
		f = &fake_client_will_say(mfa_wire_Reply_factor_tag)
			 ->what.factor;
		(void)memcpy(f->id, "0123456789abcdef", 17);
		(void)memcpy(f->label, "phone", 6);
		(void)memcpy(f->provider, "totp", 5);
		(void)memcpy(f->status, "pending", 8);
		(void)memcpy(f->algorithm, "SHA1", 5);
		f->created = 1763786160;
		f->digits = 6;
		f->period = 30;
		f->expires_seconds = 600;
		f->drift = -1;
		fake_client_will_say(mfa_wire_Reply_done_tag);
	}
	assert_int_equal(run("list", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "phone"));
	assert_non_null(strstr(out.text, "pending (10 min)"));
	assert_string_equal(
	    asked(mfa_wire_Request_list_tag)->what.list.user, "alice");
	args.json = true;
	assert_int_equal(run("list", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text,
	    "{\"factors\":[{\"id\":\"0123456789abcdef\",\"label\":\"phone\","
	    "\"provider\":\"totp\",\"status\":\"pending\","
	    "\"created\":\"2025-11-22T04:36:00Z\",\"confirmed\":null,"
	    "\"last_used\":null,\"algorithm\":\"SHA1\",\"digits\":6,"
	    "\"period\":30,\"locked_seconds\":0,\"expires_seconds\":600,"
	    "\"drift\":-1}]}\n");
}

static void
test_empty_list(void **state)
{
	struct mfa_args args = { .user = "alice" };

	(void)state;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("list", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text, "alice has no factors.\n");
	args.json = true;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("list", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text, "{\"factors\":[]}\n");
}

/* Half a list is not shown as JSON. */
static void
test_broken_list(void **state)
{
	const struct mfa_args args = { .user = "alice", .json = true };

	(void)state;
	fake_client_will_say(mfa_wire_Reply_factor_tag);
	assert_int_equal(run("list", &args, ""), MFA_EXIT_UNAVAILABLE);
	assert_string_equal(out.text, "");
}

static void
fill_account(mfa_wire_Account *a, const char *user)
{
	(void)snprintf(a->user, sizeof(a->user), "%s", user);
	a->uid = 4294967290U;
	a->exists = a->enrolled = a->required = true;
	a->enabled_factors = 2;
	a->recovery_left = 8;
	a->recovery_total = 10;
	a->locked_seconds = 900;
	a->wrong_today = 3;
}

#define ACCOUNT                                                            \
	"\"uid\":4294967290,\"exists\":true,\"enrolled\":true,"            \
	"\"required\":true,\"exempt\":false,\"blocked\":false,"            \
	"\"enabled_factors\":2,\"pending_factors\":0,\"recovery_left\":8," \
	"\"recovery_total\":10,\"recovery_compared\":0,"                   \
	"\"locked_seconds\":900,\"wrong_today\":3,\"wrong_month\":0,"      \
	"\"problem\":\"\"}"

static void
test_status(void **state)
{
	struct mfa_args args = { .user = "alice" };

	(void)state;
	for (int i = 0; i < 2; i++)
		fill_account(&fake_client_will_say(mfa_wire_Reply_account_tag)
				  ->what.account,
		    "alice");
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "alice (uid 4294967290)\n"));
	assert_non_null(strstr(out.text, "8 of 10 left"));
	assert_non_null(strstr(out.text, "15 min"));
	assert_string_equal(
	    asked(mfa_wire_Request_status_tag)->what.status.user, "alice");
	args.json = true;
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text, "{\"user\":\"alice\"," ACCOUNT "\n");
}

static void
test_users(void **state)
{
	struct mfa_args args = { .count = 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		fill_account(&fake_client_will_say(mfa_wire_Reply_account_tag)
				  ->what.account,
		    "alice");
		fill_account(&fake_client_will_say(mfa_wire_Reply_account_tag)
				  ->what.account,
		    "\033[2Jevil");
		fake_client_will_say(mfa_wire_Reply_done_tag);
	}
	assert_int_equal(run("users", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "\\x1b[2Jevil"));
	assert_null(strchr(out.text, '\033'));
	(void)asked(mfa_wire_Request_users_tag);
	args.json = true;
	assert_int_equal(run("users", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text,
	    "{\"users\":[\n{\"user\":\"alice\"," ACCOUNT
	    ",\n{\"user\":\"\\u001B[2Jevil\"," ACCOUNT "]}\n");
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("users", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text, "{\"users\":[]}\n");
}

/* Whatever removes something needs --yes where nobody can be asked. */
static void
test_removal_is_agreed_first(void **state)
{
	char *one[] = { bob, NULL }, *factor[] = { phone, NULL };
	char *two[] = { remove_word, bob, NULL };
	struct {
		const char *name;
		struct mfa_args args;
		unsigned int tag;
	} cases[] = {
		{ "disable", { .user = "alice", .count = 1, .operand = factor },
		    mfa_wire_Request_disable_tag },
		{ "reset", { .count = 1, .operand = one },
		    mfa_wire_Request_reset_tag },
		{ "users", { .count = 2, .operand = two },
		    mfa_wire_Request_remove_tag },
		{ "recovery-codes", { .user = "alice" },
		    mfa_wire_Request_recovery_codes_tag },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    run(cases[i].name, &cases[i].args, "y\n"), MFA_EXIT_FAILED);
		assert_non_null(strstr(err.text, "--yes"));
		assert_int_equal(fake_client.asked, i);
		cases[i].args.yes = true;
		fake_client_will_say(i == 3 ? mfa_wire_Reply_codes_tag
					    : mfa_wire_Reply_done_tag);
		assert_int_equal(
		    run(cases[i].name, &cases[i].args, ""), MFA_EXIT_DONE);
		(void)asked(cases[i].tag);
	}
	assert_string_equal(fake_client.requests[0].what.disable.user, "alice");
	assert_string_equal(
	    fake_client.requests[0].what.disable.factor, "phone");
	assert_string_equal(fake_client.requests[1].what.reset.user, "bob");
	assert_string_equal(fake_client.requests[2].what.remove.user, "bob");
}

static void
test_unlock(void **state)
{
	char *one[] = { bob, NULL };
	struct mfa_args args = { .count = 1, .operand = one };

	(void)state;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("unlock", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(
	    asked(mfa_wire_Request_unlock_tag)->what.unlock.user, "bob");
	assert_false(fake_client.requests[0].what.unlock.clock);
	args.clock = true;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("unlock", &args, ""), MFA_EXIT_DONE);
	assert_true(fake_client.requests[1].what.unlock.clock);
}

static void
test_recovery_codes_json(void **state)
{
	const struct mfa_args args = {
		.user = "alice", .yes = true, .json = true
	};
	mfa_wire_Codes *codes;

	(void)state;
	codes = &fake_client_will_say(mfa_wire_Reply_codes_tag)->what.codes;
	codes->code_count = 2;
	(void)memcpy(codes->code[0], "AAAA", 5);
	(void)memcpy(codes->code[1], "BBBB", 5);
	assert_int_equal(run("recovery-codes", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(
	    out.text, "{\"recovery_codes\":[\"AAAA\",\"BBBB\"]}\n");
}

static void
test_sync_sends_two_codes(void **state)
{
	char *one[] = { phone, NULL };
	const struct mfa_args args = {
		.user = "alice", .count = 1, .operand = one
	};
	const mfa_wire_Sync *sync;

	(void)state;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("sync", &args, "111111\n222222\n"), MFA_EXIT_DONE);
	sync = &asked(mfa_wire_Request_sync_tag)->what.sync;
	assert_string_equal(sync->factor, "phone");
	assert_int_equal(sync->first.size, 6);
	assert_memory_equal(sync->first.bytes, "111111", 6);
	assert_int_equal(sync->second.size, 6);
	assert_memory_equal(sync->second.bytes, "222222", 6);
	assert_int_equal(run("sync", &args, "111111\n"), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 1);
	fake_client_will_refuse(MFA_ERR_WRONG, "not in a row");
	assert_int_equal(
	    run("sync", &args, "111111\n222222\n"), MFA_EXIT_WRONG);
}

static void
test_key_list_and_words(void **state)
{
	char *words[] = { list_word, NULL }, *junk[] = { junk_word, NULL };
	char *fresh[] = { new_word, NULL };
	struct mfa_args args = { .json = true, .count = 1, .operand = words };
	mfa_wire_KeyInfo *key;

	(void)state;
	key = &fake_client_will_say(mfa_wire_Reply_key_tag)->what.key;
	(void)memcpy(key->id, "0123456789abcdef", 17);
	key->primary = true;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("key", &args, ""), MFA_EXIT_DONE);
	(void)asked(mfa_wire_Request_keys_tag);
	assert_string_equal(out.text,
	    "{\"keys\":[{\"id\":\"0123456789abcdef\",\"primary\":true,"
	    "\"problem\":\"\"}]}\n");
	args.operand = fresh;
	assert_int_equal(run("key", &args, ""), MFA_EXIT_USAGE);
	args.operand = junk;
	args.json = false;
	assert_int_equal(run("key", &args, ""), MFA_EXIT_USAGE);
	assert_int_equal(run("config", &args, ""), MFA_EXIT_USAGE);
	assert_int_equal(run("users", &args, ""), MFA_EXIT_USAGE);
	assert_int_equal(fake_client.asked, 1);
}

#define FRESH(test) cmocka_unit_test_setup(test, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_list),
		FRESH(test_empty_list),
		FRESH(test_broken_list),
		FRESH(test_status),
		FRESH(test_users),
		FRESH(test_removal_is_agreed_first),
		FRESH(test_unlock),
		FRESH(test_recovery_codes_json),
		FRESH(test_sync_sends_two_codes),
		FRESH(test_key_list_and_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
