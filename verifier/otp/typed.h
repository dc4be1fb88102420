/* SPDX-License-Identifier: MIT */
/*
 * What a person typed, recognised by its form (R8, R13).  Pure.
 */
#ifndef MFA_OTP_TYPED_H
#define MFA_OTP_TYPED_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "verifier/crypt/crypt.h"

#define MFA_TYPED_MAX	      128 /* bytes of an answer */
#define MFA_TYPED_RECOVERY    24  /* characters of a recovery code */
#define MFA_TYPED_LABEL	      32  /* characters after "send " at most */
#define MFA_TYPED_RECOVERY_TEXT 30 /* with hyphens and NUL */

enum mfa_typed_form {
	MFA_TYPED_MALFORMED = 0, /* other text: for a program where a provider
				    is one, else a slip: asked again, not
				    charged */
	MFA_TYPED_JUNK = 1,	 /* empty, control or non-ASCII bytes, too long:
				    no person, not asked again */
	MFA_TYPED_DIGITS = 2,	 /* 6 to 8 digits */
	MFA_TYPED_RECOVERY_CODE = 3, /* 24 characters of the alphabet */
	MFA_TYPED_SEND = 4	 /* "send", or "send" and a factor's label */
};

struct mfa_typed {
	enum mfa_typed_form form;
	size_t len; /* of text */
	/* digits without spaces and hyphens; or the recovery code folded to
	   upper case Crockford base32 (O to 0; I and L to 1); or the label
	   after "send", perhaps empty; or (MALFORMED) the answer as typed,
	   without blanks around it.  NUL-terminated */
	char text[MFA_TYPED_MAX + 1];
};

/*
 * Recognises an answer.  Spaces, tabs and hyphens are dropped, a trailing CR
 * or LF too.  "send" is known in any case, its label as typed in lower case.
 * sshd's filler (\b\n\r\177INCORRECT) is JUNK.
 *
 * answer: len bytes, not NUL-terminated
 * out:    caller wipes it with mfa_typed_wipe
 */
void mfa_typed_parse(const uint8_t *answer, size_t len, struct mfa_typed *out);
void mfa_typed_wipe(struct mfa_typed *typed);

/*
 * Writes 15 random bytes as a recovery code, XXXX-XXXX-XXXX-XXXX-XXXX-XXXX
 * (Crockford base32, 120 bits, R13).
 */
void mfa_typed_recovery_format(const uint8_t bytes[15],
    char out[MFA_TYPED_RECOVERY_TEXT]);

#endif
