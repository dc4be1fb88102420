/* SPDX-License-Identifier: MIT */
/* Groups of rules, with a user database that does as it is told. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>

#include "verifier/engine/groups.h"

#define MANY	300   /* groups of a user of many */
#define MOST	65536 /* NGROUPS_MAX of Linux */
#define LARGEST (8 << 20) /* bytes of an entry */

static struct {
	int err;	    /* of a look-up of a group */
	int interrupted;    /* so often before */
	size_t wants;	    /* bytes an entry needs */
	int count;	    /* groups of the user */
	bool lies;	    /* says that fewer would do */
	bool never;	    /* says that the list is never long enough */
	int outage;	    /* errno that a source leaves behind */
	unsigned int lists; /* asked for the list */
	unsigned int asked; /* asked for a group */
} nss;

/* Memory: how much there is, and what was not given back. */
static struct {
	bool none;     /* for entries */
	bool none_set; /* for lists */
	int held;
} memory;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void __real_free(void *p);
void __wrap_free(void *p);

void *
__wrap_malloc(size_t size)
{
	void *p = memory.none ? NULL : __real_malloc(size);

	memory.held += p != NULL;
	return p;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	void *p = memory.none_set ? NULL : __real_calloc(n, size);

	memory.held += p != NULL;
	return p;
}

void
__wrap_free(void *p)
{
	memory.held -= p != NULL;
	__real_free(p);
}

static int
answer(const char *name, gid_t gid, struct group *entry, char *buffer,
    size_t size, struct group **found)
{
	static char bob[] = "bob", alice_name[] = "alice";
	static char *members[] = { bob, alice_name, NULL }, *none[] = { NULL };
	static char *others[] = { bob, NULL };

	*found = NULL;
	nss.asked++;
	if (nss.interrupted-- > 0)
		return EINTR;
	if (nss.err != 0)
		return nss.err;
	if (size < nss.wants)
		return ERANGE;
	memset(buffer, 0x5a, size);
	memset(entry, 0, sizeof(*entry));
	if (strcmp(name, "wheel") == 0 || gid == 10)
		entry->gr_gid = 10;
	else if (strcmp(name, "named") == 0)
		entry->gr_gid = 99;
	else if (strcmp(name, "empty") == 0)
		entry->gr_gid = 98;
	else if (strcmp(name, "others") == 0)
		entry->gr_gid = 97;
	else if (strcmp(name, "primary") == 0)
		entry->gr_gid = 1000;
	else if (gid == 0 || gid == UINT32_MAX - 1)
		entry->gr_gid = gid;
	else
		return 0;
	entry->gr_mem = none;
	if (entry->gr_gid == 99)
		entry->gr_mem = members;
	if (entry->gr_gid == 97)
		entry->gr_mem = others;
	*found = entry;
	return 0;
}

int
getgrnam_r(const char *name, struct group *entry, char *buffer, size_t size,
    struct group **found)
{
	return answer(name, (gid_t)-1, entry, buffer, size, found);
}

int
getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size,
    struct group **found)
{
	return answer("", gid, entry, buffer, size, found);
}

/* 1000 is the primary one, 10 the last. */
int
getgrouplist(const char *user, gid_t group, gid_t *list, int *count)
{
	int room = *count;

	(void)user;
	if (++nss.lists > 100)
		fail_msg("the list is asked for again and again");
	*count = nss.count;
	if (nss.never || room < nss.count) {
		*count = nss.lies ? 1 : nss.count;
		return -1;
	}
	for (int i = 0; i < nss.count; i++)
		list[i] = i == 0 ? group : (gid_t)(2000 + i);
	if (nss.count > 1)
		list[nss.count - 1] = nss.outage != 0 ? 11 : 10;
	if (nss.outage != 0)
		errno = nss.outage;
	return nss.count;
}

static const struct mfa_subject alice = { .name = "alice", .uid = 1000,
	.gid = 1000, .known = true };

static int
ready(void **state)
{
	(void)state;
	memset(&nss, 0, sizeof(nss));
	memset(&memory, 0, sizeof(memory));
	nss.count = 3;
	return 0;
}

static enum mfa_err
ask(const char *name, bool *has)
{
	struct mfa_groups groups = { 0 };
	const int before = memory.held;
	enum mfa_err r = mfa_groups_has(&groups, &alice, name, strlen(name),
	    has);

	mfa_groups_free(&groups);
	assert_null(groups.list);
	assert_int_equal(memory.held, before);
	return r;
}

static void
is_in(const char *name, bool wanted)
{
	bool has = !wanted;

	assert_int_equal(ask(name, &has), MFA_OK);
	assert_int_equal(has, wanted);
}

static void
fails(const char *name, enum mfa_err err)
{
	bool has = true;

	assert_int_equal(ask(name, &has), err);
	assert_true(has); /* untouched: nobody may read it */
}

static void
test_by_name_and_by_number(void **state)
{
	(void)state;
	is_in("wheel", true);
	is_in("10", true);
	is_in("empty", false);
	/* The group's own list names alice, whatever getgrouplist says. */
	is_in("named", true);
	is_in("others", false);
	/* The primary one is the first of the list. */
	is_in("primary", true);
}

