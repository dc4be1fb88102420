/* SPDX-License-Identifier: MIT */
/* One conversation on one connected socket: what requests do to it. */
#ifndef MFA_VERIFIER_CONVERSATION_H
#define MFA_VERIFIER_CONVERSATION_H

#include <sys/types.h>

#include "lib/base/err.h"
#include "protocol/wire_io.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/login.h"
#include "verifier/engine/permit.h"
#include "verifier/engine/subject.h"
#include "verifier/runner.h"

/* Where a conversation stands; bits, for the table. */
enum mfa_state {
	MFA_STATE_NEW = 1,   /* not greeted */
	MFA_STATE_READY = 2, /* waits for a request */
	MFA_STATE_ASKED = 4, /* a prompt is out */
	MFA_STATE_OVER = 8
};

/* Seconds. */
#define MFA_WAIT_HELLO 5
#define MFA_WAIT_READY 60
#define MFA_WAIT_OTHERS 5 /* the same for peers that are not root; once they
			     have proven or enrolled: challenge_ttl_seconds */
#define MFA_WAIT_SEND  5
#define MFA_REQUESTS_OTHERS 32 /* requests of one conversation, likewise */
#define MFA_REFUSED_OTHERS 5 /* wrong codes of one conversation, likewise */
#define MFA_WORK_MAX   20 /* of one request; then the process is killed */

/* Who is at the other end and what bounds it; from the kernel, not from it. */
struct mfa_peer_info {
	uid_t uid;
	/*
	 * Notes that this conversation is about a record, and says whether
	 * there may be one more about it.  NULL: no bound.
	 */
	bool (*claim)(void *ctx, const char *record_id);
	/* Notes that it has greeted.  NULL: nobody wants to know. */
	void (*greeted)(void *ctx);
	void *ctx;
};

struct mfa_conversation {
	int fd;
	struct mfa_peer_info peer;
	uid_t service_uid; /* ours */
	uid_t overflow_uid;
	enum mfa_state state;
	uint64_t end; /* of the whole, for peers that are not root */
	bool patient; /* its owner is at work: it may take longer */
	bool shared; /* of a listener: root's clients have another way */
	unsigned int requests; /* so far */
	unsigned int refused;  /* of these, wrong codes */
	uint32_t version; /* of the protocol, spoken from the greeting on */
	bool warm; /* HMAC and dry run done */
	enum mfa_err broken; /* why there is no engine, or MFA_OK */
	struct mfa_config config;
	struct mfa_config_problem problem;
	struct mfa_engine engine;
	struct mfa_login login;
	struct mfa_proof proof; /* of an owner, for what it changes next */
	mfa_wire_Request request; /* may hold a code */
	mfa_wire_Request login_request; /* its strings live as long as login */
	mfa_wire_Reply reply;	  /* may hold a secret */
	char words[sizeof(((mfa_wire_Error *)0)->text)]; /* of a hint */
	struct mfa_runner_desk desk; /* the engine's runner and sink */
};

/*
 * From now on a peer that is not root has challenge_ttl_seconds for each
 * request and pending_ttl_seconds in all: a person proves and enrols.  Counts
 * once in a conversation.
 */
void mfa_conversation_be_patient(struct mfa_conversation *c);

/* That many seconds from now, as mfa_wire_clock counts. */
uint64_t mfa_conversation_in(unsigned int seconds);

/* Sends c->reply and wipes it.  Returns: as mfa_wire_send_reply. */
enum mfa_err mfa_conversation_reply(struct mfa_conversation *c) MFA_MUST_USE;

#endif
