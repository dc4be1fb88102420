/* SPDX-License-Identifier: MIT */
#include "tests/proof/faults/strike.h"

#ifndef __x86_64__
#include <errno.h>

bool
strike_run(const struct strike_plan *plan, struct strike_result *result)
{
	(void)plan;
	(void)result;
	errno = ENOSYS; /* registers have other names */
	return false;
}
#else
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/elf.h>
#include <linux/ptrace.h>

#define MOST	 64 /* processes at once */
#define OPTIONS                                                          \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
	    PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)
#define SOCKET	 MFA_RUNDIR "/socket"
#define VERIFIER MFA_SBINDIR "/medusa-mfad"

struct tracee {
	pid_t pid; /* 0: free */
	enum strike_role role;
	int nr;	    /* of the call it is in */
	int deed;   /* done to that call, to be finished at its end */
};

struct scene {
	const struct strike_plan *plan;
	struct strike_result *result;
	struct tracee tracee[MOST];
	pid_t client, listener;
	bool client_ended;
	int in, out; /* files of the client */
};

static void
note_alarm(int sig)
{
	(void)sig;
}

/* ---- who is who ---- */

static struct tracee *
find(struct scene *s, pid_t pid)
{
	for (int i = 0; i < MOST; i++) {
		if (s->tracee[i].pid == pid)
			return &s->tracee[i];
	}
	return NULL;
}

static pid_t
parent_of(pid_t pid)
{
	char path[64], line[256];
	int ppid = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "PPid: %d", &ppid) == 1)
			break;
	}
	(void)fclose(f);
	return ppid;
}

static enum strike_role
child_role(enum strike_role parent)
{
	switch (parent) {
	case STRIKE_CLIENT:
		return STRIKE_LAUNCH;
	case STRIKE_LISTENER:
		return STRIKE_VERIFIER;
	/* It forks for the runner only, and goes on at the same time. */
	case STRIKE_VERIFIER:
		return STRIKE_RUNNER;
	case STRIKE_RUNNER:
		return STRIKE_PROGRAM;
	default:
		return parent;
	}
}

/* A process seen for the first time. */
static struct tracee *
meet(struct scene *s, pid_t pid)
{
	struct tracee *t = find(s, pid);
	struct tracee *parent;

	if (t != NULL)
		return t;
	if ((t = find(s, 0)) == NULL)
		return NULL;
	parent = find(s, parent_of(pid));
	memset(t, 0, sizeof(*t));
	t->pid = pid;
	t->role = parent == NULL || parent->pid == 0 ? STRIKE_NOBODY :
						       child_role(parent->role);
	return t;
}

/* Before its parent can end, as one between two programs does at once. */
static void
meet_child(struct scene *s, pid_t parent)
{
	unsigned long pid = 0;

	if (ptrace(PTRACE_GETEVENTMSG, parent, NULL, &pid) == 0 && pid != 0)
		(void)meet(s, (pid_t)pid);
}

/* It became another program. */
static void
rename_role(struct scene *s, struct tracee *t)
{
	char path[64], name[32] = "";
	FILE *f;

	if (t->pid == s->client)
		t->role = STRIKE_CLIENT;
	if (t->pid == s->listener)
		t->role = STRIKE_LISTENER;
	if (t->pid == s->client || t->pid == s->listener)
		return;
	(void)snprintf(path, sizeof(path), "/proc/%d/comm", t->pid);
	if ((f = fopen(path, "re")) != NULL) {
		if (fgets(name, sizeof(name), f) == NULL)
			name[0] = '\0';
		(void)fclose(f);
	}
	if (strncmp(name, "medusa-mfa-runn", 15) == 0)
		t->role = STRIKE_RUNNER;
	else if (strncmp(name, "medusa-mfad", 11) == 0)
		t->role = STRIKE_VERIFIER;
	else
		t->role = STRIKE_PROGRAM;
}

/* ---- starting ---- */

_Noreturn static void
become(const char *const *argv, int in, int out)
{
	char *copy[16] = { NULL };

	for (int i = 0; i < 15 && argv[i] != NULL; i++)
		copy[i] = strdup(argv[i]);
	(void)dup2(in, STDIN_FILENO);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
	(void)raise(SIGSTOP);
	(void)execv(copy[0], copy);
	_exit(126);
}

