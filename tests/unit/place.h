/* SPDX-License-Identifier: MIT */
/*
 * For tests of path checks: a private folder whose path is root's all the way
 * and writable by nobody else, which nothing below /tmp is.  To be included
 * first.
 */
#ifndef MFA_TESTS_PLACE_H
#define MFA_TESTS_PLACE_H

#define _GNU_SOURCE 1 /* nftw */

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define PLACE_SIZE 64

static inline int
place_unlink(const char *path, const struct stat *st, int flag,
    struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

/* A cmocka setup: *state is the path; NULL without root. */
static inline int
place_new(void **state)
{
	char *path;

	*state = NULL;
	if (geteuid() != 0)
		return 0;
	if ((path = malloc(PLACE_SIZE)) == NULL)
		return -1;
	(void)snprintf(path, PLACE_SIZE, "/run/mfa-unit-XXXXXX");
	if (mkdtemp(path) == NULL || chmod(path, 0755) != 0) {
		free(path);
		return -1;
	}
	*state = path;
	return 0;
}

static inline int
place_free(void **state)
{
	if (*state == NULL)
		return 0;
	(void)nftw(*state, place_unlink, 8, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return 0;
}

/* First line of a test that needs the place. */
static inline void
place_need(void *const *state)
{
	if (*state == NULL) {
		print_message("# needs root: owners cannot be set up\n");
		skip();
	}
}

/* The path of a name in the place; out has 256 bytes. */
static inline const char *
place_path(void *const *state, const char *name, char *out)
{
	(void)snprintf(out, 256, "%s/%s", (const char *)*state, name);
	return out;
}

/* A file with text in it, and exactly this owner and mode. */
static inline void
place_file(const char *path, const char *text, uid_t owner, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchown(fd, owner, 0), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

static inline void
place_dir(const char *path, uid_t owner, mode_t mode)
{
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, owner, 0), 0);
	assert_int_equal(chmod(path, mode), 0);
}

/* How many descriptors are open, and a constant more. */
static inline int
place_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

#endif
