/* SPDX-License-Identifier: MIT */
/* Invitations for many users at once: who gets one, and what is said. */
#include "tests/unit/capture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"

#define CODE "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF"

static struct capture out, err;

static int
run(const struct mfa_args *args, const char *input)
{
	int saved = capture_input(input, strlen(input));
	int code;

	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find("invite")->run(args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	capture_input_end(saved);
	assert_int_equal(fake_client.open, 0);
	return code;
}

static void
will_grant(int n)
{
	fake_client.version = 3;
	while (n-- > 0) {
		mfa_wire_Granted *g = &fake_client_will_say(
		    mfa_wire_Reply_granted_tag)->what.granted;

		(void)memcpy(g->code, CODE, sizeof(CODE));
		g->expires_at = 1800000000;
		g->expires_seconds = 259200;
	}
}

static char alice[] = "alice", bob[] = "bob";
static char *two[] = { alice, bob, NULL };

static const char *
asked(size_t i)
{
	assert_true(i < fake_client.asked);
	assert_int_equal(fake_client.requests[i].which_what,
	    mfa_wire_Request_invite_tag);
	return fake_client.requests[i].what.invite.user;
}

static void
test_a_line_for_each(void **state)
{
	const struct mfa_args args = { .count = 2, .operand = two };

	(void)state;
	will_grant(2);
	assert_int_equal(run(&args, ""), MFA_EXIT_DONE);
	assert_int_equal(fake_client.asked, 2);
	assert_int_equal(fake_client.opened, 1);
	assert_string_equal(asked(0), "alice");
	assert_string_equal(asked(1), "bob");
	assert_memory_equal(out.text, "alice                " CODE " until ",
	    21 + 29 + 7);
	assert_non_null(strstr(out.text, "\nbob                  " CODE));
	assert_string_equal(err.text, "");
}

static void
test_an_object_for_each(void **state)
{
	const struct mfa_args args = { .count = 2, .operand = two,
		.json = true };

	(void)state;
	will_grant(2);
	assert_int_equal(run(&args, ""), MFA_EXIT_DONE);
	assert_memory_equal(out.text,
	    "{\"user\":\"alice\",\"code\":\"" CODE "\",", 55);
	assert_non_null(strstr(out.text, "}\n{\"user\":\"bob\","));
	assert_non_null(strstr(out.text, "\"expires_seconds\":259200}\n"));
}

/* One name a line, each once, with the operands. */
static void
test_names_from_a_list(void **state)
{
	const struct mfa_args args = { .count = 2, .operand = two,
		.users_from = "-" };

	(void)state;
	will_grant(4);
	assert_int_equal(run(&args, "# staff\n\n  carol \t\r\nbob\nalice\n"
	    "dom\\dave"), MFA_EXIT_DONE);
	assert_int_equal(fake_client.asked, 4);
	assert_string_equal(asked(2), "carol");
	assert_string_equal(asked(3), "dom\\dave");
	assert_null(strstr(out.text, "staff"));
}

static void
test_one_who_cannot_be_does_not_stop_the_others(void **state)
{
	const struct mfa_args args = { .users_from = "-" };
	char longer[400];

	(void)state;
	memset(longer, 'x', sizeof(longer));
	(void)snprintf(longer + 300, sizeof(longer) - 300, "\nalice\nbob\n");
	fake_client.version = 3;
	fake_client_will_refuse(MFA_ERR_EXISTS, "enrolled already");
	will_grant(1);
	assert_int_equal(run(&args, longer), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 2);
	assert_null(strstr(out.text, "alice"));
	assert_non_null(strstr(out.text, "bob "));
	assert_non_null(strstr(err.text, "alice: enrolled already"));
	assert_non_null(strstr(err.text, "a name must have 1 to 256 bytes"));
	assert_non_null(strstr(err.text, "1 invited, 2 not"));
}

/* What all would meet is said once. */
static void
test_trouble_of_all_ends_it(void **state)
{
	const struct mfa_args args = { .count = 2, .operand = two };

	(void)state;
	fake_client.version = 3;
	fake_client_will_refuse(MFA_ERR_NO_SPACE, "no space left");
	assert_int_equal(run(&args, ""), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 1);
	assert_string_equal(out.text, "");
	fake_client.version = 2;
	assert_int_equal(run(&args, ""), MFA_EXIT_FAILED);
	assert_non_null(strstr(err.text, "another release"));
}

static void
test_a_code_that_cannot_be_shown_is_the_last(void **state)
{
	const struct mfa_args args = { .count = 2, .operand = two };
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), saved;
	int code;

	(void)state;
	assert_true(full >= 0);
	will_grant(2);
	capture_begin(&err, STDERR_FILENO);
	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	assert_int_equal(dup2(full, STDOUT_FILENO), STDOUT_FILENO);
	code = mfa_command_find("invite")->run(&args);
	clearerr(stdout);
	(void)fflush(stdout);
	assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	(void)close(saved);
	(void)close(full);
	(void)capture_end(&err);
	assert_int_equal(code, MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 1);
	assert_non_null(strstr(err.text,
	    "is lost: medusa-mfa invite alice makes another one"));
}

static void
test_R18_a_list_that_others_can_change_is_not_read(void **state)
{
	char path[] = "/run/mfa-names.XXXXXX";
	struct mfa_args args = { .users_from = path };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "alice\n", 6), 6);
	assert_int_equal(fchmod(fd, 0666), 0);
	assert_int_equal(run(&args, ""), MFA_EXIT_FAILED);
	assert_non_null(strstr(err.text, "others can change it"));
	assert_int_equal(fchmod(fd, 0644), 0);
	will_grant(1);
	assert_int_equal(run(&args, ""), MFA_EXIT_DONE);
	assert_string_equal(asked(0), "alice");
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, "al\0ice\n", 7, 0), 7);
	assert_int_equal(run(&args, ""), MFA_EXIT_FAILED);
	assert_int_equal(fake_client.asked, 1);
	(void)close(fd);
	(void)unlink(path);
	assert_int_equal(run(&args, ""), MFA_EXIT_FAILED);
}

/* Beside the lines, which may go to somebody else. */
static void
test_what_is_void_now_is_told_of_whom(void **state)
{
	const struct mfa_args args = { .count = 2, .operand = two };

	(void)state;
	will_grant(2);
	fake_client.replies[0].what.granted.replaced = true;
	fake_client.replies[1].what.granted.dropped = 2;
	assert_int_equal(run(&args, ""), MFA_EXIT_DONE);
	assert_string_equal(err.text, "medusa-mfa: note: alice: the invitation "
	    "of before is void\nmedusa-mfa: note: bob: Pending factors of an "
	    "earlier try are gone: 2\n");
}

static void
test_called_wrongly(void **state)
{
	const struct mfa_args nobody = { .count = 0 };

	(void)state;
	assert_int_equal(run(&nobody, "alice\n"), MFA_EXIT_USAGE);
	assert_int_equal(fake_client.asked, 0);
}

#define ASKING(test) cmocka_unit_test_setup(test, fake_client_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ASKING(test_a_line_for_each),
		ASKING(test_an_object_for_each),
		ASKING(test_names_from_a_list),
		ASKING(test_one_who_cannot_be_does_not_stop_the_others),
		ASKING(test_trouble_of_all_ends_it),
		ASKING(test_a_code_that_cannot_be_shown_is_the_last),
		ASKING(test_R18_a_list_that_others_can_change_is_not_read),
		ASKING(test_what_is_void_now_is_told_of_whom),
		ASKING(test_called_wrongly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
