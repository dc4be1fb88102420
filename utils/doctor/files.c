/* SPDX-License-Identifier: MIT */
#include "utils/doctor/files.h"

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "utils/doctor/capture.h"
#include "utils/doctor/store.h"
#include "utils/doctor/word.h"

/* Uids of people, as distributions give them. */
#define FIRST_USER 1000
#define LAST_USER  59999

/* What /etc/passwd says of the account. */
struct account {
	bool there;
	uint64_t uid, gid;
	char home[128], shell[128];
};

static const char shells[] = "/usr/sbin/nologin /sbin/nologin "
    "/usr/bin/nologin /bin/false /usr/bin/false";

/* ---- accounts ---- */

/* The next field of a passwd line, which may be empty. */
static char *
field(char **at)
{
	char *begin = *at;

	*at += strcspn(*at, ":");
	if (**at == ':')
		*(*at)++ = '\0';
	return begin;
}

static void
take_account(char *line, struct account *account)
{
	(void)field(&line);
	(void)field(&line);
	account->there =
	    mfa_num_parse(field(&line), 0, UINT32_MAX, &account->uid) ==
		MFA_OK &&
	    mfa_num_parse(field(&line), 0, UINT32_MAX, &account->gid) ==
		MFA_OK;
	(void)field(&line);
	(void)snprintf(account->home, sizeof(account->home), "%s",
	    field(&line));
	(void)snprintf(account->shell, sizeof(account->shell), "%s", line);
}

static void
find_account(const struct mfa_tree *tree, const char *name,
    struct account *account)
{
	char *text, *at, *line, begins[64];

	memset(account, 0, sizeof(*account));
	(void)snprintf(begins, sizeof(begins), "%s:", name);
	if (mfa_tree_read(tree, "/etc/passwd", &text) != MFA_OK)
		return;
	at = text;
	while (!account->there && (line = mfa_word_next(&at, "\n")) != NULL) {
		if (mfa_word_begins(line, begins))
			take_account(line, account);
	}
	free(text);
}

bool
mfa_files_ordinary(const struct mfa_tree *tree, char *name, size_t size)
{
	char *text, *at, *line;
	bool known = false;

	if (mfa_tree_read(tree, "/etc/passwd", &text) != MFA_OK)
		return false;
	at = text;
	while (!known && (line = mfa_word_next(&at, "\n")) != NULL) {
		char *rest = line;
		const char *first = field(&rest);
		uint64_t uid;

		(void)field(&rest);
		known = mfa_num_parse(field(&rest), FIRST_USER, LAST_USER,
			    &uid) == MFA_OK &&
		    mfa_text_copy(name, size, first);
	}
	free(text);
	return known;
}

static void
judge_account(const struct mfa_tree *tree, const char *name,
    struct mfa_found *found)
{
	struct account account;

	find_account(tree, name, &account);
	if (!account.there) {
		mfa_found_add(found, "account-missing", NULL, "/etc/passwd",
		    "there is no account %s", name);
		return;
	}
	if (account.uid == 0 || account.gid == 0)
		mfa_found_add(found, "account-root", NULL, "/etc/passwd",
		    "account %s has uid %u and gid %u", name,
		    (unsigned int)account.uid, (unsigned int)account.gid);
	if (!mfa_word_among(account.shell, shells) ||
	    account.shell[0] == '\0')
		mfa_found_add(found, "account-login", NULL, "/etc/passwd",
		    "account %s has the shell %s", name,
		    account.shell[0] != '\0' ? account.shell : "/bin/sh");
}

/* ---- files ---- */

/* What must not be otherwise; owner is a uid. */
static void
judge_file(const struct mfa_tree *tree, const char *path, uint64_t owner,
    mode_t forbidden, struct mfa_found *found)
{
	struct stat st;

	if (!mfa_tree_stat(tree, path, false, &st))
		return;
	if (S_ISLNK(st.st_mode)) {
		mfa_found_add(found, "file-unsafe", NULL, path,
		    "it is a symbolic link; the verifier follows none");
		return;
	}
	if (st.st_uid != owner || (st.st_mode & forbidden) != 0)
		mfa_found_add(found, "file-unsafe", NULL, path,
		    "owner %u and mode %04o: owner must be %u, and of the mode "
		    "%04o must be off", st.st_uid, st.st_mode & 07777,
		    (unsigned int)owner, forbidden);
}

