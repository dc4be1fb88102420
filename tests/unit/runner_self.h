/* SPDX-License-Identifier: MIT */
/*
 * For tests of both ends of the runner: the test program plays the runner
 * itself, as a copy of its own in the place.  To be included first.
 */
#ifndef MFA_TESTS_RUNNER_SELF_H
#define MFA_TESTS_RUNNER_SELF_H

#include "tests/unit/runner_place.h"

#include "verifier/runner.h"
#include "verifier/runner/limits.h"
#include "verifier/runner/pool.h"

#define SELF_NAME "medusa-mfa-runner"

struct self {
	struct mfa_config config;
	struct mfa_runner_link link;
	struct mfa_runner_desk desk;
	struct mfa_sink sink;
	struct mfa_event last; /* but for its texts */
	char detail[201];
	unsigned int events[MFA_EVENT_END];
	void *place;
	char runner[256];
	pid_t pid;
};

/*
 * First line of main: as the runner's main, with the tests' account, and the
 * place's folder "run" for the table of log lines.
 */
static inline void
self_main(const char *name)
{
	static struct mfa_programs programs;
	struct mfa_event_limit *limit;
	char run[256];
	size_t len = strlen(name), own = strlen(SELF_NAME);

	if (len < own || strcmp(name + len - own, SELF_NAME) != 0)
		return;
	(void)snprintf(run, sizeof(run), "%.*srun", (int)(len - own), name);
	if (mfa_guard_begin(3, true) != MFA_OK || setsid() < 0 ||
	    mfa_pool_table(3, &programs) != MFA_OK)
		_exit(1);
	limit = mfa_limits_map(run);
	if (mfa_guard_drop(&runner_account) != MFA_OK)
		_exit(1);
	_exit(mfa_pool_run(3, &programs, limit) == MFA_OK ? 0 : 1);
}

static inline void
self_note(struct mfa_sink *sink, const struct mfa_event *event)
{
	struct self *self = sink->ctx;

	self->last = *event;
	self->events[event->type]++;
	(void)snprintf(self->detail, sizeof(self->detail), "%s",
	    event->detail == NULL ? "" : event->detail);
}

static inline void
self_copy(const char *to)
{
	static char bytes[65536];
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)n), n);
	assert_int_equal(n, 0);
	(void)close(in);
	(void)close(out);
}

/* Set-ups: *state is a struct self, nothing configured and not started. */
static inline int
self_new(void **state)
{
	struct self *self = calloc(1, sizeof(*self));

	assert_non_null(self);
	if (runner_place_new(&self->place) != 0)
		return -1;
	self->link.fd = -1;
	self->sink.emit = self_note;
	self->sink.ctx = self;
	mfa_config_init(&self->config);
	self_copy(place_path(&self->place, SELF_NAME, self->runner));
	*state = self;
	return 0;
}

static inline int
self_free(void **state)
{
	struct self *self = *state;
	char line[1024];
	int r = 0;

	mfa_runner_stop(&self->link);
	if (self->pid > 0) {
		(void)kill(self->pid, SIGKILL);
		(void)waitpid(self->pid, NULL, 0);
	}
	while (runner_logged(line, sizeof(line), 0)[0] != '\0')
		continue;
	r = place_free(&self->place);
	free(self);
	return r;
}

/* A program of the place, and its path into an option. */
static inline void
self_script(struct self *self, const char *name, char option[MFA_CONFIG_PATH],
    const char *body)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "cd %s/out; %s",
	    (const char *)self->place, body);
	runner_script(place_path(&self->place, name, option), text);
}

static inline void
self_outside(struct self *self, const char *name, const char *body)
{
	self_script(self, name,
	    self->config.outside[self->config.outside_count++].program, body);
}

/* The only child that we have. */
static inline pid_t
self_child(void)
{
	char path[64];
	int pid = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children",
	    (int)getpid());
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	(void)fclose(f);
	return pid;
}

static inline void
self_start(struct self *self)
{
	struct mfa_programs programs;

	assert_true(mfa_config_programs(&self->config, &programs));
	assert_int_equal(mfa_runner_start(self->runner, &programs,
	    &self->link), MFA_OK);
	self->pid = self_child();
	mfa_runner_open(&self->desk, &self->link, &self->config, &self->sink);
	assert_int_equal(self->events[MFA_EVENT_ERROR], 0);
}

/* Sent to alice; the code is 492039. */
static inline enum mfa_err
self_deliver(struct self *self, bool wait)
{
	const struct mfa_message message = {
		.realm = "unix", .subject = "alice", .service = "sshd",
		.rhost = "203.0.113.7", .factor = "mail",
		.address = "alice@example.org", .issuer = "Example",
		.code = "492039", .wall = 1795331723, .ttl = 600,
	};

	return self->desk.runner.deliver(&self->desk.runner, &message, wait);
}

/* A question of so many bytes at most back. */
static inline enum mfa_err
self_ask(struct self *self, uint32_t index, const char *in, char *out,
    size_t size)
{
	const struct mfa_question question = {
		.realm = "unix", .subject = "alice", .factor = "key",
		.index = index, .in = (const uint8_t *)in, .len = strlen(in),
	};
	size_t len = 0;
	enum mfa_err r;

	r = self->desk.runner.ask(&self->desk.runner, &question,
	    (uint8_t *)out, size - 1, &len);
	out[r == MFA_OK ? len : 0] = '\0';
	return r;
}

#endif
