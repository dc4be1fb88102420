/* SPDX-License-Identifier: MIT */
/*
 * R21, R31: the table of requests once more, over a real socket: what each
 * peer gets for each request after the greeting and while a prompt is out.
 */
#include "tests/unit/office.h"

/* y: allowed, n: refused. */
static const struct row {
	pb_size_t tag;
	const char *name;
	/* root, alice, bob, shop's account, forum's */
	const char *host; /* about alice, where it names anybody */
	const char *shop; /* about alice of realm shop */
	const char *asked; /* root, alice; the others get no prompt of hers */
} rows[] = {
	{ 1, "hello", "nnnnn", "nnnnn", "nn" },
	{ 2, "login", "yynnn", NULL, "nn" },
	{ 3, "answer", "nnnnn", "nnnnn", "yy" },
	{ 4, "abandon", "nnnnn", "nnnnn", "yy" },
	{ 5, "enroll", "yynnn", "ynnyn", "nn" },
	{ 6, "confirm", "yynnn", "ynnyn", "nn" },
	{ 7, "disable", "yynnn", "ynnyn", "nn" },
	{ 8, "recovery_codes", "yynnn", "ynnyn", "nn" },
	{ 9, "sync", "ynnnn", "ynnyn", "nn" },
	{ 10, "list", "yynnn", "ynnyn", "nn" },
	{ 11, "status", "yynnn", "ynnyn", "nn" },
	{ 12, "users", "ynnnn", "ynnyn", "nn" },
	{ 13, "reset", "ynnnn", "ynnyn", "nn" },
	{ 14, "unlock", "ynnnn", "ynnyn", "nn" },
	{ 15, "remove", "ynnnn", "ynnyn", "nn" },
	{ 16, "keys", "ynnnn", "ynnnn", "nn" },
	{ 17, "rename", "yynnn", "ynnyn", "nn" },
	{ 18, "send", "yynnn", "ynnyn", "nn" },
	{ 19, "challenge_start", "yynnn", "ynnyn", "nn" },
	{ 20, "challenge_send", "yynnn", "ynnyn", "nn" },
	{ 21, "challenge_verify", "yynnn", "ynnyn", "nn" },
	{ 22, "policy", "yynnn", NULL, "nn" },
	{ 23, "prove", "nynnn", NULL, "nn" },
	{ 24, "invite", "ynnnn", NULL, "nn" },
	{ 25, "bypass", "ynnnn", NULL, "nn" },
	{ 26, "records", "ynnnn", "ynnnn", "nn" },
	{ 27, "rekey", "ynnnn", "ynnnn", "nn" },
	{ 28, "explain", "ynnnn", NULL, "nn" },
	{ 29, "forget", "yynnn", NULL, "nn" },
	{ 30, "after_restore", "ynnnn", "ynnnn", "nn" },
};
#define ROWS  (sizeof(rows) / sizeof(rows[0]))
#define PEERS 5

static const uid_t uids[PEERS] = { 0, OFFICE_ALICE, OFFICE_BOB, OFFICE_SHOP,
	OFFICE_FORUM };
static const char *const names[PEERS] = { "root", "the owner", "another",
	"shop's account", "forum's account" };

#define NO_ID "00112233445566778899aabbccddeeff"

static void
put_id(mfa_wire_Request *request, const char *id)
{
	if (request->which_what == mfa_wire_Request_challenge_send_tag)
		memcpy(request->what.challenge_send.id, id, strlen(id) + 1);
	if (request->which_what == mfa_wire_Request_challenge_verify_tag)
		memcpy(request->what.challenge_verify.id, id, strlen(id) + 1);
}

/* A request that is in order, as far as its peer may make it. */
static mfa_wire_Request
request_of(pb_size_t tag, const char *realm, const char *user)
{
	mfa_wire_Request request;
	char id[400];

	office_name(&request, tag, realm, user);
	switch (tag) {
	case mfa_wire_Request_hello_tag:
		request.what.hello.lowest = request.what.hello.highest = 1;
		break;
	case mfa_wire_Request_answer_tag:
		request.what.answer.text.size = 6;
		memcpy(request.what.answer.text.bytes, "918273", 6);
		break;
	case mfa_wire_Request_abandon_tag:
		request.what.abandon.reason = mfa_wire_Reason_REASON_JUNK;
		break;
	case mfa_wire_Request_login_tag:
		request.what.login.retry = 2;
		break;
	default:
		(void)snprintf(id, sizeof(id), NO_ID ".%s.%s",
		    realm[0] == '\0' ? "unix" : realm, user);
		put_id(&request, id);
	}
	return request;
}

