/* SPDX-License-Identifier: MIT */
/* R1, R5, R6, R9, R21: challenges as an application asks for them. */
#include "tests/unit/office.h"

static int
with_realms(void **state)
{
	if (office_new(state) != 0)
		return -1;
	office_configure(*state, "require = all\n" OFFICE_REALMS);
	return 0;
}

/* A conversation of its own, as every process of an application has. */
static const mfa_wire_Verdict *
verify(struct office *o, const char *id, const char *code, uid_t by)
{
	mfa_wire_Request request;

	office_hello(o);
	office_name(&request, mfa_wire_Request_challenge_verify_tag, "", "");
	memcpy(request.what.challenge_verify.id, id, strlen(id) + 1);
	request.what.challenge_verify.code.size = (pb_size_t)strlen(code);
	memcpy(request.what.challenge_verify.code.bytes, code, strlen(code));
	office_say(o, &request);
	office_run(o, by);
	return &office_reply(o, 1, mfa_wire_Reply_verdict_tag)->what.verdict;
}

static void
start(struct office *o, const char *realm, const char *user, uid_t by)
{
	mfa_wire_Request request;

	office_hello(o);
	office_name(&request, mfa_wire_Request_challenge_start_tag, realm,
	    user);
	office_say(o, &request);
	office_run(o, by);
}

/* Asked about an id with verify, whatever comes of it. */
static void
try(struct office *o, const char *id, uid_t by)
{
	mfa_wire_Request request;

	office_hello(o);
	office_name(&request, mfa_wire_Request_challenge_verify_tag, "", "");
	memcpy(request.what.challenge_verify.id, id, strlen(id) + 1);
	request.what.challenge_verify.code.size = 6;
	memcpy(request.what.challenge_verify.code.bytes, "123456", 6);
	office_say(o, &request);
	office_name(&request, mfa_wire_Request_challenge_send_tag, "", "");
	memcpy(request.what.challenge_send.id, id, strlen(id) + 1);
	office_say(o, &request);
	office_run(o, by);
}

static void
wrong(const struct office *o, char code[9])
{
	char good[9];
	bool hit = true;

	for (unsigned int n = 100000; hit; n++) {
		(void)snprintf(code, 9, "%06u", n % 1000000);
		hit = false;
		for (int step = -2; step <= 2; step++) {
			office_code(o, step, good);
			hit |= strcmp(good, code) == 0;
		}
	}
}

/* ---- once ---- */

static void
test_R1_a_right_answer_is_accepted_once(void **state)
{
	static const uid_t uids[] = { OFFICE_SHOP, 0 };
	struct office *o = *state;
	const mfa_wire_Verdict *v;
	char id[841], code[9];

	office_enroll_in(o, "shop", "jo@example", OFFICE_SHOP);
	for (int i = 0; i < 2; i++) {
		office_challenge(o, "shop", "jo@example", uids[i], id);
		assert_string_equal(id + 32, ".shop.jo%40example");
		assert_string_equal(o->claimed, "r-shop%-jo%40example");
		office_code(o, 0, code);
		v = verify(o, id, code, uids[i]);
		assert_int_equal(v->code, MFA_VERDICT_ACCEPT);
		assert_int_equal(v->reason, MFA_REASON_OK);
		assert_string_equal(v->method, "totp");
		assert_string_equal(v->text, "");
		assert_int_equal(o->events[MFA_EVENT_CHALLENGE_VERIFIED],
		    i + 1);
		/* Consumed: nor does the next code of the app open it. */
		office_code(o, 1, code);
		v = verify(o, id, code, uids[i]);
		assert_int_equal(v->code, MFA_VERDICT_DENY);
		assert_int_equal(v->reason, MFA_REASON_EXPIRED);
		assert_string_equal(v->method, "");
		assert_true(v->text[0] != '\0');
		o->now.wall += 60;
		o->now.boot += 60;
	}
}

