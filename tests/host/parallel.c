/* SPDX-License-Identifier: MIT */
/*
 * Many logins at one moment, through the real libpam and the real module.
 *
 *   parallel SERVICE <ROUNDS
 *
 * A round is a line "COUNT USER CODE [USER CODE]...": COUNT processes begin a
 * login each, process i as pair i modulo the pairs; when all of them have been
 * asked, all answer.  A second question gets no answer.  For each round one
 * line is printed:
 *
 *   success=N auth_err=N unavail=N other=N asked=N
 */
#include <security/pam_appl.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROCESSES_MAX 512
#define WAIT_MS	      30000

/* One login: what its conversation knows. */
struct login {
	const char *user;
	const char *code;
	int ready; /* one byte written here: asked, or over */
	int gate;  /* end of file here: answer now */
	int asked;
};

struct round {
	unsigned int count;
	unsigned int pairs;
	const char *user[PROCESSES_MAX];
	const char *code[PROCESSES_MAX];
};

struct tally {
	unsigned int success, auth_err, unavail, other, asked;
};

static void
say(int fd, char what)
{
	while (write(fd, &what, 1) == -1 && errno == EINTR)
		continue;
}

/* Waits until the parent closes the gate's other end. */
static void
wait_for_gate(const struct login *login)
{
	char nothing;

	say(login->ready, 'a');
	while (read(login->gate, &nothing, 1) == -1 && errno == EINTR)
		continue;
}

static int
answer(const struct pam_message *message, struct login *login, char **text)
{
	if (message->msg_style != PAM_PROMPT_ECHO_OFF &&
	    message->msg_style != PAM_PROMPT_ECHO_ON)
		return PAM_SUCCESS;
	if (login->asked++ > 0)
		return PAM_CONV_ERR;
	wait_for_gate(login);
	*text = strdup(login->code);
	return *text == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **out, void *ctx)
{
	struct pam_response *replies;
	int i, ret = PAM_SUCCESS;

	if (count < 1 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	replies = calloc((size_t)count, sizeof(*replies));
	if (replies == NULL)
		return PAM_BUF_ERR;
	for (i = 0; i < count && ret == PAM_SUCCESS; i++)
		ret = answer(messages[i], ctx, &replies[i].resp);
	if (ret != PAM_SUCCESS) {
		for (i = 0; i < count; i++)
			free(replies[i].resp);
		free(replies);
		return ret;
	}
	*out = replies;
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

/* The child: its exit status is what pam_authenticate returned. */
static int
log_in(const char *service, struct login *login)
{
	struct pam_conv conv = { converse, login };
	union {
		void (*fn)(int, unsigned int, void *);
		const void *item;
	} delay = { no_delay };
	pam_handle_t *pamh = NULL;
	int ret;

	ret = pam_start(service, login->user, &conv, &pamh);
	if (ret != PAM_SUCCESS)
		return ret;
	ret = pam_set_item(pamh, PAM_FAIL_DELAY, delay.item);
	if (ret == PAM_SUCCESS)
		ret = pam_authenticate(pamh, 0);
	pam_end(pamh, ret);
	if (login->asked == 0)
		say(login->ready, 'n');
	return ret;
}

/* Waits until every child was asked or is over; returns how many were asked. */
static unsigned int
wait_for_all(int ready, unsigned int count)
{
	struct pollfd pfd = { .fd = ready, .events = POLLIN };
	unsigned int seen = 0, asked = 0;
	char what;

	while (seen < count && poll(&pfd, 1, WAIT_MS) == 1) {
		if (read(ready, &what, 1) != 1)
			break;
		seen++;
		if (what == 'a')
			asked++;
	}
	return asked;
}

static void
count_status(int status, struct tally *tally)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : PAM_ABORT;

	switch (code) {
	case PAM_SUCCESS:
		tally->success++;
		break;
	case PAM_AUTH_ERR:
		tally->auth_err++;
		break;
	case PAM_AUTHINFO_UNAVAIL:
		tally->unavail++;
		break;
	default:
		tally->other++;
		break;
	}
}

static int
run_round(const char *service, const struct round *round, struct tally *tally)
{
	struct login login = { 0 };
	int ready[2], gate[2], status;
	unsigned int i;
	pid_t pid;

	if (pipe(ready) == -1 || pipe(gate) == -1)
		return -1;
	for (i = 0; i < round->count; i++) {
		pid = fork();
		if (pid == -1)
			return -1;
		if (pid != 0)
			continue;
		close(ready[0]);
		close(gate[1]);
		login.user = round->user[i % round->pairs];
		login.code = round->code[i % round->pairs];
		login.ready = ready[1];
		login.gate = gate[0];
		_exit(log_in(service, &login));
	}
	close(ready[1]);
	close(gate[0]);
	tally->asked = wait_for_all(ready[0], round->count);
	close(gate[1]);
	for (i = 0; i < round->count; i++)
		if (waitpid(-1, &status, 0) != -1)
			count_status(status, tally);
	close(ready[0]);
	return 0;
}

/* The words point into line. */
static int
parse_round(char *line, struct round *round)
{
	char *save = NULL, *word;

	memset(round, 0, sizeof(*round));
	word = strtok_r(line, " \n", &save);
	if (word == NULL)
		return -1;
	round->count = (unsigned int)strtoul(word, NULL, 10);
	while ((word = strtok_r(NULL, " \n", &save)) != NULL) {
		if (round->pairs == PROCESSES_MAX)
			return -1;
		round->user[round->pairs] = word;
		word = strtok_r(NULL, " \n", &save);
		if (word == NULL)
			return -1;
		round->code[round->pairs++] = word;
	}
	return round->count == 0 || round->count > PROCESSES_MAX ||
		round->pairs == 0
	    ? -1
	    : 0;
}

int
main(int argc, char **argv)
{
	struct round round;
	struct tally tally;
	char *line = NULL;
	size_t size = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: parallel SERVICE <ROUNDS\n");
		return 2;
	}
	while (getline(&line, &size, stdin) != -1) {
		memset(&tally, 0, sizeof(tally));
		if (parse_round(line, &round) == -1 ||
		    run_round(argv[1], &round, &tally) == -1) {
			fprintf(
			    stderr, "parallel: bad round or no resources\n");
			free(line);
			return 2;
		}
		printf("success=%u auth_err=%u unavail=%u other=%u asked=%u\n",
		    tally.success, tally.auth_err, tally.unavail, tally.other,
		    tally.asked);
		fflush(stdout);
	}
	free(line);
	return 0;
}
