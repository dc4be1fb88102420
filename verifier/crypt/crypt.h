/* SPDX-License-Identifier: MIT */
/*
 * Cryptography: thin, total functions over OpenSSL 3 (HMAC) and libsodium
 * (the rest).  The only folder that includes their headers.  No I/O.
 */
#ifndef MFA_CRYPT_CRYPT_H
#define MFA_CRYPT_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct mfa_env;

#define MFA_CRYPT_KEY	32 /* bytes of every symmetric key */
#define MFA_CRYPT_NONCE 24 /* XChaCha20 */
#define MFA_CRYPT_TAG	16 /* Poly1305 */
#define MFA_CRYPT_HASH	32 /* BLAKE2b-256 */

#define MFA_CRYPT_HMAC_MAX 64 /* bytes of the longest HMAC */

enum mfa_crypt_alg { /* numbers of record.proto, enum Algorithm */
	MFA_CRYPT_SHA1 = 1,
	MFA_CRYPT_SHA256 = 2,
	MFA_CRYPT_SHA512 = 3
};

/*
 * Sets the libraries up, once per process, before any fork that is to share
 * them.  Must succeed before any other call here.
 *
 * Returns: MFA_OK or MFA_ERR_CRYPTO.
 */
enum mfa_err mfa_crypt_init(void) MFA_MUST_USE;

/*
 * Loads what the first HMAC needs: milliseconds, best spent while nobody waits.
 * The first mfa_crypt_hmac does it where this was not called.
 *
 * Returns: MFA_OK or MFA_ERR_CRYPTO.
 */
enum mfa_err mfa_crypt_warm(void) MFA_MUST_USE;

/* A piece of input. */
struct mfa_crypt_part {
	const void *p;
	size_t len;
};

/*
 * HMAC (RFC 2104).
 *
 * out: MFA_CRYPT_HMAC_MAX bytes; *outlen of them are used (20, 32, 64)
 *
 * Returns: MFA_OK; MFA_ERR_INVALID for an unknown algorithm; MFA_ERR_CRYPTO.
 */
enum mfa_err mfa_crypt_hmac(enum mfa_crypt_alg alg, struct mfa_crypt_part key,
    struct mfa_crypt_part msg, uint8_t *out, size_t *outlen) MFA_MUST_USE;

/*
 * Keyed BLAKE2b-256 over the parts, each preceded by its length as 8 bytes
 * big-endian, so that no two lists of parts collide.
 *
 * key: MFA_CRYPT_KEY bytes, or NULL for the unkeyed hash
 * out: outlen bytes, 16 to 32
 */
enum mfa_err mfa_crypt_hash(const uint8_t *key,
    const struct mfa_crypt_part *parts, size_t n, uint8_t *out,
    size_t outlen) MFA_MUST_USE;

/*
 * XChaCha20-Poly1305-IETF, in place; text has len + MFA_CRYPT_TAG bytes of
 * room.  open returns MFA_ERR_DAMAGED, with text wiped, if it does not
 * authenticate.
 */
enum mfa_err mfa_crypt_seal(const uint8_t key[MFA_CRYPT_KEY],
    const uint8_t nonce[MFA_CRYPT_NONCE], struct mfa_crypt_part ad,
    uint8_t *text, size_t len) MFA_MUST_USE;
enum mfa_err mfa_crypt_open(const uint8_t key[MFA_CRYPT_KEY],
    const uint8_t nonce[MFA_CRYPT_NONCE], struct mfa_crypt_part ad,
    uint8_t *text, size_t len) MFA_MUST_USE;

/* Constant time.  Returns: true if the len bytes are equal. */
bool mfa_crypt_equal(const void *a, const void *b, size_t len);

/* Overwrites len bytes; the compiler may not drop it. */
void mfa_crypt_wipe(void *p, size_t len);

/* For struct mfa_env.random. */
void mfa_crypt_random(const struct mfa_env *env, void *out, size_t len);

/* Memory with guard pages, locked where the limits allow, not dumped, zeroed.
 * Returns: NULL when out of memory. */
void *mfa_crypt_guarded_new(size_t size);
/* Locks it again in a child, as far as the limits allow. */
void mfa_crypt_guarded_lock(void *p, size_t size);
/* Wipes and frees.  Takes NULL. */
void mfa_crypt_guarded_free(void *p);

#endif
