/* SPDX-License-Identifier: MIT */
/*
 * A command as a person at a terminal sees it; the other end of a
 * pseudoterminal is the person.
 */
#ifndef MFA_TESTS_PERSON_H
#define MFA_TESTS_PERSON_H

#include "tests/unit/capture.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tests/unit/fake_client.h"
#include "utils/command.h"
#include "utils/options.h"

#define PATIENCE 5000 /* milliseconds */

/* What the command's process leaves behind. */
struct outcome {
	int code;
	struct fake_client client;
};

struct person {
	int master;
	pid_t pid;
	struct outcome *outcome; /* shared with it */
	size_t len;
	size_t answered; /* of seen: what stood there at the last answer */
	char seen[CAPTURE_SIZE];
};

static struct person person;
static char factor[] = "mail";
static char *operands[] = { factor, NULL };

static inline int
fresh(void **state)
{
	memset(&person, 0, sizeof(person));
	person.outcome = mmap(NULL, sizeof(*person.outcome),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (person.outcome == MAP_FAILED)
		return -1;
	return fake_client_reset(state);
}

static inline int
leave(void **state)
{
	(void)state;
	return munmap(person.outcome, sizeof(*person.outcome));
}

/* Starts a command on a terminal of its own. */
static inline void
start(const char *name, const struct mfa_args *args)
{
	(void)fflush(NULL);
	person.pid = forkpty(&person.master, NULL, NULL, NULL);
	assert_true(person.pid >= 0);
	if (person.pid != 0)
		return;
	person.outcome->code = mfa_command_find(name)->run(args);
	person.outcome->client = fake_client;
	(void)fflush(NULL);
	_exit(0);
}

/* Reads on; false at the end of what the command prints. */
static inline bool
look(void)
{
	struct pollfd p = { .fd = person.master, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, PATIENCE) != 1)
		fail_msg("silence after: %s", person.seen);
	n = read(person.master, person.seen + person.len,
	    sizeof(person.seen) - person.len - 1);
	if (n <= 0)
		return false;
	person.len += (size_t)n;
	person.seen[person.len] = '\0';
	return true;
}

/* Types a line when the prompt is the last thing on the screen. */
static inline void
answer(const char *prompt, const char *line)
{
	size_t len = strlen(prompt);

	/* A hidden answer is not taken before its question. */
	while (person.len < person.answered + len ||
	    strcmp(person.seen + person.len - len, prompt) != 0) {
		if (!look())
			fail_msg("no \"%s\" in: %s", prompt, person.seen);
	}
	person.answered = person.len;
	assert_int_equal(
	    write(person.master, line, strlen(line)), strlen(line));
}

/* Until the command ends; its exit code. */
static inline int
finish(void)
{
	int status;

	while (look())
		;
	assert_int_equal(waitpid(person.pid, &status, 0), person.pid);
	assert_int_equal(status, 0);
	(void)close(person.master);
	assert_int_equal(person.outcome->client.open, 0);
	return person.outcome->code;
}

static inline const mfa_wire_Request *
asked(size_t i, unsigned int tag)
{
	assert_true(i < person.outcome->client.asked);
	assert_int_equal(person.outcome->client.requests[i].which_what, tag);
	return &person.outcome->client.requests[i];
}

static inline void
asked_code(size_t i, const char *text)
{
	const mfa_wire_Confirm *confirm =
	    &asked(i, mfa_wire_Request_confirm_tag)->what.confirm;

	assert_int_equal(confirm->code.size, strlen(text));
	assert_memory_equal(confirm->code.bytes, text, strlen(text));
}

static inline void
shown(const char *text)
{
	if (strstr(person.seen, text) == NULL)
		fail_msg("no \"%s\" in: %s", text, person.seen);
}

static inline void
will_list(const char *label, const char *provider, const char *status)
{
	mfa_wire_FactorInfo *f =
	    &fake_client_will_say(mfa_wire_Reply_factor_tag)->what.factor;

	(void)memcpy(f->id, "0123456789abcdef", 17);
	(void)snprintf(f->label, sizeof(f->label), "%s", label);
	(void)snprintf(f->provider, sizeof(f->provider), "%s", provider);
	(void)snprintf(f->status, sizeof(f->status), "%s", status);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, fresh, leave)

#endif
