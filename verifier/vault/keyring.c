/* SPDX-License-Identifier: MIT */
#include "verifier/vault/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "lib/base/turn.h"

#define ID_TEXT	 (2 * MFA_KEY_ID)
#define KEY_TEXT (2 * MFA_CRYPT_KEY)
#define TURN_MS	 2000
#define PRIMARY	 "primary"
#define NAME_MAX_KEY (ID_TEXT + sizeof(".key"))

void
mfa_key_wipe(struct mfa_key *key)
{
	mfa_crypt_wipe(key, sizeof(*key));
}

static enum mfa_err
derive_id(const uint8_t *bytes, uint8_t id[MFA_KEY_ID])
{
	static const char label[] = "medusa-mfa key id v1";
	const struct mfa_crypt_part parts[] = {
		{ label, sizeof(label) - 1 },
		{ bytes, MFA_CRYPT_KEY },
	};
	uint8_t hash[MFA_CRYPT_HASH];
	enum mfa_err r;

	r = mfa_crypt_hash(NULL, parts, 2, hash, sizeof(hash));
	if (r == MFA_OK)
		memcpy(id, hash, MFA_KEY_ID);
	return r;
}

static void
file_name(const uint8_t id[MFA_KEY_ID], char name[NAME_MAX_KEY])
{
	mfa_num_hex(id, MFA_KEY_ID, name);
	memcpy(name + ID_TEXT, ".key", sizeof(".key"));
}

/* Where the files of a ring are: in a folder, or held. */
struct source {
	const struct mfa_keyring_held *held; /* NULL: in dirfd */
	int dirfd;
};

/* What mfa_path_open_file checks may have changed since. */
static enum mfa_err
check_again(int fd)
{
	const struct mfa_path_rule *rule = &mfa_path_root_secret;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return MFA_ERR_IO;
	return S_ISREG(st.st_mode) && st.st_nlink == 1 &&
		st.st_uid == rule->owner &&
		(st.st_mode & rule->forbidden) == 0 ?
	    MFA_OK :
	    MFA_ERR_UNSAFE;
}

/* fd: a copy; caller closes. */
static enum mfa_err
open_held(const struct mfa_keyring_held *held, const char *name, int *fd)
{
	enum mfa_err r;

	*fd = -1;
	for (uint32_t i = 0; i < held->count; i++) {
		if (strcmp(held->file[i].name, name) != 0)
			continue;
		if ((r = check_again(held->file[i].fd)) != MFA_OK)
			return r;
		*fd = fcntl(held->file[i].fd, F_DUPFD_CLOEXEC, 3);
		return *fd >= 0 ? MFA_OK : mfa_path_err(errno);
	}
	return MFA_ERR_NOT_FOUND;
}

static enum mfa_err
open_in(const struct source *from, const char *name, int *fd)
{
	if (from->held != NULL)
		return open_held(from->held, name, fd);
	return mfa_path_open_file(from->dirfd, name, O_RDONLY,
	    &mfa_path_root_secret, fd);
}

/* Reads a file that is one line of exactly len characters. */
static enum mfa_err
read_line(const struct source *from, const char *name, char *text, size_t len)
{
	size_t got = 0;
	enum mfa_err r;
	int fd;

	r = open_in(from, name, &fd);
	if (r != MFA_OK)
		return r == MFA_ERR_NOT_FOUND ? MFA_ERR_NO_KEY : r;
	r = mfa_path_read(fd, (uint8_t *)text, len + 1, &got);
	(void)close(fd);
	if (r == MFA_ERR_INVALID)
		return MFA_ERR_DAMAGED;
	if (r == MFA_OK && (got != len + 1 || text[len] != '\n'))
		return MFA_ERR_DAMAGED;
	if (r == MFA_OK)
		text[len] = '\0';
	return r;
}

static enum mfa_err
load_at(const struct source *from, const uint8_t id[MFA_KEY_ID],
    struct mfa_key *out)
{
	char name[NAME_MAX_KEY], text[KEY_TEXT + 1];
	struct mfa_key key;
	enum mfa_err r;

