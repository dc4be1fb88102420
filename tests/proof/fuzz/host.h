/* SPDX-License-Identifier: MIT */
/*
 * A host of the module, made of an input: libpam's functions, a conversation,
 * and a verifier at the other end of a socketpair that says what the input
 * says.  The k-th call that can fail does so.
 *
 * In the order in which they are used up: when the host is begun, two bytes k
 * (0: nothing fails), one for errno, one of bits (items that are not set, and
 * more, enum host_bit), lines with user, service, remote host, terminal,
 * password, what sshd says of methods; then what each call takes:
 *   a connection   1 byte: it is there, or why not
 *   a reply        1 byte for its kind, and what that kind needs
 *   an answer      1 byte for its kind, and a line
 */
#ifndef MFA_TESTS_FUZZ_HOST_H
#define MFA_TESTS_FUZZ_HOST_H

#include <security/pam_appl.h>
#include <security/pam_modules.h>

#include "protocol/wire.pb.h"
#include "tests/proof/fuzz/fuzz.h"

#define HOST_TEXT   300
#define HOST_PIECES 4
#define HOST_ASKED  30 /* calls of the conversation in one of the module's */
#define HOST_MARKER "XmarkerX" /* in answers that no log line may have */

enum host_bit {
	HOST_NO_USER = 1,
	HOST_NO_SERVICE = 2,
	HOST_NO_RHOST = 4,
	HOST_NO_TTY = 8,
	HOST_NO_PASSWORD = 16,
	HOST_NO_CONVERSATION = 32,
	HOST_KEY = 64,
	HOST_NOT_ROOT = 128
};

struct host_piece {
	char name[64];
	void *data;
	void (*cleanup)(pam_handle_t *pamh, void *data, int status);
};

struct pam_handle {
	struct fuzz_in in;
	uint8_t bits;
	char user[HOST_TEXT], service[HOST_TEXT], rhost[HOST_TEXT];
	char tty[HOST_TEXT], key[HOST_TEXT];
	char *password; /* allocated; NULL: not set */
	struct pam_conv conv;
	struct host_piece piece[HOST_PIECES];
	/* failing */
	unsigned int fails_at, calls;
	int error;
	bool failed;
	/* the verifier */
	int fd, peer; /* -1: none */
	int seen[8];  /* every end that the module had */
	unsigned int connections;
	uint64_t clock; /* milliseconds */
	/* what was said, in one call of the module */
	bool marked;	  /* the input has the marker of its own */
	unsigned int asked;
	bool login;	  /* asked for a login of the user there is */
	bool policy;
	bool verdict;	  /* the last packet was one, whole */
	uint32_t code;
	uint32_t reason;
};

/* Takes the first part of an input. */
void host_begin(struct pam_handle *host, const uint8_t *data, size_t size);
/* Before each call of the module. */
void host_call(struct pam_handle *host);
/* After each: what the module had open is closed. */
void host_called(struct pam_handle *host);
/* As pam_end does. */
void host_end(struct pam_handle *host);

#endif