static void
test_R6_a_used_code_is_not_used_again_for_another(void **state)
{
	struct office *o = *state;
	const mfa_wire_Verdict *v;
	char first[841], second[841], code[9];

	office_enroll(o, "alice");
	office_challenge(o, "", "alice", 0, first);
	office_challenge(o, "", "alice", 0, second);
	assert_string_not_equal(first, second);
	office_code(o, 0, code);
	assert_int_equal(verify(o, first, code, 0)->code, MFA_VERDICT_ACCEPT);
	v = verify(o, second, code, 0);
	assert_int_equal(v->code, MFA_VERDICT_DENY);
	assert_int_equal(v->reason, MFA_REASON_REPLAYED);
	assert_string_equal(v->text, "Code already used, wait for the next.");
	/* Nor is a code of a challenge one of a login. */
	office_hello(o);
	office_login(o, "alice", 1);
	office_answer(o, code);
	office_run(o, 0);
	assert_int_equal(office_reply(o, 2,
	    mfa_wire_Reply_verdict_tag)->what.verdict.reason,
	    MFA_REASON_REPLAYED);
}

static void
test_R9_wrong_answers_are_counted_down(void **state)
{
	struct office *o = *state;
	const mfa_wire_Verdict *v;
	char id[841], code[9];
	uint32_t left;

	office_enroll_in(o, "shop", "jo", OFFICE_SHOP);
	office_challenge(o, "shop", "jo", OFFICE_SHOP, id);
	wrong(o, code);
	v = verify(o, id, code, OFFICE_SHOP);
	assert_int_equal(v->code, MFA_VERDICT_DENY);
	assert_int_equal(v->reason, MFA_REASON_WRONG);
	assert_string_equal(v->text, "Wrong code.");
	assert_string_equal(v->method, "");
	left = v->attempts_left;
	assert_in_range(left, 1, 10);
	while (left > 0) {
		v = verify(o, id, code, OFFICE_SHOP);
		assert_int_equal(v->code, MFA_VERDICT_DENY);
		assert_int_equal(v->attempts_left, left - 1);
		left = v->attempts_left;
	}
	/* Over, for a right code too. */
	office_code(o, 0, code);
	v = verify(o, id, code, OFFICE_SHOP);
	assert_int_equal(v->code, MFA_VERDICT_DENY);
	assert_int_equal(v->reason, MFA_REASON_EXPIRED);
	/* So many have locked the factor, too; for a while. */
	o->now.wall += 3600;
	o->now.boot += 3600;
	office_challenge(o, "shop", "jo", OFFICE_SHOP, id);
	office_code(o, 0, code);
	assert_int_equal(verify(o, id, code, OFFICE_SHOP)->code,
	    MFA_VERDICT_ACCEPT);
}

/* That many are left is a word on that code, and on no other. */
static void
test_R13_a_recovery_code_and_how_many_are_left(void **state)
{
	static const uid_t uids[] = { 0, OFFICE_ALICE };
	struct office *o = *state;
	const mfa_wire_Confirmed *confirmed;
	const mfa_wire_Verdict *v;
	char id[841], used[2][33], code[9];
	uint32_t count;

	office_enroll(o, "alice");
	confirmed = &office_reply(o, 2,
	    mfa_wire_Reply_confirmed_tag)->what.confirmed;
	count = confirmed->code_count;
	memcpy(used, confirmed->code, sizeof(used));
	for (unsigned int i = 0; i < 2; i++) {
		office_challenge(o, "", "alice", uids[i], id);
		v = verify(o, id, used[i], uids[i]);
		assert_int_equal(v->code, MFA_VERDICT_ACCEPT);
		assert_string_equal(v->method, "recovery_code");
		assert_int_equal(v->recovery_left, count - 1 - i);
		assert_int_equal(v->attempts_left, 0);
		office_challenge(o, "", "alice", uids[i], id);
		v = verify(o, id, used[i], uids[i]);
		assert_int_equal(v->code, MFA_VERDICT_DENY);
		assert_string_equal(v->text, "Recovery code already used.");
		assert_int_equal(v->recovery_left, 0);
		office_code(o, (int)i, code);
		v = verify(o, id, code, uids[i]);
		assert_int_equal(v->code, MFA_VERDICT_ACCEPT);
		assert_string_equal(v->method, "totp");
		assert_int_equal(v->recovery_left, 0);
		assert_int_equal(v->attempts_left, 0);
	}
}

