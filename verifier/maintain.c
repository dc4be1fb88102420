/* SPDX-License-Identifier: MIT */
#include "verifier/maintain.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/path.h"
#include "verifier/config/config.h"
#include "verifier/crypt/crypt.h"
#include "verifier/event/event.h"
#include "verifier/runner.h"
#include "verifier/store/store_file.h"
#include "verifier/vault/keyring.h"

static const struct mfa_env env = {
	.now = mfa_env_now,
	.random = mfa_crypt_random,
	.release = MFA_RELEASE_TIME,
};

/* mfa_strerror speaks of the record store, which has its scheme in its name. */
static const char *
sentence(const char *what, enum mfa_err err)
{
	const bool store = strstr(what, "file:") == what;

	if (err == MFA_ERR_UNSAFE)
		return "not safe: it and the folders above it must belong to "
		       "root and be writable by nobody else; a file must be a "
		       "regular file with one name, symbolic links are not "
		       "followed";
	if (err == MFA_ERR_NO_SPACE && !store)
		return "no space left there";
	if (err == MFA_ERR_READ_ONLY && !store)
		return "that file system is read-only";
	return mfa_strerror(err);
}

int
mfa_maintain_problem(const char *what, enum mfa_err err)
{
	(void)printf("problem: %s: %s\n", what, sentence(what, err));
	return 1;
}

int
mfa_maintain_say(const char *what, enum mfa_err r)
{
	if (r != MFA_OK)
		return mfa_maintain_problem(what, r);
	(void)printf("ok: %s\n", what);
	return 0;
}

bool
mfa_maintain_load(struct mfa_config *config)
{
	struct mfa_config_problem why;
	enum mfa_err r = mfa_config_load(&mfa_config_system, config, &why);

	if (r != MFA_OK)
		(void)printf("problem: %s\n",
		    why.text[0] != '\0' ? why.text : mfa_strerror(r));
	return r == MFA_OK;
}

const char *
mfa_maintain_store(const struct mfa_config *config)
{
	return config->store + strlen("file:");
}

/* ---- init ---- */

/*
 * The ring's folder: root's, readable by the account's group.  That of
 * credentials is the service manager's.
 */
static enum mfa_err
make_ring(const char *dir, gid_t group)
{
	enum mfa_err r;
	int fd;

	if (mfa_keyring_is_credentials(dir))
		return MFA_OK;
	if (mkdir(dir, 0700) != 0) {
		if (errno != EEXIST)
			return mfa_path_err(errno);
		if ((r = mfa_path_open_dir(dir, &mfa_path_root_owned, &fd)) ==
		    MFA_OK)
			(void)close(fd);
		return r;
	}
	if ((r = mfa_path_open_dir(dir, &mfa_path_root_owned, &fd)) != MFA_OK)
		return r;
	if (fchown(fd, 0, group) != 0 || fchmod(fd, 0750) != 0)
		r = MFA_ERR_IO;
	(void)close(fd);
	return r;
}

static enum mfa_err
count_one(void *ctx, const char *id)
{
	unsigned int *n = ctx;

	(void)id;
	(*n)++;
	return MFA_OK;
}

enum mfa_err
mfa_maintain_count(const struct mfa_config *config,
    const struct mfa_account *account, unsigned int *n)
{
	struct mfa_store *store;
	enum mfa_err r;

	r = mfa_store_file_open(mfa_maintain_store(config), account->uid,
	    &store);
	if (r != MFA_OK)
		return r;
	r = store->ops->each(store, count_one, n);
	store->ops->free(store);
	return r;
}

void
mfa_maintain_tell(const struct mfa_config *config,
    const struct mfa_event *event)
{
	struct mfa_runner_link link = { .fd = -1 };
	struct mfa_programs programs;
	struct mfa_runner_desk desk;
	struct mfa_sink sink;

	mfa_event_syslog(&sink, NULL);
	if (!mfa_config_programs(config, &programs) ||
	    mfa_runner_start(MFA_LIBEXECDIR "/medusa-mfa-runner", &programs,
		&link) != MFA_OK)
		link.fd = -1; /* said by the desk, if it matters */
	mfa_runner_open(&desk, &link, config, &sink);
	desk.sink.emit(&desk.sink, event);
	mfa_runner_flush(&desk);
	mfa_runner_stop(&link);
}

static int
new_key(const struct mfa_config *config, const struct mfa_account *account,
    enum mfa_event_type type)
{
	const struct mfa_event event = { .type = type };
	uint8_t id[MFA_KEY_ID];
	char text[2 * MFA_KEY_ID + 1];
	enum mfa_err r;

	r = mfa_keyring_new(config->encryption_key, &env, account->gid, id);
	if (r != MFA_OK)
		return mfa_maintain_problem(config->encryption_key, r);
	mfa_num_hex(id, sizeof(id), text);
	mfa_maintain_tell(config, &event);
	(void)printf("new primary key %s\n", text);
	return 0;
}

