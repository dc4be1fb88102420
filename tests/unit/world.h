/* SPDX-License-Identifier: MIT */
/*
 * A small world for engine tests: a private folder with a key ring, a store
 * (files, or memory that misbehaves), a stopped clock, a runner without
 * programs, and a sink that counts.  Needs root, for the folder must be root's.
 */
#ifndef MFA_TESTS_WORLD_H
#define MFA_TESTS_WORLD_H

#include "config.h"

#include "tests/unit/fake_runner.h"
#include "tests/unit/unit.h"

#include "verifier/engine/attempt.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/enroll.h"
#include "verifier/engine/grants.h"
#include "verifier/engine/login.h"
#include "verifier/engine/repo.h"

#define WORLD_START (MFA_RELEASE_TIME + 1000000ULL)

/* What a memory store does wrong, counted down. */
struct mishap {
	unsigned int conflicts;	     /* somebody else writes first */
	unsigned int unknown_lost;   /* outcome unknown, not written */
	unsigned int unknown_done;   /* outcome unknown, written */
	unsigned int write_fails;    /* MFA_ERR_IO */
	unsigned int open_fails;     /* MFA_ERR_IO */
	unsigned int writes_before;  /* let so many pass first */
	/* called when a conflict is made: the other writer's deed */
	void (*meanwhile)(void *ctx);
	void *ctx;
};

/* The last event, with its texts; absent ones are empty. */
struct last_texts {
	char realm[33];
	char subject[257];
	char service[257];
	char rhost[257];
	char method[33];
	char factor[33];
	char reason[33];
	char address[129];
};

#define WORLD_REASONS (MFA_REASON_REMEMBERED + 1)

struct world {
	char place[64];
	char keys[80];
	char dir[80];
	struct mfa_config config;
	struct mfa_env env;
	struct mfa_now now;
	bool clock_fails;
	struct mfa_sink sink;
	struct mfa_engine engine;
	struct mfa_subject subject;
	struct mfa_caller caller; /* root path, service "test" */
	unsigned int events[MFA_EVENT_END];
	/* of CHALLENGE_FAILED, by enum mfa_reason */
	unsigned int reasons[WORLD_REASONS];
	char last_factor[33];
	struct mfa_event last; /* the last event but for its texts */
	struct last_texts texts;
	unsigned int spilt; /* lines with a secret in it; world_free wants 0 */
	/* sees every event, with its line */
	void (*watch)(void *ctx, const struct mfa_event *event,
	    const char *line);
	void *watch_ctx;
	struct fake_runner runner;
	/* memory store only */
	struct mishap mishap;
	unsigned int writes;
};

/* cmocka set-ups: *state is a struct world.  Files, or one slot in memory. */
int world_new(void **state);
int world_new_memory(void **state);
int world_free(void **state);

/* A second verifier on the same store and ring, with memory of its own. */
void world_twin(const struct world *world, struct mfa_engine *twin);
void world_twin_free(struct mfa_engine *twin);

void world_pass(struct world *world, uint64_t seconds);

/* Adds a pending factor with a known secret; its id in hexadecimal. */
enum mfa_err world_pending(struct world *world, const char *label,
    const char *base32, char id[17]);
/* Adds and confirms one; codes of steps up to now are used then. */
void world_enroll(struct world *world, const char *label, const char *base32,
    struct mfa_confirmed *confirmed);

/* Adds a realm with totp, recovery codes and what else provides says. */
struct mfa_config_realm *world_realm(struct world *world, const char *name,
    uint32_t provides);
/* Adds a provider that is a program, on in the subject's realm. */
void world_program(struct world *world, const char *name);
/* A subject of any realm but unix. */
struct mfa_subject world_subject(const char *realm, const char *name);

/* Adds and confirms a factor of any kind; time does not move. */
void world_enroll_otp(struct world *world, const char *label,
    const char *address);
void world_enroll_hotp(struct world *world, const char *label,
    const char *base32);
void world_enroll_outside(struct world *world, const char *label,
    const char *program, const char *answer);

/* Asks for a code, as a login of world->caller does. */
enum mfa_err world_send(struct world *world, const char *factor);

/* The hotp code of a counter; 9 bytes. */
void world_counter(const char *base32, uint64_t counter, char *out);

/* The code of a secret, so many steps from now; 9 bytes. */
void world_code(const struct world *world, const char *base32, int steps,
    char *out);

/* One attempt with a typed text; its reason, or ERROR. */
enum mfa_reason world_try(struct world *world, const char *typed);
enum mfa_reason world_try_on(struct world *world, struct mfa_engine *engine,
    enum mfa_path path, const char *typed);

/* The record as it is stored now. */
void world_record(struct world *world, mfa_record_Record *out);

/* Six digits that are no code of SECRET_A or SECRET_B around now. */
void world_wrong(const struct world *world, char out[9]);

/* The subject is this user of the machine from here on. */
void world_user(struct world *world, const char *name);

/* The record's file, both slots; world_new only. */
void world_read(const struct world *world, uint8_t *bytes);
void world_write(const struct world *world, const uint8_t *bytes);

/* What was typed, as the engine takes it. */
struct mfa_typed world_typed(const char *text);

/*
 * First line of a main whose tests all need root: says so and ends it.  Not
 * cmocka's skip(), which automake counts as a failure.
 */
void world_need_root(void);

/* Asks for an invitation. */
#define WORLD_INVITE                                               \
	(&(const struct mfa_grants_ask){ .kind = MFA_GRANT_INVITATION, \
	    .reason = "" })

/* Secrets: RFC 6238's, and others of 20 bytes. */
#define SECRET_A "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
#define SECRET_B "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
#define SECRET_C "ONSWG4TFOQQGC3TPORUGK4RAN5XGKIJB"

#endif
