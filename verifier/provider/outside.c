/* SPDX-License-Identifier: MIT */
/* MUST list: outside.h. */
#include "verifier/provider/outside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/provider/common.h"

#define OUTSIDE	  mfa_record_Provider_PROVIDER_OUTSIDE
#define SETUP_MAX 160
#define HEX_MAX	  (2 * MFA_PROVIDER_KEEP)
/* Head, names and a number of 20 digits are less than 80. */
_Static_assert(MFA_OUTSIDE_INPUT > 80 + HEX_MAX + SETUP_MAX, "enroll fits");
_Static_assert(MFA_OUTSIDE_INPUT > 80 + HEX_MAX + MFA_TYPED_MAX, "check fits");

/* ---- what is said ---- */

static void
put(char *out, size_t *len, const char *text)
{
	const size_t n = strlen(text);

	memcpy(out + *len, text, n);
	*len += n;
}

static void
put_head(char *out, size_t *len, const char *operation, uint64_t wall)
{
	char number[21];

	(void)snprintf(number, sizeof(number), "%" PRIu64, wall);
	*len = 0;
	put(out, len, "medusa-mfa-provider 1\noperation: ");
	put(out, len, operation);
	put(out, len, "\ntime: ");
	put(out, len, number);
	put(out, len, "\n");
}

void
mfa_outside_ask_check(const mfa_record_Factor *factor,
    const struct mfa_check *what, char *out, size_t *len)
{
	char hex[HEX_MAX + 1];

	put_head(out, len, "check", what->wall);
	mfa_num_hex(factor->secret.bytes, factor->secret.size, hex);
	put(out, len, "kept: ");
	put(out, len, hex);
	put(out, len, "\nanswer: ");
	put(out, len, what->typed->text);
	put(out, len, "\n");
	mfa_crypt_wipe(hex, sizeof(hex));
}

enum mfa_err
mfa_outside_ask_enroll(const char *setup, uint64_t wall, char *out,
    size_t *len)
{
	if (strlen(setup) > SETUP_MAX || !mfa_text_printable(setup))
		return MFA_ERR_INVALID;
	put_head(out, len, "enroll", wall);
	put(out, len, "setup: ");
	put(out, len, setup);
	put(out, len, "\n");
	return MFA_OK;
}

/* ---- what is understood ---- */

struct reply {
	const uint8_t *p; /* what is left of it */
	size_t left;
	bool accept;
	size_t kept; /* bytes; 0: nothing was said */
	uint8_t bytes[MFA_PROVIDER_KEEP];
};

/* Goes past a text if the rest begins with it. */
static bool
take(struct reply *reply, const char *text)
{
	const size_t len = strlen(text);

	if (reply->left < len || memcmp(reply->p, text, len) != 0)
		return false;
	reply->p += len;
	reply->left -= len;
	return true;
}

/* Hexadecimal digits and the end of their line. */
static bool
take_kept(struct reply *reply)
{
	char hex[HEX_MAX + 1];
	const uint8_t *end = memchr(reply->p, '\n', reply->left);
	size_t len;
	bool ok;

	if (end == NULL)
		return false;
	len = (size_t)(end - reply->p);
	if (len < 2 || len > HEX_MAX || len % 2 != 0)
		return false;
	memcpy(hex, reply->p, len);
	hex[len] = '\0';
	ok = mfa_num_unhex(hex, reply->bytes, len / 2) == MFA_OK;
	mfa_crypt_wipe(hex, sizeof(hex));
	reply->kept = len / 2;
	reply->p += len + 1;
	reply->left -= len + 1;
	return ok;
}

/* The whole of it, or nothing. */
static bool
understand(const uint8_t *bytes, size_t len, struct reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	reply->p = bytes;
	reply->left = len;
	if (len > MFA_OUTSIDE_OUTPUT)
		return false;
	if (take(reply, "verdict: accept\n")) {
		reply->accept = true;
		if (take(reply, "kept: ") && !take_kept(reply))
			return false;
	} else if (!take(reply, "verdict: refuse\n")) {
		return false;
	}
	return reply->left == 0;
}

/* ---- what is remembered ---- */

static enum mfa_err
hash_of(const char *label, struct mfa_crypt_part whose,
    struct mfa_crypt_part what, uint64_t *out)
{
	const struct mfa_crypt_part parts[] = {
		{ label, strlen(label) },
		whose,
		what,
	};
	uint8_t hash[MFA_CRYPT_HASH];
	enum mfa_err r;

	r = mfa_crypt_hash(NULL, parts, 3, hash, sizeof(hash));
	if (r == MFA_OK)
		*out = mfa_num_get64(hash);
	return r;
}

/*
 * Of the provider, not of the factor: what it accepted stays used when a factor
 * is disabled and enrolled anew.
 */
static enum mfa_err
hash_answer(const mfa_record_Factor *factor, const struct mfa_typed *typed,
    uint64_t *out)
{
	return hash_of("medusa-mfa/outside-answer/v1",
	    (struct mfa_crypt_part){ factor->program,
		strlen(factor->program) },
	    (struct mfa_crypt_part){ typed->text, typed->len }, out);
}

