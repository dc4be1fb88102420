/* SPDX-License-Identifier: MIT */
/* R17, R22: subjects of realms that are not this host's, as ids and as text. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <pwd.h>

#include "verifier/crypt/crypt.h"
#include "verifier/engine/subject.h"

/* What the user database says instead of "only alice". */
static int nss_errno;
static unsigned int nss_calls;

/* Instead of libc's. */
int
getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size,
    struct passwd **found)
{
	nss_calls++;
	*found = NULL;
	if (nss_errno != 0 || strcmp(name, "alice") != 0 || size < 6)
		return nss_errno;
	memset(entry, 0, sizeof(*entry));
	memcpy(buffer, name, 6);
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

static void
test_R17_realms_have_ids_of_their_own(void **state)
{
	char name[300], id[MFA_STORE_ID_MAX + 1] = "as it was";

	(void)state;
	assert_string_equal(id_in("shop", "alice"), "r-shop%-alice");
	assert_string_equal(id_in("a", "Al ice"), "r-a%-%41l%20ice");
	assert_string_equal(id_in("a", "-"), "r-a%--");
	/* 200 characters, and one more. */
	memset(name, 'a', sizeof(name));
	name[192] = '\0';
	assert_int_equal(strlen(id_in("shop", name)), 200);
	name[192] = 'a';
	name[193] = '\0';
	assert_memory_equal(id_in("shop", name), "s-shop%-", 8);
	assert_int_equal(strlen(id_in("shop", name)), 72);
	name[193] = 'a';
	name[256] = '\0';
	assert_int_equal(strlen(id_in("r23456789-123456789-123456789-12",
	    name)), 100);
	/* No label, no id. */
	assert_int_equal(mfa_subject_id("Shop", "a", id), MFA_ERR_INVALID);
	assert_int_equal(mfa_subject_id("", "a", id), MFA_ERR_INVALID);
	assert_int_equal(mfa_subject_id("a/b", "a", id), MFA_ERR_INVALID);
	assert_int_equal(mfa_subject_id("r23456789-123456789-123456789-123",
	    "a", id), MFA_ERR_INVALID);
	assert_string_equal(id, "as it was");
}

/* What an id tells of a record that cannot be read. */
static void
test_names_of_ids(void **state)
{
	static const struct {
		const char *id, *realm, *name;
	} ids[] = {
		{ "u-alice", "unix", "alice" },
		{ "u-%41l%20", "unix", "Al " },
		{ "r-shop%-alice", "shop", "alice" },
		{ "r-shop%-%41", "shop", "A" },
		{ "r-a-b%---", "a-b", "--" },
		{ "r-shop%-", "shop", "" },
		/* hashed: the seal is bound to the realm */
		{ "h-0123", "unix", "h-0123" },
		{ "s-shop%-0123", "shop", "s-shop%-0123" },
		/* not ours */
		{ "x-alice", "unix", "x-alice" },
		{ "alice", "unix", "alice" },
		{ "u", "unix", "u" },
		{ "x-shop%-alice", "unix", "x-shop%-alice" },
		{ "rxshop%-alice", "unix", "rxshop%-alice" },
		{ "u-A2f", "unix", "u-A2f" },
		{ "u-%4", "unix", "u-%4" },
		{ "u-%4g", "unix", "u-%4g" },
		{ "u-%61", "unix", "u-%61" },
		{ "u-%00", "unix", "u-%00" },
		{ "u-Alice", "unix", "u-Alice" },
		{ "r-shop-alice", "unix", "r-shop-alice" },
		{ "r-%-alice", "unix", "r-%-alice" },
		{ "r-9%-alice", "unix", "r-9%-alice" },
		{ "r-unix%-alice", "unix", "r-unix%-alice" },
		{ "r-r23456789-123456789-123456789-123%-a", "unix",
		    "r-r23456789-123456789-123456789-123%-a" },
	};
	char realm[MFA_SUBJECT_REALM + 2], name[MFA_SUBJECT_NAME + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		memset(realm, 'x', sizeof(realm));
		memset(name, 'x', sizeof(name));
		mfa_subject_name(ids[i].id, realm, name);
		assert_string_equal(realm, ids[i].realm);
		assert_int_equal(realm[MFA_SUBJECT_REALM + 1], 'x');
		assert_string_equal(name, ids[i].name);
	}
}

static void
test_R22_subjects_of_a_realm(void **state)
{
	struct mfa_subject s;
	char name[300];

	(void)state;
	assert_int_equal(mfa_subject_in_realm("shop", "Jo <j@x>", &s), MFA_OK);
	assert_string_equal(s.realm, "shop");
	assert_string_equal(s.name, "Jo <j@x>");
	assert_string_equal(s.id, "r-shop%-%4ao%20%3cj%40x%3e");
	assert_int_equal(s.uid, 0);
	assert_true(s.known);
	assert_int_equal(mfa_subject_in_realm("shop", "j\xc3\xb6rg", &s),
	    MFA_OK);
	memset(name, 'a', sizeof(name));
	name[256] = '\0';
	assert_int_equal(mfa_subject_in_realm("shop", name, &s), MFA_OK);
	/* The user database is nobody's business there. */
	assert_int_equal(nss_calls, 0);
	/* Empty and "unix" are the users of this host. */
	assert_int_equal(mfa_subject_in_realm("", "alice", &s), MFA_OK);
	assert_string_equal(s.id, "u-alice");
	assert_string_equal(s.realm, "unix");
	assert_int_equal(s.uid, 4711);
	assert_int_equal(mfa_subject_in_realm("unix", "alice", &s), MFA_OK);
	assert_string_equal(s.id, "u-alice");
	assert_int_equal(mfa_subject_in_realm("unix", "carol", &s),
	    MFA_ERR_NO_USER);
	assert_false(s.known);
}

static void
test_R22_what_is_no_subject_of_a_realm(void **state)
{
	static const char *const realms[] = { "Shop", "9", "a b", "a.b", "-",
		"a%-", "UNIX", "r23456789-123456789-123456789-123" };
	static const char *const names[] = { "", "a\nb", "\x01", "a\x7f",
		"\t" };
	struct mfa_subject s;
	char name[300];

	(void)state;
	for (size_t i = 0; i < sizeof(realms) / sizeof(realms[0]); i++) {
		assert_int_equal(mfa_subject_in_realm(realms[i], "a", &s),
		    MFA_ERR_INVALID);
		assert_false(s.known);
		assert_string_equal(s.id, "");
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(mfa_subject_in_realm("shop", names[i], &s),
		    MFA_ERR_INVALID);
		assert_false(s.known);
	}
	memset(name, 'a', sizeof(name));
	name[257] = '\0';
	assert_int_equal(mfa_subject_in_realm("shop", name, &s),
	    MFA_ERR_INVALID);
	assert_string_equal(s.name, "");
}

static void
test_a_subject_as_text_and_back(void **state)
{
	static const char *const names[] = { "alice", "a.b", "%2e", "A b",
		"\xff\xfe", "unix.alice" };
	char name[MFA_SUBJECT_NAME + 1], text[MFA_SUBJECT_TEXT + 1];
	struct mfa_subject s, back;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(mfa_subject_in_realm("shop", names[i], &s),
		    MFA_OK);
		mfa_subject_format(&s, text);
		assert_int_equal(mfa_subject_parse(text, &back), MFA_OK);
		assert_string_equal(back.realm, "shop");
		assert_string_equal(back.name, names[i]);
		assert_string_equal(back.id, s.id);
	}
	assert_int_equal(mfa_subject_resolve("alice", &s), MFA_OK);
	mfa_subject_format(&s, text);
	assert_string_equal(text, "unix.alice");
	assert_int_equal(mfa_subject_parse(text, &back), MFA_OK);
	assert_int_equal(back.uid, 4711);
	/* The longest. */
	memset(name, '/', 256);
	name[256] = '\0';
	assert_int_equal(mfa_subject_in_realm(
	    "r23456789-123456789-123456789-12", name, &s), MFA_OK);
	memset(text, 'x', sizeof(text));
	mfa_subject_format(&s, text);
	assert_int_equal(strlen(text), MFA_SUBJECT_TEXT - 1);
	assert_int_equal(text[MFA_SUBJECT_TEXT], 'x');
	assert_int_equal(mfa_subject_parse(text, &back), MFA_OK);
	assert_string_equal(back.name, name);
}

