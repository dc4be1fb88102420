/* SPDX-License-Identifier: MIT */
/* A line in one file does not ask in another, of the same name or program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils/doctor/pam_explore.h"
#include "utils/doctor/pam_judge.h"
#include "utils/doctor/word.h"

static const struct {
	const char *one, *other;
	const char *by; /* what runs the other */
} names[] = {
	{ "su", "su-l", "su -" },
	{ "su-l", "su", "su without -" },
	{ "sudo", "sudo-i", "sudo -i" },
	{ "sudo-i", "sudo", "sudo without -i" },
};

/* A line of it, and no comment, names our module. */
static bool
names_ours(const struct mfa_tree *tree, const char *path)
{
	char *text, *at, *line;
	bool has = false;

	if (mfa_tree_read(tree, path, &text) != MFA_OK)
		return false;
	at = text;
	while ((line = mfa_word_next(&at, "\n")) != NULL) {
		line[strcspn(line, "#")] = '\0';
		has |= strstr(line, MFA_PAM_OURS) != NULL;
	}
	free(text);
	return has;
}

/* What packages save of a file that they replace. */
static void
judge_saved(const struct mfa_pam_host *host, const char *saved,
    struct mfa_found *found)
{
	static const char *const ends[] = { ".rpmsave", ".dpkg-old",
		".ucf-old" };
	char service[MFA_PAM_NAME], old[300], new[300];
	struct stat st;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (!mfa_word_ends(saved, ends[i]))
			continue;
		(void)snprintf(service, sizeof(service), "%.*s",
		    (int)(strlen(saved) - strlen(ends[i])), saved);
		(void)snprintf(old, sizeof(old), "/etc/pam.d/%s", saved);
		(void)snprintf(new, sizeof(new), "/etc/pam.d/%s", service);
		if (mfa_pam_asks(host, service) ||
		    !mfa_tree_stat(host->tree, new, true, &st) ||
		    names_ours(host->tree, new) ||
		    !names_ours(host->tree, old))
			continue;
		mfa_found_add(found, "pam-line-lost", service, new,
		    "%s has a line of ours, and this file has none", saved);
	}
}

static void
judge_all_saved(const struct mfa_pam_host *host, struct mfa_found *found)
{
	struct mfa_names files;

	if (!mfa_tree_list(host->tree, "/etc/pam.d", &files))
		return;
	for (size_t i = 0; i < files.count; i++)
		judge_saved(host, files.name[i], found);
	mfa_names_free(&files);
}

/* The lines in /etc/pam.d/sshd are none of sshd's. */
static void
judge_sshd(const struct mfa_pam_host *host, const struct mfa_sshd *sshd,
    const char *user, struct mfa_found *found)
{
	const char *service;

	if (sshd == NULL || !sshd->there)
		return;
	service = sshd->value[MFA_SSHD_SERVICE];
	if (!mfa_word_same(service, "sshd") && mfa_pam_asks(host, "sshd") &&
	    !mfa_pam_asks(host, service))
		mfa_found_add(found, "sshd-service", user,
		    "/etc/ssh/sshd_config", "PAMServiceName is %s, which asks "
		    "for no code; /etc/pam.d/sshd does, and is not read",
		    service);
}

/* The lines of that type in the service other let in, and ask for no code. */
static enum mfa_err
other_passes(const struct mfa_pam_host *host, enum mfa_pam_type type,
    bool *passes)
{
	struct mfa_pam_stack stack;
	struct mfa_pam_view *view;
	enum mfa_err r;

	*passes = false;
	r = mfa_pam_stack_load(host->tree, MFA_PAM_OTHER, type, &stack);
	if (r != MFA_OK)
		return r == MFA_ERR_MEMORY ? r : MFA_OK;
	if ((view = malloc(sizeof(*view))) == NULL) {
		r = MFA_ERR_MEMORY;
	} else if (stack.fatal == NULL) {
		r = mfa_pam_explore(&stack, view);
		*passes = r == MFA_OK && view->of[MFA_PAM_BYPASS].seen;
	}
	free(view);
	mfa_pam_stack_free(&stack);
	return r;
}

/* libpam falls back on it; a key needs no more than account lines there. */
static enum mfa_err
judge_other(const struct mfa_pam_host *host, struct mfa_found *found)
{
	bool auth, account;
	enum mfa_err r;

	if (host->askings == 0)
		return MFA_OK;
	r = other_passes(host, MFA_PAM_AUTH, &auth);
	if (r == MFA_OK)
		r = other_passes(host, MFA_PAM_ACCOUNT, &account);
	if (r == MFA_OK && account && (auth || host->sshd_refuses))
		mfa_found_add(found, "pam-other", NULL, "/etc/pam.d/" MFA_PAM_OTHER,
		    "a login by these lines needs no code");
	return r;
}

enum mfa_err
mfa_pam_judge_names(const struct mfa_pam_host *host, struct mfa_found *found)
{
	char where[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!mfa_pam_asks(host, names[i].one) ||
		    mfa_pam_asks(host, names[i].other) ||
		    !mfa_pam_has_file(host->tree, names[i].other))
			continue;
		(void)snprintf(where, sizeof(where), "/etc/pam.d/%s",
		    names[i].other);
		mfa_found_add(found, "pam-other-name", names[i].other, where,
		    "%s goes by this file, which asks for no code; %s does",
		    names[i].by, names[i].one);
	}
	judge_all_saved(host, found);
	judge_sshd(host, host->sshd, "users", found);
	judge_sshd(host, host->root_sshd, "root", found);
	return judge_other(host, found);
}
