/* SPDX-License-Identifier: MIT */
/*
 * R14, R26: what the engine tells the world.  Every event that it has is told
 * once here, with subject, realm, origin and factor, and without a secret.
 */
#include "tests/unit/challenge.h"
#include "tests/unit/report.h"

#include "verifier/engine/restore.h"

#include "verifier/engine/grants.h"
#include "verifier/engine/prove.h"
#include "verifier/engine/report.h"

/* ---- set-up ---- */

static void
enrolment(struct report *r, struct mfa_confirmed *confirmed)
{
	struct world *w = r->w;
	const struct told *t;

	keep_secret(r, ADDRESS);
	world_enroll(w, "phone", SECRET_A, confirmed);
	for (uint32_t i = 0; i < confirmed->codes.count; i++)
		keep_secret(r, confirmed->codes.code[i]);
	(void)said(r, MFA_EVENT_FACTOR_PENDING, "", "totp", "phone");
	(void)said(r, MFA_EVENT_FACTOR_ENABLED, "", "totp", "phone");
	t = said(r, MFA_EVENT_RECOVERY_GENERATED, "", "", "");
	assert_true(t->event.has_left);
	assert_int_equal(t->event.left, 10);
	all(r, 3);
	world_enroll_otp(w, "mail", ADDRESS);
	(void)said(r, MFA_EVENT_FACTOR_PENDING, "", "otp", "mail");
	(void)said(r, MFA_EVENT_OTP_GENERATED, "", "", "mail");
	(void)said(r, MFA_EVENT_OTP_DELETED, "ok", "otp", "mail");
	t = said(r, MFA_EVENT_FACTOR_ENABLED, "", "otp", "mail");
	/* For programs that tell the owner; no line has it. */
	assert_string_equal(t->texts.address, ADDRESS);
	all(r, 4);
	world_enroll_outside(w, "key", "yubico", "first-answer");
	(void)said(r, MFA_EVENT_FACTOR_PENDING, "", "yubico", "key");
	(void)said(r, MFA_EVENT_FACTOR_ENABLED, "", "yubico", "key");
	all(r, 2);
	world_pass(w, 60);
}

/* ---- logins ---- */

static void
logins(struct report *r, const struct mfa_confirmed *confirmed)
{
	struct session s = { .w = r->w };
	const struct told *t;
	char code[9], bad[9];

	world_wrong(r->w, bad);
	world_code(r->w, SECRET_A, 0, code);
	keep_secret(r, bad);
	keep_secret(r, code);
	session_begin(&s, PERSON, false, 3);
	session_answer(&s, bad);
	t = said(r, MFA_EVENT_CHALLENGE_FAILED, "wrong", "", "");
	assert_true(t->event.has_attempts);
	assert_int_equal(t->event.attempts, 2);
	assert_non_null(strstr(t->line, " attempts_left=2"));
	all(r, 1);
	session_answer(&s, code);
	t = said(r, MFA_EVENT_CHALLENGE_VERIFIED, "ok", "totp", "phone");
	assert_false(t->event.has_attempts);
	assert_string_equal(t->texts.address, ADDRESS);
	all(r, 1);
	session_begin(&s, PERSON, false, 3);
	session_answer(&s, confirmed->codes.code[0]);
	t = said(r, MFA_EVENT_CHALLENGE_VERIFIED, "ok", "recovery_code", "");
	assert_true(t->event.has_left);
	t = said(r, MFA_EVENT_RECOVERY_USED, "ok", "recovery_code", "");
	assert_int_equal(t->event.left, 9);
	assert_non_null(strstr(t->line, " left=9"));
	all(r, 2);
}

static void
sends(struct report *r)
{
	struct session s = { .w = r->w };
	const struct told *t;

	session_begin(&s, PERSON, false, 3);
	session_answer(&s, "send");
	(void)said(r, MFA_EVENT_OTP_GENERATED, "", "", "mail");
	all(r, 1);
	session_answer(&s, "send");
	t = said(r, MFA_EVENT_OTP_UNDELIVERED, "", "", "");
	assert_int_equal(t->event.err, MFA_ERR_TOO_SOON);
	all(r, 1);
	world_pass(r->w, 60);
	session_answer(&s, "send");
	(void)said(r, MFA_EVENT_OTP_DELETED, "send", "", "mail");
	(void)said(r, MFA_EVENT_OTP_GENERATED, "", "", "mail");
	(void)said(r, MFA_EVENT_CHALLENGE_FAILED, "send", "", "");
	all(r, 3);
	session_begin(&s, PERSON, false, 3);
	session_answer(&s, r->w->runner.last.code);
	(void)said(r, MFA_EVENT_CHALLENGE_VERIFIED, "ok", "otp", "mail");
	(void)said(r, MFA_EVENT_OTP_DELETED, "ok", "otp", "mail");
	all(r, 2);
}

