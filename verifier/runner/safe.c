/* SPDX-License-Identifier: MIT */
/* MUST list: safe.h. */
#include "verifier/runner/safe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"

#define ANY_EXECUTE (S_IXUSR | S_IXGRP | S_IXOTH)

static enum mfa_err
check_file(int dirfd, const char *name)
{
	struct stat st;
	enum mfa_err r;
	int fd;

	r = mfa_path_open_file(dirfd, name, O_RDONLY, &mfa_path_root_owned,
	    &fd);
	if (r != MFA_OK)
		return r;
	if (fstat(fd, &st) != 0 || (st.st_mode & ANY_EXECUTE) == 0)
		r = MFA_ERR_UNSAFE;
	(void)close(fd);
	return r;
}

enum mfa_err
mfa_safe_program(const char *path)
{
	char dir[MFA_SAFE_PATH];
	const char *slash = strrchr(path, '/');
	enum mfa_err r;
	size_t len;
	int dirfd;

	if (path[0] != '/' || strlen(path) >= sizeof(dir))
		return MFA_ERR_INVALID;
	len = slash == path ? 1 : (size_t)(slash - path);
	memcpy(dir, path, len);
	dir[len] = '\0';
	if ((r = mfa_path_open_dir(dir, &mfa_path_root_owned, &dirfd)) !=
	    MFA_OK)
		return r;
	r = check_file(dirfd, slash + 1);
	(void)close(dirfd);
	return r;
}

/* Not what an editor or a package manager leaves beside a file. */
static bool
is_name(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789._-";
	size_t len = strlen(name);

	return len < MFA_SAFE_NAME && name[0] != '.' &&
	    strspn(name, plain) == len && strstr(name, ".dpkg-") == NULL;
}

/* Why this is no program of a folder, or NULL if it is one. */
static const char *
why_not(int dirfd, const char *name)
{
	struct stat st;

	if (!is_name(name))
		return "a name that is not allowed";
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return "cannot be looked at";
	if (S_ISLNK(st.st_mode))
		return "a symbolic link";
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	return (st.st_mode & ANY_EXECUTE) == 0 ? "not executable" : NULL;
}

/* Keeps the first ones in order of name. */
static void
insert(void *ctx, const char *name, const char *why)
{
	struct mfa_safe_list *list = ctx;
	uint32_t at = list->count;

	if (why != NULL)
		return;
	while (at > 0 && strcmp(list->name[at - 1], name) > 0)
		at--;
	if (list->count == MFA_SAFE_COUNT) {
		list->more = true;
		if (at == MFA_SAFE_COUNT)
			return;
		list->count--;
	}
	memmove(list->name[at + 1], list->name[at],
	    (list->count - at) * sizeof(list->name[0]));
	memcpy(list->name[at], name, strlen(name) + 1);
	list->count++;
}

static bool
is_folder_itself(const char *name)
{
	return name[0] == '.' &&
	    (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

enum mfa_err
mfa_safe_each(const char *path,
    void (*take)(void *ctx, const char *name, const char *why), void *ctx)
{
	const struct dirent *entry;
	enum mfa_err r;
	DIR *dir;
	int fd;

	if ((r = mfa_path_open_dir(path, &mfa_path_root_owned, &fd)) != MFA_OK)
		return r;
	if ((dir = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return MFA_ERR_MEMORY;
	}
	errno = 0;
	while ((entry = readdir(dir)) != NULL) {
		if (!is_folder_itself(entry->d_name))
			take(ctx, entry->d_name, why_not(fd, entry->d_name));
		errno = 0;
	}
	r = errno == 0 ? MFA_OK : MFA_ERR_IO;
	(void)closedir(dir);
	return r;
}

enum mfa_err
mfa_safe_folder(const char *path, struct mfa_safe_list *list)
{
	struct mfa_safe_list found = { .count = 0 };
	enum mfa_err r = mfa_safe_each(path, insert, &found);

	if (r == MFA_OK)
		*list = found;
	return r;
}

void
mfa_safe_join(const char *folder, const char *name, char out[MFA_SAFE_PATH])
{
	(void)snprintf(out, MFA_SAFE_PATH, "%.255s/%.127s", folder, name);
}
