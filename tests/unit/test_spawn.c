/* SPDX-License-Identifier: MIT */
/*
 * R20: what the host sees of a spawn, and what the program sees of the host.
 * The program is this one: started as the verifier is, it reports what it
 * finds and waits for the end of the conversation.
 */
#include "tests/unit/place.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/client/client.h"
#include "lib/client/spawn.h"

#define STRANGER 12345

/* What the program finds; one packet. */
struct report {
	pid_t pid, parent, session;
	unsigned int fds; /* bit n: descriptor n is open; 31: a higher one */
	char link[4][32]; /* what 0 to 3 are */
	int arguments;
	char argv[2][16];
	bool environment; /* there is any */
	unsigned long long blocked, ignored;
};

static void
look_at_descriptors(struct report *report)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char path[32];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd != dirfd(dir))
			report->fds |= 1U << (fd < 31 ? fd : 31);
	}
	(void)closedir(dir);
	for (int fd = 0; fd < 4; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (readlink(path, report->link[fd], 31) < 0)
			report->link[fd][0] = '\0';
	}
}

static void
look_at_signals(struct report *report)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];

	report->blocked = report->ignored = ~0ULL;
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "SigBlk:", 7) == 0)
			report->blocked = strtoull(line + 7, NULL, 16);
		if (strncmp(line, "SigIgn:", 7) == 0)
			report->ignored = strtoull(line + 7, NULL, 16);
	}
	if (f != NULL)
		(void)fclose(f);
}

/* The program's side. */
static int
be_spawned(int argc, char **argv)
{
	struct report report;
	char byte;

	memset(&report, 0, sizeof(report));
	report.pid = getpid();
	report.parent = getppid();
	report.session = getsid(0);
	report.arguments = argc;
	report.environment = environ[0] != NULL;
	for (int i = 0; i < 2; i++)
		(void)snprintf(report.argv[i], 16, "%s", argv[i]);
	look_at_descriptors(&report);
	look_at_signals(&report);
	if (send(3, &report, sizeof(report), MSG_NOSIGNAL) < 0)
		return 1;
	(void)!recv(3, &byte, 1, 0);
	return 0;
}

static const char *
self(char *path)
{
	ssize_t n = readlink("/proc/self/exe", path, 255);

	path[n > 0 ? n : 0] = '\0';
	return path;
}

/* Receives the report within 10 seconds. */
static bool
hear(int fd, struct report *report)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 10000) == 1 &&
	    recv(fd, report, sizeof(*report), 0) == (ssize_t)sizeof(*report);
}

