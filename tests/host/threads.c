/* SPDX-License-Identifier: MIT */
/*
 * A threaded daemon: many complete logins at one moment in one process.
 *
 *   threads SERVICE THREADS PASSWORD <LOGINS
 *
 * Each line of standard input is a login, "USER CODE".  Thread i takes lines i,
 * i + THREADS and so on, one a round; in each round all threads begin together.
 * Each login has a handle of its own: authenticate, account, credentials,
 * session.  The first prompt gets the password, unless that is empty.
 *
 * Prints "USER RESULT" for each line, PAM's number, in their order, then what
 * the process has noticed of it as "NAME: before -> after", but only where it
 * differs: descriptors, umask, working directory, environment, signals'
 * dispositions and masks, children, SIGCHLDs.  A thread of its own waits for
 * any child meanwhile, as daemons do.  The exit status is 0 if nothing differs.
 */
#define _GNU_SOURCE 1 /* environ */
#include <security/pam_appl.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define THREADS_MAX 64
#define LOGINS_MAX  512
#define STATE_MAX   8192

struct login {
	char user[64];
	char code[64];
	int result;
	bool masked; /* its thread's signal mask was changed */
};

struct daemon {
	const char *service;
	const char *password;
	struct login logins[LOGINS_MAX];
	unsigned int count;
	unsigned int threads;
	pthread_barrier_t gate;
};

struct worker {
	struct daemon *daemon;
	unsigned int first;
};

/* What one login's conversation knows. */
struct talk {
	const char *password;
	const char *code;
	int prompts;
};

/* What a process has, as text. */
struct state {
	char descriptors[STATE_MAX];
	char memory[STATE_MAX]; /* umask, folder, environment */
	char signals[STATE_MAX];
};

/* Handlers have no other way to tell. */
static atomic_uint sigchlds;
static atomic_uint children;
static atomic_bool over;

