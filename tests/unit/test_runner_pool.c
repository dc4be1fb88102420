/* SPDX-License-Identifier: MIT */
/* R23, R28: the runner's process: what it is, how many it serves, its end. */
#include "tests/unit/runner_self.h"

#define SLOW "while [ ! -e ../go ]; do sleep .02; done; "

/* Text of a file about the runner's process; its length. */
static size_t
proc_text(struct self *self, const char *name, char *out, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)self->pid,
	    name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, out, size - 1);
	(void)close(fd);
	assert_true(n >= 0);
	out[n] = '\0';
	return (size_t)n;
}

/* Of the minutes that the log's limit counts. */
static long
this_second(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &t), 0);
	return t.tv_sec % 60;
}

static void
let_go(struct self *self)
{
	char path[256];

	place_file(place_path(&self->place, "go", path), "", 0, 0644);
}

/* ---- what it is ---- */

/* The runner's open descriptors, and the greatest of them. */
static int
descriptors(const struct self *self, int *greatest)
{
	struct dirent *entry;
	char path[64];
	DIR *dir;
	int n = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)self->pid);
	assert_non_null(dir = opendir(path));
	*greatest = 0;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		if (atoi(entry->d_name) > *greatest)
			*greatest = atoi(entry->d_name);
	}
	(void)closedir(dir);
	return n;
}

static void
test_R23_it_inherits_nothing(void **state)
{
	struct self *self = *state;
	int ends[2], greatest;
	char text[4096];

	/* As a listening socket or a store would lie about. */
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[0], 50), 50);
	self_script(self, "mail", self->config.otp_program, "exit 0");
	self_start(self);
	(void)close(50);
	(void)close(ends[0]);
	(void)close(ends[1]);
	assert_int_equal(self_deliver(self, true), MFA_OK);
	/* It answers before it puts away the worker's pipes. */
	for (int i = 0; i < 200 && descriptors(self, &greatest) != 5; i++)
		(void)poll(NULL, 0, 10);
	/* 0 to 3, and one for its signals. */
	assert_int_equal(descriptors(self, &greatest), 5);
	assert_int_equal(greatest, 4);
	assert_int_equal(proc_text(self, "environ", text, sizeof(text)), 0);
	assert_int_equal(proc_text(self, "cmdline", text, sizeof(text)),
	    strlen(self->runner) + 1);
	assert_string_equal(text, self->runner);
}

static void
test_R23_it_is_its_account_for_good(void **state)
{
	struct self *self = *state;
	char text[4096];
	struct stat st;
	int session = 0;

	self_script(self, "mail", self->config.otp_program, "exit 0");
	self_start(self);
	assert_int_equal(self_deliver(self, true), MFA_OK);
	(void)proc_text(self, "status", text, sizeof(text));
	assert_non_null(strstr(text, "\nUid:\t4702\t4702\t4702\t4702\n"));
	assert_non_null(strstr(text, "\nGid:\t4703\t4703\t4703\t4703\n"));
	assert_non_null(strstr(text, "\nGroups:\t \n"));
	assert_non_null(strstr(text, "\nCapPrm:\t0000000000000000\n"));
	assert_non_null(strstr(text, "\nNoNewPrivs:\t1\n"));
	(void)proc_text(self, "stat", text, sizeof(text));
	assert_int_equal(sscanf(strrchr(text, ')'), ") %*c %*d %*d %d",
	    &session), 1);
	assert_int_equal(session, self->pid);
	/* Not dumpable: the kernel keeps its folder for root. */
	(void)snprintf(text, sizeof(text), "/proc/%d/fd", (int)self->pid);
	assert_int_equal(stat(text, &st), 0);
	assert_int_equal(st.st_uid, 0);
}

/* ---- what it is told ---- */

/* A packet of junk, with so many descriptors. */
static void
send_junk(struct self *self, size_t len, unsigned int fds)
{
	char control[CMSG_SPACE(4 * sizeof(int))] = { 0 };
	static char bytes[4096];
	struct iovec iov = { bytes, len };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *head;
	int zero[4] = { 0, 0, 0, 0 };

	if (fds > 0) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(fds * sizeof(int));
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(fds * sizeof(int));
		memcpy(CMSG_DATA(head), zero, fds * sizeof(int));
	}
	memset(bytes, MFA_JOB_DELIVER, sizeof(bytes));
	assert_int_equal(sendmsg(self->link.fd, &message, MSG_NOSIGNAL), len);
}

