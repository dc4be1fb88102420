/* SPDX-License-Identifier: MIT */
/* R12, R17, R30: realms share a store and nothing else. */
#include "tests/unit/world.h"

#include "verifier/engine/admin.h"
#include "verifier/engine/challenge.h"
#include "verifier/engine/throttle.h"

#define REALMS 3

static const char *const secrets[REALMS] = { SECRET_A, SECRET_B, SECRET_C };

/* alice of unix, of shop and of bank, each with a phone of her own. */
static int
three(void **state)
{
	struct world *w;

	assert_int_equal(world_new(state), 0);
	w = *state;
	(void)world_realm(w, "shop", 0);
	(void)world_realm(w, "bank", 0);
	return 0;
}

static void
be(struct world *w, int i)
{
	static const char *const names[] = { "", "shop", "bank" };

	if (i > 0) {
		w->subject = world_subject(names[i], "alice");
		return;
	}
	memset(&w->subject, 0, sizeof(w->subject));
	memcpy(w->subject.realm, "unix", 5);
	memcpy(w->subject.name, "alice", 6);
	memcpy(w->subject.id, "u-alice", 8);
	w->subject.uid = 4711;
	w->subject.known = true;
}

static int
enrolled(void **state)
{
	struct mfa_confirmed confirmed;
	struct world *w;

	assert_int_equal(three(state), 0);
	w = *state;
	for (int i = 0; i < REALMS; i++) {
		be(w, i);
		world_enroll(w, "phone", secrets[i], &confirmed);
	}
	world_pass(w, 30);
	memset(w->events, 0, sizeof(w->events));
	return 0;
}

static enum mfa_reason
try_own(struct world *w, int i)
{
	char code[9];

	be(w, i);
	world_code(w, secrets[i], 0, code);
	return world_try(w, code);
}

/* ---- three records ---- */

static void
test_R17_a_code_is_of_one_realm(void **state)
{
	struct world *w = *state;
	char code[9];

	for (int i = 0; i < REALMS; i++) {
		for (int j = 1; j < REALMS; j++) {
			be(w, (i + j) % REALMS);
			world_code(w, secrets[i], 0, code);
			assert_int_equal(world_try(w, code),
			    MFA_REASON_WRONG);
		}
	}
	for (int i = 0; i < REALMS; i++) {
		assert_int_equal(try_own(w, i), MFA_REASON_OK);
		assert_string_equal(w->subject.name, "alice");
	}
}

static void
test_what_happens_to_one_happens_to_no_other(void **state)
{
	static mfa_record_Record r;
	struct world *w = *state;
	char bad[9];
	bool last;

	/* Locked in shop. */
	be(w, 1);
	for (int i = 0; i < 5; i++) {
		world_wrong(w, bad);
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	}
	assert_int_equal(try_own(w, 1), MFA_REASON_LOCKED);
	assert_int_equal(try_own(w, 0), MFA_REASON_OK);
	assert_int_equal(try_own(w, 2), MFA_REASON_OK);
	be(w, 0);
	world_record(w, &r);
	assert_int_equal(mfa_throttle_day(&r, r.stamp.lapse), 0);
	/* Reset in unix, disabled in bank. */
	assert_int_equal(mfa_admin_reset(&w->engine, &w->caller, &w->subject),
	    MFA_OK);
	be(w, 2);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "phone", &last), MFA_OK);
	world_pass(w, 900);
	assert_int_equal(try_own(w, 0), MFA_REASON_NOT_ENROLLED);
	assert_int_equal(try_own(w, 1), MFA_REASON_OK);
	assert_int_equal(try_own(w, 2), MFA_REASON_NOT_ENROLLED);
}

struct seen {
	unsigned int n;
	char user[8][257];
};

static enum mfa_err
note(void *ctx, const struct mfa_account_info *info)
{
	struct seen *seen = ctx;

	assert_true(seen->n < 8);
	memcpy(seen->user[seen->n++], info->user, 257);
	return MFA_OK;
}

static unsigned int
users(struct world *w, const char *realm, struct seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	assert_int_equal(mfa_admin_users(&w->engine, realm, note, seen),
	    MFA_OK);
	return seen->n;
}

static void
test_a_list_is_of_one_realm(void **state)
{
	static const char *const names[] = { "unix", "shop", "bank" };
	struct world *w = *state;
	static struct seen seen;
	char long_name[250], id[17];

	for (int i = 0; i < REALMS; i++) {
		assert_int_equal(users(w, names[i], &seen), 1);
		assert_string_equal(seen.user[0], "alice");
	}
	assert_int_equal(users(w, "sho", &seen), 0);
	assert_int_equal(users(w, "shop-", &seen), 0);
	assert_int_equal(users(w, "", &seen), 0);
	/* One whose id is a hash is listed by its name, too. */
	memset(long_name, 'x', 249);
	long_name[249] = '\0';
	w->subject = world_subject("shop", long_name);
	assert_memory_equal(w->subject.id, "s-shop%-", 8);
	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	assert_int_equal(users(w, "shop", &seen), 2);
	assert_int_equal((strcmp(seen.user[0], long_name) == 0) +
	    (strcmp(seen.user[1], long_name) == 0), 1);
	assert_int_equal(users(w, "unix", &seen), 1);
}

