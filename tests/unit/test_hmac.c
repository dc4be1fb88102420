/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/provider.h>

#include "verifier/crypt/crypt.h"

/* Allocations of OpenSSL: how many more succeed; negative for all. */
static long left = -1;
static unsigned long allocations;

/* OpenSSL loses some when its own set-up fails: not a leak of ours. */
static void *volatile kept[8192];
static size_t kept_count;

static bool
may_allocate(void)
{
	allocations++;
	if (left == 0)
		return false;
	if (left > 0)
		left--;
	return true;
}

static void *
keep(void *p)
{
	if (left >= 0)
		kept[kept_count++ % (sizeof(kept) / sizeof(kept[0]))] = p;
	return p;
}

static void *
counted_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return may_allocate() ? keep(malloc(size)) : NULL;
}

static void *
counted_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return may_allocate() ? keep(realloc(p, size)) : NULL;
}

static void
counted_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static struct mfa_crypt_part
part(const void *p, size_t len)
{
	return (struct mfa_crypt_part){ p, len };
}

/* One known answer, RFC 2202 case 2. */
static enum mfa_err
known_answer(uint8_t *out, size_t *outlen)
{
	return mfa_crypt_hmac(MFA_CRYPT_SHA1, part("Jefe", 4),
	    part("what do ya want for nothing?", 28), out, outlen);
}

static bool
is_known_answer(const uint8_t *mac, size_t len)
{
	uint8_t expected[20];

	(void)unit_unhex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", expected,
	    sizeof(expected));
	return len == 20 && memcmp(mac, expected, 20) == 0;
}

/* What a child says with its exit status. */
enum outcome { WORKS, REFUSED, WRONG };

static enum outcome
in_child(enum outcome (*what)(long), long n)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit((int)what(n));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return (enum outcome)WEXITSTATUS(status);
}

static enum outcome
try_hmac(void)
{
	uint8_t out[MFA_CRYPT_HMAC_MAX];
	size_t len = 4711;
	enum mfa_err r;

	memset(out, 0xaa, sizeof(out));
	if ((r = known_answer(out, &len)) == MFA_OK)
		return is_known_answer(out, len) ? WORKS : WRONG;
	return r == MFA_ERR_CRYPTO && len == 4711 &&
	    unit_all(out, sizeof(out), 0xaa) ? REFUSED : WRONG;
}

/* The tests of the first use run first, each in a child of its own. */
static enum outcome
first_hmac(long n)
{
	(void)n;
	return try_hmac();
}

static void
test_first_hmac_warms_up_itself(void **state)
{
	(void)state;
	assert_int_equal(in_child(first_hmac, 0), WORKS);
}

/* Warming up with all but the first n allocations failing. */
static enum outcome
warm_short_of_memory(long n)
{
	enum mfa_err r;

	left = n;
	r = mfa_crypt_warm();
	if (r == MFA_OK) {
		left = -1;
		return try_hmac();
	}
	left = 0;
	if (r != MFA_ERR_CRYPTO || try_hmac() != REFUSED)
		return WRONG;
	/* With memory again it may work or not, but is never wrong. */
	left = -1;
	return try_hmac() != WRONG ? REFUSED : WRONG;
}

static enum outcome
first_hmac_short_of_memory(long n)
{
	left = n;
	return try_hmac();
}

static void
test_R3_first_use_without_memory_refuses(void **state)
{
	unsigned int seen[WRONG + 1] = { 0 };

	(void)state;
	for (long n = 0; n < 20000; n += 1 + n / 3) {
		seen[in_child(warm_short_of_memory, n)]++;
		seen[in_child(first_hmac_short_of_memory, n)]++;
	}
	assert_int_equal(seen[WRONG], 0);
	assert_true(seen[WORKS] >= 2);
	assert_true(seen[REFUSED] >= 20);
}

static void
test_warm_may_be_called_again(void **state)
{
	unsigned long before;

	(void)state;
	assert_int_equal(allocations, 0);
	assert_int_equal(mfa_crypt_init(), MFA_OK);
	assert_int_equal(allocations, 0);
	assert_int_equal(mfa_crypt_warm(), MFA_OK);
	before = allocations;
	assert_true(before > 0);
	assert_int_equal(mfa_crypt_warm(), MFA_OK);
	assert_int_equal(mfa_crypt_init(), MFA_OK);
	assert_int_equal(allocations, before);
}

static unsigned long
cost(enum mfa_crypt_alg alg)
{
	unsigned long before = allocations;
	uint8_t out[MFA_CRYPT_HMAC_MAX];
	size_t len = 0;

	assert_int_equal(mfa_crypt_hmac(alg, part("k", 1), part("m", 1), out,
	    &len), MFA_OK);
	return allocations - before;
}

/* Must run right after the first warm-up: nothing is left to be fetched. */
static void
test_P1_nothing_is_fetched_when_warm(void **state)
{
	(void)state;
	for (enum mfa_crypt_alg alg = MFA_CRYPT_SHA1; alg <= MFA_CRYPT_SHA512;
	    alg++) {
		unsigned long first = cost(alg);

		assert_int_equal(first, cost(alg));
	}
}