/* ---- what is told to whom ---- */

static void
test_R5_no_reason_for_the_owner(void **state)
{
	struct office *o = *state;
	const mfa_wire_Verdict *v;
	char id[841], code[9];

	office_enroll(o, "alice");
	office_challenge(o, "", "alice", OFFICE_ALICE, id);
	wrong(o, code);
	v = verify(o, id, code, OFFICE_ALICE);
	assert_int_equal(v->code, MFA_VERDICT_DENY);
	assert_int_equal(v->reason, MFA_REASON_NONE);
	assert_int_equal(v->error, 0);
	assert_string_equal(v->text, "Wrong code.");
	office_code(o, 0, code);
	v = verify(o, id, code, OFFICE_ALICE);
	assert_int_equal(v->code, MFA_VERDICT_ACCEPT);
	assert_string_equal(v->method, "totp");
}

/* Locked reads like wrong for the owner; the realm's account is told both. */
static void
test_R5_locked_reads_like_wrong_for_the_owner(void **state)
{
	struct office *o = *state;
	const mfa_wire_Verdict *v;
	char id[841], bad[9], code[9];

	office_enroll(o, "alice");
	office_enroll_in(o, "shop", "jo", OFFICE_SHOP);
	wrong(o, bad);
	office_code(o, 0, code);
	for (int i = 0; i < 12; i++) {
		/* A right one, too, while it is locked. */
		office_challenge(o, "", "alice", OFFICE_ALICE, id);
		v = verify(o, id, i < 8 ? bad : code, OFFICE_ALICE);
		assert_int_equal(v->code, MFA_VERDICT_DENY);
		assert_int_equal(v->reason, MFA_REASON_NONE);
		assert_int_equal(v->lock, mfa_wire_Lock_LOCK_NONE);
		assert_int_equal(v->error, 0);
		assert_int_equal(v->recovery_left, 0);
		assert_string_equal(v->text, "Wrong code.");
		assert_string_equal(v->method, "");
		assert_string_equal(o->last_reason, i < 4 ? "wrong" : "locked");
	}
	for (int i = 0; i < 8; i++) {
		office_challenge(o, "shop", "jo", OFFICE_SHOP, id);
		v = verify(o, id, bad, OFFICE_SHOP);
		assert_int_equal(v->reason, i < 5 ? MFA_REASON_WRONG :
						    MFA_REASON_LOCKED);
		assert_int_equal(v->lock, mfa_wire_Lock_LOCK_NONE);
		assert_true(v->attempts_left > 0);
	}
}

/* The lock that a wrong code begins is root's to know, for its audit. */
static void
test_R9_locks_are_told_to_root(void **state)
{
	static const char *const realms[] = { "", "shop" };
	static const uid_t uids[] = { 0, OFFICE_SHOP };
	struct office *o = *state;
	const mfa_wire_Verdict *v;
	char id[841], code[9];

	for (int i = 0; i < 2; i++) {
		bool told = false;

		office_enroll_in(o, realms[i], "alice", 0);
		wrong(o, code);
		for (int n = 0; n < 6; n++) {
			office_challenge(o, realms[i], "alice", uids[i], id);
			v = verify(o, id, code, uids[i]);
			assert_int_equal(v->code, MFA_VERDICT_DENY);
			told |= v->lock == mfa_wire_Lock_LOCK_LOCKED;
		}
		assert_int_equal(v->reason, MFA_REASON_LOCKED);
		/* Which reads like a wrong code. */
		assert_string_equal(v->text, "Wrong code.");
		assert_int_equal(told, i == 0);
		assert_int_equal(o->events[MFA_EVENT_LOCKED], 1);
		o->now.wall += 3600;
		o->now.boot += 3600;
		office_challenge(o, realms[i], "alice", uids[i], id);
		office_code(o, 0, code);
		v = verify(o, id, code, uids[i]);
		assert_int_equal(v->code, MFA_VERDICT_ACCEPT);
		assert_int_equal(v->lock, i == 0 ?
			mfa_wire_Lock_LOCK_UNLOCKED :
			mfa_wire_Lock_LOCK_NONE);
	}
}