static void
judge_folder(const struct mfa_tree *tree, const char *path, mode_t forbidden,
    const char *suffix, struct mfa_found *found)
{
	struct mfa_names names;
	char file[600];

	judge_file(tree, path, 0, forbidden, found);
	if (!mfa_tree_list(tree, path, &names))
		return;
	for (size_t i = 0; i < names.count; i++) {
		(void)snprintf(file, sizeof(file), "%s/%s", path,
		    names.name[i]);
		if (mfa_word_ends(names.name[i], suffix))
			judge_file(tree, file, 0, forbidden, found);
	}
	mfa_names_free(&names);
}

/* The service manager's, there while the service runs. */
static bool
has_credentials(const struct mfa_settings *settings)
{
	return mfa_word_begins(settings->keys, "/run/credentials/");
}

/*
 * The verifier is not root when it uses it, but the account.
 *
 * bits: 04 to read it, 01 to go through it
 */
static void
judge_readable(const struct mfa_tree *tree, const char *path,
    const struct account *account, mode_t bits, struct mfa_found *found)
{
	struct stat st;
	mode_t has;

	if (!account->there || !mfa_tree_stat(tree, path, false, &st))
		return;
	has = st.st_mode;
	if (st.st_uid == account->uid)
		has >>= 6;
	else if (st.st_gid == account->gid)
		has >>= 3;
	if ((has & bits) != bits)
		mfa_found_add(found, "file-unreadable", NULL, path,
		    "owner %u, group %u and mode %04o: account " MFA_ACCOUNT
		    " cannot %s it", st.st_uid, st.st_gid, st.st_mode & 07777,
		    S_ISDIR(st.st_mode) ? "enter" : "read");
}

static void
judge_keys(const struct mfa_tree *tree, const struct mfa_settings *settings,
    const struct account *account, struct mfa_found *found)
{
	struct mfa_names names;
	char path[300];
	struct stat st;

	if (has_credentials(settings))
		return;
	judge_folder(tree, settings->keys, 0027, "", found);
	judge_readable(tree, settings->keys, account, 05, found);
	(void)snprintf(path, sizeof(path), "%s/primary", settings->keys);
	/* Who is not root may not look into it. */
	if (!mfa_tree_list(tree, settings->keys, &names))
		return;
	for (size_t i = 0; i < names.count; i++) {
		char file[600];

		(void)snprintf(file, sizeof(file), "%s/%s", settings->keys,
		    names.name[i]);
		if (mfa_word_ends(file, ".key") ||
		    mfa_word_same(names.name[i], "primary"))
			judge_readable(tree, file, account, 04, found);
	}
	mfa_names_free(&names);
	if (!mfa_tree_stat(tree, path, true, &st))
		mfa_found_add(found, "key-missing", NULL, path,
		    "there is no primary key");
}

/* A umask of 077 keeps the configuration from a verifier that listens. */
static void
judge_drop_ins(const struct mfa_tree *tree, const char *folder,
    const struct account *account, struct mfa_found *found)
{
	struct mfa_names names;
	char file[600];

	judge_readable(tree, folder, account, 05, found);
	if (!mfa_tree_list(tree, folder, &names))
		return;
	for (size_t i = 0; i < names.count; i++) {
		(void)snprintf(file, sizeof(file), "%s/%s", folder,
		    names.name[i]);
		if (mfa_word_ends(file, ".conf"))
			judge_readable(tree, file, account, 04, found);
	}
	mfa_names_free(&names);
}

/* Keys and records are made together, and mean nothing without each other. */
static void
judge_there(const struct mfa_tree *tree, const struct mfa_settings *settings,
    struct mfa_found *found)
{
	bool no_keys = mfa_tree_lacks(tree, settings->keys), no_records;
	char records[300], id[300];

	(void)snprintf(records, sizeof(records), "%s/records",
	    settings->store);
	(void)snprintf(id, sizeof(id), "%s/store-id", settings->store);
	no_records = mfa_tree_lacks(tree, records);
	if (no_keys && no_records) {
		/* A tree of configuration files alone has neither. */
		if (tree->live)
			mfa_found_add(found, "not-set-up", NULL, settings->store,
			    "there are neither keys nor records");
		return;
	}
	if (no_keys && !has_credentials(settings))
		mfa_found_add(found, "key-missing", NULL, settings->keys,
		    "there is no such folder");
	if (no_records)
		mfa_found_add(found, "store-missing", NULL, records,
		    "there is no such folder");
	else if (mfa_tree_lacks(tree, id))
		mfa_found_add(found, "store-missing", NULL, id,
		    "there is no such file");
}

