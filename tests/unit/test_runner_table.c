/* SPDX-License-Identifier: MIT */
/* R23: the runner takes its programs from root, whole, or none at all. */
#include "tests/unit/unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "verifier/runner/pool.h"

static enum mfa_err
table_of(const void *bytes, size_t len)
{
	static struct mfa_programs programs;
	enum mfa_err r;
	int ends[2];

	memset(&programs, 7, sizeof(programs));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	if (len > 0)
		assert_int_equal(send(ends[0], bytes, len, 0), len);
	(void)close(ends[0]);
	r = mfa_pool_table(ends[1], &programs);
	(void)close(ends[1]);
	assert_true(r == MFA_OK ||
	    unit_all(&programs, sizeof(programs), 7));
	return r;
}

static void
test_R23_only_root_s_whole_table_is_taken(void **state)
{
	static struct {
		struct mfa_programs programs;
		char more;
	} table;

	(void)state;
	memcpy(table.programs.path[0], "/x", 3);
	assert_int_equal(table_of(&table, sizeof(table.programs)), MFA_OK);
	assert_int_equal(table_of(&table, sizeof(table.programs) - 1),
	    MFA_ERR_PROTOCOL);
	assert_int_equal(table_of(&table, sizeof(table)), MFA_ERR_PROTOCOL);
	assert_int_equal(table_of(&table, 0), MFA_ERR_PROTOCOL);
	memset(table.programs.path[MFA_PROGRAM_END - 1], 'x',
	    MFA_CONFIG_PATH);
	assert_int_equal(table_of(&table, sizeof(table.programs)),
	    MFA_ERR_PROTOCOL);
	memset(&table, 0, sizeof(table));
	assert_int_equal(seteuid(4711), 0);
	assert_int_equal(table_of(&table, sizeof(table.programs)),
	    MFA_ERR_DENIED);
	assert_int_equal(seteuid(0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R23_only_root_s_whole_table_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
