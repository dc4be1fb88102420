/* SPDX-License-Identifier: MIT */
#include "utils/doctor/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "utils/doctor/word.h"

#define FIELD(name) offsetof(struct mfa_rule, name), \
	sizeof(((struct mfa_rule *)NULL)->name)

static const struct {
	const char *name;
	size_t offset, size;
} options[] = {
	{ "user", FIELD(user) }, { "group", FIELD(group) },
	{ "service", FIELD(service) }, { "from", FIELD(from) },
	{ "key_used", FIELD(key_used) }, { "decision", FIELD(decision) },
	{ "remember", FIELD(remember) }, { "enroll_by", FIELD(enroll_by) },
	{ "unenrolled", FIELD(unenrolled) },
};

/* What is being read. */
struct reader {
	struct mfa_settings *settings;
	const char *path;
	bool ours;	       /* in section [mfa] */
	struct mfa_rule *rule; /* whose section it is, or NULL */
};

/* ---- lines ---- */

/* The rule of that name, or a new one. */
static struct mfa_rule *
rule_of(struct reader *reader, const char *name)
{
	struct mfa_settings *settings = reader->settings;
	struct mfa_rule *rule;

	for (size_t i = 0; i < settings->rules; i++) {
		if (mfa_word_same(settings->rule[i].name, name))
			return &settings->rule[i];
	}
	if (settings->rules == MFA_SETTINGS_RULES)
		return NULL;
	rule = &settings->rule[settings->rules];
	if (!mfa_text_copy(rule->name, sizeof(rule->name), name) ||
	    !mfa_text_copy(rule->where, sizeof(rule->where), reader->path))
		return NULL;
	settings->rules++;
	return rule;
}

/* "[mfa]", "[rule NAME]" */
static void
open_section(struct reader *reader, char *line)
{
	const char *first = mfa_word_next(&line, "[] \t");
	const char *name = mfa_word_next(&line, "] \t");

	reader->ours = first != NULL && mfa_word_same(first, "mfa");
	reader->rule = first != NULL && name != NULL &&
		mfa_word_same(first, "rule") ? rule_of(reader, name) : NULL;
}

/* Words with one blank between; cut where they do not fit. */
static void
join(char *rest, char *out, size_t size)
{
	size_t used = 0;
	char *word;

	out[0] = '\0';
	while ((word = mfa_word_next(&rest, " \t\r")) != NULL &&
	    used + strlen(word) + 2 <= size) {
		(void)snprintf(out + used, size - used, "%s%s",
		    used != 0 ? " " : "", word);
		used = strlen(out);
	}
}

static void
set_mfa(struct mfa_settings *settings, const char *name, const char *value)
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
set_rule(struct mfa_rule *rule, const char *name, char *rest)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (mfa_word_same(name, options[i].name))
			join(rest, (char *)rule + options[i].offset,
			    options[i].size);
	}
}

static void
take_line(struct reader *reader, char *line)
{
	char value[256];
	const char *name;

	if (line[0] == '[') {
		open_section(reader, line);
		return;
	}
	name = mfa_word_next(&line, " \t=\r");
	if (name == NULL || name[0] == '#' || name[0] == ';')
		return;
	line += strspn(line, " \t=");
	if (reader->rule != NULL) {
		set_rule(reader->rule, name, line);
	} else if (reader->ours) {
		join(line, value, sizeof(value));
		set_mfa(reader->settings, name, value);
	}
}

/* ---- files ---- */

static bool
read_file(const struct mfa_tree *tree, const char *path,
    struct mfa_settings *settings)
{
	struct reader reader = { settings, path, false, NULL };
	char *text, *at, *line;

	if (mfa_tree_read(tree, path, &text) != MFA_OK)
		return false;
	at = text;
	while ((line = mfa_word_next(&at, "\n")) != NULL)
		take_line(&reader, line);
	free(text);
	return true;
}

static void
read_drop_in(const struct mfa_tree *tree, const char *name,
    struct mfa_settings *settings)
{
	char path[300];
	struct stat st;

	if (!mfa_word_ends(name, ".conf"))
		return;
	(void)snprintf(path, sizeof(path), MFA_SYSCONFDIR "/conf.d/%s", name);
	if (!mfa_tree_stat(tree, path, true, &st))
		(void)snprintf(path, sizeof(path), MFA_VENDORDIR "/conf.d/%s",
		    name);
	(void)read_file(tree, path, settings);
}

/* Both folders as one, by name. */
static void
read_drop_ins(const struct mfa_tree *tree, struct mfa_settings *settings)
{
	struct mfa_names etc, vendor;
	size_t i = 0, j = 0;

	(void)mfa_tree_list(tree, MFA_SYSCONFDIR "/conf.d", &etc);
	(void)mfa_tree_list(tree, MFA_VENDORDIR "/conf.d", &vendor);
	while (i < etc.count || j < vendor.count) {
		int order = i == etc.count ? 1 : j == vendor.count ? -1 :
		    strcmp(etc.name[i], vendor.name[j]);

		read_drop_in(tree, order <= 0 ? etc.name[i] : vendor.name[j],
		    settings);
		i += order <= 0;
		j += order >= 0;
	}
	mfa_names_free(&etc);
	mfa_names_free(&vendor);
}

void
mfa_settings_load(const struct mfa_tree *tree, struct mfa_settings *settings)
{
	struct stat st;

	memset(settings, 0, sizeof(*settings));
	(void)mfa_text_copy(settings->keys, sizeof(settings->keys),
	    MFA_SYSCONFDIR "/keys");
	(void)mfa_text_copy(settings->store, sizeof(settings->store),
	    MFA_STATEDIR);
	settings->there = mfa_tree_stat(tree, MFA_SYSCONFDIR, true, &st);
	if (!read_file(tree, MFA_SYSCONFDIR "/medusa-mfa.conf", settings))
		(void)read_file(tree, MFA_VENDORDIR "/medusa-mfa.conf",
		    settings);
	read_drop_ins(tree, settings);
}

/* ---- what they say ---- */

bool
mfa_settings_rule_is_for(const struct mfa_rule *rule, const char *service)
{
	return rule->service[0] == '\0' ||
	    mfa_word_among(service, rule->service);
}

bool
mfa_settings_requires(const struct mfa_settings *settings, const char *service)
{
	if (settings->require_all)
		return true;
	for (size_t i = 0; i < settings->rules; i++) {
		if (mfa_word_same(settings->rule[i].decision, "require") &&
		    mfa_settings_rule_is_for(&settings->rule[i], service))
			return true;
	}
	return false;
}
