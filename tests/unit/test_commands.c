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
	    list_word[] = "list", new_word[] = "new", junk_word[] = "junk",
	    empty[] = "";

static void
fill_account(mfa_wire_Account *a, const char *user)
{
	(void)snprintf(a->user, sizeof(a->user), "%s", user);
	a->uid = 4294967290U;
	a->exists = a->enrolled = a->required = true;
	a->enabled_factors = a->usable_factors = 2;
	a->recovery_left = 8;
	a->recovery_total = 10;
	a->locked_seconds = 900;
	a->wrong_today = 3;
}

#define ACCOUNT_OF(uid)                                                    \
	"\"uid\":" uid ",\"exists\":true,\"enrolled\":true,"                 \
	"\"required\":true,\"exempt\":false,\"blocked\":false,"            \
	"\"enabled_factors\":2,\"usable_factors\":2,"                      \
	"\"pending_factors\":0,\"recovery_left\":8,"                       \
	"\"recovery_total\":10,\"recovery_compared\":0,"                   \
	"\"locked_seconds\":900,\"wrong_today\":3,\"wrong_month\":0,"      \
	"\"problem\":\"\"}"
#define ACCOUNT ACCOUNT_OF("4294967290")
#define SUBJECT ACCOUNT_OF("null") /* in another realm */

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

/* In another realm no uid is anybody's. */
static void
test_status_of_a_realm(void **state)
{
	const struct mfa_args args = { .user = "carol", .realm = "shop" };

	(void)state;
	fill_account(
	    &fake_client_will_say(mfa_wire_Reply_account_tag)->what.account,
	    "carol");
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(
	    asked(mfa_wire_Request_status_tag)->what.status.realm, "shop");
	assert_non_null(strstr(out.text, "Realm:           shop\n"));
	assert_null(strstr(out.text, "uid"));
}

/* A factor that lets in nobody is no factor to rely on. */
static void
test_factors_whose_provider_is_off_are_told_apart(void **state)
{
	struct mfa_args args = { .user = "alice" };
	mfa_wire_Account *a;

	(void)state;
	for (int i = 0; i < 3; i++) {
		a = &fake_client_will_say(mfa_wire_Reply_account_tag)
			 ->what.account;
		fill_account(a, "alice");
		a->usable_factors = 1;
	}
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text,
	    "2 enabled, 1 usable (provider off: 1), 0 pending\n"));
	args.json = true;
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text,
	    "\"enabled_factors\":2,\"usable_factors\":1,"));
	args.json = false;
	assert_int_equal(run("users", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, " 1 of 2 "));
}

