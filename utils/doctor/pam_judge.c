/* SPDX-License-Identifier: MIT */
#include "utils/doctor/pam_judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils/doctor/pam_explore.h"
#include "utils/doctor/pam_module.h"
#include "utils/doctor/rules.h"
#include "utils/doctor/word.h"

/* Files that services include; nobody logs in by their names. */
static const char parts[] = "common-auth common-account common-password "
    "common-session common-session-noninteractive system-auth password-auth "
    "fingerprint-auth smartcard-auth postlogin system-auth-ac "
    "password-auth-ac medusa-mfa-auth system-login system-local-login "
    "system-remote-login system-services base-auth";

struct judged {
	struct mfa_pam_host *host;
	const struct mfa_pam_stack *stack;
	const struct mfa_pam_view *view;
	struct mfa_found *found;
};

static void
where_of(const struct judged *judged, size_t line, char out[MFA_PAM_NAME + 32])
{
	if (line < judged->stack->count)
		mfa_pam_where(&judged->stack->handler[line], out,
		    MFA_PAM_NAME + 32);
	else
		(void)snprintf(out, MFA_PAM_NAME + 32, "/etc/pam.d/%s",
		    judged->stack->service);
}

/* Adds a finding for a sight, with the way that leads to it. */
static void
tell(const struct judged *judged, enum mfa_pam_sight_of which, const char *id,
    const char *what)
{
	const struct mfa_pam_sight *at = &judged->view->of[which];
	char where[MFA_PAM_NAME + 32];

	if (!at->seen)
		return;
	where_of(judged, at->line, where);
	mfa_found_add(judged->found, id, judged->stack->service, where,
	    "%s: %s", what, at->way);
}

static bool
is_sshd(const struct judged *judged)
{
	return mfa_pam_is_sshd(judged->host, judged->stack->service);
}

/* The key, checked by sshd before, is the first factor. */
static bool
key_comes_first(const struct judged *judged)
{
	const struct mfa_sshd *root = judged->host->root_sshd;

	return is_sshd(judged) && judged->host->sshd->there &&
	    mfa_sshd_key_first(judged->host->sshd) &&
	    (root == NULL || !root->there || mfa_sshd_key_first(root) ||
		mfa_word_alike(root->value[MFA_SSHD_ROOT], "no"));
}

static void
judge_first_factor(const struct judged *judged)
{
	if (key_comes_first(judged))
		return;
	tell(judged, MFA_PAM_BEFORE_FACTOR, "pam-before-password",
	    "our line asks before the password is checked");
	tell(judged, MFA_PAM_NOTHING, "pam-nothing-asked",
	    "whoever is not asked for a code is asked for nothing");
	if (mfa_pam_is_locker(judged->stack->service))
		return;
	tell(judged, MFA_PAM_CODE_ALONE,
	    is_sshd(judged) ? "sshd-code-alone" : "pam-code-alone",
	    "a code lets in, and nothing else is asked for");
}

static void
judge_auth(const struct judged *judged)
{
	tell(judged, MFA_PAM_BYPASS, "pam-bypass",
	    "lets in without a code");
	tell(judged, MFA_PAM_EXEMPT, "pam-exempt",
	    "a condition lets in without a code");
	tell(judged, MFA_PAM_FAIL_OPEN, "pam-fail-open",
	    "lets in although the code was refused");
	tell(judged, MFA_PAM_AFTER_FAILURE, "pam-after-failure",
	    "our line is reached after a wrong password");
	tell(judged, MFA_PAM_TWICE, "pam-twice", "a code is asked for twice");
	tell(judged, MFA_PAM_COUNTED, "pam-faillock",
	    "a wrong code counts as a wrong password");
	tell(judged, MFA_PAM_LATE_TALLY, "pam-faillock",
	    "who is locked is asked for a code first");
	judge_first_factor(judged);
}

