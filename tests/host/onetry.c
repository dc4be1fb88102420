/* SPDX-License-Identifier: MIT */
/*
 * A host that has one answer for each pam_authenticate, as some screen lockers
 * have: it keeps one handle, and a second prompt of the same call gets an
 * error.
 *
 *   onetry SERVICE USER <ANSWERS
 *
 * Each line of standard input is one call; after a success there is no other.
 * Prints a line for each: the result as a word, then how many prompts there
 * were and whether text was shown, as "auth_err prompts=2 told=0".  Prompts
 * and texts go to standard error.
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
	{ PAM_AUTH_ERR, "auth_err" },
	{ PAM_AUTHINFO_UNAVAIL, "unavail" },
	{ PAM_USER_UNKNOWN, "user_unknown" },
	{ PAM_SERVICE_ERR, "service_err" },
	{ PAM_CONV_ERR, "conv_err" },
};

/* What the conversation of one call knows. */
struct attempt {
	const char *answer; /* NULL once it was given */
	int prompts;
	int told;
};

static int
answer_one(
    const struct pam_message *message, struct attempt *attempt, char **text)
{
	fprintf(stderr, "%s\n", message->msg);
	if (message->msg_style != PAM_PROMPT_ECHO_OFF &&
	    message->msg_style != PAM_PROMPT_ECHO_ON) {
		attempt->told++;
		return PAM_SUCCESS;
	}
	attempt->prompts++;
	if (attempt->answer == NULL)
		return PAM_ABORT;
	*text = strdup(attempt->answer);
	attempt->answer = NULL;
	return *text == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **out, void *ctx)
{
	struct pam_response *reply;
	int ret;

	if (count != 1)
		return PAM_CONV_ERR;
	reply = calloc(1, sizeof(*reply));
	if (reply == NULL)
		return PAM_BUF_ERR;
	ret = answer_one(messages[0], ctx, &reply->resp);
	if (ret != PAM_SUCCESS) {
		free(reply);
		return ret;
	}
	*out = reply;
	return PAM_SUCCESS;
}

/* libpam would sleep after each refusal. */
static void
no_delay(int status, unsigned int usec, void *ctx)
{
	(void)status;
	(void)usec;
	(void)ctx;
}

static void
show(int ret, const struct attempt *attempt)
{
	const char *text = "other";

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].code == ret)
			text = words[i].text;
	printf("%s prompts=%d told=%d\n", text, attempt->prompts,
	    attempt->told != 0);
	fflush(stdout);
}

/* Returns what the last call did. */
static int
try_all(pam_handle_t *pamh, struct attempt *attempt)
{
	char *line = NULL;
	size_t size = 0;
	int ret = PAM_AUTH_ERR;

	while (ret != PAM_SUCCESS && getline(&line, &size, stdin) != -1) {
		line[strcspn(line, "\n")] = '\0';
		memset(attempt, 0, sizeof(*attempt));
		attempt->answer = line;
		ret = pam_authenticate(pamh, 0);
		show(ret, attempt);
	}
	if (ret == PAM_SUCCESS)
		(void)pam_setcred(pamh, PAM_REFRESH_CRED);
	free(line);
	return ret;
}

int
main(int argc, char **argv)
{
	struct attempt attempt = { 0 };
	struct pam_conv conv = { converse, &attempt };
	union {
		void (*fn)(int, unsigned int, void *);
		const void *item;
	} delay = { no_delay };
	pam_handle_t *pamh = NULL;
	int ret;

	if (argc != 3) {
		fprintf(stderr, "usage: onetry SERVICE USER <ANSWERS\n");
		return 2;
	}
	ret = pam_start(argv[1], argv[2], &conv, &pamh);
	if (ret == PAM_SUCCESS)
		ret = pam_set_item(pamh, PAM_FAIL_DELAY, delay.item);
	if (ret == PAM_SUCCESS)
		ret = try_all(pamh, &attempt);
	pam_end(pamh, ret);
	return ret == PAM_SUCCESS ? 0 : 1;
}
