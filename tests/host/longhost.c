/* SPDX-License-Identifier: MIT */
/*
 * A host that lives on, as a screen locker or a daemon: one login after the
 * other in one process, which keeps the module that it once loaded.
 *
 *   longhost <LINES
 *
 * Lines of standard input: "auth SERVICE USER", "account SERVICE USER" (which
 * authenticates nobody before), and then an answer for each question.  Each
 * result is a number of Linux-PAM, on a line of its own; questions and
 * messages go to standard error.
 */
#include <security/pam_appl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *
next_line(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len = getline(&line, &size, stdin);

	if (len < 0) {
		free(line);
		return NULL;
	}
	if (len > 0 && line[len - 1] == '\n')
		line[len - 1] = '\0';
	return line;
}

/* Linux-PAM modules send one message at a time. */
static int
converse(int count, const struct pam_message **messages,
    struct pam_response **out, void *ctx)
{
	struct pam_response *reply;

	(void)ctx;
	if (count != 1)
		return PAM_CONV_ERR;
	fprintf(stderr, "%s\n", messages[0]->msg);
	reply = calloc(1, sizeof(*reply));
	if (reply == NULL)
		return PAM_BUF_ERR;
	if (messages[0]->msg_style == PAM_PROMPT_ECHO_OFF ||
	    messages[0]->msg_style == PAM_PROMPT_ECHO_ON) {
		reply->resp = next_line();
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
serve(const char *what, const char *service, const char *user)
{
	const struct pam_conv conv = { converse, NULL };
	union {
		void (*fn)(int, unsigned int, void *);
		const void *item;
	} delay = { no_delay };
	pam_handle_t *pamh = NULL;
	int ret;

	ret = pam_start(service, user, &conv, &pamh);
	if (ret != PAM_SUCCESS)
		return ret;
	ret = pam_set_item(pamh, PAM_FAIL_DELAY, delay.item);
	if (ret == PAM_SUCCESS)
		ret = strcmp(what, "auth") == 0 ? pam_authenticate(pamh, 0) :
						  pam_acct_mgmt(pamh, 0);
	pam_end(pamh, ret);
	return ret;
}

int
main(void)
{
	char what[16], service[64], user[64], *line;

	while ((line = next_line()) != NULL) {
		if (sscanf(line, "%15s %63s %63s", what, service, user) != 3) {
			fprintf(stderr, "longhost: what is %s?\n", line);
			return 2;
		}
		free(line);
		printf("%d\n", serve(what, service, user));
		(void)fflush(stdout);
	}
	return 0;
}