/* ---- moved ---- */

static enum mfa_err
opens(struct world *w)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	r = mfa_repo_open(&w->engine, &w->subject, MFA_STORE_WRITE, &repo);
	mfa_repo_close(repo);
	return r;
}

/* A record's bytes in the place of another: each into each. */
static void
test_R17_no_record_moves_into_another_realm(void **state)
{
	static uint8_t bytes[REALMS][MFA_STORE_SLOTS * MFA_STORE_SLOT];
	struct world *w = *state;

	for (int i = 0; i < REALMS; i++) {
		be(w, i);
		world_read(w, bytes[i]);
	}
	for (int from = 0; from < REALMS; from++) {
		for (int j = 1; j < REALMS; j++) {
			be(w, (from + j) % REALMS);
			world_write(w, bytes[from]);
			assert_int_equal(opens(w), MFA_ERR_DAMAGED);
			assert_int_equal(try_own(w, from + j >= REALMS ?
				from + j - REALMS : from + j),
			    MFA_REASON_ERROR);
			world_write(w, bytes[(from + j) % REALMS]);
			assert_int_equal(opens(w), MFA_OK);
		}
	}
	for (int i = 0; i < REALMS; i++)
		assert_int_equal(try_own(w, i), MFA_REASON_OK);
}

/* Nor into another subject of its own realm. */
static void
test_R17_no_record_moves_within_a_realm(void **state)
{
	static uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	struct world *w = *state;
	char id[17];

	be(w, 1);
	world_read(w, bytes);
	w->subject = world_subject("shop", "bob");
	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	world_write(w, bytes);
	assert_int_equal(opens(w), MFA_ERR_DAMAGED);
}

/* ---- bounds and policy of a realm ---- */

static enum mfa_err
add(struct world *w, const char *realm, const char *name)
{
	char id[17];

	w->subject = world_subject(realm, name);
	return world_pending(w, "", SECRET_A, id);
}

static void
test_max_subjects(void **state)
{
	struct mfa_enroll_ask ask = { .label = "", .provider = "",
		.algorithm = "", .import = "", .address = "" };
	struct world *w = *state;
	struct mfa_enrolled e;
	char long_name[250];
	bool last;

	memset(long_name, 'y', 249);
	long_name[249] = '\0';
	w->config.realm[1].max_subjects = 3;
	/* Others' records do not count. */
	for (int i = 0; i < 5; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "bob%d", i);
		assert_int_equal(add(w, "bank", name), MFA_OK);
	}
	assert_int_equal(add(w, "shop", "bob"), MFA_OK);
	assert_int_equal(add(w, "shop", long_name), MFA_OK);
	/* alice is the first. */
	assert_int_equal(add(w, "shop", "carol"), MFA_ERR_FULL);
	assert_int_equal(opens(w), MFA_ERR_NOT_FOUND);
	/* Whoever is there may have more factors. */
	w->subject = world_subject("shop", "bob");
	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_OK);
	/* A record counts until it is removed. */
	be(w, 1);
	assert_int_equal(mfa_enroll_disable(&w->engine, &w->caller,
	    &w->subject, "phone", &last), MFA_OK);
	assert_int_equal(add(w, "shop", "carol"), MFA_ERR_FULL);
	be(w, 1);
	assert_int_equal(mfa_admin_remove(&w->engine, &w->caller,
	    &w->subject), MFA_OK);
	assert_int_equal(add(w, "shop", "carol"), MFA_OK);
}

static void
test_R12_sends_per_day_are_the_realms(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 2; i++) {
		be(w, i);
		w->config.realm[i].sends_per_day = i == 0 ? 4 : 2;
		world_enroll_otp(w, "mail", "alice@example.org");
	}
	for (int n = 1; n < 5; n++) {
		for (int i = 0; i < 2; i++) {
			be(w, i);
			assert_int_equal(world_send(w, ""),
			    n < (i == 0 ? 4 : 2) ? MFA_OK : MFA_ERR_LOCKED);
		}
		world_pass(w, 60);
	}
}

static enum mfa_err
begin(struct world *w, const char *provider)
{
	const struct mfa_enroll_ask ask = { .label = "", .provider = provider,
		.algorithm = "", .import = "",
		.address = strcmp(provider, "otp") == 0 ? "a@example.org" :
							  "" };
	struct mfa_enrolled e;

	return mfa_enroll_begin(&w->engine, &w->caller, &w->subject, &ask,
	    &e);
}

