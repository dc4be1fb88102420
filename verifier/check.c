/* SPDX-License-Identifier: MIT */
/* --check and --check-config. */
#include "verifier/maintain.h"

#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/check_programs.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/groups.h"
#include "verifier/engine/subject.h"
#include "verifier/vault/keyring.h"

#define SHOWN 1100 /* bytes of a name, escaped */

/* Of what is not root's alone, the manual has the owners and modes. */
static int
say_kept(const char *what, enum mfa_err r)
{
	int failed = mfa_maintain_say(what, r);

	if (r == MFA_ERR_UNSAFE)
		(void)printf("note: %s: owners and modes are in medusa-mfad(8),"
			     " FILES\n", what);
	return failed;
}

/* ---- the configuration ---- */

/* What is configured and has no effect is legal, and seldom meant. */
static void
note_idle(const struct mfa_config *config)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < config->realm_count; i++)
		used |= config->realm[i].provides;
	if (config->otp_program[0] != '\0' && (used & MFA_PROVIDES_OTP) == 0)
		(void)printf("note: otp.program is set, but no realm has otp "
			     "among its providers\n");
	for (uint32_t i = 0; i < config->outside_count; i++) {
		if ((used & (uint32_t)MFA_PROVIDES_OUTSIDE << i) == 0)
			(void)printf("note: provider %s: no realm has it among "
				     "its providers\n",
			    config->outside[i].name);
	}
}

/* A policy that lies in such a file is none. */
static void
note_passed(void *ctx, const char *dir, const char *name)
{
	char shown[SHOWN];

	(void)ctx;
	mfa_text_escape(name, shown, sizeof(shown));
	(void)printf("note: %s/%s: passed over: its name does not end in "
		     ".conf\n", dir, shown);
}

/* As a conversation looks it up. */
static int
check_realm(const struct mfa_config_realm *realm)
{
	struct mfa_subject account;
	enum mfa_err r = MFA_OK;
	uint64_t number;

	if (mfa_num_parse(realm->account, 0, UINT32_MAX, &number) != MFA_OK) {
		r = mfa_subject_resolve(realm->account, &account);
		number = account.uid;
	}
	if (r == MFA_OK && number != 0) {
		(void)printf("ok: realm %s: account %s\n", realm->name,
		    realm->account);
		return 0;
	}
	(void)printf("problem: realm %s: ", realm->name);
	if (r == MFA_OK)
		(void)printf("account %s has uid 0\n", realm->account);
	else if (r == MFA_ERR_NO_USER)
		(void)printf("there is no account %s\n", realm->account);
	else
		(void)printf("account %s: %s\n", realm->account,
		    mfa_strerror(r));
	return 1;
}

static int
check_realms(const struct mfa_config *config)
{
	int failed = 0;

	for (uint32_t i = 1; i < config->realm_count; i++)
		failed |= check_realm(&config->realm[i]);
	return failed;
}

/* ---- users that are named ---- */

/*
 * They may come later, so it is a note.  The name must be as the database
 * spells it: another spelling is nobody's.
 *
 * Returns: false if there is no use in asking on.
 */
static bool
note_user(const char *option, const char *name)
{
	char shown[SHOWN], spelt[SHOWN];
	struct mfa_subject user;
	enum mfa_err r = mfa_subject_resolve(name, &user);

	mfa_text_escape(name, shown, sizeof(shown));
	if (r == MFA_ERR_NO_USER)
		(void)printf("note: %s: no user is called %s here\n", option,
		    shown);
	else if (r != MFA_OK)
		(void)printf("note: %s: %s: %s\n", option, shown,
		    mfa_strerror(r));
	if (r == MFA_OK && strcmp(user.name, name) != 0) {
		mfa_text_escape(user.name, spelt, sizeof(spelt));
		(void)printf("note: %s: %s has to be spelt %s\n", option,
		    shown, spelt);
	}
	return r != MFA_ERR_NSS;
}

/* Names with one blank between them. */
static bool
note_users_of(const struct mfa_config_rule *rule)
{
	char option[MFA_CONFIG_RULE + 16], name[MFA_SUBJECT_NAME + 1];
	bool go_on = true;
	size_t len;

	(void)snprintf(option, sizeof(option), "rule %s: user", rule->name);
	for (const char *p = rule->user; go_on && *p != '\0'; p += len) {
		p += strspn(p, " ");
		len = strcspn(p, " ");
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, p);
		go_on = note_user(option, name);
	}
	return go_on;
}

