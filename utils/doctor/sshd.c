/* SPDX-License-Identifier: MIT */
#include "utils/doctor/sshd.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "utils/doctor/capture.h"
#include "utils/doctor/word.h"

#define CONFIG "/etc/ssh/sshd_config"
#define DEPTH  16  /* as sshd has it */
#define FILES  512 /* a tree may include itself many times on each level */

static const char blanks[] = " \t\r\n=";

static const struct {
	const char *name, *otherwise;
} options[MFA_SSHD_OPTIONS] = {
	[MFA_SSHD_USEPAM] = { "usepam", "no" },
	[MFA_SSHD_KBDINT] = { "kbdinteractiveauthentication", "yes" },
	[MFA_SSHD_PASSWORD] = { "passwordauthentication", "yes" },
	[MFA_SSHD_PUBKEY] = { "pubkeyauthentication", "yes" },
	[MFA_SSHD_HOSTBASED] = { "hostbasedauthentication", "no" },
	[MFA_SSHD_GSSAPI] = { "gssapiauthentication", "no" },
	[MFA_SSHD_ROOT] = { "permitrootlogin", "prohibit-password" },
	[MFA_SSHD_ENVIRONMENT] = { "permituserenvironment", "no" },
	[MFA_SSHD_METHODS] = { "authenticationmethods", "any" },
	[MFA_SSHD_KERBEROS] = { "kerberosauthentication", "no" },
	[MFA_SSHD_USEDNS] = { "usedns", "no" },
	/* Since 9.8; an older one refuses the option, and has this name. */
	[MFA_SSHD_SERVICE] = { "pamservicename", "sshd" },
};

/* What is being read.  A block that matches outweighs what is outside. */
struct reader {
	const struct mfa_tree *tree;
	const char *user;
	struct mfa_sshd *sshd;
	bool in_block; /* true: takes blocks that match; false: the rest */
	unsigned int files; /* so far */
};

static void read_file(struct reader *reader, const char *path, int depth,
    bool block, bool match);

/* ---- one line ---- */

static void
set_option(struct mfa_sshd *sshd, const char *name, const char *value)
{
	if (mfa_word_alike(name, "ChallengeResponseAuthentication"))
		name = options[MFA_SSHD_KBDINT].name;
	for (size_t i = 0; i < MFA_SSHD_OPTIONS; i++) {
		if (mfa_word_alike(name, options[i].name) &&
		    sshd->value[i][0] == '\0')
			(void)mfa_text_copy(sshd->value[i],
			    sizeof(sshd->value[i]), value);
	}
}

/* The rest of a line as words with one blank between, quotes taken off. */
static void
join_words(char *rest, char *out, size_t size)
{
	char *word;
	size_t used = 0;

	out[0] = '\0';
	while ((word = mfa_word_next(&rest, " \t\r\n\"")) != NULL &&
	    word[0] != '#' && used < size) {
		(void)snprintf(out + used, size - used, "%s%s",
		    used != 0 ? " " : "", word);
		used = strlen(out);
	}
}

/* One of a comma-separated list of patterns; "!" forbids. */
static bool
name_matches(const char *name, char *patterns)
{
	bool found = false;
	char *one;

	while ((one = mfa_word_next(&patterns, ",")) != NULL) {
		bool no = one[0] == '!';

		if (fnmatch(one + no, name, 0) != 0)
			continue;
		if (no)
			return false;
		found = true;
	}
	return found;
}

/* Criteria that are not about the user are taken for not met. */
static bool
block_matches(const struct reader *reader, char *criteria)
{
	char *word, *value;

	while ((word = mfa_word_next(&criteria, blanks)) != NULL) {
		if (mfa_word_alike(word, "all"))
			return true;
		value = mfa_word_next(&criteria, blanks);
		if (value == NULL || !mfa_word_alike(word, "user") ||
		    !name_matches(reader->user, value))
			return false;
	}
	return true;
}

/* ---- files ---- */

