/* SPDX-License-Identifier: MIT */
/*
 * Options of the command: one table for all, one list of names per command.
 * Codes and secrets are never among them (R14).
 */
#ifndef MFA_UTILS_OPTIONS_H
#define MFA_UTILS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "utils/command.h"

/* What was asked.  Texts point into argv; NULL or 0 where not given. */
struct mfa_args {
	const char *user;
	const char *realm;
	const char *provider;
	const char *label;
	const char *address;
	const char *algorithm;
	const char *output;
	const char *root; /* of a mounted tree */
	const char *image;
	const char *users_from;
	uint32_t digits;
	uint32_t period; /* seconds */
	uint32_t span;	 /* seconds */
	const char *reason;
	uint32_t qr;	 /* enum mfa_qr_style */
	uint64_t counter;
	bool show_url;
	bool import_secret;
	bool json;
	bool all_details;
	bool yes;
	bool clock;
	bool help;
	bool named; /* --user was given */
	bool all_users;
	bool dry_run;
	bool key_used;
	const char *tty;
	bool owner; /* not root: the user is the caller, who has to prove it */
	bool assumed; /* the user was not said: it is the caller */
	int count; /* operands */
	char **operand;
};

enum mfa_option_kind {
	MFA_OPTION_FLAG,   /* bool, takes no value */
	MFA_OPTION_TEXT,   /* const char *, min to max bytes */
	MFA_OPTION_LABEL,  /* const char *, a label (lib/base/text.h) */
	MFA_OPTION_NUMBER, /* uint32_t, min to max */
	MFA_OPTION_LONG,   /* uint64_t, min to max */
	MFA_OPTION_SPAN,   /* uint32_t, seconds, written as 90m; min to max */
	MFA_OPTION_CHOICE, /* uint32_t, 1 for the first word of choices */
	MFA_OPTION_WORD	   /* const char *, one of choices */
};

struct mfa_option {
	const char *name; /* without the two hyphens */
	enum mfa_option_kind kind;
	size_t offset; /* in struct mfa_args */
	uint64_t min, max;
	const char *const *choices; /* NULL-terminated */
	const char *value;	    /* of the help line; NULL for a flag */
	const char *help;
};

extern const struct mfa_option mfa_options[];
extern const size_t mfa_option_count;

/* Returns: true if the command knows the option of that name. */
bool mfa_option_known(const struct mfa_command *command, const char *name);

/*
 * What the option does there, for its line of the command's help.
 *
 * Returns: a constant text; further lines of it are indented.
 */
const char *mfa_option_help(const struct mfa_command *command,
    const struct mfa_option *option);

/*
 * Takes the words of one command apart.  What is wrong is said in one line on
 * standard error.  Every command knows --help, also as -h; then nothing else is
 * checked.
 *
 * argv: argv[0] is the command's name; is permuted, operands last
 * args: filled in; holds zeros on failure
 *
 * Returns: MFA_OK or MFA_ERR_SYNTAX.
 */
enum mfa_err mfa_options_parse(const struct mfa_command *command, int argc,
    char **argv, struct mfa_args *args) MFA_MUST_USE;

#endif
