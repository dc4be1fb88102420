/* SPDX-License-Identifier: MIT */
/*
 * libmedusa_mfa: what each call asks, and what it makes of a good answer.  Bad
 * ones: test_sdk_trouble.c; verdicts: test_sdk_verdict.c.
 */
#include "tests/unit/sdk_peer.h"

#include "lib/base/err.h"
#include "protocol/wire_io.h"

#define THREADS 8
#define ROUNDS	16

static struct mfa_problem problem;

/* Exactly one request came, of this kind. */
static void
was_asked(unsigned int tag)
{
	assert_int_equal(problem.error, MFA_ERROR_NONE);
	assert_string_equal(problem.text, "");
	assert_int_equal(peer.asked, 1);
	assert_int_equal(peer.request.which_what, tag);
}

static void
test_enroll(void **state)
{
	const struct mfa_enroll what = { .user = "anna", .label = "phone",
		.provider = "hotp", .algorithm = "SHA256", .digits = 8,
		.period = 60, .secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
		.address = "anna@example.com", .counter = 1ULL << 40 };
	const mfa_wire_Enroll *ask = &peer.request.what.enroll;
	mfa_wire_Enrolled *say =
	    &peer_will_say(mfa_wire_Reply_enrolled_tag)->what.enrolled;
	struct mfa_pending got;

	(void)snprintf(say->id, sizeof(say->id), "0123456789abcdef");
	memset(say->secret, 'A', sizeof(say->secret) - 1);
	memset(say->otpauth_url, 'u', sizeof(say->otpauth_url) - 1);
	(void)snprintf(say->label, sizeof(say->label), "phone");
	(void)snprintf(say->warning, sizeof(say->warning), "careful");
	say->expires_seconds = 86400;
	assert_int_equal(mfa_factor_enroll(*state, &what, &got, &problem),
	    MFA_ERROR_NONE);
	was_asked(mfa_wire_Request_enroll_tag);
	assert_string_equal(ask->user, "anna");
	assert_string_equal(ask->realm, "shop");
	assert_string_equal(ask->label, "phone");
	assert_string_equal(ask->provider, "hotp");
	assert_string_equal(ask->algorithm, "SHA256");
	assert_int_equal(ask->digits, 8);
	assert_int_equal(ask->period, 60);
	assert_string_equal(ask->import_secret, what.secret);
	assert_string_equal(ask->address, "anna@example.com");
	assert_true(ask->counter == 1ULL << 40);
	assert_string_equal(got.id, "0123456789abcdef");
	assert_string_equal(got.label, "phone");
	assert_int_equal(strlen(got.secret), 128);
	assert_int_equal(strlen(got.otpauth_url), 1200);
	assert_string_equal(got.warning, "careful");
	assert_int_equal(got.expires_seconds, 86400);
	mfa_wipe(&got, sizeof(got));
	assert_true(unit_all(&got, sizeof(got), 0));
}

static void
test_enroll_with_nothing_but_a_user(void **state)
{
	const struct mfa_enroll what = { .user = "anna" };
	mfa_wire_Request want;
	struct mfa_pending got;

	(void)peer_will_say(mfa_wire_Reply_enrolled_tag);
	assert_int_equal(mfa_factor_enroll(*state, &what, &got, NULL),
	    MFA_ERROR_NONE);
	memset(&want, 0, sizeof(want));
	(void)snprintf(want.what.enroll.user, 257, "anna");
	(void)snprintf(want.what.enroll.realm, 33, "shop");
	assert_memory_equal(&peer.request.what.enroll, &want.what.enroll,
	    sizeof(want.what.enroll));
	assert_true(unit_all(&got, sizeof(got), 0));
}

