/* SPDX-License-Identifier: MIT */
/* R14, R16, R18: import: reading as the user, asking the verifier, the report. */
#include "tests/unit/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/import/homes.h"
#include "utils/import/read.h"
#include "utils/import/take.h"

#define KEY  "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
#define URL  "otpauth://totp/phone?secret=" KEY
#define OATH "HOTP/T30 alice - 3132333435363738393031323334353637383930\n"
#define BOB  "HOTP bob - 3132333435363738393031323334353637383931 7\n"

static struct capture out, err;
static char otpauth_word[] = "otpauth", oath_word[] = "oath", dash[] = "-";
static char *otpauth_words[] = { otpauth_word };
static char *oath_words[] = { oath_word, dash };

static int
run(const struct mfa_args *args, const char *input)
{
	int saved = capture_input(input, strlen(input));
	int code;

	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_cmd_import(args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	capture_input_end(saved);
	assert_int_equal(fake_client.open, 0);
	/* R14: whatever happens. */
	assert_null(strstr(out.text, KEY));
	assert_null(strstr(err.text, KEY));
	return code;
}

static struct mfa_args
otpauth(const char *user)
{
	return (struct mfa_args){ .user = user, .named = true, .count = 1,
		.operand = otpauth_words };
}

static struct mfa_args
oath(void)
{
	return (struct mfa_args){ .user = "root", .count = 2,
		.operand = oath_words };
}

static void
will_enroll(const char *label)
{
	mfa_wire_Enrolled *enrolled =
	    &fake_client_will_say(mfa_wire_Reply_enrolled_tag)->what.enrolled;

	enrolled->enabled = true;
	(void)snprintf(enrolled->label, sizeof(enrolled->label), "%s", label);
}

static void
will_be(bool enrolled)
{
	fake_client_will_say(mfa_wire_Reply_account_tag)->what.account
	    .enrolled = enrolled;
}

/* ---- what is asked ---- */

static void
test_a_factor_is_tried_and_then_imported(void **state)
{
	const struct mfa_args args = otpauth("alice");
	const mfa_wire_Enroll *asked;

	(void)state;
	will_enroll("totp");
	will_enroll("totp");
	assert_int_equal(run(&args, URL "\n"), MFA_EXIT_DONE);
	assert_int_equal(fake_client.asked, 2);
	for (int i = 0; i < 2; i++) {
		asked = &fake_client.requests[i].what.enroll;
		assert_int_equal(fake_client.requests[i].which_what,
		    mfa_wire_Request_enroll_tag);
		assert_true(asked->enabled);
		assert_int_equal(asked->check_only, i == 0);
		assert_string_equal(asked->user, "alice");
		assert_string_equal(asked->provider, "totp");
		assert_string_equal(asked->import_secret, KEY);
		/* Never what this host is set to: the phone knows nothing of
		   that. */
		assert_string_equal(asked->algorithm, "SHA1");
		assert_int_equal(asked->digits, 6);
		assert_int_equal(asked->period, 30);
	}
	assert_non_null(strstr(out.text, "alice                imported totp"));
	assert_non_null(strstr(out.text, "1 imported, 0 exists"));
}

static void
test_a_dry_run_only_tries(void **state)
{
	struct mfa_args args = otpauth("alice");

	(void)state;
	args.dry_run = true;
	will_enroll("totp");
	assert_int_equal(run(&args, URL), MFA_EXIT_DONE);
	assert_int_equal(fake_client.asked, 1);
	assert_true(fake_client.requests[0].what.enroll.check_only);
	assert_non_null(strstr(out.text, "Nothing was written (--dry-run)."));
}

static void
test_the_same_key_again_exists(void **state)
{
	struct mfa_args args = otpauth("alice");

	(void)state;
	args.label = "phone";
	fake_client_will_refuse(MFA_ERR_EXISTS, "in use");
	fake_client_will_refuse(MFA_ERR_EXISTS, "in use");
	assert_int_equal(run(&args, URL), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, " exists "));
	/* But a label that is another factor's is refused. */
	assert_int_equal(fake_client_reset(NULL), 0);
	fake_client_will_refuse(MFA_ERR_EXISTS, "in use");
	will_enroll("totp");
	assert_int_equal(run(&args, URL), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 2);
	assert_true(fake_client.requests[1].what.enroll.check_only);
	assert_string_equal(fake_client.requests[1].what.enroll.label, "");
	assert_non_null(strstr(out.text, "has this label"));
}

/* What they enrolled since then is theirs; the old key may be lost. */
static void
test_users_who_enrolled_are_left_alone(void **state)
{
	const struct mfa_args args = oath();

	(void)state;
	will_enroll("totp");
	will_be(true);
	will_enroll("hotp");
	will_be(false);
	will_enroll("hotp");
	assert_int_equal(run(&args, OATH BOB), MFA_EXIT_DONE);
	assert_non_null(strstr(out.text, "alice                enrolled -"));
	assert_non_null(strstr(out.text, "bob                  imported hotp"));
	assert_int_equal(fake_client.requests[4].what.enroll.counter, 7);
	assert_int_equal(fake_client.requests[4].what.enroll.period, 0);
}