static void
include_one(struct reader *reader, const char *pattern, int depth, bool block,
    bool match)
{
	char path[600], folder[300];
	const char *slash;
	struct mfa_names names;

	(void)snprintf(path, sizeof(path), "%s%s",
	    pattern[0] == '/' ? "" : "/etc/ssh/", pattern);
	slash = strrchr(path, '/');
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path),
	    path);
	if (!mfa_tree_list(reader->tree, folder, &names))
		return;
	for (size_t i = 0; i < names.count; i++) {
		char file[600];

		if (fnmatch(slash + 1, names.name[i], FNM_PERIOD) != 0)
			continue;
		(void)snprintf(file, sizeof(file), "%s/%s", folder,
		    names.name[i]);
		read_file(reader, file, depth + 1, block, match);
	}
	mfa_names_free(&names);
}

static void
take_line(struct reader *reader, char *line, int depth, bool *block,
    bool *match)
{
	char *name = mfa_word_next(&line, blanks), *word;
	char value[256];

	if (name == NULL || name[0] == '#')
		return;
	if (mfa_word_alike(name, "match")) {
		reader->sshd->matches = true;
		*block = true;
		*match = block_matches(reader, line);
		return;
	}
	if (mfa_word_alike(name, "include")) {
		while ((word = mfa_word_next(&line, " \t\r\n\"")) != NULL)
			include_one(reader, word, depth, *block, *match);
		return;
	}
	if (*block != reader->in_block || (*block && !*match))
		return;
	join_words(line + strspn(line, blanks), value, sizeof(value));
	set_option(reader->sshd, name, value);
}

static void
read_file(struct reader *reader, const char *path, int depth, bool block,
    bool match)
{
	char *text, *at, *line;

	if (depth > DEPTH || reader->files >= FILES) {
		reader->sshd->cut = true;
		return;
	}
	reader->files++;
	if (mfa_tree_read(reader->tree, path, &text) != MFA_OK)
		return;
	reader->sshd->there = true;
	at = text;
	while ((line = mfa_word_next(&at, "\n")) != NULL)
		take_line(reader, line, depth, &block, &match);
	free(text);
}

static void
read_files(const struct mfa_tree *tree, const char *user,
    struct mfa_sshd *sshd)
{
	struct reader reader = { tree, user, sshd, true, 0 };

	read_file(&reader, CONFIG, 0, false, false);
	reader.in_block = false;
	reader.files = 0;
	read_file(&reader, CONFIG, 0, false, false);
}

/* ---- sshd itself ---- */

static bool
ask_sshd(const char *user, struct mfa_sshd *sshd)
{
	char who[128], *text, *at, *line, value[256];
	const char *argv[] = { "sshd", "-T", "-C", who, NULL };

	(void)snprintf(who, sizeof(who),
	    "user=%s,host=localhost,addr=127.0.0.1", user);
	if (mfa_capture("/usr/sbin/sshd", argv, &text) != 0) {
		free(text);
		return false;
	}
	at = text;
	while ((line = mfa_word_next(&at, "\n")) != NULL) {
		char *name = mfa_word_next(&line, blanks);

		if (name == NULL)
			continue;
		join_words(line, value, sizeof(value));
		set_option(sshd, name, value);
	}
	free(text);
	return sshd->value[MFA_SSHD_USEPAM][0] != '\0';
}

void
mfa_sshd_load(const struct mfa_tree *tree, const char *user,
    struct mfa_sshd *sshd)
{
	struct mfa_sshd said;

	memset(sshd, 0, sizeof(*sshd));
	memset(&said, 0, sizeof(said));
	read_files(tree, user, sshd);
	if (tree->live && sshd->there && ask_sshd(user, &said)) {
		said.there = said.asked = true;
		said.matches = sshd->matches;
		*sshd = said;
	}
	for (size_t i = 0; i < MFA_SSHD_OPTIONS; i++) {
		if (sshd->value[i][0] == '\0')
			(void)mfa_text_copy(sshd->value[i],
			    sizeof(sshd->value[i]), options[i].otherwise);
	}
}
