/* SPDX-License-Identifier: MIT */
/* R1: a place at this host is what the kernel says, or none. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_medusa_mfa/seat.h"

/* What the files say instead of the kernel's; NULL: they are not there. */
static const char *session_says, *stat_says;
static const char *asked;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
ssize_t __real_read(int fd, void *buf, size_t size);
ssize_t __wrap_read(int fd, void *buf, size_t size);

static bool is_real;

/* A leader outside our pid namespace has no number here (getsid(2)). */
#define LEADER 4242
static pid_t leader = LEADER;

pid_t __real_getsid(pid_t pid);
pid_t __wrap_getsid(pid_t pid);

pid_t
__wrap_getsid(pid_t pid)
{
	return is_real ? __real_getsid(pid) : leader;
}

int
__wrap_open(const char *path, int flags, ...)
{
	if (is_real)
		return __real_open(path, flags);
	if (strcmp(path, "/proc/self/sessionid") == 0) {
		asked = session_says;
	} else {
		assert_string_equal(path, "/proc/4242/stat");
		asked = stat_says;
	}
	errno = ENOENT;
	return asked == NULL ? -1 : __real_open("/dev/null", flags);
}

ssize_t
__wrap_read(int fd, void *buf, size_t size)
{
	if (is_real)
		return __real_read(fd, buf, size);
	if (strlen(asked) > size)
		return (ssize_t)size;
	memcpy(buf, asked, strlen(asked));
	return (ssize_t)strlen(asked);
}

#define STAT                                                                   \
	"7 (a) b (c) S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4711 9 9"
#define TTY "/dev/null" /* a character device that is everywhere */

static struct mfa_seat
look(const char *session, const char *stat, const char *tty)
{
	struct mfa_seat seat;

	memset(&seat, 0xa5, sizeof(seat));
	session_says = session;
	stat_says = stat;
	mfa_seat_look(tty, &seat);
	return seat;
}

static void
test_R1_what_the_kernel_says(void **state)
{
	struct mfa_seat seat = look("17\n", STAT, TTY);

	(void)state;
	assert_int_equal(seat.session, 17);
	assert_int_equal(seat.ruid, getuid());
	assert_int_equal(seat.leader, LEADER);
	assert_int_equal(seat.leader_since, 4711);
	assert_int_equal(look("4294967294", STAT, "null").session,
	    4294967294U);
}

static void
none(const char *session, const char *stat, const char *tty)
{
	static const struct mfa_seat nothing;
	const struct mfa_seat seat = look(session, stat, tty);

	if (memcmp(&seat, &nothing, sizeof(seat)) != 0)
		fail_msg("a place: %s, %s, %s", session, stat, tty);
}

static void
test_R1_what_is_no_place(void **state)
{
	static const char *const sessions[] = { NULL, "", "\n", "0", "-1", "x",
		"4294967295", "4294967296", "17 18", "1234567890123456" };
	static const char *const stats[] = { NULL, "", "7 (a", "7 (a) S 1 2",
		"7 (a) S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 x 9",
		"7 (a) S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 -5 9" };
	static const char *const ttys[] = { "", "ssh", "xrdp-sesman", ":0",
		"cron", "/etc/passwd", "/dev", "/dev/", "pts", "/dev/shm",
		"../etc/passwd", "/dev/../dev/null", "/tmp/null", "no-such" };

	(void)state;
	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++)
		none(sessions[i], STAT, TTY);
	for (size_t i = 0; i < sizeof(stats) / sizeof(stats[0]); i++)
		none("17", stats[i], TTY);
	for (size_t i = 0; i < sizeof(ttys) / sizeof(ttys[0]); i++)
		none("17", STAT, ttys[i]);
	for (leader = -1; leader <= 0; leader++)
		none("17", STAT, TTY);
	leader = LEADER;
}

/* As pam_loginuid(8) begins one; where the kernel lets us. */
static bool
begin_session(void)
{
	int fd = __real_open("/proc/self/loginuid", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, "0", 1) == 1;

	if (fd >= 0)
		(void)close(fd);
	return done;
}

static bool
is_elsewhere(const struct mfa_seat *first)
{
	struct mfa_seat here;

	if (setsid() == -1)
		return false;
	mfa_seat_look(TTY, &here);
	return here.session == first->session &&
		here.leader == (uint32_t)getpid() &&
		here.leader != first->leader;
}

/* 0: as it should be; 2: there are no sessions here. */
static int
in_child(void)
{
	struct mfa_seat first, second;
	pid_t child;
	int status;

	is_real = true;
	if (!begin_session())
		return 2;
	if (setsid() == -1)
		return 1;
	mfa_seat_look(TTY, &first);
	mfa_seat_look(TTY, &second);
	if (first.session == 0 || first.leader_since == 0 ||
	    memcmp(&first, &second, sizeof(first)) != 0)
		return 1;
	/* Another session of terminals, and so another place. */
	child = fork();
	if (child == 0)
		_exit(is_elsewhere(&first) ? 0 : 1);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0 ?
		0 : 1;
}

static void
test_R1_the_real_one(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(in_child());
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		print_message("no audit sessions here\n");
	else
		assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R1_what_the_kernel_says),
		cmocka_unit_test(test_R1_what_is_no_place),
		cmocka_unit_test(test_R1_the_real_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
