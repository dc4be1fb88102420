/* SPDX-License-Identifier: MIT */
/*
 * config check and config edit.  The editor works on a copy beside the file;
 * only what the verifier accepts takes its place, so that no login ever meets
 * a half-written or refused configuration (R27).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "utils/ask.h"
#include "utils/install.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/run.h"
#include "utils/term.h"

#define NAME "medusa-mfa.conf"

struct text {
	uint8_t bytes[MFA_INSTALL_MAX];
	size_t len;
};

struct edit {
	int dirfd;
	char name[64];	     /* the copy's name in the folder */
	char path[PATH_MAX]; /* the same, for the editor */
};

static bool
same(const struct text *a, const struct text *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static int
failed(const char *what, enum mfa_err err)
{
	mfa_out_error("%s: %s", what, mfa_out_file_error(err));
	return MFA_EXIT_FAILED;
}

/* The file as it is; where there is none, the vendor's. */
static enum mfa_err
read_current(struct text *text)
{
	enum mfa_err r;

	r = mfa_path_slurp(MFA_SYSCONFDIR "/" NAME, &mfa_path_root_owned,
	    text->bytes, sizeof(text->bytes), &text->len);
	if (r == MFA_ERR_NOT_FOUND)
		r = mfa_path_slurp(MFA_VENDORDIR "/" NAME, &mfa_path_root_owned,
		    text->bytes, sizeof(text->bytes), &text->len);
	return r;
}

static enum mfa_err
make_copy(struct edit *edit, const struct text *text)
{
	enum mfa_err r;
	int fd;

	(void)snprintf(edit->name, sizeof(edit->name), ".medusa-mfa.%ld.edit",
	    (long)getpid());
	(void)snprintf(edit->path, sizeof(edit->path), "%s/%s", MFA_SYSCONFDIR,
	    edit->name);
	fd = openat(edit->dirfd, edit->name, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return mfa_path_err(errno);
	r = mfa_path_write(fd, text->bytes, text->len);
	(void)close(fd);
	return r;
}

/* The editor may have put another file in the copy's place. */
static enum mfa_err
read_copy(const struct edit *edit, struct text *text)
{
	enum mfa_err r;
	int fd = -1;

	r = mfa_path_open_file(edit->dirfd, edit->name, O_RDONLY,
	    &mfa_path_root_owned, &fd);
	if (r == MFA_OK)
		r = mfa_path_read(fd, text->bytes, sizeof(text->bytes),
		    &text->len);
	if (fd >= 0)
		(void)close(fd);
	return r;
}

/* ---- signals ---- */

/* What would end us, and leave the copy behind. */
static void
ending(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGHUP);
	(void)sigaddset(set, SIGINT);
	(void)sigaddset(set, SIGQUIT);
	(void)sigaddset(set, SIGTERM);
}

/* Returns: what came while they were held, taken; 0 for none. */
static int
interrupted(void)
{
	const struct timespec at_once = { 0, 0 };
	sigset_t set;
	int number;

	ending(&set);
	number = sigtimedwait(&set, NULL, &at_once);
	return number > 0 ? number : 0;
}

static int
interruption(int number)
{
	mfa_out_error("interrupted; nothing was written");
	return MFA_EXIT_SIGNAL + number;
}

/* ---- editing ---- */

/* How an editor ended that did not end well. */
static int
editor_failed(int status)
{
	const int number = status - MFA_EXIT_SIGNAL;
	sigset_t set;

	ending(&set);
	if (number > 0 && sigismember(&set, number) == 1)
		return interruption(number);
	if (number > 0)
		mfa_out_error("the editor was ended by signal %d", number);
	else
		mfa_out_error("the editor failed with exit code %d", status);
	return MFA_EXIT_FAILED;
}

/*
 * $VISUAL, $EDITOR or the system's, with the words that follow it.
 *
 * status: as mfa_run; set if it did run
 */
static int
run_editor(const char *path, int *status)
{
	const char *argv[16];
	const char *chosen = getenv("VISUAL");
	char words[1024];
	char *rest = words;
	size_t count = 0;
	enum mfa_err r;

	if (chosen == NULL || chosen[0] == '\0')
		chosen = getenv("EDITOR");
	if (chosen == NULL || chosen[strspn(chosen, " \t")] == '\0')
		chosen = "/usr/bin/editor";
	if (snprintf(words, sizeof(words), "%s", chosen) >= (int)sizeof(words))
		return failed("editor", MFA_ERR_INVALID);
	while (count < 13) {
		char *word = strsep(&rest, " \t");

		if (word == NULL)
			break;
		if (word[0] != '\0')
			argv[count++] = word;
	}
	argv[count] = path;
	argv[count + 1] = NULL;
	r = mfa_run(argv[0], argv, true, status);
	return r == MFA_OK ? MFA_EXIT_DONE : failed(argv[0], r);
}

/* One time in the editor, and what the verifier says of it. */
static int
edit_once(const struct edit *edit, bool *good)
{
	int code, number, status = 0;

	if ((code = run_editor(edit->path, &status)) != MFA_EXIT_DONE)
		return code;
	if ((number = interrupted()) != 0)
		return interruption(number);
	if (status != 0)
		return editor_failed(status);
	*good = mfa_run_verifier("--check-config", edit->path) == 0;
	number = interrupted();
	return number == 0 ? MFA_EXIT_DONE : interruption(number);
}

/* Edits until the verifier accepts the copy or the person gives up. */
static int
edit_copy(const struct edit *edit)
{
	for (;;) {
		bool good = false;
		int code = edit_once(edit, &good);

		if (code != MFA_EXIT_DONE || good)
			return code;
		if (isatty(STDIN_FILENO) == 0) {
			mfa_out_error("the configuration is refused; "
				      "nothing was written");
			return MFA_EXIT_FAILED;
		}
		code = mfa_term_agree(false,
		    "Edit again? (no: your changes are lost)");
		if (code != MFA_EXIT_DONE)
			return code;
	}
}

/* Puts the accepted copy in place, unless the file changed meanwhile. */
static int
install(const struct edit *edit, const struct text *before)
{
	struct text now, edited;
	enum mfa_err r;

	if ((r = read_copy(edit, &edited)) != MFA_OK)
		return failed(edit->path, r);
	if (same(&edited, before)) {
		(void)puts("The configuration is unchanged.");
		return MFA_EXIT_DONE;
	}
	if ((r = read_current(&now)) != MFA_OK)
		return failed(MFA_SYSCONFDIR "/" NAME, r);
	if (!same(&now, before)) {
		mfa_out_error("somebody else changed the file meanwhile; "
			      "nothing was written");
		return MFA_EXIT_FAILED;
	}
	r = mfa_install_file(edit->dirfd, NAME, edited.bytes, edited.len);
	if (r != MFA_OK)
		return failed(MFA_SYSCONFDIR "/" NAME, r);
	(void)puts("The configuration is in place.");
	return MFA_EXIT_DONE;
}

/* From the copy's first byte to its end no signal ends us. */
static int
edit_in(struct edit *edit, const struct text *before)
{
	sigset_t held, mask;
	enum mfa_err r;
	int code;

	ending(&held);
	(void)sigprocmask(SIG_BLOCK, &held, &mask);
	if ((r = make_copy(edit, before)) != MFA_OK)
		code = failed(MFA_SYSCONFDIR "/" NAME, r);
	else if ((code = edit_copy(edit)) == MFA_EXIT_DONE)
		code = install(edit, before);
	(void)unlinkat(edit->dirfd, edit->name, 0);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	return code;
}

static int
edit_config(void)
{
	struct edit edit = { .dirfd = -1 };
	struct text before;
	enum mfa_err r;
	int code;

	r = mfa_path_open_dir(MFA_SYSCONFDIR, &mfa_path_root_owned,
	    &edit.dirfd);
	if (r != MFA_OK) {
		code = failed(MFA_SYSCONFDIR, r);
		mfa_ask_setup();
		return code;
	}
	if ((r = read_current(&before)) != MFA_OK)
		code = failed(MFA_SYSCONFDIR "/" NAME, r);
	else
		code = edit_in(&edit, &before);
	(void)close(edit.dirfd);
	return code;
}

static int
check_all(void)
{
	int code = mfa_run_verifier("--check", NULL);

	if (code != 0)
		mfa_ask_setup();
	return code;
}

int
mfa_cmd_config(const struct mfa_args *args)
{
	if (strcmp(args->operand[0], "check") == 0)
		return check_all();
	if (strcmp(args->operand[0], "edit") != 0) {
		mfa_out_error("config: say config check, or config edit "
			      "(see: medusa-mfa help config)");
		return MFA_EXIT_USAGE;
	}
	if (geteuid() != 0) {
		mfa_out_error("config edit must be run as root");
		return MFA_EXIT_FAILED;
	}
	return edit_config();
}
