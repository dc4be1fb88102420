/* SPDX-License-Identifier: MIT */
/*
 * R3, R5: what a login costs before anything is typed, and a wrong code after
 * it, counted: codes worked out, slots opened and sealed, keys loaded, records
 * looked for.
 * Links with --wrap, see tests/unit.am.
 */
#include "tests/unit/login_states.h"

#include "verifier/crypt/crypt.h"
#include "verifier/vault/envelope.h"

struct work {
	unsigned int codes;  /* HMACs */
	unsigned int opened; /* slots, in memory or from disk */
	unsigned int sealed;
	unsigned int keys;
	unsigned int looked; /* for a record, in the store */
};

static struct work done;
static mfa_record_Record decoded; /* the last */
static unsigned int fails; /* this one of the slots to open; 0: none */
static const struct mfa_store_ops *honest;

enum mfa_err
__real_mfa_crypt_hmac(enum mfa_crypt_alg alg, struct mfa_crypt_part key,
    struct mfa_crypt_part msg, uint8_t *out, size_t *outlen);
enum mfa_err
__wrap_mfa_crypt_hmac(enum mfa_crypt_alg alg, struct mfa_crypt_part key,
    struct mfa_crypt_part msg, uint8_t *out, size_t *outlen);
enum mfa_err __real_mfa_envelope_seal(const struct mfa_env *env,
    const struct mfa_seal *how, const uint8_t *text, size_t len, uint8_t *slot);
enum mfa_err __wrap_mfa_envelope_seal(const struct mfa_env *env,
    const struct mfa_seal *how, const uint8_t *text, size_t len, uint8_t *slot);
enum mfa_err
__real_mfa_envelope_open(const struct mfa_key *key, struct mfa_binding binding,
    uint8_t index, const uint8_t *slot, uint8_t *text, size_t *len);
enum mfa_err
__wrap_mfa_envelope_open(const struct mfa_key *key, struct mfa_binding binding,
    uint8_t index, const uint8_t *slot, uint8_t *text, size_t *len);

enum mfa_err
__wrap_mfa_crypt_hmac(enum mfa_crypt_alg alg, struct mfa_crypt_part key,
    struct mfa_crypt_part msg, uint8_t *out, size_t *outlen)
{
	done.codes++;
	return __real_mfa_crypt_hmac(alg, key, msg, out, outlen);
}

enum mfa_err
__wrap_mfa_envelope_seal(const struct mfa_env *env, const struct mfa_seal *how,
    const uint8_t *text, size_t len, uint8_t *slot)
{
	done.sealed++;
	return __real_mfa_envelope_seal(env, how, text, len, slot);
}

enum mfa_err
__wrap_mfa_envelope_open(const struct mfa_key *key, struct mfa_binding binding,
    uint8_t index, const uint8_t *slot, uint8_t *text, size_t *len)
{
	if (++done.opened == fails) {
		memset(text, 0, MFA_SLOT_WORK);
		return MFA_ERR_CRYPTO;
	}
	return __real_mfa_envelope_open(key, binding, index, slot, text, len);
}

enum mfa_err __real_mfa_keyring_load_from(const char *dir,
    const struct mfa_keyring_held *held, const uint8_t id[MFA_KEY_ID],
    struct mfa_key *out);
enum mfa_err __wrap_mfa_keyring_load_from(const char *dir,
    const struct mfa_keyring_held *held, const uint8_t id[MFA_KEY_ID],
    struct mfa_key *out);
enum mfa_err __real_mfa_keyring_primary_from(const char *dir,
    const struct mfa_keyring_held *held, struct mfa_key *out);
enum mfa_err __wrap_mfa_keyring_primary_from(const char *dir,
    const struct mfa_keyring_held *held, struct mfa_key *out);

enum mfa_err
__wrap_mfa_keyring_load_from(const char *dir,
    const struct mfa_keyring_held *held, const uint8_t id[MFA_KEY_ID],
    struct mfa_key *out)
{
	done.keys++;
	return __real_mfa_keyring_load_from(dir, held, id, out);
}

enum mfa_err
__wrap_mfa_keyring_primary_from(const char *dir,
    const struct mfa_keyring_held *held, struct mfa_key *out)
{
	done.keys++;
	return __real_mfa_keyring_primary_from(dir, held, out);
}

enum mfa_err __real_mfa_codec_decode(const uint8_t *in, size_t len,
    uint8_t *scratch, mfa_record_Record *record);
enum mfa_err __wrap_mfa_codec_decode(const uint8_t *in, size_t len,
    uint8_t *scratch, mfa_record_Record *record);

enum mfa_err
__wrap_mfa_codec_decode(const uint8_t *in, size_t len, uint8_t *scratch,
    mfa_record_Record *record)
{
	enum mfa_err r = __real_mfa_codec_decode(in, len, scratch, record);

	decoded = *record;
	return r;
}

static enum mfa_err
counted_open(struct mfa_store *store, const char *id, enum mfa_store_mode mode,
    struct mfa_store_view *view, struct mfa_store_txn **txn)
{
	done.looked++;
	return honest->open(store, id, mode, view, txn);
}

