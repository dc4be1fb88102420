/* SPDX-License-Identifier: MIT */
/*
 * Which files are read, and in which order; read.c reads each.
 *
 * MUST:
 *  - a file counts as missing only on a clean "no such file"; whatever else
 *    keeps it from being read is a refusal, never the next file's turn;
 *  - files and folders are opened by lib/base/path.h alone: no symbolic link,
 *    owner and mode as demanded, regular file, so that a link to /dev/null
 *    masks nothing (an empty file of the same name does);
 *  - the caller's configuration is touched only when everything is right.
 */
#include "verifier/config/config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "verifier/config/check.h"
#include "verifier/config/read.h"

#define MAIN_FILE   "medusa-mfa.conf"
#define DROP_IN_DIR "conf.d"
#define DROP_INS    64		/* of both folders */
#define FILE_BYTES  (64 * 1024) /* of one file */
#define PATH_BYTES  512		/* of a path in a problem */
#define NAME_BYTES  256		/* of a name in a folder */
#define NAME_SHOWN  200		/* of a path with a name that is refused */

_Static_assert(sizeof(MFA_SYSCONFDIR "/" DROP_IN_DIR) <= MFA_CONFIG_PATH &&
    sizeof(MFA_VENDORDIR "/" DROP_IN_DIR) <= MFA_CONFIG_PATH,
    "the folders fit");

struct file {
	char dir[MFA_CONFIG_PATH];
	char name[NAME_BYTES];
};

struct loader {
	const struct mfa_config_place *place;
	struct mfa_config_reading reading;
	struct mfa_config config;
	size_t first; /* drop-in: 1 behind a main file, else 0 */
	size_t count; /* files found, in the order of reading */
	struct file file[1 + DROP_INS];
	uint8_t text[FILE_BYTES];
};

const struct mfa_config_place mfa_config_system = {
	.etc = MFA_SYSCONFDIR,
	.vendor = MFA_VENDORDIR,
	.owner = 0,
};

static void
path_of(const struct file *file, char *path, size_t size)
{
	(void)snprintf(path, size, "%s/%s", file->dir, file->name);
}

/* For whoever is not root, as a verifier that listens. */
static bool
is_closed(const char *path)
{
	return faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0 &&
	    errno == EACCES;
}

/* Says why a file or folder was not opened or read, and turns err into ours. */
static enum mfa_err
refuse(struct loader *l, const char *path, enum mfa_err err)
{
	struct mfa_config_problem *problem = l->reading.problem;
	enum mfa_err refused;

	if (err == MFA_ERR_UNSAFE)
		return mfa_config_say(problem, path, 0,
		    "not safe: it and the folders above it must belong to uid "
		    "%u and be writable by nobody else; a file must be a "
		    "regular file with one name, symbolic links are not "
		    "followed", l->place->owner);
	/* A umask of 077, most often. */
	if (err == MFA_ERR_IO && is_closed(path))
		return mfa_config_say(problem, path, 0,
		    "the verifier's account cannot read it, as one that "
		    "listens has to: chmod 0644, or 0755 for a folder");
	refused = mfa_config_say(problem, path, 0, "%s", mfa_strerror(err));
	if (err == MFA_ERR_NOT_FOUND || err == MFA_ERR_INVALID)
		return refused;
	return err == MFA_ERR_MEMORY ? err : MFA_ERR_IO;
}

/* The same for file number i. */
static enum mfa_err
refuse_file(struct loader *l, size_t i, enum mfa_err err)
{
	char path[PATH_BYTES];

	path_of(&l->file[i], path, sizeof(path));
	return refuse(l, path, err);
}

/*
 * Opens a folder of configuration.
 *
 * Returns: MFA_OK; MFA_ERR_NOT_FOUND without a problem text; else what refuse
 * says.
 */
static enum mfa_err
open_folder(struct loader *l, const char *dir, int *fd)
{
	const struct mfa_path_rule rule = { l->place->owner, 0022 };
	enum mfa_err r = mfa_path_open_dir(dir, &rule, fd);

	if (r == MFA_OK || r == MFA_ERR_NOT_FOUND)
		return r;
	return refuse(l, dir, r);
}

