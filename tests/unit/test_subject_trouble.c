/* SPDX-License-Identifier: MIT */
/*
 * R2, R22: what the user database and the hash refuse, how much memory an entry
 * may take, and every byte of a name.  Links with --wrap, see tests/unit.am.
 */
#include "tests/unit/unit.h"

#include <pwd.h>
#include <stdlib.h>

#include "tests/unit/calls.h"
#include "lib/base/num.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/subject.h"

FAILING(enum mfa_err, mfa_crypt_hash, CRYPT_HASH, MFA_ERR_CRYPTO,
    (const uint8_t *key, const struct mfa_crypt_part *parts, size_t n,
	uint8_t *out, size_t outlen),
    (key, parts, n, out, outlen))

static unsigned int asked; /* the database was */
static size_t needs;	   /* bytes of buffer */
static long blocks;	   /* live pieces of memory */

WRAP(void *, realloc, (void *p, size_t size))
{
	if (fails(CALLOC))
		return NULL;
	blocks += p == NULL;
	return __real_realloc(p, size);
}

WRAP(void, free, (void *p))
{
	blocks -= p != NULL;
	__real_free(p);
}

/* Instead of libc's. */
int
getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size,
    struct passwd **found)
{
	asked++;
	*found = NULL;
	if (size < needs)
		return ERANGE;
	if (strcmp(name, "alice") != 0)
		return 0;
	memset(entry, 0, sizeof(*entry));
	memcpy(buffer, name, strlen(name) + 1);
	entry->pw_name = buffer;
	entry->pw_uid = 4711;
	entry->pw_gid = 4712;
	*found = entry;
	return 0;
}

static int
fresh(void **state)
{
	(void)state;
	fail_at(CALLOC, 0, 0);
	asked = 0;
	needs = 0;
	blocks = 0;
	return 0;
}

/* From 4 KiB to 256 KiB, twice as much each time. */
static void
test_R22_how_long_an_entry_may_be(void **state)
{
	struct mfa_subject s;
	size_t size = 4096;

	(void)state;
	for (unsigned int n = 1; n <= 7; n++, size *= 2) {
		asked = 0;
		needs = size;
		assert_int_equal(mfa_subject_resolve("alice", &s), MFA_OK);
		assert_int_equal(asked, n);
	}
	asked = 0;
	needs = 256 * 1024 + 1;
	assert_int_equal(mfa_subject_resolve("alice", &s), MFA_ERR_NSS);
	assert_int_equal(asked, 7);
	assert_int_equal(blocks, 0);
}

static void
test_R22_who_an_account_is(void **state)
{
	struct mfa_subject s;

	(void)state;
	assert_int_equal(mfa_subject_resolve("alice", &s), MFA_OK);
	assert_int_equal(s.uid, 4711);
	assert_int_equal(s.gid, 4712);
	assert_int_equal(mfa_subject_resolve("bob", &s), MFA_ERR_NO_USER);
	assert_int_equal(s.uid, 0);
	assert_int_equal(s.gid, 0);
	assert_int_equal(blocks, 0);
}

static void
test_R2_no_memory_is_not_no_user(void **state)
{
	struct mfa_subject s;

	(void)state;
	needs = 100000;
	for (unsigned int n = 1; n <= 6; n++) {
		asked = 0;
		fail_at(CALLOC, n, ENOMEM);
		assert_int_equal(mfa_subject_resolve("alice", &s),
		    MFA_ERR_MEMORY);
		assert_int_equal(asked, n - 1);
		assert_false(s.known);
		assert_string_equal(s.id, "");
		assert_int_equal(blocks, 0);
	}
}

/* ---- names that are hashed ---- */

static void
longest(char name[MFA_SUBJECT_NAME + 1])
{
	memset(name, 'a', MFA_SUBJECT_NAME);
	name[MFA_SUBJECT_NAME] = '\0';
}

static void
test_R2_a_hash_that_fails_is_no_subject(void **state)
{
	char name[MFA_SUBJECT_NAME + 1], id[MFA_STORE_ID_MAX + 1];
	struct mfa_subject s;

	(void)state;
	longest(name);
	fail_at(CRYPT_HASH, 1, 0);
	assert_int_equal(mfa_subject_id("unix", name, id), MFA_ERR_CRYPTO);
	fail_at(CRYPT_HASH, 1, 0);
	assert_int_equal(mfa_subject_in_realm("shop", name, &s),
	    MFA_ERR_CRYPTO);
	/* More than that nobody has this name. */
	fail_at(CRYPT_HASH, 1, 0);
	assert_int_equal(mfa_subject_resolve(name, &s), MFA_ERR_CRYPTO);
}

