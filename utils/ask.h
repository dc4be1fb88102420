/* SPDX-License-Identifier: MIT */
/*
 * Requests to the verifier and its replies, each request in a conversation of
 * its own; requests that share one: session.h.
 */
#ifndef MFA_UTILS_ASK_H
#define MFA_UTILS_ASK_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/client/client.h"

/* Why a request was not granted. */
struct mfa_ask_problem {
	enum mfa_err err;
	char text[401]; /* the verifier's sentence, or ours; printable */
};

/*
 * Opens a conversation.
 *
 * version: of the protocol, that the verifier must speak at least
 * client:  NULL on failure; to be freed with mfa_client_free
 *
 * Returns: MFA_OK; MFA_ERR_VERSION; an error of lib/client.
 */
enum mfa_err mfa_ask_open(uint32_t version, struct mfa_client **client,
    struct mfa_ask_problem *problem) MFA_MUST_USE;

/*
 * Opens a conversation and sends its first request.
 *
 * client: NULL or to be freed with mfa_client_free, on failure too
 *
 * Returns: MFA_OK; MFA_ERR_VERSION if the verifier is too old to know what is
 * asked; an error of lib/client.
 */
enum mfa_err mfa_ask_begin(const mfa_wire_Request *request,
    struct mfa_client **client, struct mfa_ask_problem *problem) MFA_MUST_USE;

/*
 * Waits for the next reply; the verifier's Error becomes the problem.
 *
 * Returns: MFA_OK, or as mfa_ask_one.
 */
enum mfa_err mfa_ask_reply(struct mfa_client *client, mfa_wire_Reply *reply,
    struct mfa_ask_problem *problem) MFA_MUST_USE;

/*
 * Waits for the one reply that a request has; otherwise as mfa_ask_one.
 */
enum mfa_err mfa_ask_answer(struct mfa_client *client, unsigned int tag,
    mfa_wire_Reply *reply, struct mfa_ask_problem *problem) MFA_MUST_USE;

/*
 * Asks what has one reply.
 *
 * request: one union member set
 * tag:     the reply's member, as mfa_wire_Reply_done_tag
 * reply:   the caller wipes it; all zero on failure
 * problem: filled in on failure
 *
 * Returns: MFA_OK; the code of the verifier's Error; MFA_ERR_PROTOCOL for
 * another reply than the one expected; an error of lib/client.
 */
enum mfa_err mfa_ask_one(const mfa_wire_Request *request, unsigned int tag,
    mfa_wire_Reply *reply, struct mfa_ask_problem *problem) MFA_MUST_USE;

/*
 * Asks what has a list of replies, ended by Done.
 *
 * visit: called for each reply; an error ends the list
 *
 * Returns: as mfa_ask_one, or what visit returned.
 */
enum mfa_err mfa_ask_each(const mfa_wire_Request *request, unsigned int tag,
    enum mfa_err (*visit)(void *ctx, const mfa_wire_Reply *reply), void *ctx,
    struct mfa_ask_problem *problem) MFA_MUST_USE;

/* The same in a conversation that is open. */
enum mfa_err mfa_ask_each_on(struct mfa_client *client,
    const mfa_wire_Request *request, unsigned int tag,
    enum mfa_err (*visit)(void *ctx, const mfa_wire_Reply *reply), void *ctx,
    struct mfa_ask_problem *problem) MFA_MUST_USE;

/*
 * Prints the sentence of a Done.  Where that cannot be written, it is said that
 * the change was made: whoever tries again would be refused, or do it twice.
 *
 * otherwise: printed where it has none
 *
 * Returns: the exit code.
 */
int mfa_ask_told(const mfa_wire_Done *done, const char *otherwise);

/*
 * Asks what is answered by Done, and prints its sentence or what goes wrong.
 *
 * Returns: the exit code.
 */
int mfa_ask_done(const mfa_wire_Request *request);

/* Makes a sentence of an error of lib/client or of our own. */
void mfa_ask_explain(enum mfa_err err, struct mfa_ask_problem *problem);

/*
 * Says in one line what the problem is.
 *
 * Returns: the exit code: MFA_EXIT_WRONG for a refused code,
 * MFA_EXIT_UNAVAILABLE, else MFA_EXIT_FAILED.
 */
int mfa_ask_failed(const struct mfa_ask_problem *problem);

/*
 * Copies a name into a request.
 *
 * Returns: MFA_EXIT_DONE; MFA_EXIT_USAGE if it is empty or does not fit, after
 * saying so.
 */
int mfa_ask_name(char *field, size_t size, const char *name);

/* Bytes of the members user and realm of every request. */
#define MFA_ASK_USER  257
#define MFA_ASK_REALM 33

/*
 * Copies a user, and the realm that it is one of, into a request.
 *
 * of: NULL for the users of this host
 *
 * Returns: as mfa_ask_name.
 */
int mfa_ask_subject(char user[MFA_ASK_USER], char realm[MFA_ASK_REALM],
    const char *name, const char *of);

/* Says, on a host where nobody ran setup, that this comes first. */
void mfa_ask_setup(void);

#endif
