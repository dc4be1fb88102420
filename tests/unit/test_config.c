/* SPDX-License-Identifier: MIT */
/* R27: which files are read, and in which order. */
#include "tests/unit/config_tree.h"

static void
test_R27_system_place(void **state)
{
	(void)state;
	assert_string_equal(mfa_config_system.etc, MFA_SYSCONFDIR);
	assert_string_equal(mfa_config_system.vendor, MFA_VENDORDIR);
	assert_int_equal(mfa_config_system.owner, 0);
	assert_null(mfa_config_system.main);
}

static void
test_R27_no_file_at_all(void **state)
{
	(void)state;
	refused(ETC ": ", "no configuration found; run: medusa-mfa setup");
	put(DROP_IN ".hidden.conf", "[totp]\n");
	put(DROP_IN "readme", "[totp]\n");
	refused(ETC ": ", "no configuration found; run: medusa-mfa setup");
	assert_int_equal(rmdir(VENDOR "/conf.d"), 0);
	assert_int_equal(rmdir(VENDOR), 0);
	assert_int_equal(rename(ETC, "/t/gone"), 0);
	refused(ETC ": ", "no configuration found; run: medusa-mfa setup");
}

static void
test_R27_main_file_hides_the_vendors(void **state)
{
	struct mfa_config c;

	(void)state;
	put(VENDOR "/medusa-mfa.conf", "[totp]\ndigits = 7\nperiod = 60\n");
	accepted(&c);
	assert_int_equal(c.digits, 7);
	assert_int_equal(c.period, 60);
	put(MAIN, "[totp]\ndigits = 8\n");
	accepted(&c);
	assert_int_equal(c.digits, 8);
	assert_int_equal(c.period, 30);
	put(MAIN, "");
	accepted(&c);
	assert_int_equal(c.digits, 6);
	/* It is not even looked at. */
	put(VENDOR "/medusa-mfa.conf", "junk\n");
	accepted(&c);
	assert_int_equal(unlink(MAIN), 0);
	refused(VENDOR "/medusa-mfa.conf:1: ", "neither");
}

/* For a copy that is checked before it takes the main file's place. */
static void
test_R27_main_file_by_name(void **state)
{
	struct mfa_config_place copy = place;
	struct mfa_config_problem problem;
	struct mfa_config c;
	char name[257];

	(void)state;
	copy.main = "copy.new";
	put(MAIN, "junk\n");
	put(VENDOR "/copy.new", "");
	put(DROP_IN "a.conf", "[totp]\nperiod = 60\n");
	refused_as(MFA_ERR_CONFIG, &copy, ETC "/copy.new: ", "no such entry");
	put(ETC "/copy.new", "[totp]\ndigits = 8\n");
	assert_int_equal(mfa_config_load(&copy, &c, &problem), MFA_OK);
	assert_int_equal(c.digits, 8);
	assert_int_equal(c.period, 60);
	put(ETC "/copy.new", "junk\n");
	refused_as(MFA_ERR_CONFIG, &copy, ETC "/copy.new:1: ", "neither");
	copy.main = "../etc/copy.new";
	refused_as(MFA_ERR_CONFIG, &copy, ETC "/../etc/copy.new: ",
	    "not a name for a file");
	memset(name, 'n', sizeof(name));
	name[256] = '\0';
	copy.main = name;
	refused_as(MFA_ERR_CONFIG, &copy, ETC "/nnn", "at most 255");
	copy.main = "";
	refused_as(MFA_ERR_CONFIG, &copy, ETC "/: ", "value not allowed");
}

static void
test_R27_drop_ins_are_sorted_across_folders(void **state)
{
	struct mfa_config c;

	(void)state;
	put(MAIN, "[totp]\ndigits = 7\nperiod = 60\nwindow = 2\n"
		  "[mfa]\nexempt_users = a b c\n");
	put(DROP_IN "10-a.conf", "[totp]\ndigits = 8\nperiod = 15\n");
	put(VENDOR "/conf.d/20-b.conf", "[totp]\ndigits = 6\n");
	put(DROP_IN "30-c.conf", "[mfa]\nexempt_users = d\n");
	put(VENDOR "/conf.d/05-z.conf", "[totp]\nperiod = 120\n");
	accepted(&c);
	assert_int_equal(c.digits, 6);
	assert_int_equal(c.period, 15);
	assert_int_equal(c.window, 2);
	assert_int_equal(c.exempt_count, 1);
	assert_string_equal(c.exempt_users[0], "d");
}

