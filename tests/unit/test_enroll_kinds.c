/* SPDX-License-Identifier: MIT */
/* R6, R7, R9, R12, R16: setting up factors of every kind; names of factors. */
#include "tests/unit/world.h"

#include "verifier/engine/admin.h"
#include "verifier/engine/throttle.h"

#define ADDRESS "alice@example.org"

static enum mfa_err
begin(struct world *w, struct mfa_enroll_ask ask, struct mfa_enrolled *out)
{
	if (ask.label == NULL)
		ask.label = "";
	if (ask.algorithm == NULL)
		ask.algorithm = "";
	if (ask.import == NULL)
		ask.import = "";
	if (ask.address == NULL)
		ask.address = "";
	return mfa_enroll_begin(&w->engine, &w->caller, &w->subject, &ask,
	    out);
}

static enum mfa_err
confirm(struct world *w, const char *factor, const char *code)
{
	const struct mfa_typed typed = world_typed(code);
	struct mfa_confirmed out;

	return mfa_enroll_confirm(&w->engine, &w->caller, &w->subject, factor,
	    &typed, &out);
}

static enum mfa_err
disable(struct world *w, const char *factor)
{
	bool last;

	return mfa_enroll_disable(&w->engine, &w->caller, &w->subject, factor,
	    &last);
}

static int
all_on(void **state)
{
	struct world *w;

	assert_int_equal(world_new(state), 0);
	w = *state;
	w->config.realm[0].provides |= MFA_PROVIDES_HOTP | MFA_PROVIDES_OTP;
	world_program(w, "yubico");
	return 0;
}

static bool
has_record(struct world *w)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	r = mfa_repo_open(&w->engine, &w->subject, MFA_STORE_READ, &repo);
	mfa_repo_close(repo);
	return r != MFA_ERR_NOT_FOUND;
}

/* ---- hotp ---- */

static void
test_R16_a_token_of_our_own(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled e;
	char code[9];

	memcpy(w->config.realm[0].issuer, "Corp", 5);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "hotp",
	    .counter = 42 }, &e), MFA_OK);
	assert_string_equal(e.label, "hotp");
	assert_memory_equal(e.otpauth_url, "otpauth://hotp/Corp:alice%40", 28);
	assert_non_null(strstr(e.otpauth_url, "counter=42"));
	assert_null(strstr(e.otpauth_url, "period="));
	assert_non_null(strstr(e.otpauth_url, e.secret));
	assert_string_equal(e.warning, "");
	world_counter(e.secret, 41, code);
	assert_int_equal(confirm(w, e.id, code), MFA_ERR_REPLAYED);
	world_counter(e.secret, 43, code);
	assert_int_equal(confirm(w, e.id, code), MFA_OK);
	assert_int_equal(world_try(w, code), MFA_REASON_REPLAYED);
	/* What apps do not know is warned of; there is no period to it. */
	w->config.period = 60;
	assert_int_equal(begin(w, (struct mfa_enroll_ask){
	    .provider = "hotp" }, &e), MFA_OK);
	assert_string_equal(e.warning, "");
	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "hotp",
	    .digits = 8 }, &e), MFA_OK);
	assert_true(strlen(e.warning) > 50);
}

static void
test_R3_no_such_token(void **state)
{
	static const struct mfa_enroll_ask bad[] = {
		{ .provider = "hotp", .counter = (1ULL << 53) + 1 },
		{ .provider = "hotp", .counter = UINT64_MAX },
		{ .provider = "totp", .counter = 1 },
		{ .provider = "hotp", .digits = 5 },
		{ .provider = "hotp", .digits = 9 },
		{ .provider = "hotp", .algorithm = "MD5" },
		{ .provider = "hotp", .import = "GEZDGNBVGY3TQOJQGEZDGNBV" },
	};
	struct world *w = *state;
	struct mfa_enrolled e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(begin(w, bad[i], &e), MFA_ERR_INVALID);
	assert_false(has_record(w));
}

static void
test_R6_one_secret_for_two_kinds(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled e;
	char id[17];

	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "hotp",
	    .import = SECRET_A }, &e), MFA_ERR_EXISTS);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "hotp",
	    .import = SECRET_B }, &e), MFA_OK);
	assert_int_equal(world_pending(w, "tablet", SECRET_B, id),
	    MFA_ERR_EXISTS);
}

/* ---- otp ---- */