/* A second line of the same user belongs to the first. */
static void
test_two_keys_of_one_source(void **state)
{
	const struct mfa_args args = oath();

	(void)state;
	fake_client_will_refuse(MFA_ERR_EXISTS, "in use");
	will_enroll("totp-2");
	will_enroll("totp-2");
	assert_int_equal(run(&args, OATH
	    "HOTP/T30 alice - 4132333435363738393031323334353637383930\n"),
	    MFA_EXIT_DONE);
	assert_int_equal(fake_client.asked, 3);
	assert_non_null(strstr(out.text, "imported totp-2"));
}

static void
test_user_selects_in_a_file_of_all(void **state)
{
	struct mfa_args args = oath();

	(void)state;
	args.user = "bob";
	args.named = true;
	will_enroll("hotp");
	will_enroll("hotp");
	assert_int_equal(run(&args, OATH BOB), MFA_EXIT_DONE);
	assert_int_equal(fake_client.asked, 2);
	assert_string_equal(fake_client.requests[0].what.enroll.user, "bob");
	assert_null(strstr(out.text, "alice"));
}

static void
test_R16_what_is_refused(void **state)
{
	struct mfa_args args = oath();

	(void)state;
	args.json = true;
	fake_client_will_refuse(MFA_ERR_NO_USER, "no such user");
	fake_client_will_refuse(MFA_ERR_FULL, "no room");
	assert_int_equal(run(&args, "HOTP carol - 31323334353637383930\n"
	    OATH "junk\n" BOB), MFA_EXIT_FAILED);
	assert_non_null(strstr(out.text, "\"user\":\"carol\",\"result\":"
	    "\"refused\",\"label\":null,\"remark\":\"its key has 80 bits"));
	assert_non_null(strstr(out.text, "\"user\":\"alice\",\"result\":"
	    "\"unknown\""));
	assert_non_null(strstr(out.text, "line 3 is not understood"));
	assert_non_null(strstr(out.text, "\"remark\":\"no room\""));
	assert_non_null(strstr(out.text, "\"imported\":0,\"exists\":0,"
	    "\"enrolled\":0,\"refused\":3,\"unknown\":1}\n"));
}

/* What the next one would meet as well ends it; the JSON is whole. */
static void
test_without_a_verifier_it_ends(void **state)
{
	struct mfa_args args = oath();

	(void)state;
	args.json = true;
	fake_client.open_result = MFA_ERR_UNAVAILABLE;
	assert_int_equal(run(&args, OATH BOB), MFA_EXIT_UNAVAILABLE);
	assert_int_equal(fake_client.asked, 0);
	assert_string_equal(out.text, "{\"dry_run\":false,\"factors\":["
	    "],\"imported\":0,\"exists\":0,\"enrolled\":0,\"refused\":0,"
	    "\"unknown\":0}\n");
}

/* It would wait for a code that nobody will type. */
static void
test_an_older_verifier_imports_nothing(void **state)
{
	const struct mfa_args args = otpauth("alice");

	(void)state;
	fake_client.version = 2;
	assert_int_equal(run(&args, URL), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 0);
	assert_non_null(strstr(err.text, "another release"));
}

/* A list of all users: who wrote it has put the user before the URL. */
static void
test_a_line_may_name_its_user(void **state)
{
	struct mfa_args args = otpauth("alice");

	(void)state;
	/* Asked for by name, another's line is passed over. */
	assert_int_equal(run(&args, "bob " URL "\n"), MFA_EXIT_DONE);
	assert_int_equal(fake_client.asked, 0);
	args.named = false;
	will_enroll("totp");
	will_be(false);
	will_enroll("totp");
	assert_int_equal(run(&args, "bob\t" URL "\n"), MFA_EXIT_DONE);
	assert_int_equal(fake_client.asked, 3);
	assert_string_equal(fake_client.requests[2].what.enroll.user, "bob");
	assert_string_equal(fake_client.requests[2].what.enroll.import_secret,
	    KEY);
}

