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

/* One message of the module, and the answer to it. */
struct plan_step {
	unsigned int line;
	int style; /* of PAM */
	char text[SCRIPT_WORD];
	char how[16];  /* word that stands for an answer; "" for a plain one */
	char *answer; /* allocated, or NULL */
};

struct plan {
	char user[600];
	bool no_user;
	char service[SCRIPT_WORD];
	char rhost[SCRIPT_WORD];
	char tty[SCRIPT_WORD];
	char args[1024];
	char authtok[SCRIPT_WORD];
	char call[32];
	char expect[32];
	bool real; /* a real verifier answers */
	int flags; /* of PAM */
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