void
mfa_files_judge(const struct mfa_tree *tree,
    const struct mfa_settings *settings, struct mfa_found *found)
{
	struct account account;
	char path[300];

	judge_account(tree, MFA_ACCOUNT, found);
	find_account(tree, MFA_ACCOUNT, &account);
	judge_file(tree, MFA_SYSCONFDIR, 0, 0022, found);
	judge_readable(tree, MFA_SYSCONFDIR, &account, 01, found);
	judge_file(tree, MFA_SYSCONFDIR "/medusa-mfa.conf", 0, 0022, found);
	judge_folder(tree, MFA_SYSCONFDIR "/conf.d", 0022, ".conf", found);
	judge_readable(tree, MFA_SYSCONFDIR "/medusa-mfa.conf", &account, 04,
	    found);
	judge_drop_ins(tree, MFA_SYSCONFDIR "/conf.d", &account, found);
	judge_readable(tree, MFA_VENDORDIR, &account, 01, found);
	judge_drop_ins(tree, MFA_VENDORDIR "/conf.d", &account, found);
	judge_there(tree, settings, found);
	judge_keys(tree, settings, &account, found);
	if (!account.there)
		return;
	judge_file(tree, settings->store, 0, 0022, found);
	judge_readable(tree, settings->store, &account, 01, found);
	(void)snprintf(path, sizeof(path), "%s/records", settings->store);
	judge_file(tree, path, account.uid, 0077, found);
	(void)snprintf(path, sizeof(path), "%s/store-id", settings->store);
	judge_file(tree, path, 0, 0022, found);
	judge_readable(tree, path, &account, 04, found);
	judge_file(tree, MFA_STATEDIR "/log-limits", account.uid, 0077, found);
}

/* ---- the verifier's own check ---- */

/*
 * "PATH: SENTENCE" of the store or the ring is trouble that has a name.
 *
 * Returns: the sentence, and which; NULL if it is about something else.
 */
static const char *
sentence_of(const char *text, const struct mfa_settings *settings,
    const char **path)
{
	const char *const paths[] = { settings->store, settings->keys };

	if (mfa_word_begins(text, "file:"))
		text += strlen("file:");
	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(paths[i]);

		*path = paths[i];
		if (mfa_word_begins(text, paths[i]) &&
		    mfa_word_begins(text + len, ": "))
			return text + len + strlen(": ");
	}
	return NULL;
}

static void
judge_problem(const char *text, const char *program,
    const struct mfa_settings *settings, struct mfa_found *found)
{
	const char *path, *sentence = sentence_of(text, settings, &path);

	if (sentence != NULL && mfa_store_tell(found, settings,
		mfa_store_err(sentence), path, NULL))
		return;
	if (mfa_found_has(found, "file-unreadable") &&
	    strstr(text, ": the verifier's account cannot read it") != NULL)
		return;
	if (mfa_found_has(found, "account-missing") &&
	    mfa_word_begins(text, "account " MFA_ACCOUNT ": "))
		return;
	mfa_found_add(found, "check-problem", NULL, program, "%s", text);
}

/* Where the manual has owners and modes, file-unsafe says, too. */
static void
judge_note(const char *text, const char *program,
    const struct mfa_settings *settings, struct mfa_found *found)
{
	const char *path;

	/* The judge of rules has said so, and what it does. */
	if (mfa_word_begins(text, "rule ") &&
	    (mfa_found_has(found, "rule-unknown-group") ||
		mfa_found_has(found, "rule-unknown-user")))
		return;
	if (sentence_of(text, settings, &path) == NULL ||
	    !mfa_found_has(found, "file-unsafe"))
		mfa_found_add(found, "check-note", NULL, program, "%s", text);
}

void
mfa_files_check(const struct mfa_settings *settings, struct mfa_found *found)
{
	static const char path[] = MFA_SBINDIR "/medusa-mfad";
	const char *argv[] = { "medusa-mfad", "--check", NULL };
	char *text, *at, *line;
	int code = mfa_capture(path, argv, &text);

	if (code < 0)
		mfa_found_add(found, "verifier-silent", NULL, path,
		    "it could not be run");
	at = text;
	while (at != NULL && (line = mfa_word_next(&at, "\n")) != NULL) {
		if (mfa_word_begins(line, "problem: "))
			judge_problem(line + strlen("problem: "), path,
			    settings, found);
		else if (mfa_word_begins(line, "note: "))
			judge_note(line + strlen("note: "), path, settings,
			    found);
	}
	free(text);
}
