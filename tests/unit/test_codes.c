/* SPDX-License-Identifier: MIT */
#include "tests/unit/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/stat.h>

#include "utils/codes.h"
#include "utils/command.h"

static const char codes[2][MFA_CODES_WIDTH] = { "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF",
	"0000-1111-2222-3333-4444-5555" };

/* A folder of the test's own; removed with what a test leaves in it. */
static int
folder_new(void **state)
{
	char *path = strdup("/tmp/mfa-unit-XXXXXX");

	*state = path;
	return path != NULL && mkdtemp(path) != NULL ? 0 : -1;
}

static int
folder_free(void **state)
{
	static const char *const names[] = { "codes", "link", "target" };
	char path[100];

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s",
		    (const char *)*state, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(*state);
	free(*state);
	return 0;
}

static const char *
in_folder(void *const *state, const char *name, char path[100])
{
	(void)snprintf(path, 100, "%s/%s", (const char *)*state, name);
	return path;
}

static const struct mfa_args carol = { .user = "carol o'hara" };

/* Gives the codes out; what is printed is in said. */
static int
give(struct mfa_codes *c, struct capture *said)
{
	int code;

	capture_begin(said, STDOUT_FILENO);
	code = mfa_codes_give(&carol, c, codes, 2);
	(void)capture_end(said);
	return code;
}

static bool
opens(struct mfa_codes *c, const char *path)
{
	struct capture said;
	bool opened;

	capture_begin(&said, STDERR_FILENO);
	opened = mfa_codes_open(c, path);
	(void)capture_end(&said);
	assert_int_equal(said.text[0] == '\0', opened);
	return opened;
}

static void
test_without_a_file_they_are_shown(void **state)
{
	struct capture said;
	struct mfa_codes c;

	(void)state;
	assert_true(opens(&c, NULL));
	assert_int_equal(give(&c, &said), MFA_EXIT_DONE);
	assert_non_null(strstr(said.text, codes[0]));
	assert_non_null(strstr(said.text, codes[1]));
	mfa_codes_close(&c);
}

static void
test_R14_file_is_private_and_holds_the_codes(void **state)
{
	char path[100], text[200];
	struct capture said;
	struct mfa_codes c;
	struct stat st;
	mode_t mask = umask(0);
	size_t n;
	FILE *f;

	assert_true(opens(&c, in_folder(state, "codes", path)));
	assert_int_equal(give(&c, &said), MFA_EXIT_DONE);
	mfa_codes_close(&c);
	(void)umask(mask);
	assert_null(strstr(said.text, codes[0]));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_uid, geteuid());
	f = fopen(path, "re");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	assert_string_equal(text,
	    "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF\n0000-1111-2222-3333-4444-5555\n");
}

static void
test_R14_existing_files_and_links_are_refused(void **state)
{
	char path[100], target[100];
	struct mfa_codes c;
	struct stat st;
	int fd;

	fd = open(in_folder(state, "codes", path), O_WRONLY | O_CREAT, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "mine", 4), 4);
	(void)close(fd);
	assert_false(opens(&c, path));
	mfa_codes_close(&c);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 4);

	in_folder(state, "target", target);
	assert_int_equal(symlink(target, in_folder(state, "link", path)), 0);
	assert_false(opens(&c, path));
	mfa_codes_close(&c);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(lstat(target, &st), -1);
	assert_false(opens(&c, "/nonexistent/codes"));
}

static void
test_file_that_got_no_codes_is_removed(void **state)
{
	struct mfa_codes c;
	struct stat st;
	char path[100];

	assert_true(opens(&c, in_folder(state, "codes", path)));
	assert_int_equal(stat(path, &st), 0);
	mfa_codes_close(&c);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(errno, ENOENT);
}

static struct mfa_codes
full_file(void)
{
	struct mfa_codes c = { .path = "/nonexistent/codes",
		.name = "codes", .dirfd = -1 };

	c.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_true(c.fd >= 0);
	return c;
}