/* A lock, and the first right code after it. */
static void
locks(struct report *r)
{
	struct world *w = r->w;
	struct session s = { .w = w };
	const struct told *t;
	char code[9], bad[9];

	w->config.max_attempts = 10;
	/* One factor, so that there is one lock. */
	w->config.realm[0].provides &= ~((uint32_t)MFA_PROVIDES_OUTSIDE);
	world_wrong(w, bad);
	session_begin(&s, PERSON, false, 10);
	for (int i = 0; i < 5; i++) {
		assert_true(session_asks(&s));
		session_answer(&s, bad);
	}
	assert_int_equal(r->n, 6);
	t = said(r, MFA_EVENT_LOCKED, "locked", "totp", "phone");
	assert_string_equal(t->texts.address, ADDRESS);
	r->n = 0;
	/* The verdict tells it to Linux audit. */
	session_answer(&s, "hello-there");
	r->n = 0;
	session_answer(&s, "\x01");
	session_ends(&s, MFA_VERDICT_DENY, MFA_REASON_JUNK);
	assert_int_equal(s.step.lock, MFA_STEP_LOCKED);
	t = said(r, MFA_EVENT_CHALLENGE_FAILED, "junk", "", "");
	assert_false(t->event.has_attempts);
	all(r, 1);
	world_pass(w, 900);
	world_code(w, SECRET_A, 0, code);
	session_begin(&s, PERSON, false, 1);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	assert_int_equal(s.step.lock, MFA_STEP_UNLOCKED);
	(void)said(r, MFA_EVENT_CHALLENGE_VERIFIED, "ok", "totp", "phone");
	(void)said(r, MFA_EVENT_UNLOCKED, "ok", "totp", "phone");
	all(r, 2);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, code);
	session_begin(&s, PERSON, false, 1);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	assert_int_equal(s.step.lock, MFA_STEP_LOCK_NONE);
	all(r, 1);
}

/* ---- challenges ---- */

static void
challenges(struct report *r)
{
	struct world *w = r->w;
	const struct told *t;
	struct app app;
	char code[9];

	app_start(w, &app);
	(void)said(r, MFA_EVENT_CHALLENGE_CREATED, "", "", "");
	all(r, 1);
	world_pass(w, 300);
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_EXPIRED);
	t = said(r, MFA_EVENT_CHALLENGE_FAILED, "expired", "", "");
	assert_true(t->event.has_attempts);
	assert_int_equal(t->event.attempts, 0);
	all(r, 1);
	app_start(w, &app);
	(void)said(r, MFA_EVENT_CHALLENGE_EXPIRED, "expired", "", "");
	(void)said(r, MFA_EVENT_CHALLENGE_CREATED, "", "", "");
	all(r, 2);
	assert_int_equal(app_answer(w, &app, code), MFA_REASON_OK);
	(void)said(r, MFA_EVENT_CHALLENGE_VERIFIED, "ok", "totp", "phone");
	all(r, 1);
}

/* ---- trouble ---- */

static void
trouble(struct report *r)
{
	struct world *w = r->w;
	struct session s = { .w = w };
	const struct told *t;
	char path[400], other[80];

	session_begin(&s, PERSON, false, 1);
	w->now.wall -= 10ULL * 86400;
	session_answer(&s, "123456");
	(void)said(r, MFA_EVENT_CHALLENGE_FAILED, "clock", "", "");
	(void)said(r, MFA_EVENT_CLOCK_IMPLAUSIBLE, "clock", "", "");
	all(r, 2);
	w->now.wall += 10ULL * 86400;
	state_path(w, path);
	(void)snprintf(other, sizeof(other), "%s/other", w->place);
	assert_int_equal(link(path, other), 0);
	session_begin(&s, PERSON, false, 1);
	t = said(r, MFA_EVENT_ERROR, "error", "", "");
	assert_int_equal(t->event.err, MFA_ERR_UNSAFE);
	all(r, 1);
	assert_int_equal(unlink(other), 0);
	memcpy(w->config.exempt_users[0], PERSON, sizeof(PERSON));
	w->config.exempt_count = 1;
	session_begin(&s, PERSON, false, 1);
	(void)said(r, MFA_EVENT_CHALLENGE_SKIPPED, "exempt", "", "");
	all(r, 1);
	w->config.exempt_count = 0;
}

/* ---- administration ---- */

