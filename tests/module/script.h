/* SPDX-License-Identifier: MIT */
/*
 * The scripts of the module tests: lines of "key: words".  A word is bare, or
 * quoted with \n \r \b \t \" \\ and \xHH in it; a bare $NAME is taken from the
 * environment.  '#' begins a comment at the beginning of a line only.
 *
 * The driver and the fake verifier read the same file, each its own keys:
 *
 *   name: WORDS             what is tested, with the R numbers
 *   verifier: fake (default) | none | absent | real
 *                           none: nobody listens; absent: and there is no
 *                           program to start either (else it is skipped)
 * driver, in any order, for the whole script:
 *   rhost:, tty: WORD
 *   environment: WORD       NAME=VALUE in the PAM environment, as sshd puts it
 *   args: WORDS             as in pam.d, with [] around words with blanks
 *   stack: WORDS            a line of the service file, in the place of what
 *                           args makes; MODULE is ours with its socket=, NOTE an
 *                           auth line that keeps PAM_AUTHTOK for
 *                           authtok-later
 *   authtok: WORD           an earlier module has set this PAM_AUTHTOK
 *   authtok-later: WORD     what it was there
 *   secret: WORD            in no log line
 *   uid: N                  effective uid during the calls
 *   log: WORD               part of a log line; all lines in order
 *   audit: locked|unlocked  this record for Linux audit; all in order
 * driver, for one call; a call behind the first expect begins another one on
 * the same handle:
 *   call: authenticate (default), setcred, acct_mgmt, open_session,
 *         close_session, chauthtok
 *   user: WORD | none | long N        none: PAM_USER is not set
 *   service: WORD
 *   flags: silent disallow-null
 *   seconds: LEAST MOST     so long does the call take
 *   expect: SUCCESS, AUTH_ERR, ... without "PAM_"
 * driver, in the order of the conversation:
 *   prompt: off|on WORD     this prompt comes, hidden or shown, and is given
 *   answer: WORD | long N | null | nothing | fail | fail-with WORD | memory
 *   error: WORD             this error text comes
 *   info: WORD              this information comes
 * fake verifier, in order:
 *   request: WORDS          this request comes, in the form the fake prints;
 *                           behind "request: end" another conversation begins
 *   reply: KIND WORDS       see fake_verifier.c
 */
#ifndef MFA_TESTS_SCRIPT_H
#define MFA_TESTS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SCRIPT_WORDS 8
#define SCRIPT_WORD  512

struct script_line {
	unsigned int number;
	char key[32];
	char rest[1024]; /* all behind the key, as it stands */
	size_t words;
	char word[SCRIPT_WORDS][SCRIPT_WORD];
};

/*
 * Reads the next line that is not empty and no comment.  A line that is not
 * understood ends the program with status 2.
 *
 * line: its number must be 0 before the first call
 *
 * Returns: false at the end of the file.
 */
bool script_next(FILE *f, struct script_line *line);

/* Prints why and ends the program with status 2. */
_Noreturn void script_die(const struct script_line *line, const char *why);

/* A number, or the end of the program. */
unsigned long script_number(const struct script_line *line, size_t word);

/* Copies text that must fit, or ends the program. */
void script_copy(char *dst, size_t size, const char *text);

/* Text as one printable line; out has 4 * len + 1 bytes. */
void script_escape(const void *text, size_t len, char *out);

#endif