static void
test_R23_the_table_is_taken_once_and_junk_is_dropped(void **state)
{
	struct self *self = *state;
	struct mfa_programs other;
	char text[64];

	self_script(self, "mail", self->config.otp_program, "echo 1 >>done");
	self_start(self);
	other = self->link.programs;
	self_script(self, "evil", other.path[MFA_PROGRAM_DELIVER],
	    "echo evil >>done");
	assert_int_equal(send(self->link.fd, &other, sizeof(other), 0),
	    sizeof(other));
	for (unsigned int fds = 0; fds <= 4; fds++) {
		send_junk(self, 0, fds);
		send_junk(self, 1, fds); /* with one: no socket of a job */
		send_junk(self, 2, fds);
		send_junk(self, 4096, fds);
	}
	assert_int_equal(self_deliver(self, true), MFA_OK);
	assert_string_equal(runner_read(&self->place, "done", text,
	    sizeof(text)), "1\n");
	runner_pause(100);
	(void)snprintf(text, sizeof(text), "/proc/%d/fd/5", (int)self->pid);
	assert_int_not_equal(access(text, F_OK), 0);
}

/* A job as nobody of ours would write it; true if there is an answer. */
static bool
is_answered(struct self *self, const struct mfa_job *job, size_t len,
    uint8_t kind)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &kind, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	struct mfa_job_result result;
	int ends[2];
	ssize_t n;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &ends[1], sizeof(int));
	assert_int_equal(send(ends[0], job, len, 0), len);
	assert_int_equal(sendmsg(self->link.fd, &message, 0), 1);
	(void)close(ends[1]);
	n = recv(ends[0], &result, sizeof(result), 0);
	(void)close(ends[0]);
	return n == (ssize_t)sizeof(result);
}

static void
test_R23_jobs_that_make_no_sense_are_not_done(void **state)
{
	struct self *self = *state;
	struct mfa_job good = { .kind = MFA_JOB_DELIVER, .wait = 1 }, job;
	const size_t whole = sizeof(job);

	self_script(self, "mail", self->config.otp_program, "exit 0");
	self_outside(self, "p", "exit 0");
	self_start(self);
	assert_true(is_answered(self, &good, whole, MFA_JOB_DELIVER));
	assert_false(is_answered(self, &good, whole - 1, MFA_JOB_DELIVER));
	assert_false(is_answered(self, &good, whole, MFA_JOB_CHECK));
	assert_false(is_answered(self, &good, whole, MFA_JOB_EVENT));
	assert_false(is_answered(self, &good, whole, MFA_JOB_OTHERS));
	assert_false(is_answered(self, &good, whole,
	    MFA_JOB_EVENT | MFA_JOB_OTHERS));
	job = good;
	job.len = MFA_JOB_INPUT + 1;
	assert_false(is_answered(self, &job, whole, MFA_JOB_DELIVER));
	job = good;
	job.program = MFA_PROGRAM_OUTSIDE; /* a program, but of no delivery */
	assert_false(is_answered(self, &job, whole, MFA_JOB_DELIVER));
	job.kind = MFA_JOB_CHECK;
	assert_true(is_answered(self, &job, whole, MFA_JOB_CHECK));
	job.program = MFA_PROGRAM_OUTSIDE + 1; /* none there */
	assert_false(is_answered(self, &job, whole, MFA_JOB_CHECK));
	job.program = UINT32_MAX;
	assert_false(is_answered(self, &job, whole, MFA_JOB_CHECK));
	job = good;
	job.kind = 77;
	assert_false(is_answered(self, &job, whole, 77));
	/* Texts without an end are cut, and harm nobody. */
	job = good;
	memset(job.realm, 'r', sizeof(job.realm));
	memset(job.subject, 's', sizeof(job.subject));
	memset(job.service, 't', sizeof(job.service));
	memset(job.factor, 'u', sizeof(job.factor));
	assert_true(is_answered(self, &job, whole, MFA_JOB_DELIVER));
}

/* ---- how many ---- */

