/* SPDX-License-Identifier: MIT */
/* What each command asks the verifier, and makes of its answer. */
#include "tests/unit/capture.h"

#include <pwd.h>

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
	"\"wrong_today_unprivileged\":0,"                                 \
	"\"locked_seconds_unprivileged\":0,"                              \
	"\"invited_seconds\":0,\"invitation_compared\":0,"               \
	"\"bypass_seconds\":0,\"bypass_compared\":0,"                    \
	"\"bypass_reason\":\"\","                                         \
	"\"remembered\":0,\"by_rules\":false,"                           \
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
	assert_non_null(strstr(out.text, "8 of 10 left\n"));
	assert_non_null(strstr(out.text, "Locked at logins: for 15 min: "));
	assert_null(strstr(out.text, "screen lockers"));
	assert_string_equal(
	    asked(mfa_wire_Request_status_tag)->what.status.user, "alice");
	args.json = true;
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_string_equal(out.text, "{\"user\":\"alice\"," ACCOUNT "\n");
}

/* Nothing is said of what never was, and no line takes back another. */
static void
test_status_tells_locks_and_codes_apart(void **state)
{
	const struct mfa_args args = { .user = "alice" };
	mfa_wire_Account *a;

	(void)state;
	a = &fake_client_will_say(mfa_wire_Reply_account_tag)->what.account;
	fill_account(a, "alice");
	a->locked_seconds = 0;
	a->locked_seconds_unprivileged = 900;
	a->recovery_compared = 2;
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "\nLocked at logins: no\n"
	    "Locked at screen lockers and own commands: for 15 min\n"));
	assert_non_null(strstr(out.text, " left; somebody typed one 2 times,"));
	/* The last factor is gone, and with it the codes. */
	a = &fake_client_will_say(mfa_wire_Reply_account_tag)->what.account;
	a->exists = true;
	a->recovery_compared = 1;
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "Recovery codes:  none\n"));
	assert_null(strstr(out.text, "typed"));
}

/* What depends on where somebody logs in is neither yes nor no. */
static void
test_status_with_rules(void **state)
{
	struct mfa_args args = { .user = "alice" };
	mfa_wire_Account *a;

	(void)state;
	for (int i = 0; i < 3; i++) {
		a = &fake_client_will_say(mfa_wire_Reply_account_tag)
			 ->what.account;
		fill_account(a, "alice b");
		a->by_rules = true;
		a->remembered = 2;
	}
	a->remembered = 1;
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "\nAsked for code:  depends on rules: "
	    "medusa-mfa explain 'alice b' SERVICE\n"));
	assert_non_null(strstr(out.text, "\nRemembered:      2 places\n"));
	args.json = true;
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text,
	    ",\"remembered\":2,\"by_rules\":true,"));
	/* explain is not for everybody. */
	args.json = false;
	args.owner = true;
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text,
	    "\nAsked for code:  depends on rules\n"));
	assert_non_null(strstr(out.text, "\nRemembered:      1 place\n"));
	fill_account(
	    &fake_client_will_say(mfa_wire_Reply_account_tag)->what.account,
	    "alice");
	assert_int_equal(run("status", &args, ""), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "\nAsked for code:  yes\n"));
	assert_null(strstr(out.text, "Remembered"));
	assert_null(strstr(out.text, "rules"));
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
	assert_non_null(strstr(out.text, "\nLocked:          for 15 min: "));
	assert_null(strstr(out.text, "logins"));
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
	    "{\"users\":[\n{\"user\":\"\\u001B[2Jevil\"," SUBJECT
	    ",\n{\"user\":\"alice\"," SUBJECT "]}\n");
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

