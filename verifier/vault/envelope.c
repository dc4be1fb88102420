/* SPDX-License-Identifier: MIT */
/* Layout and MUST list: envelope.h. */
#include "verifier/vault/envelope.h"

#include <string.h>

#include "lib/base/num.h"

#define AT_FORMAT     8
#define AT_KEY_ID     12
#define AT_STORE_ID   20
#define AT_SLOT	      36
#define AT_SEQUENCE   40
#define AT_NONCE      48
#define AT_COMMITMENT 72

static const char magic[8] = { 'M', 'F', 'A', 'R', 'E', 'C', 'R', 'D' };

/* What is authenticated besides the text, built on the stack: no secret. */
struct associated {
	uint8_t bytes[AT_NONCE + 2 * 4 + 32 + 256];
	size_t len;
};

static size_t
append(uint8_t *to, const char *text)
{
	size_t len = strlen(text);

	mfa_num_put32(to, (uint32_t)len);
	memcpy(to + 4, text, len);
	return 4 + len;
}

static enum mfa_err
associate(const uint8_t *slot, const struct mfa_binding *binding,
    struct associated *out)
{
	if (strlen(binding->realm) > 32 || strlen(binding->id) > 256)
		return MFA_ERR_INVALID;
	memcpy(out->bytes, slot, AT_NONCE);
	out->len = AT_NONCE;
	out->len += append(out->bytes + out->len, binding->realm);
	out->len += append(out->bytes + out->len, binding->id);
	return MFA_OK;
}

static enum mfa_err
record_key(const struct mfa_key *key, const struct mfa_binding *binding,
    uint8_t out[MFA_CRYPT_KEY])
{
	static const char label[] = "medusa-mfa/record/v1";
	const struct mfa_crypt_part parts[] = {
		{ label, sizeof(label) - 1 },
		{ binding->store_id, MFA_STORE_ID },
		{ binding->realm, strlen(binding->realm) },
		{ binding->id, strlen(binding->id) },
	};

	return mfa_crypt_hash(key->bytes, parts, 4, out, MFA_CRYPT_KEY);
}

static enum mfa_err
commitment(const uint8_t *subkey, const uint8_t *nonce, uint8_t *out)
{
	const struct mfa_crypt_part parts[] = {
		{ "commit", 6 },
		{ nonce, MFA_CRYPT_NONCE },
	};

	return mfa_crypt_hash(subkey, parts, 2, out, MFA_CRYPT_HASH);
}

static enum mfa_err
make_nonce(const struct mfa_env *env, const uint8_t *subkey,
    const uint8_t *slot, uint8_t *out)
{
	uint8_t fresh[32];
	const struct mfa_crypt_part parts[] = {
		{ "nonce", 5 },
		{ fresh, sizeof(fresh) },
		{ slot + AT_SEQUENCE, 8 },
		{ slot + MFA_SLOT_HEADER, MFA_SLOT_TEXT },
	};

	env->random(env, fresh, sizeof(fresh));
	return mfa_crypt_hash(subkey, parts, 4, out, MFA_CRYPT_NONCE);
}

enum mfa_err
mfa_envelope_header(const uint8_t *slot, struct mfa_slot_header *out)
{
	uint32_t format;

	if (memcmp(slot, magic, sizeof(magic)) != 0)
		return MFA_ERR_DAMAGED;
	format = mfa_num_get32(slot + AT_FORMAT);
	if (format > MFA_FORMAT)
		return MFA_ERR_FORMAT;
	if (format == 0 || slot[AT_SLOT + 1] != 0 || slot[AT_SLOT + 2] != 0 ||
	    slot[AT_SLOT + 3] != 0)
		return MFA_ERR_DAMAGED;
	out->format = format;
	memcpy(out->key_id, slot + AT_KEY_ID, MFA_KEY_ID);
	memcpy(out->store_id, slot + AT_STORE_ID, MFA_STORE_ID);
	out->slot = slot[AT_SLOT];
	out->sequence = mfa_num_get64(slot + AT_SEQUENCE);
	return MFA_OK;
}

static void
put_header(const struct mfa_seal *how, uint8_t *slot)
{
	memset(slot, 0, MFA_SLOT_HEADER);
	memcpy(slot, magic, sizeof(magic));
	mfa_num_put32(slot + AT_FORMAT, MFA_FORMAT);
	memcpy(slot + AT_KEY_ID, how->key->id, MFA_KEY_ID);
	memcpy(slot + AT_STORE_ID, how->binding.store_id, MFA_STORE_ID);
	slot[AT_SLOT] = how->index;
	mfa_num_put64(slot + AT_SEQUENCE, how->sequence);
}

