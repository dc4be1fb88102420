/* SPDX-License-Identifier: MIT */
/* MUST list: retire.h. */
#include "verifier/vault/retire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/path.h"

#define FOLDER "retired"

enum mfa_err
mfa_retire_folder(const char *dir, char *out)
{
	int n = snprintf(out, MFA_RETIRE_PATH, "%s/" FOLDER, dir);

	return n > 0 && n < MFA_RETIRE_PATH ? MFA_OK : MFA_ERR_INVALID;
}

enum mfa_err
mfa_retire_check(const char *dir, const uint8_t id[MFA_KEY_ID])
{
	struct mfa_key key;
	bool primary;
	enum mfa_err r;

	if ((r = mfa_keyring_primary(dir, &key)) != MFA_OK)
		return r;
	primary = memcmp(key.id, id, MFA_KEY_ID) == 0;
	mfa_key_wipe(&key);
	if (primary)
		return MFA_ERR_DENIED;
	if ((r = mfa_keyring_load(dir, id, &key)) == MFA_OK)
		mfa_key_wipe(&key);
	return r;
}

/* As the ring's own folder.  One that is there is not touched, but judged. */
static enum mfa_err
make_folder(int ring, unsigned int group)
{
	enum mfa_err r = MFA_OK;
	int fd;

	if (mkdirat(ring, FOLDER, 0700) != 0)
		return errno == EEXIST ? MFA_OK : mfa_path_err(errno);
	fd = openat(ring, FOLDER,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return mfa_path_err(errno);
	if (fchown(fd, 0, (gid_t)group) != 0 || fchmod(fd, 0750) != 0 ||
	    fsync(ring) != 0)
		r = MFA_ERR_IO;
	(void)close(fd);
	return r;
}

static enum mfa_err
move(int ring, int folder, const uint8_t id[MFA_KEY_ID])
{
	char name[2 * MFA_KEY_ID + sizeof(".key")];

	mfa_num_hex(id, MFA_KEY_ID, name);
	memcpy(name + 2 * MFA_KEY_ID, ".key", sizeof(".key"));
	/* One of that name is the same key: the name is its hash. */
	if (renameat(ring, name, folder, name) != 0)
		return mfa_path_err(errno);
	if (fsync(folder) != 0 || fsync(ring) != 0)
		return MFA_ERR_IO;
	return MFA_OK;
}

enum mfa_err
mfa_retire_key(const char *dir, const uint8_t id[MFA_KEY_ID],
    unsigned int group)
{
	int ring = -1, folder = -1;
	char path[MFA_RETIRE_PATH];
	enum mfa_err r;

	if ((r = mfa_retire_folder(dir, path)) != MFA_OK)
		return r;
	if ((r = mfa_retire_check(dir, id)) != MFA_OK)
		return r;
	r = mfa_path_open_dir(dir, &mfa_path_root_owned, &ring);
	if (r != MFA_OK)
		return r;
	if ((r = make_folder(ring, group)) == MFA_OK)
		r = mfa_path_open_dir(path, &mfa_path_root_secret, &folder);
	if (r == MFA_OK)
		r = move(ring, folder, id);
	if (folder >= 0)
		(void)close(folder);
	(void)close(ring);
	return r;
}

enum mfa_err
mfa_retire_age(const char *dir, uint64_t wall, uint64_t *seconds)
{
	struct stat st;
	enum mfa_err r;
	int ring, fd;

	r = mfa_path_open_dir(dir, &mfa_path_root_owned, &ring);
	if (r != MFA_OK)
		return r;
	r = mfa_path_open_file(ring, "primary", O_RDONLY, &mfa_path_root_secret,
	    &fd);
	(void)close(ring);
	if (r != MFA_OK)
		return r;
	if (fstat(fd, &st) != 0)
		r = MFA_ERR_IO;
	else
		*seconds = st.st_mtime >= 0 && (uint64_t)st.st_mtime < wall ?
		    wall - (uint64_t)st.st_mtime :
		    0;
	(void)close(fd);
	return r;
}
