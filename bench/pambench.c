/* SPDX-License-Identifier: MIT */
/*
 * Times logins through the real libpam.
 *
 *   pambench [-w MS] CONFDIR <LOGINS
 *   pambench [-w MS] -j N CONFDIR <LOGINS
 *   pambench -r [-w MS] CONFDIR <LOGINS
 *   pambench [-w MS] -f FILE
 *
 * A login is a line "WHO SERVICE USER CODE": SERVICE is a file of CONFDIR, CODE
 * is given at the first prompt, MS milliseconds (10) after it, since a person
 * takes their time and the machine falls idle.  Each login has a process of its
 * own, as in sshd: every module is loaded anew.  Prints medians and 90 %
 * points by WHO, and how the medians of each WHO that begins with "medusa"
 * compare with the others'.
 *
 *   prompt   from pam_start_confdir to the prompt
 *   verdict  from the answer to the return of pam_authenticate
 *   whole    from pam_start_confdir to the return of pam_end, without the time
 *            that the person took
 *
 * -j: N at a time, which begin at the same moment; prints N, the number of all
 * logins and how many succeeded a second.
 *
 * -r: prints each login instead, whatever came of it, as a line "WHO RESULT
 * PROMPT VERDICT WHOLE", RESULT being PAM's number.
 *
 * -f: what the device takes for the two flushes of a login: each time, after a
 * pause of MS, twice 8 KiB written over in FILE and fdatasync.
 */
#include <security/pam_appl.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOGINS_MAX 1000 /* by one WHO */
#define WHO_MAX	   8
#define FLUSHES	   200
#define SLOT	   8192

enum time { PROMPT, VERDICT, WHOLE, TIMES };

static const char *const titles[TIMES] = { "prompt", "verdict", "whole" };

/* One WHO; times in ms, sorted in the end. */
struct row {
	char who[32];
	size_t count;
	size_t failed;
	double ms[TIMES][LOGINS_MAX];
};

struct table {
	struct row row[WHO_MAX];
	size_t rows;
};

/* What the conversation knows and notes. */
struct login {
	const char *code;
	unsigned int wait;
	uint64_t prompt;
	uint64_t answer;
};

struct sample {
	int result;
	double ms[TIMES];
};

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static double
ms_between(uint64_t from, uint64_t to)
{
	return (double)(to - from) / 1e6;
}

static void
pause_ms(unsigned int ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) != 0)
		continue;
}

/* ---- one login ---- */

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **out, void *ctx)
{
	struct login *login = ctx;
	struct pam_response *reply;

	if (count != 1 || (reply = calloc(1, sizeof(*reply))) == NULL)
		return PAM_CONV_ERR;
	if (messages[0]->msg_style == PAM_PROMPT_ECHO_OFF ||
	    messages[0]->msg_style == PAM_PROMPT_ECHO_ON) {
		if (login->prompt != 0) {
			free(reply);
			return PAM_CONV_ERR;
		}
		login->prompt = now();
		pause_ms(login->wait);
		reply->resp = strdup(login->code);
		login->answer = now();
	}
	*out = reply;
	return PAM_SUCCESS;
}

/* libpam would sleep after a refusal. */
static void
no_delay(int status, unsigned int usec, void *ctx)
{
	(void)status;
	(void)usec;
	(void)ctx;
}

static void
log_in(const char *confdir, const char *service, const char *user,
    struct login *login, struct sample *sample)
{
	struct pam_conv conv = { converse, login };
	union {
		void (*fn)(int, unsigned int, void *);
		const void *item;
	} delay = { no_delay };
	pam_handle_t *pamh = NULL;
	uint64_t start, done, end;
	int r;

	start = now();
	r = pam_start_confdir(service, user, &conv, confdir, &pamh);
	if (r == PAM_SUCCESS)
		r = pam_set_item(pamh, PAM_FAIL_DELAY, delay.item);
	if (r == PAM_SUCCESS)
		r = pam_authenticate(pamh, 0);
	done = now();
	if (pamh != NULL)
		pam_end(pamh, r);
	end = now();
	sample->result = login->prompt == 0 && r == PAM_SUCCESS ? PAM_ABORT : r;
	sample->ms[PROMPT] = ms_between(start, login->prompt);
	sample->ms[VERDICT] = ms_between(login->answer, done);
	sample->ms[WHOLE] =
	    ms_between(start, end) - ms_between(login->prompt, login->answer);
}

/* In a process of its own.  Returns 0, or -1 without a sample. */
static int
log_in_apart(const char *confdir, char *const words[4], unsigned int wait,
    struct sample *sample)
{
	struct login login = { .code = words[3], .wait = wait };
	int ends[2], status;
	ssize_t got;
	pid_t pid;