static void
test_confirm(void **state)
{
	const mfa_wire_Confirm *ask = &peer.request.what.confirm;
	mfa_wire_Confirmed *say =
	    &peer_will_say(mfa_wire_Reply_confirmed_tag)->what.confirmed;
	struct mfa_codes codes;

	say->code_count = 16;
	for (unsigned int i = 0; i < 16; i++)
		(void)snprintf(say->code[i], 33, "CODE-%u", i);
	assert_int_equal(mfa_factor_confirm(*state, "anna", "phone", "492039",
	    &codes, &problem), MFA_ERROR_NONE);
	was_asked(mfa_wire_Request_confirm_tag);
	assert_string_equal(ask->user, "anna");
	assert_string_equal(ask->realm, "shop");
	assert_string_equal(ask->factor, "phone");
	assert_int_equal(ask->code.size, 6);
	assert_memory_equal(ask->code.bytes, "492039", 6);
	assert_int_equal(codes.count, 16);
	assert_string_equal(codes.code[0], "CODE-0");
	assert_string_equal(codes.code[15], "CODE-15");
	peer_reset();
	(void)peer_will_say(mfa_wire_Reply_confirmed_tag);
	assert_int_equal(mfa_factor_confirm(*state, "anna", "phone", "492039",
	    &codes, NULL), MFA_ERROR_NONE);
	assert_true(unit_all(&codes, sizeof(codes), 0));
}

static void
test_recovery_codes(void **state)
{
	mfa_wire_Codes *say =
	    &peer_will_say(mfa_wire_Reply_codes_tag)->what.codes;
	struct mfa_codes codes;

	say->code_count = 2;
	(void)snprintf(say->code[1], 33, "SECOND");
	assert_int_equal(mfa_recovery_codes(*state, "anna", &codes, &problem),
	    MFA_ERROR_NONE);
	was_asked(mfa_wire_Request_recovery_codes_tag);
	assert_string_equal(peer.request.what.recovery_codes.user, "anna");
	assert_string_equal(peer.request.what.recovery_codes.realm, "shop");
	assert_int_equal(codes.count, 2);
	assert_string_equal(codes.code[1], "SECOND");
}

static void
test_list(void **state)
{
	struct mfa_factors got;
	mfa_wire_FactorInfo *say;

	for (unsigned int i = 0; i < 64; i++) {
		say = &peer_will_say(mfa_wire_Reply_factor_tag)->what.factor;
		(void)snprintf(say->id, sizeof(say->id), "%016x", i);
	}
	*say = (mfa_wire_FactorInfo){ .label = "door", .provider = "otp",
		.status = "blocked", .created = 1, .confirmed = 2,
		.last_used = 3, .algorithm = "SHA512", .digits = 7,
		.period = 45, .locked_seconds = 4, .expires_seconds = 5,
		.drift = -3, .address = "+49 1" };
	(void)peer_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(mfa_factor_list(*state, "anna", &got, &problem),
	    MFA_ERROR_NONE);
	was_asked(mfa_wire_Request_list_tag);
	assert_string_equal(peer.request.what.list.user, "anna");
	assert_string_equal(peer.request.what.list.realm, "shop");
	assert_int_equal(got.count, 64);
	assert_string_equal(got.factor[7].id, "0000000000000007");
	assert_string_equal(got.factor[63].label, "door");
	assert_string_equal(got.factor[63].provider, "otp");
	assert_string_equal(got.factor[63].status, "blocked");
	assert_string_equal(got.factor[63].algorithm, "SHA512");
	assert_string_equal(got.factor[63].address, "+49 1");
	assert_int_equal(got.factor[63].created, 1);
	assert_int_equal(got.factor[63].confirmed, 2);
	assert_int_equal(got.factor[63].last_used, 3);
	assert_int_equal(got.factor[63].locked_seconds, 4);
	assert_int_equal(got.factor[63].expires_seconds, 5);
	assert_int_equal(got.factor[63].digits, 7);
	assert_int_equal(got.factor[63].period, 45);
	assert_int_equal(got.factor[63].drift, -3);
	mfa_factors_free(&got);
	assert_null(got.factor);
	assert_int_equal(got.count, 0);
	mfa_factors_free(&got);
	mfa_factors_free(NULL);
}

static void
test_list_of_nothing(void **state)
{
	struct mfa_factors got = { .count = 9 };

	(void)peer_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(mfa_factor_list(*state, "anna", &got, NULL),
	    MFA_ERROR_NONE);
	assert_int_equal(got.count, 0);
	assert_null(got.factor);
}