/* True once the process is gone or somebody else's to reap. */
static bool
ended(pid_t pid)
{
	char path[64], line[256];

	for (int i = 0; i < 500; i++) {
		FILE *f;
		char *state;

		(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		if ((f = fopen(path, "re")) == NULL)
			return true;
		state = fgets(line, sizeof(line), f);
		(void)fclose(f);
		if (state != NULL && (state = strrchr(line, ')')) != NULL &&
		    state[2] == 'Z')
			return atoi(state + 4) != getpid();
		(void)usleep(10000);
	}
	return false;
}

/* What any program must find; 0, or the line that does not hold. */
static int
check_report(const struct report *report)
{
	if (report->fds != 0xf || strncmp(report->link[3], "socket:", 7) != 0)
		return __LINE__;
	for (int i = 0; i < 3; i++) {
		if (strcmp(report->link[i], "/dev/null") != 0)
			return __LINE__;
	}
	if (report->arguments != 2 || report->environment ||
	    strcmp(report->argv[0], "medusa-mfad") != 0 ||
	    strcmp(report->argv[1], "--conversation") != 0)
		return __LINE__;
	if (report->blocked != 0 || report->ignored != 0)
		return __LINE__;
	if (report->session != report->pid || report->parent == getpid())
		return __LINE__;
	return 0;
}

/* The same, and what the host must find after it. */
static int
spawn_and_check(void)
{
	struct report report;
	char path[256];
	bool heard;
	int fd, line;

	if (mfa_spawn_program(self(path), &fd) != MFA_OK)
		return __LINE__;
	heard = hear(fd, &report);
	if ((fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
		return __LINE__;
	(void)close(fd);
	if (!heard)
		return __LINE__;
	if ((line = check_report(&report)) != 0)
		return line;
	if (!ended(report.pid))
		return __LINE__;
	if (waitpid(-1, NULL, (int)__WALL | WNOHANG) != -1 || errno != ECHILD)
		return __LINE__;
	return 0;
}

/* Runs check in a process of its own; 0, or the line that does not hold. */
static int
apart(int (*check)(int), int argument)
{
	int status, channel[2], line = -1;
	pid_t pid;

	assert_int_equal(pipe(channel), 0);
	if ((pid = fork()) == 0) {
		int report = fcntl(channel[1], F_DUPFD_CLOEXEC, 100);

		line = check(argument);
		_exit(write(report, &line, sizeof(line)) != sizeof(line));
	}
	(void)close(channel[1]);
	(void)!read(channel[0], &line, sizeof(line));
	(void)close(channel[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return line;
}

static int
with_traces(int unused)
{
	sigset_t some;

	(void)unused;
	(void)setenv("LD_LIBRARY_PATH", "/nowhere", 1);
	for (int fd = 5; fd < 40; fd += 7)
		(void)dup2(0, fd);
	(void)sigemptyset(&some);
	(void)sigaddset(&some, SIGTERM);
	(void)sigaddset(&some, SIGRTMIN + 3);
	(void)sigprocmask(SIG_BLOCK, &some, NULL);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGABRT, SIG_IGN);
	(void)signal(SIGRTMAX, SIG_IGN);
	return spawn_and_check();
}

static void
test_R20_program_gets_nothing_of_the_host(void **state)
{
	(void)state;
	assert_int_equal(apart(with_traces, 0), 0);
}

static volatile sig_atomic_t children;

static void
count_child(int number)
{
	(void)number;
	children++;
}

/* Also with SIGCHLD blocked: none may be pending. */
static int
with_sigchld(int how)
{
	void (*const dispositions[])(int) = { SIG_DFL, SIG_IGN, count_child };
	sigset_t mask, after;
	int line;

	(void)signal(SIGCHLD, dispositions[how % 3]);
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, how < 3 ? SIGUSR1 : SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	if ((line = spawn_and_check()) != 0)
		return line;
	(void)sigprocmask(SIG_SETMASK, NULL, &after);
	if (memcmp(&mask, &after, sizeof(unsigned long)) != 0)
		return __LINE__;
	if (sigpending(&after) != 0 || sigismember(&after, SIGCHLD) != 0)
		return __LINE__;
	if (children != 0 || signal(SIGCHLD, SIG_DFL) != dispositions[how % 3])
		return __LINE__;
	return 0;
}

static void
test_R20_no_sigchld_whatever_the_host_does_with_it(void **state)
{
	(void)state;
	for (int how = 0; how < 6; how++)
		assert_int_equal(apart(with_sigchld, how), 0);
}

static int
without_stdio(int which)
{
	int before, after;

	for (int fd = 0; fd < 3; fd++) {
		if ((which & 1 << fd) != 0)
			(void)close(fd);
	}
	before = dup(100);
	(void)close(before);
	if ((after = spawn_and_check()) != 0)
		return after;
	after = dup(100);
	return after == before ? 0 : __LINE__;
}

static void
test_R20_closed_standard_descriptors(void **state)
{
	(void)state;
	for (int which = 0; which < 8; which++)
		assert_int_equal(apart(without_stdio, which), 0);
}

static void
test_program_that_cannot_be_executed_is_the_end(void **state)
{
	static const char *const bad[] = { "/nonexistent/program", "/etc",
		"/etc/passwd", "" };
	int before = place_descriptors(), fd;
	char byte;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(mfa_spawn_program(bad[i], &fd), MFA_OK);
		assert_int_equal(recv(fd, &byte, 1, 0), 0);
		(void)close(fd);
		assert_int_equal(waitpid(-1, NULL, (int)__WALL | WNOHANG), -1);
		assert_int_equal(errno, ECHILD);
	}
	assert_int_equal(place_descriptors(), before);
}

static void *
spawn_often(void *failed)
{
	struct report report;
	char path[256];
	int fd;

	for (int i = 0; i < 5; i++) {
		if (mfa_spawn_program(self(path), &fd) != MFA_OK ||
		    !hear(fd, &report) || report.fds != 0xf ||
		    report.parent == getpid())
			*(bool *)failed = true;
		(void)close(fd);
	}
	return NULL;
}

static int
in_threads(int count)
{
	pthread_t threads[8];
	bool failed[8] = { false };
	int line = 0;

	for (int i = 0; i < count; i++) {
		if (pthread_create(&threads[i], NULL, spawn_often,
		    &failed[i]) != 0)
			return __LINE__;
	}
	for (int i = 0; i < count; i++) {
		(void)pthread_join(threads[i], NULL);
		if (failed[i])
			line = __LINE__;
	}
	if (waitpid(-1, NULL, (int)__WALL | WNOHANG) != -1 || errno != ECHILD)
		return __LINE__;
	return line;
}

static void
test_R20_threaded_host(void **state)
{
	(void)state;
	assert_int_equal(apart(in_threads, 4), 0);
}

/* As under valgrind and in some sandboxes: clone3 is not known. */
static int
without_clone3(int unused)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = code };

	(void)unused;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return 77;
	if (syscall(SYS_clone3, NULL, 0) != -1 || errno != ENOSYS)
		return __LINE__;
	return spawn_and_check();
}

static void
test_R20_kernel_without_clone3(void **state)
{
	int line = apart(without_clone3, 0);

	(void)state;
	if (line == 77) {
		print_message("# seccomp filters are not allowed here\n");
		skip();
	}
	assert_int_equal(line, 0);
}

/* The socket pair fits or not, /dev/null does not. */
static int
without_descriptors(int room)
{
	struct rlimit before, limit;
	int fd = 99, lowest = dup(100);
	enum mfa_err r;

	(void)close(lowest);
	(void)getrlimit(RLIMIT_NOFILE, &before);
	limit = before;
	limit.rlim_cur = (rlim_t)(lowest + room);
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return __LINE__;
	r = mfa_spawn_program("/nonexistent", &fd);
	(void)setrlimit(RLIMIT_NOFILE, &before);
	if (r != MFA_ERR_LIMIT || fd != -1 || dup(100) != lowest)
		return __LINE__;
	return 0;
}

/* The first or the second process is one too many. */
static int
without_processes(int allowed)
{
	struct rlimit limit = { (rlim_t)allowed, (rlim_t)allowed };
	int fd = 99;

	if (setresuid(STRANGER, STRANGER, STRANGER) != 0)
		return 77;
	if (setrlimit(RLIMIT_NPROC, &limit) != 0)
		return __LINE__;
	if (mfa_spawn_program("/nonexistent", &fd) != MFA_ERR_LIMIT)
		return __LINE__;
	return fd == -1 ? 0 : __LINE__;
}

static void
test_R3_limits_of_the_host_are_errors(void **state)
{
	(void)state;
	for (int room = 0; room < 3; room += 2)
		assert_int_equal(apart(without_descriptors, room), 0);
	for (int allowed = 1; allowed < 3; allowed++) {
		int line = apart(without_processes, allowed);

		if (line == 77) {
			print_message("# needs root: uid cannot be set\n");
			skip();
		}
		assert_int_equal(line, 0);
	}
}

static int
as_stranger(int unused)
{
	int fd = 99;

	(void)unused;
	if (geteuid() == 0 && seteuid(STRANGER) != 0)
		return __LINE__;
	if (mfa_client_spawn(&fd) != MFA_ERR_UNAVAILABLE)
		return __LINE__;
	return fd == -1 ? 0 : __LINE__;
}

static void
test_only_root_starts_a_verifier(void **state)
{
	(void)state;
	assert_int_equal(apart(as_stranger, 0), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R20_program_gets_nothing_of_the_host),
		cmocka_unit_test(
		    test_R20_no_sigchld_whatever_the_host_does_with_it),
		cmocka_unit_test(test_R20_closed_standard_descriptors),
		cmocka_unit_test(
		    test_program_that_cannot_be_executed_is_the_end),
		cmocka_unit_test(test_R20_threaded_host),
		cmocka_unit_test(test_R20_kernel_without_clone3),
		cmocka_unit_test(test_R3_limits_of_the_host_are_errors),
		cmocka_unit_test(test_only_root_starts_a_verifier),
	};

	if (argc == 2 && strcmp(argv[1], "--conversation") == 0)
		return be_spawned(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