/* On in unix is not on in shop. */
static void
test_R3_a_provider_is_on_in_its_realm_only(void **state)
{
	struct world *w = *state;

	be(w, 0);
	world_program(w, "yubico");
	w->config.realm[0].provides |= MFA_PROVIDES_HOTP | MFA_PROVIDES_OTP;
	assert_int_equal(begin(w, "hotp"), MFA_OK);
	assert_int_equal(begin(w, "otp"), MFA_OK);
	assert_int_equal(begin(w, "yubico"), MFA_OK);
	be(w, 1);
	assert_int_equal(begin(w, "hotp"), MFA_ERR_CONFIG);
	assert_int_equal(begin(w, "otp"), MFA_ERR_CONFIG);
	assert_int_equal(begin(w, "yubico"), MFA_ERR_CONFIG);
	assert_int_equal(w->runner.asked, 1);
	assert_int_equal(begin(w, "totp"), MFA_OK);
	w->config.realm[1].provides = MFA_PROVIDES_HOTP;
	assert_int_equal(begin(w, ""), MFA_ERR_CONFIG);
}

static void
test_R3_a_factor_whose_provider_goes_off_opens_nothing(void **state)
{
	struct mfa_challenge challenge;
	static mfa_record_Record r;
	struct world *w = *state;

	be(w, 1);
	w->config.realm[1].provides = MFA_PROVIDES_HOTP;
	assert_int_equal(try_own(w, 1), MFA_REASON_MALFORMED);
	world_record(w, &r);
	assert_int_equal(r.factors[0].root.consecutive, 0);
	/* Turning a provider off lets nobody pass. */
	assert_int_equal(mfa_challenge_start(&w->engine, &w->caller,
	    &w->subject, &challenge), MFA_ERR_NOT_ENROLLED);
	assert_int_equal(try_own(w, 2), MFA_REASON_OK);
	w->config.realm[1].provides = MFA_PROVIDES_TOTP;
	assert_int_equal(try_own(w, 1), MFA_REASON_OK);
}

static void
test_R3_a_realm_that_is_gone_opens_nothing(void **state)
{
	struct mfa_challenge challenge;
	struct mfa_recovery_text text;
	struct world *w = *state;

	w->config.realm_count = 2; /* bank is not there any more */
	assert_int_not_equal(try_own(w, 2), MFA_REASON_OK);
	assert_int_equal(world_try(w, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"),
	    MFA_REASON_MALFORMED);
	assert_int_equal(begin(w, "totp"), MFA_ERR_NO_REALM);
	assert_int_equal(mfa_challenge_start(&w->engine, &w->caller,
	    &w->subject, &challenge), MFA_ERR_NO_REALM);
	assert_int_equal(mfa_enroll_recovery(&w->engine, &w->caller,
	    &w->subject, &text), MFA_ERR_CONFIG);
	assert_int_equal(world_send(w, ""), MFA_ERR_CONFIG);
	assert_int_equal(try_own(w, 1), MFA_REASON_OK);
}

static void
test_R16_the_issuer_is_the_realms(void **state)
{
	const struct mfa_enroll_ask ask = { .label = "tablet",
		.provider = "", .algorithm = "", .import = "", .address = "" };
	struct world *w = *state;
	struct mfa_enrolled e;

	memcpy(w->config.realm[0].issuer, "Host", 5);
	memcpy(w->config.realm[1].issuer, "Example Shop", 13);
	be(w, 1);
	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_OK);
	/* Nobody at this host: no host name behind the subject's. */
	assert_memory_equal(e.otpauth_url,
	    "otpauth://totp/Example%20Shop:alice?", 36);
	be(w, 0);
	assert_int_equal(mfa_enroll_begin(&w->engine, &w->caller, &w->subject,
	    &ask, &e), MFA_OK);
	assert_memory_equal(e.otpauth_url, "otpauth://totp/Host:alice%40", 28);
}

#define WITH_THREE(f) cmocka_unit_test_setup_teardown(f, enrolled, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_THREE(test_R17_a_code_is_of_one_realm),
		WITH_THREE(test_what_happens_to_one_happens_to_no_other),
		WITH_THREE(test_a_list_is_of_one_realm),
		WITH_THREE(test_R17_no_record_moves_into_another_realm),
		WITH_THREE(test_R17_no_record_moves_within_a_realm),
		WITH_THREE(test_max_subjects),
		WITH_THREE(test_R12_sends_per_day_are_the_realms),
		WITH_THREE(test_R3_a_provider_is_on_in_its_realm_only),
		WITH_THREE(
		    test_R3_a_factor_whose_provider_goes_off_opens_nothing),
		WITH_THREE(test_R3_a_realm_that_is_gone_opens_nothing),
		WITH_THREE(test_R16_the_issuer_is_the_realms),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
