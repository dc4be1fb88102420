/* SPDX-License-Identifier: MIT */
/* Handles, and what public and internal numbers have in common. */
#include "lib/client/sdk.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"

#define TIMEOUT_MIN	100
#define TIMEOUT_MAX	600000
/* More than a verifier takes for a request (R28), delivery included. */
#define TIMEOUT_DEFAULT 25000

#define SAME(public, internal)                                    \
	_Static_assert((int)MFA_##public == (int)MFA_##internal, \
	    "the numbers of the library are those of err.h")
#define SAME_ERROR(name) SAME(ERROR_##name, ERR_##name)
SAME(ERROR_NONE, OK);
SAME_ERROR(MEMORY);
SAME_ERROR(INVALID);
SAME_ERROR(SYNTAX);
SAME_ERROR(NOT_FOUND);
SAME_ERROR(EXISTS);
SAME_ERROR(UNSAFE);
SAME_ERROR(IO);
SAME_ERROR(READ_ONLY);
SAME_ERROR(NO_SPACE);
SAME_ERROR(LIMIT);
SAME_ERROR(BUSY);
SAME_ERROR(TIMEOUT);
SAME_ERROR(CLOSED);
SAME_ERROR(PROTOCOL);
SAME_ERROR(VERSION);
SAME_ERROR(DAMAGED);
SAME_ERROR(NO_KEY);
SAME_ERROR(FORMAT);
SAME_ERROR(CONFLICT);
SAME_ERROR(OUTCOME_UNKNOWN);
SAME_ERROR(CONFIG);
SAME_ERROR(DENIED);
SAME_ERROR(NSS);
SAME_ERROR(NO_USER);
SAME_ERROR(FOREIGN);
SAME_ERROR(CRYPTO);
SAME_ERROR(FULL);
SAME_ERROR(CLOCK);
SAME_ERROR(WRONG);
SAME_ERROR(REPLAYED);
SAME_ERROR(LOCKED);
SAME_ERROR(UNAVAILABLE);
SAME_ERROR(NETWORK_FS);
SAME_ERROR(ACCOUNT);
SAME_ERROR(UNDELIVERED);
SAME_ERROR(PROGRAM);
SAME_ERROR(TOO_SOON);
SAME_ERROR(EXPIRED);
SAME_ERROR(NOT_ENROLLED);
SAME_ERROR(NO_REALM);
SAME_ERROR(PROOF);
SAME_ERROR(INVITATION);
SAME_ERROR(LAST);
_Static_assert((int)MFA_ERR_END == (int)MFA_ERROR_LAST + 1,
    "every error of err.h is in the public header");

const char *
mfa_error_text(enum mfa_error error)
{
	return mfa_strerror((enum mfa_err)error);
}

enum mfa_error
mfa_open(const char *realm, struct mfa **out)
{
	struct mfa *mfa;

	if (out == NULL)
		return MFA_ERROR_INVALID;
	*out = NULL;
	if (realm != NULL && realm[0] != '\0' && !mfa_text_is_label(realm))
		return MFA_ERROR_INVALID;
	if ((mfa = calloc(1, sizeof(*mfa))) == NULL)
		return MFA_ERROR_MEMORY;
	mfa->timeout = TIMEOUT_DEFAULT;
	/* A label always fits. */
	(void)mfa_text_copy(mfa->realm, sizeof(mfa->realm),
	    realm != NULL ? realm : "");
	*out = mfa;
	return MFA_ERROR_NONE;
}

void
mfa_close(struct mfa *mfa)
{
	free(mfa);
}

enum mfa_error
mfa_set_timeout(struct mfa *mfa, uint32_t milliseconds)
{
	if (mfa == NULL || milliseconds < TIMEOUT_MIN ||
	    milliseconds > TIMEOUT_MAX)
		return MFA_ERROR_INVALID;
	mfa->timeout = milliseconds;
	return MFA_ERROR_NONE;
}

enum mfa_error
mfa_set_socket(struct mfa *mfa, const char *path)
{
	if (mfa == NULL || path == NULL || path[0] != '/' ||
	    strlen(path) >= sizeof(mfa->socket))
		return MFA_ERROR_INVALID;
	(void)mfa_text_copy(mfa->socket, sizeof(mfa->socket), path);
	return MFA_ERROR_NONE;
}

void
mfa_wipe(void *object, size_t size)
{
	if (object != NULL)
		mfa_secret_wipe(object, size);
}