/* Where there is no such group, a rule that is to be lenient asks everybody. */
static void
note_groups_of(const struct mfa_config_rule *rule)
{
	const struct mfa_subject root = { .name = "root" };
	char name[sizeof(rule->group)], shown[SHOWN];
	struct mfa_groups groups = { .count = 0 };
	bool has = false;
	size_t len;

	for (const char *p = rule->group; *p != '\0'; p += len) {
		p += strspn(p, " ");
		len = strcspn(p, " ");
		if (mfa_groups_has(&groups, &root, p, len, &has) !=
		    MFA_ERR_NOT_FOUND)
			continue;
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, p);
		mfa_text_escape(name, shown, sizeof(shown));
		(void)printf("note: rule %s: group: no group is called %s here: "
			     "whoever it may be about is asked\n", rule->name, shown);
	}
	mfa_groups_free(&groups);
}

static void
note_users(const struct mfa_config *config)
{
	bool go_on = true;

	for (uint32_t i = 0; go_on && i < config->exempt_count; i++)
		go_on = note_user("mfa.exempt_users", config->exempt_users[i]);
	for (uint32_t i = 0; go_on && i < config->rule_count; i++) {
		go_on = note_users_of(&config->rule[i]);
		note_groups_of(&config->rule[i]);
	}
}

/* ---- the rest ---- */

/* r: what became of holding it while root. */
static int
check_ring(const struct mfa_config *config,
    const struct mfa_keyring_held *held, enum mfa_err r)
{
	const char *dir = config->encryption_key;
	const char *advice = NULL;
	struct mfa_key key;

	if (r == MFA_OK)
		r = mfa_keyring_primary_from(dir, held, &key);
	if (r == MFA_OK)
		mfa_key_wipe(&key);
	if (r == MFA_ERR_NO_KEY)
		advice = mfa_keyring_advice(dir, held);
	if (advice == NULL)
		return say_kept(dir, r);
	(void)printf("problem: %s: %s\n", dir, advice);
	return 1;
}

static enum mfa_err
try_store(const struct mfa_config *config, const struct mfa_account *account)
{
	struct statvfs fs;
	unsigned int n = 0;
	enum mfa_err r;

	r = mfa_maintain_count(config, account, &n);
	if (r == MFA_OK && statvfs(mfa_maintain_store(config), &fs) == 0 &&
	    (fs.f_flag & ST_RDONLY) != 0)
		r = MFA_ERR_READ_ONLY;
	return r;
}

static enum mfa_err
try_clock(void)
{
	const struct mfa_env env = { .now = mfa_env_now };
	struct mfa_now now;
	enum mfa_err r = env.now(&env, &now);

	if (r == MFA_OK && now.wall < MFA_RELEASE_TIME)
		r = MFA_ERR_CLOCK;
	return r;
}

/* Root may read what a verifier that listens cannot. */
static int
check_again(void)
{
	struct mfa_config config;

	return mfa_maintain_load(&config) ? 0 : 1;
}

int
mfa_maintain_check(void)
{
	struct mfa_keyring_held held;
	struct mfa_account account;
	struct mfa_config config;
	enum mfa_err r, kept;
	int failed;

	if (!mfa_maintain_load(&config))
		return 1;
	failed = mfa_maintain_say("configuration", MFA_OK);
	mfa_config_passed(&mfa_config_system, note_passed, NULL);
	note_idle(&config);
	failed |= mfa_check_programs(&config);
	kept = mfa_keyring_hold(config.encryption_key, &held);
	if ((r = mfa_guard_account(&account)) == MFA_OK)
		r = mfa_guard_drop(&account);
	failed |= mfa_maintain_say("account " MFA_ACCOUNT, r);
	if (r != MFA_OK)
		return 1; /* the rest would be looked at with root's eyes */
	failed |= check_again();
	failed |= mfa_maintain_say("libsodium", mfa_crypt_init());
	failed |= mfa_maintain_say("OpenSSL", mfa_crypt_warm());
	failed |= check_realms(&config);
	note_users(&config);
	failed |= check_ring(&config, &held, kept);
	failed |= say_kept(config.store, try_store(&config, &account));
	failed |= mfa_maintain_say("clock", try_clock());
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
	return mfa_maintain_say(file, MFA_OK);
}