static void
test_R27_drop_in_hides_the_vendors_of_its_name(void **state)
{
	struct mfa_config c;

	(void)state;
	put(MAIN, "");
	put(VENDOR "/conf.d/50-site.conf", "[totp]\ndigits = 8\njunk\n");
	refused(VENDOR "/conf.d/50-site.conf:3: ", "neither");
	put(DROP_IN "50-site.conf", "[totp]\nperiod = 60\n");
	accepted(&c);
	assert_int_equal(c.digits, 6);
	assert_int_equal(c.period, 60);
	put(DROP_IN "50-site.conf", "");
	accepted(&c);
	assert_int_equal(c.period, 30);
	/* The main file hides no drop-in of the same name. */
	put(VENDOR "/conf.d/medusa-mfa.conf", "[totp]\ndigits = 7\n");
	accepted(&c);
	assert_int_equal(c.digits, 7);
}

static void
test_R27_drop_ins_without_main_file(void **state)
{
	struct mfa_config c;

	(void)state;
	put(DROP_IN "a.conf", "[totp]\ndigits = 7\n");
	accepted(&c);
	assert_int_equal(c.digits, 7);
	put(VENDOR "/conf.d/b.conf", "[totp]\ndigits = 9\n");
	refused(VENDOR "/conf.d/b.conf:2: ", "totp.digits must be");
}

static void
test_R27_which_names_are_drop_ins(void **state)
{
	static const char *const others[] = { ".a.conf", ".conf", "a.conf~",
		"a.conf.bak", "a.CONF", "conf", "aconf", "#a.conf#" };
	char path[128];
	struct mfa_config c;

	(void)state;
	put(MAIN, "");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		(void)snprintf(path, sizeof(path), DROP_IN "%s", others[i]);
		put(path, "junk\n");
	}
	accepted(&c);
	put(DROP_IN "a b.conf", "");
	refused(DROP_IN "a b.conf: ", "letters, digits and ._+- only");
	assert_int_equal(unlink(DROP_IN "a b.conf"), 0);
	put(DROP_IN "a\x1b\"\\\xc3.conf", "");
	refused(DROP_IN "a????.conf: ", ".conf at its end and no dot");
	assert_int_equal(unlink(DROP_IN "a\x1b\"\\\xc3.conf"), 0);
	/* The whole sentence, whatever the name. */
	(void)snprintf(path, sizeof(path), DROP_IN "%0100d .conf", 0);
	put(path, "");
	refused(DROP_IN "0000", "no dot at its beginning");
}

static void
test_R27_sixty_four_drop_ins(void **state)
{
	char path[128];
	struct mfa_config c;

	(void)state;
	put(MAIN, "");
	for (int i = 0; i < 64; i++) {
		(void)snprintf(path, sizeof(path), "%s/conf.d/%02d.conf",
		    i % 2 == 0 ? ETC : VENDOR, i);
		put(path, i == 63 ? "[totp]\ndigits = 8\n" : "[totp]\n");
	}
	accepted(&c);
	assert_int_equal(c.digits, 8);
	put(VENDOR "/conf.d/64.conf", "");
	refused(VENDOR "/conf.d: ", "more than 64 files");
	assert_int_equal(unlink(MAIN), 0);
	refused(VENDOR "/conf.d: ", "more than 64 files");
}

static void
test_R27_bad_line_says_file_and_line(void **state)
{
	(void)state;
	put(MAIN, "[totp]\n\ndigits = 12junk\n");
	refused(MAIN ":3: ", "totp.digits must be a whole number");
	put(MAIN, "");
	put(DROP_IN "x.conf", "[totp]\ndigits = 7\nperiod = 30\nperiod = 30\n");
	refused(DROP_IN "x.conf:4: ",
	    "set twice in this file, first in line 3");
}

static void
test_R27_pairs_name_the_last_setter(void **state)
{
	struct mfa_config c;

	(void)state;
	put(MAIN, "[throttle]\nlock_seconds = 60\nlock_max_seconds = 59\n");
	refused(MAIN ":3: ", "lock_max_seconds is below");
	put(MAIN, "[throttle]\nlock_max_seconds = 59\n\nlock_seconds = 60\n");
	refused(MAIN ":4: ", "lock_max_seconds is below");
	put(MAIN, "[throttle]\nlock_max_seconds = 899\n");
	refused(MAIN ":2: ", "lock_max_seconds is below");
	put(DROP_IN "b.conf", "[throttle]\nlock_seconds = 899\n");
	accepted(&c);
	put(DROP_IN "b.conf", "\n\n[throttle]\nlock_seconds = 900\n");
	refused(DROP_IN "b.conf:4: ", "lock_max_seconds is below");
	put(DROP_IN "c.conf", "[totp]\ndigits = 8\n");
	refused(DROP_IN "b.conf:4: ", "lock_max_seconds is below");
	put(DROP_IN "b.conf", "");
	put(MAIN, "[throttle]\nhard_stop = 71\n");
	refused(MAIN ":2: ", "together exceed 100");
	put(DROP_IN "b.conf", "[throttle]\nhard_stop_unprivileged = 29\n");
	accepted(&c);
	assert_int_equal(c.hard_stop, 71);
	put(DROP_IN "b.conf", "[throttle]\nhard_stop_unprivileged = 100\n");
	refused(DROP_IN "b.conf:2: ", "together exceed 100");
}