/* From 0 on; the two highest are the largest gid, and none (chown(2)). */
static void
test_R3_numbers_that_are_gids(void **state)
{
	(void)state;
	is_in("0", false);
	is_in("4294967294", false);
	assert_int_equal(nss.asked, 2);
	fails("4294967295", MFA_ERR_NOT_FOUND);
	fails("4294967296", MFA_ERR_NOT_FOUND);
	fails("99999999999999999999", MFA_ERR_NOT_FOUND);
	assert_int_equal(nss.asked, 2);
}

/* A word of many: not NUL-terminated. */
static void
test_a_word_ends_where_it_ends(void **state)
{
	struct mfa_groups groups = { 0 };
	bool has = false;

	(void)state;
	assert_int_equal(mfa_groups_has(&groups, &alice, "wheel2", 5, &has),
	    MFA_OK);
	assert_true(has);
	assert_int_equal(mfa_groups_has(&groups, &alice, "empty x", 5, &has),
	    MFA_OK);
	assert_false(has);
	/* The list is asked for once. */
	assert_int_equal(nss.lists, 1);
	mfa_groups_free(&groups);
}

/* A group that is not known may be one of a directory that does not answer. */
static void
test_R3_what_fails_is_no_answer(void **state)
{
	static const int errors[] = { EIO, ENOENT, EMFILE, ENOMEM, EAGAIN };

	(void)state;
	fails("nosuch", MFA_ERR_NOT_FOUND);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		nss.err = errors[i];
		fails("wheel", MFA_ERR_NSS);
		fails("10", MFA_ERR_NSS);
	}
	nss.err = 0;
	nss.never = true;
	fails("wheel", MFA_ERR_NSS);
}

/* A name of 256 bytes is one still; of a longer one no part is looked for. */
static void
test_R22_a_name_that_is_too_long(void **state)
{
	char large[301];

	(void)state;
	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	fails(large, MFA_ERR_NOT_FOUND);
	large[257] = '\0';
	fails(large, MFA_ERR_NOT_FOUND);
	assert_int_equal(nss.asked, 0);
	large[256] = '\0';
	fails(large, MFA_ERR_NOT_FOUND);
	assert_int_equal(nss.asked, 1);
}

static void
test_R3_no_memory_is_no_answer(void **state)
{
	(void)state;
	memory.none = true;
	fails("wheel", MFA_ERR_MEMORY);
	memory.none = false;
	memory.none_set = true;
	fails("wheel", MFA_ERR_MEMORY);
}

/* It leaves out what a source that does not answer would have said. */
static void
test_R3_half_a_list_says_yes_but_never_no(void **state)
{
	static const int outages[] = { ECONNREFUSED, ETIMEDOUT, EAGAIN, EIO };

	(void)state;
	for (size_t i = 0; i < sizeof(outages) / sizeof(outages[0]); i++) {
		nss.outage = outages[i];
		fails("wheel", MFA_ERR_NSS);
		is_in("named", true);
	}
	/* What glibc leaves there by itself, and what was there before. */
	nss.outage = ENOENT;
	is_in("wheel", false);
	nss.outage = ERANGE;
	is_in("wheel", false);
	nss.outage = 0;
	errno = ECONNREFUSED;
	is_in("empty", false);
}

static void
test_R3_the_largest_group(void **state)
{
	(void)state;
	nss.wants = 1 << 20;
	is_in("wheel", true);
	nss.wants = LARGEST;
	is_in("wheel", true);
	/* Larger than any group is: no answer. */
	nss.wants = LARGEST + 1;
	fails("wheel", MFA_ERR_NSS);
}

static void
test_R3_the_most_groups(void **state)
{
	(void)state;
	nss.count = MANY;
	is_in("wheel", true);
	nss.count = MOST;
	is_in("wheel", true);
	nss.count = MOST + 1;
	fails("wheel", MFA_ERR_NSS);
	/* One that says less than it needs is asked again all the same. */
	nss.lies = true;
	nss.count = MANY;
	is_in("wheel", true);
	nss.count = MOST;
	is_in("wheel", true);
}

/* It wants as much as it was given, for ever. */
static void
test_R3_a_list_that_never_ends(void **state)
{
	(void)state;
	nss.never = true;
	nss.count = 64;
	fails("wheel", MFA_ERR_NSS);
}

/* Not even the primary one: a list all the same. */
static void
test_R3_who_is_in_no_group(void **state)
{
	(void)state;
	nss.count = 0;
	is_in("wheel", false);
	is_in("named", true);
}

static void
test_a_signal_is_no_answer(void **state)
{
	(void)state;
	nss.interrupted = 3;
	is_in("empty", false);
}

#define READY(f) cmocka_unit_test_setup(f, ready)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READY(test_by_name_and_by_number),
		READY(test_R3_numbers_that_are_gids),
		READY(test_a_word_ends_where_it_ends),
		READY(test_R3_what_fails_is_no_answer),
		READY(test_R22_a_name_that_is_too_long),
		READY(test_R3_no_memory_is_no_answer),
		READY(test_R3_half_a_list_says_yes_but_never_no),
		READY(test_R3_the_largest_group),
		READY(test_R3_the_most_groups),
		READY(test_R3_a_list_that_never_ends),
		READY(test_R3_who_is_in_no_group),
		READY(test_a_signal_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
