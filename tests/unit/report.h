/* SPDX-License-Identifier: MIT */
/* For tests of what is told: every event of a world, held against its words. */
#ifndef MFA_TESTS_REPORT_H
#define MFA_TESTS_REPORT_H

#include "tests/unit/login_states.h"

#define KEPT	16
#define SECRETS 32
#define ADDRESS "daemon@example.org"

struct told {
	enum mfa_event_type type;
	struct last_texts texts;
	struct mfa_event event; /* but for its texts */
	char line[512];
};

struct report {
	struct world *w;
	unsigned int n;	     /* since the last look */
	struct told told[KEPT];
	bool seen[MFA_EVENT_END]; /* ever */
	unsigned int secrets;
	char secret[SECRETS][64];
};

static inline void
keep_secret(struct report *r, const char *text)
{
	assert_true(r->secrets < SECRETS && strlen(text) < 64);
	memcpy(r->secret[r->secrets++], text, strlen(text) + 1);
}

static inline void
note(void *ctx, const struct mfa_event *event, const char *line)
{
	struct report *r = ctx;
	struct told *told = &r->told[r->n++];

	assert_true(r->n <= KEPT);
	r->seen[event->type] = true;
	told->type = event->type;
	told->texts = r->w->texts;
	told->event = r->w->last;
	(void)snprintf(told->line, sizeof(told->line), "%s", line);
	/* Who and where stand in each of them; the terminal may be empty. */
	assert_non_null(event->realm);
	assert_non_null(event->subject);
	assert_string_equal(event->subject, r->w->subject.name);
	assert_string_equal(event->service, "sshd");
	assert_string_equal(event->rhost, "192.0.2.7");
	assert_memory_equal(line, "event=", 6);
	for (unsigned int i = 0; i < r->secrets; i++) {
		if (strstr(line, r->secret[i]) != NULL)
			fail_msg("a secret in: %s", line);
	}
}

/* One of this type was told since the last look, with these words. */
static inline const struct told *
said(struct report *r, enum mfa_event_type type, const char *reason,
    const char *method, const char *factor)
{
	const struct told *found = NULL;

	for (unsigned int i = 0; i < r->n; i++) {
		if (r->told[i].type != type)
			continue;
		assert_null(found);
		found = &r->told[i];
	}
	if (found == NULL)
		fail_msg("no %s was told", mfa_event_name(type));
	assert_string_equal(found->texts.reason, reason);
	assert_string_equal(found->texts.method, method);
	assert_string_equal(found->texts.factor, factor);
	return found;
}

/* And so many in all. */
static inline void
all(struct report *r, unsigned int n)
{
	assert_int_equal(r->n, n);
	r->n = 0;
}

static inline int
reporting(void **state)
{
	static struct report report;
	struct world *w;

	assert_int_equal(world_new(state), 0);
	w = *state;
	memset(&report, 0, sizeof(report));
	report.w = w;
	w->watch = note;
	w->watch_ctx = &report;
	w->caller.service = "sshd";
	w->caller.rhost = "192.0.2.7";
	world_user(w, PERSON);
	return 0;
}

static inline struct report *
report_of(void **state)
{
	return ((struct world *)*state)->watch_ctx;
}

#endif
