/* SPDX-License-Identifier: MIT */
/*
 * One login through the real libpam, whose calls can fail (fault.h):
 *
 *   login SERVICE USER [RHOST] <ANSWERS
 *
 * Each question takes the next line of standard input.  With RHOST the user
 * comes from there with a key, as sshd says it.  Prints the result in a word.
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

static int
authenticate(const char *service, const char *user, const char *rhost,
    struct script *script)
{
	struct pam_conv conv = { converse, script };
	struct fault_census before;
	pam_handle_t *pamh = NULL;
	int ret;

	/* libc keeps its way to the log; who logs first is no leak. */
	syslog(LOG_DEBUG, "a login begins");
	fault_census(&before);
	ret = pam_start(service, user, &conv, &pamh);
	if (ret != PAM_SUCCESS)
		return ret;
	ret = prepare(pamh, rhost);
	fault_begin();
	if (ret == PAM_SUCCESS)
		ret = pam_authenticate(pamh, 0);
	fault_end();
	(void)pam_end(pamh, ret);
	fault_compare(&before);
	return ret;
}

int
main(int argc, char **argv)
{
	struct script script = { .next = script.text };
	ssize_t n;
	int ret;

	if (argc < 3)
		return 2;
	n = read(STDIN_FILENO, script.text, sizeof(script.text) - 1);
	if (n < 0)
		return 2;
	ret = authenticate(argv[1], argv[2], argv[3], &script);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].code == ret) {
			(void)puts(words[i].text);
			return ret == PAM_SUCCESS ? 0 : 1;
		}
	}
	(void)printf("other %d\n", ret);
	return 1;
}
