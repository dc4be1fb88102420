/* SPDX-License-Identifier: MIT */
/* R3: without all of OpenSSL that is called there is no HMAC, and no crash. */
#include "tests/unit/unit.h"

#include "verifier/crypt/crypt.h"

/* What the loader finds. */
static bool is_gone;
static unsigned int looked, missing; /* the missing-th is not there; 0: none */

void *__real_dlopen(const char *name, int flags);
void *__wrap_dlopen(const char *name, int flags);
void *__real_dlsym(void *from, const char *name);
void *__wrap_dlsym(void *from, const char *name);

void *
__wrap_dlopen(const char *name, int flags)
{
	/* By its soname: the system knows where it is. */
	assert_null(strchr(name, '/'));
	return is_gone ? NULL : __real_dlopen(name, flags);
}

void *
__wrap_dlsym(void *from, const char *name)
{
	return ++looked == missing ? NULL : __real_dlsym(from, name);
}

static enum mfa_err
try(void)
{
	const struct mfa_crypt_part key = { "key", 3 };
	uint8_t mac[MFA_CRYPT_HMAC_MAX], before[MFA_CRYPT_HMAC_MAX];
	size_t len = 77;
	enum mfa_err r;

	memset(mac, 0xa5, sizeof(mac));
	memcpy(before, mac, sizeof(mac));
	r = mfa_crypt_hmac(MFA_CRYPT_SHA1, key, key, mac, &len);
	if (r != MFA_OK) {
		assert_memory_equal(mac, before, sizeof(mac));
		assert_int_equal(len, 77);
	}
	return r;
}

static void
test_R3_each_function_is_needed(void **state)
{
	(void)state;
	is_gone = true;
	assert_int_equal(mfa_crypt_warm(), MFA_ERR_CRYPTO);
	assert_int_equal(try(), MFA_ERR_CRYPTO);
	assert_int_equal(looked, 0);
	is_gone = false;
	for (missing = 1; missing <= 14; missing++) {
		looked = 0;
		assert_int_equal(try(), MFA_ERR_CRYPTO);
		assert_int_equal(looked, missing);
	}
	missing = looked = 0;
	assert_int_equal(try(), MFA_OK);
	assert_int_equal(looked, 14);
	/* Once is enough. */
	assert_int_equal(try(), MFA_OK);
	assert_int_equal(looked, 14);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R3_each_function_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