	file_name(id, name);
	if ((r = read_line(from, name, text, KEY_TEXT)) != MFA_OK)
		goto out;
	if (mfa_num_unhex(text, key.bytes, sizeof(key.bytes)) != MFA_OK) {
		r = MFA_ERR_DAMAGED;
		goto out;
	}
	if ((r = derive_id(key.bytes, key.id)) != MFA_OK)
		goto out;
	if (memcmp(key.id, id, MFA_KEY_ID) != 0) {
		r = MFA_ERR_DAMAGED;
		goto out;
	}
	*out = key;
out:
	mfa_crypt_wipe(text, sizeof(text));
	mfa_key_wipe(&key);
	return r;
}

static enum mfa_err
primary_id(const struct source *from, uint8_t id[MFA_KEY_ID])
{
	char text[ID_TEXT + 1];
	enum mfa_err r;

	if ((r = read_line(from, PRIMARY, text, ID_TEXT)) != MFA_OK)
		return r;
	return mfa_num_unhex(text, id, MFA_KEY_ID) == MFA_OK ? MFA_OK :
							      MFA_ERR_DAMAGED;
}

/*
 * A ring that is not there is a key that is not there.  So is one of
 * credentials that only root may enter.
 */
static enum mfa_err
open_ring(const char *dir, int *fd)
{
	enum mfa_err r = mfa_path_open_dir(dir, &mfa_path_root_owned, fd);

	if (r == MFA_ERR_IO && geteuid() != 0 &&
	    mfa_keyring_is_credentials(dir))
		r = MFA_ERR_NOT_FOUND;
	return r == MFA_ERR_NOT_FOUND ? MFA_ERR_NO_KEY : r;
}

static bool
holds(const struct mfa_keyring_held *held, const char *dir)
{
	return held != NULL && dir[0] != '\0' && strcmp(held->dir, dir) == 0;
}

static enum mfa_err
open_source(const char *dir, const struct mfa_keyring_held *held,
    struct source *from)
{
	from->dirfd = -1;
	from->held = holds(held, dir) ? held : NULL;
	return from->held != NULL ? MFA_OK : open_ring(dir, &from->dirfd);
}

static void
close_source(const struct source *from)
{
	if (from->dirfd >= 0)
		(void)close(from->dirfd);
}

enum mfa_err
mfa_keyring_load_from(const char *dir, const struct mfa_keyring_held *held,
    const uint8_t id[MFA_KEY_ID], struct mfa_key *out)
{
	struct source from;
	enum mfa_err r;

	if ((r = open_source(dir, held, &from)) != MFA_OK)
		return r;
	r = load_at(&from, id, out);
	close_source(&from);
	return r;
}

enum mfa_err
mfa_keyring_primary_from(const char *dir, const struct mfa_keyring_held *held,
    struct mfa_key *out)
{
	uint8_t id[MFA_KEY_ID];
	struct source from;
	enum mfa_err r;

	if ((r = open_source(dir, held, &from)) != MFA_OK)
		return r;
	if ((r = primary_id(&from, id)) == MFA_OK)
		r = load_at(&from, id, out);
	close_source(&from);
	return r;
}

enum mfa_err
mfa_keyring_load(const char *dir, const uint8_t id[MFA_KEY_ID],
    struct mfa_key *out)
{
	return mfa_keyring_load_from(dir, NULL, id, out);
}

enum mfa_err
mfa_keyring_primary(const char *dir, struct mfa_key *out)
{
	return mfa_keyring_primary_from(dir, NULL, out);
}

