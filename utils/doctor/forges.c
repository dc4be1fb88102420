/* SPDX-License-Identifier: MIT */
/* pam_env before our line, and who can write what it reads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils/doctor/pam_module.h"
#include "utils/doctor/rules.h"
#include "utils/doctor/word.h"

#define VARIABLE "SSH_AUTH_INFO_0"

struct env {
	struct mfa_pam_host *host;
	const struct mfa_pam_stack *stack;
	const struct mfa_pam_handler *handler;
};

static void
note(const struct env *env, const char *does, const char *path,
    const char *more)
{
	struct mfa_pam_host *host = env->host;
	struct mfa_pam_forge *forge = &host->forge[host->forges];

	/* So many are found out by mending the first ones. */
	if (host->forges == MFA_PAM_FORGES)
		return;
	host->forges++;
	(void)snprintf(forge->service, sizeof(forge->service), "%s",
	    env->stack->service);
	mfa_pam_where(env->handler, forge->where, sizeof(forge->where));
	(void)snprintf(forge->what, sizeof(forge->what),
	    "pam_env.so before our line %s %s%s", does, path, more);
}

/* Not root's, or others can write there. */
static bool
is_open(const struct mfa_tree *tree, const char *path)
{
	struct stat st;

	return mfa_tree_stat(tree, path, true, &st) &&
	    (st.st_uid != 0 || (st.st_mode & 0022) != 0);
}

/* The file, and each folder on the way to it; it has to be there. */
static bool
others_write(const struct mfa_tree *tree, const char *path)
{
	char part[300];
	struct stat st;
	size_t len;

	if (!mfa_tree_stat(tree, path, true, &st))
		return false;
	(void)snprintf(part, sizeof(part), "%s", path);
	for (len = strlen(part); len > 1;) {
		if (is_open(tree, part))
			return true;
		while (len > 1 && part[len - 1] != '/')
			len--;
		while (len > 1 && part[len - 1] == '/')
			len--;
		part[len] = '\0';
	}
	return false;
}

/* A line of it begins with the variable. */
static bool
sets_variable(const struct mfa_tree *tree, const char *path)
{
	char *text, *at, *line;
	bool sets = false;

	if (mfa_tree_read(tree, path, &text) != MFA_OK)
		return false;
	at = text;
	while (!sets && (line = mfa_word_next(&at, "\n")) != NULL) {
		const char *word = mfa_word_next(&line, " \t=");

		if (word != NULL && mfa_word_same(word, "export"))
			word = mfa_word_next(&line, " \t=");
		sets = word != NULL && mfa_word_same(word, VARIABLE);
	}
	free(text);
	return sets;
}

static void
look_at_file(const struct env *env, const char *path)
{
	const struct mfa_tree *tree = env->host->tree;

	if (others_write(tree, path))
		note(env, "reads", path, ", which others can write");
	if (sets_variable(tree, path))
		note(env, "sets it, by", path, "");
}

static void
look_at_line(const struct env *env)
{
	const char *conf = mfa_pam_arg(env->handler, "conffile");
	const char *file = mfa_pam_arg(env->handler, "envfile");
	const char *read = mfa_pam_arg(env->handler, "readenv");
	const char *user = mfa_pam_arg(env->handler, "user_readenv");

	if (user != NULL && !mfa_word_same(user, "0"))
		note(env, "reads", "a file of the user", ": user_readenv");
	look_at_file(env, conf != NULL ? conf : "/etc/security/pam_env.conf");
	if (read == NULL || !mfa_word_same(read, "0"))
		look_at_file(env, file != NULL ? file : "/etc/environment");
}

void
mfa_rules_note_forges(struct mfa_pam_host *host,
    const struct mfa_pam_stack *stack)
{
	struct env env = { host, stack, NULL };
	size_t last = 0;

	for (size_t i = 0; i < stack->count; i++) {
		if (mfa_pam_class_of(&stack->handler[i]) == MFA_PAM_VERIFIES)
			last = i;
	}
	for (size_t i = 0; i < last; i++) {
		env.handler = &stack->handler[i];
		if (env.handler->line.kind == MFA_PAM_MODULE &&
		    mfa_word_same(mfa_pam_base(env.handler->line.module),
			"pam_env.so"))
			look_at_line(&env);
	}
}