enum mfa_err
mfa_envelope_seal(const struct mfa_env *env, const struct mfa_seal *how,
    const uint8_t *text, size_t len, uint8_t *slot)
{
	uint8_t subkey[MFA_CRYPT_KEY];
	uint8_t *body = slot + MFA_SLOT_HEADER;
	struct associated ad;
	enum mfa_err r;

	if (how->sequence == 0 || how->sequence == UINT64_MAX ||
	    len > MFA_SLOT_PLAIN)
		return MFA_ERR_INVALID;
	put_header(how, slot);
	mfa_num_put32(body, (uint32_t)len);
	memcpy(body + 4, text, len);
	memset(body + 4 + len, 0, MFA_SLOT_TEXT - 4 - len);
	if ((r = record_key(how->key, &how->binding, subkey)) != MFA_OK ||
	    (r = make_nonce(env, subkey, slot, slot + AT_NONCE)) != MFA_OK ||
	    (r = commitment(subkey, slot + AT_NONCE, slot + AT_COMMITMENT)) !=
		MFA_OK ||
	    (r = associate(slot, &how->binding, &ad)) != MFA_OK)
		goto out;
	r = mfa_crypt_seal(subkey, slot + AT_NONCE,
	    (struct mfa_crypt_part){ ad.bytes, ad.len }, body, MFA_SLOT_TEXT);
out:
	mfa_crypt_wipe(subkey, sizeof(subkey));
	if (r != MFA_OK)
		mfa_crypt_wipe(slot, MFA_SLOT);
	return r;
}

/* The header must say what we know from elsewhere. */
static enum mfa_err
check_header(const struct mfa_key *key, const struct mfa_binding *binding,
    uint8_t index, const uint8_t *slot)
{
	struct mfa_slot_header header;
	enum mfa_err r;

	if ((r = mfa_envelope_header(slot, &header)) != MFA_OK)
		return r;
	if (memcmp(header.key_id, key->id, MFA_KEY_ID) != 0)
		return MFA_ERR_NO_KEY;
	if (header.slot != index || header.sequence == 0 ||
	    memcmp(header.store_id, binding->store_id, MFA_STORE_ID) != 0)
		return MFA_ERR_DAMAGED;
	return MFA_OK;
}

static enum mfa_err
open_body(const uint8_t *subkey, const struct mfa_binding *binding,
    const uint8_t *slot, uint8_t *work)
{
	uint8_t expected[MFA_CRYPT_HASH];
	struct associated ad;
	enum mfa_err r;

	if ((r = commitment(subkey, slot + AT_NONCE, expected)) != MFA_OK)
		return r;
	if (!mfa_crypt_equal(expected, slot + AT_COMMITMENT, sizeof(expected)))
		return MFA_ERR_DAMAGED;
	if ((r = associate(slot, binding, &ad)) != MFA_OK)
		return r;
	memcpy(work, slot + MFA_SLOT_HEADER, MFA_SLOT_TEXT + MFA_CRYPT_TAG);
	return mfa_crypt_open(subkey, slot + AT_NONCE,
	    (struct mfa_crypt_part){ ad.bytes, ad.len }, work, MFA_SLOT_TEXT);
}

enum mfa_err
mfa_envelope_open(const struct mfa_key *key, struct mfa_binding binding,
    uint8_t index, const uint8_t *slot, uint8_t *text, size_t *len)
{
	uint8_t subkey[MFA_CRYPT_KEY];
	uint32_t inner;
	enum mfa_err r;

	if ((r = check_header(key, &binding, index, slot)) != MFA_OK)
		goto out;
	if ((r = record_key(key, &binding, subkey)) != MFA_OK)
		goto out;
	if ((r = open_body(subkey, &binding, slot, text)) != MFA_OK)
		goto out;
	inner = mfa_num_get32(text);
	if (inner > MFA_SLOT_PLAIN) {
		r = MFA_ERR_DAMAGED;
		goto out;
	}
	memmove(text, text + 4, inner);
	*len = inner;
out:
	mfa_crypt_wipe(subkey, sizeof(subkey));
	if (r != MFA_OK)
		mfa_crypt_wipe(text, MFA_SLOT_WORK);
	return r;
}