static void
test_command_that_was_meant(void **state)
{
	static const struct {
		const char *name, *meant; /* NULL: none */
	} cases[] = {
		{ "enrol", "enroll" }, { "enrolll", "enroll" },
		{ "enrull", "enroll" }, { "nroll", "enroll" },
		{ "conf", NULL },
		{ "confi", "config" },
		{ "recovery", "recovery-codes" },
		{ "stat", "status" },
		{ "user", "users" },
		{ "re", NULL },
		{ "s", NULL },
		{ "", NULL },
		{ "status-of-all", NULL },
		{ "nonsense", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mfa_command *c = mfa_command_like(cases[i].name);

		assert_int_equal(c != NULL, cases[i].meant != NULL);
		if (c != NULL)
			assert_string_equal(c->name, cases[i].meant);
	}
}

/* One who is not root; true if he may, else he was told so in one line. */
static bool
ordinary_may(const struct mfa_command *command, const struct mfa_args *args)
{
	bool may;

	capture_begin(&err, STDERR_FILENO);
	may = mfa_command_allowed(command, args, 1);
	(void)capture_end(&err);
	if (may)
		return true;
	assert_memory_equal(err.text, "medusa-mfa: ", 12);
	assert_ptr_equal(
	    strchr(err.text, '\n'), err.text + strlen(err.text) - 1);
	return false;
}

/* Only where the verifier would say the same. */
static void
test_R21_root_only_commands_are_refused_early(void **state)
{
	static const char *const root[] = { "setup", "sync", "users", "invite",
		"bypass", "import", "reset", "unlock", "key", "store",
		"config", "explain" };
	static const struct mfa_args none = { .user = NULL },
				     own = { .realm = "unix" },
				     shop = { .realm = "shop" };

	(void)state;
	for (size_t i = 0; i < mfa_command_count; i++) {
		const struct mfa_command *c = &mfa_commands[i];
		bool expected = true;

		for (size_t j = 0; j < sizeof(root) / sizeof(root[0]); j++)
			expected = expected && strcmp(c->name, root[j]) != 0;
		assert_true(mfa_command_allowed(c, &none, 0));
		if (ordinary_may(c, &none) != expected ||
		    ordinary_may(c, &own) != expected)
			fail_msg("%s", c->name);
		if (!expected && strstr(err.text, "must be run as root") == NULL)
			fail_msg("%s: %s", c->name, err.text);
		/* The summaries say the same. */
		if ((strstr(c->summary, "(root") == NULL) != expected)
			fail_msg("%s: %s", c->name, c->summary);
		assert_true(ordinary_may(c, &shop));
	}
}

/* uid 1 is somebody on every host, and is not root. */
static void
test_R21_another_users_record_is_refused_early(void **state)
{
	const struct mfa_command *list = mfa_command_find("list");
	const struct passwd *pw = getpwuid(1);
	struct mfa_args args = { .user = "root" };

	(void)state;
	assert_non_null(pw);
	assert_false(ordinary_may(list, &args));
	assert_string_equal(err.text,
	    "medusa-mfa: only root may name another user with --user\n");
	args.user = "nobody-of-that-name";
	assert_false(ordinary_may(list, &args));
	assert_true(mfa_command_allowed(list, &args, 0));
	args.user = pw->pw_name;
	assert_true(ordinary_may(list, &args));
	args.user = "root";
	args.realm = "shop";
	assert_true(ordinary_may(list, &args));
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

#define FRESH(test) cmocka_unit_test_setup(test, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_status),
		FRESH(test_status_tells_locks_and_codes_apart),
		FRESH(test_status_with_rules),
		FRESH(test_status_of_a_realm),
		FRESH(test_factors_whose_provider_is_off_are_told_apart),
		FRESH(test_users),
		FRESH(test_removal_is_agreed_first),
		FRESH(test_unlock),
		FRESH(test_rename),
		FRESH(test_R12_send_asks_for_another_code),
		FRESH(test_command_that_was_meant),
		FRESH(test_R21_root_only_commands_are_refused_early),
		FRESH(test_R21_another_users_record_is_refused_early),
		FRESH(test_recovery_codes_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
