/* SPDX-License-Identifier: MIT */
/*
 * The table of requests (R31): which is allowed to whom, in which state.
 */
#ifndef MFA_VERIFIER_REQUESTS_H
#define MFA_VERIFIER_REQUESTS_H

#include <stddef.h>

#include "verifier/conversation.h"
#include "verifier/engine/challenge.h"

/* Who asks, relative to what the request is about; bits, for the table. */
enum mfa_peer {
	MFA_PEER_ROOT = 1,
	MFA_PEER_OWNER = 2,     /* the subject itself, a user of this host */
	MFA_PEER_OTHER = 4,     /* another user, or another realm's account */
	MFA_PEER_SERVICE = 8,   /* the verifier's own account */
	MFA_PEER_OVERFLOW = 16, /* nobody we could name */
	MFA_PEER_REALM = 32     /* the account of the request's realm */
};

/* What a request is about, and who asks. */
struct mfa_request_about {
	const char *realm; /* never empty; "unix" where none is named */
	enum mfa_peer peer;
	struct mfa_subject subject; /* all zero if there is none */
	uint8_t challenge[MFA_CHALLENGE_ID]; /* of a request with an id */
};

/*
 * Sends its replies.  What it returns other than MFA_OK is sent as an Error,
 * with hint where that is not NULL.
 */
typedef enum mfa_err mfa_handler(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint);

/* What a request names, as it says it. */
typedef const char *mfa_request_text(const mfa_wire_Request *request);

struct mfa_request_rule {
	pb_size_t tag; /* of mfa_wire_Request */
	const char *name;
	unsigned int states; /* bits of enum mfa_state */
	unsigned int peers;  /* bits of enum mfa_peer */
	mfa_request_text *user;  /* or NULL if it names none */
	mfa_request_text *realm; /* or NULL: unix */
	mfa_request_text *id;	 /* a challenge's, which tells both; or NULL */
	mfa_handler *handle;
};

extern const struct mfa_request_rule mfa_requests[];
extern const size_t mfa_request_count;

/* The rule of a tag, or NULL. */
const struct mfa_request_rule *mfa_request_find(pb_size_t tag);

/*
 * What a request is about.
 *
 * about: realm lives as long as request and about; the peer is not set; the
 *        subject is filled in with MFA_OK only
 *
 * Returns: MFA_OK, also for a user that nobody knows; as mfa_subject_in_realm;
 * MFA_ERR_EXPIRED for an id that is none.
 */
enum mfa_err mfa_request_name(const struct mfa_request_rule *rule,
    const mfa_wire_Request *request,
    struct mfa_request_about *about) MFA_MUST_USE;

/*
 * Which kind of peer a uid is.  Looks at no record.
 *
 * realm:   of the request
 * subject: may be NULL where the request names nobody
 */
enum mfa_peer mfa_request_peer(const struct mfa_conversation *c,
    const char *realm, const struct mfa_subject *subject);

/*
 * True if a realm's account has that uid: by name, as the user database has
 * it now, or by number.  Never of unix or an unknown realm.
 */
bool mfa_request_is_account(const struct mfa_config *config,
    const char *realm, uid_t uid);

/*
 * The caller as the engine sees it.  To its own subjects a realm's account is
 * what root is to users; an owner may change what c->proof lets it.
 */
struct mfa_caller mfa_request_caller(const struct mfa_conversation *c,
    enum mfa_peer peer);

/*
 * True for a name of realm unix that the user database does not know and of
 * which no record is left: NOT_FOUND is NO_USER then.  Only administrators get
 * that far with it (R5).
 */
bool mfa_request_is_nobody(struct mfa_conversation *c,
    const struct mfa_request_about *about);

/*
 * Writes a hint as the caller would type what it names: "{of}" in it becomes the
 * options of the subject, " --user alice", and "{who}" the subject as operand,
 * " alice"; both with its realm.  Owners need no options.
 *
 * out: size bytes, cut where it is too small
 */
void mfa_request_words(const struct mfa_request_about *about, const char *hint,
    char *out, size_t size);

/* A Done reply. */
enum mfa_err mfa_requests_done(struct mfa_conversation *c,
    const char *text) MFA_MUST_USE;

/*
 * Ends a login whose answer did not come: logged, and the verdict sent for a
 * host that may still look.
 */
void mfa_requests_end_login(struct mfa_conversation *c,
    enum mfa_reason reason);

/* Handlers, by file. */
mfa_handler mfa_handle_login, mfa_handle_policy, mfa_handle_answer,
    mfa_handle_abandon;
mfa_handler mfa_handle_enroll, mfa_handle_confirm, mfa_handle_disable,
    mfa_handle_recovery_codes, mfa_handle_sync, mfa_handle_rename,
    mfa_handle_send;
mfa_handler mfa_handle_prove, mfa_handle_invite, mfa_handle_bypass;
mfa_handler mfa_handle_list, mfa_handle_status, mfa_handle_users,
    mfa_handle_reset, mfa_handle_unlock, mfa_handle_remove, mfa_handle_keys;
mfa_handler mfa_handle_records, mfa_handle_rekey, mfa_handle_after_restore;
mfa_handler mfa_handle_explain, mfa_handle_forget;
mfa_handler mfa_handle_challenge_start, mfa_handle_challenge_send,
    mfa_handle_challenge_verify;

#endif
