/* SPDX-License-Identifier: MIT */
/*
 * The requests of a command that changes a record, and what has to be proven
 * before (R21).
 *
 * Root and the account of a realm prove nothing: each request has a
 * conversation of its own, however long a person takes between two.  Who
 * changes his own record proves first that he may, and the verifier believes
 * it in that conversation alone and for a limited time: so all questions that
 * do not depend on its answers come before mfa_session_prove, and the
 * conversation is opened when the proof is there, and kept from then on.
 */
#ifndef MFA_UTILS_SESSION_H
#define MFA_UTILS_SESSION_H

#include <stdbool.h>

#include "utils/ask.h"
#include "utils/options.h"
#include "utils/term.h"

#define MFA_SESSION_TRIES 3 /* proofs that a person may type in one go */

struct mfa_session {
	const struct mfa_args *args;
	struct mfa_term *term;
	mfa_wire_Proof need;	   /* what there is to prove */
	bool pending;		   /* a first factor waits for its code */
	struct mfa_client *client; /* since it is proven; else NULL */
	bool invited;		   /* an invitation was given, and is used up */
};

enum mfa_session_purpose {
	MFA_SESSION_ENROLL = 1, /* another factor */
	MFA_SESSION_CHANGE = 2	/* anything else */
};

/*
 * Begins, and finds out what will have to be proven.  What stands against it
 * is said.  Every mfa_session_open needs its mfa_session_close.
 *
 * term: open; lives as long as the session, as args do
 * args: the user, and whether it is the caller's own record
 *
 * Returns: MFA_EXIT_DONE, or the exit code.
 */
int mfa_session_open(struct mfa_session *session, struct mfa_term *term,
    const struct mfa_args *args, enum mfa_session_purpose purpose);

/*
 * Asks for the proof, where one is needed, until it is right: at most
 * MFA_SESSION_TRIES times where there is a person, else one line of standard
 * input, once.  The answer "send" has a code sent and costs no try, as an empty
 * line does not.  What goes wrong is said.
 *
 * Returns: MFA_EXIT_DONE, or the exit code.
 */
int mfa_session_prove(struct mfa_session *session);

/*
 * Asks what has one reply, in the conversation that holds the proof; as
 * mfa_ask_one.  MFA_ERR_PROOF where the verifier waits no longer, with a
 * sentence that says so.
 */
enum mfa_err mfa_session_one(struct mfa_session *session,
    const mfa_wire_Request *request, unsigned int tag, mfa_wire_Reply *reply,
    struct mfa_ask_problem *problem) MFA_MUST_USE;

/*
 * Proves and has a change made.  It is tried without the proof before, so that
 * what stands against it costs neither a code nor an invitation.  What goes
 * wrong is said.
 *
 * reply:   as of mfa_ask_one
 * problem: of the change; its err is MFA_OK where only the proof failed
 *
 * Returns: the exit code.
 */
int mfa_session_change(struct mfa_session *session,
    const mfa_wire_Request *request, unsigned int tag, mfa_wire_Reply *reply,
    struct mfa_ask_problem *problem);

/*
 * The same for what is answered by Done, whose sentence is printed.
 *
 * Returns: the exit code.
 */
int mfa_session_done(struct mfa_session *session,
    const mfa_wire_Request *request);

/*
 * True for the word that has a code sent, as the verifier reads it: in any
 * case, perhaps with a label behind it.
 */
bool mfa_session_is_send(const char *line);

/*
 * Ends the conversation; requests after that have their own.  The terminal
 * stays open.
 */
void mfa_session_close(struct mfa_session *session);

#endif
