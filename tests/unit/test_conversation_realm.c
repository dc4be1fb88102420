/* SPDX-License-Identifier: MIT */
/*
 * R17, R21: realms over a real socket: whose they are, and that none reaches
 * into another.
 */
#include "tests/unit/office.h"

#include <unistd.h>

static int
with_realms(void **state)
{
	if (office_new(state) != 0)
		return -1;
	office_configure(*state, "require = all\n" OFFICE_REALMS);
	return 0;
}

static void
ask_in(struct office *o, pb_size_t tag, const char *realm, const char *user)
{
	mfa_wire_Request request;

	office_name(&request, tag, realm, user);
	office_say(o, &request);
}

/* What users tells: the names of a realm, by blanks, as they come. */
static void
users_of(struct office *o, const char *realm, uid_t by, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	office_hello(o);
	ask_in(o, mfa_wire_Request_users_tag, realm, "");
	office_run(o, by);
	for (unsigned int i = 1; i + 1 < o->count; i++)
		at += (size_t)snprintf(out + at, size - at, "%s ",
		    office_reply(o, i,
			mfa_wire_Reply_account_tag)->what.account.user);
	(void)office_reply(o, o->count - 1, mfa_wire_Reply_done_tag);
}

static void
test_R17_the_same_name_in_three_realms(void **state)
{
	static const char *const realms[] = { "", "shop", "forum" };
	static const uid_t uids[] = { 0, OFFICE_SHOP, OFFICE_FORUM };
	static const char *const ids[] = { "u-alice", "r-shop%-alice",
		"r-forum%-alice" };
	struct office *o = *state;
	char names[200];

	for (int i = 0; i < 3; i++) {
		office_enroll_in(o, realms[i], "alice", uids[i]);
		assert_string_equal(o->claimed, ids[i]);
	}
	for (int i = 0; i < 3; i++) {
		users_of(o, realms[i], uids[i], names, sizeof(names));
		assert_string_equal(names, "alice ");
		/* Root may, everywhere. */
		users_of(o, realms[i], 0, names, sizeof(names));
		assert_string_equal(names, "alice ");
	}
	/* What is done in one is seen in one. */
	office_hello(o);
	ask_in(o, mfa_wire_Request_reset_tag, "shop", "alice");
	ask_in(o, mfa_wire_Request_remove_tag, "shop", "alice");
	office_run(o, OFFICE_SHOP);
	(void)office_reply(o, 1, mfa_wire_Reply_done_tag);
	(void)office_reply(o, 2, mfa_wire_Reply_done_tag);
	for (int i = 0; i < 3; i++) {
		users_of(o, realms[i], 0, names, sizeof(names));
		assert_string_equal(names, i == 1 ? "" : "alice ");
	}
}

/* Its service does for its subjects what root does for users. */
static void
test_R9_a_realm_s_account_is_no_ordinary_user(void **state)
{
	struct office *o = *state;
	mfa_wire_Request request;
	const mfa_wire_Account *account;

	office_enroll_in(o, "shop", "jo", OFFICE_SHOP);
	for (int i = 0; i < 6; i++) {
		char code[9];

		office_hello(o);
		office_name(&request, mfa_wire_Request_sync_tag, "shop", "jo");
		memcpy(request.what.sync.factor, "phone", 6);
		office_code(o, 40, code);
		request.what.sync.first.size = 6;
		memcpy(request.what.sync.first.bytes, code, 6);
		request.what.sync.second.size = 6;
		memcpy(request.what.sync.second.bytes, code, 6);
		office_say(o, &request);
		office_run(o, OFFICE_SHOP);
		office_error(o, 1, MFA_ERR_WRONG);
	}
	office_hello(o);
	ask_in(o, mfa_wire_Request_status_tag, "shop", "jo");
	ask_in(o, mfa_wire_Request_unlock_tag, "shop", "jo");
	ask_in(o, mfa_wire_Request_status_tag, "shop", "jo");
	office_run(o, OFFICE_SHOP);
	account = &office_reply(o, 1,
	    mfa_wire_Reply_account_tag)->what.account;
	assert_true(account->required);
	assert_true(account->locked_seconds > 0);
	(void)office_reply(o, 3, mfa_wire_Reply_done_tag);
	account = &office_reply(o, 4,
	    mfa_wire_Reply_account_tag)->what.account;
	assert_int_equal(account->locked_seconds, 0);
}

static void
test_R21_a_realm_that_is_not_configured(void **state)
{
	static const char *const realms[] = { "none", "Not a label", "unix ",
		"r-shop%-a" };
	static const pb_size_t tags[] = { mfa_wire_Request_status_tag,
		mfa_wire_Request_users_tag, mfa_wire_Request_enroll_tag,
		mfa_wire_Request_challenge_start_tag };
	static const uid_t others[] = { OFFICE_SHOP, OFFICE_ALICE };
	struct office *o = *state;

	for (int i = 0; i < 4 * 4; i++) {
		office_hello(o);
		ask_in(o, tags[i % 4], realms[i / 4], "alice");
		office_run(o, 0);
		office_error(o, 1, MFA_ERR_NO_REALM);
		for (int n = 0; n < 2; n++) {
			office_hello(o);
			ask_in(o, tags[i % 4], realms[i / 4], "alice");
			office_run(o, others[n]);
			office_error(o, 1, MFA_ERR_DENIED);
		}
	}
	/* A name that is empty is what is wrong for who may say one. */
	office_hello(o);
	ask_in(o, mfa_wire_Request_status_tag, "shop", "");
	office_run(o, OFFICE_SHOP);
	office_error(o, 1, MFA_ERR_INVALID);
}

