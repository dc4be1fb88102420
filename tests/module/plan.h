/* SPDX-License-Identifier: MIT */
/* A script's host: what it sets, what it wants to see, what it has seen. */
#ifndef MFA_TESTS_PLAN_H
#define MFA_TESTS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/module/script.h"

#define PLAN_STEPS 64
#define PLAN_LOGS  16
#define PLAN_AUDITS 4
#define PLAN_CALLS  8
#define PLAN_LINES  8

/* One message of the module, and the answer to it. */
struct plan_step {
	unsigned int line;
	int style; /* of PAM */
	char text[SCRIPT_WORD];
	char how[16];  /* word that stands for an answer; "" for a plain one */
	char *answer; /* allocated, or NULL */
};

/* One call of the host; "" leaves user and service as they are. */
struct plan_call {
	char function[32];
	char expect[32];
	int flags; /* of PAM */
	char user[600];
	bool user_set; /* user, empty or not, is this call's */
	char service[SCRIPT_WORD];
	unsigned long seconds_least, seconds_most; /* 0: any */
};

struct plan {
	struct plan_call calls[PLAN_CALLS];
	size_t calls_planned;
	bool no_user;
	char stack[PLAN_LINES][SCRIPT_WORD];
	size_t stack_planned;
	char rhost[SCRIPT_WORD];
	char tty[SCRIPT_WORD];
	char environment[SCRIPT_WORD];
	char args[1024];
	char authtok[SCRIPT_WORD];
	char authtok_later[SCRIPT_WORD];
	char secret[SCRIPT_WORD];
	bool real; /* a real verifier answers */
	uid_t uid;
	struct plan_step steps[PLAN_STEPS];
	size_t planned;
	char logs[PLAN_LOGS][SCRIPT_WORD];
	size_t logs_planned;
	char audits[PLAN_AUDITS][16];
	size_t audits_planned;
	/* what has happened */
	size_t done;
	size_t logs_done;
	size_t audits_done;
	bool password_asked;
	bool failed;
	unsigned int delay; /* microseconds that libpam would sleep */
};

/* Reads a script; ends the program where it is not understood. */
void plan_load(struct plan *plan, const char *path);

/* Frees the answers. */
void plan_wipe(struct plan *plan);

#endif
