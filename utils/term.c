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
mfa_term_failed(const struct mfa_term *term, enum mfa_err err)
{
	if (err == MFA_ERR_CLOSED && term->caught != 0) {
		mfa_out_error("interrupted");
		return MFA_EXIT_SIGNAL + term->caught;
	}
	if (err == MFA_ERR_CLOSED)
		mfa_out_error("standard input ended before the answer");
	else if (err == MFA_ERR_INVALID)
		mfa_out_error("that line is too long");
	else
		mfa_out_error("cannot read the answer");
	return MFA_EXIT_FAILED;
}

int
mfa_term_agree(bool yes, const char *question)
{
	char prompt[512], answer[16];
	struct mfa_term term;
	enum mfa_err r;
	int code = MFA_EXIT_DONE;

	if (yes)
		return MFA_EXIT_DONE;
	mfa_term_open(&term);
	if (!mfa_term_interactive(&term)) {
		mfa_out_error("nobody to ask: standard input is no terminal; "
			      "say --yes");
		mfa_term_close(&term);
		return MFA_EXIT_FAILED;
	}
	(void)snprintf(prompt, sizeof(prompt), "%s [y/N] ", question);
	r = mfa_term_read(&term, prompt, true, answer, sizeof(answer));
	if (r != MFA_OK) {
		code = mfa_term_failed(&term, r);
	} else if (strcasecmp(answer, "y") != 0 &&
	    strcasecmp(answer, "yes") != 0) {
		mfa_out_error("nothing was changed");
		code = MFA_EXIT_FAILED;
	}
	mfa_term_close(&term);
	return code;
}
