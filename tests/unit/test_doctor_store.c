/* SPDX-License-Identifier: MIT */
/* What is wrong with all of the store is told once, and for how much room. */
#include "tests/unit/unit.h"

#include "utils/doctor/store.h"
#include "verifier/store/store.h"

_Static_assert(MFA_STORE_RECORD == MFA_STORE_SLOTS * MFA_STORE_SLOT,
    "the size of a record");

static const struct mfa_settings settings = {
	.store = "/var/lib/medusa-mfa", .keys = "/etc/medusa-mfa/keys",
};

static bool
tell(struct mfa_found *found, enum mfa_err err, const char *where,
    const char *user)
{
	return mfa_store_tell(found, &settings, err, where, user);
}

static void
test_every_sentence_leads_back(void **state)
{
	(void)state;
	for (int e = MFA_OK + 1; e < MFA_ERR_END; e++)
		assert_int_equal(mfa_store_err(mfa_strerror((enum mfa_err)e)),
		    e);
	assert_int_equal(mfa_store_err("not safe: it and the folders above"),
	    MFA_ERR_UNSAFE);
	assert_int_equal(mfa_store_err(""), MFA_OK);
	assert_int_equal(mfa_store_err("of another release"), MFA_OK);
}

static void
test_one_finding_for_all_users(void **state)
{
	static const struct {
		enum mfa_err err;
		const char *id, *where;
	} rows[] = {
		{ MFA_ERR_READ_ONLY, "store-read-only", "/var/lib/medusa-mfa" },
		{ MFA_ERR_NO_SPACE, "store-full", "/var/lib/medusa-mfa" },
		{ MFA_ERR_NO_KEY, "key-missing", "/etc/medusa-mfa/keys" },
		{ MFA_ERR_FORMAT, "store-newer", "/var/lib/medusa-mfa" },
		{ MFA_ERR_UNSAFE, "file-unsafe", "/var/lib/medusa-mfa" },
		{ MFA_ERR_IO, "store-problem", "/var/lib/medusa-mfa" },
	};
	struct mfa_found found;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mfa_found_init(&found);
		assert_false(mfa_store_is_told(&found, &settings, rows[i].err));
		assert_true(tell(&found, rows[i].err, NULL, "anna"));
		assert_true(tell(&found, rows[i].err, NULL, "bert"));
		assert_true(tell(&found, rows[i].err, rows[i].where, NULL));
		assert_true(mfa_store_is_told(&found, &settings, rows[i].err));
		assert_int_equal(found.count, 1);
		assert_string_equal(found.findings[0].kind->id, rows[i].id);
		assert_string_equal(found.findings[0].where, rows[i].where);
		assert_string_equal(found.findings[0].about, "anna bert");
		assert_null(strstr(found.findings[0].kind->fix,
		    "medusa-mfa reset"));
		mfa_found_free(&found);
	}
}

static void
test_a_damaged_store_is_no_reason_to_reset(void **state)
{
	struct mfa_found found;

	(void)state;
	mfa_found_init(&found);
	assert_true(tell(&found, MFA_ERR_DAMAGED, settings.store, NULL));
	assert_string_equal(found.findings[0].kind->id, "store-damaged");
	assert_null(strstr(found.findings[0].kind->fix, "medusa-mfa reset"));
	mfa_found_free(&found);
}

static void
test_what_is_no_trouble_of_all(void **state)
{
	static const enum mfa_err errs[] = { MFA_OK, MFA_ERR_FOREIGN,
		MFA_ERR_CONFIG, MFA_ERR_UNAVAILABLE, MFA_ERR_DENIED };
	struct mfa_found found;

	(void)state;
	mfa_found_init(&found);
	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++) {
		assert_false(tell(&found, errs[i], NULL, "anna"));
		assert_false(mfa_store_is_told(&found, &settings, errs[i]));
	}
	assert_int_equal(found.count, 0);
	mfa_found_free(&found);
}

