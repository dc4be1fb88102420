/* SPDX-License-Identifier: MIT */
/* R12, R14, R23: the verifier's end: codes, questions, events handed over. */
#include "tests/unit/runner_self.h"

static void
log_has(const char *line, const char *what)
{
	if (strstr(line, what) == NULL)
		fail_msg("%s is not in %s", what, line);
}

static void
begins(const char *text, const char *with)
{
	if (strncmp(text, with, strlen(with)) != 0)
		fail_msg("%s is not at the beginning of %s", with, text);
}

/* ---- delivery ---- */

static void
test_R23_a_code_is_delivered(void **state)
{
	struct self *self = *state;
	char text[2048];

	self_script(self, "mail", self->config.otp_program,
	    "cat >letter; echo $MEDUSA_MFA $(id -u):$(id -g) >done");
	self_start(self);
	assert_int_equal(self_deliver(self, true), MFA_OK);
	assert_string_equal(runner_read(&self->place, "done", text,
	    sizeof(text)), "deliver 4702:4703\n");
	(void)runner_read(&self->place, "letter", text, sizeof(text));
	begins(text, "to: alice@example.org\nrealm: unix\nuser: alice\n"
		     "host: ");
	assert_non_null(strstr(text, "\nservice: sshd\nremote: 203.0.113.7\n"
	    "issuer: Example\ntime: 2026-11-22T07:15:23Z\nvalid: 600\n"
	    "code: 492039\n\n"));
	/* Of the code nothing stays here. */
	assert_true(unit_all(&self->desk.job, sizeof(self->desk.job), 0));
	assert_string_equal(runner_logged(text, sizeof(text), 100), "");
}

static void
test_R23_a_failed_delivery_is_said(void **state)
{
	struct self *self = *state;
	char line[1024];

	self_script(self, "mail", self->config.otp_program,
	    "cat >&2; exit 69");
	self_start(self);
	assert_int_equal(self_deliver(self, true), MFA_ERR_UNDELIVERED);
	(void)runner_logged(line, sizeof(line), 3000);
	log_has(line, "event=otp.undelivered user=alice service=sshd ");
	log_has(line, "factor=mail ");
	log_has(line, "err=undelivered ");
	log_has(line, "/mail:\\x20exit\\x2069:\\x20to:");
	assert_null(strstr(line, "492039"));
	/* Equal ones are said once a minute (R26). */
	assert_int_equal(self_deliver(self, true), MFA_ERR_UNDELIVERED);
	assert_string_equal(runner_logged(line, sizeof(line), 300), "");
}

/* Who does not wait is told nothing, but the log is. */
static void
test_R23_a_failure_that_nobody_waits_for(void **state)
{
	struct self *self = *state;
	char line[1024];

	self_script(self, "mail", self->config.otp_program, "exit 1");
	self_start(self);
	assert_int_equal(self_deliver(self, false), MFA_OK);
	(void)runner_logged(line, sizeof(line), 3000);
	log_has(line, "event=otp.undelivered user=alice ");
}

static void
test_R23_nobody_waits_who_does_not_ask_to(void **state)
{
	struct self *self = *state;
	char text[64];
	uint64_t start;

	self_script(self, "mail", self->config.otp_program,
	    "sleep 1; echo sent >done");
	self_start(self);
	start = runner_ms();
	assert_int_equal(self_deliver(self, false), MFA_OK);
	assert_true(runner_ms() - start < 500);
	assert_string_equal(runner_await(&self->place, "done", text,
	    sizeof(text)), "sent\n");
}

static void
test_R12_an_address_too_long_is_undelivered(void **state)
{
	struct self *self = *state;
	struct mfa_message message = { .realm = "unix", .subject = "a",
		.service = "s", .rhost = "", .factor = "f", .issuer = "i",
		.code = "123456" };
	char address[200];

	self_script(self, "mail", self->config.otp_program, "exit 0");
	self_start(self);
	memset(address, 'a', sizeof(address));
	address[sizeof(address) - 1] = '\0';
	message.address = address;
	assert_int_equal(self->desk.runner.deliver(&self->desk.runner,
	    &message, true), MFA_ERR_UNDELIVERED);
}

/* ---- questions ---- */

