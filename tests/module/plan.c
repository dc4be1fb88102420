/* SPDX-License-Identifier: MIT */
#include "tests/module/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <security/pam_appl.h>

static char *
repeat(size_t len)
{
	char *text = malloc(len + 1);

	if (text == NULL)
		exit(2);
	memset(text, 'a', len);
	text[len] = '\0';
	return text;
}

static void
load_answer(struct plan_step *step, const struct script_line *line)
{
	const char *word = line->word[0];
	bool quoted = line->rest[0] == '"';

	step->how[0] = '\0';
	if (!quoted && strcmp(word, "long") == 0) {
		step->answer = repeat(script_number(line, 1));
		return;
	}
	if (!quoted && (strcmp(word, "null") == 0 ||
	    strcmp(word, "nothing") == 0 || strcmp(word, "fail") == 0 ||
	    strcmp(word, "fail-with") == 0 || strcmp(word, "memory") == 0)) {
		script_copy(step->how, sizeof(step->how), word);
		if (line->words > 1)
			step->answer = strdup(line->word[1]);
		return;
	}
	step->answer = strdup(word);
}

static struct plan_step *
add_step(struct plan *plan, const struct script_line *line, int style,
    const char *text)
{
	struct plan_step *step = &plan->steps[plan->planned];

	if (plan->planned++ == PLAN_STEPS)
		script_die(line, "too many");
	step->line = line->number;
	step->style = style;
	script_copy(step->text, sizeof(step->text), text);
	(void)snprintf(step->how, sizeof(step->how), "nothing");
	return step;
}

static void
load_log(struct plan *plan, const struct script_line *line)
{
	if (plan->logs_planned == PLAN_LOGS)
		script_die(line, "too many");
	script_copy(plan->logs[plan->logs_planned++], SCRIPT_WORD,
	    line->word[0]);
}

static void
load_audit(struct plan *plan, const struct script_line *line)
{
	if (plan->audits_planned == PLAN_AUDITS)
		script_die(line, "too many");
	if (strcmp(line->word[0], "locked") != 0 &&
	    strcmp(line->word[0], "unlocked") != 0)
		script_die(line, "neither locked nor unlocked");
	script_copy(plan->audits[plan->audits_planned++],
	    sizeof(plan->audits[0]), line->word[0]);
}

/* The lines of the conversation; false if it is none of them. */
static bool
load_step(struct plan *plan, const struct script_line *line)
{
	bool shown = strcmp(line->word[0], "on") == 0;

	if (strcmp(line->key, "prompt") == 0) {
		(void)add_step(plan, line, shown ? PAM_PROMPT_ECHO_ON :
		    PAM_PROMPT_ECHO_OFF, line->word[1]);
	} else if (strcmp(line->key, "error") == 0) {
		(void)add_step(plan, line, PAM_ERROR_MSG, line->word[0]);
	} else if (strcmp(line->key, "info") == 0) {
		(void)add_step(plan, line, PAM_TEXT_INFO, line->word[0]);
	} else if (strcmp(line->key, "answer") == 0 && plan->planned > 0) {
		load_answer(&plan->steps[plan->planned - 1], line);
	} else if (strcmp(line->key, "log") == 0) {
		load_log(plan, line);
	} else if (strcmp(line->key, "audit") == 0) {
		load_audit(plan, line);
	} else {
		return false;
	}
	return true;
}

/* The call that a line is about: behind an expect, the next one. */
static struct plan_call *
current(struct plan *plan, const struct script_line *line)
{
	size_t last = plan->calls_planned - 1;

	if (plan->calls[last].expect[0] == '\0')
		return &plan->calls[last];
	if (plan->calls_planned++ == PLAN_CALLS)
		script_die(line, "too many");
	memcpy(plan->calls[last + 1].function, "authenticate", 13);
	return &plan->calls[last + 1];
}

static void
load_user(struct plan *plan, const struct script_line *line)
{
	struct plan_call *call = current(plan, line);

	if (strcmp(line->rest, "none") == 0) {
		plan->no_user = true;
		return;
	}
	call->user_set = true;
	if (strcmp(line->word[0], "long") == 0)
		memset(call->user, 'u', script_number(line, 1) % 599);
	else
		script_copy(call->user, sizeof(call->user), line->word[0]);
}

