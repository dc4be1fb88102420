/* SPDX-License-Identifier: MIT */
#include "tests/module/host.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <security/pam_modutil.h>

/* The stand-ins have no argument to get it by. */
static struct plan *the_plan;

void
host_begin(struct plan *plan)
{
	the_plan = plan;
}

void
host_fail(const char *format, ...)
{
	va_list ap;

	the_plan->failed = true;
	(void)fputs("", stdout);
	va_start(ap, format);
	(void)vprintf(format, ap);
	va_end(ap);
	(void)putchar('\n');
}

static bool
leaks(const char *line, const char *secret)
{
	return secret != NULL && strlen(secret) >= 4 &&
	    strstr(line, secret) != NULL;
}

static void
take_log(const char *line)
{
	struct plan *plan = the_plan;

	for (size_t i = 0; i < plan->planned; i++) {
		if (leaks(line, plan->steps[i].answer))
			host_fail("R14: an answer is in the log: %s", line);
	}
	if (leaks(line, plan->authtok) || leaks(line, plan->authtok_later) ||
	    leaks(line, plan->secret))
		host_fail("R14: a password or code is in the log: %s", line);
	if (strncmp(line, "pam_medusa_mfa(", 15) != 0)
		return;
	for (const char *p = line; *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7e || *p == '"')
			host_fail("R26: not for a log line: %s", line);
	}
	if (plan->logs_done == plan->logs_planned)
		host_fail("a log line too many: %s", line);
	else if (strstr(line, plan->logs[plan->logs_done++]) == NULL)
		host_fail("another log line was wanted: %s", line);
}

/* Without its header, which may define one of them itself. */
void syslog(int priority, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void __syslog_chk(int priority, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	char line[2048];
	va_list ap;

	(void)priority;
	(void)flag;
	va_start(ap, format);
	(void)vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	take_log(line);
}

void
syslog(int priority, const char *format, ...)
{
	char line[2048];
	va_list ap;

	(void)priority;
	va_start(ap, format);
	(void)vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	take_log(line);
}

/* The numbers of libaudit.h; not those of the module, which it checks. */
static const char *
audit_word(int type)
{
	switch (type) {
	case 2205: /* AUDIT_RESP_ACCT_LOCK_TIMED */
		return "locked";
	case 2206: /* AUDIT_RESP_ACCT_UNLOCK_TIMED */
		return "unlocked";
	default:
		return "unknown";
	}
}

/*
 * In the place of libpam's, which the module would call.  It always fails: that
 * must not matter.
 */
int
pam_modutil_audit_write(pam_handle_t *pamh, int type, const char *message,
    int retval)
{
	struct plan *plan = the_plan;
	const char *word = audit_word(type);
	const void *user = NULL;

	if (strcmp(message, "pam_medusa_mfa") != 0 || retval != PAM_SUCCESS)
		host_fail("another audit record was wanted: '%s' %d", message,
		    retval);
	if (pam_get_item(pamh, PAM_USER, &user) != PAM_SUCCESS || user == NULL)
		host_fail("an audit record without a user");
	if (plan->audits_done == plan->audits_planned)
		host_fail("an audit record too many: %d %s", type, word);
	else if (strcmp(word, plan->audits[plan->audits_done++]) != 0)
		host_fail("another audit record was wanted: %d %s", type, word);
	return PAM_SYSTEM_ERR;
}

/* The earlier module that sets PAM_AUTHTOK asks first. */
static bool
is_password_prompt(struct plan *plan, const struct pam_message *message)
{
	if (plan->authtok[0] == '\0' || plan->password_asked ||
	    strcmp(message->msg, "Password: ") != 0)
		return false;
	return plan->password_asked = true;
}

static int
answer(const struct plan_step *step, struct pam_response *response)
{
	if (step->answer != NULL)
		response->resp = strdup(step->answer);
	if (strcmp(step->how, "memory") == 0)
		return PAM_BUF_ERR;
	if (strncmp(step->how, "fail", 4) == 0)
		return PAM_CONV_ERR;
	return PAM_SUCCESS;
}

/* The next step must be this message. */
static const struct plan_step *
advance(struct plan *plan, const struct pam_message *message)
{
	const struct plan_step *step = &plan->steps[plan->done];

	if (plan->done == plan->planned) {
		host_fail("a message too many: %d '%s'", message->msg_style,
		    message->msg);
		return NULL;
	}
	if (message->msg_style != step->style ||
	    strcmp(message->msg, step->text) != 0)
		host_fail("line %u: wanted: %d '%s'\n   got: %d '%s'",
		    step->line, step->style, step->text, message->msg_style,
		    message->msg);
	plan->done++;
	return step;
}

int
host_converse(int n, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	struct pam_response *response = calloc(1, sizeof(*response));
	struct plan *plan = data;
	const struct plan_step *step;

	*responses = response;
	if (n != 1 || response == NULL)
		return PAM_CONV_ERR;
	if (is_password_prompt(plan, messages[0])) {
		response->resp = strdup(plan->authtok);
		return PAM_SUCCESS;
	}
	if ((step = advance(plan, messages[0])) == NULL)
		return PAM_CONV_ERR;
	if (strcmp(step->how, "nothing") == 0 ||
	    strcmp(step->how, "fail") == 0) {
		free(response);
		*responses = NULL;
	}
	return answer(step, response);
}

void
host_delay(int code, unsigned int usec, void *data)
{
	(void)code;
	((struct plan *)data)->delay = usec;
}