static void
test_users(void **state)
{
	struct mfa_args args = { .count = 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
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
	assert_string_equal(
	    asked(mfa_wire_Request_users_tag)->what.users.realm, "");
	assert_non_null(strstr(out.text, " 4294967290 yes "));
	args.realm = "shop";
	assert_int_equal(run("users", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "alice                -          yes"));
	assert_null(strstr(out.text, "4294967290"));
	args.json = true;
	assert_int_equal(run("users", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text,
	    "{\"users\":[\n{\"user\":\"alice\"," SUBJECT
	    ",\n{\"user\":\"\\u001B[2Jevil\"," SUBJECT "]}\n");
	assert_string_equal(
	    asked(mfa_wire_Request_users_tag)->what.users.realm, "shop");
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
		{ "reset", { .realm = "shop", .count = 1, .operand = one },
		    mfa_wire_Request_reset_tag },
		{ "users", { .realm = "shop", .count = 2, .operand = two },
		    mfa_wire_Request_remove_tag },
		{ "recovery-codes", { .user = "alice", .realm = "shop" },
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
	assert_string_equal(fake_client.requests[0].what.disable.realm, "");
	assert_string_equal(fake_client.requests[1].what.reset.realm, "shop");
	assert_string_equal(fake_client.requests[2].what.remove.realm, "shop");
	assert_string_equal(
	    fake_client.requests[3].what.recovery_codes.realm, "shop");
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
	assert_string_equal(fake_client.requests[0].what.unlock.realm, "");
	args.clock = true;
	args.realm = "shop";
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("unlock", &args, ""), MFA_EXIT_DONE);
	assert_true(fake_client.requests[1].what.unlock.clock);
	assert_string_equal(fake_client.requests[1].what.unlock.realm, "shop");
}

static void
test_rename(void **state)
{
	char *two[] = { phone, bob, NULL }, *none[] = { phone, empty, NULL };
	struct mfa_args args = {
		.user = "alice", .realm = "shop", .count = 2, .operand = two
	};
	const mfa_wire_Rename *sent = &fake_client.requests[0].what.rename;

	(void)state;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("rename", &args, ""), MFA_EXIT_DONE);
	(void)asked(mfa_wire_Request_rename_tag);
	assert_string_equal(sent->user, "alice");
	assert_string_equal(sent->realm, "shop");
	assert_string_equal(sent->factor, "phone");
	assert_string_equal(sent->label, "bob");
	fake_client_will_refuse(MFA_ERR_EXISTS, "there is one");
	assert_int_equal(run("rename", &args, ""), MFA_EXIT_FAILED);
	assert_string_equal(err.text, "medusa-mfa: there is one\n");
	args.operand = none;
	assert_int_equal(run("rename", &args, ""), MFA_EXIT_USAGE);
	assert_int_equal(fake_client.asked, 2);
}

static void
test_R12_send_asks_for_another_code(void **state)
{
	char *one[] = { phone, NULL };
	const struct mfa_args args = {
		.user = "alice", .realm = "shop", .count = 1, .operand = one
	};
	const mfa_wire_Send *sent = &fake_client.requests[0].what.send;

	(void)state;
	fake_client_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(run("send", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text, "Another code is on its way.\n");
	(void)asked(mfa_wire_Request_send_tag);
	assert_string_equal(sent->user, "alice");
	assert_string_equal(sent->realm, "shop");
	assert_string_equal(sent->factor, "phone");
	fake_client_will_refuse(MFA_ERR_TOO_SOON, "wait");
	assert_int_equal(run("send", &args, ""), MFA_EXIT_FAILED);
	assert_string_equal(out.text, "");
	assert_string_equal(err.text, "medusa-mfa: wait\n");
}

/* One who is not root; true if he may, else he was told so in one line. */
static bool
ordinary_may(const struct mfa_command *command, const char *realm)
{
	const struct mfa_args args = { .user = "alice", .realm = realm };
	bool may;

	capture_begin(&err, STDERR_FILENO);
	may = mfa_command_allowed(command, &args, 1000);
	(void)capture_end(&err);
	if (may)
		return true;
	assert_memory_equal(err.text, "medusa-mfa: ", 12);
	assert_non_null(strstr(err.text, " must be run as root"));
	assert_ptr_equal(
	    strchr(err.text, '\n'), err.text + strlen(err.text) - 1);
	return false;
}

/* Only where the verifier would say the same. */
static void
test_R21_root_only_commands_are_refused_early(void **state)
{
	static const char *const anybody[] = { "list", "status", "verify",
		"config" };
	const struct mfa_args own = { .user = "alice" };

	(void)state;
	for (size_t i = 0; i < mfa_command_count; i++) {
		const struct mfa_command *c = &mfa_commands[i];
		bool expected = false;

		for (size_t j = 0; j < 4; j++)
			expected = expected || strcmp(c->name, anybody[j]) == 0;
		assert_true(mfa_command_allowed(c, &own, 0));
		if (ordinary_may(c, NULL) != expected ||
		    ordinary_may(c, "unix") != expected)
			fail_msg("%s", c->name);
		assert_true(ordinary_may(c, "shop"));
	}
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

/* What a list says of one factor. */
static void
will_look(const char *label, const char *provider, const char *status)
{
	mfa_wire_FactorInfo *f =
	    &fake_client_will_say(mfa_wire_Reply_factor_tag)->what.factor;

	(void)snprintf(f->label, sizeof(f->label), "%s", label);
	(void)snprintf(f->provider, sizeof(f->provider), "%s", provider);
	(void)snprintf(f->status, sizeof(f->status), "%s", status);
	fake_client_will_say(mfa_wire_Reply_done_tag);
}

static void
test_sync_sends_two_codes(void **state)
{
	char *one[] = { phone, NULL };
	const struct mfa_args args = {
		.user = "alice", .realm = "shop", .count = 1, .operand = one
	};
	const mfa_wire_Sync *sync;

	(void)state;
	will_look("phone", "totp", "enabled");
	(void)memcpy(fake_client_will_say(mfa_wire_Reply_done_tag)
			 ->what.done.text, "ahead", 6);
	assert_int_equal(run("sync", &args, "111111\n222222\n"), MFA_EXIT_DONE);
	assert_string_equal(out.text, "ahead\n");
	assert_string_equal(fake_client.requests[0].what.list.realm, "shop");
	sync = &asked(mfa_wire_Request_sync_tag)->what.sync;
	assert_string_equal(sync->factor, "phone");
	assert_string_equal(sync->realm, "shop");
	assert_int_equal(sync->first.size, 6);
	assert_memory_equal(sync->first.bytes, "111111", 6);
	assert_int_equal(sync->second.size, 6);
	assert_memory_equal(sync->second.bytes, "222222", 6);
	will_look("phone", "totp", "blocked");
	assert_int_equal(run("sync", &args, "111111\n"), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 3);
	will_look("phone", "hotp", "enabled");
	fake_client_will_refuse(MFA_ERR_WRONG, "not in a row");
	assert_int_equal(
	    run("sync", &args, "111111\n222222\n"), MFA_EXIT_WRONG);
	assert_string_equal(out.text, "");
}

/* A counter is not ahead or behind: it is where the token says. */
static void
test_sync_of_a_token_takes_its_counter(void **state)
{
	char *one[] = { phone, NULL };
	const struct mfa_args args = {
		.user = "alice", .count = 1, .operand = one
	};

	(void)state;
	will_look("phone", "hotp", "enabled");
	(void)memcpy(fake_client_will_say(mfa_wire_Reply_done_tag)
			 ->what.done.text, "ahead", 6);
	assert_int_equal(run("sync", &args, "111111\n222222\n"), MFA_EXIT_DONE);
	(void)asked(mfa_wire_Request_sync_tag);
	assert_string_equal(out.text,
	    "The counter of the token is taken over.\n");
}

/* Before anybody types codes for nothing. */
static void
test_sync_of_what_has_no_clock_is_refused(void **state)
{
	static const struct {
		const char *label, *provider, *status, *said;
	} cases[] = {
		{ "phone", "otp", "enabled", "sync is for totp and hotp" },
		{ "phone", "yubico", "enabled", "factor of yubico" },
		{ "phone", "totp", "pending", "not enabled" },
		{ "phone", "totp", "disabled", "not enabled" },
		{ "other", "totp", "enabled", "alice has no such factor" },
	};
	char *one[] = { phone, NULL };
	const struct mfa_args args = {
		.user = "alice", .count = 1, .operand = one
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		will_look(cases[i].label, cases[i].provider, cases[i].status);
		assert_int_equal(
		    run("sync", &args, "111111\n222222\n"), MFA_EXIT_FAILED);
		if (strstr(err.text, cases[i].said) == NULL)
			fail_msg("%s: %s", cases[i].said, err.text);
		(void)asked(mfa_wire_Request_list_tag);
	}
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
		FRESH(test_status),
		FRESH(test_status_of_a_realm),
		FRESH(test_factors_whose_provider_is_off_are_told_apart),
		FRESH(test_users),
		FRESH(test_removal_is_agreed_first),
		FRESH(test_unlock),
		FRESH(test_rename),
		FRESH(test_R12_send_asks_for_another_code),
		FRESH(test_R21_root_only_commands_are_refused_early),
		FRESH(test_recovery_codes_json),
		FRESH(test_sync_sends_two_codes),
		FRESH(test_sync_of_a_token_takes_its_counter),
		FRESH(test_sync_of_what_has_no_clock_is_refused),
		FRESH(test_key_list_and_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
