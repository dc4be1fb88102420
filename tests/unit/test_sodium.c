/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "verifier/crypt/crypt.h"

/* A sealed vector: key, nonce, associated data, text, sealed text. */
struct aead {
	uint8_t key[MFA_CRYPT_KEY], nonce[MFA_CRYPT_NONCE];
	uint8_t ad[64], plain[256], sealed[256];
	size_t adlen, plainlen, sealedlen;
};

static void
aead_read(char *const *f, struct aead *v)
{
	assert_int_equal(unit_unhex(f[1], v->key, 32), 32);
	assert_int_equal(unit_unhex(f[2], v->nonce, 24), 24);
	v->adlen = unit_unhex(f[3], v->ad, sizeof(v->ad));
	v->plainlen = unit_unhex(f[4], v->plain, sizeof(v->plain));
	v->sealedlen = unit_unhex(f[5], v->sealed, sizeof(v->sealed));
	assert_int_equal(v->sealedlen, v->plainlen + MFA_CRYPT_TAG);
}

static bool
seals_to(const struct aead *v)
{
	struct mfa_crypt_part ad = { v->ad, v->adlen };
	uint8_t text[256];

	memcpy(text, v->plain, v->plainlen);
	return mfa_crypt_seal(v->key, v->nonce, ad, text, v->plainlen) ==
	    MFA_OK && memcmp(text, v->sealed, v->sealedlen) == 0;
}

static bool
aead_holds(char *const *f)
{
	struct aead v;
	struct mfa_crypt_part ad;
	uint8_t text[256];
	enum mfa_err r;

	aead_read(f, &v);
	ad = (struct mfa_crypt_part){ v.ad, v.adlen };
	memset(text, 0xaa, sizeof(text));
	memcpy(text, v.sealed, v.sealedlen);
	r = mfa_crypt_open(v.key, v.nonce, ad, text, v.plainlen);
	if (!unit_all(text + v.sealedlen, sizeof(text) - v.sealedlen, 0xaa))
		return false;
	if (strcmp(f[0], "good") == 0)
		return r == MFA_OK && seals_to(&v) &&
		    memcmp(text, v.plain, v.plainlen) == 0;
	return r == MFA_ERR_DAMAGED && unit_all(text, v.sealedlen, 0) &&
	    !seals_to(&v);
}

/* R17: what was changed in any part does not open, and leaves no text. */
static void
test_R17_vectors_of_xchacha20_poly1305(void **state)
{
	(void)state;
	assert_int_equal(unit_vectors("aead.txt", 6, aead_holds), 22);
}

static void
test_R17_every_flipped_bit_is_noticed(void **state)
{
	static const uint8_t key[MFA_CRYPT_KEY] = { 1 };
	static const uint8_t nonce[MFA_CRYPT_NONCE] = { 2 };
	const struct mfa_crypt_part ad = { "header", 6 };
	uint8_t sealed[40 + MFA_CRYPT_TAG], text[sizeof(sealed)];

	(void)state;
	memset(sealed, 'S', sizeof(sealed));
	assert_int_equal(mfa_crypt_seal(key, nonce, ad, sealed, 40), MFA_OK);
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		memcpy(text, sealed, sizeof(text));
		text[bit / 8] = (uint8_t)(text[bit / 8] ^ 1U << bit % 8);
		assert_int_equal(mfa_crypt_open(key, nonce, ad, text, 40),
		    MFA_ERR_DAMAGED);
		assert_true(unit_all(text, sizeof(text), 0));
	}
	assert_int_equal(mfa_crypt_open(key, nonce, ad, sealed, 40), MFA_OK);
	assert_true(unit_all(sealed, 40, 'S'));
}

/* libsodium would abort: these lengths must not get there. */
static void
test_impossible_lengths_are_refused(void **state)
{
	static const uint8_t key[MFA_CRYPT_KEY], nonce[MFA_CRYPT_NONCE];
	const uint64_t counter_wraps = 64ULL * UINT32_MAX + 1;
	const size_t lengths[] = { SIZE_MAX, SIZE_MAX - MFA_CRYPT_TAG + 1,
		counter_wraps > SIZE_MAX ? SIZE_MAX : (size_t)counter_wraps };
	const struct mfa_crypt_part ad = { NULL, 0 };
	uint8_t text[64];

	(void)state;
	memset(text, 0xaa, sizeof(text));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_int_equal(mfa_crypt_seal(key, nonce, ad, text,
		    lengths[i]), MFA_ERR_INVALID);
		assert_int_equal(mfa_crypt_open(key, nonce, ad, text,
		    lengths[i]), MFA_ERR_INVALID);
	}
	assert_true(unit_all(text, sizeof(text), 0xaa));
}

