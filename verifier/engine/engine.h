/* SPDX-License-Identifier: MIT */
/*
 * What every decision works with.  One engine serves one conversation at a
 * time; it opens at most one record at once.
 */
#ifndef MFA_ENGINE_ENGINE_H
#define MFA_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/env.h"
#include "lib/base/err.h"
#include "verifier/config/config.h"
#include "verifier/engine/caller.h"
#include "verifier/event/event.h"
#include "verifier/store/store.h"

struct mfa_work; /* guarded memory for one record: repo.c */
struct mfa_message;
struct mfa_keyring_held; /* verifier/vault/keyring.h */
struct mfa_question;

/*
 * The way to programs (R23).  What they get is in the manual
 * medusa-mfa-programs(7).
 */
struct mfa_runner {
	/*
	 * Hands a delivered code over, with its address and message: to be
	 * sent after this, never while a record is locked.
	 *
	 * wait: until the program is done; else a failure is seen in the log
	 *       only
	 *
	 * Returns: MFA_OK; MFA_ERR_UNDELIVERED if the program failed;
	 * MFA_ERR_UNAVAILABLE without a runner.
	 */
	enum mfa_err (*deliver)(struct mfa_runner *runner,
	    const struct mfa_message *message, bool wait);
	/*
	 * Runs an outside provider's program and waits.
	 *
	 * index: of config.outside
	 * in:    len bytes for its standard input
	 * out:   size bytes for what it says; *outlen of them are used
	 *
	 * Returns: MFA_OK if it ended well in time; MFA_ERR_PROGRAM;
	 * MFA_ERR_UNAVAILABLE without a runner.
	 */
	enum mfa_err (*ask)(struct mfa_runner *runner,
	    const struct mfa_question *question, uint8_t *out, size_t size,
	    size_t *outlen);
	void *ctx;
};

/* A code on its way to a person; strings are never NULL. */
struct mfa_message {
	const char *realm;
	const char *subject;
	const char *service;
	const char *rhost;
	const char *factor;  /* label */
	const char *address;
	const char *issuer;  /* who sends it: the realm's, or the host's name */
	bool claimed;	     /* service and rhost are the word of a caller that
				is not root */
	const char *code;    /* secret */
	uint64_t wall;	     /* now, seconds since 1970 */
	uint32_t ttl;	     /* seconds that the code is good for */
};

struct mfa_question {
	const char *realm;   /* for the log line of a failure */
	const char *subject;
	const char *factor;
	uint32_t index;
	const uint8_t *in;   /* secret */
	size_t len;
};

struct mfa_engine {
	const struct mfa_config *config;
	const struct mfa_env *env;
	struct mfa_store *store;
	struct mfa_sink *sink;
	struct mfa_runner *runner;
	struct mfa_work *work;
	/* Keys opened while root; NULL, or of another folder than the
	   configuration's: that folder is read. */
	const struct mfa_keyring_held *held;
};

/*
 * Allocates the guarded memory; before the fork in a parent that has children.
 *
 * Returns: MFA_OK or MFA_ERR_MEMORY.
 */
enum mfa_err mfa_engine_init(struct mfa_engine *engine) MFA_MUST_USE;
/* In a child: locks that memory again, which fork does not. */
void mfa_engine_lock(struct mfa_engine *engine);
void mfa_engine_wipe(struct mfa_engine *engine);

/* Parts of the work that is done for who has no record (repo.h, R5). */
#define MFA_DECOY_READ	1U
#define MFA_DECOY_WRITE 2U

#endif