/* Reads a file's bytes into the loader; returns as open_folder. */
static enum mfa_err
read_bytes(struct loader *l, const struct file *file, size_t *len)
{
	const struct mfa_path_rule rule = { l->place->owner, 0022 };
	char path[PATH_BYTES];
	int dirfd = -1, fd = -1;
	enum mfa_err r;

	path_of(file, path, sizeof(path));
	if ((r = open_folder(l, file->dir, &dirfd)) != MFA_OK)
		return r;
	r = mfa_path_open_file(dirfd, file->name, O_RDONLY, &rule, &fd);
	(void)close(dirfd);
	if (r == MFA_ERR_NOT_FOUND)
		return r;
	if (r != MFA_OK)
		return refuse(l, path, r);
	r = mfa_path_read(fd, l->text, sizeof(l->text), len);
	(void)close(fd);
	if (r == MFA_ERR_INVALID)
		return mfa_config_say(l->reading.problem, path, 0,
		    "larger than 64 KiB");
	return r == MFA_OK ? r : refuse(l, path, r);
}

/* Reads and parses file number i; returns as open_folder. */
static enum mfa_err
take_file(struct loader *l, size_t i)
{
	char path[PATH_BYTES];
	size_t len;
	enum mfa_err r;

	if ((r = read_bytes(l, &l->file[i], &len)) != MFA_OK)
		return r;
	path_of(&l->file[i], path, sizeof(path));
	return mfa_config_read(&l->reading, path, (uint32_t)i + 1, l->text,
	    len);
}

/* Names the file, without what a terminal would not show. */
static enum mfa_err
refuse_name(struct loader *l, const char *dir, const char *name)
{
	char path[PATH_BYTES];
	size_t used;

	(void)snprintf(path, sizeof(path), "%s/", dir);
	used = strlen(path);
	for (; *name != '\0' && used < NAME_SHOWN; name++) {
		const bool plain = *name >= ' ' && *name < 0x7f &&
		    *name != '"' && *name != '\\';

		path[used++] = plain ? *name : '?';
	}
	path[used] = '\0';
	return mfa_config_say(l->reading.problem, path, 0,
	    "not a name for a file of configuration: letters, digits and ._+- "
	    "only, at most %d; for a drop-in, .conf at its end and no dot at "
	    "its beginning", NAME_BYTES - 1);
}

/* Adds a file to the list, without looking at it. */
static enum mfa_err
list_file(struct loader *l, const char *dir, const char *name)
{
	struct file *file = &l->file[l->count];
	const size_t plain = strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-");

	if (name[plain] != '\0' || plain >= sizeof(file->name))
		return refuse_name(l, dir, name);
	(void)snprintf(file->dir, sizeof(file->dir), "%s", dir);
	(void)snprintf(file->name, sizeof(file->name), "%s", name);
	l->count++;
	return MFA_OK;
}

/*
 * The main file that was asked for; else the administrator's, or where there
 * is none the vendor's.
 */
static enum mfa_err
take_main(struct loader *l)
{
	const char *const dirs[] = { l->place->etc, l->place->vendor };
	const char *name = l->place->main;
	const size_t places = name == NULL ? 2 : 1;
	enum mfa_err r = MFA_ERR_NOT_FOUND;

	for (size_t i = 0; i < places && r == MFA_ERR_NOT_FOUND; i++) {
		l->count = 0;
		r = list_file(l, dirs[i], name == NULL ? MAIN_FILE : name);
		if (r == MFA_OK)
			r = take_file(l, 0);
	}
	if (r == MFA_ERR_NOT_FOUND && name != NULL)
		return refuse_file(l, 0, r);
	if (r == MFA_ERR_NOT_FOUND)
		l->count = 0;
	l->first = l->count;
	return r == MFA_ERR_NOT_FOUND ? MFA_OK : r;
}

static bool
is_drop_in(const char *name)
{
	const size_t len = strlen(name);

	return name[0] != '.' && len > 5 &&
	    strcmp(name + len - 5, ".conf") == 0;
}

/* What nobody means to be read: hidden, or of an editor or a packager. */
static bool
is_left_over(const char *name)
{
	return name[0] == '.' || name[strlen(name) - 1] == '~' ||
	    name[0] == '#' || strstr(name, ".dpkg-") != NULL ||
	    strstr(name, ".rpm") != NULL;
}

static bool
is_listed(const struct loader *l, const char *name)
{
	for (size_t i = l->first; i < l->count; i++) {
		if (strcmp(l->file[i].name, name) == 0)
			return true;
	}
	return false;
}

