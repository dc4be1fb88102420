/* SPDX-License-Identifier: MIT */
#include "tests/unit/fake_pam.h"

#include "pam_medusa_mfa/bound.h"

static const struct mfa_who alice = { .user = "alice", .service = "sshd" };
static const char secret[16] = "492039";
static const char another[16] = "another secret";
static struct pam_handle pamh;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
static bool no_memory;
static bool watched; /* what is allocated is to be wiped and freed */

void *
__wrap_calloc(size_t n, size_t size)
{
	void *p = no_memory ? NULL : __real_calloc(n, size);

	if (watched) {
		fake_dying = p;
		fake_dying_size = malloc_usable_size(p);
	}
	return p;
}

static int
fresh(void **state)
{
	(void)state;
	memset(&pamh, 0, sizeof(pamh));
	no_memory = false;
	return 0;
}

static void
put(const char *bytes)
{
	assert_int_equal(mfa_bound_put(&pamh, "a", &alice, bytes,
	    sizeof(secret)), MFA_OK);
}

/* True if it is there for this one. */
static bool
there(const struct mfa_who *who, const char *wanted)
{
	char got[sizeof(secret)];

	memset(got, 0x5a, sizeof(got));
	if (!mfa_bound_get(&pamh, "a", who, got, sizeof(got))) {
		assert_true(unit_all(got, sizeof(got), 0x5a));
		return false;
	}
	assert_memory_equal(got, wanted, sizeof(got));
	return true;
}

static void
test_R24_it_is_there_for_the_same_user_and_service(void **state)
{
	struct mfa_who later = alice;

	(void)state;
	assert_false(there(&alice, secret));
	put(secret);
	assert_true(there(&alice, secret));
	assert_true(there(&alice, secret));
	/* Where from is not asked: a host may set it late. */
	memcpy(later.rhost, "192.0.2.7", 10);
	memcpy(later.tty, "ssh", 4);
	assert_true(there(&later, secret));
	fake_end(&pamh);
}

static void
test_R24_and_for_nobody_else(void **state)
{
	static const struct mfa_who others[] = {
		{ .user = "bob", .service = "sshd" },
		{ .user = "alice", .service = "su" },
		{ .user = "alic", .service = "sshd" },
		{ .user = "alice2", .service = "sshd" },
		{ .user = "alice", .service = "sshd2" },
		{ .user = "ALICE", .service = "sshd" },
		{ .user = "", .service = "sshd" },
		{ .user = "alice", .service = "" },
		{ .user = "sshd", .service = "alice" },
		{ .user = "", .service = "" } };

	(void)state;
	put(secret);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(there(&others[i], secret));
	fake_end(&pamh);
}

static void
test_another_name_or_size_is_another_thing(void **state)
{
	char got[sizeof(secret)] = "";

	(void)state;
	put(secret);
	assert_false(mfa_bound_get(&pamh, "b", &alice, got, sizeof(got)));
	assert_false(mfa_bound_get(&pamh, "a", &alice, got, sizeof(got) - 1));
	assert_int_equal(mfa_bound_drop(&pamh, "b"), MFA_OK);
	assert_true(there(&alice, secret));
	fake_end(&pamh);
}

/* R14: fake_pam.h looks at the bytes that are freed. */
static void
test_R14_what_is_replaced_dropped_or_left_is_wiped(void **state)
{
	(void)state;
	put(secret);
	put(another);
	assert_int_equal(pamh.cleaned, 1);
	assert_true(there(&alice, another));
	assert_int_equal(mfa_bound_drop(&pamh, "a"), MFA_OK);
	assert_int_equal(pamh.cleaned, 2);
	assert_false(there(&alice, secret));
	assert_int_equal(mfa_bound_drop(&pamh, "a"), MFA_OK);
	put(secret);
	assert_true(there(&alice, secret));
	fake_end(&pamh);
}

static void
test_R3_no_memory(void **state)
{
	(void)state;
	no_memory = true;
	assert_int_equal(mfa_bound_put(&pamh, "a", &alice, secret, 16),
	    MFA_ERR_MEMORY);
	no_memory = false;
	assert_false(there(&alice, secret));
	pamh.set_data_code = PAM_BUF_ERR;
	watched = true;
	assert_int_equal(mfa_bound_put(&pamh, "a", &alice, secret, 16),
	    MFA_ERR_MEMORY);
	watched = false;
	assert_null(fake_dying);
	assert_false(there(&alice, secret));
	/* Nothing to drop, so nothing that can fail. */
	assert_int_equal(mfa_bound_drop(&pamh, "a"), MFA_OK);
	pamh.set_data_code = PAM_SUCCESS;
	put(secret);
	pamh.set_data_code = PAM_BUF_ERR;
	assert_int_equal(mfa_bound_drop(&pamh, "a"), MFA_ERR_MEMORY);
	fake_end(&pamh);
}

static void
test_R3_what_cannot_be_read_is_not_there(void **state)
{
	(void)state;
	put(secret);
	pamh.get_data_code = PAM_SYSTEM_ERR;
	assert_false(there(&alice, secret));
	pamh.get_data_code = PAM_SUCCESS;
	assert_true(there(&alice, secret));
	fake_end(&pamh);
}

static void
test_it_is_not_cut(void **state)
{
	char big[MFA_BOUND_MAX + 1] = "";

	(void)state;
	assert_int_equal(mfa_bound_put(&pamh, "a", &alice, big, sizeof(big)),
	    MFA_ERR_INVALID);
	assert_int_equal(mfa_bound_put(&pamh, "a", &alice, big, MFA_BOUND_MAX),
	    MFA_OK);
	assert_true(mfa_bound_get(&pamh, "a", &alice, big, MFA_BOUND_MAX));
	fake_end(&pamh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    test_R24_it_is_there_for_the_same_user_and_service, fresh),
		cmocka_unit_test_setup(test_R24_and_for_nobody_else, fresh),
		cmocka_unit_test_setup(
		    test_another_name_or_size_is_another_thing, fresh),
		cmocka_unit_test_setup(
		    test_R14_what_is_replaced_dropped_or_left_is_wiped, fresh),
		cmocka_unit_test_setup(test_R3_no_memory, fresh),
		cmocka_unit_test_setup(
		    test_R3_what_cannot_be_read_is_not_there, fresh),
		cmocka_unit_test_setup(test_it_is_not_cut, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
