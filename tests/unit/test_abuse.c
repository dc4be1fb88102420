/* SPDX-License-Identifier: MIT */
/* Attacks that once worked, each kept as a test. */
#include "tests/unit/world.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verifier/engine/throttle.h"
#include "verifier/store/store_file.h"

/*
 * R2: who holds a conversation open while an administrator restores the
 * records must not find himself not enrolled.
 */
static void
test_R2_a_replaced_folder_is_not_an_absence(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	struct mfa_store *fresh = NULL;
	struct mfa_repo *repo = NULL;
	char now[128], before[128];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	(void)snprintf(now, sizeof(now), "%s/records", w->dir);
	(void)snprintf(before, sizeof(before), "%s/old", w->dir);
	assert_int_equal(rename(now, before), 0);
	/* The one we hold has the record still; another user's is missing. */
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_OK);
	mfa_repo_close(repo);
	memcpy(w->subject.id, "u-bob", 6);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_ERR_IO);
	assert_int_equal(mkdir(now, 0700), 0);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_ERR_IO);
	/* Whoever opens the store anew may say so. */
	assert_int_equal(mfa_store_file_open(w->dir, 0, &fresh), MFA_OK);
	w->engine.store->ops->free(w->engine.store);
	w->engine.store = fresh;
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_ERR_NOT_FOUND);
}

static void
test_R2_a_removed_folder_is_not_an_absence(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo = NULL;
	char now[128];

	(void)snprintf(now, sizeof(now), "%s/records", w->dir);
	assert_int_equal(rmdir(now), 0);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_ERR_IO);
	assert_int_equal(mkdir(now, 0700), 0);
	assert_int_equal(mfa_repo_open(&w->engine, &w->subject,
	    MFA_STORE_READ, &repo), MFA_ERR_IO);
}

/* R6: two used codes in turn are refunded three times, not for ever. */
static void
test_R6_two_replays_in_turn_are_charged(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	mfa_record_Record record;
	char first[9], second[9];
	unsigned int replayed = 0;

	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
	world_code(w, SECRET_A, 0, first);
	assert_int_equal(world_try(w, first), MFA_REASON_OK);
	world_code(w, SECRET_A, 1, second);
	assert_int_equal(world_try(w, second), MFA_REASON_OK);
	for (int i = 0; i < 30; i++)
		replayed += world_try(w, i % 2 == 0 ? first : second) ==
		    MFA_REASON_REPLAYED;
	/* At most 3 for each of the two steps, and 5 until the lock. */
	assert_in_range(replayed, 5, 11);
	world_record(w, &record);
	assert_true(mfa_throttle_day(&record, record.stamp.lapse) >= 5);
	assert_int_equal(world_try(w, second), MFA_REASON_LOCKED);
}

/* R6: HMAC fills a key up with zeros, so a longer secret can be the same. */
static void
test_R6_a_padded_secret_is_the_same_secret(void **state)
{
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	char id[17];

	world_enroll(w, "phone", SECRET_A, &confirmed);
	assert_int_equal(world_pending(w, "tablet", SECRET_A, id),
	    MFA_ERR_EXISTS);
	assert_int_equal(world_pending(w, "tablet", SECRET_A "AAAAAAAA", id),
	    MFA_ERR_EXISTS);
	assert_int_equal(world_pending(w, "tablet", SECRET_B, id), MFA_OK);
}

/* R17: a store-id made anew would make every record unreadable. */
static void
test_R17_no_new_store_id_where_records_are(void **state)
{
	static const uint8_t other[16] = "another store..";
	struct world *w = *state;
	struct mfa_confirmed confirmed;
	char path[128];

	assert_int_equal(mfa_store_file_init(w->dir, 0, 0, other), MFA_OK);
	world_enroll(w, "phone", SECRET_A, &confirmed);
	(void)snprintf(path, sizeof(path), "%s/store-id", w->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mfa_store_file_init(w->dir, 0, 0, other),
	    MFA_ERR_DAMAGED);
	assert_int_equal(access(path, F_OK), -1);
}

/* R2: nor an empty folder where a store has been: nobody would be asked. */
static void
test_R2_no_new_records_beside_an_old_store_id(void **state)
{
	static const uint8_t other[16] = "another store..";
	struct world *w = *state;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/records", w->dir);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mfa_store_file_init(w->dir, 0, 0, other),
	    MFA_ERR_DAMAGED);
	assert_int_equal(access(path, F_OK), -1);
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_R2_a_replaced_folder_is_not_an_absence),
		IN_FILES(test_R2_a_removed_folder_is_not_an_absence),
		IN_FILES(test_R6_two_replays_in_turn_are_charged),
		IN_FILES(test_R6_a_padded_secret_is_the_same_secret),
		IN_FILES(test_R17_no_new_store_id_where_records_are),
		IN_FILES(test_R2_no_new_records_beside_an_old_store_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