static void
test_R12_an_address_is_proven(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled e;
	char bad[9];

	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "otp",
	    .address = ADDRESS }, &e), MFA_OK);
	assert_string_equal(e.label, "otp");
	assert_string_equal(e.secret, "");
	assert_string_equal(e.otpauth_url, "");
	assert_string_equal(e.warning, "");
	assert_int_equal(w->runner.delivered, 1);
	assert_string_equal(w->runner.last.address, ADDRESS);
	assert_int_equal(w->events[MFA_EVENT_OTP_GENERATED], 1);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_PENDING], 1);
	memcpy(bad, w->runner.last.code, 9);
	bad[7] = bad[7] == '0' ? '1' : '0';
	assert_int_equal(confirm(w, "otp", bad), MFA_ERR_WRONG);
	assert_int_equal(confirm(w, "otp", "123456"), MFA_ERR_SYNTAX);
	assert_int_equal(confirm(w, "otp", "hello"), MFA_ERR_SYNTAX);
	assert_int_equal(confirm(w, "otp", w->runner.last.code), MFA_OK);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_ENABLED], 1);
	assert_int_equal(w->events[MFA_EVENT_RECOVERY_GENERATED], 1);
	/* Event programs are told where to reach the owner. */
	assert_string_equal(w->texts.address, ADDRESS);
}

static void
test_R12_what_is_no_address(void **state)
{
	static const char *const bad[] = { "", " a@b", "a@b ", "a\nb", "a\rb",
		"a\tb", "\xc3\xb6@b", "a\x7f" };
	struct world *w = *state;
	struct mfa_enrolled e;
	char longest[130];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(begin(w, (struct mfa_enroll_ask){
		    .provider = "otp", .address = bad[i] }, &e),
		    MFA_ERR_INVALID);
	memset(longest, 'a', 129);
	longest[129] = '\0';
	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "otp",
	    .address = longest }, &e), MFA_ERR_INVALID);
	assert_false(has_record(w));
	assert_int_equal(w->runner.delivered, 0);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "otp",
	    .address = longest + 1 }, &e), MFA_OK);
	assert_string_equal(w->runner.last.address, longest + 1);
}

/* Twice at once would be two codes a message; later it may come back. */
static void
test_R6_an_address_once_at_a_time(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled e;
	char id[17];

	world_enroll(w, "phone", SECRET_A, &(struct mfa_confirmed){ 0 });
	world_enroll_otp(w, "mail", ADDRESS);
	world_pass(w, 60);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "otp",
	    .address = ADDRESS }, &e), MFA_ERR_EXISTS);
	assert_int_equal(disable(w, "mail"), MFA_OK);
	world_enroll_otp(w, "mail", ADDRESS);
	/* A key may not: its codes were used. */
	assert_int_equal(disable(w, "phone"), MFA_OK);
	assert_int_equal(world_pending(w, "phone", SECRET_A, id),
	    MFA_ERR_EXISTS);
}

static void
test_R12_enrolments_are_sends(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled e;

	w->config.realm[0].sends_per_day = 2;
	for (int i = 0; i < 3; i++) {
		memset(&e, 0, sizeof(e));
		assert_int_equal(begin(w, (struct mfa_enroll_ask){
		    .provider = "otp", .address = i == 0 ? "a@b" :
			i == 1 ? "a@c" : "a@d" }, &e),
		    i < 2 ? MFA_OK : MFA_ERR_LOCKED);
		/* It is there, another code may go to it tomorrow. */
		assert_int_equal(strlen(e.id), 16);
		world_pass(w, 60);
	}
	assert_int_equal(w->runner.delivered, 2);
}

/* ---- outside ---- */

static void
test_an_outside_one_is_begun_by_its_program(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	struct mfa_enrolled e;

	w->runner.keeps = "c0ffee";
	assert_int_equal(begin(w, (struct mfa_enroll_ask){
	    .provider = "yubico", .import = "id=cccc key=00" }, &e), MFA_OK);
	assert_int_equal(w->runner.asked, 1);
	assert_non_null(strstr(w->runner.in, "operation: enroll\n"));
	assert_non_null(strstr(w->runner.in, "\nsetup: id=cccc key=00\n"));
	assert_null(strstr(w->runner.in, "kept:"));
	assert_string_equal(e.label, "yubico");
	assert_string_equal(e.secret, "");
	assert_string_equal(e.otpauth_url, "");
	world_record(w, &r);
	assert_string_equal(r.factors[0].program, "yubico");
	assert_int_equal(r.factors[0].secret.size, 3);
	assert_memory_equal(r.factors[0].secret.bytes, "\xc0\xff\xee", 3);
	/* Its first answer enables it, and is used then. */
	assert_int_equal(confirm(w, e.id, "wrong-answer"), MFA_ERR_WRONG);
	world_record(w, &r);
	assert_int_equal(r.factors[0].root.consecutive, 1);
	assert_int_equal(mfa_throttle_day(&r, r.stamp.lapse), 1);
	w->runner.accepts = "right-answer";
	assert_int_equal(confirm(w, e.id, "right-answer"), MFA_OK);
	assert_int_equal(world_try(w, "right-answer"), MFA_REASON_REPLAYED);
	w->runner.accepts = "next-answer";
	assert_int_equal(world_try(w, "next-answer"), MFA_REASON_OK);
}

