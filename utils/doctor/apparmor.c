/* SPDX-License-Identifier: MIT */
/* Hosts that AppArmor confines: profiles of others, which know nothing of us. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils/doctor/files.h"
#include "utils/doctor/word.h"

#define FOLDER "/etc/apparmor.d"
/* Where a site, or this package, may have allowed it for many. */
#define SHARED FOLDER "/abstractions/authentication"
#define OURS   "medusa-mfa"

/* Services whose program has another name. */
static const struct {
	const char *service, *program;
} names[] = {
	{ "su-l", "su" },
	{ "sudo-i", "sudo" },
	{ "cockpit", "cockpit-session" },
	{ "polkit-1", "polkit-agent-helper-1" },
};

static const char *
program_of(const char *service)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (mfa_word_same(names[i].service, service))
			return names[i].program;
	}
	return service;
}

/* The file is there and has the word in it. */
static bool
mentions(const struct mfa_tree *tree, const char *path, const char *word)
{
	char *text = NULL;
	bool found;

	if (mfa_tree_read(tree, path, &text) != MFA_OK)
		return false;
	found = strstr(text, word) != NULL;
	free(text);
	return found;
}

static bool
is_allowed_to_all(const struct mfa_tree *tree)
{
	struct mfa_names more;
	bool found = mentions(tree, SHARED, OURS);
	char path[300];

	(void)mfa_tree_list(tree, SHARED ".d", &more);
	for (size_t i = 0; i < more.count && !found; i++) {
		(void)snprintf(path, sizeof(path), SHARED ".d/%s",
		    more.name[i]);
		found = mentions(tree, path, OURS);
	}
	mfa_names_free(&more);
	return found;
}

/*
 * A header that begins a profile of this program and enforces it.  What is
 * indented belongs to another one.
 */
static bool
is_header(char *line, const char *program)
{
	bool begins = false, complains = false, named = false;
	char *word, *base;

	if (line[0] == ' ' || line[0] == '\t' || line[0] == '#')
		return false;
	while ((word = mfa_word_next(&line, " \t\r\"")) != NULL) {
		begins |= mfa_word_ends(word, "{");
		complains |= strstr(word, "complain") != NULL ||
		    strstr(word, "unconfined") != NULL;
		base = strrchr(word, '/');
		named |= mfa_word_same(base != NULL ? base + 1 : word,
		    program);
	}
	return begins && named && !complains;
}

static bool
confines(const struct mfa_tree *tree, const char *path, const char *program)
{
	char *text = NULL, *rest, *line;
	bool found = false;

	if (mfa_tree_read(tree, path, &text) != MFA_OK)
		return false;
	rest = text;
	while (!found && (line = strsep(&rest, "\n")) != NULL)
		found = is_header(line, program);
	free(text);
	return found;
}

static void
judge_file(const struct mfa_pam_host *host, const char *name,
    struct mfa_found *found)
{
	char path[300], disabled[300], local[300];
	struct stat st;

	(void)snprintf(path, sizeof(path), FOLDER "/%s", name);
	(void)snprintf(disabled, sizeof(disabled), FOLDER "/disable/%s", name);
	(void)snprintf(local, sizeof(local), FOLDER "/local/%s", name);
	if (mfa_tree_stat(host->tree, disabled, false, &st) ||
	    mentions(host->tree, path, OURS) ||
	    mentions(host->tree, local, OURS))
		return;
	for (size_t i = 0; i < host->askings; i++) {
		const char *program = program_of(host->asking[i]);

		if (confines(host->tree, path, program))
			mfa_found_add(found, "apparmor-profile",
			    host->asking[i], path,
			    "%s is confined by this profile, which does not "
			    "name " OURS, program);
	}
}

void
mfa_apparmor_judge(const struct mfa_pam_host *host, struct mfa_found *found)
{
	struct mfa_names files;

	if (host->tree->live &&
	    !mentions(host->tree, "/sys/module/apparmor/parameters/enabled",
		"Y"))
		return;
	if (is_allowed_to_all(host->tree) ||
	    !mfa_tree_list(host->tree, FOLDER, &files))
		return;
	for (size_t i = 0; i < files.count; i++)
		judge_file(host, files.name[i], found);
	mfa_names_free(&files);
}
