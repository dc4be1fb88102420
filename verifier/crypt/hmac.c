/* SPDX-License-Identifier: MIT */
/*
 * HMAC by OpenSSL 3, which is loaded when it is first needed: linking it costs
 * each spawned verifier more than all else of its start, before the prompt.
 *
 * MUST:
 *  - no openssl.cnf is read: the library context is our own and loads the
 *    default provider by name, nothing else;
 *  - the library is found as a linked one is, by its soname alone, and has each
 *    function that is called, or there is no HMAC at all;
 *  - the output is untouched on failure, the scratch is wiped always.
 */
#include "verifier/crypt/crypt.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#define TEXT_OF(number) #number
#define SONAME_OF(version) "libcrypto.so." TEXT_OF(version)
#define SONAME SONAME_OF(OPENSSL_SHLIB_VERSION)

/* What is called of it; each field has the name and type of its function. */
#define FUNCTIONS(of) \
	of(OPENSSL_init_crypto) of(OSSL_LIB_CTX_new) of(OSSL_LIB_CTX_free) \
	of(OSSL_PROVIDER_load) of(OSSL_PROVIDER_unload) of(EVP_MAC_fetch) \
	of(EVP_MAC_free) of(EVP_MAC_CTX_new) of(EVP_MAC_CTX_free) \
	of(EVP_MAC_init) of(EVP_MAC_update) of(EVP_MAC_final) \
	of(OSSL_PARAM_construct_utf8_string) of(OSSL_PARAM_construct_end)
#define FIELD(function) __typeof__(&function) function;
#define NAME(function) #function "\0"

/*
 * The one mutable static of this folder.  Fetching costs milliseconds, and
 * children of a warm parent must find it done: set once, by mfa_crypt_warm,
 * which the parent calls before any fork; only read afterwards, never freed.
 */
static struct openssl {
	FUNCTIONS(FIELD)
	EVP_MAC *hmac; /* NULL: not warm */
} lib;

struct algorithm {
	char digest[12]; /* OpenSSL's name */
	size_t len;	 /* bytes of the HMAC */
};

_Static_assert(offsetof(struct openssl, hmac) ==
	(sizeof(struct openssl) / sizeof(void *) - 1) * sizeof(void *),
    "a pointer for each function, and hmac");

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

	params[0] = lib.OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
	    copy.digest, 0);
	params[1] = lib.OSSL_PARAM_construct_end();
	if ((ctx = lib.EVP_MAC_CTX_new(lib.hmac)) == NULL)
		return false;
	/* A NULL key would mean "the key of before". */
	fine = lib.EVP_MAC_init(ctx, key.len == 0 ? (const void *)"" : key.p,
		   key.len, params) == 1 &&
	    lib.EVP_MAC_update(ctx, msg.p, msg.len) == 1 &&
	    lib.EVP_MAC_final(ctx, out, &len, alg->len) == 1 && len == alg->len;
	lib.EVP_MAC_CTX_free(ctx);
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

/* Never unloaded: children of this process have it from here on. */
static bool
load(void)
{
	static const char names[] = FUNCTIONS(NAME);
	struct openssl got;
	void *from = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	size_t at = 0;

	if (from == NULL)
		return false;
	memset(&got, 0, sizeof(got));
	for (const char *p = names; *p != '\0'; p += strlen(p) + 1) {
		void *function = dlsym(from, p);

		if (function == NULL) {
			(void)dlclose(from);
			return false;
		}
		memcpy((char *)&got + at, &function, sizeof(function));
		at += sizeof(function);
	}
	lib = got;
	return true;
}

enum mfa_err
mfa_crypt_warm(void)
{
	OSSL_LIB_CTX *libctx = NULL;
	OSSL_PROVIDER *provider = NULL;
	enum mfa_err r = MFA_ERR_CRYPTO;

	if (lib.hmac != NULL)
		return MFA_OK;
	if (!load())
		return MFA_ERR_CRYPTO;
	if (lib.OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		goto out;
	if ((libctx = lib.OSSL_LIB_CTX_new()) == NULL)
		goto out;
	if ((provider = lib.OSSL_PROVIDER_load(libctx, "default")) == NULL)
		goto out;
	if ((lib.hmac = lib.EVP_MAC_fetch(libctx, "HMAC", NULL)) == NULL)
		goto out;
	if (rehearse())
		r = MFA_OK;
out:
	if (r != MFA_OK) {
		lib.EVP_MAC_free(lib.hmac);
		lib.hmac = NULL;
		if (provider != NULL)
			(void)lib.OSSL_PROVIDER_unload(provider);
		lib.OSSL_LIB_CTX_free(libctx);
	}
	return r;
}