static void
test_R3_a_program_that_begins_nothing(void **state)
{
	static const struct {
		const char *reply;
		enum mfa_err ask_err, err;
	} bad[] = {
		{ "verdict: refuse\n", MFA_OK, MFA_ERR_INVALID },
		{ "verdict: accept\n", MFA_OK, MFA_ERR_PROGRAM },
		{ "", MFA_OK, MFA_ERR_PROGRAM },
		{ "verdict: accept\nkept: 0\n", MFA_OK, MFA_ERR_PROGRAM },
		{ "verdict: accept\nkept: 00\nx", MFA_OK, MFA_ERR_PROGRAM },
		{ "", MFA_ERR_PROGRAM, MFA_ERR_PROGRAM },
		{ "", MFA_ERR_UNAVAILABLE, MFA_ERR_UNAVAILABLE },
	};
	struct world *w = *state;
	struct mfa_enrolled e;
	char setup[162];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w->runner.reply = bad[i].reply;
		w->runner.ask_err = bad[i].ask_err;
		assert_int_equal(begin(w, (struct mfa_enroll_ask){
		    .provider = "yubico" }, &e), bad[i].err);
	}
	w->runner.reply = NULL;
	w->runner.ask_err = MFA_OK;
	w->runner.asked = 0;
	memset(setup, 'x', 161);
	setup[161] = '\0';
	assert_int_equal(begin(w, (struct mfa_enroll_ask){
	    .provider = "yubico", .import = setup }, &e), MFA_ERR_INVALID);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){
	    .provider = "yubico", .import = "a\nverdict: accept" }, &e),
	    MFA_ERR_INVALID);
	assert_int_equal(w->runner.asked, 0);
	assert_false(has_record(w));
	assert_int_equal(w->events[MFA_EVENT_FACTOR_PENDING], 0);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){
	    .provider = "yubico", .import = setup + 1 }, &e), MFA_OK);
}

/* ---- all of them ---- */

/* One of each, named as they come. */
static void
one_of_each(struct world *w)
{
	world_enroll(w, "", SECRET_A, &(struct mfa_confirmed){ 0 });
	world_enroll_hotp(w, "", SECRET_B);
	world_enroll_otp(w, "", ADDRESS);
	world_enroll_outside(w, "", "yubico", "first-answer");
	world_pass(w, 60);
}

static void
test_R9_four_of_whatever_kind(void **state)
{
	struct world *w = *state;
	struct mfa_enrolled e;

	one_of_each(w);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){
	    .provider = "hotp" }, &e), MFA_ERR_FULL);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "otp",
	    .address = "b@example.org" }, &e), MFA_ERR_FULL);
	assert_int_equal(disable(w, "hotp"), MFA_OK);
	assert_int_equal(begin(w, (struct mfa_enroll_ask){ .provider = "otp",
	    .address = "b@example.org" }, &e), MFA_OK);
	assert_string_equal(e.label, "otp-2");
}

struct list {
	unsigned int n;
	struct mfa_factor_info info[8];
};

static enum mfa_err
note(void *ctx, const struct mfa_factor_info *info)
{
	struct list *list = ctx;

	list->info[list->n++] = *info;
	return MFA_OK;
}

static void
test_list_tells_each_kind(void **state)
{
	static const char *const kinds[] = { "totp", "hotp", "otp", "yubico" };
	struct world *w = *state;
	static struct list list;

	one_of_each(w);
	memset(&list, 0, sizeof(list));
	assert_int_equal(mfa_admin_list(&w->engine, &w->subject, note, &list),
	    MFA_OK);
	assert_int_equal(list.n, 4);
	for (int i = 0; i < 4; i++) {
		const struct mfa_factor_info *info = &list.info[i];

		assert_string_equal(info->provider, kinds[i]);
		assert_string_equal(info->label, kinds[i]);
		assert_string_equal(info->status, "enabled");
		assert_string_equal(info->address, i == 2 ? ADDRESS : "");
		assert_string_equal(info->algorithm, i < 2 ? "SHA1" : "");
		assert_int_equal(info->period, i == 0 ? 30 : 0);
		assert_int_equal(info->digits, i < 2 ? 6 : i == 2 ? 8 : 0);
	}
}

