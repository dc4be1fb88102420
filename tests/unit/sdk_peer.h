/* SPDX-License-Identifier: MIT */
/*
 * A verifier in threads of the test's own, one for each conversation: stands in
 * for mfa_client_connect and mfa_client_spawn at link time.
 */
#ifndef MFA_TESTS_SDK_PEER_H
#define MFA_TESTS_SDK_PEER_H

#include <pthread.h>

#include "lib/client/client.h"
#include "lib/client/medusa_mfa.h"
#include "tests/unit/unit.h"

#define PEER_REPLIES 80
#define PEER_CALLS   256

/* What it does once it was asked. */
enum peer_manner {
	PEER_SAYS,	/* reply[0] to reply[count - 1] */
	PEER_HANGS_UP,
	PEER_GARBLES,
	PEER_IS_SILENT, /* after these replies, until the client leaves */
	PEER_COUNTS,	/* Account, its uid the number that the user is */
	PEER_ABSENT	/* nobody listens */
};

struct peer {
	enum peer_manner manner;
	uint32_t version;      /* of the greeting */
	uint32_t refuses;      /* this error instead of a greeting */
	int refusals;	       /* so often; 0: for ever */
	int refused;	       /* so often it did */
	bool gone;	       /* leaves right after the greeting */
	mfa_wire_Reply reply[PEER_REPLIES];
	size_t count;
	mfa_wire_Request request; /* the last one that came */
	int asked;	       /* requests that came */
	int spawned;	       /* calls of mfa_client_spawn */
	char path[128];	       /* socket that was connected to; "": NULL */
	/* inside */
	pthread_mutex_t lock;
	pthread_t thread[PEER_CALLS];
	size_t threads;
	int descriptors;
};
extern struct peer peer;

/* A cmocka setup and teardown: a handle in *state; nothing may be left over. */
int peer_new(void **state);
int peer_free(void **state);

/* Forgets what happened and was to be said; waits for open conversations. */
void peer_reset(void);

/* The next reply, zeros but for its tag. */
mfa_wire_Reply *peer_will_say(unsigned int tag);

/* An Error reply. */
void peer_will_refuse(uint32_t code, const char *text);

#endif