static enum mfa_err
list_name(struct loader *l, const char *dir, const char *name)
{
	if (!is_drop_in(name) || is_listed(l, name))
		return MFA_OK;
	if (l->count - l->first == DROP_INS)
		return mfa_config_say(l->reading.problem, dir, 0,
		    "more than %d files", DROP_INS);
	return list_file(l, dir, name);
}

/* Adds the drop-ins of one folder whose names are not there yet. */
static enum mfa_err
list_folder(struct loader *l, const char *base)
{
	char dir[MFA_CONFIG_PATH];
	enum mfa_err r;
	DIR *stream;
	int fd;

	(void)snprintf(dir, sizeof(dir), "%s/" DROP_IN_DIR, base);
	r = open_folder(l, dir, &fd);
	if (r != MFA_OK)
		return r == MFA_ERR_NOT_FOUND ? MFA_OK : r;
	stream = fdopendir(fd);
	if (stream == NULL) {
		r = refuse(l, dir, mfa_path_err(errno));
		(void)close(fd);
		return r;
	}
	while (r == MFA_OK) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(stream);
		if (entry == NULL && errno != 0)
			r = refuse(l, dir, MFA_ERR_IO);
		if (entry == NULL)
			break;
		r = list_name(l, dir, entry->d_name);
	}
	(void)closedir(stream);
	return r;
}

static int
by_name(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static enum mfa_err
take_drop_ins(struct loader *l)
{
	enum mfa_err r;

	if ((r = list_folder(l, l->place->etc)) != MFA_OK)
		return r;
	if ((r = list_folder(l, l->place->vendor)) != MFA_OK)
		return r;
	qsort(l->file + l->first, l->count - l->first, sizeof(l->file[0]),
	    by_name);
	for (size_t i = l->first; i < l->count; i++) {
		r = take_file(l, i);
		if (r == MFA_ERR_NOT_FOUND)
			return refuse_file(l, i, r);
		if (r != MFA_OK)
			return r;
	}
	return MFA_OK;
}

static enum mfa_err
check(struct loader *l)
{
	struct mfa_config_fault fault;
	char path[PATH_BYTES];

	if (mfa_config_check(&l->reading, &fault) == MFA_OK)
		return MFA_OK;
	path_of(&l->file[fault.at.file - 1], path, sizeof(path));
	return mfa_config_say(l->reading.problem, path, fault.at.line, "%s",
	    fault.sentence);
}

static enum mfa_err
load(struct loader *l)
{
	enum mfa_err r;

	if ((r = take_main(l)) != MFA_OK)
		return r;
	if ((r = take_drop_ins(l)) != MFA_OK)
		return r;
	if (l->count == 0)
		return mfa_config_say(l->reading.problem, l->place->etc, 0,
		    "no configuration found; run: medusa-mfa setup");
	return check(l);
}

enum mfa_err
mfa_config_load(const struct mfa_config_place *place, struct mfa_config *config,
    struct mfa_config_problem *problem)
{
	struct loader *l = calloc(1, sizeof(*l));
	enum mfa_err r;

	if (l == NULL) {
		(void)snprintf(problem->text, sizeof(problem->text), "%s",
		    mfa_strerror(MFA_ERR_MEMORY));
		return MFA_ERR_MEMORY;
	}
	l->place = place;
	l->reading.config = &l->config;
	l->reading.problem = problem;
	mfa_config_init(&l->config);
	r = load(l);
	if (r == MFA_OK)
		memcpy(config, &l->config, sizeof(*config));
	free(l);
	return r;
}

void
mfa_config_passed(const struct mfa_config_place *place,
    void (*take)(void *ctx, const char *dir, const char *name), void *ctx)
{
	const char *const bases[] = { place->etc, place->vendor };
	char path[MFA_CONFIG_PATH];

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		const struct dirent *entry;
		DIR *dir;

		(void)snprintf(path, sizeof(path), "%s/" DROP_IN_DIR, bases[i]);
		if ((dir = opendir(path)) == NULL)
			continue;
		while ((entry = readdir(dir)) != NULL) {
			if (!is_drop_in(entry->d_name) &&
			    !is_left_over(entry->d_name))
				take(ctx, path, entry->d_name);
		}
		(void)closedir(dir);
	}
}