static pid_t
start(struct scene *s, const char *const *argv, int in, int out)
{
	struct tracee *t = find(s, 0);
	pid_t pid = t == NULL ? -1 : fork();
	int status;

	if (pid == 0)
		become(argv, in, out);
	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid ||
	    ptrace(PTRACE_SEIZE, pid, NULL, (void *)(long)OPTIONS) != 0)
		return -1;
	memset(t, 0, sizeof(*t));
	t->pid = pid;
	(void)kill(pid, SIGCONT);
	return pid;
}

static int
file_with(const char *text)
{
	char path[] = "/tmp/strike-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	(void)unlink(path);
	if (fd >= 0 && text != NULL &&
	    pwrite(fd, text, strlen(text), 0) != (ssize_t)strlen(text)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void
start_client(struct scene *s)
{
	if (s->client != 0)
		return;
	s->client = start(s, s->plan->argv, s->in, s->out);
}

/* ---- calls ---- */

static bool
get_regs(pid_t pid, struct user_regs_struct *regs)
{
	return ptrace(PTRACE_GETREGS, pid, NULL, regs) == 0;
}

/* For a person who looks for the place; not all calls have a path there. */
static void
read_path(pid_t pid, unsigned long long from, char out[64])
{
	struct iovec here = { out, 63 };
	struct iovec there = { NULL, 63 };

	memcpy(&there.iov_base, &from, sizeof(there.iov_base));
	if (process_vm_readv(pid, &here, 1, &there, 1, 0) <= 0)
		out[0] = '\0';
	for (char *p = out; *p != '\0'; p++) {
		if (*p < ' ' || *p > '~')
			*p = '\0';
	}
}

/* Done before the call. */
static void
strike(struct scene *s, struct tracee *t)
{
	struct user_regs_struct regs;

	s->result->struck = true;
	s->result->nr = t->nr;
	s->result->early = s->plan->begun != NULL &&
	    *s->plan->begun == *s->plan->ended &&
	    *s->plan->begun < s->plan->of;
	s->result->phase = s->plan->phase == NULL ? 0 : *s->plan->phase;
	if (s->plan->deed == STRIKE_KILL) {
		(void)kill(t->pid, SIGKILL);
		return;
	}
	if (!get_regs(t->pid, &regs))
		return;
	if (t->nr == SYS_openat || t->nr == SYS_newfstatat ||
	    t->nr == SYS_openat2)
		read_path(t->pid, regs.rsi, s->result->path);
	if (s->plan->deed == STRIKE_SHORT) {
		if (regs.rdx > 1)
			regs.rdx /= 2;
	} else {
		t->deed = s->plan->deed;
		/* A child that is gone: somebody else has waited for it. */
		if (t->deed != ECHILD)
			regs.orig_rax = (unsigned long long)-1;
	}
	(void)ptrace(PTRACE_SETREGS, t->pid, NULL, &regs);
}

static void
enter(struct scene *s, struct tracee *t, int nr)
{
	unsigned int *count = &s->result->count[t->role];

	t->nr = nr;
	t->deed = 0;
	if (*count < STRIKE_CALLS)
		s->result->calls[t->role][*count] = (int16_t)nr;
	++*count;
	/* Another run may have another call there, one that never fails. */
	if (t->role == s->plan->role && *count == s->plan->at &&
	    s->plan->deed != STRIKE_NOTHING &&
	    (s->plan->deed == STRIKE_KILL || strike_errnos(nr)[0] != 0))
		strike(s, t);
	/* A listener that waits is ready for its client. */
	if (t->role == STRIKE_LISTENER && nr == SYS_poll)
		start_client(s);
}

static void
leave(struct scene *s, struct tracee *t, long long value)
{
	struct user_regs_struct regs;

	/* It is still there. */
	if (t->deed == ECHILD && value <= 0) {
		s->result->struck = false;
		t->deed = 0;
	}
	if (t->deed != 0 && get_regs(t->pid, &regs)) {
		regs.rax = (unsigned long long)-(long long)t->deed;
		(void)ptrace(PTRACE_SETREGS, t->pid, NULL, &regs);
	} else if (t->nr == SYS_fdatasync && value == 0 &&
	    t->role == STRIKE_VERIFIER) {
		s->result->syncs++;
	}
	t->deed = 0;
}

static void
at_call(struct scene *s, struct tracee *t)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, (void *)sizeof(info),
		&info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		enter(s, t, (int)info.entry.nr);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		leave(s, t, info.exit.rval);
}

/* ---- the loop ---- */

static void
ended(struct scene *s, struct tracee *t, int status)
{
	if (t->pid == s->client) {
		s->client_ended = true;
		s->result->status = status;
	}
	t->pid = 0;
}

/* Which signal it goes on with. */
static int
stopped(struct scene *s, struct tracee *t, int status)
{
	int sig = WSTOPSIG(status);

	switch (status >> 16) {
	case PTRACE_EVENT_EXEC:
		rename_role(s, t);
		return 0;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		meet_child(s, t->pid);
		return 0;
	case PTRACE_EVENT_STOP:
		return 0;
	default:
		break;
	}
	if (sig == (SIGTRAP | 0x80)) {
		at_call(s, t);
		return 0;
	}
	return sig == SIGSTOP || sig == SIGCONT ? 0 : sig;
}

/* Who did not end, and in which call it is. */
static void
name_them(const struct scene *s)
{
	for (int i = 0; i < MOST; i++) {
		const struct tracee *t = &s->tracee[i];
		char path[64], line[128] = "";
		FILE *f;

		if (t->pid <= 0)
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%d/syscall",
		    t->pid);
		if ((f = fopen(path, "re")) != NULL) {
			if (fgets(line, sizeof(line), f) == NULL)
				line[0] = '\0';
			(void)fclose(f);
		}
		(void)printf("# %s, last call %d, now %.40s\n",
		    strike_role_name(t->role), t->nr, line);
	}
}