/* Nobody can show them a second time; at a terminal somebody sees them. */
static void
test_codes_are_shown_when_the_file_cannot_be_written(void **state)
{
	struct mfa_codes c = full_file();
	struct capture said = { .fd = -1 }, error;
	int master, terminal, saved, code;
	ssize_t n;

	(void)state;
	assert_int_equal(openpty(&master, &terminal, NULL, NULL, NULL), 0);
	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	assert_int_equal(dup2(terminal, STDOUT_FILENO), STDOUT_FILENO);
	capture_begin(&error, STDERR_FILENO);
	code = mfa_codes_give(&carol, &c, codes, 2);
	(void)fflush(stdout);
	(void)capture_end(&error);
	n = read(master, said.text, sizeof(said.text) - 1);
	assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(saved);
	(void)close(terminal);
	(void)close(master);
	mfa_codes_close(&c);
	assert_int_equal(code, MFA_EXIT_FAILED);
	assert_true(n > 0);
	assert_non_null(strstr(said.text, codes[0]));
	assert_non_null(strstr(said.text, codes[1]));
	assert_non_null(strstr(error.text,
	    "not in the file: no space left there\n"));
	assert_null(strstr(error.text, "lost"));
}

/* They were not to be in a log or a pipe. */
static void
test_R14_codes_of_a_file_are_not_printed_elsewhere(void **state)
{
	struct mfa_codes c = full_file();
	struct capture said, error;

	(void)state;
	capture_begin(&error, STDERR_FILENO);
	assert_int_equal(give(&c, &said), MFA_EXIT_FAILED);
	(void)capture_end(&error);
	mfa_codes_close(&c);
	assert_string_equal(said.text, "");
	assert_string_equal(error.text, "medusa-mfa: the recovery codes are not "
	    "in the file: no space left there; the codes were made and are "
	    "lost: medusa-mfa recovery-codes --user 'carol o'\\''hara' makes "
	    "others\n");
}

/* Standard output leads to a full disk; what is said is in error. */
static int
give_to_full(struct mfa_codes *c, struct capture *error)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int saved, code;

	assert_true(full >= 0);
	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	assert_int_equal(dup2(full, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(full);
	capture_begin(error, STDERR_FILENO);
	code = mfa_codes_give(&carol, c, codes, 2);
	/* What is still held was lost, and is none of the plan's. */
	(void)fflush(stdout);
	(void)capture_end(error);
	assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(saved);
	clearerr(stdout);
	return code;
}

/* They end the old ones: whoever lost them must know. */
static void
test_R13_codes_that_nobody_saw_are_told_to_be_lost(void **state)
{
	struct capture error;
	struct mfa_codes c;

	(void)state;
	assert_true(opens(&c, NULL));
	assert_int_equal(give_to_full(&c, &error), MFA_EXIT_FAILED);
	mfa_codes_close(&c);
	assert_string_equal(error.text,
	    "medusa-mfa: cannot write the output; the codes were made and are "
	    "lost: medusa-mfa recovery-codes --user 'carol o'\\''hara' makes "
	    "others\n");
}

static void
test_codes_in_a_file_are_not_lost(void **state)
{
	struct capture error;
	struct mfa_codes c;
	struct stat st;
	char path[100];

	assert_true(opens(&c, in_folder(state, "codes", path)));
	assert_int_equal(give_to_full(&c, &error), MFA_EXIT_DONE);
	mfa_codes_close(&c);
	assert_string_equal(error.text, "");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 60);
}

#define WITH_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, folder_new, folder_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_file_they_are_shown),
		WITH_FOLDER(test_R14_file_is_private_and_holds_the_codes),
		WITH_FOLDER(test_R14_existing_files_and_links_are_refused),
		WITH_FOLDER(test_file_that_got_no_codes_is_removed),
		cmocka_unit_test(
		    test_codes_are_shown_when_the_file_cannot_be_written),
		cmocka_unit_test(
		    test_R14_codes_of_a_file_are_not_printed_elsewhere),
		cmocka_unit_test(
		    test_R13_codes_that_nobody_saw_are_told_to_be_lost),
		WITH_FOLDER(test_codes_in_a_file_are_not_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
