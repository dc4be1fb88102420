/* SPDX-License-Identifier: MIT */
#include "utils/codes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "utils/command.h"
#include "utils/out.h"
#include "utils/whose.h"

/* The folder is kept: its path may lead elsewhere when we remove the file. */
static bool
open_folder(struct mfa_codes *codes, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";
	size_t len = 0;

	codes->name = path;
	if (slash != NULL) {
		codes->name = slash + 1;
		len = slash == path ? 1 : (size_t)(slash - path);
		if (len >= sizeof(folder)) {
			errno = ENAMETOOLONG;
			return false;
		}
		memcpy(folder, path, len);
		folder[len] = '\0';
	}
	codes->dirfd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return codes->dirfd >= 0;
}

static void
leave_folder(struct mfa_codes *codes)
{
	if (codes->dirfd >= 0)
		(void)close(codes->dirfd);
	codes->dirfd = -1;
}

bool
mfa_codes_open(struct mfa_codes *codes, const char *path)
{
	char clean[300];
	int e;

	codes->path = path;
	codes->dirfd = -1;
	codes->fd = -1;
	if (path == NULL)
		return true;
	if (open_folder(codes, path))
		codes->fd = openat(codes->dirfd, codes->name, O_WRONLY |
		    O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600);
	if (codes->fd >= 0)
		return true;
	e = errno;
	leave_folder(codes);
	mfa_out_clean(path, clean, sizeof(clean));
	mfa_out_error("cannot make %s: %s", clean, strerror(e));
	return false;
}

static void
show(const char (*code)[MFA_CODES_WIDTH], size_t count)
{
	(void)printf("Recovery codes, each good once, shown only now:\n\n");
	for (size_t i = 0; i < count; i++)
		(void)printf("    %s\n", code[i]);
	(void)printf("\nKeep them away from the phone.\n");
}

static enum mfa_err
write_all(int fd, const char (*code)[MFA_CODES_WIDTH], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum mfa_err r = mfa_path_write(fd, code[i], strlen(code[i]));

		if (r == MFA_OK)
			r = mfa_path_write(fd, "\n", 1);
		if (r != MFA_OK)
			return r;
	}
	return fsync(fd) == 0 ? MFA_OK : mfa_path_err(errno);
}

enum mfa_err
mfa_codes_save(struct mfa_codes *codes, const char (*code)[MFA_CODES_WIDTH],
    size_t count)
{
	enum mfa_err r = write_all(codes->fd, code, count);

	if (r != MFA_OK)
		return r;
	(void)close(codes->fd);
	codes->fd = -1;
	leave_folder(codes);
	return MFA_OK;
}

bool
mfa_codes_may_show(void)
{
	return isatty(STDOUT_FILENO) != 0;
}

/* They are made, and are neither in the file nor on a screen. */
static void
lost(const struct mfa_args *args, const char *why)
{
	char whose[MFA_WHOSE];

	mfa_whose_options(args, whose);
	mfa_out_error("%s; the codes were made and are lost: "
		      "medusa-mfa recovery-codes%s makes others", why, whose);
}

int
mfa_codes_printed(const struct mfa_args *args, int code)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0 &&
	    code == MFA_EXIT_DONE)
		return MFA_EXIT_DONE;
	lost(args, "cannot write the output");
	return MFA_EXIT_FAILED;
}

int
mfa_codes_give(const struct mfa_args *args, struct mfa_codes *codes,
    const char (*code)[MFA_CODES_WIDTH], size_t count)
{
	char why[200];
	enum mfa_err r;

	if (codes->path == NULL) {
		show(code, count);
		return mfa_codes_printed(args, MFA_EXIT_DONE);
	}
	r = mfa_codes_save(codes, code, count);
	if (r != MFA_OK) {
		(void)snprintf(why, sizeof(why),
		    "the recovery codes are not in the file: %s",
		    mfa_out_file_error(r));
		if (!mfa_codes_may_show()) {
			lost(args, why);
			return MFA_EXIT_FAILED;
		}
		show(code, count);
		mfa_out_error("%s", why);
		(void)mfa_codes_printed(args, MFA_EXIT_DONE);
		return MFA_EXIT_FAILED;
	}
	(void)printf(count == 1 ? "%zu recovery code, good once, is in %s\n" :
				  "%zu recovery codes, each good once, are in "
				  "%s\n", count, codes->path);
	return MFA_EXIT_DONE;
}

void
mfa_codes_close(struct mfa_codes *codes)
{
	if (codes->fd < 0)
		return;
	(void)close(codes->fd);
	(void)unlinkat(codes->dirfd, codes->name, 0);
	codes->fd = -1;
	leave_folder(codes);
}
