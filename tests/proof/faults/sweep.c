/* SPDX-License-Identifier: MIT */
/*
 * Strikes every login and command of cases.c, once at each place.
 *
 *   sweep [-lw] [-s STRIDE] [-a FIRST] [-r ROLE] [-p LOGIN] WHAT [CASE]...
 *
 * WHAT  kill:  SIGKILL before each system call of each process
 *       errno: each system call fails, in every plausible way
 *       calls: each call for memory, of the user database and of the clock
 *              fails, alone and with all that follow; of client, verifier
 *              and runner
 * -w    the verifier has loaded what it keeps for good; only then it is
 *       looked at what a conversation leaves
 * -l    with a listening verifier; else with a spawned one
 * -r    only processes of this role, as client, verifier or listener
 * -s    only each STRIDE-th place, from FIRST on
 *
 * One answer is no fault: "no such file" for the record itself is what "not
 * enrolled" is made of (R2), so no login is struck with it.
 *
 * The record is read after each by a process that is started for it.
 *
 * MUST hold after each:
 *  R1, R2, R3  no success, and no "ignore", that is not there when all is well;
 *  R24         nobody comes in by key alone who needs a code, the less after a
 *              login that failed;
 *  R6          a code was good once, at most, in all;
 *  R7          the record is readable; what was compared was charged, or used
 *              up; no comparison without a durable debit before it; what was
 *              charged was compared, or a call failed in between;
 *  R20, R28    nothing is left: no process, no lock, and of what a conversation
 *              or a login has taken no memory and no descriptor more than when
 *              all is well.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/proof/faults/sweep.h"

static const char *const kinds[FAULT_KINDS] = { "nothing", "memory", "users",
	"clock" };

/* ---- pages ---- */

static struct fault_page *
map_page(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *p;

	if (fd < 0 || ftruncate(fd, sizeof(struct fault_page)) != 0)
		return NULL;
	p = mmap(NULL, sizeof(struct fault_page), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	(void)close(fd);
	return p == MAP_FAILED ? NULL : p;
}

static void
clear_page(struct fault_page *page)
{
	memset(page, 0, sizeof(*page));
	page->left_memory = page->left_descriptors = SWEEP_UNKNOWN;
	page->left_maps = page->left_children = SWEEP_UNKNOWN;
	page->left_locks = SWEEP_UNKNOWN;
}

/* ---- one run ---- */

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
run(struct sweep *s)
{
	double start = seconds();
	bool ran;

	const char *const argv[] = { s->login, s->c->service, s->c->user,
		s->c->rhost, s->c->how, NULL };

	s->plan.argv = s->c->argv != NULL ? s->c->argv : argv;
	s->plan.listening = s->listening;
	s->plan.input = s->scene.input;
	ran = strike_run(&s->plan, &s->result);
	start = seconds() - start;
	if (start > s->slowest) {
		s->slowest = start;
		(void)snprintf(s->slow, sizeof(s->slow), "%s", s->where);
	}
	if (start > 3)
		(void)printf("# slow: %.1f s: %s: %s\n", start, s->c->name,
		    s->where);
	return ran;
}

static void
prepare(struct sweep *s)
{
	scene_restore(&s->scene, s->c);
	clear_page(s->client);
	clear_page(s->verifier);
	clear_page(s->runner);
	s->verifier->warm = s->warm;
	memset(&s->plan, 0, sizeof(s->plan));
}

/* "No such file", of the record. */
static bool
is_absence(const struct sweep *s)
{
	return s->plan.deed == ENOENT &&
	    strcmp(s->result.path, s->scene.subject.id) == 0;
}

static void
finish(struct sweep *s, bool struck)
{
	if (is_absence(s)) {
		s->absences++;
		return;
	}
	s->strikes += struck;
	s->missed += !struck;
	if (!struck && s->missed <= 20)
		(void)printf("# not reached: %s: %s\n", s->c->name, s->where);
	sweep_check(s);
}

/* ---- the strikes ---- */

static void
strike_once(struct sweep *s, enum strike_role role, unsigned int at, int deed)
{
	int nr = at <= STRIKE_CALLS ? s->clean.calls[role][at - 1] : -1;

	prepare(s);
	s->plan.role = role;
	s->plan.begun = role < STRIKE_VERIFIER ? &s->client->begun :
						 &s->verifier->begun;
	s->plan.ended = role < STRIKE_VERIFIER ? &s->client->ended :
						 &s->verifier->ended;
	s->plan.of = role < STRIKE_VERIFIER ? s->clean_client.begun :
					      s->clean_verifier.begun;
	s->plan.phase = &s->verifier->phase;
	s->plan.at = at;
	s->plan.deed = deed;
	(void)snprintf(s->where, sizeof(s->where),
	    "%s, system call %u (number %d): %s", strike_role_name(role), at,
	    nr, deed == STRIKE_KILL ? "killed" :
		deed == STRIKE_SHORT ? "cut short" : strerror(deed));
	if (run(s))
		finish(s, s->result.struck);
}

static void
fail_each_way(struct sweep *s, enum strike_role role, unsigned int at)
{
	const int *errnos;

	if (at > STRIKE_CALLS)
		return;
	errnos = strike_errnos(s->clean.calls[role][at - 1]);
	for (int i = 0; errnos[i] != 0; i++)
		strike_once(s, role, at, errnos[i]);
}

static void
sweep_syscalls(struct sweep *s)
{
	for (int role = STRIKE_CLIENT; role < STRIKE_PROGRAM; role++) {
		if (s->role != NULL && strcmp(s->role,
			strike_role_name((enum strike_role)role)) != 0)
			continue;
		for (unsigned int at = s->first; at <= s->clean.count[role];
		     at += s->stride) {
			if (s->killing)
				strike_once(s, (enum strike_role)role, at,
				    STRIKE_KILL);
			else
				fail_each_way(s, (enum strike_role)role, at);
		}
	}
}

static const char *
page_name(const struct sweep *s, const struct fault_page *page)
{
	if (page == s->client)
		return "client";
	return page == s->verifier ? "verifier" : "runner";
}

static void
fail_call(struct sweep *s, struct fault_page *page, enum fault_kind kind,
    unsigned int at, int err)
{
	for (unsigned int and_then = 0; and_then < 2; and_then++) {
		prepare(s);
		page->kind = kind;
		page->at = at;
		page->and_then = and_then;
		page->err = err;
		(void)snprintf(s->where, sizeof(s->where),
		    "%s, %s, call %u%s: %s",
		    page_name(s, page), kinds[kind], at,
		    and_then ? " and later ones" : "", strerror(err));
		if (run(s))
			finish(s, page->struck != 0);
	}
}

static void
sweep_page(struct sweep *s, struct fault_page *page,
    const struct fault_page *clean)
{
	static const struct {
		enum fault_kind kind;
		int errnos[4];
	} ways[] = {
		{ FAULT_MEMORY, { ENOMEM, 0 } },
		{ FAULT_USERS, { EIO, ENOENT, ERANGE, 0 } },
		{ FAULT_CLOCK, { EINVAL, 0 } },
	};

	if (s->role != NULL && strcmp(s->role, page_name(s, page)) != 0)
		return;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		for (unsigned int at = s->first;
		     at <= clean->count[ways[i].kind]; at += s->stride) {
			for (int k = 0; ways[i].errnos[k] != 0; k++)
				fail_call(s, page, ways[i].kind, at,
				    ways[i].errnos[k]);
		}
	}
}

