/* SPDX-License-Identifier: MIT */
/*
 * R3, R14, R21, R29: what a new record begins with, and the memory that the
 * engine works in.
 */
#include "tests/unit/world.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tests/unit/edge.h"
#include "verifier/crypt/crypt.h"

/* ---- a new record ---- */

/* What the delta of a creation was given. */
static enum mfa_err
copy(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	mfa_record_Record *out = ctx;

	(void)clock;
	*out = *record;
	return MFA_OK;
}

static void
create(struct world *w, const struct mfa_subject *subject,
    mfa_record_Record *given)
{
	assert_int_equal(mfa_repo_create(&w->engine, subject,
	    (struct mfa_delta){ copy, given }), MFA_OK);
}

static uint8_t filling;

static void
fill(const struct mfa_env *env, void *out, size_t len)
{
	(void)env;
	memset(out, filling, len);
}

/*
 * 0 is the life of a record that is not there; and there are so many to come
 * that a reset never comes round to an old one.
 */
static void
test_R21_a_new_life_is_random_and_never_none(void **state)
{
	static mfa_record_Record record;
	struct world *w = *state;
	struct mfa_subject bob = w->subject;

	w->env.random = fill;
	filling = 0;
	create(w, &w->subject, &record);
	assert_true(record.generation == 1);
	filling = 0xff;
	memcpy(bob.id, "u-bob", 6);
	create(w, &bob, &record);
	assert_true(record.generation == UINT64_C(1) << 32);
}

/* Of a text that was longer before, nothing is taken along. */
static void
test_R14_nothing_behind_a_name_is_taken(void **state)
{
	static mfa_record_Record record, wanted;
	struct world *w = *state;
	struct mfa_subject subject = w->subject;

	memset(subject.realm, 'x', sizeof(subject.realm));
	memset(subject.name, 'x', sizeof(subject.name));
	memcpy(subject.realm, "unix", 5);
	memcpy(subject.name, "alice", 6);
	create(w, &subject, &record);
	memset(&wanted, 0, sizeof(wanted));
	memcpy(wanted.realm, "unix", 5);
	memcpy(wanted.name, "alice", 6);
	assert_memory_equal(record.realm, wanted.realm, sizeof(wanted.realm));
	assert_memory_equal(record.name, wanted.name, sizeof(wanted.name));
}

static enum mfa_err
unset(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)clock;
	record->has_stamp = record->has_recovery = record->has_hours = false;
	record->has_days = record->has_other_hours = record->has_sends = false;
	record->has_delivered = false;
	return MFA_OK;
}

/* A part that is not there is not a value: all are written, always. */
static void
test_R29_every_part_is_written(void **state)
{
	static mfa_record_Record r;
	const struct mfa_delta delta = { unset, NULL };
	struct world *w = *state;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(i == 0 ?
			mfa_repo_create(&w->engine, &w->subject, delta) :
			mfa_repo_change(&w->engine, &w->subject, delta),
		    MFA_OK);
		world_record(w, &r);
		assert_true(r.has_stamp && r.has_recovery && r.has_hours);
		assert_true(r.has_days && r.has_other_hours && r.has_sends);
		assert_true(r.has_delivered);
	}
}

static void
test_R3_a_text_is_read_to_its_end_and_no_further(void **state)
{
	struct world *w = *state;
	struct mfa_repo *repo;
	char id[17];

	assert_int_equal(world_pending(w, "phone", SECRET_A, id), MFA_OK);
	assert_int_equal(mfa_enroll_rename(&w->engine, &w->caller,
	    &w->subject, id, edge_of_memory("slate")), MFA_OK);
	assert_int_equal(mfa_repo_open_id(&w->engine,
	    edge_of_memory("u-alice"), MFA_STORE_READ, &repo), MFA_OK);
	assert_string_equal(mfa_repo_record(repo)->factors[0].label, "slate");
	mfa_repo_close(repo);
}

/* ---- the engine's memory ---- */

static void
test_R14_an_engine_that_was_wiped_has_no_memory(void **state)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	struct mfa_engine engine = { .config = NULL };
	unsigned char present;
	uintptr_t at;

	(void)state;
	assert_int_equal(mfa_crypt_init(), MFA_OK);
	assert_int_equal(mfa_engine_init(&engine), MFA_OK);
	at = (uintptr_t)engine.work & ~(page - 1);
	assert_int_equal(mincore((void *)at, page, &present), 0);
	mfa_engine_wipe(&engine);
	assert_null(engine.work);
	assert_int_equal(mincore((void *)at, page, &present), -1);
	assert_int_equal(errno, ENOMEM);
	/* Once more does no harm. */
	mfa_engine_wipe(&engine);
}

/* Kilobytes of ours that cannot be swapped. */
static unsigned int
locked(void)
{
	unsigned int kilobytes = 0;
	char line[128];
	FILE *f = fopen("/proc/self/status", "re");

	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		(void)sscanf(line, "VmLck: %u", &kilobytes);
	(void)fclose(f);
	return kilobytes;
}

/* Locks are not inherited: a child locks its copy itself. */
static void
test_R14_a_child_locks_its_memory_again(void **state)
{
	struct world *w = *state;
	int status;
	pid_t pid;

	if (locked() == 0)
		return; /* there is no leave to lock any, or no need */
	pid = fork();
	if (pid == 0) {
		const unsigned int before = locked();

		mfa_engine_lock(&w->engine);
		_exit(before == 0 && locked() > 0 ? 0 : 1);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define IN_FILES(f) cmocka_unit_test_setup_teardown(f, world_new, world_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FILES(test_R21_a_new_life_is_random_and_never_none),
		IN_FILES(test_R14_nothing_behind_a_name_is_taken),
		IN_FILES(test_R29_every_part_is_written),
		IN_FILES(test_R3_a_text_is_read_to_its_end_and_no_further),
		cmocka_unit_test(
		    test_R14_an_engine_that_was_wiped_has_no_memory),
		IN_FILES(test_R14_a_child_locks_its_memory_again),
	};

	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
