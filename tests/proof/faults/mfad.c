/* SPDX-License-Identifier: MIT */
/*
 * What a test's build of the verifier has besides (link-time wrapping): it
 * looks at what a conversation leaves behind, and at the debit each time a
 * secret is compared with (R7).
 */
#include "tests/proof/faults/fault.h"

#include <openssl/err.h>
#include <syslog.h>
#include <unistd.h>

#include "verifier/conversation.h"
#include "verifier/crypt/crypt.h"
#include "verifier/provider/common.h"

const char fault_role[] = FAULT_PAGE_OF("verifier");

/* Of this process: the file store writes, syncs, then compares. */
static struct {
	unsigned int synced;
	bool pending; /* written to, and not synced since */
} debit;

void __real_mfa_conversation_run(const struct mfa_office *office,
    struct mfa_engine *engine, int fd, const struct mfa_peer_info *peer);
void __wrap_mfa_conversation_run(const struct mfa_office *office,
    struct mfa_engine *engine, int fd, const struct mfa_peer_info *peer);

void
__wrap_mfa_conversation_run(const struct mfa_office *office,
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
	__real_mfa_conversation_run(office, engine, fd, peer);
	fault_end();
	ERR_clear_error();
	before.descriptors--; /* it closes fd */
	fault_compare(&before);
}

ssize_t __real_pwrite(int fd, const void *bytes, size_t len, off_t at);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t len, off_t at);

ssize_t
__wrap_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	debit.pending = true;
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

#define COMPARE_ARGS                                                       \
	const mfa_record_Factor *factor, struct mfa_totp_range range,      \
	    uint64_t next, const struct mfa_typed *typed,                  \
	    struct mfa_effect *effect

enum mfa_err __real_mfa_provider_search(COMPARE_ARGS);
enum mfa_err __wrap_mfa_provider_search(COMPARE_ARGS);

/* Where codes by time and by counter are compared; a decoy has another way. */
enum mfa_err
__wrap_mfa_provider_search(COMPARE_ARGS)
{
	struct fault_page *page = fault_page();

	page->compared++;
	if (debit.synced == 0 || debit.pending)
		page->undebited++;
	debit.synced = 0; /* the next comparison needs its own */
	return __real_mfa_provider_search(factor, range, next, typed, effect);
}
