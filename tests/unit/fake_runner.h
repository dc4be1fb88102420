/* SPDX-License-Identifier: MIT */
/*
 * A runner without programs (R12, R23): it keeps what it was given, answers as
 * a test says, and looks, each time, whether a record is held meanwhile.
 */
#ifndef MFA_TESTS_FAKE_RUNNER_H
#define MFA_TESTS_FAKE_RUNNER_H

#include <stdbool.h>
#include <stdint.h>

#include "verifier/engine/engine.h"

struct world;

/* A struct mfa_message, kept. */
struct delivery {
	char realm[33];
	char subject[257];
	char service[257];
	char rhost[257];
	char factor[33];
	char address[129];
	char issuer[256];
	char code[9];
	uint64_t wall;
	uint32_t ttl;
	bool wait;
	bool claimed;
};

struct fake_runner {
	struct mfa_runner runner;
	struct world *world;
	/* deliveries */
	unsigned int delivered;
	struct delivery last;
	enum mfa_err deliver_err; /* what is said to the engine */
	/* questions */
	unsigned int asked;
	uint32_t index; /* of the last one; its input, realm, subject, label */
	char in[1025];
	char realm[33];
	char subject[257];
	char factor[33];
	/* what a program says: all of it; or what it accepts, by the line
	   that follows "answer: " */
	const char *reply;
	const char *accepts; /* NULL: nothing */
	const char *keeps;   /* hexadecimal, with what it accepts; NULL: none */
	enum mfa_err ask_err;
	/* done while a program runs, once */
	void (*meanwhile)(void *ctx);
	void *ctx;
	bool blind;	   /* do not look whether a record is held */
	unsigned int held; /* so often one was; world_free wants 0 */
};

void fake_runner_init(struct fake_runner *runner, struct world *world);

#endif
