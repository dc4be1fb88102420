/* SPDX-License-Identifier: MIT */
#include "utils/term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/base/secret.h"
#include "utils/command.h"
#include "utils/out.h"

/* How one attempt to read a line ended. */
enum outcome { LINE, END, UNFIT, FAILED, SIGNAL };

static void
hold_signals(struct mfa_term *term)
{
	static const int held[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		(void)sigaddset(&set, held[i]);
	/* Without the descriptor nothing is held: it could not be noticed. */
	term->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (term->signals >= 0)
		(void)sigprocmask(SIG_BLOCK, &set, &term->before);
}

void
mfa_term_open(struct mfa_term *term)
{
	memset(term, 0, sizeof(*term));
	term->in = STDIN_FILENO;
	term->out = -1;
	term->own = -1;
	term->signals = -1;
	if (isatty(STDIN_FILENO) == 0)
		return;
	term->own = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	term->in = term->own >= 0 ? term->own : STDIN_FILENO;
	term->out = term->own >= 0 ? term->own : STDERR_FILENO;
	hold_signals(term);
}

void
mfa_term_close(struct mfa_term *term)
{
	(void)fflush(stdout);
	if (term->signals >= 0) {
		(void)close(term->signals);
		(void)sigprocmask(SIG_SETMASK, &term->before, NULL);
	}
	if (term->own >= 0)
		(void)close(term->own);
	term->signals = -1;
	term->own = -1;
}

bool
mfa_term_interactive(const struct mfa_term *term)
{
	return term->out >= 0;
}

/* Waits for a byte of input or a signal; the signal goes first. */
static enum outcome
await(struct mfa_term *term)
{
	struct pollfd p[2] = {
		{ .fd = term->in, .events = POLLIN },
		{ .fd = term->signals, .events = POLLIN },
	};
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return FAILED;
		if ((p[1].revents & POLLIN) != 0 &&
		    read(term->signals, &info, sizeof(info)) ==
			(ssize_t)sizeof(info)) {
			term->caught = (int)info.ssi_signo;
			return SIGNAL;
		}
		if (p[0].revents != 0)
			return LINE;
	}
}

/*
 * Byte by byte: what follows the line stays for the next question, and no
 * buffer keeps a copy.
 */
static enum outcome
read_line(struct mfa_term *term, char *out, size_t size)
{
	enum outcome end = LINE;
	size_t used = 0;

	for (;;) {
		enum outcome ready = await(term);
		ssize_t n;
		char c;

		if (ready != LINE)
			return ready;
		n = read(term->in, &c, 1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return FAILED;
		if (n == 0 && used == 0 && end == LINE)
			return END;
		if (n == 0 || c == '\n')
			break;
		if (c == '\0' || used + 1 >= size)
			end = UNFIT;
		else
			out[used++] = c;
	}
	out[used] = '\0';
	return end;
}

/* Stops as Ctrl-Z asked; returns when the shell lets us go on. */
static void
suspend(struct mfa_term *term)
{
	sigset_t stop;

	term->caught = 0;
	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTSTP);
	(void)raise(SIGTSTP);
	(void)sigprocmask(SIG_UNBLOCK, &stop, NULL);
	(void)sigprocmask(SIG_BLOCK, &stop, NULL);
}

/* One attempt: the echo is as it was when this returns. */
static enum outcome
attempt(struct mfa_term *term, const char *prompt, bool echo, char *out,
    size_t size)
{
	struct termios before, quiet;
	enum outcome end;
	bool hidden = false;

	memset(out, 0, size);
	if (!echo && term->out >= 0 && tcgetattr(term->in, &before) == 0) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		quiet.c_lflag |= ECHONL;
		hidden = tcsetattr(term->in, TCSAFLUSH, &quiet) == 0;
	}
	if (term->out >= 0 &&
	    mfa_path_write(term->out, prompt, strlen(prompt)) != MFA_OK)
		end = FAILED;
	else
		end = read_line(term, out, size);
	if (hidden)
		(void)tcsetattr(term->in, TCSADRAIN, &before);
	return end;
}

enum mfa_err
mfa_term_read(struct mfa_term *term, const char *prompt, bool echo, char *out,
    size_t size)
{
	enum outcome end;

	(void)fflush(stdout);
	term->caught = 0;
	for (;;) {
		end = attempt(term, prompt, echo, out, size);
		if (end != SIGNAL || term->caught != SIGTSTP)
			break;
		suspend(term);
	}
	if (end == LINE)
		return MFA_OK;
	mfa_secret_wipe(out, size);
	if (end == UNFIT)
		return MFA_ERR_INVALID;
	if (end == FAILED)
		return MFA_ERR_IO;
	/* The cursor stands behind the prompt. */
	if (term->out >= 0 && mfa_path_write(term->out, "\n", 1) != MFA_OK)
		return MFA_ERR_IO;
	return MFA_ERR_CLOSED;
}

int
mfa_term_failed_before(const struct mfa_term *term, enum mfa_err err,
    const char *what)
{
	if (err == MFA_ERR_CLOSED && term->caught != 0) {
		mfa_out_error("interrupted");
		return MFA_EXIT_SIGNAL + term->caught;
	}
	if (err == MFA_ERR_CLOSED)
		mfa_out_error("standard input ended before %s", what);
	else if (err == MFA_ERR_INVALID)
		mfa_out_error("that line is too long");
	else
		mfa_out_error("cannot read %s", what);
	return MFA_EXIT_FAILED;
}

int
mfa_term_failed(const struct mfa_term *term, enum mfa_err err)
{
	return mfa_term_failed_before(term, err, "the answer");
}

static bool
is_word(const char *answer, const char *one, const char *other)
{
	return strcasecmp(answer, one) == 0 || strcasecmp(answer, other) == 0;
}

int
mfa_term_agreed(struct mfa_term *term, bool yes, const char *question)
{
	char prompt[1100], answer[16];
	enum mfa_err r;

	if (yes)
		return MFA_EXIT_DONE;
	if (!mfa_term_interactive(term)) {
		mfa_out_error("nobody to ask: standard input is no terminal; "
			      "say --yes");
		return MFA_EXIT_FAILED;
	}
	(void)snprintf(prompt, sizeof(prompt), "%s [y/N] ", question);
	for (;;) {
		r = mfa_term_read(term, prompt, true, answer, sizeof(answer));
		if (r != MFA_OK && r != MFA_ERR_INVALID)
			return mfa_term_failed(term, r);
		if (r == MFA_OK && is_word(answer, "y", "yes"))
			return MFA_EXIT_DONE;
		if (r == MFA_OK &&
		    (answer[0] == '\0' || is_word(answer, "n", "no")))
			break;
		(void)snprintf(prompt, sizeof(prompt),
		    "Answer y or n [y/N] ");
	}
	mfa_out_error("nothing was changed");
	return MFA_EXIT_FAILED;
}

int
mfa_term_agree(bool yes, const char *question)
{
	struct mfa_term term;
	int code;

	if (yes)
		return MFA_EXIT_DONE;
	mfa_term_open(&term);
	code = mfa_term_agreed(&term, yes, question);
	mfa_term_close(&term);
	return code;
}