static enum mfa_err
name(struct world *w, const char *factor, const char *label)
{
	return mfa_enroll_rename(&w->engine, &w->caller, &w->subject, factor,
	    label);
}

static void
test_renaming(void **state)
{
	static const char *const bad[] = { "", "Phone", "1x", "a b", "a_b",
		"a\n", "abcdefghijklmnopqrstuvwxyz0123456" };
	static mfa_record_Record r;
	struct world *w = *state;
	char id[17], code[9];

	assert_int_equal(name(w, "totp", "phone"), MFA_ERR_NOT_FOUND);
	one_of_each(w);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(name(w, "totp", bad[i]), MFA_ERR_INVALID);
	assert_int_equal(name(w, "nothing", "phone"), MFA_ERR_NOT_FOUND);
	assert_int_equal(name(w, "totp", "hotp"), MFA_ERR_EXISTS);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_RENAMED], 0);
	assert_int_equal(name(w, "totp", "phone"), MFA_OK);
	assert_int_equal(w->events[MFA_EVENT_FACTOR_RENAMED], 1);
	assert_string_equal(w->last_factor, "phone");
	assert_string_equal(w->texts.address, ADDRESS);
	assert_int_equal(name(w, "totp", "phone"), MFA_ERR_NOT_FOUND);
	assert_int_equal(name(w, "phone", "phone"), MFA_OK);
	/* By its id, and to a name that became free. */
	world_record(w, &r);
	mfa_num_hex(r.factors[3].id, 8, id);
	assert_int_equal(name(w, id, "totp"), MFA_OK);
	/* Nothing else of it changed. */
	world_code(w, SECRET_A, 0, code);
	assert_int_equal(world_try(w, code), MFA_REASON_OK);
	world_record(w, &r);
	assert_string_equal(r.factors[0].label, "phone");
	assert_string_equal(r.factors[3].label, "totp");
	assert_string_equal(r.factors[3].program, "yubico");
	w->subject.uid++;
	assert_int_equal(name(w, "phone", "mine"), MFA_ERR_FOREIGN);
}

/* A label is in use as long as its factor is not disabled. */
static void
test_renaming_and_disabled_ones(void **state)
{
	struct world *w = *state;

	one_of_each(w);
	assert_int_equal(disable(w, "hotp"), MFA_OK);
	assert_int_equal(name(w, "totp", "hotp"), MFA_OK);
	/* Now it means the living one. */
	assert_int_equal(name(w, "hotp", "phone"), MFA_OK);
	assert_int_equal(name(w, "hotp", "otp"), MFA_ERR_EXISTS);
	assert_int_equal(name(w, "hotp", "old-token"), MFA_OK);
	assert_int_equal(disable(w, "old-token"), MFA_ERR_NOT_FOUND);
	assert_int_equal(disable(w, "phone"), MFA_OK);
}

static void
test_R7_nothing_to_sync_is_not_charged(void **state)
{
	static const char *const labels[] = { "otp", "yubico", "nothing" };
	const struct mfa_typed a = world_typed("12345678");
	const struct mfa_typed b = world_typed("87654321");
	static mfa_record_Record r;
	struct world *w = *state;
	int32_t drift;

	one_of_each(w);
	for (int i = 0; i < 3; i++) {
		const struct mfa_sync_ask ask = { labels[i], &a, &b };

		assert_int_equal(mfa_enroll_sync(&w->engine, &w->caller,
		    &w->subject, &ask, &drift), MFA_ERR_NOT_FOUND);
	}
	world_record(w, &r);
	assert_int_equal(mfa_throttle_day(&r, r.stamp.lapse), 0);
	assert_int_equal(r.factors[2].root.consecutive, 0);
}

#define ALL_ON(f) cmocka_unit_test_setup_teardown(f, all_on, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ALL_ON(test_R16_a_token_of_our_own),
		ALL_ON(test_R3_no_such_token),
		ALL_ON(test_R6_one_secret_for_two_kinds),
		ALL_ON(test_R12_an_address_is_proven),
		ALL_ON(test_R12_what_is_no_address),
		ALL_ON(test_R6_an_address_once_at_a_time),
		ALL_ON(test_R12_enrolments_are_sends),
		ALL_ON(test_an_outside_one_is_begun_by_its_program),
		ALL_ON(test_R3_a_program_that_begins_nothing),
		ALL_ON(test_R9_four_of_whatever_kind),
		ALL_ON(test_list_tells_each_kind),
		ALL_ON(test_renaming),
		ALL_ON(test_renaming_and_disabled_ones),
		ALL_ON(test_R7_nothing_to_sync_is_not_charged),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