/* Was the request refused because of who asked, or when? */
static bool
refused(const struct office *o, unsigned int i)
{
	const mfa_wire_Reply *reply = &o->replies[i];

	if (i >= o->count)
		fail_msg("no reply");
	return reply->which_what == mfa_wire_Reply_error_tag &&
	    (reply->what.error.code == MFA_ERR_DENIED ||
		reply->what.error.code == MFA_ERR_PROTOCOL);
}

static void
check(const struct row *row, int peer, const char *when, char wanted, bool was)
{
	if (was != (wanted == 'n'))
		fail_msg("%s by %s, %s: %s", row->name, names[peer], when,
		    was ? "refused" : "allowed");
}

static void
ask_as(struct office *o, const mfa_wire_Request *request, uid_t uid)
{
	office_hello(o);
	office_say(o, request);
	office_run(o, uid);
}

static int
with_realms(void **state)
{
	if (office_new(state) != 0)
		return -1;
	office_configure(*state, "require = all\n" OFFICE_REALMS);
	return 0;
}

static void
walk(struct office *o, const char *realm)
{
	bool host = realm[0] == '\0';
	char id[841];

	office_enroll_in(o, realm, "alice", 0);
	for (size_t i = 0; i < ROWS; i++) {
		mfa_wire_Request request = request_of(rows[i].tag, realm,
		    "alice");
		const char *wanted = host ? rows[i].host : rows[i].shop;

		if (wanted == NULL)
			continue;
		if (rows[i].tag == mfa_wire_Request_challenge_send_tag) {
			/* Root has reset and removed it by now. */
			office_enroll_in(o, realm, "alice", 0);
			office_challenge(o, realm, "alice", 0, id);
		}
		if (rows[i].tag >= mfa_wire_Request_challenge_send_tag)
			put_id(&request, id);
		/* Others first: what root does may not be undone. */
		for (int peer = PEERS - 1; peer >= 0; peer--) {
			ask_as(o, &request, uids[peer]);
			check(&rows[i], peer, host ? "unix" : realm,
			    wanted[peer], refused(o, 1));
		}
	}
}

static void
test_R31_after_the_greeting(void **state)
{
	walk(*state, "");
}

static void
test_R31_after_the_greeting_in_a_realm(void **state)
{
	walk(*state, "shop");
}

static void
test_R31_while_a_prompt_is_out(void **state)
{
	struct office *o = *state;
	const mfa_wire_Request login = request_of(mfa_wire_Request_login_tag,
	    "", "alice");

	office_enroll(o, "alice");
	for (size_t i = 0; i < ROWS; i++) {
		mfa_wire_Request request = request_of(rows[i].tag, "",
		    "alice");

		for (int peer = 0; peer < 2; peer++) {
			office_hello(o);
			office_say(o, &login);
			office_say(o, &request);
			office_run(o, uids[peer]);
			(void)office_reply(o, 1, mfa_wire_Reply_prompt_tag);
			check(&rows[i], peer, "asked", rows[i].asked[peer],
			    refused(o, 2));
		}
	}
}

/* Refused for who asks, the conversation goes on; for when, it is over. */
static void
test_R31_what_comes_after_a_refusal(void **state)
{
	struct office *o = *state;

	office_hello(o);
	office_ask(o, mfa_wire_Request_reset_tag, "alice");
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	office_run(o, OFFICE_ALICE);
	/* R28: who is not root holds no place by being refused. */
	assert_int_equal(o->count, 2);
	office_error(o, 1, MFA_ERR_DENIED);
	office_hello(o);
	office_ask(o, mfa_wire_Request_confirm_tag, "alice");
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	office_run(o, 0);
	(void)office_reply(o, 2, mfa_wire_Reply_account_tag);
	(void)office_reply(o, 3, mfa_wire_Reply_done_tag);
	office_hello(o);
	office_answer(o, "123456");
	office_ask(o, mfa_wire_Request_status_tag, "alice");
	office_run(o, OFFICE_ALICE);
	assert_int_equal(o->count, 2);
	office_error(o, 1, MFA_ERR_PROTOCOL);
}