static void
end_all(struct scene *s)
{
	for (int i = 0; i < MOST; i++) {
		if (s->tracee[i].pid > 0)
			(void)kill(s->tracee[i].pid, SIGKILL);
	}
}

/* Alone, a listener is told to end. */
static void
end_listener(struct scene *s)
{
	for (int i = 0; i < MOST; i++) {
		const struct tracee *t = &s->tracee[i];

		if (t->pid > 0 && t->role == STRIKE_VERIFIER)
			return;
	}
	if (s->listener > 0)
		(void)kill(s->listener, SIGTERM);
}

static bool
step(struct scene *s)
{
	struct tracee *t;
	int status, sig;
	pid_t pid = waitpid(-1, &status, __WALL);

	if (pid < 0 && errno == EINTR) {
		if (!s->result->hung)
			name_them(s);
		s->result->hung = true;
		end_all(s);
		return true;
	}
	if (pid < 0)
		return false;
	if ((t = meet(s, pid)) == NULL)
		return true;
	if (!WIFSTOPPED(status)) {
		ended(s, t, status);
		/* Without one there is nobody to wait for. */
		if (pid == s->listener)
			start_client(s);
	} else {
		sig = stopped(s, t, status);
		(void)ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)sig);
	}
	if (s->client_ended)
		end_listener(s);
	return true;
}

static void
watch(struct scene *s)
{
	const struct sigaction action = { .sa_handler = note_alarm };
	const struct itimerval limit = { { 1, 0 }, { STRIKE_SECONDS, 0 } };
	const struct itimerval none = { { 0, 0 }, { 0, 0 } };

	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &limit, NULL);
	while (step(s))
		;
	(void)setitimer(ITIMER_REAL, &none, NULL);
}

bool
strike_run(const struct strike_plan *plan, struct strike_result *result)
{
	static const char *const listener[] = { VERIFIER, "--listen", NULL };
	struct scene s = { .plan = plan, .result = result };
	ssize_t n;

	memset(result, 0, sizeof(*result));
	result->status = -1;
	s.in = file_with(plan->input);
	s.out = file_with(NULL);
	if (s.in < 0 || s.out < 0)
		return false;
	(void)unlink(SOCKET);
	if (plan->listening)
		s.listener = start(&s, listener, s.in, s.in);
	else
		start_client(&s);
	if (s.listener >= 0 && s.client >= 0)
		watch(&s);
	n = pread(s.out, result->output, sizeof(result->output) - 1, 0);
	result->output[n > 0 ? n : 0] = '\0';
	(void)close(s.in);
	(void)close(s.out);
	return s.listener >= 0 && s.client >= 0;
}
#endif