static void
on_sigchld(int number)
{
	(void)number;
	atomic_fetch_add(&sigchlds, 1);
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **out, void *ctx)
{
	struct talk *talk = ctx;
	struct pam_response *reply;
	const char *answer;

	if (count != 1)
		return PAM_CONV_ERR;
	reply = calloc(1, sizeof(*reply));
	if (reply == NULL)
		return PAM_BUF_ERR;
	*out = reply;
	if (messages[0]->msg_style != PAM_PROMPT_ECHO_OFF)
		return PAM_SUCCESS;
	answer = talk->prompts++ == 0 && talk->password[0] != '\0'
	    ? talk->password
	    : talk->code;
	reply->resp = strdup(answer);
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

static int
whole_session(pam_handle_t *pamh)
{
	int ret;

	if ((ret = pam_authenticate(pamh, 0)) != PAM_SUCCESS ||
	    (ret = pam_acct_mgmt(pamh, 0)) != PAM_SUCCESS ||
	    (ret = pam_setcred(pamh, PAM_ESTABLISH_CRED)) != PAM_SUCCESS ||
	    (ret = pam_open_session(pamh, 0)) != PAM_SUCCESS ||
	    (ret = pam_close_session(pamh, 0)) != PAM_SUCCESS)
		return ret;
	return pam_setcred(pamh, PAM_DELETE_CRED);
}

static int
log_in(const struct daemon *daemon, const struct login *login)
{
	struct talk talk = { daemon->password, login->code, 0 };
	struct pam_conv conv = { converse, &talk };
	union {
		void (*fn)(int, unsigned int, void *);
		const void *item;
	} delay = { no_delay };
	pam_handle_t *pamh = NULL;
	int ret;

	ret = pam_start(daemon->service, login->user, &conv, &pamh);
	if (ret != PAM_SUCCESS)
		return ret;
	ret = pam_set_item(pamh, PAM_FAIL_DELAY, delay.item);
	if (ret == PAM_SUCCESS)
		ret = whole_session(pamh);
	pam_end(pamh, ret);
	return ret;
}

static void *
work(void *ctx)
{
	const struct worker *worker = ctx;
	struct daemon *daemon = worker->daemon;
	sigset_t before, after;

	for (unsigned int i = worker->first; i < daemon->count;
	     i += daemon->threads) {
		struct login *login = &daemon->logins[i];

		pthread_barrier_wait(&daemon->gate);
		pthread_sigmask(SIG_SETMASK, NULL, &before);
		login->result = log_in(daemon, login);
		pthread_sigmask(SIG_SETMASK, NULL, &after);
		for (int n = 1; n < SIGRTMAX; n++)
			if (sigismember(&before, n) != sigismember(&after, n))
				login->masked = true;
	}
	return NULL;
}

/* A daemon that collects whatever child it has. */
static void *
collect(void *ctx)
{
	(void)ctx;
	while (!atomic_load(&over)) {
		if (waitpid(-1, NULL, WNOHANG) > 0)
			atomic_fetch_add(&children, 1);
		usleep(200);
	}
	return NULL;
}

static void
add(char *text, const char *what, const char *value)
{
	size_t len = strlen(text);

	snprintf(text + len, STATE_MAX - len, "%s=%s ", what, value);
}

/* Names in their order, for the same state has to be the same text. */
static void
look_at_descriptors(char *text)
{
	struct dirent **names = NULL;
	char path[300], target[256];
	int count = scandir("/proc/self/fd", &names, NULL, alphasort);
	ssize_t len;

	for (int i = 0; i < count; i++) {
		snprintf(
		    path, sizeof(path), "/proc/self/fd/%s", names[i]->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		/* not the folder that is being read, nor what is no link */
		if (len > 0 && strstr(target, "/fd") == NULL)
			add(text, names[i]->d_name, target);
		free(names[i]);
	}
	free(names);
}

static void
look_at_memory(char *text)
{
	char line[256], folder[256];
	FILE *status = fopen("/proc/self/status", "r");

	while (status != NULL && fgets(line, sizeof(line), status) != NULL)
		if (strncmp(line, "Umask:", 6) == 0)
			add(text, "umask", strtok(line + 6, "\t\n"));
	if (status != NULL)
		fclose(status);
	add(text, "cwd", getcwd(folder, sizeof(folder)));
	for (char **word = environ; *word != NULL; word++)
		add(text, "environ", *word);
}

static void
look_at_signals(char *text)
{
	struct sigaction action;
	char value[64];

	for (int n = 1; n < SIGRTMAX; n++) {
		if (sigaction(n, NULL, &action) != 0)
			continue;
		snprintf(value, sizeof(value), "%d:%lx:%x", n,
		    (unsigned long)action.sa_handler,
		    (unsigned int)action.sa_flags);
		add(text, "signal", value);
	}
}

static void
look(struct state *state)
{
	memset(state, 0, sizeof(*state));
	look_at_descriptors(state->descriptors);
	look_at_memory(state->memory);
	look_at_signals(state->signals);
}

static int
differs(const char *what, const char *before, const char *after)
{
	if (strcmp(before, after) == 0)
		return 0;
	printf("%s: %s-> %s\n", what, before, after);
	return 1;
}

static int
counted(const char *what, unsigned int count)
{
	if (count != 0)
		printf("%s: 0 -> %u\n", what, count);
	return count != 0;
}

static bool
read_logins(struct daemon *daemon)
{
	struct login *login = daemon->logins;

	while (daemon->count < LOGINS_MAX &&
	    scanf("%63s %63s", login->user, login->code) == 2) {
		daemon->count++;
		login++;
	}
	return daemon->count > 0 && daemon->count % daemon->threads == 0;
}

static bool
run(struct daemon *daemon)
{
	struct worker workers[THREADS_MAX];
	pthread_t ids[THREADS_MAX], collector;

	if (pthread_barrier_init(&daemon->gate, NULL, daemon->threads) != 0 ||
	    pthread_create(&collector, NULL, collect, NULL) != 0)
		return false;
	for (unsigned int i = 0; i < daemon->threads; i++) {
		workers[i].daemon = daemon;
		workers[i].first = i;
		if (pthread_create(&ids[i], NULL, work, &workers[i]) != 0)
			return false;
	}
	for (unsigned int i = 0; i < daemon->threads; i++)
		pthread_join(ids[i], NULL);
	atomic_store(&over, true);
	pthread_join(collector, NULL);
	return true;
}

/* Returns how much differs. */
static int
report(const struct daemon *daemon, const struct state *before,
    const struct state *after)
{
	unsigned int masked = 0;
	int bad = 0;

	for (unsigned int i = 0; i < daemon->count; i++) {
		printf("%s %d\n", daemon->logins[i].user,
		    daemon->logins[i].result);
		masked += daemon->logins[i].masked;
	}
	bad += differs("descriptors", before->descriptors, after->descriptors);
	bad += differs("memory", before->memory, after->memory);
	bad += differs("signals", before->signals, after->signals);
	bad += counted("masks", masked);
	bad += counted("children", atomic_load(&children));
	bad += counted("sigchlds", atomic_load(&sigchlds));
	/* __WALL: also those that are not to be seen by a usual wait */
	if (waitpid(-1, NULL, WNOHANG | __WALL) != -1 || errno != ECHILD)
		bad += counted("zombies", 1);
	return bad;
}

int
main(int argc, char **argv)
{
	static struct daemon daemon;
	struct sigaction action = { .sa_handler = on_sigchld };
	struct state before, after;

	if (argc == 4) {
		daemon.service = argv[1];
		daemon.threads = (unsigned int)strtoul(argv[2], NULL, 10);
		daemon.password = argv[3];
	}
	if (daemon.threads < 1 || daemon.threads > THREADS_MAX ||
	    !read_logins(&daemon)) {
		fprintf(stderr,
		    "usage: threads SERVICE THREADS PASSWORD <LOGINS\n");
		return 2;
	}
	sigaction(SIGCHLD, &action, NULL);
	openlog("threads", LOG_NDELAY, LOG_AUTHPRIV);
	look(&before);
	if (!run(&daemon)) {
		fprintf(stderr, "threads: no resources\n");
		return 2;
	}
	look(&after);
	return report(&daemon, &before, &after) == 0 ? 0 : 1;
}
