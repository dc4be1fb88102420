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
#include "verifier/event/event.h"
#include "verifier/store/store.h"

struct mfa_work; /* guarded memory for one record: repo.c */
struct mfa_message;
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
};

/* Which budgets count: those of root-run hosts or everybody else's (R9). */
enum mfa_path {
	MFA_PATH_ROOT = 1,
	MFA_PATH_OTHER = 2
};

/* Who asks, where from.  Strings are never NULL. */
struct mfa_caller {
	enum mfa_path path;
	uint32_t uid;
	const char *service;
	const char *rhost;
	const char *tty;
};

/* Numbers of wire.proto, enum Reason. */
enum mfa_reason {
	MFA_REASON_NONE = 0,
	MFA_REASON_OK = 1,
	MFA_REASON_WRONG = 2,
	MFA_REASON_REPLAYED = 3,
	MFA_REASON_LOCKED = 4,
	MFA_REASON_BLOCKED = 5,
	MFA_REASON_MALFORMED = 6,
	MFA_REASON_UNKNOWN_USER = 7,
	MFA_REASON_NOT_ENROLLED = 8,
	MFA_REASON_EXEMPT = 9,
	MFA_REASON_EXPIRED = 10,
	MFA_REASON_CLOCK = 11,
	MFA_REASON_ERROR = 12,
	MFA_REASON_PASSWORD_REPEATED = 13,
	MFA_REASON_CONVERSATION = 14,
	MFA_REASON_JUNK = 15,
	MFA_REASON_NO_CODE = 16,
	MFA_REASON_SENT = 17,
	MFA_REASON_EVICTED = 18
};

/* One word for the log. */
const char *mfa_reason_name(enum mfa_reason reason);

/*
 * Allocates the guarded memory; before the fork in a parent that has children.
 *
 * Returns: MFA_OK or MFA_ERR_MEMORY.
 */
enum mfa_err mfa_engine_init(struct mfa_engine *engine) MFA_MUST_USE;
/* In a child: locks that memory again, which fork does not. */
void mfa_engine_lock(struct mfa_engine *engine);
void mfa_engine_wipe(struct mfa_engine *engine);

#endif
