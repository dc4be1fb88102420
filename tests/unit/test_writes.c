/* SPDX-License-Identifier: MIT */
/* R7: the ids of the last writes, by which one is found again. */
#include "tests/unit/unit.h"

#include "verifier/engine/writes.h"

static void
test_R7_the_last_ones_are_found(void **state)
{
	static mfa_record_Record record;
	const uint64_t room = sizeof(record.attempts) /
	    sizeof(record.attempts[0]);

	(void)state;
	assert_false(mfa_writes_has(&record, 0));
	for (uint64_t id = 1; id <= 2 * room; id++) {
		mfa_writes_push(&record, id);
		assert_true(mfa_writes_has(&record, id));
		assert_false(mfa_writes_has(&record, id + 1));
		assert_int_equal(record.attempts_count, id < room ? id : room);
	}
	for (uint64_t id = 1; id <= 2 * room; id++)
		assert_int_equal(mfa_writes_has(&record, id), id > room);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R7_the_last_ones_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
