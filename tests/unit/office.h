/* SPDX-License-Identifier: MIT */
/*
 * For tests of whole conversations: a machine of its own (user database and
 * configuration in a mount namespace, a store and a ring in a private folder)
 * and a peer whose uid is chosen.
 *
 * A conversation is run in this process: what the peer says is all sent
 * before, what it was answered is read after.
 */
#ifndef MFA_TESTS_OFFICE_H
#define MFA_TESTS_OFFICE_H

#include "tests/unit/world.h"

#include "verifier/serve.h"

#define OFFICE_SERVICE	4700 /* uid and gid of the verifier */
#define OFFICE_ALICE	4711
#define OFFICE_SHOP	4720 /* shopd, the account of realm shop */
#define OFFICE_FORUM	4721 /* the account of realm forum; has no name */
#define OFFICE_CROWD 5000 /* 32 uids from here */
#define OFFICE_BOB	4712
#define OFFICE_NOBODY	65534 /* the overflow uid has an account, too */
#define OFFICE_REPLIES	48

struct office {
	char place[64];
	char keys[80];
	char dir[80];
	char config[128]; /* the configuration's file */
	struct mfa_now now;
	struct mfa_office office;
	struct mfa_engine engine;
	unsigned int events[MFA_EVENT_END];
	/* of the last event */
	char last_reason[64], last_service[72], last_rhost[260];
	bool full;	      /* claim says no */
	char claimed[64];
	/* one conversation */
	int ends[2]; /* the peer's, the verifier's */
	mfa_wire_Reply replies[OFFICE_REPLIES];
	unsigned int count;
};

/*
 * First line of main: enters the namespace, or prints a plan that skips all
 * and ends the program.
 */
void office_enter(void);

/* cmocka set-ups: *state is a struct office with default options. */
int office_new(void **state);
int office_free(void **state);

/*
 * Replaces the configuration's file by lines for [mfa], and whatever follows
 * them: OFFICE_REALMS, for two realms.
 */
void office_configure(struct office *office, const char *lines);
#define OFFICE_REALMS                                                     \
	"[realm shop]\naccount = shopd\nrequire = all\n"                  \
	"[realm forum]\naccount = 4721\nrequire = all\n"

/* What the peer will say, in this order; hello is the usual one. */
void office_say(struct office *office, const mfa_wire_Request *request);
void office_hello(struct office *office);
void office_login(struct office *office, const char *user, uint32_t retry);
void office_answer(struct office *office, const char *text);
/* A request whose only member is a user. */
void office_ask(struct office *office, pb_size_t tag, const char *user);
/* A request of any kind; its subject, where it has one: label "phone". */
void office_name(mfa_wire_Request *request, pb_size_t tag, const char *realm,
    const char *user);
/* Bytes that are no message of ours, with a descriptor if it is not -1. */
void office_send(struct office *office, const void *bytes, size_t len, int fd);

/* Runs the conversation with all that was said, as this peer. */
void office_run(struct office *office, uid_t uid);

/* The numbered reply is an Error with this code. */
void office_error(const struct office *office, unsigned int i,
    enum mfa_err err);
/* The numbered reply is of this kind. */
const mfa_wire_Reply *office_reply(const struct office *office,
    unsigned int i, pb_size_t tag);

/* Enrols a user as root does; SECRET_A, codes up to now are used. */
void office_enroll(struct office *office, const char *user);
/* The same of any realm, by any peer. */
void office_enroll_in(struct office *office, const char *realm,
    const char *user, uid_t by);
/* Begins a challenge of its own conversation; id has room for any. */
void office_challenge(struct office *office, const char *realm,
    const char *user, uid_t by, char id[841]);
/* The code of SECRET_A, so many steps from now. */
void office_code(const struct office *office, int steps, char out[9]);

#endif