static void
test_R23_an_outside_provider_answers(void **state)
{
	struct self *self = *state;
	char out[64];

	self_outside(self, "first", "echo first $MEDUSA_MFA; cat");
	self_outside(self, "second", "echo second; exit 1");
	self_start(self);
	assert_int_equal(self_ask(self, 0, "answer: 123\n", out, sizeof(out)),
	    MFA_OK);
	assert_string_equal(out, "first check\nanswer: 123\n");
	memset(out, 'x', sizeof(out));
	assert_int_equal(self_ask(self, 1, "", out, sizeof(out)),
	    MFA_ERR_PROGRAM);
	assert_true(unit_all(out, sizeof(out) - 1, 0));
	/* More than there is room for is no answer. */
	assert_int_equal(self_ask(self, 0, "", out, 8), MFA_ERR_PROGRAM);
	assert_int_equal(self_ask(self, 2, "", out, sizeof(out)),
	    MFA_ERR_UNAVAILABLE);
	assert_int_equal(self_ask(self, MFA_CONFIG_OUTSIDE, "", out,
	    sizeof(out)), MFA_ERR_PROGRAM);
	assert_int_equal(self_deliver(self, true), MFA_ERR_UNAVAILABLE);
}

static void
test_R23_an_outside_provider_that_hangs(void **state)
{
	struct self *self = *state;
	char out[64], line[1024];
	uint64_t start = runner_ms();

	self_outside(self, "slow", "sleep 60");
	self_start(self);
	assert_int_equal(self_ask(self, 0, "x", out, sizeof(out)),
	    MFA_ERR_PROGRAM);
	assert_true(runner_ms() - start >= 5000);
	assert_true(runner_ms() - start < 7500);
	(void)runner_logged(line, sizeof(line), 3000);
	log_has(line, "event=program.failed user=alice ");
	log_has(line, "factor=key ");
	log_has(line, "/slow:\\x20killed\\x20after\\x205\\x20s");
}

/* ---- events ---- */

static void
emit_of(struct self *self, enum mfa_event_type type, const char *factor,
    uint32_t caller)
{
	const struct mfa_event event = {
		.type = type, .realm = "unix", .subject = "alice",
		.service = "sshd", .factor = factor, .caller = caller,
		.unprivileged = caller != 0, .address = "alice@example.org",
	};

	self->desk.sink.emit(&self->desk.sink, &event);
}

static void
emit(struct self *self, enum mfa_event_type type, const char *factor)
{
	emit_of(self, type, factor, 1000);
}

static void
event_folder(struct self *self)
{
	place_dir(place_path(&self->place, "events",
	    self->config.events_directory), 0, 0755);
}

static void
event_script(struct self *self, const char *name, const char *body)
{
	char option[MFA_CONFIG_PATH], in[64];

	(void)snprintf(in, sizeof(in), "events/%s", name);
	self_script(self, in, option, body);
}

static void
test_R23_events_reach_every_program_in_order(void **state)
{
	struct self *self = *state;
	char text[4096], line[1024];

	event_folder(self);
	event_script(self, "30-last", "echo last $MEDUSA_MFA >>order; "
				      "mv order whole");
	event_script(self, "10-first", "cat >>order");
	event_script(self, "20-fails", "echo 20 >>order; exit 7");
	self_start(self);
	emit(self, MFA_EVENT_FACTOR_ENABLED, "phone");
	/* The log has it at once, the programs not before the flush. */
	assert_int_equal(self->events[MFA_EVENT_FACTOR_ENABLED], 1);
	runner_pause(200);
	assert_string_equal(runner_read(&self->place, "order", text,
	    sizeof(text)), "");
	mfa_runner_flush(&self->desk);
	(void)runner_await(&self->place, "whole", text, sizeof(text));
	begins(text, "{\"event\":\"factor.enabled\",\"time\":\"20");
	assert_non_null(strstr(text, "\"user\":\"alice\","
	    "\"claimed_service\":\"sshd\",\"factor\":\"phone\",\"uid\":1000,"
	    "\"address\":\"alice@example.org\"}\n20\nlast event\n"));
	(void)runner_logged(line, sizeof(line), 3000);
	log_has(line, "event=program.failed user=alice "
		      "claimed_service=sshd factor=phone "
		      "reason=factor.enabled err=program uid=1000 detail=");
	log_has(line, "20-fails:\\x20exit\\x207");
	assert_null(strstr(line, "example.org"));
	/* What was flushed is not sent again. */
	mfa_runner_flush(&self->desk);
	runner_pause(200);
	assert_string_equal(runner_read(&self->place, "order", text,
	    sizeof(text)), "");
}

