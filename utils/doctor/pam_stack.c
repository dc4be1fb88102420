/* SPDX-License-Identifier: MIT */
#include "utils/doctor/pam_stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils/doctor/word.h"

static const char *const folders[] = { "/etc/pam.d", "/usr/lib/pam.d" };

/* What is being loaded. */
struct loader {
	const struct mfa_tree *tree;
	struct mfa_pam_stack *stack;
	enum mfa_err err;
	unsigned int files; /* so far */
};

static enum mfa_err load_file(struct loader *loader, const char *name,
    enum mfa_pam_type type, int level, int depth);

bool
mfa_pam_has_file(const struct mfa_tree *tree, const char *service)
{
	char path[2 * MFA_PAM_NAME];
	struct stat st;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folders[i],
		    service);
		if (mfa_tree_stat(tree, path, true, &st))
			return true;
	}
	return false;
}

/* A name with a slash is a path. */
static enum mfa_err
read_service(const struct mfa_tree *tree, const char *name, char **text)
{
	char path[2 * MFA_PAM_NAME];
	enum mfa_err r = MFA_ERR_NOT_FOUND;

	*text = NULL;
	if (name[0] == '/')
		return mfa_tree_read(tree, name, text);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) &&
	     r == MFA_ERR_NOT_FOUND; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s",
		    tree->pamd != NULL ? tree->pamd : folders[i], name);
		r = mfa_tree_read(tree, path, text);
	}
	return r;
}

static struct mfa_pam_handler *
new_handler(struct loader *loader, const char *file, unsigned int number,
    int level)
{
	struct mfa_pam_stack *stack = loader->stack;
	struct mfa_pam_handler *handler;

	if (stack->count == MFA_PAM_LINES) {
		stack->fatal = "there are more than 512 lines";
		return NULL;
	}
	handler = &stack->handler[stack->count++];
	memset(handler, 0, sizeof(*handler));
	(void)snprintf(handler->file, sizeof(handler->file), "%s", file);
	handler->number = number;
	handler->level = level;
	return handler;
}

/*
 * What cannot be included is a line that fails, and all it returns is bad.
 *
 * text: of the line, taken over; NULL: it belongs to the substack line
 */
static void
include_failed(struct loader *loader, const struct mfa_pam_handler *from,
    char *text, const char *name)
{
	struct mfa_pam_handler *handler;

	handler = new_handler(loader, from->file, from->number, from->level);
	if (handler == NULL) {
		free(text);
		return;
	}
	handler->line.kind = MFA_PAM_FAILS;
	handler->line.text = text;
	handler->line.type = loader->stack->type;
	handler->line.module = name;
	for (int i = 0; i < MFA_PAM_CODES; i++)
		handler->line.actions[i] = MFA_PAM_DO_BAD;
	handler->line.problem = "the file that it includes cannot be read";
}

/*
 * The lines of another file in the place of one; behind a substack line, which
 * stays, one level deeper.
 *
 * type: of the lines wanted; MFA_PAM_ANY for all
 */
static void
include(struct loader *loader, const struct mfa_pam_line *line,
    const struct mfa_pam_handler *from, enum mfa_pam_type type)
{
	enum mfa_err r = MFA_ERR_NOT_FOUND;
	struct mfa_pam_handler *handler;
	char *text = line->text;
	bool substack = line->kind == MFA_PAM_SUBSTACK;

	if (substack) {
		handler = new_handler(loader, from->file, from->number,
		    from->level);
		if (handler == NULL) {
			free(text);
			return;
		}
		handler->line = *line;
	}
	if (line->module != NULL && line->module[0] != '\0')
		r = load_file(loader, line->module, type,
		    from->level + substack, from->depth + 1);
	if (substack)
		text = NULL;
	if (r == MFA_OK || r == MFA_ERR_MEMORY) {
		loader->err = r;
		free(text);
	} else if (type == MFA_PAM_ANY) {
		/* Of no type, it cannot even fail. */
		loader->stack->fatal = "a file that it includes cannot be read";
		free(text);
	} else {
		include_failed(loader, from, text, line->module);
	}
}

/* Takes a line's text over. */
static void
add_line(struct loader *loader, char *text, const struct mfa_pam_handler *from,
    enum mfa_pam_type asked)
{
	struct mfa_pam_handler *handler;
	struct mfa_pam_line line;
	enum mfa_pam_type type;