/* What was found by looking says more than what the verifier meets. */
static void
test_a_cause_that_was_told_gets_the_users(void **state)
{
	struct mfa_found found;

	(void)state;
	mfa_found_init(&found);
	mfa_found_add(&found, "file-unreadable", NULL, "/etc/medusa-mfa/keys",
	    "group 0");
	mfa_found_add(&found, "store-missing", NULL,
	    "/var/lib/medusa-mfa/records", "none");
	assert_true(tell(&found, MFA_ERR_IO, settings.keys, NULL));
	assert_true(tell(&found, MFA_ERR_IO, NULL, "anna"));
	assert_true(tell(&found, MFA_ERR_NOT_FOUND, settings.store, NULL));
	assert_int_equal(found.count, 2);
	assert_string_equal(found.findings[0].about, "anna");
	/* The store's own trouble is not that of the keys. */
	assert_true(tell(&found, MFA_ERR_IO, settings.store, NULL));
	assert_int_equal(found.count, 3);
	mfa_found_free(&found);
	mfa_found_init(&found);
	mfa_found_add(&found, "file-unreadable", NULL, "/etc/medusa-mfa",
	    "mode 0700");
	mfa_found_add(&found, "file-unsafe", NULL,
	    "/etc/medusa-mfa/medusa-mfa.conf", "mode 0666");
	assert_true(tell(&found, MFA_ERR_IO, settings.keys, NULL));
	assert_int_equal(found.count, 2);
	assert_true(tell(&found, MFA_ERR_UNSAFE, settings.keys, NULL));
	assert_int_equal(found.count, 3);
	mfa_found_free(&found);
	mfa_found_init(&found);
	mfa_found_add(&found, "not-set-up", NULL, settings.store, "nothing");
	assert_true(tell(&found, MFA_ERR_NO_KEY, settings.keys, NULL));
	assert_true(tell(&found, MFA_ERR_NOT_FOUND, settings.store, NULL));
	assert_int_equal(found.count, 1);
	mfa_found_free(&found);
}

static void
test_room_for_records(void **state)
{
	static const struct {
		unsigned long frsize, blocks, bfree, bavail, files, favail;
		uint64_t room;
	} rows[] = {
		{ 4096, 1000, 400, 400, 100, 100, 100 },
		{ 4096, 1000, 400, 399, 1000, 1000, 99 },
		{ 4096, 1000, 400, 4, 1000, 1000, 1 },
		{ 4096, 1000, 400, 3, 1000, 1000, 0 },
		/* What is left is kept for root. */
		{ 4096, 1000, 400, 0, 1000, 1000, 0 },
		/* Blocks there are; inodes there are none. */
		{ 4096, 1000, 400, 400, 1000, 0, 0 },
		/* Nobody counts inodes. */
		{ 4096, 1000, 400, 400, 0, 0, 100 },
		{ 1024, 1000, 400, 400, 1000, 1000, 25 },
		/* A record fills no block, and takes one. */
		{ 65536, 1000, 400, 7, 1000, 1000, 7 },
		{ 24576, 1000, 400, 7, 1000, 1000, 7 },
		{ 12288, 1000, 400, 7, 1000, 1000, 3 },
		/* Without a limit. */
		{ 4096, 0, 0, 0, 0, 0, UINT64_MAX },
		{ 0, 1000, 0, 0, 0, 0, UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct statvfs fs = {
			.f_frsize = rows[i].frsize,
			.f_blocks = rows[i].blocks,
			.f_bfree = rows[i].bfree,
			.f_bavail = rows[i].bavail,
			.f_files = rows[i].files,
			.f_ffree = rows[i].files,
			.f_favail = rows[i].favail,
		};

		if (mfa_store_room(&fs) != rows[i].room)
			fail_msg("row %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_sentence_leads_back),
		cmocka_unit_test(test_one_finding_for_all_users),
		cmocka_unit_test(test_a_damaged_store_is_no_reason_to_reset),
		cmocka_unit_test(test_what_is_no_trouble_of_all),
		cmocka_unit_test(test_a_cause_that_was_told_gets_the_users),
		cmocka_unit_test(test_room_for_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
