/* SPDX-License-Identifier: MIT */
/*
 * Everything of crypt.h but HMAC, by libsodium.
 *
 * libsodium answers an impossible length with abort(): each function here
 * refuses such a length first.
 */
#include "verifier/crypt/crypt.h"

#include <string.h>

#include <sodium.h>

#include "lib/base/num.h"

/*
 * The block counter has 32 bits (RFC 8439 section 2.3); libsodium's own limit
 * for XChaCha20 does not say so.
 */
#define LONGEST crypto_aead_chacha20poly1305_ietf_MESSAGEBYTES_MAX

#define BELOW 2048 /* bytes of stack that a hash is computed in, and more */

_Static_assert(MFA_CRYPT_KEY ==
	crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(MFA_CRYPT_NONCE ==
	crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(MFA_CRYPT_TAG ==
	crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(MFA_CRYPT_KEY == crypto_generichash_KEYBYTES, "hash key");
_Static_assert(MFA_CRYPT_HASH == crypto_generichash_BYTES, "hash");

enum mfa_err
mfa_crypt_init(void)
{
	return sodium_init() < 0 ? MFA_ERR_CRYPTO : MFA_OK;
}

static bool
add_part(crypto_generichash_state *state, const struct mfa_crypt_part *part)
{
	uint8_t len[8];

	mfa_num_put64(len, part->len);
	return crypto_generichash_update(state, len, sizeof(len)) == 0 &&
	    crypto_generichash_update(state, part->p, part->len) == 0;
}

/*
 * libsodium leaves the hash itself in a frame that is over; whatever is called
 * next from here has its frame in that place.
 */
static __attribute__((noinline)) void
wipe_below(void)
{
	uint8_t below[BELOW];

	sodium_memzero(below, sizeof(below));
}

enum mfa_err
mfa_crypt_hash(const uint8_t *key, const struct mfa_crypt_part *parts, size_t n,
    uint8_t *out, size_t outlen)
{
	crypto_generichash_state state;
	uint8_t hash[MFA_CRYPT_HASH];
	bool fine;

	if (outlen < crypto_generichash_BYTES_MIN || outlen > MFA_CRYPT_HASH)
		return MFA_ERR_INVALID;
	fine = crypto_generichash_init(&state, key,
	    key == NULL ? 0 : MFA_CRYPT_KEY, outlen) == 0;
	for (size_t i = 0; i < n && fine; i++)
		fine = add_part(&state, &parts[i]);
	fine = fine && crypto_generichash_final(&state, hash, outlen) == 0;
	if (fine)
		memcpy(out, hash, outlen);
	sodium_memzero(&state, sizeof(state));
	sodium_memzero(hash, sizeof(hash));
	wipe_below();
	return fine ? MFA_OK : MFA_ERR_CRYPTO;
}

enum mfa_err
mfa_crypt_seal(const uint8_t key[MFA_CRYPT_KEY],
    const uint8_t nonce[MFA_CRYPT_NONCE], struct mfa_crypt_part ad,
    uint8_t *text, size_t len)
{
	if (len > LONGEST)
		return MFA_ERR_INVALID;
	if (crypto_aead_xchacha20poly1305_ietf_encrypt(text, NULL, text, len,
	    ad.p, ad.len, NULL, nonce, key) != 0)
		return MFA_ERR_CRYPTO;
	return MFA_OK;
}

enum mfa_err
mfa_crypt_open(const uint8_t key[MFA_CRYPT_KEY],
    const uint8_t nonce[MFA_CRYPT_NONCE], struct mfa_crypt_part ad,
    uint8_t *text, size_t len)
{
	if (len > LONGEST)
		return MFA_ERR_INVALID;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(text, NULL, NULL, text,
	    len + MFA_CRYPT_TAG, ad.p, ad.len, nonce, key) != 0) {
		sodium_memzero(text, len + MFA_CRYPT_TAG);
		return MFA_ERR_DAMAGED;
	}
	return MFA_OK;
}

bool
mfa_crypt_equal(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void
mfa_crypt_wipe(void *p, size_t len)
{
	if (len != 0)
		sodium_memzero(p, len);
}

void
mfa_crypt_random(const struct mfa_env *env, void *out, size_t len)
{
	(void)env;
	randombytes_buf(out, len);
}

/*
 * The block ends at a guard page, so it is aligned as its size is: right for
 * sizeof of any type.  Failing to lock is not a failure (RLIMIT_MEMLOCK may
 * be 0).
 */
void *
mfa_crypt_guarded_new(size_t size)
{
	void *p = sodium_malloc(size);

	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void
mfa_crypt_guarded_lock(void *p, size_t size)
{
	(void)sodium_mlock(p, size); /* without it, it may be swapped */
}

void
mfa_crypt_guarded_free(void *p)
{
	sodium_free(p);
}