static const struct {
	const char *name;
	void (*make)(struct world *w);
	const char *user;
} people[] = {
	{ "enrolled", state_enrolled, PERSON },
	{ "no record", state_none, PERSON },
	{ "pending only", state_pending, PERSON },
	{ "last factor disabled", state_disabled, PERSON },
	{ "unknown user", state_none, NOBODY },
	{ "foreign uid", state_foreign, PERSON },
};
#define PEOPLE (sizeof(people) / sizeof(people[0]))

/* Each in a world of its own: the work of what they do there. */
static void
work_of(size_t i, void (*deed)(struct session *s, const char *user),
    struct work *work)
{
	struct mfa_store_ops ops;
	struct session s;
	void *w;

	assert_int_equal(world_new(&w), 0);
	s.w = w;
	people[i].make(s.w);
	s.w->config.realm[0].require = MFA_REQUIRE_ALL;
	honest = s.w->engine.store->ops;
	ops = *honest;
	ops.open = counted_open;
	s.w->engine.store->ops = &ops;
	deed(&s, people[i].user);
	*work = done;
	s.w->engine.store->ops = honest;
	assert_int_equal(world_free(&w), 0);
}

static void
begins(struct session *s, const char *user)
{
	memset(&done, 0, sizeof(done));
	session_begin(s, user, false, 3);
	assert_true(session_asks(s));
}

static void
answers_wrong(struct session *s, const char *user)
{
	char bad[9];

	world_wrong(s->w, bad);
	session_begin(s, user, false, 3);
	assert_true(session_asks(s));
	memset(&done, 0, sizeof(done));
	session_answer(s, bad);
	assert_true(session_asks(s));
}

static void
asks_for_one(struct session *s, const char *user)
{
	s->w->config.realm[0].provides |= MFA_PROVIDES_OTP;
	session_begin(s, user, false, 3);
	assert_true(session_asks(s));
	memset(&done, 0, sizeof(done));
	session_answer(s, "send");
	assert_true(session_asks(s));
}

static void
is_told_of(struct session *s, const char *user)
{
	const struct mfa_login_ask ask = { .caller = s->w->caller,
		.user = user };

	memset(&done, 0, sizeof(done));
	mfa_login_policy(&s->w->engine, &ask, false, &s->step);
	assert_int_equal(s->step.verdict, MFA_VERDICT_DENY);
	assert_int_equal(s->step.reason, MFA_REASON_UNVERIFIED);
}

static enum mfa_err
change(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)clock;
	record->recovery.compared++;
	return MFA_OK;
}

static enum mfa_err
twice(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)change(ctx, record, clock);
	return change(ctx, record, clock);
}

static enum mfa_err
same(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)record;
	(void)clock;
	return MFA_OK;
}

static void
opens(struct world *w, unsigned int fails_at, enum mfa_err wanted,
    unsigned int openings)
{
	struct mfa_repo *repo;

	done.opened = 0;
	fails = fails_at;
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_WRITE, &repo), wanted);
	fails = 0;
	assert_int_equal(done.opened, openings);
	if (wanted == MFA_OK)
		assert_int_equal(mfa_repo_record(repo)->recovery.compared, 2);
	else
		assert_null(repo);
	mfa_repo_close(repo);
}

/*
 * The newer slot is opened last, so each once, whichever it is.  If it is torn
 * the older one is opened again.  Whichever opening fails, that is told.
 */
static void
test_R3_every_opening_may_fail(void **state)
{
	struct world *w = *state;
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];

	assert_int_equal(mfa_repo_create(&w->engine, &w->subject,
	    (struct mfa_delta){ change, NULL }), MFA_OK);
	for (int i = 0; i < 2; i++) {
		if (i == 1)
			world_pass(w, 1);
		assert_int_equal(mfa_repo_change(&w->engine, &w->subject,
		    (struct mfa_delta){ i == 0 ? change : same, NULL }),
		    MFA_OK);
		opens(w, 1, MFA_ERR_CRYPTO, 2);
		opens(w, 2, MFA_ERR_CRYPTO, 2);
		opens(w, 3, MFA_OK, 2);
	}
	/* The newer one is the second by now. */
	world_read(w, bytes);
	bytes[MFA_STORE_SLOT + 3000] ^= 1;
	world_write(w, bytes);
	opens(w, 3, MFA_ERR_CRYPTO, 3);
	opens(w, 4, MFA_OK, 3);
	/* No header to go by: the other one is opened once. */
	memset(bytes + MFA_STORE_SLOT, 0, MFA_STORE_SLOT);
	world_write(w, bytes);
	opens(w, 2, MFA_OK, 1);
}

/* Torn where the first one is the newer. */
static void
test_R3_a_first_slot_without_a_header(void **state)
{
	struct world *w = *state;
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];

	for (int i = 0; i < 2; i++)
		assert_int_equal(i == 0 ?
			mfa_repo_create(&w->engine, &w->subject,
			    (struct mfa_delta){ twice, NULL }) :
			mfa_repo_change(&w->engine, &w->subject,
			    (struct mfa_delta){ same, NULL }), MFA_OK);
	world_read(w, bytes);
	memset(bytes, 0, MFA_STORE_SLOT);
	world_write(w, bytes);
	opens(w, 2, MFA_OK, 1);
}

