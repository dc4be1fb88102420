/* SPDX-License-Identifier: MIT */
/*
 * B12: which verdicts write a record for Linux audit.  libpam's function and
 * geteuid have stand-ins here.
 */
#include "tests/unit/unit.h"

#include <sys/types.h>
#include <unistd.h>

#include <security/pam_modutil.h>

#include "pam_medusa_mfa/audit.h"

static struct {
	uid_t euid;
	int answer; /* of libpam */
	unsigned int count;
	pam_handle_t *pamh;
	int type, retval;
	char message[64];
} seen;

uid_t __wrap_geteuid(void);

uid_t
__wrap_geteuid(void)
{
	return seen.euid;
}

int
pam_modutil_audit_write(pam_handle_t *pamh, int type, const char *message,
    int retval)
{
	seen.count++;
	seen.pamh = pamh;
	seen.type = type;
	seen.retval = retval;
	(void)snprintf(seen.message, sizeof(seen.message), "%s", message);
	return seen.answer;
}

static pam_handle_t *
handle(void)
{
	/* Only passed on. */
	return (pam_handle_t *)(void *)&seen;
}

static int
fresh(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	return 0;
}

static void
wrote(int type)
{
	assert_int_equal(seen.count, 1);
	assert_ptr_equal(seen.pamh, handle());
	assert_int_equal(seen.type, type);
	assert_int_equal(seen.retval, PAM_SUCCESS);
	assert_string_equal(seen.message, "pam_medusa_mfa");
}

/* The numbers of libaudit.h. */
static void
test_B12_lock_and_unlock_are_written(void **state)
{
	(void)state;
	mfa_audit_lock(handle(), mfa_wire_Lock_LOCK_LOCKED);
	wrote(2205);
	seen.count = 0;
	mfa_audit_lock(handle(), mfa_wire_Lock_LOCK_UNLOCKED);
	wrote(2206);
}

static void
test_B12_nothing_else_is_written(void **state)
{
	(void)state;
	mfa_audit_lock(handle(), mfa_wire_Lock_LOCK_NONE);
	for (int i = 3; i < 64; i++)
		mfa_audit_lock(handle(), (mfa_wire_Lock)i);
	mfa_audit_lock(handle(), (mfa_wire_Lock)-1);
	assert_int_equal(seen.count, 0);
}

static void
test_R21_B12_only_for_hosts_that_are_root(void **state)
{
	static const uid_t others[] = { 1, 1000, 65534, (uid_t)-1 };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		seen.euid = others[i];
		mfa_audit_lock(handle(), mfa_wire_Lock_LOCK_LOCKED);
		mfa_audit_lock(handle(), mfa_wire_Lock_LOCK_UNLOCKED);
	}
	assert_int_equal(seen.count, 0);
}

/* A failure is neither told nor tried again. */
static void
test_R3_B12_failure_is_ignored(void **state)
{
	(void)state;
	seen.answer = PAM_SYSTEM_ERR;
	mfa_audit_lock(handle(), mfa_wire_Lock_LOCK_LOCKED);
	wrote(2205);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    test_B12_lock_and_unlock_are_written, fresh),
		cmocka_unit_test_setup(test_B12_nothing_else_is_written, fresh),
		cmocka_unit_test_setup(
		    test_R21_B12_only_for_hosts_that_are_root, fresh),
		cmocka_unit_test_setup(test_R3_B12_failure_is_ignored, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
