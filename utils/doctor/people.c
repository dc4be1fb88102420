/* SPDX-License-Identifier: MIT */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "utils/ask.h"
#include "utils/doctor/files.h"
#include "utils/doctor/store.h"
#include "utils/doctor/word.h"

#define SOCKET MFA_RUNDIR "/socket"

/* How many administrators there are, and how many can log in. */
struct admins {
	const struct mfa_pam_host *host;
	struct mfa_found *found;
	size_t all, able;
	char seen[1024]; /* names, so that nobody is asked about twice */
};

/* ---- records ---- */

/* How many there are, and of how many the verifier says what. */
struct records {
	const struct mfa_settings *settings;
	struct mfa_found *found;
	size_t all, damaged, troubled; /* by the store, or by its keys */
};

/* A factor does not come along when a user is renamed. */
static void
tell_orphan(struct mfa_found *found, const mfa_wire_Account *account)
{
	const struct passwd *pw = account->uid == 0 ? NULL :
						      getpwuid(account->uid);

	if (pw == NULL)
		mfa_found_add(found, "record-orphan", NULL, "the records",
		    "there is a record of %s, and no such user",
		    account->user);
	else
		mfa_found_add(found, "record-renamed", pw->pw_name,
		    "the records", "there is a record of %s, and no such "
		    "user: its uid %u is that of %s", account->user,
		    account->uid, pw->pw_name);
}

static void
judge_owner(struct mfa_found *found, const mfa_wire_Account *account)
{
	const struct passwd *pw = getpwnam(account->user);

	if (pw == NULL)
		tell_orphan(found, account);
	else if (account->problem[0] != '\0')
		mfa_found_add(found, "record-problem", NULL, "the records",
		    "%s: %s", account->user, account->problem);
	else if (account->uid != 0 && account->uid != pw->pw_uid)
		mfa_found_add(found, "record-foreign", NULL, "the records",
		    "the record of %s is that of uid %u", account->user,
		    account->uid);
}

/* One that is damaged waits until it is known whether all are. */
static enum mfa_err
judge_record(void *ctx, const mfa_wire_Reply *reply)
{
	const mfa_wire_Account *account = &reply->what.account;
	enum mfa_err problem = mfa_store_err(account->problem);
	struct records *records = ctx;

	records->all++;
	if (problem == MFA_ERR_DAMAGED)
		records->damaged++;
	else if (mfa_store_tell(records->found, records->settings, problem,
		     NULL, account->user))
		records->troubled++;
	else
		judge_owner(records->found, account);
	return MFA_OK;
}

static enum mfa_err
judge_damaged(void *ctx, const mfa_wire_Reply *reply)
{
	struct records *records = ctx;

	if (mfa_store_err(reply->what.account.problem) == MFA_ERR_DAMAGED)
		judge_owner(records->found, &reply->what.account);
	return MFA_OK;
}

static bool
list(struct records *records,
    enum mfa_err (*visit)(void *ctx, const mfa_wire_Reply *reply))
{
	struct mfa_ask_problem problem;
	mfa_wire_Request request;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_users_tag;
	if (mfa_ask_each(&request, mfa_wire_Reply_account_tag, visit, records,
		&problem) == MFA_OK)
		return true;
	/* What keeps it from the store is told by its own check. */
	if (!mfa_found_has(records->found, "verifier-silent") &&
	    !mfa_store_is_told(records->found, records->settings, problem.err))
		mfa_found_add(records->found, "verifier-silent", NULL,
		    "the verifier", "it does not list the records: %s",
		    problem.text);
	return false;
}

/* Returns: true if the records say who can log in. */
static bool
judge_records(const struct mfa_settings *settings, struct mfa_found *found)
{
	struct records records = { settings, found, 0, 0, 0 };

	if (!list(&records, judge_record))
		return false;
	/* Nobody damages each of them: they are of another store. */
	if (records.damaged > 1 && records.damaged == records.all)
		mfa_found_add(found, "store-damaged", NULL, settings->store,
		    "each of %zu records is damaged", records.all);
	else if (records.damaged != 0)
		return list(&records, judge_damaged);
	return records.all == 0 ||
	    records.damaged + records.troubled < records.all;
}

/* ---- administrators ---- */

/* One of them. */
struct admin {
	struct admins *admins;
	const char *name;
	const mfa_wire_Account *account;
};

static void
tell_not_enrolled(const struct admin *admin, const char *service,
    const char *why)
{
	mfa_found_add(admin->admins->found, "admin-not-enrolled", service,
	    "the records", "%s, and %s has no factor", why, admin->name);
}

/* By the record, and section [mfa]. */
static bool
can_log_in(const struct admin *admin)
{
	const mfa_wire_Account *account = admin->account;

	if (account->exempt)
		return true;
	if (account->enrolled)
		return !account->blocked && account->problem[0] == '\0';
	if (!admin->admins->host->settings->require_all)
		return true;
	tell_not_enrolled(admin, NULL, "require is all");
	return false;
}

/* From nowhere in particular; in sshd with a key where it wants one first. */
static bool
explain(const struct admin *admin, const char *service, mfa_wire_Reply *reply)
{
	const struct mfa_pam_host *host = admin->admins->host;
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	mfa_wire_Explain *what = &request.what.explain;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_explain_tag;
	what->key_used = mfa_pam_is_sshd(host, service) &&
	    host->sshd->there && mfa_sshd_key_first(host->sshd);
	return mfa_text_copy(what->user, sizeof(what->user), admin->name) &&
	    mfa_text_copy(what->service, sizeof(what->service), service) &&
	    mfa_ask_one(&request, mfa_wire_Reply_explained_tag, reply,
		&problem) == MFA_OK;
}

