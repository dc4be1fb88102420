/* SPDX-License-Identifier: MIT */
#include "verifier/maintain.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/path.h"
#include "verifier/config/config.h"
#include "verifier/crypt/crypt.h"
#include "verifier/event/event.h"
#include "verifier/store/store.h"
#include "verifier/vault/keyring.h"

static const struct mfa_env env = {
	.now = mfa_env_now,
	.random = mfa_crypt_random,
	.release = MFA_RELEASE_TIME,
};

static int
problem(const char *what, enum mfa_err err)
{
	(void)printf("problem: %s: %s\n", what, mfa_strerror(err));
	return 1;
}

static bool
load_config(struct mfa_config *config)
{
	struct mfa_config_problem why;
	enum mfa_err r = mfa_config_load(&mfa_config_system, config, &why);

	if (r != MFA_OK)
		(void)printf("problem: %s\n",
		    why.text[0] != '\0' ? why.text : mfa_strerror(r));
	return r == MFA_OK;
}

static const char *
store_dir(const struct mfa_config *config)
{
	return config->store + strlen("file:");
}

/* ---- init ---- */

/* The ring's folder: root's, readable by the account's group. */
static enum mfa_err
make_ring(const char *dir, gid_t group)
{
	enum mfa_err r;
	int fd;

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

static enum mfa_err
count_records(const struct mfa_config *config,
    const struct mfa_account *account, unsigned int *n)
{
	struct mfa_store *store;
	enum mfa_err r;

	r = mfa_store_file_open(store_dir(config), account->uid, &store);
	if (r != MFA_OK)
		return r;
	r = store->ops->each(store, count_one, n);
	store->ops->free(store);
	return r;
}

static int
new_key(const struct mfa_config *config, const struct mfa_account *account)
{
	struct mfa_sink sink;
	const struct mfa_event event = { .type = MFA_EVENT_KEY_NEW };
	uint8_t id[MFA_KEY_ID];
	char text[2 * MFA_KEY_ID + 1];
	enum mfa_err r;

	r = mfa_keyring_new(config->encryption_key, &env, account->gid, id);
	if (r != MFA_OK)
		return problem(config->encryption_key, r);
	mfa_num_hex(id, sizeof(id), text);
	mfa_event_syslog(&sink, NULL);
	sink.emit(&sink, &event);
	(void)printf("new primary key %s\n", text);
	return 0;
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
		return problem(config->encryption_key, r);
	if ((r = count_records(config, account, &records)) != MFA_OK)
		return problem(config->store, r);
	if (records != 0) {
		(void)printf("problem: there are %u records but no primary key "
			     "in %s: restore the keys from your backup; if "
			     "they are lost for good: medusa-mfa key new, "
			     "then medusa-mfa reset USER for each user\n",
		    records, config->encryption_key);
		return 1;
	}
	return new_key(config, account);
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

	enum mfa_err r = mfa_store_file_open(store_dir(config), account->uid,
	    &store);

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

	if (!load_config(&config))
		return 1;
	if ((r = mfa_guard_account(&account)) != MFA_OK)
		return problem(MFA_ACCOUNT, r);
	if ((r = mfa_crypt_init()) != MFA_OK)
		return problem("libsodium", r);
	mfa_crypt_random(&env, id, sizeof(id));
	mfa_crypt_random(&env, salt, sizeof(salt));
	if (store_is_lost(&config, &account)) {
		(void)printf("problem: there are keys in %s but no records in "
			     "%s: restore them from your backup; to begin "
			     "anew, move the keys away first\n",
		    config.encryption_key, store_dir(&config));
		return 1;
	}
	r = mfa_store_file_init(store_dir(&config), account.uid, account.gid,
	    id);
	if (r == MFA_ERR_DAMAGED) {
		(void)printf("problem: %s has records or a store-id, but not "
			     "both: restore it whole from your backup\n",
		    store_dir(&config));
		return 1;
	}
	if (r == MFA_OK)
		r = mfa_store_file_limits(MFA_STATEDIR, account.uid,
		    account.gid, salt);
	if (r != MFA_OK)
		return problem(config.store, r);
	(void)printf("record store %s is ready\n", store_dir(&config));
	if ((r = make_ring(config.encryption_key, account.gid)) != MFA_OK)
		return problem(config.encryption_key, r);
	return first_key(&config, &account);
}

int
mfa_maintain_new_key(void)
{
	struct mfa_account account;
	struct mfa_config config;
	enum mfa_err r;

	if (!load_config(&config))
		return 1;
	if ((r = mfa_guard_account(&account)) != MFA_OK)
		return problem(MFA_ACCOUNT, r);
	if ((r = mfa_crypt_init()) != MFA_OK)
		return problem("libsodium", r);
	return new_key(&config, &account);
}

/* ---- check ---- */

static int
say(const char *what, enum mfa_err r)
{
	if (r != MFA_OK)
		return problem(what, r);
	(void)printf("ok: %s\n", what);
	return 0;
}

static enum mfa_err
try_primary(const struct mfa_config *config)
{
	struct mfa_key key;
	enum mfa_err r = mfa_keyring_primary(config->encryption_key, &key);

	if (r == MFA_OK)
		mfa_key_wipe(&key);
	return r;
}

static enum mfa_err
try_store(const struct mfa_config *config, const struct mfa_account *account)
{
	struct statvfs fs;
	unsigned int n = 0;
	enum mfa_err r;

	r = count_records(config, account, &n);
	if (r == MFA_OK && statvfs(store_dir(config), &fs) == 0 &&
	    (fs.f_flag & ST_RDONLY) != 0)
		r = MFA_ERR_READ_ONLY;
	return r;
}

static enum mfa_err
try_clock(void)
{
	struct mfa_now now;
	enum mfa_err r = env.now(&env, &now);

	if (r == MFA_OK && now.wall < env.release)
		r = MFA_ERR_CLOCK;
	return r;
}

int
mfa_maintain_check(void)
{
	struct mfa_account account;
	struct mfa_config config;
	int failed;
	enum mfa_err r;

	if (!load_config(&config))
		return 1;
	failed = say("configuration", MFA_OK);
	if ((r = mfa_guard_account(&account)) == MFA_OK)
		r = mfa_guard_drop(&account);
	failed |= say("account " MFA_ACCOUNT, r);
	if (r != MFA_OK)
		return 1; /* the rest would be looked at with root's eyes */
	failed |= say("libsodium", mfa_crypt_init());
	failed |= say("OpenSSL", mfa_crypt_warm());
	failed |= say(config.encryption_key, try_primary(&config));
	failed |= say(config.store, try_store(&config, &account));
	failed |= say("clock", try_clock());
	return failed;
}

int
mfa_maintain_check_config(const char *file)
{
	static const char folder[] = MFA_SYSCONFDIR "/";
	struct mfa_config_place place = mfa_config_system;
	struct mfa_config_problem why;
	struct mfa_config config;
	size_t len = sizeof(folder) - 1;

	if (strncmp(file, folder, len) != 0 || strchr(file + len, '/') != NULL) {
		(void)printf("problem: %s does not lie in %s\n", file, folder);
		return 1;
	}
	place.main = file + len;
	if (mfa_config_load(&place, &config, &why) != MFA_OK) {
		(void)printf("problem: %s\n", why.text);
		return 1;
	}
	return say(file, MFA_OK);
}