/* R28: a number that the configuration names is somebody; others are not. */
static void
test_R28_an_account_without_a_name(void **state)
{
	static const uid_t strangers[] = { OFFICE_FORUM + 1, 100000 };
	struct office *o = *state;

	office_enroll_in(o, "forum", "jo", OFFICE_FORUM);
	for (int i = 0; i < 2; i++) {
		office_hello(o);
		ask_in(o, mfa_wire_Request_status_tag, "forum", "jo");
		office_run(o, strangers[i]);
		assert_int_equal(o->count, 1);
		office_error(o, 0, MFA_ERR_DENIED);
	}
	/* Nor is it, once it is named no more. */
	office_configure(o, "require = all\n");
	office_hello(o);
	office_run(o, OFFICE_FORUM);
	assert_int_equal(o->count, 1);
	office_error(o, 0, MFA_ERR_DENIED);
}

static void
test_R28_busy_counts_by_record_of_the_realm(void **state)
{
	struct office *o = *state;

	o->full = true;
	office_hello(o);
	ask_in(o, mfa_wire_Request_status_tag, "shop", "jo");
	ask_in(o, mfa_wire_Request_users_tag, "shop", "");
	office_run(o, 0);
	office_error(o, 1, MFA_ERR_BUSY);
	assert_string_equal(o->claimed, "r-shop%-jo");
	(void)office_reply(o, 2, mfa_wire_Reply_done_tag);
}

/* What was read while root serves the one conversation of the process. */
static void
test_R27_a_configuration_that_was_read_already(void **state)
{
	struct office *o = *state;
	struct mfa_config_problem problem;
	static struct mfa_config config;

	assert_int_equal(mfa_config_load(&mfa_config_system, &config,
	    &problem), MFA_OK);
	assert_int_equal(unlink(o->config), 0);
	office_hello(o);
	ask_in(o, mfa_wire_Request_status_tag, "shop", "jo");
	office_run(o, OFFICE_SHOP);
	office_error(o, 1, MFA_ERR_CONFIG);
	o->office.config = &config;
	office_hello(o);
	ask_in(o, mfa_wire_Request_status_tag, "shop", "jo");
	office_run(o, OFFICE_SHOP);
	(void)office_reply(o, 1, mfa_wire_Reply_account_tag);
	/* The store is looked for where that says. */
	memcpy(config.store, "file:/nowhere", 14);
	office_hello(o);
	ask_in(o, mfa_wire_Request_status_tag, "shop", "jo");
	office_run(o, OFFICE_SHOP);
	office_error(o, 1, MFA_ERR_NOT_FOUND);
	assert_string_equal(o->replies[1].what.error.text, "no such entry");
	/* Where that is, is for root. */
	office_hello(o);
	ask_in(o, mfa_wire_Request_status_tag, "shop", "jo");
	office_run(o, 0);
	office_error(o, 1, MFA_ERR_NOT_FOUND);
	assert_string_equal(o->replies[1].what.error.text,
	    "file:/nowhere: no such entry");
}

/* A typing error is seen; bytes that steer a terminal are not sent back. */
static void
test_a_factor_that_is_not_there_is_named(void **state)
{
	static const pb_size_t tags[] = { mfa_wire_Request_disable_tag,
		mfa_wire_Request_rename_tag, mfa_wire_Request_sync_tag,
		mfa_wire_Request_confirm_tag, mfa_wire_Request_send_tag };
	struct office *o = *state;
	mfa_wire_Request request;
	char *const factors[] = { request.what.disable.factor,
		request.what.rename.factor, request.what.sync.factor,
		request.what.confirm.factor, request.what.send.factor };

	office_configure(o, "providers = totp otp\n" OFFICE_REALMS
	    "providers = totp otp\n[otp]\nprogram = /nowhere/x\n");
	office_enroll_in(o, "forum", "jo", OFFICE_FORUM);
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		office_name(&request, tags[i], "forum", "jo");
		memcpy(factors[i], "ph\033ne", 6);
		if (tags[i] == mfa_wire_Request_rename_tag)
			memcpy(request.what.rename.label, "new", 4);
		if (tags[i] == mfa_wire_Request_confirm_tag) {
			request.what.confirm.code.size = 6;
			memcpy(request.what.confirm.code.bytes, "111111", 6);
		}
		if (tags[i] == mfa_wire_Request_sync_tag) {
			request.what.sync.first.size = 6;
			memcpy(request.what.sync.first.bytes, "111111", 6);
			request.what.sync.second.size = 6;
			memcpy(request.what.sync.second.bytes, "111111", 6);
		}
		office_hello(o);
		office_say(o, &request);
		office_run(o, OFFICE_FORUM);
		office_error(o, 1, MFA_ERR_NOT_FOUND);
		assert_memory_equal(o->replies[1].what.error.text,
		    "no factor ph\\x1bne", 18);
	}
}

#define IN_OFFICE(f) \
	cmocka_unit_test_setup_teardown(f, with_realms, office_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OFFICE(test_R17_the_same_name_in_three_realms),
		IN_OFFICE(test_R9_a_realm_s_account_is_no_ordinary_user),
		IN_OFFICE(test_R21_a_realm_that_is_not_configured),
		IN_OFFICE(test_R28_an_account_without_a_name),
		IN_OFFICE(test_R28_busy_counts_by_record_of_the_realm),
		IN_OFFICE(test_R27_a_configuration_that_was_read_already),
		IN_OFFICE(test_a_factor_that_is_not_there_is_named),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