static void
test_R28_thirty_two_at_once_and_no_more(void **state)
{
	struct self *self = *state;
	char line[1024];

	self_script(self, "mail", self->config.otp_program,
	    SLOW "echo x >>done");
	self_start(self);
	for (int i = 0; i < MFA_JOB_AT_ONCE; i++)
		assert_int_equal(self_deliver(self, false), MFA_OK);
	/* One more is refused at once, and said. */
	assert_int_equal(self_deliver(self, true), MFA_ERR_UNAVAILABLE);
	(void)runner_logged(line, sizeof(line), 3000);
	assert_non_null(strstr(line, "event=error err=busy "));
	let_go(self);
	for (int i = 0; i < 500; i++) {
		if (strlen(runner_read(&self->place, "done", line,
			sizeof(line))) == 2 * MFA_JOB_AT_ONCE)
			break;
		runner_pause(10);
	}
	assert_int_equal(strlen(line), 2 * MFA_JOB_AT_ONCE);
	runner_pause(200);
	assert_int_equal(self_deliver(self, true), MFA_OK);
}

static void
test_R28_events_do_not_keep_a_code_from_being_sent(void **state)
{
	const struct mfa_event event = { .type = MFA_EVENT_LOCKED };
	struct self *self = *state;
	char option[MFA_CONFIG_PATH];

	self_script(self, "mail", self->config.otp_program, "exit 0");
	place_dir(place_path(&self->place, "events",
	    self->config.events_directory), 0, 0755);
	self_script(self, "events/slow", option, SLOW "exit 0");
	self_start(self);
	for (int i = 0; i < 2 * MFA_JOB_AT_ONCE; i++)
		self->desk.sink.emit(&self->desk.sink, &event);
	mfa_runner_flush(&self->desk);
	assert_int_equal(self_deliver(self, true), MFA_OK);
	let_go(self);
}

/* The kernel puts away the children of who ignores them. */
static void
test_R28_a_worker_that_is_gone_is_not_waited_for(void **state)
{
	static const struct mfa_programs none;
	struct self *self = *state;
	int ends[2], status = -1;
	pid_t got = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	self->link.fd = ends[0];
	send_junk(self, 1, 1); /* a worker that finds no job, and ends */
	mfa_runner_stop(&self->link);
	if ((self->pid = fork()) == 0) {
		(void)signal(SIGCHLD, SIG_IGN);
		_exit(mfa_pool_run(ends[1], &none, NULL) == MFA_OK ? 0 : 1);
	}
	(void)close(ends[1]);
	for (int i = 0; i < 400 && got == 0; i++) {
		runner_pause(10);
		got = waitpid(self->pid, &status, WNOHANG);
	}
	assert_int_equal(got, self->pid);
	assert_int_equal(status, 0);
	self->pid = 0;
}

/* ---- its log ---- */

static void
start_anew(struct self *self)
{
	int status;

	mfa_runner_stop(&self->link);
	assert_int_equal(waitpid(self->pid, &status, 0), self->pid);
	assert_int_equal(status, 0);
	self_start(self);
}

/* The next line about this place: runners of other tests may go on a while. */
static const char *
logged_here(struct self *self, char *line, size_t size, int ms)
{
	while (runner_logged(line, size, ms)[0] != '\0') {
		if (strstr(line, (const char *)self->place) != NULL)
			break;
	}
	return line;
}