static enum mfa_err
hash_kept(const mfa_record_Factor *factor, uint64_t *out)
{
	return hash_of("medusa-mfa/outside-kept/v1",
	    (struct mfa_crypt_part){ factor->id, sizeof(factor->id) },
	    (struct mfa_crypt_part){ factor->secret.bytes,
		factor->secret.size },
	    out);
}

static bool
remembers(const mfa_record_Record *record, uint64_t answer)
{
	bool found = false;

	for (pb_size_t i = 0; i < record->accepted_count; i++)
		found |= record->accepted[i] == answer;
	return found;
}

static void
remember(mfa_record_Record *record, uint64_t answer)
{
	const pb_size_t max = sizeof(record->accepted) /
	    sizeof(record->accepted[0]);

	if (record->accepted_count < max)
		record->accepted_count++;
	memmove(record->accepted + 1, record->accepted,
	    (record->accepted_count - 1U) * sizeof(record->accepted[0]));
	record->accepted[0] = answer;
}

bool
mfa_outside_was_accepted(const mfa_record_Record *record,
    const mfa_record_Factor *factor, const struct mfa_typed *typed)
{
	uint64_t answer = 0;

	return hash_answer(factor, typed, &answer) != MFA_OK ||
	    remembers(record, answer);
}

/* ---- replies ---- */

enum mfa_err
mfa_outside_read_check(const mfa_record_Factor *factor,
    const struct mfa_typed *typed, const uint8_t *bytes, size_t len,
    struct mfa_effect *effect)
{
	struct mfa_effect use = { .kind = MFA_EFFECT_USE };
	struct reply reply;
	enum mfa_err r = MFA_OK;

	memset(effect, 0, sizeof(*effect));
	if (!understand(bytes, len, &reply))
		r = MFA_ERR_PROGRAM;
	if (r != MFA_OK || !reply.accept)
		goto out;
	if ((r = hash_answer(factor, typed, &use.accepted)) != MFA_OK ||
	    (r = hash_kept(factor, &use.step)) != MFA_OK)
		goto out;
	if (reply.kept == 0) {
		reply.kept = factor->secret.size;
		memcpy(reply.bytes, factor->secret.bytes, reply.kept);
	}
	use.keep.size = (uint32_t)reply.kept;
	memcpy(use.keep.bytes, reply.bytes, reply.kept);
	*effect = use;
out:
	mfa_crypt_wipe(&reply, sizeof(reply));
	mfa_crypt_wipe(&use, sizeof(use));
	return r;
}

enum mfa_err
mfa_outside_read_enroll(const char *name, const uint8_t *bytes, size_t len,
    mfa_record_Factor *factor)
{
	char program[sizeof(factor->program)];
	struct reply reply;
	enum mfa_err r = MFA_OK;

	if (!understand(bytes, len, &reply) ||
	    (reply.accept && reply.kept == 0))
		r = MFA_ERR_PROGRAM;
	else if (!reply.accept || !mfa_text_is_label(name) ||
	    !mfa_text_copy(program, sizeof(program), name))
		r = MFA_ERR_INVALID;
	if (r == MFA_OK) {
		factor->provider = OUTSIDE;
		factor->algorithm = mfa_record_Algorithm_ALGORITHM_NONE;
		factor->digits = 0;
		factor->period = 0;
		memcpy(factor->program, program, sizeof(program));
		memcpy(factor->secret.bytes, reply.bytes, reply.kept);
		factor->secret.size = (pb_size_t)reply.kept;
	}
	mfa_crypt_wipe(&reply, sizeof(reply));
	return r;
}

/* ---- the provider ---- */

static enum mfa_err
ready(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what)
{
	(void)record;
	if (factor == NULL || factor->provider != OUTSIDE)
		return MFA_ERR_SYNTAX;
	return what->typed->form == MFA_TYPED_DIGITS ||
	    what->typed->form == MFA_TYPED_MALFORMED ?
	    MFA_OK :
	    MFA_ERR_SYNTAX;
}

static enum mfa_err
apply(mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_effect *effect, uint64_t wall)
{
	uint64_t asked = 0;
	enum mfa_err r;

	if ((r = hash_kept(factor, &asked)) != MFA_OK)
		return r;
	/* The program knew other bytes: somebody else's login changed them. */
	if (effect->kind != MFA_EFFECT_USE || effect->step != asked ||
	    remembers(record, effect->accepted))
		return MFA_ERR_REPLAYED;
	if (effect->keep.size < 1 || effect->keep.size > MFA_PROVIDER_KEEP)
		return MFA_ERR_INVALID;
	memcpy(factor->secret.bytes, effect->keep.bytes, effect->keep.size);
	factor->secret.size = (pb_size_t)effect->keep.size;
	remember(record, effect->accepted);
	mfa_provider_used(factor, wall);
	return MFA_OK;
}

const struct mfa_provider mfa_provider_outside = {
	.name = "outside",
	.number = OUTSIDE,
	.ready = ready,
	.apply = apply,
};