static int
files(struct self *self)
{
	char path[256];
	DIR *dir = opendir(place_path(&self->place, "out", path));
	int n = -2;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

static void
await_files(struct self *self, int n)
{
	for (int i = 0; i < 500 && files(self) < n; i++)
		runner_pause(10);
	assert_int_equal(files(self), n);
}

static void
test_R23_no_event_is_lost_in_a_full_queue(void **state)
{
	struct self *self = *state;

	event_folder(self);
	event_script(self, "count", "cat >/dev/null; : >$$");
	self_start(self);
	for (int i = 0; i < 20; i++)
		emit_of(self, MFA_EVENT_CHALLENGE_FAILED, "x", 0);
	assert_int_equal(self->desk.count, 4);
	mfa_runner_flush(&self->desk);
	await_files(self, 20);
}

/*
 * Programs that hang at every event of some caller keep 8 of 24 places, and
 * never one that an event of root's needs.
 */
static void
test_R23_events_of_others_do_not_hide_root_s(void **state)
{
	struct self *self = *state;
	char path[256], line[1024];

	event_folder(self);
	event_script(self, "hang", "cat >/dev/null; : >$$; "
	    "while [ ! -e ../go ]; do sleep .02; done");
	self_start(self);
	for (int i = 0; i < 20; i++)
		emit(self, MFA_EVENT_CHALLENGE_FAILED, "x");
	mfa_runner_flush(&self->desk);
	await_files(self, MFA_POOL_OTHERS);
	(void)runner_logged(line, sizeof(line), 3000);
	log_has(line, "event=error err=busy ");
	for (int i = 0; i < 20; i++)
		emit_of(self, MFA_EVENT_LOCKED, "x", 0);
	mfa_runner_flush(&self->desk);
	await_files(self, MFA_POOL_EVENTS);
	/* None beyond these: neither the others' nor root's. */
	runner_pause(300);
	assert_int_equal(files(self), MFA_POOL_EVENTS);
	place_file(place_path(&self->place, "go", path), "", 0, 0644);
	runner_pause(300);
	/* The places of those that ended are free again. */
	for (int i = 0; i < MFA_POOL_OTHERS; i++)
		emit(self, MFA_EVENT_LOCKED, "x");
	mfa_runner_flush(&self->desk);
	await_files(self, MFA_POOL_EVENTS + MFA_POOL_OTHERS);
}

static void
test_R23_a_folder_that_is_not_safe(void **state)
{
	struct self *self = *state;
	char line[1024];

	event_folder(self);
	event_script(self, "p", "echo run >done");
	assert_int_equal(chmod(self->config.events_directory, 0777), 0);
	self_start(self);
	emit(self, MFA_EVENT_LOCKED, "x");
	mfa_runner_flush(&self->desk);
	(void)runner_logged(line, sizeof(line), 3000);
	log_has(line, "event=program.failed ");
	log_has(line, "reason=locked ");
	assert_string_equal(runner_read(&self->place, "done", line,
	    sizeof(line)), "");
}

/* ---- without a runner ---- */

static void
is_shut(struct self *self, unsigned int errors, const char *why)
{
	char out[64];

	assert_int_equal(self->events[MFA_EVENT_ERROR], errors);
	assert_string_equal(self->detail, why);
	assert_int_equal(self_deliver(self, true), MFA_ERR_UNAVAILABLE);
	assert_int_equal(self_deliver(self, false), MFA_ERR_UNAVAILABLE);
	assert_int_equal(self_ask(self, 0, "", out, sizeof(out)),
	    MFA_ERR_UNAVAILABLE);
	for (int i = 0; i < 20; i++)
		emit(self, MFA_EVENT_LOCKED, "x");
	mfa_runner_flush(&self->desk);
	assert_int_equal(self->events[MFA_EVENT_LOCKED], 20);
	assert_int_equal(self->events[MFA_EVENT_ERROR], errors);
}

static void
test_R23_no_program_no_runner(void **state)
{
	struct self *self = *state;

	mfa_runner_open(&self->desk, NULL, &self->config, &self->sink);
	is_shut(self, 0, "");
}

static void
test_R23_programs_but_no_runner(void **state)
{
	struct self *self = *state;

	self_script(self, "mail", self->config.otp_program, "exit 0");
	event_folder(self);
	mfa_runner_open(&self->desk, NULL, &self->config, &self->sink);
	is_shut(self, 1, "runner is not there");
	self->events[MFA_EVENT_LOCKED] = 0;
	mfa_runner_open(&self->desk, &self->link, &self->config, &self->sink);
	is_shut(self, 2, "runner is not there");
}

static void
test_R23_other_programs_than_at_the_start(void **state)
{
	struct self *self = *state;
	char text[64];

	self_script(self, "mail", self->config.otp_program,
	    "echo run >done");
	self_outside(self, "p", "echo run >done");
	event_folder(self);
	self_start(self);
	self_script(self, "mail2", self->config.otp_program,
	    "echo run >done");
	mfa_runner_open(&self->desk, &self->link, &self->config, &self->sink);
	is_shut(self, 1, "programs of the configuration changed since the "
			 "start: restart medusa-mfad");
	runner_pause(200);
	assert_string_equal(runner_read(&self->place, "done", text,
	    sizeof(text)), "");
	/* None at all any more is a change that needs no runner. */
	mfa_config_init(&self->config);
	mfa_runner_open(&self->desk, &self->link, &self->config, &self->sink);
	assert_int_equal(self->events[MFA_EVENT_ERROR], 1);
	assert_false(self->desk.open);
}

static void
test_R23_a_runner_that_died(void **state)
{
	struct self *self = *state;

	self_script(self, "mail", self->config.otp_program, "exit 0");
	self_outside(self, "p", "exit 0");
	event_folder(self);
	self_start(self);
	assert_int_equal(kill(self->pid, SIGKILL), 0);
	assert_int_equal(waitpid(self->pid, NULL, 0), self->pid);
	self->pid = 0;
	assert_int_equal(self_deliver(self, true), MFA_ERR_UNAVAILABLE);
	assert_int_equal(self->last.err, MFA_ERR_UNAVAILABLE);
	assert_true(mfa_runner_is_stale(&self->desk));
	is_shut(self, 1, "runner is gone or takes no job: restart "
			 "medusa-mfad");
}

/* It will be better with one of the next jobs. */
static void
test_R23_a_runner_whose_queue_is_full(void **state)
{
	struct self *self = *state;
	int n = 0;

	self_script(self, "mail", self->config.otp_program, "exit 0");
	self_start(self);
	assert_int_equal(kill(self->pid, SIGSTOP), 0);
	while (n < 5000 && self_deliver(self, false) == MFA_OK)
		n++;
	assert_true(n > MFA_JOB_AT_ONCE && n < 5000);
	assert_int_equal(self->events[MFA_EVENT_ERROR], 1);
	assert_int_equal(self->last.err, MFA_ERR_BUSY);
	assert_string_equal(self->detail,
	    "runner is busy: a job was dropped");
	/* Each that is dropped is told. */
	assert_int_equal(self_deliver(self, true), MFA_ERR_UNAVAILABLE);
	assert_int_equal(self->events[MFA_EVENT_ERROR], 2);
	assert_true(self->desk.open);
	assert_false(mfa_runner_is_stale(&self->desk));
	assert_int_equal(kill(self->pid, SIGCONT), 0);
	for (int i = 0; i < 50; i++) {
		if (self_deliver(self, true) == MFA_OK)
			return;
		runner_pause(100);
	}
	fail_msg("it took no job any more");
}

static void
test_R23_a_runner_that_is_not_installed(void **state)
{
	struct self *self = *state;
	struct mfa_programs programs = { .path = { "/x" } };

	assert_int_equal(unlink(self->runner), 0);
	self->link.fd = 77;
	assert_int_equal(mfa_runner_start(self->runner, &programs,
	    &self->link), MFA_ERR_IO);
	assert_int_equal(self->link.fd, -1);
	mfa_runner_stop(&self->link);
	assert_int_equal(self->link.fd, -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, self_new, self_free)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_R23_a_code_is_delivered),
		TEST(test_R23_a_failed_delivery_is_said),
		TEST(test_R23_a_failure_that_nobody_waits_for),
		TEST(test_R23_nobody_waits_who_does_not_ask_to),
		TEST(test_R12_an_address_too_long_is_undelivered),
		TEST(test_R23_an_outside_provider_answers),
		TEST(test_R23_an_outside_provider_that_hangs),
		TEST(test_R23_events_reach_every_program_in_order),
		TEST(test_R23_no_event_is_lost_in_a_full_queue),
		TEST(test_R23_events_of_others_do_not_hide_root_s),
		TEST(test_R23_a_folder_that_is_not_safe),
		TEST(test_R23_no_program_no_runner),
		TEST(test_R23_programs_but_no_runner),
		TEST(test_R23_other_programs_than_at_the_start),
		TEST(test_R23_a_runner_that_died),
		TEST(test_R23_a_runner_whose_queue_is_full),
		TEST(test_R23_a_runner_that_is_not_installed),
	};

	if (argc > 0)
		self_main(argv[0]);
	runner_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
