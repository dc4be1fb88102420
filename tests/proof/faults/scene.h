/* SPDX-License-Identifier: MIT */
/*
 * The logins and commands that are struck: what the record is before, what is
 * typed, what comes of it when nothing goes wrong, and what the record may be
 * after.  For a real store, in the sandbox; the engine works in this process,
 * as the account.
 */
#ifndef MFA_PROOF_SCENE_H
#define MFA_PROOF_SCENE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "protocol/record.pb.h"
#include "verifier/engine/engine.h"
#include "verifier/engine/subject.h"
#include "verifier/otp/typed.h"

#define SCENE_RECORD (MFA_STORE_SLOTS * MFA_STORE_SLOT)
#define SCENE_SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
#define SCENE_SECOND "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"

/* Of a record, what attempts change. */
struct scene_facts {
	bool there;
	bool enrolled;
	unsigned int factors;  /* enabled */
	unsigned int wrong;    /* of the account */
	unsigned int recovery; /* used */
	unsigned int compared; /* with the recovery codes (R10) */
	uint64_t step;	       /* of the first factor */
	bool sent;	       /* a delivered code is live */
	bool bypass;	       /* one was given out and not used */
	unsigned int given_back; /* replays, of the first factor */
	unsigned int grace;
	unsigned int remembered;
	bool moved; /* both slots are sealed with the primary key */
};

struct scene {
	struct mfa_config config;
	struct mfa_env env;
	struct mfa_sink sink;
	struct mfa_runner runner;
	struct mfa_engine engine;
	uid_t uid;
	gid_t gid;
	struct mfa_subject subject;
	char sent[16];	      /* the code that was delivered last */
	char recovery[80];    /* one of the recovery codes, or the bypass */
	char code[80];	      /* what is typed in this run */
	char input[160];      /* with what is typed besides */
	uint8_t saved[SCENE_RECORD];
	bool was_there;
	struct scene_facts before;
};

struct scene_case {
	const char *name;
	const char *user;
	const char *service; /* NULL: argv is a command */
	const char *rhost;
	const char *how; /* what login asks besides: login.c */
	const char *const *argv;
	const char *clean; /* the word; of a command, "ok" */
	void (*setup)(struct scene *s);	 /* once */
	void (*before)(struct scene *s); /* each time, after the record is as
					    it was; fills in code and input */
	bool once;    /* code is good once: not if it was good before */
	bool charges; /* clean, it is a wrong code, and charged */
	bool compares; /* clean, a code is compared with a secret */
	bool creates; /* there may be no record, before or after */
};

/* Ends with a NULL name. */
extern const struct scene_case scene_cases[];

/* The real configuration, store and ring.  False, with a line, on failure. */
bool scene_open(struct scene *s);

/* The record of before, in this case; then the case's own. */
void scene_begin(struct scene *s, const struct scene_case *c);
void scene_restore(struct scene *s, const struct scene_case *c);

/* Reads the record in a process of its own, which knows nothing of before. */
enum mfa_err scene_read(struct scene *s, struct scene_facts *out);

/* That process: tells of this user on standard output.  Returns: its status. */
int scene_tell(struct scene *s, const char *user);

/* The same code once more: was it good? */
bool scene_again(struct scene *s);

/* From here on this process is the account; NULL: root. */
void scene_as(const struct scene *s);

/* Nobody holds the record's lock. */
bool scene_unlocked(struct scene *s);

#endif
