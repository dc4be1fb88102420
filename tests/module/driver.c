/* SPDX-License-Identifier: MIT */
/*
 * usage: driver MODULE FOLDER SCRIPT
 *
 * Plays the host of SCRIPT (script.h) through the real libpam: MODULE alone, or
 * in the script's stack, in service files of its own below FOLDER, with
 * socket=FOLDER/socket (for a real verifier: $MFA_TEST_SOCKET, or no such
 * argument).  Ends with 0 if the prompts, texts, log lines, audit records and
 * the codes of all calls are exactly those of the script, and the process is as
 * it was (R20).
 *
 * No log line may hold an answer or the password (R14); every failure must
 * have asked for a delay.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
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

static const struct name codes[] = {
	{ "SUCCESS", PAM_SUCCESS },
	{ "AUTH_ERR", PAM_AUTH_ERR },
	{ "AUTHINFO_UNAVAIL", PAM_AUTHINFO_UNAVAIL },
	{ "USER_UNKNOWN", PAM_USER_UNKNOWN },
	{ "SERVICE_ERR", PAM_SERVICE_ERR },
	{ "CONV_ERR", PAM_CONV_ERR },
	{ "BUF_ERR", PAM_BUF_ERR },
	{ "PERM_DENIED", PAM_PERM_DENIED },
};

/*
 * A stack in which all modules say PAM_IGNORE is refused by libpam as
 * PAM_PERM_DENIED, which this module never returns for auth (test_result.c); in
 * account lines, which may refuse by that, another module says PAM_AUTH_ERR.
 */
static int
wanted(const struct plan_call *call)
{
	if (strcmp(call->expect, "IGNORE") == 0)
		return strcmp(call->function, "acct_mgmt") == 0 ?
		    PAM_AUTH_ERR : PAM_PERM_DENIED;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strcmp(call->expect, codes[i].name) == 0)
			return codes[i].code;
	}
	printf("expect: no such code: %s\n", call->expect);
	exit(2);
}

static const struct {
	const char *name;
	int (*function)(pam_handle_t *pamh, int flags);
} functions[] = {
	{ "authenticate", pam_authenticate },
	{ "setcred", pam_setcred },
	{ "acct_mgmt", pam_acct_mgmt },
	{ "open_session", pam_open_session },
	{ "close_session", pam_close_session },
	{ "chauthtok", pam_chauthtok },
};

static int
do_call(const struct plan_call *call, pam_handle_t *pamh)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (strcmp(call->function, functions[i].name) == 0)
			return functions[i].function(pamh, call->flags);
	}
	printf("call: no such function: %s\n", call->function);
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

/* Our module alone. */
static void
write_lines(FILE *f, const struct plan *plan, const char *module,
    const char *socket)
{
	static const char *const types[] = { "auth", "session", "password" };

	for (int i = 0; i < 3; i++)
		(void)fprintf(f, "%s required %s %s %s\n", types[i], module,
		    plan->args, socket);
	(void)fprintf(f, "account [success=done ignore=ignore default=die] "
	    "%s %s %s\n", module, plan->args, socket);
}

/* A line of the script, with MODULE and NOTE for what they stand for. */
static void
write_stack(FILE *f, const char *line, const char *module, const char *folder,
    const char *socket)
{
	const char *at = strstr(line, "MODULE");

	if (strcmp(line, "NOTE") == 0)
		(void)fprintf(f, "auth [default=ignore] pam_exec.so quiet "
		    "expose_authtok /usr/bin/tee %s/authtok\n", folder);
	else if (at != NULL)
		(void)fprintf(f, "%.*s%s %s%s\n", (int)(at - line), line,
		    module, socket, at + strlen("MODULE"));
	else
		(void)fprintf(f, "%s\n", line);
}

/* pam_exec asks for the password and makes it PAM_AUTHTOK. */
static void
write_service(const struct plan *plan, const char *service, const char *module,
    const char *folder)
{
	char path[2 * PATH_SIZE], socket[PATH_SIZE];
	FILE *f;

	name_socket(plan, folder, socket);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, service);
	if ((f = fopen(path, "we")) == NULL)
		exit(2);
	if (plan->authtok[0] != '\0')
		(void)fputs("auth [default=ignore] pam_exec.so "
		    "expose_authtok quiet /bin/true\n", f);
	for (size_t i = 0; i < plan->stack_planned; i++)
		write_stack(f, plan->stack[i], module, folder, socket);
	if (plan->stack_planned == 0)
		write_lines(f, plan, module, socket);
	(void)fputs("account required pam_deny.so\n", f);
	(void)fclose(f);
}

static void
write_services(const struct plan *plan, const char *module, const char *folder)
{
	for (size_t i = 0; i < plan->calls_planned; i++) {
		if (plan->calls[i].service[0] != '\0')
			write_service(plan, plan->calls[i].service, module,
			    folder);
	}
}