/* By what a service would do. */
static bool
gets_in(const struct admin *admin, const char *service,
    const mfa_wire_Explained *explained)
{
	char why[80];

	/* Nobody knows whether there are factors. */
	if (explained->problem[0] != '\0')
		return explained->outcome ==
		    mfa_wire_Outcome_OUTCOME_PASSES;
	switch (explained->outcome) {
	case mfa_wire_Outcome_OUTCOME_PASSES:
	case mfa_wire_Outcome_OUTCOME_ENROLLS:
		return true;
	case mfa_wire_Outcome_OUTCOME_ASKED:
		if (explained->enrolled)
			return (explained->usable_factors != 0 ||
				   (admin->account->recovery_left != 0 &&
				       strstr(explained->methods,
					   "recovery_code") != NULL)) &&
			    !admin->account->blocked;
		break;
	default:
		/* Shut out on purpose. */
		if (explained->decision == mfa_wire_Decision_DECISION_DENY ||
		    explained->enrolled)
			return false;
	}
	(void)snprintf(why, sizeof(why), "%s%s wants one",
	    explained->rule[0] != '\0' ? "rule " : "",
	    explained->rule[0] != '\0' ? explained->rule : "section [mfa]");
	tell_not_enrolled(admin, service, why);
	return false;
}

/* Through one of the services that ask, at least. */
static bool
has_a_way_in(const struct admin *admin)
{
	const struct mfa_pam_host *host = admin->admins->host;
	bool in = host->askings == 0 && can_log_in(admin);

	for (size_t i = 0; i < host->askings; i++) {
		mfa_wire_Reply reply;

		/* One of another release does not explain. */
		if (!explain(admin, host->asking[i], &reply))
			return can_log_in(admin);
		in |= gets_in(admin, host->asking[i], &reply.what.explained);
	}
	return in;
}

static void
judge_admin(struct admins *admins, const char *name)
{
	size_t used = strlen(admins->seen);
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	const struct admin admin = { admins, name, &reply.what.account };

	if (mfa_word_among(name, admins->seen) ||
	    used + strlen(name) + 2 > sizeof(admins->seen) ||
	    getpwnam(name) == NULL)
		return;
	(void)snprintf(admins->seen + used, sizeof(admins->seen) - used,
	    "%s%s", used != 0 ? " " : "", name);
	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_status_tag;
	(void)snprintf(request.what.status.user,
	    sizeof(request.what.status.user), "%s", name);
	admins->all++;
	if (mfa_ask_one(&request, mfa_wire_Reply_account_tag, &reply,
		&problem) != MFA_OK)
		return;
	admins->able += has_a_way_in(&admin);
	if (reply.what.account.blocked)
		mfa_found_add(admins->found, "admin-blocked", NULL,
		    "the records", "a factor of %s is blocked", name);
}

static void
judge_admins(const struct mfa_pam_host *host, struct mfa_found *found)
{
	static const char *const groups[] = { "sudo", "wheel", "admin" };
	struct admins admins = { host, found, 0, 0, "" };

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		struct group *group = getgrnam(groups[i]);
		char names[1024] = "", *at = names, *name;

		/* What getgrnam has given does not outlive other look-ups. */
		for (size_t j = 0; group != NULL && group->gr_mem[j] != NULL;
		     j++) {
			size_t used = strlen(names);

			(void)snprintf(names + used, sizeof(names) - used,
			    "%s ", group->gr_mem[j]);
		}
		while ((name = mfa_word_next(&at, " ")) != NULL)
			judge_admin(&admins, name);
	}
	judge_admin(&admins, "root");
	if (admins.able == 0)
		mfa_found_add(found, "admin-lockout", NULL, "the records",
		    "none of %s can log in with a second factor",
		    admins.seen);
}

/* ---- the socket ---- */

static void
tell_missing(const struct mfa_pam_host *host, struct mfa_found *found)
{
	bool needed = false;

	for (size_t i = 0; i < host->askings; i++) {
		if (!mfa_pam_is_locker(host->asking[i]))
			continue;
		needed = true;
		mfa_found_add(found, "socket-locker", host->asking[i], SOCKET,
		    "a screen locker asks, and no verifier listens");
	}
	if (!needed)
		mfa_found_add(found, "socket-missing", NULL, SOCKET,
		    "no verifier listens");
}

static void
judge_socket(const struct mfa_pam_host *host, struct mfa_found *found)
{
	struct stat st;
	enum mfa_err r;
	int fd = -1;

	if (access(SOCKET, F_OK) != 0) {
		tell_missing(host, found);
		return;
	}
	r = mfa_client_connect(SOCKET, &fd);
	if (r == MFA_OK)
		(void)close(fd);
	else
		mfa_found_add(found, "socket-silent", NULL, SOCKET,
		    "it is there, and does not answer: %s", mfa_strerror(r));
	if (stat(SOCKET, &st) == 0 && (st.st_mode & 0666) != 0666)
		mfa_found_add(found, "socket-silent", NULL, SOCKET,
		    "its mode is %04o: not everybody may connect",
		    st.st_mode & 07777);
}

void
mfa_people_judge(const struct mfa_pam_host *host, struct mfa_found *found)
{
	judge_socket(host, found);
	if (judge_records(host->settings, found))
		judge_admins(host, found);
}
