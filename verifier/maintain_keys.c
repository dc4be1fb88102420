/* SPDX-License-Identifier: MIT */
/* --remove-key and --export-keys. */
#include "verifier/maintain.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/path.h"
#include "verifier/conversation.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/records.h"
#include "verifier/event/event.h"
#include "verifier/store/store_file.h"
#include "verifier/vault/export.h"
#include "verifier/vault/keyring.h"
#include "verifier/vault/retire.h"

#define SHOWN  10 /* records that are named */
#define MARGIN 5  /* seconds */

static const char credentials[] =
    "the keys are credentials of the service here, and this program neither "
    "moves nor reads them: the files that they were encrypted from are where "
    "docs/services.md had you keep them";

/* Configuration and account of a host whose keys are files. */
static bool
begin(struct mfa_config *config, struct mfa_account *account)
{
	enum mfa_err r;

	if (!mfa_maintain_load(config))
		return false;
	if (mfa_keyring_is_credentials(config->encryption_key)) {
		(void)printf("problem: %s: %s\n", config->encryption_key,
		    credentials);
		return false;
	}
	if ((r = mfa_guard_account(account)) != MFA_OK)
		(void)mfa_maintain_problem(MFA_ACCOUNT, r);
	else if ((r = mfa_crypt_init()) != MFA_OK)
		(void)mfa_maintain_problem("libsodium", r);
	return r == MFA_OK;
}

/* ---- removing ---- */

struct needed {
	unsigned int users, odd;
};

static enum mfa_err
name_one(void *ctx, const char *id, enum mfa_err why)
{
	struct needed *n = ctx;
	unsigned int before = why == MFA_OK ? n->users++ : n->odd++;

	if (before >= SHOWN)
		return MFA_OK;
	if (why == MFA_OK)
		(void)printf("problem: record %s needs this key\n", id);
	else
		(void)printf("problem: record %s: %s\n", id,
		    mfa_strerror(why));
	return MFA_OK;
}

/* As the account; returns the exit status. */
static int
look_for_users(const struct mfa_config *config,
    const struct mfa_account *account, const uint8_t id[MFA_KEY_ID])
{
	struct needed n = { 0, 0 };
	struct mfa_store *store;
	enum mfa_err r;

	if ((r = mfa_guard_drop(account)) != MFA_OK)
		return mfa_maintain_problem(MFA_ACCOUNT, r);
	r = mfa_store_file_open(mfa_maintain_store(config), account->uid,
	    &store);
	if (r != MFA_OK)
		return mfa_maintain_problem(config->store, r);
	r = mfa_records_need(store, id, name_one, &n);
	store->ops->free(store);
	if (r != MFA_OK)
		return mfa_maintain_problem(config->store, r);
	if (n.users != 0)
		(void)printf("problem: %u record%s this key, to be moved "
			     "first: medusa-mfa key rekey\n", n.users,
		    n.users == 1 ? " needs" : "s need");
	if (n.odd != 0)
		(void)printf("problem: of %u record%s nobody knows whether %s "
			     "this key: medusa-mfa store check\n", n.odd,
		    n.odd == 1 ? "" : "s",
		    n.odd == 1 ? "it needs" : "they need");
	return n.users != 0 || n.odd != 0;
}

