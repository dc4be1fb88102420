/* SPDX-License-Identifier: MIT */
#include "pam_medusa_mfa/args.h"

#include <string.h>
#include <sys/un.h>

#include "lib/base/num.h"
#include "lib/base/text.h"

#define DEFAULT_RETRY 3
#define MAX_RETRY     10
#define MIN_SPLIT     6
#define MAX_SPLIT     8

/* One row an argument; take gets NULL for one that has no value. */
struct option {
	const char *name;
	bool valued;
	unsigned int lines; /* enum mfa_args_line */
	bool (*take)(struct mfa_args *args, const char *value);
};

static bool
take_nullok(struct mfa_args *args, const char *value)
{
	(void)value;
	return args->nullok = true;
}

static bool
take_debug(struct mfa_args *args, const char *value)
{
	(void)value;
	return args->debug = true;
}

static bool
take_echo(struct mfa_args *args, const char *value)
{
	(void)value;
	return args->echo = true;
}

static bool
take_enforce(struct mfa_args *args, const char *value)
{
	(void)value;
	return args->enforce = true;
}

static bool
take_use_split(struct mfa_args *args, const char *value)
{
	(void)value;
	return args->use_split = true;
}

static bool
take_split(struct mfa_args *args, const char *value)
{
	uint64_t n;

	if (mfa_num_parse(value, MIN_SPLIT, MAX_SPLIT, &n) != MFA_OK)
		return false;
	args->split = (uint32_t)n;
	return true;
}

static bool
take_retry(struct mfa_args *args, const char *value)
{
	uint64_t n;

	if (mfa_num_parse(value, 1, MAX_RETRY, &n) != MFA_OK)
		return false;
	args->retry = (uint32_t)n;
	return true;
}

/* What is typed must not touch the text: a blank left out is added. */
static bool
take_prompt(struct mfa_args *args, const char *value)
{
	size_t len = strlen(value);

	if (len < 1 || len > MFA_ARGS_PROMPT_MAX || !mfa_text_printable(value))
		return false;
	memcpy(args->prompt, value, len);
	if (value[len - 1] != ' ')
		args->prompt[len++] = ' ';
	args->prompt[len] = '\0';
	return true;
}

static bool
take_socket(struct mfa_args *args, const char *value)
{
	const struct sockaddr_un *address = NULL;

	args->socket = value;
	return value[0] == '/' && strlen(value) < sizeof(address->sun_path);
}

#define AUTH MFA_ARGS_AUTH
#define BOTH (MFA_ARGS_AUTH | MFA_ARGS_ACCOUNT)

static const struct option options[] = {
	{ "nullok", false, BOTH, take_nullok },
	{ "debug", false, BOTH, take_debug },
	{ "socket", true, BOTH, take_socket },
	{ "echo", false, AUTH, take_echo },
	{ "retry", true, AUTH, take_retry },
	{ "prompt", true, AUTH, take_prompt },
	{ "split", true, AUTH, take_split },
	{ "use_split", false, AUTH, take_use_split },
	{ "enforce", false, MFA_ARGS_ACCOUNT, take_enforce },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

/* Takes one argument and marks its row in seen. */
static bool
take_one(enum mfa_args_line line, struct mfa_args *args, const char *text,
    unsigned int *seen)
{
	size_t len = strcspn(text, "=");
	bool valued = text[len] == '=';

	for (size_t i = 0; i < OPTIONS; i++) {
		if (strlen(options[i].name) != len ||
		    strncmp(options[i].name, text, len) != 0)
			continue;
		if ((options[i].lines & line) == 0 ||
		    options[i].valued != valued || (*seen & 1U << i) != 0)
			return false;
		*seen |= 1U << i;
		return options[i].take(args, valued ? text + len + 1 : NULL);
	}
	return false;
}

/* Who takes a code off, or uses one, asks nobody for a code. */
static bool
contradicts(const struct mfa_args *args)
{
	bool asks = args->echo || args->prompt[0] != '\0';

	if (args->split != 0)
		return args->use_split || asks;
	return args->use_split && asks;
}

enum mfa_err
mfa_args_parse(enum mfa_args_line line, int argc, const char *const *argv,
    struct mfa_args *args, int *bad)
{
	struct mfa_args got = { .retry = DEFAULT_RETRY };
	unsigned int seen = 0;

	for (int i = 0; i < argc; i++) {
		if (!take_one(line, &got, argv[i], &seen) ||
		    contradicts(&got)) {
			*bad = i;
			return MFA_ERR_INVALID;
		}
	}
	if (got.use_split)
		got.retry = 1;
	*args = got;
	return MFA_OK;
}