/* Parts between commas; "none" is no part, "-" no key. */
static bool
hash_holds(char *const *f)
{
	uint8_t key[MFA_CRYPT_KEY], expected[64], out[64], bytes[512];
	struct mfa_crypt_part parts[8];
	size_t n = 0, used = 0;
	bool keyed = strcmp(f[1], "-") != 0;
	size_t len = unit_unhex(f[3], expected, sizeof(expected));
	char *next = strcmp(f[2], "none") == 0 ? NULL : f[2];

	if (keyed)
		assert_int_equal(unit_unhex(f[1], key, 32), 32);
	while (next != NULL) {
		char *piece = next;

		if ((next = strchr(piece, ',')) != NULL)
			*next++ = '\0';
		parts[n].p = bytes + used;
		parts[n].len = unit_unhex(piece, bytes + used,
		    sizeof(bytes) - used);
		used += parts[n++].len;
	}
	memset(out, 0xaa, sizeof(out));
	if (mfa_crypt_hash(keyed ? key : NULL, parts, n, out, len) != MFA_OK ||
	    !unit_all(out + len, sizeof(out) - len, 0xaa))
		return false;
	return (memcmp(out, expected, len) == 0) ==
	    (strcmp(f[0], "good") == 0);
}

static void
test_vectors_of_keyed_blake2b(void **state)
{
	(void)state;
	assert_int_equal(unit_vectors("hash.txt", 4, hash_holds), 30);
}

static void
test_hash_refuses_other_lengths(void **state)
{
	static const size_t bad[] = { 0, 1, 15, 33, 64, 65, SIZE_MAX };
	const struct mfa_crypt_part part = { "abc", 3 };
	uint8_t out[80];

	(void)state;
	memset(out, 0xaa, sizeof(out));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(mfa_crypt_hash(NULL, &part, 1, out, bad[i]),
		    MFA_ERR_INVALID);
	assert_true(unit_all(out, sizeof(out), 0xaa));
}

static void
test_R15_equal_sees_every_bit(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	memset(a, 0xc3, sizeof(a));
	memcpy(b, a, sizeof(a));
	assert_true(mfa_crypt_equal(a, b, sizeof(a)));
	for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
		memcpy(b, a, sizeof(a));
		b[bit / 8] = (uint8_t)(b[bit / 8] ^ 1U << bit % 8);
		assert_false(mfa_crypt_equal(a, b, sizeof(a)));
		assert_true(mfa_crypt_equal(a, b, bit / 8));
	}
}

static void
test_R14_wipe_clears_exactly_its_bytes(void **state)
{
	char buf[32];

	(void)state;
	for (size_t len = 0; len <= 30; len++) {
		memset(buf, 'S', sizeof(buf));
		mfa_crypt_wipe(buf + 1, len);
		assert_int_equal(buf[0], 'S');
		assert_true(unit_all(buf + 1, len, 0));
		assert_true(unit_all(buf + 1 + len, 31 - len, 'S'));
	}
	mfa_crypt_wipe(NULL, 0);
}

/* Every byte asked for changes in 64 draws, none beyond ever does. */
static void
test_random_fills_exactly_its_bytes(void **state)
{
	uint8_t buf[48], seen[48] = { 0 };

	(void)state;
	for (int draw = 0; draw < 64; draw++) {
		memset(buf, 0xaa, sizeof(buf));
		mfa_crypt_random(NULL, buf, 40);
		for (size_t i = 0; i < sizeof(buf); i++)
			seen[i] = (uint8_t)(seen[i] | (buf[i] ^ 0xaa));
	}
	for (size_t i = 0; i < 40; i++)
		assert_int_equal(seen[i], 0xff);
	assert_true(unit_all(seen + 40, 8, 0));
	mfa_crypt_random(NULL, buf, 0);
}

