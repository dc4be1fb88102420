/* SPDX-License-Identifier: MIT */
/*
 * Arguments of the module's line: the first byte says which line it is (bit
 * 0: account), the rest are arguments, a line each.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "pam_medusa_mfa/args.h"

#define COUNT 12
#define SIZE  160

struct words {
	char text[COUNT][SIZE];
	const char *argv[COUNT];
	int argc;
};

static void
add(struct words *w, const char *name, const char *value)
{
	(void)snprintf(w->text[w->argc], SIZE, "%s%s", name, value);
	w->argv[w->argc] = w->text[w->argc];
	w->argc++;
}

static void
add_number(struct words *w, const char *name, uint32_t number)
{
	char text[12];

	(void)snprintf(text, sizeof(text), "%u", number);
	add(w, name, text);
}

/* The line that means these arguments. */
static void
write_down(enum mfa_args_line line, const struct mfa_args *args,
    struct words *w)
{
	w->argc = 0;
	if (args->nullok)
		add(w, "nullok", "");
	if (args->debug)
		add(w, "debug", "");
	if (args->echo)
		add(w, "echo", "");
	if (args->enforce)
		add(w, "enforce", "");
	if (args->use_split)
		add(w, "use_split", "");
	if (args->split != 0)
		add_number(w, "split=", args->split);
	if (line == MFA_ARGS_AUTH)
		add_number(w, "retry=", args->retry);
	if (args->socket != NULL)
		add(w, "socket=", args->socket);
	if (args->prompt[0] != '\0')
		add(w, "prompt=", args->prompt);
	/* The blank that was added may be one too many, and is again. */
	if (strlen(args->prompt) > MFA_ARGS_PROMPT_MAX)
		w->text[w->argc - 1][strlen(w->argv[w->argc - 1]) - 1] = '\0';
}

static void
look_at(enum mfa_args_line line, const struct mfa_args *args)
{
	FUZZ_WANT(args->retry >= 1 && args->retry <= 10);
	FUZZ_WANT(args->split == 0 || (args->split >= 6 && args->split <= 8));
	FUZZ_WANT(!args->use_split || args->retry == 1);
	FUZZ_WANT(args->split == 0 || !args->use_split);
	FUZZ_WANT(!(args->echo || args->prompt[0] != '\0') ||
	    (args->split == 0 && !args->use_split));
	FUZZ_WANT(fuzz_ends(args->prompt, sizeof(args->prompt)));
	FUZZ_WANT(args->prompt[0] == '\0' ||
	    args->prompt[strlen(args->prompt) - 1] == ' ');
	FUZZ_WANT(args->socket == NULL || args->socket[0] == '/');
	if (line == MFA_ARGS_AUTH)
		FUZZ_WANT(!args->enforce);
	else
		FUZZ_WANT(!args->echo && !args->use_split &&
		    args->split == 0 && args->prompt[0] == '\0');
}

/* R3: nothing stands twice. */
static void
look_at_words(const struct words *w)
{
	for (int i = 0; i < w->argc; i++) {
		size_t len = strcspn(w->argv[i], "=");

		for (int j = 0; j < i; j++)
			FUZZ_WANT(strcspn(w->argv[j], "=") != len ||
			    strncmp(w->argv[i], w->argv[j], len) != 0);
	}
}

static void
same(const struct mfa_args *a, const struct mfa_args *b)
{
	FUZZ_WANT(a->nullok == b->nullok && a->debug == b->debug &&
	    a->echo == b->echo && a->enforce == b->enforce &&
	    a->use_split == b->use_split && a->split == b->split &&
	    a->retry == b->retry && strcmp(a->prompt, b->prompt) == 0);
	FUZZ_WANT((a->socket == NULL) == (b->socket == NULL));
	FUZZ_WANT(a->socket == NULL || strcmp(a->socket, b->socket) == 0);
}

static void
run(const uint8_t *data, size_t size)
{
	static struct words words, canonical;
	struct fuzz_in in = { data, size };
	enum mfa_args_line line = (fuzz_byte(&in) & 1) != 0 ?
	    MFA_ARGS_ACCOUNT : MFA_ARGS_AUTH;
	struct mfa_args args, again;
	int bad = -1;

	for (words.argc = 0; in.left != 0 && words.argc < COUNT; words.argc++) {
		words.argv[words.argc] = words.text[words.argc];
		fuzz_line(&in, words.text[words.argc], SIZE);
	}
	memset(&args, 0xa5, sizeof(args));
	if (mfa_args_parse(line, words.argc, words.argv, &args, &bad) !=
	    MFA_OK) {
		FUZZ_WANT(bad >= 0 && bad < words.argc);
		FUZZ_WANT(fuzz_all(&args, sizeof(args), 0xa5));
		/* What is before the bad one is good. */
		FUZZ_WANT(mfa_args_parse(line, bad, words.argv, &args, &bad) ==
		    MFA_OK);
		return;
	}
	FUZZ_WANT(bad == -1);
	look_at(line, &args);
	look_at_words(&words);
	write_down(line, &args, &canonical);
	FUZZ_WANT(mfa_args_parse(line, canonical.argc, canonical.argv, &again,
	    &bad) == MFA_OK);
	if (args.use_split)
		FUZZ_WANT(again.retry == 1);
	same(&args, &again);
}

const struct fuzz_target fuzz_args = { "args",
	"R3 arguments are known, once, in bounds and free of contradiction",
	NULL, run, NULL, 0, 0 };
