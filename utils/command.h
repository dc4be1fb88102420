/* SPDX-License-Identifier: MIT */
/*
 * The command medusa-mfa: its table of commands and its exit codes, which are
 * documented in medusa-mfa(1) and stable.
 */
#ifndef MFA_UTILS_COMMAND_H
#define MFA_UTILS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct mfa_args;

enum mfa_exit {
	MFA_EXIT_DONE = 0,
	MFA_EXIT_FAILED = 1,	  /* refused or failed, one line on stderr */
	MFA_EXIT_USAGE = 2,	  /* called wrongly */
	MFA_EXIT_WRONG = 3,	  /* a code was refused */
	MFA_EXIT_UNAVAILABLE = 4, /* no verifier answered */
	MFA_EXIT_SIGNAL = 128	  /* plus the signal: 130 is Ctrl-C */
};

struct mfa_command {
	const char *name;
	/* Returns: enum mfa_exit.  It reports its own errors. */
	int (*run)(const struct mfa_args *args);
	const char *summary;
	const char *usage;   /* what follows the name */
	const char *options; /* those it knows, separated by one space */
	int least, most;     /* operands */
	bool root;	     /* for root, or with --realm for its account;
				else users may run it for themselves, too */
	const char *words;   /* what its operands are, lines; or NULL */
};

extern const struct mfa_command mfa_commands[];
extern const size_t mfa_command_count;

/* Returns: the row of that name, or NULL. */
const struct mfa_command *mfa_command_find(const char *name);

/*
 * Guesses what was meant by a name that is none: one letter is wrong, missing
 * or too much, or it is the beginning of one command alone.
 *
 * Returns: a row, or NULL.
 */
const struct mfa_command *mfa_command_like(const char *name);

/*
 * Tells who may not run a command before he is asked anything; the verifier
 * decides all the same.
 *
 * uid: effective, of the caller
 *
 * Returns: false after saying in one line who may.
 */
bool mfa_command_allowed(const struct mfa_command *command,
    const struct mfa_args *args, uid_t uid);

int mfa_cmd_bypass(const struct mfa_args *args);
int mfa_cmd_config(const struct mfa_args *args);
int mfa_cmd_confirm(const struct mfa_args *args);
int mfa_cmd_disable(const struct mfa_args *args);
int mfa_cmd_doctor(const struct mfa_args *args);
int mfa_cmd_enroll(const struct mfa_args *args);
int mfa_cmd_explain(const struct mfa_args *args);
int mfa_cmd_forget(const struct mfa_args *args);
int mfa_cmd_import(const struct mfa_args *args);
int mfa_cmd_invite(const struct mfa_args *args);
int mfa_cmd_key(const struct mfa_args *args);
int mfa_cmd_list(const struct mfa_args *args);
int mfa_cmd_recovery_codes(const struct mfa_args *args);
int mfa_cmd_rename(const struct mfa_args *args);
int mfa_cmd_reset(const struct mfa_args *args);
int mfa_cmd_send(const struct mfa_args *args);
int mfa_cmd_setup(const struct mfa_args *args);
int mfa_cmd_status(const struct mfa_args *args);
int mfa_cmd_store(const struct mfa_args *args);
int mfa_cmd_sync(const struct mfa_args *args);
int mfa_cmd_unlock(const struct mfa_args *args);
int mfa_cmd_users(const struct mfa_args *args);
int mfa_cmd_verify(const struct mfa_args *args);

#endif