static void
test_rename_disable_send(void **state)
{
	(void)peer_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(mfa_factor_rename(*state, "anna", "phone", "tablet",
	    &problem), MFA_ERROR_NONE);
	was_asked(mfa_wire_Request_rename_tag);
	assert_string_equal(peer.request.what.rename.user, "anna");
	assert_string_equal(peer.request.what.rename.realm, "shop");
	assert_string_equal(peer.request.what.rename.factor, "phone");
	assert_string_equal(peer.request.what.rename.label, "tablet");
	peer_reset();
	(void)peer_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(mfa_factor_disable(*state, "anna", "tablet",
	    &problem), MFA_ERROR_NONE);
	was_asked(mfa_wire_Request_disable_tag);
	assert_string_equal(peer.request.what.disable.user, "anna");
	assert_string_equal(peer.request.what.disable.realm, "shop");
	assert_string_equal(peer.request.what.disable.factor, "tablet");
	peer_reset();
	(void)peer_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(mfa_factor_send(*state, "anna", "mail", &problem),
	    MFA_ERROR_NONE);
	was_asked(mfa_wire_Request_send_tag);
	assert_string_equal(peer.request.what.send.user, "anna");
	assert_string_equal(peer.request.what.send.realm, "shop");
	assert_string_equal(peer.request.what.send.factor, "mail");
}

static void
test_status(void **state)
{
	struct mfa_account got;

	peer_will_say(mfa_wire_Reply_account_tag)->what.account =
	    (mfa_wire_Account){ .user = "anna", .uid = 1, .exists = true,
		    .enrolled = true, .required = true, .exempt = true,
		    .blocked = true, .enabled_factors = 2,
		    .pending_factors = 3, .recovery_left = 4,
		    .recovery_total = 5, .recovery_compared = 6,
		    .wrong_today = 7, .wrong_month = 8, .locked_seconds = 9,
		    .problem = "damaged" };
	(void)peer_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(mfa_status(*state, "anna", &got, &problem),
	    MFA_ERROR_NONE);
	was_asked(mfa_wire_Request_status_tag);
	assert_string_equal(peer.request.what.status.user, "anna");
	assert_string_equal(peer.request.what.status.realm, "shop");
	assert_true(got.exists && got.enrolled && got.required &&
	    got.exempt && got.blocked);
	assert_int_equal(got.uid, 1);
	assert_int_equal(got.enabled_factors, 2);
	assert_int_equal(got.pending_factors, 3);
	assert_int_equal(got.recovery_left, 4);
	assert_int_equal(got.recovery_total, 5);
	assert_int_equal(got.recovery_compared, 6);
	assert_int_equal(got.wrong_today, 7);
	assert_int_equal(got.wrong_month, 8);
	assert_int_equal(got.locked_seconds, 9);
	assert_string_equal(got.problem, "damaged");
}

static void
test_challenge_start(void **state)
{
	const mfa_wire_ChallengeStart *ask = &peer.request.what.challenge_start;
	mfa_wire_Challenge *say =
	    &peer_will_say(mfa_wire_Reply_challenge_tag)->what.challenge;
	struct mfa_challenge got;

	memset(say->id, 'i', sizeof(say->id) - 1);
	say->method_count = 8;
	for (unsigned int i = 0; i < 8; i++)
		(void)snprintf(say->method[i], 33, "method%u", i);
	say->expires_at = 1764000000;
	say->expires_seconds = 120;
	assert_int_equal(mfa_challenge_start(*state, "anna", "ledger",
	    "192.0.2.7", &got, &problem), MFA_ERROR_NONE);
	was_asked(mfa_wire_Request_challenge_start_tag);
	assert_string_equal(ask->user, "anna");
	assert_string_equal(ask->realm, "shop");
	assert_string_equal(ask->service, "ledger");
	assert_string_equal(ask->rhost, "192.0.2.7");
	assert_true(got.required);
	assert_int_equal(strlen(got.id), 840);
	assert_int_equal(got.method_count, 8);
	assert_string_equal(got.method[7], "method7");
	assert_int_equal(got.expires_at, 1764000000);
	assert_int_equal(got.expires_seconds, 120);
	peer_reset();
	peer_will_say(mfa_wire_Reply_challenge_tag)->what.challenge
	    .not_required = true;
	assert_int_equal(mfa_challenge_start(*state, "anna", "ledger", NULL,
	    &got, NULL), MFA_ERROR_NONE);
	assert_false(got.required);
	assert_true(unit_all(&got, sizeof(got), 0));
	assert_string_equal(ask->rhost, "");
}

