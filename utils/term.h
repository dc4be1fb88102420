/* SPDX-License-Identifier: MIT */
/*
 * Asking a person.  Where standard input is a terminal, prompts and answers go
 * through /dev/tty; otherwise answers are lines of standard input and nobody
 * is prompted.
 *
 * While a terminal is open, SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGTSTP are
 * held back and noticed in mfa_term_read alone: so the echo is always on again
 * before the program ends or stops, and what is in flight between two
 * questions is finished.
 */
#ifndef MFA_UTILS_TERM_H
#define MFA_UTILS_TERM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

#define MFA_TERM_LINE 129 /* bytes of a typed code with its NUL */

struct mfa_term {
	int in;		 /* answers */
	int out;	 /* prompts; -1 where nobody is there */
	int own;	 /* descriptor that mfa_term_close closes, or -1 */
	int signals;	 /* signalfd, or -1 */
	int caught;	 /* signal that ended mfa_term_read, or 0 */
	sigset_t before; /* mask to return to */
};

/*
 * Opens the way to the person.  Cannot fail: at worst it is standard input
 * alone.  Every mfa_term_open needs its mfa_term_close.
 */
void mfa_term_open(struct mfa_term *term);

/* Lets the signals through again; those held back take effect here. */
void mfa_term_close(struct mfa_term *term);

/* Returns: true if there is a person to prompt. */
bool mfa_term_interactive(const struct mfa_term *term);

/*
 * Asks for one line.
 *
 * prompt: printable, as it is shown; not used without a terminal
 * echo:   whether the terminal shows what is typed
 * out:    size bytes: the line without its newline, NUL-terminated; the caller
 *         wipes it; empty on failure
 *
 * Returns: MFA_OK; MFA_ERR_CLOSED at the end of input or on a signal, which
 * term->caught then names; MFA_ERR_INVALID for a line that is too long or
 * holds a NUL; MFA_ERR_IO.
 */
enum mfa_err mfa_term_read(struct mfa_term *term, const char *prompt, bool echo,
    char *out, size_t size) MFA_MUST_USE;

/*
 * Says in one line why mfa_term_read gave no answer.
 *
 * Returns: the exit code: 128 plus the signal, or MFA_EXIT_FAILED.
 */
int mfa_term_failed(const struct mfa_term *term, enum mfa_err err);

/*
 * The same, and names what was awaited.
 *
 * what: in a sentence, as "the invitation"
 */
int mfa_term_failed_before(const struct mfa_term *term, enum mfa_err err,
    const char *what);

/*
 * Asks before something is removed, at a terminal that is open, until the line
 * is an answer; an empty one is a no.
 *
 * yes:      --yes was given: agreed, nobody is asked
 * question: without the "[y/N]"
 *
 * Returns: MFA_EXIT_DONE if agreed; else the exit code, after saying why.
 */
int mfa_term_agreed(struct mfa_term *term, bool yes, const char *question);

/* The same, with a terminal of its own. */
int mfa_term_agree(bool yes, const char *question);

#endif
