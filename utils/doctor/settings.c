/* SPDX-License-Identifier: MIT */
#include "utils/doctor/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "utils/doctor/word.h"

static void
set(struct mfa_settings *settings, const char *name, const char *value)
{
	if (mfa_word_same(name, "require"))
		settings->require_all = mfa_word_same(value, "all");
	else if (mfa_word_same(name, "encryption_key"))
		(void)mfa_text_copy(settings->keys, sizeof(settings->keys),
		    value);
	else if (mfa_word_same(name, "store") &&
	    mfa_word_begins(value, "file:"))
		(void)mfa_text_copy(settings->store, sizeof(settings->store),
		    value + strlen("file:"));
}

static void
read_file(const struct mfa_tree *tree, const char *path,
    struct mfa_settings *settings)
{
	char *text, *at, *line, *name, *value;
	bool ours = false;

	if (mfa_tree_read(tree, path, &text) != MFA_OK)
		return;
	at = text;
	while ((line = mfa_word_next(&at, "\n")) != NULL) {
		if (line[0] == '[')
			ours = mfa_word_begins(line, "[mfa]");
		name = ours ? mfa_word_next(&line, " \t=\r") : NULL;
		value = name != NULL ? mfa_word_next(&line, " \t=\r") : NULL;
		if (value != NULL && name[0] != '#' && name[0] != ';')
			set(settings, name, value);
	}
	free(text);
}

void
mfa_settings_load(const struct mfa_tree *tree, struct mfa_settings *settings)
{
	struct mfa_names names;
	struct stat st;
	char path[300];

	memset(settings, 0, sizeof(*settings));
	(void)mfa_text_copy(settings->keys, sizeof(settings->keys),
	    MFA_SYSCONFDIR "/keys");
	(void)mfa_text_copy(settings->store, sizeof(settings->store),
	    MFA_STATEDIR);
	settings->there = mfa_tree_stat(tree, MFA_SYSCONFDIR, true, &st);
	read_file(tree, MFA_SYSCONFDIR "/medusa-mfa.conf", settings);
	if (!mfa_tree_list(tree, MFA_SYSCONFDIR "/conf.d", &names))
		return;
	for (size_t i = 0; i < names.count; i++) {
		(void)snprintf(path, sizeof(path), MFA_SYSCONFDIR
		    "/conf.d/%s", names.name[i]);
		if (mfa_word_ends(names.name[i], ".conf"))
			read_file(tree, path, settings);
	}
	mfa_names_free(&names);
}
