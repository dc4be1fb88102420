/* SPDX-License-Identifier: MIT */
#include "pam_medusa_mfa/args.h"

#include <string.h>
#include <sys/un.h>

#include "lib/base/num.h"
#include "lib/base/text.h"

#define DEFAULT_RETRY 3
#define MAX_RETRY     10

/* One row an argument; take gets NULL for one that has no value. */
struct option {
	const char *name;
	bool valued;
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

static const struct option options[] = {
	{ "nullok", false, take_nullok },
	{ "debug", false, take_debug },
	{ "echo", false, take_echo },
	{ "retry", true, take_retry },
	{ "prompt", true, take_prompt },
	{ "socket", true, take_socket },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

/* Takes one argument and marks its row in seen. */
static bool
take_one(struct mfa_args *args, const char *text, unsigned int *seen)
{
	size_t len = strcspn(text, "=");
	bool valued = text[len] == '=';

	for (size_t i = 0; i < OPTIONS; i++) {
		if (strlen(options[i].name) != len ||
		    strncmp(options[i].name, text, len) != 0)
			continue;
		if (options[i].valued != valued || (*seen & 1U << i) != 0)
			return false;
		*seen |= 1U << i;
		return options[i].take(args, valued ? text + len + 1 : NULL);
	}
	return false;
}

enum mfa_err
mfa_args_parse(int argc, const char *const *argv, struct mfa_args *args,
    int *bad)
{
	struct mfa_args got = { .retry = DEFAULT_RETRY };
	unsigned int seen = 0;

	for (int i = 0; i < argc; i++) {
		if (!take_one(&got, argv[i], &seen)) {
			*bad = i;
			return MFA_ERR_INVALID;
		}
	}
	*args = got;
	return MFA_OK;
}