/* ---- cases ---- */

static bool
run_clean(struct sweep *s)
{
	char word[32];

	(void)snprintf(s->where, sizeof(s->where), "nothing struck");
	/* What is made by a first run is there for the others. */
	for (int i = 0; i < 2; i++) {
		prepare(s);
		if (!run(s)) {
			(void)printf("# no ptrace here: %s\n",
			    strerror(errno));
			return false;
		}
	}
	sweep_word(s, word);
	s->clean = s->result;
	s->clean_client = *s->client;
	s->clean_verifier = *s->verifier;
	s->clean_runner = *s->runner;
	if (strcmp(word, s->c->clean) != 0) {
		sweep_bad(s, "the clean run");
		(void)printf("# output: %s\n", s->result.output);
		return false;
	}
	sweep_check_clean(s);
	return true;
}

/* Calls that fail in one way only, for want of a row. */
static void
say_unlisted(const struct sweep *s)
{
	bool said[SWEEP_NUMBERS] = { false };

	if (s->killing)
		return;
	(void)printf("# with EPERM alone fail numbers");
	for (int role = STRIKE_CLIENT; role < STRIKE_PROGRAM; role++) {
		for (unsigned int i = 0;
		     i < s->clean.count[role] && i < STRIKE_CALLS; i++) {
			int nr = s->clean.calls[role][i];

			if (nr < 0 || nr >= SWEEP_NUMBERS || said[nr] ||
			    strike_is_listed(nr))
				continue;
			said[nr] = true;
			(void)printf(" %d", nr);
		}
	}
	(void)putchar('\n');
}