/* As clients have one for each conversation that nobody listens for. */
static void
test_R26_equal_failures_of_two_runners_are_one_line(void **state)
{
	struct self *self = *state;
	char line[1024], table[256];
	struct stat st;

	/* All within one minute of the limit. */
	while (this_second() > 50)
		runner_pause(200);
	self_script(self, "mail", self->config.otp_program,
	    "[ -e changed ] && exit 4; exit 3");
	self_start(self);
	assert_int_equal(self_deliver(self, true), MFA_ERR_UNDELIVERED);
	assert_non_null(strstr(logged_here(self, line, sizeof(line), 3000),
	    "exit\\x203"));
	start_anew(self);
	assert_int_equal(self_deliver(self, true), MFA_ERR_UNDELIVERED);
	assert_string_equal(logged_here(self, line, sizeof(line), 500), "");
	/* Another failure is another line. */
	place_file(place_path(&self->place, "out/changed", table), "", 0,
	    0644);
	start_anew(self);
	assert_int_equal(self_deliver(self, true), MFA_ERR_UNDELIVERED);
	assert_non_null(strstr(logged_here(self, line, sizeof(line), 3000),
	    "exit\\x204"));
	/* The runner's account has no way to the table. */
	assert_int_equal(stat(place_path(&self->place, "run/" MFA_LIMITS_FILE,
	    table), &st), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* ---- the end ---- */

static void
test_R23_the_end_waits_for_what_is_under_way(void **state)
{
	struct self *self = *state;
	char text[64];
	int status;

	self_script(self, "mail", self->config.otp_program,
	    "echo x >began; sleep 1; echo sent >done");
	self_start(self);
	assert_int_equal(self_deliver(self, false), MFA_OK);
	/* Handed over, not even begun. */
	mfa_runner_stop(&self->link);
	assert_int_equal(waitpid(self->pid, &status, 0), self->pid);
	self->pid = 0;
	assert_int_equal(status, 0);
	assert_string_equal(runner_read(&self->place, "done", text,
	    sizeof(text)), "sent\n");
}

static void
test_R23_a_worker_that_died_leaves_nothing(void **state)
{
	struct self *self = *state;
	char pid[32];
	uint64_t start;

	self_script(self, "mail", self->config.otp_program,
	    "echo $$ >pid; kill -9 $PPID; sleep 60");
	self_start(self);
	start = runner_ms();
	assert_int_equal(self_deliver(self, true), MFA_ERR_UNAVAILABLE);
	assert_true(runner_ms() - start < 3000);
	runner_pause(300);
	assert_true(atoi(runner_read(&self->place, "pid", pid,
	    sizeof(pid))) > 1);
	assert_true(runner_is_dead(pid));
	assert_int_equal(kill(self->pid, 0), 0);
}

/*
 * A stopped worker ends nothing itself, and no clock of its own ends it.  All
 * places at once, so that one more shows whether they are free.
 */
static void
test_R23_a_worker_that_was_stopped_is_killed(void **state)
{
	struct self *self = *state;
	char pids[4096] = "", number[16];
	unsigned int n = 0;
	uint64_t start;

	self_script(self, "mail", self->config.otp_program,
	    "[ -e ../go ] && exit 0; setsid sleep 60 & "
	    "echo $$ $! $PPID >>pids; kill -STOP $PPID; sleep 60");
	start = runner_ms();
	self_start(self);
	for (int i = 0; i < MFA_JOB_AT_ONCE; i++)
		assert_int_equal(self_deliver(self, false), MFA_OK);
	runner_pause(3000);
	let_go(self);
	while (runner_ms() - start < (MFA_POOL_SECONDS - 1) * 1000) {
		assert_int_equal(self_deliver(self, true),
		    MFA_ERR_UNAVAILABLE);
		runner_pause(1000);
	}
	while (self_deliver(self, true) != MFA_OK) {
		assert_true(runner_ms() - start <
		    (MFA_POOL_SECONDS + 10) * 1000);
		runner_pause(50);
	}
	runner_pause(500);
	(void)runner_read(&self->place, "pids", pids, sizeof(pids));
	for (char *p = pids; sscanf(p, "%15s", number) == 1; n++) {
		/* They did not begin in the same second. */
		for (int i = 0; i < 60 && !runner_is_dead(number); i++)
			runner_pause(50);
		if (!runner_is_dead(number))
			fail_msg("%s lives on, the %u. of\n%s", number, n + 1,
			    pids);
		p = strstr(p, number) + strlen(number);
	}
	assert_int_equal(n, 3 * MFA_JOB_AT_ONCE);
}

/* ---- the first packet ---- */

#define TEST(name) cmocka_unit_test_setup_teardown(name, self_new, self_free)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_R23_it_inherits_nothing),
		TEST(test_R23_it_is_its_account_for_good),
		TEST(test_R23_the_table_is_taken_once_and_junk_is_dropped),
		TEST(test_R23_jobs_that_make_no_sense_are_not_done),
		TEST(test_R28_thirty_two_at_once_and_no_more),
		TEST(test_R28_events_do_not_keep_a_code_from_being_sent),
		TEST(test_R28_a_worker_that_is_gone_is_not_waited_for),
		TEST(test_R26_equal_failures_of_two_runners_are_one_line),
		TEST(test_R23_the_end_waits_for_what_is_under_way),
		TEST(test_R23_a_worker_that_died_leaves_nothing),
		TEST(test_R23_a_worker_that_was_stopped_is_killed),
	};

	if (argc > 0)
		self_main(argv[0]);
	runner_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