/* In a process of its own, for we have to stay root. */
static bool
is_free(const struct mfa_config *config, const struct mfa_account *account,
    const uint8_t id[MFA_KEY_ID])
{
	int status = 0;
	pid_t pid;

	(void)fflush(stdout);
	if ((pid = fork()) < 0)
		return mfa_maintain_problem("fork", MFA_ERR_LIMIT) == 0;
	if (pid == 0) {
		status = look_for_users(config, account, id);
		_exit(fflush(stdout) == 0 ? status : 1);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return false;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/*
 * A record that is just being made has no lock yet and may be sealed with the
 * primary of a moment ago.  No request lives longer than this.
 */
static enum mfa_err
let_others_end(const char *dir)
{
	const struct mfa_env env = { .now = mfa_env_now };
	const uint64_t enough = MFA_WORK_MAX + MARGIN;
	uint64_t age = 0;
	struct mfa_now now;
	enum mfa_err r;

	if ((r = env.now(&env, &now)) != MFA_OK)
		return r;
	if ((r = mfa_retire_age(dir, now.wall, &age)) != MFA_OK)
		return r;
	if (age >= enough)
		return MFA_OK;
	(void)printf("waiting %u second%s for what began before the last "
		     "rotation\n", (unsigned int)(enough - age),
	    enough - age == 1 ? "" : "s");
	(void)fflush(stdout);
	for (unsigned int left = (unsigned int)(enough - age); left != 0;)
		left = sleep(left);
	return MFA_OK;
}

static int
refuse(const char *text, enum mfa_err r)
{
	if (r == MFA_ERR_DENIED) {
		(void)printf("problem: %s is the primary key: medusa-mfa key "
			     "rotate makes another one first\n", text);
		return 1;
	}
	return mfa_maintain_problem(text, r);
}

int
mfa_maintain_remove_key(const char *text)
{
	struct mfa_event event = { .type = MFA_EVENT_KEY_RETIRED,
		.detail = text };
	struct mfa_account account;
	struct mfa_config config;
	uint8_t id[MFA_KEY_ID];
	const char *dir;
	enum mfa_err r;

	if (mfa_num_unhex(text, id, sizeof(id)) != MFA_OK) {
		(void)printf("problem: a key is named by 16 hexadecimal "
			     "digits: medusa-mfa key list\n");
		return 1;
	}
	if (!begin(&config, &account))
		return 1;
	dir = config.encryption_key;
	if ((r = mfa_retire_check(dir, id)) != MFA_OK ||
	    (r = let_others_end(dir)) != MFA_OK)
		return refuse(text, r);
	if (!is_free(&config, &account, id))
		return 1;
	if ((r = mfa_retire_key(dir, id, account.gid)) != MFA_OK)
		return refuse(text, r);
	mfa_maintain_tell(&config, &event);
	(void)printf("key %s is in %s/retired now\n", text, dir);
	return 0;
}

/* ---- exporting ---- */

/* Words go to standard error from here on. */
static int
take_output(void)
{
	int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

	if (out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return -1;
	return out;
}

/* Not of the ring, whose folder is full of nothing that we wrote. */
static int
unwritten(enum mfa_err r)
{
	(void)printf("problem: cannot write the output: %s\n",
	    r == MFA_ERR_NO_SPACE ? "no space left there" : mfa_strerror(r));
	return 1;
}

int
mfa_maintain_export_keys(void)
{
	static const char note[] =
	    "# The keys of medusa-mfa on this host.  Who has them and the "
	    "records can make\n# every code.  How to put them back is in "
	    "medusa-mfad(8), section KEYS.\n";
	const struct mfa_event event = { .type = MFA_EVENT_KEY_EXPORTED };
	char bad[2 * MFA_KEY_ID + 1] = "";
	struct mfa_account account;
	struct mfa_config config;
	bool lost = false;
	enum mfa_err r;
	int out;

	if ((out = take_output()) < 0)
		return 1;
	if (isatty(out)) {
		(void)printf("problem: keys are not shown on a terminal: "
			     "medusa-mfa key export --output FILE\n");
		return 1;
	}
	if (!begin(&config, &account))
		return 1;
	if ((r = mfa_path_write(out, note, sizeof(note) - 1)) != MFA_OK)
		return unwritten(r);
	r = mfa_export_keys(config.encryption_key, out, bad, &lost);
	if (lost)
		return unwritten(r);
	if (r != MFA_OK)
		return mfa_maintain_problem(bad[0] != '\0' ? bad :
			config.encryption_key, r);
	mfa_maintain_tell(&config, &event);
	return 0;
}