/* Writes a new file, synced, readable by the group. */
static enum mfa_err
write_new(int dirfd, const char *name, const char *text, gid_t group)
{
	enum mfa_err r = MFA_ERR_IO;
	int fd;

	fd = openat(dirfd, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return mfa_path_err(errno);
	if (fchown(fd, 0, group) != 0 || fchmod(fd, 0640) != 0)
		goto out;
	if ((r = mfa_path_write(fd, text, strlen(text))) != MFA_OK)
		goto out;
	if (fsync(fd) != 0)
		r = MFA_ERR_IO;
out:
	(void)close(fd);
	if (r != MFA_OK)
		(void)unlinkat(dirfd, name, 0);
	return r;
}

static enum mfa_err
switch_primary(int dirfd, const uint8_t id[MFA_KEY_ID], gid_t group)
{
	char text[ID_TEXT + 2];
	enum mfa_err r;

	mfa_num_hex(id, MFA_KEY_ID, text);
	memcpy(text + ID_TEXT, "\n", 2);
	/* Left by a crash; only root can have put it there. */
	(void)unlinkat(dirfd, "primary.new", 0);
	if ((r = write_new(dirfd, "primary.new", text, group)) != MFA_OK)
		return r;
	if (renameat(dirfd, "primary.new", dirfd, PRIMARY) != 0) {
		r = mfa_path_err(errno);
		(void)unlinkat(dirfd, "primary.new", 0);
		return r;
	}
	return fsync(dirfd) == 0 ? MFA_OK : MFA_ERR_IO;
}

enum mfa_err
mfa_keyring_new(const char *dir, const struct mfa_env *env, unsigned int group,
    uint8_t id[MFA_KEY_ID])
{
	char name[NAME_MAX_KEY], text[KEY_TEXT + 2];
	struct mfa_key key;
	enum mfa_err r;
	int fd;

	if ((r = open_ring(dir, &fd)) != MFA_OK)
		return r;
	env->random(env, key.bytes, sizeof(key.bytes));
	if ((r = mfa_turn_take(fd, mfa_turn_until(TURN_MS))) != MFA_OK ||
	    (r = derive_id(key.bytes, key.id)) != MFA_OK)
		goto out;
	file_name(key.id, name);
	mfa_num_hex(key.bytes, sizeof(key.bytes), text);
	memcpy(text + KEY_TEXT, "\n", 2);
	if ((r = write_new(fd, name, text, group)) != MFA_OK)
		goto out;
	/* The key must be durable before anything can be sealed with it. */
	if (fsync(fd) != 0) {
		r = MFA_ERR_IO;
		goto out;
	}
	if ((r = switch_primary(fd, key.id, group)) == MFA_OK)
		memcpy(id, key.id, MFA_KEY_ID);
out:
	mfa_crypt_wipe(text, sizeof(text));
	mfa_key_wipe(&key);
	(void)close(fd);
	return r;
}

/* Is this the name of a key file, and of which key? */
static bool
is_key_name(const char *name, uint8_t id[MFA_KEY_ID])
{
	char text[ID_TEXT + 1];

	if (strlen(name) != NAME_MAX_KEY - 1 ||
	    strcmp(name + ID_TEXT, ".key") != 0)
		return false;
	memcpy(text, name, ID_TEXT);
	text[ID_TEXT] = '\0';
	return mfa_num_unhex(text, id, MFA_KEY_ID) == MFA_OK;
}

static int
only_keys(const struct dirent *entry)
{
	uint8_t id[MFA_KEY_ID];

	return is_key_name(entry->d_name, id);
}

/* Other files are none of ours. */
static enum mfa_err
visit_one(const struct source *from, const char *file,
    mfa_keyring_visit *visit, void *ctx)
{
	uint8_t id[MFA_KEY_ID], first[MFA_KEY_ID];
	struct mfa_key key;
	enum mfa_err problem;
	bool primary;

	if (!is_key_name(file, id))
		return MFA_OK;
	primary = primary_id(from, first) == MFA_OK &&
	    memcmp(first, id, MFA_KEY_ID) == 0;
	problem = load_at(from, id, &key);
	if (problem == MFA_OK)
		mfa_key_wipe(&key);
	return visit(ctx, id, primary, problem);
}

enum mfa_err
mfa_keyring_each(const char *dir, mfa_keyring_visit *visit, void *ctx)
{
	struct source from = { .held = NULL };
	struct dirent **list = NULL;
	enum mfa_err r;
	int n;

	r = mfa_path_open_dir(dir, &mfa_path_root_owned, &from.dirfd);
	if (r != MFA_OK)
		return r;
	n = scandirat(from.dirfd, ".", &list, only_keys, alphasort);
	if (n < 0)
		r = MFA_ERR_IO;
	for (int i = 0; i < n; i++) {
		if (r == MFA_OK)
			r = visit_one(&from, list[i]->d_name, visit, ctx);
		free(list[i]);
	}
	free(list);
	(void)close(from.dirfd);
	return r;
}

/* ---- a ring that only root may open ---- */

bool
mfa_keyring_is_credentials(const char *dir)
{
	return strncmp(dir, MFA_KEYRING_CREDENTIALS,
		   sizeof(MFA_KEYRING_CREDENTIALS) - 1) == 0;
}

const char *
mfa_keyring_advice(const char *dir, const struct mfa_keyring_held *held)
{
	if (!mfa_keyring_is_credentials(dir))
		return NULL;
	return holds(held, dir) ?
	    "a key is not among the credentials of the service: "
	    "medusa-mfad(8), section CREDENTIALS" :
	    "the keys are credentials of the service: start it, or restart it "
	    "if it runs (medusa-mfad(8), section CREDENTIALS)";
}

static int
only_ours(const struct dirent *entry)
{
	return strcmp(entry->d_name, PRIMARY) == 0 || only_keys(entry);
}

static void
let_go(struct mfa_keyring_held *held)
{
	while (held->count > 0)
		(void)close(held->file[--held->count].fd);
	held->dir[0] = '\0';
}

static enum mfa_err
hold_one(int dirfd, const char *name, struct mfa_keyring_held *held)
{
	struct mfa_keyring_file *file = &held->file[held->count];
	enum mfa_err r;

	if (held->count == MFA_KEYRING_HELD ||
	    !mfa_text_copy(file->name, sizeof(file->name), name))
		return MFA_ERR_FULL;
	r = mfa_path_open_file(dirfd, name, O_RDONLY, &mfa_path_root_secret,
	    &file->fd);
	if (r == MFA_OK)
		held->count++;
	return r;
}

static enum mfa_err
hold_all(int dirfd, struct mfa_keyring_held *held)
{
	struct dirent **list = NULL;
	enum mfa_err r = MFA_OK;
	bool primary = false;
	int n;

	n = scandirat(dirfd, ".", &list, only_ours, alphasort);
	if (n < 0)
		return mfa_path_err(errno);
	for (int i = 0; i < n; i++) {
		if (r == MFA_OK)
			r = hold_one(dirfd, list[i]->d_name, held);
		primary |= strcmp(list[i]->d_name, PRIMARY) == 0;
		free(list[i]);
	}
	free(list);
	/* Without it nothing can be written. */
	return r == MFA_OK && !primary ? MFA_ERR_NO_KEY : r;
}

enum mfa_err
mfa_keyring_hold(const char *dir, struct mfa_keyring_held *held)
{
	enum mfa_err r;
	int fd;

	memset(held, 0, sizeof(*held));
	if (!mfa_keyring_is_credentials(dir))
		return MFA_OK;
	if ((r = open_ring(dir, &fd)) != MFA_OK)
		return r;
	r = hold_all(fd, held);
	(void)close(fd);
	/* A longer path is no option's value. */
	if (r == MFA_OK && !mfa_text_copy(held->dir, sizeof(held->dir), dir))
		r = MFA_ERR_NO_KEY;
	if (r != MFA_OK)
		let_go(held);
	return r;
}

/* In the order of their names, as they were opened. */
enum mfa_err
mfa_keyring_each_from(const char *dir, const struct mfa_keyring_held *held,
    mfa_keyring_visit *visit, void *ctx)
{
	struct source from = { .held = held, .dirfd = -1 };
	enum mfa_err r = MFA_OK;

	if (!holds(held, dir))
		return mfa_keyring_each(dir, visit, ctx);
	for (uint32_t i = 0; r == MFA_OK && i < held->count; i++)
		r = visit_one(&from, held->file[i].name, visit, ctx);
	return r;
}
