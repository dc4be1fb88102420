/* SPDX-License-Identifier: MIT */
/*
 * R21, R31: each request, from each peer, in each state: allowed or refused as
 * written here.  The table below is written by hand; the product's own is
 * compared with it, never used for it.
 */
#include "tests/unit/world.h"

#include "verifier/requests.h"

/*
 * The states in which a request is allowed: N not greeted, R ready, A a
 * prompt is out.  After the end none is.
 */
static const struct row {
	pb_size_t tag;
	const char *name;
	const char *root, *owner, *other, *service, *overflow;
	const char *of; /* the user it is about; NULL if it names none */
} rows[] = {
	{ 1, "hello", "N", "N", "N", "", "", NULL },
	{ 2, "login", "R", "R", "", "", "", "alice" },
	/* A prompt is out only after an admitted login, and an answer names
	   nobody: the owner comes as any other user. */
	{ 3, "answer", "A", "A", "A", "", "", NULL },
	{ 4, "abandon", "A", "A", "A", "", "", NULL },
	{ 5, "enroll", "R", "", "", "", "", "alice" },
	{ 6, "confirm", "R", "", "", "", "", "alice" },
	{ 7, "disable", "R", "", "", "", "", "alice" },
	{ 8, "recovery_codes", "R", "", "", "", "", "alice" },
	{ 9, "sync", "R", "", "", "", "", "alice" },
	{ 10, "list", "R", "R", "", "", "", "alice" },
	{ 11, "status", "R", "R", "", "", "", "alice" },
	{ 12, "users", "R", "", "", "", "", NULL },
	{ 13, "reset", "R", "", "", "", "", "alice" },
	{ 14, "unlock", "R", "", "", "", "", "alice" },
	{ 15, "remove", "R", "", "", "", "", "alice" },
	{ 16, "keys", "R", "", "", "", "", NULL },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct {
	enum mfa_state state;
	char letter;
} states[] = {
	{ MFA_STATE_NEW, 'N' },
	{ MFA_STATE_READY, 'R' },
	{ MFA_STATE_ASKED, 'A' },
	{ MFA_STATE_OVER, 'O' },
};

/* What the product says of a peer: allowed in these states. */
static void
compare(const struct row *row, const char *who, enum mfa_peer peer,
    const char *wanted)
{
	const struct mfa_request_rule *rule = mfa_request_find(row->tag);

	assert_non_null(rule);
	for (int i = 0; i < 4; i++) {
		bool says = (rule->states & states[i].state) != 0 &&
		    (rule->peers & peer) != 0;
		bool should = strchr(wanted, states[i].letter) != NULL;

		if (says != should)
			fail_msg("%s by %s in state %c is %s", row->name, who,
			    states[i].letter, says ? "allowed" : "refused");
	}
}

static void
test_R31_the_whole_table(void **state)
{
	(void)state;
	assert_int_equal(mfa_request_count, ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		compare(&rows[i], "root", MFA_PEER_ROOT, rows[i].root);
		compare(&rows[i], "the owner", MFA_PEER_OWNER, rows[i].owner);
		compare(&rows[i], "another", MFA_PEER_OTHER, rows[i].other);
		compare(&rows[i], "the service", MFA_PEER_SERVICE,
		    rows[i].service);
		compare(&rows[i], "nobody", MFA_PEER_OVERFLOW,
		    rows[i].overflow);
	}
}

/* A request that the schema gets must get a row here and there. */
static void
test_R31_every_request_has_its_rule(void **state)
{
	mfa_wire_Request request;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const struct mfa_request_rule *rule =
		    mfa_request_find(rows[i].tag);

		assert_non_null(rule);
		assert_int_equal(rule->tag, rows[i].tag);
		assert_string_equal(rule->name, rows[i].name);
		assert_non_null(rule->handle);
		assert_int_equal(rule->user != NULL, rows[i].of != NULL);
		if (rule->user == NULL)
			continue;
		memset(&request, 0, sizeof(request));
		request.which_what = rows[i].tag;
		memcpy(request.what.status.user, "alice", 6);
		assert_string_equal(rule->user(&request), "alice");
	}
	assert_null(mfa_request_find(0));
	assert_null(mfa_request_find(ROWS + 1));
	assert_null(mfa_request_find((pb_size_t)-1));
	assert_int_equal(mfa_wire_Request_keys_tag, ROWS);
	assert_int_equal(mfa_wire_Request_msg.field_count, ROWS);
}

/* ---- who is who ---- */

#define SERVICE	 4700
#define OVERFLOW 65534

static enum mfa_peer
peer_of(uid_t uid, const struct mfa_subject *subject)
{
	static struct mfa_conversation c;

	c.peer.uid = uid;
	c.service_uid = SERVICE;
	c.overflow_uid = OVERFLOW;
	return mfa_request_peer(&c, subject);
}

static void
test_R21_who_is_who(void **state)
{
	struct mfa_subject alice = { .uid = 4711, .known = true };

	(void)state;
	assert_int_equal(peer_of(0, &alice), MFA_PEER_ROOT);
	assert_int_equal(peer_of(0, NULL), MFA_PEER_ROOT);
	assert_int_equal(peer_of(4711, &alice), MFA_PEER_OWNER);
	assert_int_equal(peer_of(4712, &alice), MFA_PEER_OTHER);
	/* Who names nobody is nobody's owner. */
	assert_int_equal(peer_of(4711, NULL), MFA_PEER_OTHER);
	assert_int_equal(peer_of(SERVICE, &alice), MFA_PEER_SERVICE);
	assert_int_equal(peer_of(OVERFLOW, &alice), MFA_PEER_OVERFLOW);
	assert_int_equal(peer_of((uid_t)-1, &alice), MFA_PEER_OVERFLOW);
	/* A uid of an unknown user means nothing. */
	alice.known = false;
	assert_int_equal(peer_of(4711, &alice), MFA_PEER_OTHER);
	alice.uid = 0;
	assert_int_equal(peer_of(0, &alice), MFA_PEER_ROOT);
}

/* Being the owner, too, helps neither of them. */
static void
test_R21_service_and_overflow_own_nothing(void **state)
{
	struct mfa_subject subject = { .uid = SERVICE, .known = true };

	(void)state;
	assert_int_equal(peer_of(SERVICE, &subject), MFA_PEER_SERVICE);
	subject.uid = OVERFLOW;
	assert_int_equal(peer_of(OVERFLOW, &subject), MFA_PEER_OVERFLOW);
	subject.uid = (uid_t)-1;
	assert_int_equal(peer_of((uid_t)-1, &subject), MFA_PEER_OVERFLOW);
}

static void
test_R9_the_caller_s_path_is_its_uid_s(void **state)
{
	static struct mfa_conversation c;
	struct mfa_caller caller;

	(void)state;
	c.peer.uid = 0;
	caller = mfa_request_caller(&c);
	assert_int_equal(caller.path, MFA_PATH_ROOT);
	assert_int_equal(caller.uid, 0);
	c.peer.uid = 4711;
	caller = mfa_request_caller(&c);
	assert_int_equal(caller.path, MFA_PATH_OTHER);
	assert_int_equal(caller.uid, 4711);
	assert_non_null(caller.service);
	assert_non_null(caller.rhost);
	assert_non_null(caller.tty);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R31_the_whole_table),
		cmocka_unit_test(test_R31_every_request_has_its_rule),
		cmocka_unit_test(test_R21_who_is_who),
		cmocka_unit_test(test_R21_service_and_overflow_own_nothing),
		cmocka_unit_test(test_R9_the_caller_s_path_is_its_uid_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
