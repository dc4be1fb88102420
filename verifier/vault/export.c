/* SPDX-License-Identifier: MIT */
#include "verifier/vault/export.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/path.h"
#include "verifier/vault/retire.h"

#define ID_TEXT	 (2 * MFA_KEY_ID)
#define KEY_TEXT (2 * MFA_CRYPT_KEY)

struct export {
	const char *dir;
	const char *word;
	int fd; /* -1: only look whether all can be read */
	char *bad;
	bool *lost;
	unsigned int count; /* of keys that were written */
};

static enum mfa_err
write_key(const struct export *e, const char *id, const uint8_t *bytes)
{
	char text[KEY_TEXT + 1];
	enum mfa_err r;

	mfa_num_hex(bytes, MFA_CRYPT_KEY, text);
	r = mfa_path_write(e->fd, e->word, strlen(e->word));
	if (r == MFA_OK)
		r = mfa_path_write(e->fd, " ", 1);
	if (r == MFA_OK)
		r = mfa_path_write(e->fd, id, ID_TEXT);
	if (r == MFA_OK)
		r = mfa_path_write(e->fd, " ", 1);
	if (r == MFA_OK)
		r = mfa_path_write(e->fd, text, KEY_TEXT);
	mfa_crypt_wipe(text, sizeof(text));
	return r == MFA_OK ? mfa_path_write(e->fd, "\n", 1) : r;
}

static enum mfa_err
export_one(void *ctx, const uint8_t id[MFA_KEY_ID], bool primary,
    enum mfa_err problem)
{
	struct export *e = ctx;
	char text[ID_TEXT + 1];
	struct mfa_key key;
	enum mfa_err r = problem;

	(void)primary;
	mfa_num_hex(id, MFA_KEY_ID, text);
	if (r == MFA_OK)
		r = mfa_keyring_load(e->dir, id, &key);
	if (r != MFA_OK) {
		memcpy(e->bad, text, sizeof(text));
		return r;
	}
	if (e->fd >= 0) {
		r = write_key(e, text, key.bytes);
		*e->lost = r != MFA_OK;
		e->count += r == MFA_OK;
	}
	mfa_key_wipe(&key);
	return r;
}

static enum mfa_err
export_folders(const struct export *what, const char *retired,
    unsigned int *count)
{
	struct export in_use = *what, out_of_use = *what;
	enum mfa_err r;

	in_use.word = "key";
	out_of_use.word = "retired";
	out_of_use.dir = retired;
	if ((r = mfa_keyring_each(in_use.dir, export_one, &in_use)) != MFA_OK)
		return r;
	r = mfa_keyring_each(retired, export_one, &out_of_use);
	*count = in_use.count + out_of_use.count;
	return r == MFA_ERR_NOT_FOUND ? MFA_OK : r;
}

static enum mfa_err
write_line(const struct export *e, const char *line)
{
	const enum mfa_err r = mfa_path_write(e->fd, line, strlen(line));

	*e->lost = r != MFA_OK;
	return r;
}

enum mfa_err
mfa_export_keys(const char *dir, int fd, char *bad, bool *lost)
{
	struct export what = { .dir = dir, .fd = -1, .bad = bad, .lost = lost };
	char retired[MFA_RETIRE_PATH], line[64], id[ID_TEXT + 1];
	struct mfa_key primary;
	unsigned int count = 0;
	enum mfa_err r;

	bad[0] = '\0';
	*lost = false;
	if ((r = mfa_retire_folder(dir, retired)) != MFA_OK)
		return r;
	if ((r = mfa_keyring_primary(dir, &primary)) != MFA_OK)
		return r;
	mfa_num_hex(primary.id, MFA_KEY_ID, id);
	mfa_key_wipe(&primary);
	if ((r = export_folders(&what, retired, &count)) != MFA_OK)
		return r;
	what.fd = fd;
	(void)snprintf(line, sizeof(line), "primary %s\n", id);
	if ((r = write_line(&what, line)) != MFA_OK)
		return r;
	if ((r = export_folders(&what, retired, &count)) != MFA_OK)
		return r;
	(void)snprintf(line, sizeof(line), "end %u\n", count);
	return write_line(&what, line);
}
