/* SPDX-License-Identifier: MIT */
#include "lib/base/err.h"

static const char *const sentences[MFA_ERR_END] = {
	[MFA_OK] = "success",
	[MFA_ERR_MEMORY] = "out of memory",
	[MFA_ERR_INVALID] = "value not allowed here",
	[MFA_ERR_SYNTAX] = "not understood",
	[MFA_ERR_NOT_FOUND] = "no such entry",
	[MFA_ERR_EXISTS] = "it exists already",
	[MFA_ERR_UNSAFE] = "file or directory has an unsafe owner, mode or type",
	[MFA_ERR_IO] = "reading or writing failed",
	[MFA_ERR_READ_ONLY] = "the record store is read-only",
	[MFA_ERR_NO_SPACE] = "no space left in the record store",
	[MFA_ERR_LIMIT] = "a resource limit of the caller is too small",
	[MFA_ERR_BUSY] = "busy, try again",
	[MFA_ERR_TIMEOUT] = "timed out",
	[MFA_ERR_CLOSED] = "the verifier ended the conversation",
	[MFA_ERR_PROTOCOL] = "malformed or misplaced message",
	[MFA_ERR_VERSION] = "module and verifier have no protocol version in common",
	[MFA_ERR_DAMAGED] = "the record is damaged",
	[MFA_ERR_NO_KEY] = "the key is not available",
	[MFA_ERR_FORMAT] = "the record was written by a newer version",
	[MFA_ERR_CONFLICT] = "the record was changed by somebody else",
	[MFA_ERR_OUTCOME_UNKNOWN] = "the outcome of a write is unknown",
	[MFA_ERR_CONFIG] = "the configuration is not valid",
	[MFA_ERR_DENIED] = "not allowed",
	[MFA_ERR_NSS] = "the user database did not answer",
	[MFA_ERR_NO_USER] = "no such user",
	[MFA_ERR_FOREIGN] = "the record belongs to another uid",
	[MFA_ERR_CRYPTO] = "a cryptographic operation failed",
	[MFA_ERR_FULL] = "no room for another factor",
	[MFA_ERR_CLOCK] = "the system clock is not plausible",
	[MFA_ERR_WRONG] = "wrong code",
	[MFA_ERR_REPLAYED] = "code already used, wait for the next",
	[MFA_ERR_LOCKED] = "locked after too many wrong codes",
	[MFA_ERR_UNAVAILABLE] = "the verifier service is not running",
	[MFA_ERR_NETWORK_FS] = "the record store is on a network file system",
	[MFA_ERR_ACCOUNT] = "the service account is missing or not usable",
	[MFA_ERR_UNDELIVERED] = "the code could not be delivered",
	[MFA_ERR_PROGRAM] = "the program of the provider failed",
	[MFA_ERR_TOO_SOON] = "a code was sent a moment ago, wait for it",
	[MFA_ERR_EXPIRED] = "the challenge is over",
	[MFA_ERR_NOT_ENROLLED] = "a second factor is required and none is enrolled",
	[MFA_ERR_NO_REALM] = "no such realm in the configuration",
	[MFA_ERR_PROOF] = "a current code has to be given first",
	[MFA_ERR_INVITATION] = "an administrator's invitation is needed",
	[MFA_ERR_LAST] = "the last factor, and one is required",
};

const char *
mfa_strerror(enum mfa_err err)
{
	if ((unsigned int)err >= MFA_ERR_END)
		return "unknown error";
	return sentences[err];
}