static void
test_challenge_send(void **state)
{
	const mfa_wire_ChallengeSend *ask = &peer.request.what.challenge_send;

	(void)peer_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(mfa_challenge_send(*state, "id", "mail", &problem),
	    MFA_ERROR_NONE);
	was_asked(mfa_wire_Request_challenge_send_tag);
	assert_string_equal(ask->id, "id");
	assert_string_equal(ask->factor, "mail");
	peer_reset();
	(void)peer_will_say(mfa_wire_Reply_done_tag);
	assert_int_equal(mfa_challenge_send(*state, "id", NULL, NULL),
	    MFA_ERROR_NONE);
	assert_string_equal(ask->factor, "");
}

/* Realm unix, by either of its names, and the socket that was set. */
static void
test_open(void **state)
{
	static const char *const unix_names[] = { NULL, "", "unix" };
	struct mfa_account got;
	struct mfa *mfa;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(mfa_open(unix_names[i], &mfa),
		    MFA_ERROR_NONE);
		peer_reset();
		(void)peer_will_say(mfa_wire_Reply_account_tag);
		assert_int_equal(mfa_status(mfa, "anna", &got, NULL),
		    MFA_ERROR_NONE);
		assert_string_equal(peer.request.what.status.realm,
		    i == 2 ? "unix" : "");
		assert_string_equal(peer.path, "");
		mfa_close(mfa);
	}
	assert_int_equal(mfa_open("shop", &mfa), MFA_ERROR_NONE);
	assert_int_equal(mfa_set_socket(mfa, "/run/other"), MFA_ERROR_NONE);
	peer_reset();
	(void)peer_will_say(mfa_wire_Reply_account_tag);
	assert_int_equal(mfa_status(mfa, "anna", &got, NULL), MFA_ERROR_NONE);
	assert_string_equal(peer.path, "/run/other");
	mfa_close(mfa);
	mfa_close(NULL);
}

struct worker {
	const struct mfa *mfa;
	uint32_t number;
	int wrong;
};

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct mfa_problem why;
	struct mfa_account got;
	char user[16];

	for (uint32_t i = 0; i < ROUNDS; i++) {
		uint32_t uid = w->number * 1000 + i;

		(void)snprintf(user, sizeof(user), "%u", uid);
		if (mfa_status(w->mfa, user, &got, &why) != MFA_ERROR_NONE ||
		    got.uid != uid)
			w->wrong++;
		/* Every other call fails, with a text of its own. */
		if (mfa_status(w->mfa, "", &got, &why) != MFA_ERROR_INVALID ||
		    strcmp(why.text, "user: must not be empty") != 0)
			w->wrong++;
	}
	return NULL;
}

static void
test_threads_share_a_handle(void **state)
{
	struct worker worker[THREADS];
	pthread_t thread[THREADS];

	peer.manner = PEER_COUNTS;
	for (uint32_t i = 0; i < THREADS; i++) {
		worker[i] = (struct worker){ *state, i + 1, 0 };
		assert_int_equal(pthread_create(&thread[i], NULL, work,
		    &worker[i]), 0);
	}
	/* All of them, before a failure ends the life of worker. */
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(worker[i].wrong, 0);
	assert_int_equal(peer.asked, THREADS * ROUNDS);
}

/* The public numbers are the internal ones, and each has its sentence. */
static void
test_every_error_has_a_sentence(void **state)
{
	(void)state;
	for (int i = 0; i < MFA_ERR_END; i++)
		assert_string_equal(mfa_error_text((enum mfa_error)i),
		    mfa_strerror((enum mfa_err)i));
	assert_string_equal(mfa_error_text((enum mfa_error)MFA_ERR_END),
	    "unknown error");
	assert_string_equal(mfa_error_text((enum mfa_error)-1),
	    "unknown error");
}

#define WITH_PEER(test) \
	cmocka_unit_test_setup_teardown(test, peer_new, peer_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PEER(test_enroll),
		WITH_PEER(test_enroll_with_nothing_but_a_user),
		WITH_PEER(test_confirm),
		WITH_PEER(test_recovery_codes),
		WITH_PEER(test_list),
		WITH_PEER(test_list_of_nothing),
		WITH_PEER(test_rename_disable_send),
		WITH_PEER(test_status),
		WITH_PEER(test_challenge_start),
		WITH_PEER(test_challenge_send),
		WITH_PEER(test_open),
		WITH_PEER(test_threads_share_a_handle),
		cmocka_unit_test(test_every_error_has_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
