/* SPDX-License-Identifier: MIT */
/*
 * What a test's build of the verifier has besides (link-time wrapping): it
 * looks at what a conversation leaves behind, and at the debit each time a
 * secret is compared with (R7).
 */
#include "tests/proof/faults/fault.h"

#include <openssl/err.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "verifier/crypt/crypt.h"
#include "verifier/engine/attempt.h"
#include "verifier/engine/running.h"
#include "verifier/provider/common.h"
#include "verifier/serve.h"

const char fault_role[] = FAULT_PAGE_OF("verifier");

/* Of this process: the file store writes, syncs, then compares. */
static struct {
	unsigned int synced;
	bool pending; /* written to, and not synced since */
} debit;

/* What is to be compared: of a typed code, or codes of a key. */
static struct {
	uint8_t hash[MFA_CRYPT_HASH];
	bool hashed, searching;
} typed;

void __real_mfa_serve_conversation(const struct mfa_office *office,
    struct mfa_engine *engine, int fd, const struct mfa_peer_info *peer);
void __wrap_mfa_serve_conversation(const struct mfa_office *office,
    struct mfa_engine *engine, int fd, const struct mfa_peer_info *peer);

void
__wrap_mfa_serve_conversation(const struct mfa_office *office,
    struct mfa_engine *engine, int fd, const struct mfa_peer_info *peer)
{
	struct fault_page *page = fault_page();
	struct fault_census before;

	/* In a build of its own it is warmed up under way. */
	if (page->warm != 0 && mfa_crypt_warm() == MFA_OK) {
		mfa_event_syslog_warm();
		syslog(LOG_DEBUG, "a conversation begins");
		/* OpenSSL keeps its list of errors. */
		ERR_raise(ERR_LIB_USER, 1);
		ERR_clear_error();
	}
	fault_census(&before);
	fault_begin();
	__real_mfa_serve_conversation(office, engine, fd, peer);
	fault_end();
	ERR_clear_error();
	before.descriptors--; /* it closes fd */
	fault_compare(&before);
}

int __real_mfa_maintain_rotate_key(void);
int __wrap_mfa_maintain_rotate_key(void);

/* No conversation. */
int
__wrap_mfa_maintain_rotate_key(void)
{
	int status;

	fault_begin();
	status = __real_mfa_maintain_rotate_key();
	fault_end();
	return status;
}

/* ---- the debit ---- */

#define ATTEMPT_ARGS                                                       \
	struct mfa_engine *engine, const struct mfa_subject *subject,      \
	    const struct mfa_attempt *attempt,                             \
	    struct mfa_attempt_result *result

enum mfa_err __real_mfa_attempt_make(ATTEMPT_ARGS);
enum mfa_err __wrap_mfa_attempt_make(ATTEMPT_ARGS);

/* Each one needs its own debit. */
enum mfa_err
__wrap_mfa_attempt_make(ATTEMPT_ARGS)
{
	fault_page()->phase = FAULT_BEFORE;
	return __real_mfa_attempt_make(engine, subject, attempt, result);
}

enum mfa_err __real_mfa_running_debit(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock);
enum mfa_err __wrap_mfa_running_debit(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock);

enum mfa_err
__wrap_mfa_running_debit(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	debit.synced = 0;
	fault_page()->phase = FAULT_DEBIT;
	return __real_mfa_running_debit(ctx, record, clock);
}

ssize_t __real_pwrite(int fd, const void *bytes, size_t len, off_t at);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t at);

ssize_t
__wrap_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	struct fault_page *page = fault_page();

	debit.pending = true;
	if (page->phase == FAULT_DEBIT)
		page->phase = FAULT_WRITTEN;
	return __real_pwrite(fd, bytes, len, at);
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

int
__wrap_fdatasync(int fd)
{
	int r = __real_fdatasync(fd);

	debit.synced += r == 0;
	debit.pending = debit.pending && r != 0;
	return r;
}

/* ---- comparisons ---- */

static void
note_comparison(void)
{
	struct fault_page *page = fault_page();

	page->compared++;
	if (page->phase < FAULT_WRITTEN || debit.synced == 0 || debit.pending)
		page->undebited++;
	page->phase = FAULT_COMPARED;
}

#define SEARCH_ARGS                                                        \
	const mfa_record_Factor *factor, struct mfa_totp_range range,      \
	    uint64_t next, const struct mfa_typed *digits,                 \
	    struct mfa_effect *effect

enum mfa_err __real_mfa_provider_search(SEARCH_ARGS);
enum mfa_err __wrap_mfa_provider_search(SEARCH_ARGS);

/* Codes by time and by counter; a decoy has another way. */
enum mfa_err
__wrap_mfa_provider_search(SEARCH_ARGS)
{
	enum mfa_err r;

	typed.searching = true;
	r = __real_mfa_provider_search(factor, range, next, digits, effect);
	typed.searching = false;
	return r;
}

#define HASH_ARGS                                                          \
	const uint8_t *key, const struct mfa_crypt_part *parts, size_t n,  \
	    uint8_t *out, size_t outlen

enum mfa_err __real_mfa_crypt_hash(HASH_ARGS);
enum mfa_err __wrap_mfa_crypt_hash(HASH_ARGS);

static bool
is_of_code(const struct mfa_crypt_part *part)
{
	static const char *const labels[] = { "medusa-mfa/recovery/v1",
		"medusa-mfa/bypass/v1", "medusa-mfa/invitation/v1",
		"medusa-mfa/otp-code/v1" };

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (part->len == strlen(labels[i]) &&
		    memcmp(part->p, labels[i], part->len) == 0)
			return true;
	}
	return false;
}

/* All other codes are kept as hashes, with what they are for in front. */
enum mfa_err
__wrap_mfa_crypt_hash(HASH_ARGS)
{
	enum mfa_err r = __real_mfa_crypt_hash(key, parts, n, out, outlen);

	if (r == MFA_OK && outlen == sizeof(typed.hash) &&
	    is_of_code(&parts[0])) {
		memcpy(typed.hash, out, outlen);
		typed.hashed = true;
	}
	return r;
}

bool __real_mfa_crypt_equal(const void *a, const void *b, size_t len);
bool __wrap_mfa_crypt_equal(const void *a, const void *b, size_t len);

/* With a set of codes, or the codes of a window, it is one comparison. */
bool
__wrap_mfa_crypt_equal(const void *a, const void *b, size_t len)
{
	if (typed.searching ||
	    (typed.hashed && len == sizeof(typed.hash) &&
		memcmp(a, typed.hash, len) == 0)) {
		note_comparison();
		typed.searching = typed.hashed = false;
	}
	return __real_mfa_crypt_equal(a, b, len);
}