/* How many places there are. */
static void
say_places(const struct sweep *s, const char *what)
{
	const uint32_t *c = s->clean_client.count;
	const uint32_t *v = s->clean_verifier.count;
	const uint32_t *r = s->clean_runner.count;

	if (strcmp(what, "calls") == 0) {
		(void)printf("# client: memory %u, users %u, clock %u; "
			     "verifier: %u, %u, %u; runner: %u, %u, %u\n",
		    c[FAULT_MEMORY], c[FAULT_USERS], c[FAULT_CLOCK],
		    v[FAULT_MEMORY], v[FAULT_USERS], v[FAULT_CLOCK],
		    r[FAULT_MEMORY], r[FAULT_USERS], r[FAULT_CLOCK]);
		return;
	}
	(void)printf("# system calls:");
	for (int role = STRIKE_CLIENT; role < STRIKE_PROGRAM; role++)
		(void)printf(" %s %u", strike_role_name((enum strike_role)role),
		    s->clean.count[role]);
	(void)putchar('\n');
	say_unlisted(s);
}

static void
one_case(struct sweep *s, const struct scene_case *c, const char *what)
{
	unsigned int strikes = s->strikes, missed = s->missed;
	unsigned int let_in = s->let_in;

	s->c = c;
	s->bad = 0;
	scene_begin(&s->scene, c);
	if (run_clean(s)) {
		say_places(s, what);
		if (strcmp(what, "calls") != 0) {
			sweep_syscalls(s);
		} else {
			sweep_page(s, s->client, &s->clean_client);
			sweep_page(s, s->verifier, &s->clean_verifier);
			sweep_page(s, s->runner, &s->clean_runner);
		}
	}
	s->cases++;
	s->bad_cases += s->bad != 0;
	(void)printf("%s %u - R1 R2 R3 R6 R7 R20 %s, %s: %s: %u strikes\n",
	    s->bad == 0 ? "ok" : "not ok", s->cases, what,
	    s->listening ? "listening" : "spawned", c->name,
	    s->strikes - strikes);
	(void)printf("# %u as if nothing had been, %u places not reached\n",
	    s->let_in - let_in, s->missed - missed);
	(void)fflush(stdout);
}

static void
say_uncompared(const struct sweep *s)
{
	(void)printf("# charged and not compared: %u", s->uncompared);
	for (int nr = 0; nr < SWEEP_NUMBERS; nr++) {
		if (s->uncompared_call[nr] != 0)
			(void)printf(", by system call %d: %u", nr,
			    s->uncompared_call[nr]);
	}
	for (int i = 0; i < FAULT_KINDS; i++) {
		if (s->uncompared_kind[i] != 0)
			(void)printf(", by %s: %u", kinds[i],
			    s->uncompared_kind[i]);
	}
	(void)putchar('\n');
}

static bool
wanted(const struct scene_case *c, char **names)
{
	if (names[0] == NULL)
		return true;
	for (int i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], c->name) == 0)
			return true;
	}
	return false;
}

static bool
options(struct sweep *s, int argc, char **argv)
{
	int c;

	s->stride = s->first = 1;
	while ((c = getopt(argc, argv, "lws:a:p:r:")) != -1) {
		if (c == 'l')
			s->listening = true;
		else if (c == 'w')
			s->warm = true;
		else if (c == 's')
			s->stride = (unsigned int)strtoul(optarg, NULL, 10);
		else if (c == 'a')
			s->first = (unsigned int)strtoul(optarg, NULL, 10);
		else if (c == 'p')
			s->login = optarg;
		else if (c == 'r')
			s->role = optarg;
		else
			return false;
	}
	return optind < argc && s->login != NULL && s->stride != 0 &&
	    s->first != 0;
}

int
main(int argc, char **argv)
{
	static struct sweep s;
	const char *what;

	if (argc == 3 && strcmp(argv[1], "tell") == 0)
		return scene_open(&s.scene) ?
		    scene_tell(&s.scene, argv[2]) :
		    MFA_ERR_IO;
	if (!options(&s, argc, argv))
		return 2;
	what = argv[optind];
	s.killing = strcmp(what, "kill") == 0;
	(void)mkdir("/run/mfa-proof", 0700);
	s.client = map_page(FAULT_PAGE_OF("client"));
	s.verifier = map_page(FAULT_PAGE_OF("verifier"));
	s.runner = map_page(FAULT_PAGE_OF("runner"));
	if (s.client == NULL || s.verifier == NULL || s.runner == NULL ||
	    !scene_open(&s.scene))
		return 1;
	for (const struct scene_case *c = scene_cases; c->name != NULL; c++) {
		if (wanted(c, argv + optind + 1))
			one_case(&s, c, what);
	}
	(void)printf("# %s, %s: %u strikes in %u cases, %u places not "
		     "reached; %u as if nothing had been; %u codes used up "
		     "without a login, %u still good after\n",
	    what, s.listening ? "listening" : "spawned", s.strikes, s.cases,
	    s.missed, s.let_in, s.lost, s.again);
	say_uncompared(&s);
	(void)printf("# %u times an answer, not a fault: no such record\n",
	    s.absences);
	(void)printf("# the slowest: %.1f s: %s\n", s.slowest, s.slow);
	(void)printf("1..%u\n", s.cases);
	return s.bad_cases != 0;
}
