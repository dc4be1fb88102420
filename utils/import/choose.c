/* SPDX-License-Identifier: MIT */
#include "utils/import/choose.h"

#include <string.h>

#include "utils/import/found.h"

struct census {
	const char *user;
	char first[sizeof(((struct mfa_import_found *)NULL)->user)];
	size_t keys;
	size_t own;   /* that name the user */
	bool several; /* not all of one name */
};

static void
count(struct census *census, const struct mfa_import_found *found)
{
	if (strcmp(found->user, census->user) == 0)
		census->own++;
	if (census->keys++ == 0)
		memcpy(census->first, found->user, sizeof(census->first));
	else if (found->user[0] == '\0' ||
	    strcmp(found->user, census->first) != 0)
		census->several = true;
}

enum mfa_import_choice
mfa_import_choose(const char *user, const char *text, size_t len)
{
	struct census census = { .user = user };
	struct mfa_import_found found;
	size_t line;

	for (size_t at = 0; at < len; at += line + 1) {
		const char *end = memchr(text + at, '\n', len - at);

		line = end != NULL ? (size_t)(end - text) - at : len - at;
		if (mfa_import_otpauth(text + at, line, &found) == MFA_OK)
			count(&census, &found);
		mfa_import_wipe(&found);
	}
	if (!census.several)
		return MFA_CHOICE_ALL;
	return census.own != 0 ? MFA_CHOICE_OWN : MFA_CHOICE_NONE;
}