/* R27: what other sections describe may stand in any file. */
static void
test_R27_names_are_looked_up_in_the_end(void **state)
{
	struct mfa_config c;

	(void)state;
	put(MAIN, "[mfa]\nproviders = totp key\n");
	refused(MAIN ":2: ", "providers has key, which is neither");
	put(DROP_IN "key.conf", "[provider key]\n");
	refused(DROP_IN "key.conf:1: ", "provider key: program is missing");
	put(DROP_IN "key.conf", "[provider key]\nprogram = /x/key\n");
	accepted(&c);
	assert_int_equal(c.realm[0].provides,
	    MFA_PROVIDES_TOTP | MFA_PROVIDES_OUTSIDE);
	put(DROP_IN "otp.conf", "\n[mfa]\nproviders = otp\n");
	refused(DROP_IN "otp.conf:3: ", "otp.program is not set");
	put(VENDOR "/conf.d/deliver.conf", "[otp]\nprogram = /x/deliver\n");
	accepted(&c);
	assert_int_equal(c.realm[0].provides, MFA_PROVIDES_OTP);
	put(DROP_IN "z.conf", "[otp]\nprogram =\n");
	refused(DROP_IN "z.conf:2: ", "otp.program is not set");
}

static void
test_R27_realms_over_several_files(void **state)
{
	struct mfa_config c;

	(void)state;
	put(MAIN, "[mfa]\nissuer = Host\nrequire = all\n"
		  "[realm shop]\naccount = shop\nmax_subjects = 5\n");
	put(DROP_IN "a.conf", "[realm blog]\naccount = 1000\n");
	put(DROP_IN "b.conf", "[realm shop]\naccount = www\n");
	accepted(&c);
	assert_int_equal(c.realm_count, 3);
	assert_string_equal(c.realm[1].account, "www");
	assert_int_equal(c.realm[1].max_subjects, 5);
	assert_int_equal(c.realm[1].require, MFA_REQUIRE_ENROLLED);
	assert_int_equal(c.realm[1].provides,
	    MFA_PROVIDES_TOTP | MFA_PROVIDES_RECOVERY_CODE);
	assert_string_equal(c.realm[2].name, "blog");
	assert_string_equal(c.realm[0].issuer, "Host");
	put(DROP_IN "c.conf", "[totp]\n[realm news]\nissuer = N\n");
	refused(DROP_IN "c.conf:2: ", "realm news: account is missing");
	put(DROP_IN "c.conf", "[realm news]\naccount = root\n");
	refused(DROP_IN "c.conf:2: ", "realm news: account must be");
	put(DROP_IN "c.conf", "[realm shop]\nissuer = a\nissuer = b\n");
	refused(DROP_IN "c.conf:3: ", "realm shop: issuer is set twice");
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_R27_system_place, fresh),
		cmocka_unit_test_setup(test_R27_no_file_at_all, fresh),
		cmocka_unit_test_setup(
		    test_R27_main_file_hides_the_vendors, fresh),
		cmocka_unit_test_setup(test_R27_main_file_by_name, fresh),
		cmocka_unit_test_setup(
		    test_R27_drop_ins_are_sorted_across_folders, fresh),
		cmocka_unit_test_setup(
		    test_R27_drop_in_hides_the_vendors_of_its_name, fresh),
		cmocka_unit_test_setup(
		    test_R27_drop_ins_without_main_file, fresh),
		cmocka_unit_test_setup(
		    test_R27_which_names_are_drop_ins, fresh),
		cmocka_unit_test_setup(test_R27_sixty_four_drop_ins, fresh),
		cmocka_unit_test_setup(
		    test_R27_bad_line_says_file_and_line, fresh),
		cmocka_unit_test_setup(
		    test_R27_pairs_name_the_last_setter, fresh),
		cmocka_unit_test_setup(
		    test_R27_names_are_looked_up_in_the_end, fresh),
		cmocka_unit_test_setup(
		    test_R27_realms_over_several_files, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_inside(run);
}