static void
test_service_and_host_are_the_request_s(void **state)
{
	struct office *o = *state;
	mfa_wire_Request request;

	office_enroll_in(o, "shop", "jo", OFFICE_SHOP);
	start(o, "shop", "jo", OFFICE_SHOP);
	assert_string_equal(o->last_service, "medusa-mfa");
	assert_string_equal(o->last_rhost, "");
	office_hello(o);
	office_name(&request, mfa_wire_Request_challenge_start_tag, "shop",
	    "jo");
	memcpy(request.what.challenge_start.service, "pay", 4);
	memcpy(request.what.challenge_start.rhost, "192.0.2.7", 10);
	office_say(o, &request);
	office_run(o, OFFICE_SHOP);
	(void)office_reply(o, 1, mfa_wire_Reply_challenge_tag);
	assert_int_equal(o->events[MFA_EVENT_CHALLENGE_CREATED], 2);
	assert_string_equal(o->last_service, "pay");
	assert_string_equal(o->last_rhost, "192.0.2.7");
}

/* ---- whether there is anything to prove ---- */

static void
test_R2_nothing_to_prove_by_policy_only(void **state)
{
	struct office *o = *state;
	const mfa_wire_Challenge *challenge;

	start(o, "", "bob", 0);
	office_error(o, 1, MFA_ERR_NOT_ENROLLED);
	start(o, "shop", "jo", OFFICE_SHOP);
	office_error(o, 1, MFA_ERR_NOT_ENROLLED);
	start(o, "", "carol", 0);
	office_error(o, 1, MFA_ERR_NO_USER);
	office_configure(o, "require = enrolled\nexempt_users = alice\n");
	office_enroll(o, "alice");
	for (int i = 0; i < 2; i++) {
		start(o, "", i == 0 ? "alice" : "bob", 0);
		challenge = &office_reply(o, 1,
		    mfa_wire_Reply_challenge_tag)->what.challenge;
		assert_true(challenge->not_required);
		assert_string_equal(challenge->id, "");
		assert_int_equal(challenge->method_count, 0);
		assert_int_equal(challenge->expires_seconds, 0);
		assert_int_equal(challenge->expires_at, 0);
	}
	/* Not whom nobody knows. */
	start(o, "", "carol", 0);
	office_error(o, 1, MFA_ERR_NO_USER);
}

static void
test_methods_and_time(void **state)
{
	struct office *o = *state;
	const mfa_wire_Challenge *challenge;

	office_enroll(o, "alice");
	start(o, "", "alice", OFFICE_ALICE);
	challenge = &office_reply(o, 1,
	    mfa_wire_Reply_challenge_tag)->what.challenge;
	assert_false(challenge->not_required);
	assert_int_equal(challenge->method_count, 2);
	assert_string_equal(challenge->method[0], "totp");
	assert_string_equal(challenge->method[1], "recovery_code");
	assert_true(challenge->expires_seconds > 0);
	assert_int_equal(challenge->expires_at,
	    o->now.wall + challenge->expires_seconds);
}

/* ---- ids ---- */

