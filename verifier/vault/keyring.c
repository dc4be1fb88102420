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

#define ID_TEXT	 (2 * MFA_KEY_ID)
#define KEY_TEXT (2 * MFA_CRYPT_KEY)
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

/* Reads a file that is one line of exactly len characters. */
static enum mfa_err
read_line(int dirfd, const char *name, char *text, size_t len)
{
	size_t got = 0;
	enum mfa_err r;
	int fd;

	r = mfa_path_open_file(dirfd, name, O_RDONLY, &mfa_path_root_secret,
	    &fd);
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
load_at(int dirfd, const uint8_t id[MFA_KEY_ID], struct mfa_key *out)
{
	char name[NAME_MAX_KEY], text[KEY_TEXT + 1];
	struct mfa_key key;
	enum mfa_err r;

	file_name(id, name);
	if ((r = read_line(dirfd, name, text, KEY_TEXT)) != MFA_OK)
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
primary_id(int dirfd, uint8_t id[MFA_KEY_ID])
{
	char text[ID_TEXT + 1];
	enum mfa_err r;

	if ((r = read_line(dirfd, "primary", text, ID_TEXT)) != MFA_OK)
		return r;
	return mfa_num_unhex(text, id, MFA_KEY_ID) == MFA_OK ? MFA_OK :
							      MFA_ERR_DAMAGED;
}

/* A ring that is not there is a key that is not there. */
static enum mfa_err
open_ring(const char *dir, int *fd)
{
	enum mfa_err r = mfa_path_open_dir(dir, &mfa_path_root_owned, fd);

	return r == MFA_ERR_NOT_FOUND ? MFA_ERR_NO_KEY : r;
}

enum mfa_err
mfa_keyring_load(const char *dir, const uint8_t id[MFA_KEY_ID],
    struct mfa_key *out)
{
	enum mfa_err r;
	int fd;

	if ((r = open_ring(dir, &fd)) != MFA_OK)
		return r;
	r = load_at(fd, id, out);
	(void)close(fd);
	return r;
}

enum mfa_err
mfa_keyring_primary(const char *dir, struct mfa_key *out)
{
	uint8_t id[MFA_KEY_ID];
	enum mfa_err r;
	int fd;

	if ((r = open_ring(dir, &fd)) != MFA_OK)
		return r;
	if ((r = primary_id(fd, id)) == MFA_OK)
		r = load_at(fd, id, out);
	(void)close(fd);
	return r;
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
	text[ID_TEXT] = '\n';
	text[ID_TEXT + 1] = '\0';
	/* Left by a crash; only root can have put it there. */
	(void)unlinkat(dirfd, "primary.new", 0);
	if ((r = write_new(dirfd, "primary.new", text, group)) != MFA_OK)
		return r;
	if (renameat(dirfd, "primary.new", dirfd, "primary") != 0) {
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
	if ((r = derive_id(key.bytes, key.id)) != MFA_OK)
		goto out;
	file_name(key.id, name);
	mfa_num_hex(key.bytes, sizeof(key.bytes), text);
	text[KEY_TEXT] = '\n';
	text[KEY_TEXT + 1] = '\0';
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

static int
only_keys(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len == NAME_MAX_KEY - 1 &&
	    strcmp(entry->d_name + ID_TEXT, ".key") == 0;
}

static enum mfa_err
visit_one(int dirfd, const char *file, mfa_keyring_visit *visit, void *ctx)
{
	uint8_t id[MFA_KEY_ID], first[MFA_KEY_ID];
	char text[ID_TEXT + 1];
	struct mfa_key key;
	enum mfa_err problem;
	bool primary;

	memcpy(text, file, ID_TEXT);
	text[ID_TEXT] = '\0';
	if (mfa_num_unhex(text, id, MFA_KEY_ID) != MFA_OK)
		return MFA_OK; /* not one of ours */
	primary = primary_id(dirfd, first) == MFA_OK &&
	    memcmp(first, id, MFA_KEY_ID) == 0;
	problem = load_at(dirfd, id, &key);
	if (problem == MFA_OK)
		mfa_key_wipe(&key);
	return visit(ctx, id, primary, problem);
}

enum mfa_err
mfa_keyring_each(const char *dir, mfa_keyring_visit *visit, void *ctx)
{
	struct dirent **list = NULL;
	enum mfa_err r;
	int fd, n;

	if ((r = mfa_path_open_dir(dir, &mfa_path_root_owned, &fd)) != MFA_OK)
		return r;
	n = scandirat(fd, ".", &list, only_keys, alphasort);
	if (n < 0)
		r = MFA_ERR_IO;
	for (int i = 0; i < n; i++) {
		if (r == MFA_OK)
			r = visit_one(fd, list[i]->d_name, visit, ctx);
		free(list[i]);
	}
	free(list);
	(void)close(fd);
	return r;
}