static void
test_called_wrongly(void **state)
{
	static char junk[] = "junk", file[] = "file";
	static char *junk_words[] = { junk }, *two[] = { otpauth_word, file };
	struct mfa_args args = otpauth("alice");

	(void)state;
	/* What an image says of its user is a stranger's word. */
	args.named = false;
	args.image = "x.png";
	assert_int_equal(run(&args, URL), MFA_EXIT_USAGE);
	args.image = NULL;
	args.named = args.all_users = true;
	assert_int_equal(run(&args, URL), MFA_EXIT_USAGE);
	args.all_users = false;
	args.operand = two;
	args.count = 2;
	assert_int_equal(run(&args, URL), MFA_EXIT_USAGE);
	args.operand = junk_words;
	args.count = 1;
	assert_int_equal(run(&args, URL), MFA_EXIT_USAGE);
	args = oath();
	args.count = 1;
	assert_int_equal(run(&args, OATH), MFA_EXIT_USAGE);
	args.count = 2;
	args.image = "x.png";
	assert_int_equal(run(&args, OATH), MFA_EXIT_USAGE);
	assert_int_equal(fake_client.asked, 0);
}

/* ---- files ---- */

static void
test_paths_as_secret_names_them(void **state)
{
	static char name[] = "alice", home[] = "/home/al";
	const struct passwd pw = { .pw_name = name, .pw_dir = home };
	static const char *const rows[][2] = {
		{ "~/.google_authenticator", "/home/al/.google_authenticator" },
		{ "/var/lib/otp/${USER}", "/var/lib/otp/alice" },
		{ "${HOME}/x/%u.%h", "/home/al/x/alice./home/al" },
		{ "/a/~/b", "/a/~/b" }, { "/a/$USER%", "/a/$USER%" },
	};
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(mfa_import_home_path(&pw, rows[i][0], path,
		    sizeof(path)), MFA_OK);
		assert_string_equal(path, rows[i][1]);
	}
	assert_int_equal(mfa_import_home_path(&pw, "relative", path,
	    sizeof(path)), MFA_ERR_INVALID);
	assert_int_equal(mfa_import_home_path(&pw, "~bob/x", path,
	    sizeof(path)), MFA_ERR_INVALID);
	assert_int_equal(mfa_import_home_path(&pw, "%h%h%h%h%h%h%h%h", path,
	    sizeof(path)), MFA_ERR_INVALID);
}

static void
put_file(const char *path, size_t len, uid_t owner, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(fchown(fd, owner, owner), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(close(fd), 0);
}

static enum mfa_err
read_it(const char *path, size_t *len)
{
	static char name[] = "nobody", home[] = "/";
	const struct passwd pw = { .pw_name = name, .pw_dir = home,
		.pw_uid = 65534, .pw_gid = 65534 };
	static char buf[MFA_IMPORT_FILE];

	return mfa_import_read_user(&pw, path, false, buf, len);
}

static void
test_R18_a_file_is_read_as_its_user(void **state)
{
	char dir[] = "/tmp/medusa-import.XXXXXX", path[64], link_path[64];
	size_t len = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/file", dir);
	(void)snprintf(link_path, sizeof(link_path), "%s/link", dir);
	assert_int_equal(read_it(path, &len), MFA_ERR_NOT_FOUND);
	put_file(path, 100, 65534, 0600);
	assert_int_equal(read_it(path, &len), MFA_OK);
	assert_int_equal(len, 100);
	assert_int_equal(symlink(path, link_path), 0);
	assert_int_equal(read_it(link_path, &len), MFA_ERR_UNSAFE);
	put_file(path, 100, 65534, 0640);
	assert_int_equal(read_it(path, &len), MFA_ERR_UNSAFE);
	/* Another's that it may read, and root's that it may not. */
	put_file(path, 100, 1, 0644);
	assert_int_equal(read_it(path, &len), MFA_ERR_UNSAFE);
	put_file(path, 100, 0, 0600);
	assert_int_equal(read_it(path, &len), MFA_ERR_DENIED);
	put_file(path, MFA_IMPORT_FILE + 1, 65534, 0600);
	assert_int_equal(read_it(path, &len), MFA_ERR_INVALID);
	assert_int_equal(unlink(path), 0);
	/* Nothing that would wait. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(read_it(path, &len), MFA_ERR_UNSAFE);
	assert_int_equal(read_it("relative", &len), MFA_ERR_INVALID);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(link_path), 0);
	assert_int_equal(rmdir(dir), 0);
	/* No child is left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

#define ASKING(test) cmocka_unit_test_setup(test, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ASKING(test_a_factor_is_tried_and_then_imported),
		ASKING(test_a_dry_run_only_tries),
		ASKING(test_the_same_key_again_exists),
		ASKING(test_users_who_enrolled_are_left_alone),
		ASKING(test_two_keys_of_one_source),
		ASKING(test_user_selects_in_a_file_of_all),
		ASKING(test_R16_what_is_refused),
		ASKING(test_without_a_verifier_it_ends),
		ASKING(test_an_older_verifier_imports_nothing),
		ASKING(test_a_line_may_name_its_user),
		ASKING(test_called_wrongly),
		cmocka_unit_test(test_paths_as_secret_names_them),
		cmocka_unit_test(test_R18_a_file_is_read_as_its_user),
	};

	if (geteuid() != 0) {
		(void)puts("1..0 # SKIP needs root");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
