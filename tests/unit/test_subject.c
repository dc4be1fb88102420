/* SPDX-License-Identifier: MIT */
/*
 * R17, R22: names of people as names of records, of this host and of other
 * realms, and who the machine knows.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>

#include "verifier/crypt/crypt.h"
#include "verifier/engine/subject.h"

/* What the user database says: as it is, or this. */
static int nss_errno;
static unsigned int nss_calls;
static size_t nss_needs; /* bytes of buffer */
static const char *nss_name;

/* Instead of libc's. */
int
getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size,
    struct passwd **found)
{
	nss_calls++;
	*found = NULL;
	if (nss_errno != 0 && nss_errno != EINTR)
		return nss_errno;
	if (nss_errno == EINTR && nss_calls < 3)
		return EINTR;
	if (size < nss_needs)
		return ERANGE;
	if (nss_name == NULL || strlen(nss_name) >= size)
		return 0;
	if (strcmp(name, "alice") != 0 && strcmp(name, "ALICE") != 0)
		return 0;
	memset(entry, 0, sizeof(*entry));
	memcpy(buffer, nss_name, strlen(nss_name) + 1);
	entry->pw_name = buffer;
	entry->pw_uid = 4711;
	*found = entry;
	return 0;
}

static int
fresh(void **state)
{
	(void)state;
	nss_errno = 0;
	nss_calls = 0;
	nss_needs = 0;
	nss_name = "alice";
	return 0;
}

static const char *
id_in(const char *realm, const char *name)
{
	static char id[MFA_STORE_ID_MAX + 1];

	memset(id, 'x', sizeof(id));
	assert_int_equal(mfa_subject_id(realm, name, id), MFA_OK);
	assert_true(mfa_store_id_ok(id));
	return id;
}

static const char *
id_of(const char *name)
{
	return id_in("unix", name);
}

static void
test_R22_names_that_would_harm_a_path(void **state)
{
	(void)state;
	assert_string_equal(id_of("alice"), "u-alice");
	assert_string_equal(id_of("a_b-c9"), "u-a_b-c9");
	assert_string_equal(id_of(""), "u-");
	assert_string_equal(id_of("."), "u-%2e");
	assert_string_equal(id_of(".."), "u-%2e%2e");
	assert_string_equal(id_of("/"), "u-%2f");
	assert_string_equal(id_of("../../etc/passwd"),
	    "u-%2e%2e%2f%2e%2e%2fetc%2fpasswd");
	assert_string_equal(id_of("%2e"), "u-%252e");
	assert_string_equal(id_of("Alice"), "u-%41lice");
	assert_string_equal(id_of("DOM\\user"), "u-%44%4f%4d%5cuser");
	assert_string_equal(id_of("user@dom"), "u-user%40dom");
	assert_string_equal(id_of("j\xc3\xb6rg"), "u-j%c3%b6rg");
	assert_string_equal(id_of("a b\n\t"), "u-a%20b%0a%09");
	assert_string_equal(id_of("\xff\x01"), "u-%ff%01");
	assert_string_equal(id_of("host$"), "u-host%24");
}

static void
test_R22_long_names_are_hashed(void **state)
{
	char name[258], id[MFA_STORE_ID_MAX + 1];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[198] = '\0';
	assert_int_equal(strlen(id_of(name)), 200);
	assert_memory_equal(id_of(name), "u-", 2);
	name[198] = 'a';
	name[199] = '\0';
	assert_memory_equal(id_of(name), "h-", 2);
	assert_int_equal(strlen(id_of(name)), 66);
	name[199] = 'a';
	name[256] = '\0';
	memcpy(id, id_of(name), 67);
	name[255] = 'b';
	assert_string_not_equal(id_of(name), id);
	/* 67 bytes that grow threefold do not fit either. */
	memset(name, '/', 67);
	name[66] = '\0';
	assert_int_equal(strlen(id_of(name)), 200);
	name[66] = '/';
	name[67] = '\0';
	assert_memory_equal(id_of(name), "h-", 2);
}

/* Every single byte, every pair of awkward bytes: no two share a name. */
static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
add(char **ids, size_t *n, const char *name)
{
	/* One realm's name begins like another. */
	static const char *const realms[] = { "unix", "shop", "shop-a", "s" };

	for (int i = 0; i < 4; i++)
		ids[(*n)++] = strdup(id_in(realms[i], name));
}