static bool
hmac_holds(char *const *f)
{
	uint8_t key[256], data[256], expected[64], out[MFA_CRYPT_HMAC_MAX];
	size_t keylen = unit_unhex(f[2], key, sizeof(key));
	size_t datalen = unit_unhex(f[3], data, sizeof(data));
	size_t len = unit_unhex(f[4], expected, sizeof(expected));
	unsigned int alg = unit_alg(f[1]);
	static const size_t lengths[] = { 0, 20, 32, 64 };
	size_t outlen = 0;
	bool same;

	if (mfa_crypt_hmac((enum mfa_crypt_alg)alg, part(key, keylen),
	    part(data, datalen), out, &outlen) != MFA_OK || outlen != lengths[alg])
		return false;
	same = memcmp(out, expected, len) == 0;
	return same == (strcmp(f[0], "good") == 0);
}

static void
test_vectors_of_rfc_2202_and_4231(void **state)
{
	(void)state;
	assert_int_equal(unit_vectors("hmac.txt", 5, hmac_holds), 44);
}

static void
test_unknown_algorithms_are_refused(void **state)
{
	static const int unknown[] = { 0, 4, -1, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		enum mfa_crypt_alg alg;
		uint8_t out[MFA_CRYPT_HMAC_MAX];
		size_t len = 4711;

		memcpy(&alg, &unknown[i], sizeof(alg));
		memset(out, 0xaa, sizeof(out));
		assert_int_equal(mfa_crypt_hmac(alg, part(out, 1),
		    part(out, 1), out, &len),
		    MFA_ERR_INVALID);
		assert_int_equal(len, 4711);
		assert_true(unit_all(out, sizeof(out), 0xaa));
	}
}

/* An empty key is a key, not "the one of before". */
static void
test_empty_key_does_not_reuse_the_last(void **state)
{
	uint8_t first[MFA_CRYPT_HMAC_MAX], empty[MFA_CRYPT_HMAC_MAX];
	uint8_t null[MFA_CRYPT_HMAC_MAX];
	size_t len = 0;

	(void)state;
	assert_int_equal(mfa_crypt_hmac(MFA_CRYPT_SHA256, part("key", 3),
	    part("m", 1), first, &len), MFA_OK);
	assert_int_equal(mfa_crypt_hmac(MFA_CRYPT_SHA256, part("key", 0),
	    part("m", 1), empty, &len), MFA_OK);
	assert_int_equal(mfa_crypt_hmac(MFA_CRYPT_SHA256, part(NULL, 0),
	    part("m", 1), null, &len), MFA_OK);
	assert_memory_not_equal(first, empty, 32);
	assert_memory_equal(empty, null, 32);
}

/* Single-fault sweep: the k-th allocation fails, every k. */
static void
test_R3_hmac_without_memory_refuses(void **state)
{
	uint8_t out[MFA_CRYPT_HMAC_MAX];
	unsigned long needed;
	size_t len = 0;

	(void)state;
	needed = allocations;
	assert_int_equal(known_answer(out, &len), MFA_OK);
	needed = allocations - needed;
	assert_in_range(needed, 3, 100);
	for (unsigned long k = 0; k < needed; k++) {
		left = (long)k;
		assert_int_equal(try_hmac(), REFUSED);
		left = -1;
		assert_int_equal(try_hmac(), WORKS);
	}
}

/* A child of a warm parent computes at once, at the cost of before. */
static enum outcome
cheap_hmac(long limit)
{
	unsigned long before = allocations;
	enum outcome outcome = try_hmac();

	return allocations - before <= (unsigned long)limit ? outcome : WRONG;
}

static void
test_children_inherit_the_set_up(void **state)
{
	unsigned long before = allocations;

	(void)state;
	assert_int_equal(try_hmac(), WORKS);
	assert_int_equal(in_child(cheap_hmac, (long)(allocations - before)),
	    WORKS);
}

/*
 * A configuration that would load the provider "null" and leave no digest at
 * all.  Set before anything touches OpenSSL.
 */
static int
hostile_openssl_conf(void)
{
	static const char text[] = "openssl_conf = init\n[init]\n"
	    "providers = p\n[p]\nnull = n\n[n]\nactivate = 1\n";
	static char name[] = "/tmp/mfa-test-openssl-XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || write(fd, text, sizeof(text) - 1) < 0)
		return -1;
	(void)close(fd);
	return setenv("OPENSSL_CONF", name, 1);
}

static void
test_openssl_conf_is_not_read(void **state)
{
	(void)state;
	assert_int_equal(access(getenv("OPENSSL_CONF"), R_OK), 0);
	assert_int_equal(try_hmac(), WORKS);
	assert_int_equal(OSSL_PROVIDER_available(NULL, "null"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_hmac_warms_up_itself),
		cmocka_unit_test(test_R3_first_use_without_memory_refuses),
		cmocka_unit_test(test_warm_may_be_called_again),
		cmocka_unit_test(test_P1_nothing_is_fetched_when_warm),
		cmocka_unit_test(test_vectors_of_rfc_2202_and_4231),
		cmocka_unit_test(test_unknown_algorithms_are_refused),
		cmocka_unit_test(test_empty_key_does_not_reuse_the_last),
		cmocka_unit_test(test_R3_hmac_without_memory_refuses),
		cmocka_unit_test(test_children_inherit_the_set_up),
		cmocka_unit_test(test_openssl_conf_is_not_read),
	};
	int failed;

	if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc,
	    counted_free) != 1 || hostile_openssl_conf() != 0)
		return 99;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(getenv("OPENSSL_CONF"));
	return failed;
}