static void
load_flags(struct plan *plan, const struct script_line *line)
{
	struct plan_call *call = current(plan, line);

	for (size_t i = 0; i < line->words; i++) {
		if (strcmp(line->word[i], "silent") == 0)
			call->flags |= (int)PAM_SILENT;
		else if (strcmp(line->word[i], "disallow-null") == 0)
			call->flags |= (int)PAM_DISALLOW_NULL_AUTHTOK;
		else
			script_die(line, "unknown flag");
	}
}

/* The lines that belong to one call; false if it is none of them. */
static bool
load_call(struct plan *plan, const struct script_line *line)
{
	struct plan_call *call;

	if (strcmp(line->key, "user") == 0) {
		load_user(plan, line);
	} else if (strcmp(line->key, "flags") == 0) {
		load_flags(plan, line);
	} else if (strcmp(line->key, "service") == 0) {
		call = current(plan, line);
		script_copy(call->service, sizeof(call->service),
		    line->word[0]);
	} else if (strcmp(line->key, "call") == 0) {
		call = current(plan, line);
		script_copy(call->function, sizeof(call->function),
		    line->word[0]);
	} else if (strcmp(line->key, "seconds") == 0) {
		call = current(plan, line);
		call->seconds_least = script_number(line, 0);
		call->seconds_most = script_number(line, 1);
	} else if (strcmp(line->key, "expect") == 0) {
		call = current(plan, line);
		script_copy(call->expect, sizeof(call->expect), line->word[0]);
	} else {
		return false;
	}
	return true;
}

static void
load_stack(struct plan *plan, const struct script_line *line)
{
	if (plan->stack_planned == PLAN_LINES)
		script_die(line, "too many");
	script_copy(plan->stack[plan->stack_planned++], SCRIPT_WORD,
	    line->rest);
}

static void
load_line(struct plan *plan, const struct script_line *line)
{
	const struct {
		const char *key;
		char *dst;
		size_t size;
	} texts[] = {
		{ "rhost", plan->rhost, sizeof(plan->rhost) },
		{ "tty", plan->tty, sizeof(plan->tty) },
		{ "environment", plan->environment,
		    sizeof(plan->environment) },
		{ "authtok", plan->authtok, sizeof(plan->authtok) },
		{ "authtok-later", plan->authtok_later,
		    sizeof(plan->authtok_later) },
		{ "secret", plan->secret, sizeof(plan->secret) },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(line->key, texts[i].key) != 0)
			continue;
		script_copy(texts[i].dst, texts[i].size, line->word[0]);
		return;
	}
	if (load_step(plan, line) || load_call(plan, line))
		return;
	if (strcmp(line->key, "args") == 0)
		script_copy(plan->args, sizeof(plan->args), line->rest);
	else if (strcmp(line->key, "stack") == 0)
		load_stack(plan, line);
	else if (strcmp(line->key, "uid") == 0)
		plan->uid = (uid_t)script_number(line, 0);
	else if (strcmp(line->key, "verifier") == 0)
		plan->real = strcmp(line->word[0], "real") == 0;
	else if (strcmp(line->key, "name") != 0 &&
	    strcmp(line->key, "request") != 0 &&
	    strcmp(line->key, "reply") != 0)
		script_die(line, "unknown key");
}

void
plan_load(struct plan *plan, const char *path)
{
	struct script_line line = { .number = 0 };
	FILE *f = fopen(path, "re");

	if (f == NULL) {
		printf("%s: %s\n", path, strerror(errno));
		exit(2);
	}
	memset(plan, 0, sizeof(*plan));
	plan->calls_planned = 1;
	memcpy(plan->calls[0].service, "mfa-test", 9);
	memcpy(plan->calls[0].function, "authenticate", 13);
	while (script_next(f, &line))
		load_line(plan, &line);
	(void)fclose(f);
}

void
plan_wipe(struct plan *plan)
{
	for (size_t i = 0; i < plan->planned; i++)
		free(plan->steps[i].answer);
	memset(plan, 0, sizeof(*plan));
}
