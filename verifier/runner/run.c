/* SPDX-License-Identifier: MIT */
/* MUST list: run.h. */
#include "verifier/runner/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "verifier/runner/launch.h"
#include "verifier/runner/reap.h"
#include "verifier/runner/safe.h"

#define KILL_WAIT 1000 /* milliseconds until all is dead */
/* Of standard error: more than is shown, so that no secret is cut in two. */
#define ERRORS	  (MFA_JOB_ERRORS + 96)
#define MASKED	  6  /* characters, with a digit among them */
#define MASKED_ANY 16 /* without */

struct turn {
	struct mfa_run *run;
	struct mfa_launch child;
	uint64_t deadline; /* milliseconds of now_ms */
	size_t fed;
	bool flooded;
	size_t errlen;
	char errors[ERRORS + 1];
};

static uint64_t
now_ms(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- standard input, output, error ---- */

static bool
may_come_again(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Who does not read is no failure: its exit status says what it thinks. */
static void
feed(struct turn *t)
{
	const struct mfa_run *run = t->run;
	ssize_t n = 0;

	if (t->fed < run->len)
		n = write(t->child.in, run->in + t->fed, run->len - t->fed);
	if (may_come_again(n))
		return;
	if (n > 0)
		t->fed += (size_t)n;
	if (n < 0 || t->fed == run->len)
		mfa_launch_close_end(&t->child.in);
}

/* Returns: true if there may be more at once. */
static bool
read_output(struct turn *t)
{
	struct mfa_run *run = t->run;
	size_t room = MFA_JOB_OUTPUT - run->outlen;
	uint8_t extra;
	ssize_t n;

	n = read(t->child.out, room == 0 ? &extra : run->out + run->outlen,
	    room == 0 ? 1 : room);
	if (may_come_again(n))
		return errno == EINTR;
	if (n <= 0) {
		mfa_launch_close_end(&t->child.out);
		return false;
	}
	t->flooded = room == 0;
	if (!t->flooded)
		run->outlen += (size_t)n;
	return !t->flooded;
}

/* The beginning is kept; the rest is read, for it must not block. */
static bool
read_errors(struct turn *t)
{
	size_t room = ERRORS - t->errlen;
	char rest[1024];
	ssize_t n;

	n = read(t->child.err, room == 0 ? rest : t->errors + t->errlen,
	    room == 0 ? sizeof(rest) : room);
	if (may_come_again(n))
		return errno == EINTR;
	if (n <= 0) {
		mfa_launch_close_end(&t->child.err);
		return false;
	}
	if (room != 0)
		t->errlen += (size_t)n;
	return t->errlen < ERRORS;
}

/* ---- from start to end ---- */

/* Returns: true until it ended, or is to be ended for run->end. */
static bool
step(struct turn *t)
{
	struct pollfd p[] = {
		{ .fd = t->child.pidfd, .events = POLLIN },
		{ .fd = t->child.out, .events = POLLIN },
		{ .fd = t->child.err, .events = POLLIN },
		{ .fd = t->child.in, .events = POLLOUT },
	};
	uint64_t now = now_ms();

	if (now >= t->deadline) {
		t->run->end = MFA_RUN_DEADLINE;
		return false;
	}
	if (poll(p, 4, (int)(t->deadline - now)) <= 0)
		return true;
	if (p[1].revents != 0)
		(void)read_output(t);
	if (p[2].revents != 0)
		(void)read_errors(t);
	if (p[3].revents != 0)
		feed(t);
	if (t->flooded)
		t->run->end = MFA_RUN_FLOOD;
	return p[0].revents == 0 && !t->flooded;
}

static void
note_status(struct mfa_run *run, int status)
{
	if (WIFSIGNALED(status)) {
		run->end = MFA_RUN_SIGNAL;
		run->number = WTERMSIG(status);
	} else {
		run->number = WEXITSTATUS(status);
		run->end = run->number == 0 ? MFA_RUN_DONE : MFA_RUN_EXIT;
	}
}

/*
 * Nothing of it survives.  The group is killed before its leader is reaped,
 * while its number is sure to be the leader's.
 */
static void
finish(struct turn *t)
{
	struct pollfd p = { .fd = t->child.pidfd, .events = POLLIN };
	struct mfa_run *run = t->run;
	int status = 0;
	pid_t reaped;

	(void)kill(-t->child.pid, SIGKILL);
	(void)kill(t->child.pid, SIGKILL);
	(void)poll(&p, 1, KILL_WAIT);
	reaped = waitpid(t->child.pid, &status, WNOHANG);
	if (reaped == t->child.pid && run->end == 0)
		note_status(run, status);
	if (!mfa_reap_all(KILL_WAIT) || reaped != t->child.pid)
		run->end = MFA_RUN_STUCK;
}

/* What was said before the end: its writers are dead, so this ends. */
static void
drain(struct turn *t)
{
	while (t->child.out >= 0 && read_output(t))
		continue;
	while (t->child.err >= 0 && read_errors(t))
		continue;
	if (t->flooded && t->run->end == MFA_RUN_DONE)
		t->run->end = MFA_RUN_FLOOD;
}

/* ---- what it said ---- */

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters and digits that both begin with. */
static size_t
common(const char *text, const uint8_t *in, size_t len, bool *digit)
{
	size_t n = 0;

	*digit = false;
	while (n < len && (uint8_t)text[n] == in[n] && is_word(in[n])) {
		*digit = *digit || is_digit(in[n]);
		n++;
	}
	return n;
}

/* Bytes at the beginning of text that are not to be shown. */
static size_t
secret_part(const char *text, const uint8_t *in, size_t len)
{
	size_t longest = 0;
	bool digit;

	for (size_t i = 0; i < len; i++) {
		size_t n = common(text, in + i, len - i, &digit);

		if (n >= (digit ? MASKED : MASKED_ANY) && n > longest)
			longest = n;
	}
	return longest;
}

void
mfa_run_mask(char *text, const uint8_t *in, size_t len)
{
	while (*text != '\0') {
		size_t n = secret_part(text, in, len);

		memset(text, '*', n);
		text += n == 0 ? 1 : n;
	}
}

static void
keep_errors(struct turn *t)
{
	size_t len;

	t->errors[t->errlen] = '\0';
	mfa_run_mask(t->errors, t->run->in, t->run->len);
	len = strcspn(t->errors, "\r\n");
	if (len > MFA_JOB_ERRORS)
		len = MFA_JOB_ERRORS;
	memcpy(t->run->errors, t->errors, len);
	t->run->errors[len] = '\0';
}

enum mfa_err
mfa_run_program(struct mfa_run *run)
{
	struct turn t = { .run = run };
	enum mfa_err r;

	run->end = 0;
	run->number = 0;
	run->outlen = 0;
	run->errors[0] = '\0';
	r = mfa_safe_program(run->path);
	if (r == MFA_OK && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
		r = MFA_ERR_IO;
	if (r == MFA_OK)
		r = mfa_launch(run->path, run->kind, &t.child);
	if (r != MFA_OK) {
		run->end = MFA_RUN_REFUSED;
		run->number = (int)r;
		return MFA_ERR_PROGRAM;
	}
	t.deadline = now_ms() + (uint64_t)run->seconds * 1000;
	while (step(&t))
		continue;
	finish(&t);
	drain(&t);
	keep_errors(&t);
	mfa_launch_close(&t.child);
	mfa_secret_wipe(&t, sizeof(t));
	return run->end == MFA_RUN_DONE ? MFA_OK : MFA_ERR_PROGRAM;
}

void
mfa_run_describe(const struct mfa_run *run, char *out, size_t size)
{
	char how[96] = "done";

	switch (run->end) {
	case MFA_RUN_EXIT:
		(void)snprintf(how, sizeof(how), "exit %d", run->number);
		break;
	case MFA_RUN_SIGNAL:
		(void)snprintf(how, sizeof(how), "died of signal %d",
		    run->number);
		break;
	case MFA_RUN_DEADLINE:
		(void)snprintf(how, sizeof(how), "killed after %u s",
		    run->seconds);
		break;
	case MFA_RUN_FLOOD:
		(void)snprintf(how, sizeof(how), "more than %d bytes of output",
		    MFA_JOB_OUTPUT);
		break;
	case MFA_RUN_REFUSED:
		(void)snprintf(how, sizeof(how), "not run: %s",
		    mfa_strerror((enum mfa_err)run->number));
		break;
	case MFA_RUN_STUCK:
		(void)snprintf(how, sizeof(how),
		    "left processes that cannot be killed");
		break;
	case MFA_RUN_DONE:
		break;
	}
	(void)snprintf(out, size, "%s: %s%s%s", run->path, how,
	    run->errors[0] == '\0' ? "" : ": ", run->errors);
}
