/* SPDX-License-Identifier: MIT */
/*
 * Inside libmedusa_mfa: one call is one conversation.
 *
 * MUST (checked against sdk*.c):
 *  - a call keeps nothing and writes nothing but its results and its problem;
 *  - requests and replies are wiped, whatever happens;
 *  - a verifier that knows no realms is not asked: it would take every subject
 *    for a user of this host;
 *  - all of MUST list of client.h.
 */
#ifndef MFA_CLIENT_SDK_H
#define MFA_CLIENT_SDK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/client/client.h"
#include "lib/client/medusa_mfa.h"
#include "protocol/wire.pb.h"

struct mfa {
	char realm[33];
	char socket[108]; /* empty: the built-in one */
	uint32_t timeout; /* milliseconds */
};

/*
 * One call on its way.  The first thing that goes wrong stays in err, and all
 * functions do nothing from there on.
 */
struct mfa_sdk_call {
	const struct mfa *mfa;
	struct mfa_problem *problem; /* may be NULL */
	struct mfa_client *client;
	uint64_t deadline;
	enum mfa_err err;
	char text[MFA_PROBLEM_TEXT]; /* why; empty: what err says */
	mfa_wire_Request request;
	mfa_wire_Reply reply;
};

/*
 * Begins a call with an empty request.
 *
 * tag: of the request, mfa_wire_Request_*_tag
 */
void mfa_sdk_begin(struct mfa_sdk_call *call, const struct mfa *mfa,
    pb_size_t tag, struct mfa_problem *problem);

/* What the call fills in: NULL is MFA_ERR_INVALID. */
void mfa_sdk_want(struct mfa_sdk_call *call, const void *result);

/* Notes an error with a sentence, or with its usual one (NULL). */
void mfa_sdk_fail(struct mfa_sdk_call *call, enum mfa_err err,
    const char *text);

/*
 * Puts a string into the request: one that must not be empty (need), or one
 * that may also be NULL (put).  Too long is MFA_ERR_INVALID.
 *
 * field, size: where to
 * name:        what it is, for the sentence
 */
void mfa_sdk_need(struct mfa_sdk_call *call, char *field, size_t size,
    const char *value, const char *name);
void mfa_sdk_put(struct mfa_sdk_call *call, char *field, size_t size,
    const char *value, const char *name);

/*
 * The same for a code, which is bytes.  Too long is MFA_ERR_SYNTAX: no code is.
 *
 * bytes: size of them
 *
 * Returns: the length; 0 on failure.
 */
pb_size_t mfa_sdk_code(struct mfa_sdk_call *call, uint8_t *bytes, size_t size,
    const char *code);

/* Opens the conversation and sends the request. */
void mfa_sdk_send(struct mfa_sdk_call *call);

/*
 * Waits for the next reply.
 *
 * Returns: its tag; 0 after an error, that of an Error reply among them.
 */
pb_size_t mfa_sdk_recv(struct mfa_sdk_call *call);

/*
 * Both, for requests with one reply of one kind.
 *
 * Returns: true if it is in call->reply.
 */
bool mfa_sdk_ask(struct mfa_sdk_call *call, pb_size_t tag);

/* Ends the conversation, fills in the problem, wipes.  Returns: the result. */
enum mfa_error mfa_sdk_end(struct mfa_sdk_call *call) MFA_MUST_USE;

#endif