/* What a reader of the clock could see: is the record there or not? */
static void
same_look(void (*deed)(struct session *s, const char *user))
{
	struct work work;

	for (size_t i = 0; i < PEOPLE; i++) {
		work_of(i, deed, &work);
		if (work.looked != 1)
			fail_msg("%s: looked for %u times", people[i].name,
			    work.looked);
		/* What is not there is sealed once and opened once. */
		if (work.sealed + work.opened != 2 || work.opened == 0)
			fail_msg("%s: %u slots opened, %u sealed",
			    people[i].name, work.opened, work.sealed);
		if (work.keys != 1)
			fail_msg("%s: %u keys", people[i].name, work.keys);
		if (work.codes != 0)
			fail_msg("%s: %u codes", people[i].name, work.codes);
	}
}

static void
test_R5_a_prompt_costs_the_same(void **state)
{
	(void)state;
	same_look(begins);
}

static void
test_R5_a_question_costs_the_same(void **state)
{
	(void)state;
	same_look(is_told_of);
}

static bool
is_same(const struct work *a, const struct work *b)
{
	return a->codes == b->codes && a->opened == b->opened &&
	    a->sealed == b->sealed && a->keys == b->keys;
}

/* As what the enrolled one does. */
static void
same_work(void (*deed)(struct session *s, const char *user),
    const struct work *wanted)
{
	struct work work;

	for (size_t i = 0; i < PEOPLE; i++) {
		work_of(i, deed, &work);
		if (!is_same(&work, wanted))
			fail_msg("%s: %u codes, %u opened, %u sealed, %u keys",
			    people[i].name, work.codes, work.opened,
			    work.sealed, work.keys);
	}
}

static void
test_R5_a_wrong_code_costs_as_much(void **state)
{
	/* A window of 1; a key to open, and one to seal. */
	const struct work wrong = { .codes = 3, .opened = MFA_STORE_SLOTS,
		.sealed = 1, .keys = 2 };

	(void)state;
	same_work(answers_wrong, &wrong);
}

/* To none of them a code is sent. */
static void
test_R5_a_send_costs_as_much(void **state)
{
	const struct work sent = { .opened = MFA_STORE_SLOTS, .sealed = 1,
		.keys = 2 };

	(void)state;
	same_work(asks_for_one, &sent);
}

/* What is made up for who has none takes as long to read as a usual one. */
static void
test_R5_the_decoy_is_like_a_record(void **state)
{
	static const uint8_t ones[32] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	const mfa_record_Factor *factor = &decoded.factors[0];
	const mfa_record_RecoverySet *recovery = &decoded.recovery;
	struct world *w = *state;

	memset(&decoded, 0, sizeof(decoded));
	memset(&done, 0, sizeof(done));
	mfa_repo_decoy(&w->engine, MFA_DECOY_READ | MFA_DECOY_WRITE);
	assert_int_equal(done.opened, MFA_STORE_SLOTS);
	assert_int_equal(done.sealed, 1);
	assert_true(decoded.enrolled);
	assert_string_equal(decoded.realm, "unix");
	assert_string_equal(decoded.name, "nobody");
	assert_int_equal(decoded.factors_count, 1);
	assert_int_equal(factor->provider, mfa_record_Provider_PROVIDER_TOTP);
	assert_int_equal(factor->status, mfa_record_Status_STATUS_ENABLED);
	assert_int_equal(factor->algorithm,
	    mfa_record_Algorithm_ALGORITHM_SHA1);
	assert_int_equal(factor->digits, 6);
	assert_int_equal(factor->period, 30);
	assert_int_equal(factor->secret.size, 20);
	assert_memory_equal(factor->secret.bytes, ones, 20);
	assert_memory_equal(factor->id, ones, sizeof(factor->id));
	assert_string_equal(factor->label, "totp");
	assert_true(factor->has_root);
	assert_memory_equal(recovery->salt, ones, sizeof(recovery->salt));
	assert_int_equal(recovery->codes_count, 10);
	for (int i = 0; i < 10; i++)
		assert_memory_equal(recovery->codes[i].hash, ones,
		    sizeof(recovery->codes[i].hash));
	assert_true(unit_all(&recovery->codes[10], sizeof(recovery->codes[10]),
	    0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_R3_every_opening_may_fail, world_new, world_free),
		cmocka_unit_test_setup_teardown(
		    test_R3_a_first_slot_without_a_header, world_new,
		    world_free),
		cmocka_unit_test(test_R5_a_prompt_costs_the_same),
		cmocka_unit_test(test_R5_a_question_costs_the_same),
		cmocka_unit_test_setup_teardown(
		    test_R5_the_decoy_is_like_a_record, world_new, world_free),
		cmocka_unit_test(test_R5_a_wrong_code_costs_as_much),
		cmocka_unit_test(test_R5_a_send_costs_as_much),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
