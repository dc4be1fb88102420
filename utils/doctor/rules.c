/* SPDX-License-Identifier: MIT */
#include "utils/doctor/rules.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "utils/doctor/word.h"

/* Enough for any list of a rule. */
#define LIST 1025

struct judging {
	const struct mfa_settings *settings;
	const struct mfa_pam_host *host;
	struct mfa_found *found;
	const struct mfa_rule *rule;
};

static bool
is(const char *value, const char *word)
{
	return mfa_word_same(value, word);
}

/* ---- names ---- */

/* True where names may come from elsewhere than the files of the tree. */
static bool
has_directory(const struct mfa_tree *tree, const char *database)
{
	char *text, *at, *line, *word;
	bool elsewhere = false;

	if (mfa_tree_read(tree, "/etc/nsswitch.conf", &text) != MFA_OK)
		return false;
	at = text;
	while ((line = mfa_word_next(&at, "\n")) != NULL) {
		word = mfa_word_next(&line, " \t:");
		if (word == NULL || !is(word, database))
			continue;
		while ((word = mfa_word_next(&line, " \t:")) != NULL &&
		    word[0] != '#')
			elsewhere |= word[0] != '[' && !mfa_word_among(word,
			    "files compat systemd altfiles");
	}
	free(text);
	return elsewhere;
}

/* Field 0 or, for a number, field 2 of a line of passwd or group. */
static bool
line_has(char *line, const char *name, size_t wanted)
{
	for (size_t i = 0; i < wanted; i++) {
		line += strcspn(line, ":");
		line += *line == ':';
	}
	return strlen(name) == strcspn(line, ":") &&
	    mfa_word_begins(line, name);
}

static bool
file_has(const struct mfa_tree *tree, const char *path, const char *name,
    size_t wanted)
{
	char *text, *at, *line;
	bool has = false;

	/* A tree of nothing but stacks has nobody. */
	if (mfa_tree_read(tree, path, &text) != MFA_OK)
		return true;
	at = text;
	while (!has && (line = mfa_word_next(&at, "\n")) != NULL)
		has = line_has(line, name, wanted);
	free(text);
	return has;
}

/* What cannot be found out is taken for there. */
static bool
group_is_there(const struct mfa_tree *tree, const char *name)
{
	bool number = name[strspn(name, "0123456789")] == '\0';
	uint64_t gid = 0;

	if (!tree->live)
		return has_directory(tree, "group") ||
		    file_has(tree, "/etc/group", name, number ? 2 : 0);
	if (number && mfa_num_parse(name, 0, UINT32_MAX - 1, &gid) != MFA_OK)
		return false;
	errno = 0;
	if ((number ? getgrgid((gid_t)gid) : getgrnam(name)) != NULL)
		return true;
	return errno != 0 && errno != ENOENT && errno != ESRCH;
}

static bool
user_is_there(const struct mfa_tree *tree, const char *name)
{
	if (!tree->live)
		return has_directory(tree, "passwd") ||
		    file_has(tree, "/etc/passwd", name, 0);
	errno = 0;
	return getpwnam(name) != NULL ||
	    (errno != 0 && errno != ENOENT && errno != ESRCH);
}

static void
judge_names(const struct judging *j)
{
	char list[LIST], *at = list, *name;

	(void)snprintf(list, sizeof(list), "%s", j->rule->group);
	while ((name = mfa_word_next(&at, " ")) != NULL) {
		if (!group_is_there(j->host->tree, name))
			mfa_found_add(j->found, "rule-unknown-group", NULL,
			    j->rule->where,
			    "rule %s: no group %s: everybody else is asked, too",
			    j->rule->name, name);
	}
	at = list;
	(void)snprintf(list, sizeof(list), "%s", j->rule->user);
	while ((name = mfa_word_next(&at, " ")) != NULL) {
		if (!user_is_there(j->host->tree, name))
			mfa_found_add(j->found, "rule-unknown-user", NULL,
			    j->rule->where,
			    "rule %s: no user %s: it is about nobody",
			    j->rule->name, name);
	}
}

/* ---- conditions ---- */

/* One of the networks is that of all addresses. */
static bool
from_anywhere(const struct mfa_rule *rule)
{
	char list[LIST], *at = list, *network;
	bool any = false;

	(void)snprintf(list, sizeof(list), "%s", rule->from);
	while ((network = mfa_word_next(&at, " ")) != NULL)
		any |= mfa_word_ends(network, "/0");
	return any;
}

static bool
has_condition(const struct mfa_rule *rule, bool with_from)
{
	return rule->user[0] != '\0' || rule->group[0] != '\0' ||
	    rule->service[0] != '\0' || rule->key_used[0] != '\0' ||
	    (with_from && rule->from[0] != '\0');
}

static void
judge_reach(const struct judging *j)
{
	const struct mfa_rule *rule = j->rule;
	bool exempt = is(rule->decision, "exempt");
	bool anywhere = from_anywhere(rule);

	if (exempt && !has_condition(rule, !anywhere))
		mfa_found_add(j->found, "rule-everybody", NULL, rule->where,
		    "rule %s is exempt %s: nobody is asked for a code",
		    rule->name, anywhere ? "for every address" :
					   "and has no condition");
	else if (anywhere && (exempt || is(rule->decision, "optional")))
		mfa_found_add(j->found, "rule-everywhere", NULL, rule->where,
		    "rule %s is %s for every address: its from holds for "
		    "whoever comes over the network", rule->name,
		    rule->decision);
}

