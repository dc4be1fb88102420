/* SPDX-License-Identifier: MIT */
/*
 * The module's arguments once more: the command may not link the module.  That
 * both say the same is a test, tests/unit/test_doctor_args.c.
 */
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "utils/doctor/pam_module.h"
#include "utils/doctor/word.h"

#define SOCKET_MAX 107 /* bytes of sun_path without its NUL */
#define PROMPT_MAX 100

enum value { NONE, TEXT, PATH, RETRY, DIGITS };

static const struct {
	const char *name;
	enum value value;
	bool auth, account;
} known[] = {
	{ "nullok", NONE, true, true },
	{ "debug", NONE, true, true },
	{ "socket", PATH, true, true },
	{ "echo", NONE, true, false },
	{ "retry", RETRY, true, false },
	{ "prompt", TEXT, true, false },
	{ "split", DIGITS, true, false },
	{ "use_split", NONE, true, false },
	{ "enforce", NONE, false, true },
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

static bool
value_is_good(enum value kind, const char *value)
{
	uint64_t n;

	switch (kind) {
	case NONE:
		return true;
	case TEXT:
		return value[0] != '\0' && strlen(value) <= PROMPT_MAX &&
		    mfa_text_printable(value);
	case PATH:
		return value[0] == '/' && strlen(value) <= SOCKET_MAX;
	case RETRY:
		return mfa_num_parse(value, 1, 10, &n) == MFA_OK;
	case DIGITS:
		return mfa_num_parse(value, 6, 8, &n) == MFA_OK;
	}
	return false;
}

/* The row of an argument that may stand here; KNOWN if there is none. */
static size_t
row_of(const char *argument, bool account)
{
	size_t len = strcspn(argument, "=");
	bool valued = argument[len] == '=';

	for (size_t i = 0; i < KNOWN; i++) {
		if (strlen(known[i].name) != len ||
		    !mfa_word_begins(argument, known[i].name))
			continue;
		if (!(account ? known[i].account : known[i].auth) ||
		    valued != (known[i].value != NONE) ||
		    !value_is_good(known[i].value, argument + len + 1))
			return KNOWN;
		return i;
	}
	return KNOWN;
}

/* split, use_split and what asks exclude each other. */
static bool
contradicts(unsigned int seen)
{
	bool asks = (seen & (1U << 3 | 1U << 5)) != 0;
	bool split = (seen & 1U << 6) != 0, use = (seen & 1U << 7) != 0;

	return (split && (use || asks)) || (use && asks);
}

const char *
mfa_pam_bad_argument(const struct mfa_pam_handler *handler)
{
	bool account = handler->line.type == MFA_PAM_ACCOUNT;
	unsigned int seen = 0;

	for (size_t i = 0; i < handler->line.argc; i++) {
		size_t row = row_of(handler->line.args[i], account);

		if (row == KNOWN || (seen & 1U << row) != 0)
			return handler->line.args[i];
		seen |= 1U << row;
		if (contradicts(seen))
			return handler->line.args[i];
	}
	return NULL;
}
