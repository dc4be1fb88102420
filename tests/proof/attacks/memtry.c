/* SPDX-License-Identifier: MIT */
/*
 * A host whose memory is looked at.
 *
 *   memtry SERVICE USER <LINES
 *
 * Does one login.  Each question takes the next line of standard input, read a
 * byte at a time into a buffer that is wiped, so that no copy of an answer is
 * the host's own.  Questions and messages go to standard error.  Prints the
 * number that pam_authenticate returned and waits for a line with the handle
 * still open; then ends the handle, prints "ended" and waits for the next one.
 */
#include <security/pam_appl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE 512

static char *
next_line(void)
{
	char line[LINE], *copy = NULL;
	size_t len = 0;

	while (len < LINE - 1 && read(0, line + len, 1) == 1 &&
	    line[len] != '\n')
		len++;
	if (len > 0 || line[0] == '\n') {
		line[len] = '\0';
		copy = strdup(line);
	}
	explicit_bzero(line, sizeof(line));
	return copy;
}

/* Said without stdio, whose buffers would keep what is shown. */
static void
show(const char *text)
{
	if (write(2, text, strlen(text)) == -1 || write(2, "\n", 1) == -1)
		_exit(2);
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **out, void *ctx)
{
	struct pam_response *reply;

	(void)ctx;
	if (count != 1)
		return PAM_CONV_ERR;
	show(messages[0]->msg);
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

int
main(int argc, char **argv)
{
	struct pam_conv conv = { converse, NULL };
	union {
		void (*fn)(int, unsigned int, void *);
		const void *item;
	} delay = { no_delay };
	pam_handle_t *pamh = NULL;
	int ret;

	if (argc != 3) {
		fprintf(stderr, "usage: memtry SERVICE USER <LINES\n");
		return 2;
	}
	setbuf(stdout, NULL);
	ret = pam_start(argv[1], argv[2], &conv, &pamh);
	if (ret != PAM_SUCCESS)
		return 2;
	ret = pam_set_item(pamh, PAM_FAIL_DELAY, delay.item);
	if (ret == PAM_SUCCESS)
		ret = pam_authenticate(pamh, 0);
	printf("%d\n", ret);
	free(next_line());
	pam_end(pamh, ret);
	printf("ended\n");
	free(next_line());
	return 0;
}