static void
invitation(struct report *r)
{
	struct world *w = r->w;
	struct mfa_caller owner = w->caller;
	struct mfa_granted invited;
	struct mfa_proof proof;

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    WORLD_INVITE, &invited), MFA_OK);
	keep_secret(r, invited.code);
	(void)said(r, MFA_EVENT_INVITED, "", "", "");
	all(r, 1);
	owner.right = MFA_RIGHT_OWNER;
	const struct mfa_typed typed = world_typed(invited.code);
	assert_int_equal(mfa_prove_code(&w->engine, &owner, &w->subject,
	    &typed, 60, &proof), MFA_OK);
	(void)said(r, MFA_EVENT_CHALLENGE_VERIFIED, "ok", "invitation", "");
	(void)said(r, MFA_EVENT_INVITATION_USED, "ok", "invitation", "");
	all(r, 2);
}

static void
bypass(struct report *r)
{
	static const struct mfa_grants_ask ask = { .kind = MFA_GRANT_BYPASS,
		.seconds = 600, .reason = "phone lost" };
	struct world *w = r->w;
	struct session s = { .w = w };
	struct mfa_granted given;
	const struct told *t;

	assert_int_equal(mfa_grants_give(&w->engine, &w->caller, &w->subject,
	    &ask, &given), MFA_OK);
	keep_secret(r, given.code);
	t = said(r, MFA_EVENT_BYPASS_CREATED, "", "", "");
	assert_non_null(strstr(t->line, "detail=phone"));
	assert_string_equal(t->texts.address, ADDRESS);
	all(r, 1);
	session_begin(&s, PERSON, false, 1);
	session_answer(&s, given.code);
	(void)said(r, MFA_EVENT_CHALLENGE_VERIFIED, "ok", "bypass", "");
	(void)said(r, MFA_EVENT_BYPASS_USED, "ok", "bypass", "");
	all(r, 2);
}

/* What is remembered is forgotten, and a backup is put back. */
static void
backup(struct report *r)
{
	struct mfa_restored restored;
	struct world *w = r->w;
	uint32_t count;
	char code[9];

	session_rule(w, MFA_DECISION_REQUIRE)->remember_seconds = 600;
	w->caller.key_used = true;
	world_pass(w, 600);
	world_code(w, SECRET_A, 5, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	world_pass(w, 60);
	world_code(w, SECRET_A, 5, code);
	struct session s = { .w = w };
	session_begin(&s, w->subject.name, false, 1);
	session_answer(&s, code);
	session_ends(&s, MFA_VERDICT_ACCEPT, MFA_REASON_OK);
	r->n = 0;
	assert_int_equal(mfa_remember_forget(&w->engine, &w->caller,
	    &w->subject, &count), MFA_OK);
	(void)said(r, MFA_EVENT_FORGOTTEN, "", "", "");
	all(r, 1);
	assert_int_equal(mfa_restore_record(&w->engine, &w->caller,
	    w->subject.id, &restored), MFA_OK);
	(void)said(r, MFA_EVENT_RESTORED, "", "", "");
	all(r, 1);
	w->config.rule_count = 0;
	w->caller.key_used = false;
}

static void
administration(struct report *r)
{
	struct world *w = r->w;
	struct session s = { .w = w };
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	char first[9], second[9];
	struct mfa_recovery_text text;
	const struct told *t;
	int32_t drift;
	bool last;

	world_pass(w, 600);
	world_code(w, SECRET_A, 4, first);
	world_code(w, SECRET_A, 5, second);
	const struct mfa_typed a = world_typed(first), b = world_typed(second);
	const struct mfa_sync_ask ask = { "phone", &a, &b };
	assert_int_equal(mfa_enroll_sync(&w->engine, &w->caller, &w->subject,
	    &ask, &drift), MFA_OK);
	(void)said(r, MFA_EVENT_SYNCED, "", "", "phone");
	all(r, 1);
	assert_int_equal(mfa_enroll_rename(&w->engine, &w->caller,
	    &w->subject, "phone", "old-phone"), MFA_OK);
	(void)said(r, MFA_EVENT_FACTOR_RENAMED, "", "", "old-phone");
	all(r, 1);
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_OK);
	t = said(r, MFA_EVENT_RECOVERY_GENERATED, "", "", "");
	assert_string_equal(t->texts.address, ADDRESS);
	all(r, 1);
	assert_int_equal(mfa_admin_unlock(&w->engine, &w->caller, &w->subject,
	    false), MFA_OK);
	(void)said(r, MFA_EVENT_UNLOCKED, "", "", "");
	all(r, 1);
	bypass(r);
	backup(r);
	/* The owner is told where the codes went until now. */
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "mail", &last), MFA_OK);
	t = said(r, MFA_EVENT_FACTOR_DISABLED, "", "", "mail");
	assert_string_equal(t->texts.address, ADDRESS);
	all(r, 1);
	world_read(w, bytes);
	bytes[5000] ^= 1;
	bytes[MFA_STORE_SLOT + 5000] ^= 1;
	world_write(w, bytes);
	session_begin(&s, PERSON, false, 1);
	t = said(r, MFA_EVENT_RECORD_UNUSABLE, "error", "", "");
	assert_int_equal(t->event.err, MFA_ERR_DAMAGED);
	all(r, 1);
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	(void)said(r, MFA_EVENT_RESET, "", "", "");
	all(r, 1);
	invitation(r);
	assert_int_equal(mfa_admin_remove(&w->engine, &w->caller,
	    &w->subject), MFA_OK);
	(void)said(r, MFA_EVENT_REMOVED, "", "", "");
	all(r, 1);
}