/* Nothing that was refused was done. */
static void
test_R21_refused_is_not_done(void **state)
{
	static const char *const realms[] = { "", "shop" };
	static const uid_t others[] = { OFFICE_BOB, OFFICE_FORUM };
	struct office *o = *state;
	mfa_wire_Request request;
	char code[9], id[2][841];

	for (int n = 0; n < 2; n++) {
		office_enroll_in(o, realms[n], "alice", 0);
		office_challenge(o, realms[n], "alice", 0, id[n]);
	}
	for (size_t i = 0; i < 2 * ROWS; i++) {
		if (rows[i / 2].tag < mfa_wire_Request_enroll_tag)
			continue;
		request = request_of(rows[i / 2].tag, realms[i % 2], "alice");
		put_id(&request, id[i % 2]);
		for (int n = 0; n < 2; n++) {
			ask_as(o, &request, others[n]);
			assert_true(refused(o, 1));
		}
	}
	office_hello(o);
	office_ask(o, mfa_wire_Request_list_tag, "alice");
	office_login(o, "alice", 1);
	office_code(o, 0, code);
	office_answer(o, code);
	for (int n = 0; n < 2; n++) {
		office_name(&request, mfa_wire_Request_challenge_verify_tag,
		    "", "");
		put_id(&request, id[n]);
		office_code(o, n == 0 ? 1 : 0, code);
		request.what.challenge_verify.code.size = 6;
		memcpy(request.what.challenge_verify.code.bytes, code, 6);
		office_say(o, &request);
	}
	office_run(o, 0);
	assert_string_equal(office_reply(o, 1,
	    mfa_wire_Reply_factor_tag)->what.factor.status, "enabled");
	(void)office_reply(o, 2, mfa_wire_Reply_done_tag);
	for (unsigned int i = 4; i < 7; i++)
		assert_int_equal(office_reply(o, i,
		    mfa_wire_Reply_verdict_tag)->what.verdict.code,
		    MFA_VERDICT_ACCEPT);
}

/* R21: who may not ask learns nothing about who is there. */
static void
test_R21_refused_alike_whoever_it_is_about(void **state)
{
	/* enrolled; without a record; no such user, or an empty name */
	static const char *const users[] = { "alice", "bob", "carol" };
	static const char *const realms[] = { "", "shop", "none",
		"Not a label" };
	static const uid_t others[] = { OFFICE_CROWD, OFFICE_FORUM };
	struct office *o = *state;
	mfa_wire_Reply first[2];

	office_enroll_in(o, "", "alice", 0);
	office_enroll_in(o, "shop", "alice", 0);
	for (size_t i = mfa_wire_Request_enroll_tag - 1; i < ROWS; i++) {
		memset(first, 0, sizeof(first));
		for (int n = 0; n < 3 * 4 * 2; n++) {
			const char *realm = realms[n / 2 % 4];
			mfa_wire_Request request;
			/* The sentence tells this host from a realm. */
			int kind = realm[0] == '\0' ? 0 : 1;

			/* No id of a challenge has such a realm. */
			if (rows[i].tag >=
			    mfa_wire_Request_challenge_send_tag &&
			    realm[0] == 'N')
				continue;
			request = request_of(rows[i].tag, realm,
			    users[n / 8]);
			ask_as(o, &request, others[n % 2]);
			assert_int_equal(o->count, 2);
			office_error(o, 1, MFA_ERR_DENIED);
			if (first[kind].which_what == 0)
				first[kind] = o->replies[1];
			assert_memory_equal(&first[kind], &o->replies[1],
			    sizeof(first[kind]));
		}
	}
}

#define IN_OFFICE(f) \
	cmocka_unit_test_setup_teardown(f, with_realms, office_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OFFICE(test_R31_after_the_greeting),
		IN_OFFICE(test_R31_after_the_greeting_in_a_realm),
		IN_OFFICE(test_R31_while_a_prompt_is_out),
		IN_OFFICE(test_R31_what_comes_after_a_refusal),
		IN_OFFICE(test_R21_refused_is_not_done),
		IN_OFFICE(test_R21_refused_alike_whoever_it_is_about),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