/* Ids are for good: records are found by them. */
static void
test_R22_the_hash_is_the_one_it_was(void **state)
{
	char name[MFA_SUBJECT_NAME + 1], id[MFA_STORE_ID_MAX + 1];
	const struct mfa_crypt_part parts[] = {
		{ "medusa-mfa/subject/v1", 21 }, { name, MFA_SUBJECT_NAME } };
	uint8_t hash[MFA_CRYPT_HASH];
	char hex[2 * MFA_CRYPT_HASH + 1];

	(void)state;
	longest(name);
	assert_int_equal(mfa_crypt_hash(NULL, parts, 2, hash, sizeof(hash)),
	    MFA_OK);
	mfa_num_hex(hash, sizeof(hash), hex);
	assert_int_equal(mfa_subject_id("unix", name, id), MFA_OK);
	assert_memory_equal(id, "h-", 2);
	assert_string_equal(id + 2, hex);
	assert_int_equal(mfa_subject_id("shop", name, id), MFA_OK);
	assert_memory_equal(id, "s-shop%-", 8);
	assert_string_equal(id + 8, hex);
}

/* ---- every byte ---- */

static bool
stays(int c)
{
	return c != '\0' &&
	    strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", c) != NULL;
}

static void
test_R22_every_byte_as_it_is_or_in_hexadecimal(void **state)
{
	char realm[MFA_SUBJECT_REALM + 1], back[MFA_SUBJECT_NAME + 1];

	(void)state;
	for (int c = 1; c < 256; c++) {
		char id[MFA_STORE_ID_MAX + 1], expected[16];
		const char name[] = { (char)c, '\0' };

		(void)snprintf(expected, sizeof(expected),
		    stays(c) ? "u-%c" : "u-%%%02x", c);
		assert_int_equal(mfa_subject_id("unix", name, id), MFA_OK);
		assert_string_equal(id, expected);
		mfa_subject_name(id, realm, back);
		assert_string_equal(realm, "unix");
		assert_string_equal(back, name);
		/* What could stay is nobody's in hexadecimal. */
		(void)snprintf(expected, sizeof(expected), "u-%%%02x", c);
		mfa_subject_name(expected, realm, back);
		assert_string_equal(back, stays(c) ? expected : name);
	}
}

static void
test_R22_no_control_character_in_a_realm(void **state)
{
	struct mfa_subject s;

	(void)state;
	for (int c = 1; c < 256; c++) {
		const char name[] = { 'a', (char)c, '\0' };

		assert_int_equal(mfa_subject_in_realm("shop", name, &s),
		    c < 0x20 || c == 0x7f ? MFA_ERR_INVALID : MFA_OK);
	}
}

/* Names and realms of the greatest length come back. */
static void
test_R22_the_longest_of_both(void **state)
{
	static const char most[] = "r23456789-123456789-123456789-12";
	char realm[MFA_SUBJECT_REALM + 1], back[MFA_SUBJECT_NAME + 1];
	char text[2 + MFA_SUBJECT_NAME + 2];

	(void)state;
	mfa_subject_name("r-r23456789-123456789-123456789-12%-a", realm, back);
	assert_string_equal(realm, most);
	assert_string_equal(back, "a");
	memset(text, 'a', sizeof(text));
	memcpy(text, "u-", 2);
	text[2 + MFA_SUBJECT_NAME] = '\0';
	mfa_subject_name(text, realm, back);
	assert_string_equal(back, text + 2);
	text[2 + MFA_SUBJECT_NAME] = 'a';
	text[2 + MFA_SUBJECT_NAME + 1] = '\0';
	memset(back, 'x', sizeof(back));
	mfa_subject_name(text, realm, back);
	assert_string_not_equal(back, text + 2);
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R22_how_long_an_entry_may_be),
		FRESH(test_R22_who_an_account_is),
		FRESH(test_R2_no_memory_is_not_no_user),
		FRESH(test_R2_a_hash_that_fails_is_no_subject),
		FRESH(test_R22_the_hash_is_the_one_it_was),
		FRESH(test_R22_every_byte_as_it_is_or_in_hexadecimal),
		FRESH(test_R22_no_control_character_in_a_realm),
		FRESH(test_R22_the_longest_of_both),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