static void
judge_account(const struct judged *judged)
{
	tell(judged, MFA_PAM_BYPASS, "pam-enforce-bypass",
	    "lets in without the line that has enforce");
	tell(judged, MFA_PAM_EXEMPT, "pam-exempt",
	    "a condition lets in without the line that has enforce");
	tell(judged, MFA_PAM_FAIL_OPEN, "pam-enforce-bypass",
	    "lets in although the line that has enforce refused");
}

/* Lines that no way leads to. */
static void
judge_reach(const struct judged *judged)
{
	char where[MFA_PAM_NAME + 32];

	for (size_t i = 0; i < judged->stack->count; i++) {
		const struct mfa_pam_handler *handler =
		    &judged->stack->handler[i];

		if (!mfa_pam_is_ours(handler) || judged->view->reached[i])
			continue;
		where_of(judged, i, where);
		mfa_found_add(judged->found, "pam-never-reached",
		    judged->stack->service, where,
		    "no way through the stack leads to this line");
	}
	if (!judged->view->of[MFA_PAM_SUCCEEDS].seen)
		mfa_found_add(judged->found, "pam-never-succeeds",
		    judged->stack->service, "/etc/pam.d",
		    "whatever is answered, this stack refuses");
}

/* A line that libpam makes fail, of our module or of a file of ours. */
static bool
is_failing_ours(const struct mfa_pam_line *line)
{
	return line->kind == MFA_PAM_FAILS &&
	    ((line->module != NULL && mfa_pam_means_us(line->module)) ||
		(line->control != NULL && mfa_pam_means_us(line->control)));
}

/*
 * True for a stack that has no line of ours, though its file has one: libpam
 * makes that line fail, or cannot read all of it.
 */
static bool
loses_ours(const struct mfa_pam_host *host, const struct mfa_pam_stack *stack)
{
	char path[MFA_PAM_NAME + 32], *text;
	bool has;

	for (size_t i = 0; i < stack->count; i++) {
		if (is_failing_ours(&stack->handler[i].line))
			return true;
	}
	(void)snprintf(path, sizeof(path), "/etc/pam.d/%s", stack->service);
	if (stack->fatal == NULL ||
	    mfa_tree_read(host->tree, path, &text) != MFA_OK)
		return false;
	has = strstr(text, "medusa") != NULL;
	free(text);
	return has;
}

static bool
has_verifying(const struct mfa_pam_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++) {
		if (mfa_pam_class_of(&stack->handler[i]) == MFA_PAM_VERIFIES)
			return true;
	}
	return false;
}

/* What libpam cannot read makes a line fail, or all. */
static void
judge_syntax(const struct mfa_pam_stack *stack, struct mfa_found *found)
{
	char where[MFA_PAM_NAME + 32];

	if (stack->fatal != NULL) {
		(void)snprintf(where, sizeof(where), "/etc/pam.d/%s",
		    stack->service);
		mfa_found_add(found, "pam-unreadable", stack->service, where,
		    "%s", stack->fatal);
	}
	for (size_t i = 0; i < stack->count; i++) {
		const struct mfa_pam_handler *handler = &stack->handler[i];

		if (handler->line.problem == NULL)
			continue;
		mfa_pam_where(handler, where, sizeof(where));
		mfa_found_add(found, "pam-syntax", stack->service, where, "%s",
		    handler->line.problem);
	}
}

enum mfa_err
mfa_pam_judge_stack(struct mfa_pam_host *host,
    const struct mfa_pam_stack *stack, struct mfa_found *found)
{
	struct mfa_pam_view *view;
	struct judged judged = { host, stack, NULL, found };
	enum mfa_err r;

	judge_syntax(stack, found);
	mfa_pam_judge_lines(host, stack, found);
	if (stack->fatal != NULL || !has_verifying(stack))
		return MFA_OK;
	if ((view = malloc(sizeof(*view))) == NULL)
		return MFA_ERR_MEMORY;
	judged.view = view;
	if ((r = mfa_pam_explore(stack, view)) == MFA_OK) {
		if (stack->type == MFA_PAM_AUTH)
			judge_auth(&judged);
		else
			judge_account(&judged);
		tell(&judged, MFA_PAM_BAD_JUMP, "pam-bad-jump",
		    "a jump goes past the end of the stack");
		judge_reach(&judged);
		if (!view->complete)
			mfa_found_add(found, "pam-too-large", stack->service,
			    "/etc/pam.d", "not all ways were looked at");
	}
	free(view);
	return r;
}