	mfa_pam_line_parse(text, &line);
	type = line.type != MFA_PAM_ANY ? line.type : asked;
	/* What is of no type that there is, libpam takes for one of auth. */
	if (type == MFA_PAM_ANY && line.kind == MFA_PAM_FAILS)
		type = MFA_PAM_AUTH;
	if ((asked != MFA_PAM_ANY && type != asked) ||
	    (type != MFA_PAM_ANY && type != loader->stack->type)) {
		free(line.text);
		return;
	}
	if (line.kind == MFA_PAM_INCLUDE || line.kind == MFA_PAM_SUBSTACK) {
		include(loader, &line, from, type);
		return;
	}
	handler = new_handler(loader, from->file, from->number, from->level);
	if (handler == NULL) {
		free(line.text);
		return;
	}
	handler->line = line;
	handler->line.type = type;
}

static enum mfa_err
load_file(struct loader *loader, const char *name, enum mfa_pam_type type,
    int level, int depth)
{
	struct mfa_pam_handler from = { .level = level, .depth = depth };
	struct mfa_pam_reader reader;
	char *text, *all;
	enum mfa_err r;

	if (depth > MFA_PAM_DEPTH)
		return MFA_ERR_LIMIT;
	/* A tree may include itself a million times, and add no line by it. */
	if (++loader->files > MFA_PAM_FILES) {
		loader->stack->fatal = "there are too many includes";
		return MFA_OK;
	}
	if ((r = read_service(loader->tree, name, &all)) != MFA_OK)
		return r;
	memset(&reader, 0, sizeof(reader));
	reader.at = all;
	(void)snprintf(from.file, sizeof(from.file), "%s", name);
	while (loader->stack->fatal == NULL && loader->err == MFA_OK &&
	    (r = mfa_pam_read(&reader, &text)) == MFA_OK) {
		from.number = reader.first;
		add_line(loader, text, &from, type);
	}
	free(all);
	if (r == MFA_ERR_MEMORY)
		return r;
	return reader.broken ? MFA_ERR_SYNTAX : loader->err;
}

enum mfa_err
mfa_pam_stack_load(const struct mfa_tree *tree, const char *service,
    enum mfa_pam_type type, struct mfa_pam_stack *stack)
{
	struct loader loader = { tree, stack, MFA_OK, 0 };
	enum mfa_err r;

	memset(stack, 0, sizeof(*stack));
	stack->type = type;
	(void)snprintf(stack->service, sizeof(stack->service), "%s", service);
	stack->sshd = mfa_word_same(service, "sshd");
	stack->handler = calloc(MFA_PAM_LINES, sizeof(*stack->handler));
	if (stack->handler == NULL)
		return MFA_ERR_MEMORY;
	r = load_file(&loader, service, MFA_PAM_ANY, 0, 0);
	if (r == MFA_ERR_SYNTAX) {
		stack->fatal = "a file ends within a continued line";
		r = MFA_OK;
	}
	if (r == MFA_OK && stack->count == 0 && stack->fatal == NULL) {
		stack->other = true;
		r = load_file(&loader, MFA_PAM_OTHER, MFA_PAM_ANY, 0, 0);
		if (r != MFA_ERR_MEMORY)
			r = MFA_OK;
	}
	if (r != MFA_OK)
		mfa_pam_stack_free(stack);
	return r;
}

void
mfa_pam_stack_free(struct mfa_pam_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		free(stack->handler[i].line.text);
	free(stack->handler);
	memset(stack, 0, sizeof(*stack));
}

void
mfa_pam_where(const struct mfa_pam_handler *handler, char *out, size_t size)
{
	(void)snprintf(out, size, "%s%s:%u",
	    handler->file[0] == '/' ? "" : "/etc/pam.d/", handler->file,
	    handler->number);
}

const char *
mfa_pam_base(const char *module)
{
	const char *slash = strrchr(module, '/');

	return slash != NULL ? slash + 1 : module;
}

bool
mfa_pam_is_ours(const struct mfa_pam_handler *handler)
{
	return handler->line.kind == MFA_PAM_MODULE &&
	    mfa_word_same(mfa_pam_base(handler->line.module), MFA_PAM_OURS);
}

bool
mfa_pam_has_ours(const struct mfa_pam_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++) {
		if (mfa_pam_is_ours(&stack->handler[i]))
			return true;
	}
	return false;
}

const char *
mfa_pam_arg(const struct mfa_pam_handler *handler, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < handler->line.argc; i++) {
		const char *arg = handler->line.args[i];

		if (!mfa_word_begins(arg, name))
			continue;
		if (arg[len] == '\0')
			return arg + len;
		if (arg[len] == '=')
			return arg + len + 1;
	}
	return NULL;
}
