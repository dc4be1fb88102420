/* SPDX-License-Identifier: MIT */
/*
 * A verifier that says what a test wrote down: stands in for lib/client at link
 * time.
 */
#ifndef MFA_TESTS_FAKE_CLIENT_H
#define MFA_TESTS_FAKE_CLIENT_H

#include "lib/client/client.h"

#define FAKE_ROOM 24

struct fake_client {
	enum mfa_err open_result;
	enum mfa_err send_result;
	enum mfa_err connect_result; /* MFA_OK: somebody listens */
	uint32_t version; /* that it speaks */
	mfa_wire_Reply replies[FAKE_ROOM]; /* in this order; then CLOSED */
	size_t count;			   /* of them */
	size_t at;			   /* the next one */
	mfa_wire_Request requests[FAKE_ROOM];
	int heard_in[FAKE_ROOM]; /* which conversation, from 1 */
	size_t asked; /* requests that came */
	size_t gone_at; /* closed before that request; 0: never */
	int open;     /* conversations not freed */
	int opened;   /* in all */
	int connected; /* tries whether somebody listens */
};

extern struct fake_client fake_client;

/* A clean verifier; a cmocka setup. */
int fake_client_reset(void **state);

/* The next reply, zeros but for its tag. */
mfa_wire_Reply *fake_client_will_say(unsigned int tag);
void fake_client_will_refuse(enum mfa_err err, const char *text);

#endif