/* systemd-creds makes credentials, and only a restart brings them in. */
static int
no_key_here(const struct mfa_config *config)
{
	(void)printf("problem: %s: keys are credentials of the service here, "
		     "and not made by this program: encrypt them with "
		     "systemd-creds, name them in the unit, and start or "
		     "restart it (medusa-mfad(8), section CREDENTIALS)\n",
	    config->encryption_key);
	return 1;
}

static int
first_key(const struct mfa_config *config, const struct mfa_account *account)
{
	struct mfa_key key;
	unsigned int records = 0;
	enum mfa_err r;

	r = mfa_keyring_primary(config->encryption_key, &key);
	if (r == MFA_OK) {
		mfa_key_wipe(&key);
		(void)printf("key ring %s is there\n", config->encryption_key);
		return 0;
	}
	if (r != MFA_ERR_NO_KEY)
		return mfa_maintain_problem(config->encryption_key, r);
	if (mfa_keyring_is_credentials(config->encryption_key))
		return no_key_here(config);
	if ((r = mfa_maintain_count(config, account, &records)) != MFA_OK)
		return mfa_maintain_problem(config->store, r);
	if (records != 0) {
		(void)printf("problem: there are %u records but no primary key "
			     "in %s: restore the keys from your backup; if "
			     "they are lost for good: medusa-mfa key new, "
			     "then medusa-mfa reset USER for each user\n",
		    records, config->encryption_key);
		return 1;
	}
	return new_key(config, account, MFA_EVENT_KEY_NEW);
}

/*
 * Keys are made after the store: where there are some, a store has been, and
 * an empty one in its place would ask nobody for a code.
 */
static bool
store_is_lost(const struct mfa_config *config,
    const struct mfa_account *account)
{
	struct mfa_store *store;
	struct mfa_key key;

	enum mfa_err r = mfa_store_file_open(mfa_maintain_store(config),
	    account->uid, &store);

	if (r == MFA_OK)
		store->ops->free(store);
	if (r != MFA_ERR_NOT_FOUND)
		return false;
	if (mfa_keyring_primary(config->encryption_key, &key) != MFA_OK)
		return false;
	mfa_key_wipe(&key);
	return true;
}

int
mfa_maintain_init(void)
{
	struct mfa_account account;
	struct mfa_config config;
	uint8_t id[16], salt[8];
	enum mfa_err r;

	if (!mfa_maintain_load(&config))
		return 1;
	if ((r = mfa_guard_account(&account)) != MFA_OK)
		return mfa_maintain_problem(MFA_ACCOUNT, r);
	if ((r = mfa_crypt_init()) != MFA_OK)
		return mfa_maintain_problem("libsodium", r);
	mfa_crypt_random(&env, id, sizeof(id));
	mfa_crypt_random(&env, salt, sizeof(salt));
	if (store_is_lost(&config, &account)) {
		(void)printf("problem: there are keys in %s but no records in "
			     "%s: restore them from your backup; to begin "
			     "anew, move the keys away first\n",
		    config.encryption_key, mfa_maintain_store(&config));
		return 1;
	}
	r = mfa_store_file_init(mfa_maintain_store(&config), account.uid,
	    account.gid, id);
	if (r == MFA_ERR_DAMAGED) {
		(void)printf("problem: %s has records or a store-id, but not "
			     "both: restore it whole from your backup\n",
		    mfa_maintain_store(&config));
		return 1;
	}
	if (r == MFA_OK)
		r = mfa_store_file_limits(MFA_STATEDIR, account.uid,
		    account.gid, salt);
	if (r != MFA_OK)
		return mfa_maintain_problem(config.store, r);
	(void)printf("record store %s is ready\n", mfa_maintain_store(&config));
	if ((r = make_ring(config.encryption_key, account.gid)) != MFA_OK)
		return mfa_maintain_problem(config.encryption_key, r);
	return first_key(&config, &account);
}

/* rotate: only where there is one */
static int
another_key(bool rotate)
{
	struct mfa_account account;
	struct mfa_config config;
	struct mfa_key key;
	enum mfa_err r;

	if (!mfa_maintain_load(&config))
		return 1;
	if (mfa_keyring_is_credentials(config.encryption_key))
		return no_key_here(&config);
	if ((r = mfa_guard_account(&account)) != MFA_OK)
		return mfa_maintain_problem(MFA_ACCOUNT, r);
	if ((r = mfa_crypt_init()) != MFA_OK)
		return mfa_maintain_problem("libsodium", r);
	if (rotate) {
		r = mfa_keyring_primary(config.encryption_key, &key);
		if (r != MFA_OK)
			return mfa_maintain_problem("the primary key", r);
		mfa_key_wipe(&key);
	}
	return new_key(&config, &account, MFA_EVENT_KEY_ROTATED);
}

int
mfa_maintain_new_key(void)
{
	return another_key(false);
}

int
mfa_maintain_rotate_key(void)
{
	int status = another_key(true);

	if (status == 0)
		(void)printf("records move to it when they are written next; "
			     "all at once: medusa-mfa key rekey\n"
			     "keep a copy of it in a safe: "
			     "medusa-mfa key export\n");
	return status;
}
