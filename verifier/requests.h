/* SPDX-License-Identifier: MIT */
/*
 * The table of requests (R31): which is allowed to whom, in which state.
 */
#ifndef MFA_VERIFIER_REQUESTS_H
#define MFA_VERIFIER_REQUESTS_H

#include <stddef.h>

#include "verifier/conversation.h"

/* Who asks, relative to the subject of the request; bits, for the table. */
enum mfa_peer {
	MFA_PEER_ROOT = 1,
	MFA_PEER_OWNER = 2,    /* the subject itself */
	MFA_PEER_OTHER = 4,    /* another user */
	MFA_PEER_SERVICE = 8,  /* the verifier's own account */
	MFA_PEER_OVERFLOW = 16 /* nobody we could name */
};

struct mfa_request_rule {
	pb_size_t tag; /* of mfa_wire_Request */
	const char *name;
	unsigned int states; /* bits of enum mfa_state */
	unsigned int peers;  /* bits of enum mfa_peer */
	/* the user named in the request, or NULL if it names none */
	const char *(*user)(const mfa_wire_Request *request);
	/*
	 * Sends its replies.  What it returns other than MFA_OK is sent as an
	 * Error, with hint where that is not NULL.
	 */
	enum mfa_err (*handle)(struct mfa_conversation *c,
	    const struct mfa_subject *subject, const char **hint);
};

extern const struct mfa_request_rule mfa_requests[];
extern const size_t mfa_request_count;

/* The rule of a tag, or NULL. */
const struct mfa_request_rule *mfa_request_find(pb_size_t tag);

/*
 * Which kind of peer a uid is.
 *
 * subject: may be NULL where the request names nobody
 */
enum mfa_peer mfa_request_peer(const struct mfa_conversation *c,
    const struct mfa_subject *subject);

/* The caller as the engine sees it. */
struct mfa_caller mfa_request_caller(const struct mfa_conversation *c);

/*
 * Ends a login whose answer did not come: logged, and the verdict sent for a
 * host that may still look.
 */
void mfa_requests_end_login(struct mfa_conversation *c,
    enum mfa_reason reason);

/* Handlers, by file. */
typedef enum mfa_err mfa_handler(struct mfa_conversation *c,
    const struct mfa_subject *subject, const char **hint);
mfa_handler mfa_handle_login, mfa_handle_answer, mfa_handle_abandon;
mfa_handler mfa_handle_enroll, mfa_handle_confirm, mfa_handle_disable,
    mfa_handle_recovery_codes, mfa_handle_sync;
mfa_handler mfa_handle_list, mfa_handle_status, mfa_handle_users,
    mfa_handle_reset, mfa_handle_unlock, mfa_handle_remove, mfa_handle_keys;

#endif
