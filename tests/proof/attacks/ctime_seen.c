/* SPDX-License-Identifier: MIT */
#include "tests/proof/attacks/ctime_seen.h"

#include "verifier/otp/totp.h"

/* What a wrap has seen; told is false where the caller may not branch. */
static struct {
	unsigned int compared;
	bool told;
} seen;

bool __real_mfa_crypt_equal(const void *a, const void *b, size_t len);
bool __wrap_mfa_crypt_equal(const void *a, const void *b, size_t len);
enum mfa_err __real_mfa_totp_search(const struct mfa_otp_key *key,
    struct mfa_totp_range range, const char *typed, uint64_t last,
    uint64_t *fresh, uint64_t *used);
enum mfa_err __wrap_mfa_totp_search(const struct mfa_otp_key *key,
    struct mfa_totp_range range, const char *typed, uint64_t last,
    uint64_t *fresh, uint64_t *used);
enum mfa_err __real_mfa_totp_pair(const struct mfa_otp_key *key,
    struct mfa_totp_range range, const char *first, const char *second,
    uint64_t *place);
enum mfa_err __wrap_mfa_totp_pair(const struct mfa_otp_key *key,
    struct mfa_totp_range range, const char *first, const char *second,
    uint64_t *place);
enum mfa_err __real_mfa_crypt_open(const uint8_t *key, const uint8_t *nonce,
    struct mfa_crypt_part ad, uint8_t *text, size_t len);
enum mfa_err __wrap_mfa_crypt_open(const uint8_t *key, const uint8_t *nonce,
    struct mfa_crypt_part ad, uint8_t *text, size_t len);

bool
__wrap_mfa_crypt_equal(const void *a, const void *b, size_t len)
{
	bool equal = __real_mfa_crypt_equal(a, b, len);

	seen.compared++;
	if (seen.told)
		VALGRIND_MAKE_MEM_DEFINED(&equal, sizeof(equal));
	return equal;
}

/* Inside nothing is told, outside the outcome is. */
enum mfa_err
__wrap_mfa_totp_search(const struct mfa_otp_key *key,
    struct mfa_totp_range range, const char *typed, uint64_t last,
    uint64_t *fresh, uint64_t *used)
{
	bool told = seen.told;
	enum mfa_err r;

	seen.told = false;
	r = __real_mfa_totp_search(key, range, typed, last, fresh, used);
	seen.told = told;
	VALGRIND_MAKE_MEM_DEFINED(fresh, sizeof(*fresh));
	VALGRIND_MAKE_MEM_DEFINED(used, sizeof(*used));
	return r;
}

enum mfa_err
__wrap_mfa_totp_pair(const struct mfa_otp_key *key, struct mfa_totp_range range,
    const char *first, const char *second, uint64_t *place)
{
	bool told = seen.told;
	enum mfa_err r;

	seen.told = false;
	r = __real_mfa_totp_pair(key, range, first, second, place);
	seen.told = told;
	VALGRIND_MAKE_MEM_DEFINED(place, sizeof(*place));
	return r;
}

/* What was opened is no longer compared with anything. */
enum mfa_err
__wrap_mfa_crypt_open(const uint8_t *key, const uint8_t *nonce,
    struct mfa_crypt_part ad, uint8_t *text, size_t len)
{
	enum mfa_err r = __real_mfa_crypt_open(key, nonce, ad, text, len);

	VALGRIND_MAKE_MEM_DEFINED(&r, sizeof(r));
	VALGRIND_MAKE_MEM_DEFINED(text, len);
	return r;
}

void
ctime_hide(const void *p, size_t len)
{
	(void)VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}

void
ctime_tell(const void *p, size_t len)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(p, len);
}

unsigned int
ctime_start(void)
{
	seen.compared = 0;
	seen.told = true;
	return (unsigned int)VALGRIND_COUNT_ERRORS;
}

void
ctime_finish(unsigned int before, unsigned int compared)
{
	assert_int_equal(VALGRIND_COUNT_ERRORS - before, 0);
	assert_int_equal(seen.compared, compared);
}

void
ctime_tell_nothing(void)
{
	seen.told = false;
}

unsigned int
ctime_compared(void)
{
	return seen.compared;
}