static void
test_R21_ids_of_others_and_ids_that_are_none(void **state)
{
	static const char *const none[] = { "", "x", "00112233",
		"00112233445566778899aabbccddeeff",
		"00112233445566778899aabbccddeeff.",
		"00112233445566778899aabbccddeeff.alice",
		"00112233445566778899AABBCCDDEEFF.unix.alice",
		"00112233445566778899aabbccddeeff.unix.%61lice" };
	static const uid_t uids[] = { 0, OFFICE_ALICE, OFFICE_SHOP };
	struct office *o = *state;
	char id[841];

	office_enroll(o, "alice");
	office_challenge(o, "", "alice", 0, id);
	try(o, id, OFFICE_BOB);
	assert_int_equal(o->count, 2);
	office_error(o, 1, MFA_ERR_DENIED);
	try(o, id, OFFICE_SHOP);
	assert_int_equal(o->count, 2);
	office_error(o, 1, MFA_ERR_DENIED);
	for (int i = 0; i < 3 * 8; i++) {
		try(o, none[i / 3], uids[i % 3]);
		assert_int_equal(o->count, 3);
		office_error(o, 1, MFA_ERR_EXPIRED);
		office_error(o, 2, MFA_ERR_EXPIRED);
	}
}

/* The same number below another name opens nothing. */
static void
test_R17_an_id_is_good_for_its_subject_alone(void **state)
{
	struct office *o = *state;
	const mfa_wire_Verdict *v;
	char id[841], other[841], code[9];

	office_enroll_in(o, "shop", "jo", OFFICE_SHOP);
	office_enroll_in(o, "forum", "jo", OFFICE_FORUM);
	office_challenge(o, "shop", "jo", OFFICE_SHOP, id);
	memcpy(other, id, 32);
	memcpy(other + 32, ".forum.jo", 10);
	office_code(o, 0, code);
	v = verify(o, other, code, OFFICE_FORUM);
	assert_int_equal(v->code, MFA_VERDICT_DENY);
	assert_int_equal(v->reason, MFA_REASON_EXPIRED);
	memcpy(other + 32, ".shop.nobody", 13);
	v = verify(o, other, code, OFFICE_SHOP);
	assert_int_equal(v->code, MFA_VERDICT_DENY);
	/* Not even charged to it. */
	v = verify(o, id, code, OFFICE_SHOP);
	assert_int_equal(v->code, MFA_VERDICT_ACCEPT);
}

static void
test_R3_without_a_store_no_verdict(void **state)
{
	struct office *o = *state;
	char id[841];

	office_enroll(o, "alice");
	office_challenge(o, "", "alice", 0, id);
	office_configure(o, "requires = all\n");
	try(o, id, 0);
	office_error(o, 1, MFA_ERR_CONFIG);
	try(o, id, OFFICE_ALICE);
	office_error(o, 1, MFA_ERR_CONFIG);
	try(o, id, OFFICE_BOB);
	office_error(o, 1, MFA_ERR_DENIED);
	/* Whose realm is whose is not known then. */
	try(o, "00112233445566778899aabbccddeeff.shop.jo", OFFICE_SHOP);
	office_error(o, 1, MFA_ERR_CONFIG);
}

#define IN_OFFICE(f) \
	cmocka_unit_test_setup_teardown(f, with_realms, office_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OFFICE(test_R1_a_right_answer_is_accepted_once),
		IN_OFFICE(test_R6_a_used_code_is_not_used_again_for_another),
		IN_OFFICE(test_R9_wrong_answers_are_counted_down),
		IN_OFFICE(test_R13_a_recovery_code_and_how_many_are_left),
		IN_OFFICE(test_R5_no_reason_for_the_owner),
		IN_OFFICE(test_R5_locked_reads_like_wrong_for_the_owner),
		IN_OFFICE(test_R9_locks_are_told_to_root),
		IN_OFFICE(test_service_and_host_are_the_request_s),
		IN_OFFICE(test_R2_nothing_to_prove_by_policy_only),
		IN_OFFICE(test_methods_and_time),
		IN_OFFICE(test_R21_ids_of_others_and_ids_that_are_none),
		IN_OFFICE(test_R17_an_id_is_good_for_its_subject_alone),
		IN_OFFICE(test_R3_without_a_store_no_verdict),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