/* sshd then has names where rules want addresses. */
static void
judge_host_names(const struct judging *j)
{
	const struct mfa_sshd *sshd = j->host->sshd;

	if (j->rule->from[0] == '\0' || sshd == NULL || !sshd->there ||
	    !(j->host->sshd_asks || j->host->sshd_refuses) ||
	    !mfa_sshd_is(sshd, MFA_SSHD_USEDNS) ||
	    !mfa_settings_rule_is_for(j->rule, sshd->value[MFA_SSHD_SERVICE]))
		return;
	mfa_found_add(j->found, "rule-host-name", NULL, "/etc/ssh/sshd_config",
	    "UseDNS is yes, and rule %s has from: whoever has a host name is "
	    "asked", j->rule->name);
}

/* ---- key_used ---- */

/* Less is asked where a key was used; sshd's remember always wants one. */
static bool
trusts_key(const struct judging *j, const char *service)
{
	const struct mfa_rule *rule = j->rule;
	bool remembers = rule->remember[0] != '\0';

	if (!mfa_settings_rule_is_for(rule, service) ||
	    is(rule->key_used, "no"))
		return false;
	if (remembers && mfa_pam_is_sshd(j->host, service))
		return true;
	return is(rule->key_used, "yes") && (remembers ||
	    is(rule->decision, "exempt") || is(rule->decision, "optional"));
}

static void
judge_forges(const struct judging *j)
{
	for (size_t i = 0; i < j->host->forges; i++) {
		const struct mfa_pam_forge *forge = &j->host->forge[i];

		if (trusts_key(j, forge->service))
			mfa_found_add(j->found, "rule-key-forged",
			    forge->service, forge->where,
			    "rule %s believes SSH_AUTH_INFO_0, and %s",
			    j->rule->name, forge->what);
	}
}

/* ---- who has no factor ---- */

static bool
enrolls(const struct mfa_rule *rule)
{
	return is(rule->unenrolled, "enroll");
}

static bool
counts_logins(const struct mfa_rule *rule)
{
	return strstr(rule->enroll_by, " login") != NULL;
}

/* It came this far without a first factor that was right. */
static bool
is_of_strangers(const struct mfa_finding *finding)
{
	static const char *const ids[] = { "pam-after-failure",
		"pam-before-password", "pam-code-alone", "sshd-code-alone" };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (is(finding->kind->id, ids[i]))
			return true;
	}
	return false;
}

static void
judge_stranger(const struct judging *j, const char *service)
{
	if (!mfa_settings_rule_is_for(j->rule, service))
		return;
	if (enrolls(j->rule))
		mfa_found_add(j->found, "rule-enrol-stranger", service,
		    j->rule->where, "rule %s enrols in the login, and %s gets "
		    "to our line without a right password", j->rule->name,
		    service);
	else if (counts_logins(j->rule))
		mfa_found_add(j->found, "rule-logins-stranger", service,
		    j->rule->where, "rule %s counts logins, and %s gets to our "
		    "line without a right password", j->rule->name, service);
}

static void
judge_strangers(const struct judging *j)
{
	/* What is added meanwhile is none of these. */
	const size_t count = j->found->count;
	char about[300], *at, *service;

	for (size_t i = 0; i < count; i++) {
		if (!is_of_strangers(&j->found->findings[i]))
			continue;
		(void)snprintf(about, sizeof(about), "%s",
		    j->found->findings[i].about);
		at = about;
		while ((service = mfa_word_next(&at, " ")) != NULL) {
			if (!is(service, MFA_FOUND_MORE))
				judge_stranger(j, service);
		}
	}
}

static void
judge_unseen(const struct judging *j)
{
	const struct mfa_sshd *sshd = j->host->sshd;

	if ((!enrolls(j->rule) && j->rule->enroll_by[0] == '\0') ||
	    sshd == NULL || !sshd->there || !j->host->sshd_asks ||
	    !mfa_sshd_password_alone(sshd) ||
	    !mfa_settings_rule_is_for(j->rule, sshd->value[MFA_SSHD_SERVICE]))
		return;
	mfa_found_add(j->found, "rule-unseen", NULL, "/etc/ssh/sshd_config",
	    "PasswordAuthentication is yes, and rule %s has something to say "
	    "to who has no factor", j->rule->name);
}

/* ---- services ---- */

static void
judge_services(const struct judging *j)
{
	char list[LIST], *at = list, *name;

	(void)snprintf(list, sizeof(list), "%s", j->rule->service);
	while ((name = mfa_word_next(&at, " ")) != NULL) {
		if (!mfa_pam_has_file(j->host->tree, name))
			mfa_found_add(j->found, "rule-unknown-service", NULL,
			    j->rule->where,
			    "rule %s: there is no /etc/pam.d/%s",
			    j->rule->name, name);
	}
}

void
mfa_rules_judge(const struct mfa_settings *settings,
    const struct mfa_pam_host *host, struct mfa_found *found)
{
	struct judging j = { settings, host, found, NULL };
	const struct mfa_rule *last = NULL;

	for (size_t i = 0; i < settings->rules; i++) {
		j.rule = &settings->rule[i];
		if (last != NULL) {
			mfa_found_add(found, "rule-never-reached", NULL,
			    j.rule->where,
			    "rule %s comes after rule %s, which has no "
			    "condition", j.rule->name, last->name);
			continue;
		}
		judge_names(&j);
		judge_reach(&j);
		judge_host_names(&j);
		judge_forges(&j);
		judge_services(&j);
		judge_strangers(&j);
		judge_unseen(&j);
		if (!has_condition(j.rule, true))
			last = j.rule;
	}
	if (settings->rules != 0 && (!host->tree->live || geteuid() != 0))
		mfa_found_add(found, "rule-not-evaluated", NULL,
		    settings->rule[0].where,
		    "there are rules, and no verifier is asked here: what is "
		    "said of stacks assumes that everybody is asked");
}