static void
test_R26_every_event_is_told_once(void **state)
{
	struct report *r = report_of(state);
	struct mfa_confirmed confirmed;

	enrolment(r, &confirmed);
	logins(r, &confirmed);
	sends(r);
	locks(r);
	challenges(r);
	trouble(r);
	administration(r);
	for (int type = 1; type < MFA_EVENT_END; type++) {
		/* Those are the maintenance's and the runner's. */
		const bool others = type == MFA_EVENT_KEY_NEW ||
		    type == MFA_EVENT_KEY_ROTATED ||
		    type == MFA_EVENT_KEY_RETIRED ||
		    type == MFA_EVENT_KEY_EXPORTED ||
		    type == MFA_EVENT_PROGRAM_FAILED;

		if (r->seen[type] == others)
			fail_msg("%s", mfa_event_name(
			    (enum mfa_event_type)type));
	}
}

static void
test_R26_realm_and_peer_stand_in_the_line(void **state)
{
	struct report *r = report_of(state);
	struct world *w = r->w;
	char id[17];

	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	assert_null(strstr(r->told[0].line, "realm="));
	assert_non_null(strstr(r->told[0].line, " service=sshd "));
	r->n = 0;
	(void)world_realm(w, "shop", 0);
	w->subject = world_subject("shop", "alice");
	w->caller.path = MFA_PATH_OTHER;
	w->caller.uid = 4711;
	assert_int_equal(world_pending(w, "phone", SECRET_B, id), MFA_OK);
	/* What others say of themselves is marked as their word (R21). */
	assert_non_null(strstr(r->told[0].line, " user=alice realm=shop "));
	assert_non_null(strstr(r->told[0].line, " claimed_service=sshd "));
	assert_non_null(strstr(r->told[0].line, " uid=4711"));
	assert_true(r->told[0].event.unprivileged);
	all(r, 1);
}

/* What did not happen is not told. */
static void
test_R26_nothing_is_told_of_what_failed(void **state)
{
	struct report *r = report_of(state);
	struct world *w = r->w;
	struct mfa_recovery_text text;
	struct mfa_enrolled e;
	const struct mfa_enroll_ask ask = { .label = "X", .provider = "",
		.algorithm = "", .import = "", .address = "" };
	bool last;

	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_ERR_INVALID);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "phone", &last), MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_enroll_rename(&w->engine, &w->caller,
	    &w->subject, "phone", "tablet"), MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_admin_unlock(&w->engine, &w->caller, &w->subject,
	    true), MFA_ERR_NOT_FOUND);
	assert_int_equal(mfa_admin_remove(&w->engine, &w->caller,
	    &w->subject), MFA_ERR_NOT_FOUND);
	assert_int_equal(world_send(w, ""), MFA_ERR_CONFIG);
	all(r, 0);
}

/* Of several, the first that is enabled. */
static void
test_the_address_for_event_programs(void **state)
{
	mfa_record_Record record = mfa_record_Record_init_zero;
	char out[129];

	(void)state;
	mfa_report_address(&record, out);
	assert_string_equal(out, "");
	record.factors_count = 4;
	for (int i = 0; i < 4; i++) {
		record.factors[i].provider = mfa_record_Provider_PROVIDER_OTP;
		record.factors[i].status = mfa_record_Status_STATUS_ENABLED;
		memset(record.factors[i].secret.bytes, 'a' + i, 128);
		record.factors[i].secret.size = 128;
	}
	record.factors[0].status = mfa_record_Status_STATUS_PENDING;
	record.factors[1].status = mfa_record_Status_STATUS_DISABLED;
	record.factors[2].provider = mfa_record_Provider_PROVIDER_TOTP;
	mfa_report_address(&record, out);
	assert_int_equal(strspn(out, "d"), 128);
	assert_int_equal(strlen(out), 128);
}

#define REPORTING(f) cmocka_unit_test_setup_teardown(f, reporting, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		REPORTING(test_R26_every_event_is_told_once),
		REPORTING(test_R26_realm_and_peer_stand_in_the_line),
		REPORTING(test_R26_nothing_is_told_of_what_failed),
		cmocka_unit_test(test_the_address_for_event_programs),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