/* Copies of packages and editors, and parts: no services. */
static bool
is_service(const char *name)
{
	static const char *const ends[] = { "~", ".bak", ".orig", ".old",
		".rpmnew", ".rpmsave", ".rpmorig", ".dpkg-old", ".dpkg-dist",
		".dpkg-new", ".ucf-old", ".ucf-dist", ".save" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (mfa_word_ends(name, ends[i]))
			return false;
	}
	return !mfa_word_among(name, parts);
}

static void
note_service(struct mfa_pam_host *host, const struct mfa_pam_stack *stack,
    bool *counted)
{
	if (!*counted)
		host->services++;
	*counted = true;
	if (!has_verifying(stack))
		return;
	mfa_rules_note_forges(host, stack);
	if (stack->type == MFA_PAM_AUTH && host->askings < MFA_PAM_ASKING)
		(void)snprintf(host->asking[host->askings++], MFA_PAM_NAME,
		    "%s", stack->service);
	if (!mfa_pam_is_sshd(host, stack->service))
		return;
	host->sshd_asks |= stack->type == MFA_PAM_AUTH;
	host->sshd_refuses |= stack->type == MFA_PAM_ACCOUNT;
}

static enum mfa_err
judge_service(struct mfa_pam_host *host, const char *service,
    struct mfa_found *found)
{
	bool counted = false;
	enum mfa_err r = MFA_OK;
	char where[300];

	host->with_nullok = host->without_nullok = 0;
	for (int type = MFA_PAM_AUTH; type <= MFA_PAM_SESSION && r == MFA_OK;
	     type++) {
		struct mfa_pam_stack stack;

		r = mfa_pam_stack_load(host->tree, service,
		    (enum mfa_pam_type)type, &stack);
		if (r == MFA_ERR_MEMORY)
			return r;
		if (r != MFA_OK) {
			/* libpam may read what we do not. */
			(void)snprintf(where, sizeof(where), "/etc/pam.d/%s",
			    service);
			mfa_found_add(found, "pam-unreadable", service, where,
			    "it cannot be looked at: %s", mfa_strerror(r));
			return MFA_OK;
		}
		stack.sshd = mfa_pam_is_sshd(host, service);
		mfa_pam_judge_misspelt(host->tree, &stack, found);
		if (mfa_pam_has_ours(&stack)) {
			note_service(host, &stack, &counted);
			r = mfa_pam_judge_stack(host, &stack, found);
		} else if (loses_ours(host, &stack)) {
			judge_syntax(&stack, found);
		}
		mfa_pam_stack_free(&stack);
	}
	(void)snprintf(where, sizeof(where), "/etc/pam.d/%s", service);
	if (host->with_nullok != 0 && host->without_nullok != 0)
		mfa_found_add(found, "pam-nullok-partly", service, where,
		    "some lines of this service have nullok, some do not");
	return r;
}

enum mfa_err
mfa_pam_judge(struct mfa_pam_host *host, struct mfa_found *found)
{
	static const char *const folders[] = { "/etc/pam.d",
		"/usr/lib/pam.d" };
	enum mfa_err r = MFA_OK;

	for (size_t i = 0; i < 2; i++) {
		struct mfa_names names;

		if (!mfa_tree_list(host->tree, folders[i], &names))
			continue;
		for (size_t j = 0; j < names.count && r == MFA_OK; j++) {
			char path[300];
			struct stat st;

			(void)snprintf(path, sizeof(path), "%s/%s", folders[0],
			    names.name[j]);
			/* The vendor's counts where there is no other. */
			if (!is_service(names.name[j]) ||
			    (i == 1 && mfa_tree_stat(host->tree, path, true,
					   &st)))
				continue;
			r = judge_service(host, names.name[j], found);
		}
		mfa_names_free(&names);
	}
	return r;
}