/* Parent and child must not draw the same bytes after a fork. */
static void
test_random_differs_after_fork(void **state)
{
	uint8_t mine[32], theirs[32];
	int fds[2], status = 0;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_true((child = fork()) >= 0);
	mfa_crypt_random(NULL, mine, sizeof(mine));
	if (child == 0)
		_exit(write(fds[1], mine, sizeof(mine)) == 32 ? 0 : 1);
	assert_int_equal(read(fds[0], theirs, sizeof(theirs)), 32);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_memory_not_equal(mine, theirs, sizeof(mine));
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
test_R14_guarded_memory_is_zero_and_usable(void **state)
{
	static const size_t sizes[] = { 1, 8, 32, 4096, 5008, 65536 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *p = mfa_crypt_guarded_new(sizes[i]);

		assert_non_null(p);
		assert_true(unit_all(p, sizes[i], 0));
		memset(p, 'S', sizes[i]);
		mfa_crypt_guarded_free(p);
	}
	mfa_crypt_guarded_free(NULL);
	assert_null(mfa_crypt_guarded_new(SIZE_MAX));
	assert_null(mfa_crypt_guarded_new(SIZE_MAX - 100000));
}

/* The signal that ends a child which touches p[offset] or frees p after. */
static int
touch(uint8_t *p, long offset, bool then_free)
{
	const struct rlimit no_core = { 0, 0 };
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		*(volatile uint8_t *)(p + offset) ^= 0x55;
		if (then_free)
			mfa_crypt_guarded_free(p);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
test_R14_guarded_memory_is_guarded(void **state)
{
	uint8_t *p = mfa_crypt_guarded_new(100);

	(void)state;
	assert_non_null(p);
	assert_int_equal(touch(p, 0, true), 0);
	assert_int_equal(touch(p, 99, true), 0);
	assert_int_equal(touch(p, 100, false), SIGSEGV);
	assert_true(touch(p, -1, true) != 0);
	assert_int_equal(touch(p, -sysconf(_SC_PAGESIZE), false), SIGSEGV);
	mfa_crypt_guarded_free(p);
}

/* The kernel's flags of the mapping that holds p, as smaps prints them. */
static bool
has_flag(const void *p, const char *flag)
{
	unsigned long start, end;
	bool here = false, found = false;
	char line[512];
	FILE *f = fopen("/proc/self/smaps", "re");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = (uintptr_t)p >= start && (uintptr_t)p < end;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) != NULL;
	}
	(void)fclose(f);
	return found;
}

/* Whether a plain mlock locks: limits and sanitizers may forbid it. */
static bool
locking_works(void)
{
	const size_t size = 65536;
	bool works;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	works = mlock(p, size) == 0 && has_flag(p, " lo");
	(void)munmap(p, size);
	return works;
}

static void
test_R14_guarded_memory_is_locked_and_not_dumped(void **state)
{
	bool locking = locking_works();
	uint8_t *p = mfa_crypt_guarded_new(8192);

	(void)state;
	assert_non_null(p);
	assert_true(has_flag(p, " dd"));
	assert_int_equal(has_flag(p, " lo"), locking);
	mfa_crypt_guarded_free(p);
}

/* Locking is wished for, not needed. */
static void
test_guarded_memory_without_locking(void **state)
{
	int status = 0;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit none = { 0, 0 };
		uint8_t *p;

		(void)setrlimit(RLIMIT_MEMLOCK, &none);
		p = mfa_crypt_guarded_new(8192);
		if (p == NULL || !unit_all(p, 8192, 0))
			_exit(1);
		memset(p, 'S', 8192);
		mfa_crypt_guarded_free(p);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int
setup(void **state)
{
	(void)state;
	return mfa_crypt_init() == MFA_OK ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R17_vectors_of_xchacha20_poly1305),
		cmocka_unit_test(test_R17_every_flipped_bit_is_noticed),
		cmocka_unit_test(test_impossible_lengths_are_refused),
		cmocka_unit_test(test_vectors_of_keyed_blake2b),
		cmocka_unit_test(test_hash_refuses_other_lengths),
		cmocka_unit_test(test_R15_equal_sees_every_bit),
		cmocka_unit_test(test_R14_wipe_clears_exactly_its_bytes),
		cmocka_unit_test(test_random_fills_exactly_its_bytes),
		cmocka_unit_test(test_random_differs_after_fork),
		cmocka_unit_test(test_R14_guarded_memory_is_zero_and_usable),
		cmocka_unit_test(test_R14_guarded_memory_is_guarded),
		cmocka_unit_test(
		    test_R14_guarded_memory_is_locked_and_not_dumped),
		cmocka_unit_test(test_guarded_memory_without_locking),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
