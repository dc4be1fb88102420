/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/doctor/pam_judge.h"
#include "utils/doctor/pam_module.h"
#include "utils/doctor/word.h"

/* A line of ours, and where it stands. */
struct line {
	struct mfa_pam_host *host;
	const struct mfa_pam_stack *stack;
	struct mfa_found *found;
	size_t at;
	const struct mfa_pam_handler *handler;
	char where[MFA_PAM_NAME + 32];
};

static void
judge_file(const struct line *line)
{
	const struct mfa_tree *tree = line->host->tree;
	const char *module = line->handler->line.module;
	struct stat st;

	if (mfa_pam_file_is_there(tree, module))
		return;
	/* A tree of configuration files alone has no modules at all. */
	if (!tree->live && !mfa_tree_stat(tree, "/usr/lib", true, &st))
		return;
	mfa_found_add(line->found, "pam-module-missing", line->stack->service,
	    line->where, "there is no %s, or it is empty%s", module,
	    mfa_pam_file_is_there(tree, MFA_PAM_OURS) ?
		": write " MFA_PAM_OURS ", without a path" : "");
}

static void
judge_arguments(const struct line *line)
{
	const char *bad = mfa_pam_bad_argument(line->handler);
	bool required;

	if (bad != NULL)
		mfa_found_add(line->found, "pam-argument", line->stack->service,
		    line->where, "the module refuses the argument %s", bad);
	if (mfa_pam_arg(line->handler, "nullok") == NULL)
		return;
	required = mfa_settings_requires(line->host->settings,
	    line->stack->service);
	mfa_found_add(line->found, required ? "pam-nullok" : "pam-nullok-idle",
	    line->stack->service, line->where,
	    "nullok lets in whoever is not enrolled%s",
	    !required ? "" : line->host->settings->require_all ?
		", against require = all" : ", against a rule that requires");
}

static void
judge_type(const struct line *line)
{
	bool sshd = mfa_pam_is_sshd(line->host, line->stack->service);

	if (mfa_pam_class_of(line->handler) == MFA_PAM_IDLE)
		mfa_found_add(line->found, "pam-idle", line->stack->service,
		    line->where, "this line does nothing");
	else if (line->stack->type == MFA_PAM_ACCOUNT && !sshd)
		mfa_found_add(line->found, "pam-enforce-elsewhere",
		    line->stack->service, line->where,
		    "enforce stands in another service than sshd");
}

/* Plain words that do not hold a refusal against the login. */
static void
judge_control(const struct line *line)
{
	const char *control = line->handler->line.control;

	if (mfa_pam_class_of(line->handler) != MFA_PAM_VERIFIES)
		return;
	if (mfa_word_alike(control, "optional") ||
	    mfa_word_alike(control, "sufficient"))
		mfa_found_add(line->found, "pam-control", line->stack->service,
		    line->where, "the control word is %s", control);
}

/* The nearest line of a class before (or behind) this one; count if none. */
static size_t
nearest(const struct line *line, enum mfa_pam_class class, bool before,
    const char *argument)
{
	size_t n = line->stack->count, at = n;

	for (size_t i = before ? 0 : line->at + 1; i < (before ? line->at : n);
	     i++) {
		const struct mfa_pam_handler *other = &line->stack->handler[i];

		if (mfa_pam_class_of(other) != class ||
		    (argument != NULL && mfa_pam_arg(other, argument) == NULL))
			continue;
		at = i;
		if (!before)
			break;
	}
	return at;
}

static void
judge_split(const struct line *line)
{
	size_t none = line->stack->count, first, last;
	const char *wrong = NULL;

	if (mfa_pam_class_of(line->handler) == MFA_PAM_SPLITS) {
		last = nearest(line, MFA_PAM_VERIFIES, false, "use_split");
		if (last == none)
			wrong = "split takes a code off that no later line "
				"verifies";
		else if (nearest(line, MFA_PAM_FACTOR, false, NULL) > last)
			wrong = "no line between split and use_split checks "
				"the password";
	} else if (mfa_pam_arg(line->handler, "use_split") != NULL) {
		first = nearest(line, MFA_PAM_SPLITS, true, NULL);
		if (first == none)
			wrong = "use_split has no line with split before it";
	}
	if (wrong != NULL)
		mfa_found_add(line->found, "pam-split", line->stack->service,
		    line->where, "%s", wrong);
}

/* What a user writes must not be there when we look. */
static void
judge_environment(const struct line *line)
{
	for (size_t i = 0; i < line->at; i++) {
		const struct mfa_pam_handler *other = &line->stack->handler[i];
		const char *value;

		if (other->line.kind != MFA_PAM_MODULE ||
		    !mfa_word_same(mfa_pam_base(other->line.module),
			"pam_env.so"))
			continue;
		value = mfa_pam_arg(other, "user_readenv");
		if (value != NULL && !mfa_word_same(value, "0"))
			mfa_found_add(line->found, "pam-user-readenv",
			    line->stack->service, line->where,
			    "pam_env.so with user_readenv stands before it");
	}
}

/* What libpam does where a module cannot be loaded, with - before or without. */
static const char *
without_module(const struct mfa_pam_handler *handler)
{
	int action = handler->line.actions[MFA_PAM_MODULE_UNKNOWN];

	if (action == MFA_PAM_DO_IGNORE || action == MFA_PAM_DO_RESET ||
	    action > 0)
		return "goes on as if the line were not there";
	return "refuses every login that comes to it";
}

void
mfa_pam_judge_misspelt(const struct mfa_tree *tree,
    const struct mfa_pam_stack *stack, struct mfa_found *found)
{
	char where[MFA_PAM_NAME + 32];

	for (size_t i = 0; i < stack->count; i++) {
		const struct mfa_pam_handler *handler = &stack->handler[i];

		if (!mfa_pam_is_misspelt(tree, handler))
			continue;
		mfa_pam_where(handler, where, sizeof(where));
		mfa_found_add(found, "pam-misspelt", stack->service, where,
		    "there is no module %s: PAM %s; ours is " MFA_PAM_OURS,
		    handler->line.module, without_module(handler));
	}
}

void
mfa_pam_judge_lines(struct mfa_pam_host *host,
    const struct mfa_pam_stack *stack, struct mfa_found *found)
{
	struct line line = { .host = host, .stack = stack, .found = found };

	for (size_t i = 0; i < stack->count; i++) {
		line.at = i;
		line.handler = &stack->handler[i];
		if (!mfa_pam_is_ours(line.handler))
			continue;
		mfa_pam_where(line.handler, line.where, sizeof(line.where));
		judge_file(&line);
		judge_arguments(&line);
		judge_type(&line);
		judge_control(&line);
		judge_split(&line);
		judge_environment(&line);
		if (mfa_pam_arg(line.handler, "nullok") != NULL)
			host->with_nullok++;
		else
			host->without_nullok++;
	}
}
