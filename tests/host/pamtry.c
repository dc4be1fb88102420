/* SPDX-License-Identifier: MIT */
/*
 * One login through the real libpam, like pamtester, but without the pause
 * that libpam makes after a refusal, and with the result as a word.
 *
 *   pamtry [-s] SERVICE USER <ANSWERS
 *
 * Each question takes the next line of standard input; at its end the
 * conversation fails.  Questions and messages go to standard error.  Prints
 * the result of pam_authenticate: "success", "ignore" (libpam's answer when
 * the only module said PAM_IGNORE), "auth_err" and so on.  -s: PAM_SILENT.
 */
#include <security/pam_appl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
	int code;
	const char *text;
};

static const struct word words[] = {
	{ PAM_SUCCESS, "success" },
	{ PAM_PERM_DENIED, "ignore" },
	{ PAM_AUTH_ERR, "auth_err" },
	{ PAM_AUTHINFO_UNAVAIL, "unavail" },
	{ PAM_USER_UNKNOWN, "user_unknown" },
	{ PAM_SERVICE_ERR, "service_err" },
	{ PAM_CONV_ERR, "conv_err" },
	{ PAM_BUF_ERR, "buf_err" },
};

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
authenticate(const char *service, const char *user, int flags)
{
	struct pam_conv conv = { converse, NULL };
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
		ret = pam_authenticate(pamh, flags);
	pam_end(pamh, ret);
	return ret;
}

int
main(int argc, char **argv)
{
	int flags = 0, ret;
	size_t i;

	if (argc == 4 && strcmp(argv[1], "-s") == 0) {
		flags = PAM_SILENT;
		argv++;
		argc--;
	}
	if (argc != 3) {
		fprintf(stderr, "usage: pamtry [-s] SERVICE USER <ANSWERS\n");
		return 2;
	}
	ret = authenticate(argv[1], argv[2], flags);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].code == ret) {
			puts(words[i].text);
			return ret == PAM_SUCCESS ? 0 : 1;
		}
	}
	printf("other %d\n", ret);
	return 1;
}
