/* SPDX-License-Identifier: MIT */
/*
 * HMAC by OpenSSL 3.
 *
 * MUST:
 *  - no openssl.cnf is read: the library context is our own and loads the
 *    default provider by name, nothing else;
 *  - the output is untouched on failure, the scratch is wiped always.
 */
#include "verifier/crypt/crypt.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

/*
 * The one mutable static of this folder.  Fetching costs milliseconds, and
 * children of a warm parent must find it done: set once, by mfa_crypt_warm,
 * which the parent calls before any fork; only read afterwards, never freed.
 */
static EVP_MAC *hmac;

struct algorithm {
	char digest[12]; /* OpenSSL's name */
	size_t len;	 /* bytes of the HMAC */
};

static const struct algorithm algorithms[] = {
	[MFA_CRYPT_SHA1] = { "SHA1", 20 },
	[MFA_CRYPT_SHA256] = { "SHA2-256", 32 },
	[MFA_CRYPT_SHA512] = { "SHA2-512", 64 },
};

static bool
compute(const struct algorithm *alg, struct mfa_crypt_part key,
    struct mfa_crypt_part msg, uint8_t *out)
{
	struct algorithm copy = *alg; /* OSSL_PARAM wants it writable */
	OSSL_PARAM params[2];
	EVP_MAC_CTX *ctx;
	size_t len = 0;
	bool fine;

	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
	    copy.digest, 0);
	params[1] = OSSL_PARAM_construct_end();
	if ((ctx = EVP_MAC_CTX_new(hmac)) == NULL)
		return false;
	/* A NULL key would mean "the key of before". */
	fine = EVP_MAC_init(ctx, key.len == 0 ? (const void *)"" : key.p,
		   key.len, params) == 1 &&
	    EVP_MAC_update(ctx, msg.p, msg.len) == 1 &&
	    EVP_MAC_final(ctx, out, &len, alg->len) == 1 && len == alg->len;
	EVP_MAC_CTX_free(ctx);
	return fine;
}

enum mfa_err
mfa_crypt_hmac(enum mfa_crypt_alg alg, struct mfa_crypt_part key,
    struct mfa_crypt_part msg, uint8_t *out, size_t *outlen)
{
	uint8_t mac[MFA_CRYPT_HMAC_MAX];
	enum mfa_err r;

	if (alg != MFA_CRYPT_SHA1 && alg != MFA_CRYPT_SHA256 &&
	    alg != MFA_CRYPT_SHA512)
		return MFA_ERR_INVALID;
	if ((r = mfa_crypt_warm()) != MFA_OK)
		return r;
	if (compute(&algorithms[alg], key, msg, mac)) {
		memcpy(out, mac, algorithms[alg].len);
		*outlen = algorithms[alg].len;
	} else {
		r = MFA_ERR_CRYPTO;
	}
	mfa_crypt_wipe(mac, sizeof(mac));
	return r;
}

/* One HMAC of each algorithm, so that the first real one finds its digest. */
static bool
rehearse(void)
{
	const struct mfa_crypt_part nothing = { "", 1 };
	uint8_t mac[MFA_CRYPT_HMAC_MAX];

	return compute(&algorithms[MFA_CRYPT_SHA1], nothing, nothing, mac) &&
	    compute(&algorithms[MFA_CRYPT_SHA256], nothing, nothing, mac) &&
	    compute(&algorithms[MFA_CRYPT_SHA512], nothing, nothing, mac);
}

enum mfa_err
mfa_crypt_warm(void)
{
	OSSL_LIB_CTX *libctx = NULL;
	OSSL_PROVIDER *provider = NULL;
	enum mfa_err r = MFA_ERR_CRYPTO;

	if (hmac != NULL)
		return MFA_OK;
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		goto out;
	if ((libctx = OSSL_LIB_CTX_new()) == NULL)
		goto out;
	if ((provider = OSSL_PROVIDER_load(libctx, "default")) == NULL)
		goto out;
	if ((hmac = EVP_MAC_fetch(libctx, "HMAC", NULL)) == NULL)
		goto out;
	if (rehearse())
		r = MFA_OK;
out:
	if (r != MFA_OK) {
		EVP_MAC_free(hmac);
		hmac = NULL;
		if (provider != NULL)
			(void)OSSL_PROVIDER_unload(provider);
		OSSL_LIB_CTX_free(libctx);
	}
	return r;
}