static void
test_R22_no_two_subjects_share_one(void **state)
{
	static const char awkward[] = "aAbz09%-_./\\@ u+~\n\x7f\xc3\xb6";
	static char *ids[8000];
	char name[260];
	size_t n = 0;

	(void)state;
	for (int c = 1; c < 256; c++) {
		(void)snprintf(name, sizeof(name), "%c", c);
		add(ids, &n, name);
	}
	for (size_t i = 0; awkward[i] != '\0'; i++) {
		for (size_t j = 0; awkward[j] != '\0'; j++) {
			(void)snprintf(name, sizeof(name), "%c%c", awkward[i],
			    awkward[j]);
			add(ids, &n, name);
		}
		/* Long ones that differ in one byte, at either end. */
		memset(name, 'q', 256);
		name[256] = '\0';
		name[0] = awkward[i];
		add(ids, &n, name);
		name[0] = 'q';
		name[255] = awkward[i];
		add(ids, &n, name);
	}
	add(ids, &n, "%41");
	add(ids, &n, "u-a");
	add(ids, &n, "h-a");
	/* What a hashed name reads like, as a name of its own. */
	for (size_t i = 1020; i < 1024; i++) {
		(void)snprintf(name, sizeof(name), "%s", ids[i]);
		add(ids, &n, name);
	}
	/* What another realm's begins like. */
	add(ids, &n, "%-a");
	add(ids, &n, "hop%-a");
	add(ids, &n, "r-shop%-a");
	qsort(ids, n, sizeof(ids[0]), compare);
	for (size_t i = 0; i + 1 < n; i++) {
		if (strcmp(ids[i], ids[i + 1]) == 0)
			fail_msg("%s twice", ids[i]);
	}
	for (size_t i = 0; i < n; i++)
		free(ids[i]);
}

/* ---- the user database ---- */

static void
test_R22_the_name_is_the_database_s(void **state)
{
	struct mfa_subject s;

	(void)state;
	assert_int_equal(mfa_subject_resolve("ALICE", &s), MFA_OK);
	assert_string_equal(s.name, "alice");
	assert_string_equal(s.id, "u-alice");
	assert_string_equal(s.realm, "unix");
	assert_int_equal(s.uid, 4711);
	assert_true(s.known);
}

static void
test_R22_nobody_is_told_apart_from_a_mute_database(void **state)
{
	/* Modules say ENOENT and ESRCH of a file or a server that is gone. */
	static const int mute[] = { EIO, EMFILE, ECONNREFUSED, EAGAIN, EBADF,
		ENOENT, ESRCH };
	struct mfa_subject s;

	(void)state;
	memset(&s, 0xa5, sizeof(s));
	assert_int_equal(mfa_subject_resolve("nobody-here", &s),
	    MFA_ERR_NO_USER);
	/* For what an account left behind. */
	assert_false(s.known);
	assert_string_equal(s.name, "nobody-here");
	assert_string_equal(s.id, "u-nobody-here");
	for (int i = 0; i < 7; i++) {
		nss_errno = mute[i];
		assert_int_equal(mfa_subject_resolve("alice", &s),
		    MFA_ERR_NSS);
		assert_false(s.known);
	}
}

static void
test_the_buffer_grows_but_not_for_ever(void **state)
{
	struct mfa_subject s;

	(void)state;
	nss_needs = 100000;
	assert_int_equal(mfa_subject_resolve("alice", &s), MFA_OK);
	assert_in_range(nss_calls, 5, 8);
	nss_needs = SIZE_MAX;
	nss_calls = 0;
	assert_int_equal(mfa_subject_resolve("alice", &s), MFA_ERR_NSS);
	assert_in_range(nss_calls, 5, 9);
	nss_needs = 0;
	nss_calls = 0;
	nss_errno = EINTR;
	assert_int_equal(mfa_subject_resolve("alice", &s), MFA_OK);
	assert_int_equal(nss_calls, 3);
}

static void
test_R22_names_that_no_account_has(void **state)
{
	struct mfa_subject s;
	char name[300];

	(void)state;
	assert_int_equal(mfa_subject_resolve("", &s), MFA_ERR_INVALID);
	memset(name, 'a', sizeof(name));
	name[257] = '\0';
	assert_int_equal(mfa_subject_resolve(name, &s), MFA_ERR_INVALID);
	/* Not even asked. */
	assert_int_equal(nss_calls, 0);
	assert_string_equal(s.name, "");
	assert_false(s.known);
	name[256] = '\0';
	assert_int_equal(mfa_subject_resolve(name, &s), MFA_ERR_NO_USER);
	assert_int_equal(strlen(s.name), 256);
	/* The database may answer with something that does not fit. */
	name[256] = 'a';
	name[257] = '\0';
	nss_name = name;
	assert_int_equal(mfa_subject_resolve("alice", &s), MFA_ERR_INVALID);
	assert_false(s.known);
	nss_name = "";
	assert_int_equal(mfa_subject_resolve("alice", &s), MFA_ERR_INVALID);
	assert_false(s.known);
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R22_names_that_would_harm_a_path),
		FRESH(test_R22_long_names_are_hashed),
		FRESH(test_R22_no_two_subjects_share_one),
		FRESH(test_R22_the_name_is_the_database_s),
		FRESH(test_R22_nobody_is_told_apart_from_a_mute_database),
		FRESH(test_the_buffer_grows_but_not_for_ever),
		FRESH(test_R22_names_that_no_account_has),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