/* One text a subject: nothing that format does not write. */
static void
test_texts_that_name_no_subject(void **state)
{
	static const char *const texts[] = { "", ".", "alice", ".alice",
		"Shop.alice", "9.a", "shop.a.b", "shop.A", "shop.%61",
		"shop.%4A", "shop.%4", "shop.%", "shop.%00", "shop.a b",
		"shop.\xc3\xb6", "shop/.a", "shop%-.a",
		"r23456789-123456789-123456789-123.a" };
	char text[MFA_SUBJECT_TEXT + 8] = "shop.";
	struct mfa_subject s;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		memset(&s, 0xa5, sizeof(s));
		assert_int_equal(mfa_subject_parse(texts[i], &s),
		    MFA_ERR_SYNTAX);
		assert_false(s.known);
		assert_string_equal(s.realm, "");
	}
	memset(text + 5, 'a', 257);
	assert_int_equal(mfa_subject_parse(text, &s), MFA_ERR_SYNTAX);
	/* In form, but nobody's. */
	assert_int_equal(mfa_subject_parse("shop.", &s), MFA_ERR_INVALID);
	assert_int_equal(mfa_subject_parse("shop.%0a", &s), MFA_ERR_INVALID);
	assert_int_equal(mfa_subject_parse("unix.carol", &s),
	    MFA_ERR_NO_USER);
	nss_errno = EIO;
	assert_int_equal(mfa_subject_parse("unix.alice", &s), MFA_ERR_NSS);
	assert_string_equal(s.realm, "unix");
}

#define FRESH(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_R17_realms_have_ids_of_their_own),
		FRESH(test_names_of_ids),
		FRESH(test_R22_subjects_of_a_realm),
		FRESH(test_R22_what_is_no_subject_of_a_realm),
		FRESH(test_a_subject_as_text_and_back),
		FRESH(test_texts_that_name_no_subject),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
