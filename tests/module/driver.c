/* SPDX-License-Identifier: MIT */
/*
 * usage: driver MODULE FOLDER SCRIPT
 *
 * Plays the host of SCRIPT (script.h) through the real libpam: MODULE alone in
 * a service file of its own below FOLDER, with socket=FOLDER/socket (for a
 * real verifier: $MFA_TEST_SOCKET, or no such argument).  Ends with 0 if the
 * prompts, texts, log lines, audit records and the code are exactly those of the
 * script, and the process is as it was (R20).
 *
 * No log line may hold an answer or the password (R14); every failure must
 * have asked for a delay.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <security/pam_appl.h>

#include "tests/module/host.h"
#include "tests/module/hygiene.h"
#include "tests/module/plan.h"

#define PATH_SIZE 600

struct name {
	const char *name;
	int code;
};

/*
 * A stack in which all modules say PAM_IGNORE is refused by libpam as
 * PAM_PERM_DENIED, which this module never returns (test_result.c).
 */
static const struct name codes[] = {
	{ "SUCCESS", PAM_SUCCESS },
	{ "IGNORE", PAM_PERM_DENIED },
	{ "AUTH_ERR", PAM_AUTH_ERR },
	{ "AUTHINFO_UNAVAIL", PAM_AUTHINFO_UNAVAIL },
	{ "USER_UNKNOWN", PAM_USER_UNKNOWN },
	{ "SERVICE_ERR", PAM_SERVICE_ERR },
	{ "CONV_ERR", PAM_CONV_ERR },
	{ "BUF_ERR", PAM_BUF_ERR },
};

static int
wanted(const struct plan *plan)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strcmp(plan->expect, codes[i].name) == 0)
			return codes[i].code;
	}
	printf("expect: no such code: %s\n", plan->expect);
	exit(2);
}

static const struct {
	const char *name;
	int (*function)(pam_handle_t *pamh, int flags);
} calls[] = {
	{ "authenticate", pam_authenticate },
	{ "setcred", pam_setcred },
	{ "acct_mgmt", pam_acct_mgmt },
	{ "open_session", pam_open_session },
	{ "close_session", pam_close_session },
	{ "chauthtok", pam_chauthtok },
};

static int
call(const struct plan *plan, pam_handle_t *pamh)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(plan->call, calls[i].name) == 0)
			return calls[i].function(pamh, plan->flags);
	}
	printf("call: no such function: %s\n", plan->call);
	exit(2);
}

/* The socket= argument; real verifiers may be without. */
static void
name_socket(const struct plan *plan, const char *folder, char *out)
{
	const char *path = getenv("MFA_TEST_SOCKET");

	out[0] = '\0';
	if (!plan->real)
		(void)snprintf(out, PATH_SIZE, "socket=%s/socket", folder);
	else if (path != NULL)
		(void)snprintf(out, PATH_SIZE, "socket=%s", path);
}

/* pam_exec asks for the password and makes it PAM_AUTHTOK. */
static void
write_service(const struct plan *plan, const char *module, const char *folder)
{
	static const char *const types[] = { "auth", "account", "session",
		"password" };
	char path[2 * PATH_SIZE], socket[PATH_SIZE];
	FILE *f;

	name_socket(plan, folder, socket);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, plan->service);
	if ((f = fopen(path, "we")) == NULL)
		exit(2);
	if (plan->authtok[0] != '\0')
		(void)fputs("auth [default=ignore] pam_exec.so "
		    "expose_authtok quiet /bin/true\n", f);
	for (int i = 0; i < 4; i++)
		(void)fprintf(f, "%s required %s %s %s\n", types[i], module,
		    plan->args, socket);
	(void)fclose(f);
}

static void
set_items(const struct plan *plan, pam_handle_t *pamh)
{
	if (plan->rhost[0] != '\0')
		(void)pam_set_item(pamh, PAM_RHOST, plan->rhost);
	if (plan->tty[0] != '\0')
		(void)pam_set_item(pamh, PAM_TTY, plan->tty);
	(void)pam_set_item(pamh, PAM_USER_PROMPT, "login: ");
	(void)pam_set_item(pamh, PAM_FAIL_DELAY, (const void *)host_delay);
}

/* R22: PAM_USER is what the host has set. */
static void
check_user(const struct plan *plan, pam_handle_t *pamh)
{
	const void *user = NULL;

	if (plan->no_user)
		return;
	if (pam_get_item(pamh, PAM_USER, &user) != PAM_SUCCESS ||
	    user == NULL || strcmp(user, plan->user) != 0)
		host_fail("R22: PAM_USER was changed");
}

static void
check_end(const struct plan *plan, int code)
{
	if (code != wanted(plan))
		host_fail("wanted code: %s\n   got code: %d", plan->expect,
		    code);
	if (plan->done < plan->planned)
		host_fail("line %u: a message that did not come",
		    plan->steps[plan->done].line);
	if (plan->logs_done < plan->logs_planned)
		host_fail("a log line that did not come: %s",
		    plan->logs[plan->logs_done]);
	if (plan->audits_done < plan->audits_planned)
		host_fail("an audit record that did not come: %s",
		    plan->audits[plan->audits_done]);
	if (code != PAM_SUCCESS && strcmp(plan->call, "authenticate") == 0 &&
	    (plan->delay < 1000000 || plan->delay > 3000000))
		host_fail("a failure without its delay");
}

static int
run(struct plan *plan, const char *folder)
{
	const struct pam_conv conv = { host_converse, plan };
	struct hygiene before;
	pam_handle_t *pamh;
	int code;

	if (pam_start_confdir(plan->service, plan->no_user ? NULL : plan->user,
	    &conv, folder, &pamh) != PAM_SUCCESS)
		return 2;
	set_items(plan, pamh);
	if (plan->uid != 0 && seteuid(plan->uid) != 0)
		return 2;
	hygiene_note(&before);
	code = call(plan, pamh);
	if (!hygiene_same(&before))
		plan->failed = true;
	(void)!seteuid(0);
	check_user(plan, pamh);
	check_end(plan, code);
	(void)pam_end(pamh, code);
	return plan->failed ? 1 : 0;
}

int
main(int argc, char **argv)
{
	struct plan plan;
	int status;

	if (argc != 4) {
		puts("usage: driver MODULE FOLDER SCRIPT");
		return 2;
	}
	plan_load(&plan, argv[3]);
	host_begin(&plan);
	write_service(&plan, argv[1], argv[2]);
	status = run(&plan, argv[2]);
	plan_wipe(&plan);
	return status;
}