	if (pipe(ends) != 0)
		return -1;
	if ((pid = fork()) == -1)
		return -1;
	if (pid == 0) {
		log_in(confdir, words[1], words[2], &login, sample);
		got = write(ends[1], sample, sizeof(*sample));
		_exit(got == (ssize_t)sizeof(*sample) ? 0 : 1);
	}
	close(ends[1]);
	got = read(ends[0], sample, sizeof(*sample));
	close(ends[0]);
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return got == (ssize_t)sizeof(*sample) ? 0 : -1;
}

/* ---- the table ---- */

static struct row *
find_row(struct table *table, const char *who)
{
	struct row *row;

	for (size_t i = 0; i < table->rows; i++)
		if (strcmp(table->row[i].who, who) == 0)
			return &table->row[i];
	if (table->rows == WHO_MAX || strlen(who) >= sizeof(row->who))
		return NULL;
	row = &table->row[table->rows++];
	memcpy(row->who, who, strlen(who) + 1);
	return row;
}

static int
note(struct table *table, char *const words[4], const struct sample *sample)
{
	struct row *row = find_row(table, words[0]);

	if (row == NULL || row->count == LOGINS_MAX)
		return -1;
	if (sample->result != PAM_SUCCESS) {
		fprintf(stderr, "pambench: %s: user %s: result %d\n", words[0],
		    words[2], sample->result);
		row->failed++;
		return 0;
	}
	for (int i = 0; i < TIMES; i++)
		row->ms[i][row->count] = sample->ms[i];
	row->count++;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
quantile(const double *sorted, size_t count, size_t percent)
{
	return sorted[(count - 1) * percent / 100];
}

static int
is_ours(const struct row *row)
{
	return strncmp(row->who, "medusa", 6) == 0;
}

static void
print_times(const struct table *table)
{
	printf("| ms, p50 / p90 | logins | %s | %s | %s |\n", titles[PROMPT],
	    titles[VERDICT], titles[WHOLE]);
	printf("|---|---|---|---|---|\n");
	for (size_t i = 0; i < table->rows; i++) {
		const struct row *row = &table->row[i];

		printf("| %s | %zu |", row->who, row->count);
		for (int j = 0; j < TIMES; j++)
			printf(" %.2f / %.2f |",
			    quantile(row->ms[j], row->count, 50),
			    quantile(row->ms[j], row->count, 90));
		printf("\n");
	}
}

static void
print_ratio(const struct row *ours, const struct row *peer)
{
	printf("| %s / %s |", ours->who, peer->who);
	for (int i = 0; i < TIMES; i++)
		printf(" %.2f |",
		    quantile(ours->ms[i], ours->count, 50) /
			quantile(peer->ms[i], peer->count, 50));
	printf("\n");
}

static void
print_ratios(const struct table *table)
{
	printf("\n| medians, ours / theirs | %s | %s | %s |\n", titles[PROMPT],
	    titles[VERDICT], titles[WHOLE]);
	printf("|---|---|---|---|\n");
	for (size_t i = 0; i < table->rows; i++)
		for (size_t j = 0; j < table->rows; j++)
			if (is_ours(&table->row[i]) && !is_ours(&table->row[j]))
				print_ratio(&table->row[i], &table->row[j]);
}

static void
print_raw(const char *who, const struct sample *sample)
{
	printf("%s %d %.4f %.4f %.4f\n", who, sample->result,
	    sample->ms[PROMPT], sample->ms[VERDICT], sample->ms[WHOLE]);
}

/* Returns: 0 if every login succeeded. */
static int
report(struct table *table)
{
	size_t failed = 0;

	for (size_t i = 0; i < table->rows; i++) {
		struct row *row = &table->row[i];

		failed += row->failed;
		if (row->count == 0) {
			fprintf(stderr, "pambench: %s: no login\n", row->who);
			return 1;
		}
		for (int j = 0; j < TIMES; j++)
			qsort(row->ms[j], row->count, sizeof(double), compare);
	}
	print_times(table);
	print_ratios(table);
	return failed == 0 ? 0 : 1;
}

/* ---- the two jobs ---- */

static int
split(char *line, char *words[4])
{
	char *save = NULL;

	for (int i = 0; i < 4; i++) {
		words[i] = strtok_r(i == 0 ? line : NULL, " \n", &save);
		if (words[i] == NULL)
			return -1;
	}
	return 0;
}

static int
run_logins(const char *confdir, unsigned int wait, int raw)
{
	struct table *table = calloc(1, sizeof(*table));
	struct sample sample;
	char *line = NULL, *words[4];
	size_t size = 0;
	int status = table == NULL ? 2 : 0;

	while (status == 0 && getline(&line, &size, stdin) != -1) {
		if (split(line, words) != 0 ||
		    log_in_apart(confdir, words, wait, &sample) != 0 ||
		    (!raw && note(table, words, &sample) != 0)) {
			fprintf(stderr, "pambench: bad line, or no process\n");
			status = 2;
		} else if (raw) {
			print_raw(words[0], &sample);
		}
	}
	free(line);
	if (status == 0 && !raw)
		status = report(table);
	free(table);
	return status;
}

/* One of many; it begins when the gate is closed at its other end. */
static void
log_in_behind(int gate, const char *confdir, char *const words[4],
    unsigned int wait)
{
	struct login login = { .code = words[3], .wait = wait };
	struct sample sample;
	char byte;

	while (read(gate, &byte, 1) > 0)
		continue;
	log_in(confdir, words[1], words[2], &login, &sample);
	if (sample.result != PAM_SUCCESS)
		fprintf(stderr, "pambench: %s: user %s: result %d\n", words[0],
		    words[2], sample.result);
	_exit(sample.result == PAM_SUCCESS ? 0 : 1);
}

/* What a run of many has come to. */
struct tally {
	size_t logins;
	size_t failed;
	double ms;
};

/* Reads so many lines and logs them in at once.  Returns: how many there were,
 * or -1. */
static int
run_batch(const char *confdir, unsigned int pause, int most,
    struct tally *tally)
{
	char *line = NULL, *words[4];
	int ends[2], status, n = 0;
	uint64_t start;
	size_t size = 0;
	pid_t pid = 1;

	if (pipe(ends) != 0)
		return -1;
	while (n < most && pid > 0 && getline(&line, &size, stdin) != -1) {
		if (split(line, words) != 0 || (pid = fork()) == -1)
			break;
		if (pid == 0) {
			close(ends[1]);
			log_in_behind(ends[0], confdir, words, pause);
		}
		n++;
	}
	free(line);
	close(ends[0]);
	pause_ms(50); /* all are at the gate */
	start = now();
	close(ends[1]);
	for (int i = 0; i < n; i++)
		tally->failed += wait(&status) == -1 || status != 0;
	tally->ms += ms_between(start, now());
	tally->logins += (size_t)n;
	return pid == -1 ? -1 : n;
}

static int
run_together(const char *confdir, unsigned int wait, int most)
{
	struct tally tally = { 0, 0, 0 };
	int n;

	do {
		n = run_batch(confdir, wait, most, &tally);
	} while (n == most);
	if (n == -1 || tally.logins == 0) {
		fprintf(stderr, "pambench: bad line, or no process\n");
		return 2;
	}
	printf("%d %zu %.0f\n", most, tally.logins,
	    (double)(tally.logins - tally.failed) * 1000 / tally.ms);
	return tally.failed == 0 ? 0 : 1;
}

static int
run_flushes(const char *file, unsigned int wait)
{
	static const char slot[SLOT];
	double ms[FLUSHES];
	uint64_t start;
	int fd, bad = 0;

	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1) {
		perror(file);
		return 2;
	}
	bad |= pwrite(fd, slot, SLOT, 0) != SLOT;
	bad |= pwrite(fd, slot, SLOT, SLOT) != SLOT || fsync(fd) != 0;
	for (int i = 0; i < FLUSHES; i++) {
		pause_ms(wait);
		start = now();
		bad |= pwrite(fd, slot, SLOT, 0) != SLOT || fdatasync(fd) != 0;
		bad |=
		    pwrite(fd, slot, SLOT, SLOT) != SLOT || fdatasync(fd) != 0;
		ms[i] = ms_between(start, now());
	}
	close(fd);
	if (bad) {
		perror(file);
		return 2;
	}
	qsort(ms, FLUSHES, sizeof(double), compare);
	printf("two flushes: %.2f / %.2f ms\n", quantile(ms, FLUSHES, 50),
	    quantile(ms, FLUSHES, 90));
	return 0;
}

int
main(int argc, char **argv)
{
	const char *file = NULL;
	unsigned int wait = 10;
	int option, together = 0, raw = 0;

	while ((option = getopt(argc, argv, "f:j:rw:")) != -1) {
		if (option == 'f')
			file = optarg;
		else if (option == 'r')
			raw = 1;
		else if (option == 'j')
			together = (int)strtoul(optarg, NULL, 10);
		else if (option == 'w')
			wait = (unsigned int)strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (file != NULL && optind == argc)
		return run_flushes(file, wait);
	if (file == NULL && optind == argc - 1 && together > 0)
		return run_together(argv[optind], wait, together);
	if (file == NULL && optind == argc - 1)
		return run_logins(argv[optind], wait, raw);
	fprintf(stderr, "usage: pambench [-r] [-w MS] [-j N] CONFDIR <LOGINS\n"
	    "       pambench [-w MS] -f FILE\n");
	return 2;
}