static void
set_items(const struct plan *plan, pam_handle_t *pamh)
{
	if (plan->rhost[0] != '\0')
		(void)pam_set_item(pamh, PAM_RHOST, plan->rhost);
	if (plan->tty[0] != '\0')
		(void)pam_set_item(pamh, PAM_TTY, plan->tty);
	if (plan->environment[0] != '\0')
		(void)pam_putenv(pamh, plan->environment);
	(void)pam_set_item(pamh, PAM_USER_PROMPT, "login: ");
	(void)pam_set_item(pamh, PAM_FAIL_DELAY, (const void *)host_delay);
}

/* What the host changes between two calls. */
static void
change_items(const struct plan_call *call, pam_handle_t *pamh)
{
	if (call->user_set)
		(void)pam_set_item(pamh, PAM_USER, call->user);
	if (call->service[0] != '\0')
		(void)pam_set_item(pamh, PAM_SERVICE, call->service);
}

/* R22: PAM_USER is what the host has set. */
static void
check_user(const struct plan *plan, const char *name, pam_handle_t *pamh)
{
	const void *user = NULL;

	if (plan->no_user)
		return;
	if (pam_get_item(pamh, PAM_USER, &user) != PAM_SUCCESS ||
	    user == NULL || strcmp(user, name) != 0)
		host_fail("R22: PAM_USER was changed");
}

static void
check_call(const struct plan *plan, const struct plan_call *call, int code)
{
	if (code != wanted(call))
		host_fail("%s: wanted code: %s\n   got code: %d",
		    call->function, call->expect, code);
	if (code != PAM_SUCCESS &&
	    strcmp(call->function, "authenticate") == 0 &&
	    (plan->delay < 1000000 || plan->delay > 3000000))
		host_fail("a failure without its delay");
}

static double
now(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* R28: what has a limit in time keeps it, and is not given up before. */
static void
check_seconds(const struct plan_call *call, double began)
{
	double took = now() - began;

	if (call->seconds_most != 0 && (took < (double)call->seconds_least ||
	    took > (double)call->seconds_most))
		host_fail("%s: wanted %lu to %lu seconds\n   it took %.2f",
		    call->function, call->seconds_least, call->seconds_most,
		    took);
}

/* What the line NOTE wrote, up to the NUL behind it. */
static void
check_authtok(const struct plan *plan, const char *folder)
{
	char path[2 * PATH_SIZE], got[SCRIPT_WORD] = "";
	FILE *f;

	if (plan->authtok_later[0] == '\0')
		return;
	(void)snprintf(path, sizeof(path), "%s/authtok", folder);
	if ((f = fopen(path, "re")) != NULL) {
		(void)!fread(got, 1, sizeof(got) - 1, f);
		(void)fclose(f);
	}
	if (strcmp(got, plan->authtok_later) != 0)
		host_fail("wanted PAM_AUTHTOK: %s\n   got PAM_AUTHTOK: %s",
		    plan->authtok_later, got);
}

static void
check_end(const struct plan *plan)
{
	if (plan->done < plan->planned)
		host_fail("line %u: a message that did not come",
		    plan->steps[plan->done].line);
	if (plan->logs_done < plan->logs_planned)
		host_fail("a log line that did not come: %s",
		    plan->logs[plan->logs_done]);
	if (plan->audits_done < plan->audits_planned)
		host_fail("an audit record that did not come: %s",
		    plan->audits[plan->audits_done]);
}

/* The calls on one handle; the last one's code. */
static int
call_all(struct plan *plan, pam_handle_t *pamh)
{
	const char *user = plan->calls[0].user;
	struct hygiene before;
	int code = PAM_SUCCESS;
	double began;

	for (size_t i = 0; i < plan->calls_planned; i++) {
		const struct plan_call *call = &plan->calls[i];

		if (i > 0)
			change_items(call, pamh);
		if (call->user_set)
			user = call->user;
		plan->delay = 0;
		plan->password_asked = false;
		hygiene_note(&before);
		began = now();
		code = do_call(call, pamh);
		check_seconds(call, began);
		if (!hygiene_same(&before))
			plan->failed = true;
		check_user(plan, user, pamh);
		check_call(plan, call, code);
	}
	return code;
}

static int
run(struct plan *plan, const char *folder)
{
	const struct pam_conv conv = { host_converse, plan };
	const struct plan_call *first = &plan->calls[0];
	pam_handle_t *pamh;
	int code;

	if (pam_start_confdir(first->service,
	    plan->no_user ? NULL : first->user, &conv, folder, &pamh) !=
	    PAM_SUCCESS)
		return 2;
	set_items(plan, pamh);
	if (plan->uid != 0 && seteuid(plan->uid) != 0)
		return 2;
	code = call_all(plan, pamh);
	(void)!seteuid(0);
	check_authtok(plan, folder);
	check_end(plan);
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
	write_services(&plan, argv[1], argv[2]);
	status = run(&plan, argv[2]);
	plan_wipe(&plan);
	return status;
}
