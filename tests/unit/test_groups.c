/* SPDX-License-Identifier: MIT */
/* Groups of rules, with a user database that does as it is told. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>

#include "verifier/engine/groups.h"

#define LIMIT 300 /* groups of the user, at most */

static struct {
	int err;	    /* of a look-up of a group */
	int interrupted;    /* so often before */
	size_t wants;	    /* bytes an entry needs */
	int count;	    /* groups of the user */
	bool lies;	    /* says that fewer would do */
	bool never;	    /* says that the list is never long enough */
	int outage;	    /* errno that a source leaves behind */
	unsigned int lists; /* asked for the list */
} nss;

static int
answer(const char *name, gid_t gid, struct group *entry, char *buffer,
    size_t size, struct group **found)
{
	static char bob[] = "bob", alice_name[] = "alice";
	static char *members[] = { bob, alice_name, NULL }, *none[] = { NULL };

	*found = NULL;
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
	else
		return 0;
	entry->gr_mem = entry->gr_gid == 99 ? members : none;
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
	nss.lists++;
	*count = nss.count;
	if (nss.never || room < nss.count) {
		*count = nss.lies ? 1 : nss.count;
		return -1;
	}
	for (int i = 0; i < nss.count; i++)
		list[i] = i == 0 ? group : (gid_t)(2000 + i);
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
	nss.count = 3;
	return 0;
}

static enum mfa_err
ask(const char *name, bool *has)
{
	struct mfa_groups groups = { 0 };
	enum mfa_err r = mfa_groups_has(&groups, &alice, name, strlen(name),
	    has);

	mfa_groups_free(&groups);
	assert_null(groups.list);
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
test_by_name_and_by_number(void **state)
{
	(void)state;
	is_in("wheel", true);
	is_in("10", true);
	is_in("empty", false);
	/* The group's own list names alice, whatever getgrouplist says. */
	is_in("named", true);
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

static void
fails(const char *name, enum mfa_err err)
{
	bool has = true;

	assert_int_equal(ask(name, &has), err);
	assert_true(has); /* untouched: nobody may read it */
}

/* A group that is not known may be one of a directory that does not answer. */
static void
test_R3_what_fails_is_no_answer(void **state)
{
	static const int errors[] = { EIO, ENOENT, EMFILE, ENOMEM, EAGAIN };
	char large[300];

	(void)state;
	fails("nosuch", MFA_ERR_NOT_FOUND);
	fails("4294967295", MFA_ERR_NOT_FOUND);
	fails("99999999999", MFA_ERR_NOT_FOUND);
	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	fails(large, MFA_ERR_NOT_FOUND);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		nss.err = errors[i];
		fails("wheel", MFA_ERR_NSS);
		fails("10", MFA_ERR_NSS);
	}
	nss.err = 0;
	nss.never = true;
	fails("wheel", MFA_ERR_NSS);
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
	/* What glibc leaves there by itself. */
	nss.outage = ENOENT;
	is_in("wheel", false);
	nss.outage = ERANGE;
	is_in("wheel", false);
}

static void
test_large_groups_and_many(void **state)
{
	(void)state;
	nss.wants = 1 << 20;
	is_in("wheel", true);
	nss.wants = 0;
	nss.count = LIMIT;
	is_in("wheel", true);
	/* One that says less than it needs is asked again all the same. */
	nss.lies = true;
	is_in("wheel", true);
	nss.interrupted = 3;
	is_in("empty", false);
	/* Larger than any group is: no answer. */
	nss.wants = 64 << 20;
	fails("wheel", MFA_ERR_NSS);
}

#define READY(f) cmocka_unit_test_setup(f, ready)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		READY(test_by_name_and_by_number),
		READY(test_a_word_ends_where_it_ends),
		READY(test_R3_what_fails_is_no_answer),
		READY(test_R3_half_a_list_says_yes_but_never_no),
		READY(test_large_groups_and_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
