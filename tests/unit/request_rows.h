/* SPDX-License-Identifier: MIT */
/* R21, R31: each request, from each peer, in each state, written by hand. */
#ifndef MFA_TESTS_REQUEST_ROWS_H
#define MFA_TESTS_REQUEST_ROWS_H

#include "protocol/wire_io.h"

/*
 * The states in which a request is allowed: N not greeted, R ready, A a
 * prompt is out.  After the end none is.  "realm" is the account of the very
 * realm that the request names; another realm's is another.
 */
static const struct row {
	pb_size_t tag;
	const char *name;
	const char *root, *owner, *realm, *other, *service, *overflow;
	const char *of; /* s: a subject in a realm, u: a user of this host,
			   r: a realm, c: a challenge, -: nothing */
} rows[] = {
	{ 1, "hello", "N", "N", "N", "N", "", "", "-" },
	{ 2, "login", "R", "R", "", "", "", "", "u" },
	/* A prompt is out only after an admitted login, and an answer names
	   nobody: the owner comes as any other user. */
	{ 3, "answer", "A", "A", "A", "A", "", "", "-" },
	{ 4, "abandon", "A", "A", "A", "A", "", "", "-" },
	{ 5, "enroll", "R", "R", "R", "", "", "", "s" },
	{ 6, "confirm", "R", "R", "R", "", "", "", "s" },
	{ 7, "disable", "R", "R", "R", "", "", "", "s" },
	{ 8, "recovery_codes", "R", "R", "R", "", "", "", "s" },
	{ 9, "sync", "R", "", "R", "", "", "", "s" },
	{ 10, "list", "R", "R", "R", "", "", "", "s" },
	{ 11, "status", "R", "R", "R", "", "", "", "s" },
	{ 12, "users", "R", "", "R", "", "", "", "r" },
	{ 13, "reset", "R", "", "R", "", "", "", "s" },
	{ 14, "unlock", "R", "", "R", "", "", "", "s" },
	{ 15, "remove", "R", "", "R", "", "", "", "s" },
	{ 16, "keys", "R", "", "", "", "", "", "-" },
	{ 17, "rename", "R", "R", "R", "", "", "", "s" },
	{ 18, "send", "R", "R", "R", "", "", "", "s" },
	{ 19, "challenge_start", "R", "R", "R", "", "", "", "s" },
	{ 20, "challenge_send", "R", "R", "R", "", "", "", "c" },
	{ 21, "challenge_verify", "R", "R", "R", "", "", "", "c" },
	{ 22, "policy", "R", "R", "", "", "", "", "u" },
	/* Root has nothing to prove. */
	{ 23, "prove", "", "R", "", "", "", "", "u" },
	{ 24, "invite", "R", "", "", "", "", "", "u" },
	{ 25, "bypass", "R", "", "", "", "", "", "u" },
	{ 26, "records", "R", "", "", "", "", "", "-" },
	{ 27, "rekey", "R", "", "", "", "", "", "-" },
	{ 28, "explain", "R", "", "", "", "", "", "u" },
	{ 29, "forget", "R", "R", "", "", "", "", "u" },
	{ 30, "after_restore", "R", "", "", "", "", "", "-" },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

#endif
