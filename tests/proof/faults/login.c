/* SPDX-License-Identifier: MIT */
/*
 * One login through the real libpam, whose calls can fail (fault.h):
 *
 *   login SERVICE USER [RHOST [account|both]] <ANSWERS
 *
 * Each question takes the next line of standard input.  With RHOST the user
 * comes from there with a key, as sshd says it: "account" asks pam_acct_mgmt
 * alone, as for a key alone, "both" does so after a login that may have failed.
 * Prints the result in a word; "unmarked" is a failed login whose user comes in
 * by key.
 */
#include "tests/proof/faults/fault.h"

#include <security/pam_appl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

const char fault_role[] = FAULT_PAGE_OF("client");

static const struct {
	int code;
	const char *text;
} words[] = {
	{ PAM_SUCCESS, "success" },
	{ PAM_PERM_DENIED, "ignore" }, /* of a stack that ignored all */
	{ PAM_AUTH_ERR, "auth_err" },
	{ PAM_AUTHINFO_UNAVAIL, "unavail" },
	{ PAM_USER_UNKNOWN, "user_unknown" },
	{ PAM_SERVICE_ERR, "service_err" },
	{ PAM_CONV_ERR, "conv_err" },
	{ PAM_BUF_ERR, "buf_err" },
};

struct script {
	char text[1024];
	char *next;
};

static const char *
next_line(struct script *script)
{
	char *line = script->next, *end;

	if (*line == '\0' || (end = strchr(line, '\n')) == NULL)
		return NULL;
	*end = '\0';
	script->next = end + 1;
	return line;
}

/* Its own memory never fails: what is struck is the module and libpam. */
static char *
copy(const char *text, size_t size)
{
	struct fault_page *page = fault_page();
	uint32_t at = page->at;
	char *p;

	page->at = 0;
	p = calloc(1, size);
	page->at = at;
	page->count[FAULT_MEMORY]--;
	if (p != NULL && text != NULL)
		memcpy(p, text, strlen(text) + 1);
	return p;
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **out, void *ctx)
{
	int style = messages[0]->msg_style;
	struct pam_response *reply;
	const char *line;

	if (count != 1)
		return PAM_CONV_ERR;
	reply = (struct pam_response *)(void *)copy(NULL, sizeof(*reply));
	if (reply == NULL)
		return PAM_BUF_ERR;
	if (style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON) {
		line = next_line(ctx);
		if (line != NULL)
			reply->resp = copy(line, strlen(line) + 1);
		if (reply->resp == NULL) {
			free(reply);
			return PAM_CONV_ERR;
		}
	}
	*out = reply;
	return PAM_SUCCESS;
}

static void
no_delay(int status, unsigned int usec, void *ctx)
{
	(void)status;
	(void)usec;
	(void)ctx;
}

static int
prepare(pam_handle_t *pamh, const char *rhost)
{
	union {
		void (*fn)(int, unsigned int, void *);
		const void *item;
	} delay = { no_delay };
	int ret = pam_set_item(pamh, PAM_FAIL_DELAY, delay.item);

	if (ret == PAM_SUCCESS && rhost != NULL)
		ret = pam_set_item(pamh, PAM_RHOST, rhost);
	if (ret == PAM_SUCCESS && rhost != NULL)
		ret = pam_putenv(pamh, "SSH_AUTH_INFO_0=publickey ssh-ed25519 "
				       "AAAAC3NzaC1lZDI1NTE5AAAAIA");
	return ret;
}

struct visit {
	const char *service, *user, *rhost;
	bool authenticates, accounts;
};

static int
ask_modules(pam_handle_t *pamh, const struct visit *visit, bool *unmarked)
{
	int ret = PAM_SUCCESS, account;

	if (visit->authenticates)
		ret = pam_authenticate(pamh, 0);
	if (!visit->accounts)
		return ret;
	account = pam_acct_mgmt(pamh, 0);
	*unmarked = ret != PAM_SUCCESS && account == PAM_SUCCESS;
	return account;
}

static int
log_in(const struct visit *visit, struct script *script, bool *unmarked)
{
	struct pam_conv conv = { converse, script };
	struct fault_census before;
	pam_handle_t *pamh = NULL;
	int ret;

	/* libc keeps its way to the log; who logs first is no leak. */
	syslog(LOG_DEBUG, "a login begins");
	fault_census(&before);
	ret = pam_start(visit->service, visit->user, &conv, &pamh);
	if (ret != PAM_SUCCESS)
		return ret;
	ret = prepare(pamh, visit->rhost);
	fault_begin();
	if (ret == PAM_SUCCESS)
		ret = ask_modules(pamh, visit, unmarked);
	fault_end();
	(void)pam_end(pamh, ret);
	fault_compare(&before);
	return ret;
}

static const char *
word_of(int ret, bool accounts)
{
	if (accounts && ret == PAM_PERM_DENIED)
		return "refused";
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].code == ret)
			return words[i].text;
	}
	return "other";
}

int
main(int argc, char **argv)
{
	struct script script = { .next = script.text };
	struct visit visit = { .authenticates = true };
	bool unmarked = false;
	ssize_t n;
	int ret;

	if (argc < 3 || argc > 5)
		return 2;
	visit.service = argv[1];
	visit.user = argv[2];
	visit.rhost = argv[3];
	visit.accounts = argc == 5;
	if (argc == 5)
		visit.authenticates = strcmp(argv[4], "both") == 0;
	n = read(STDIN_FILENO, script.text, sizeof(script.text) - 1);
	if (n < 0)
		return 2;
	ret = log_in(&visit, &script, &unmarked);
	(void)puts(unmarked ? "unmarked" : word_of(ret, visit.accounts));
	return ret == PAM_SUCCESS ? 0 : 1;
}
