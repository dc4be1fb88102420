/* SPDX-License-Identifier: MIT */
/*
 * Going through records of all realms: they are listed first, then each is
 * asked about alone, so that one that fails does not keep back the rest.
 */
#ifndef MFA_UTILS_SWEEP_H
#define MFA_UTILS_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "utils/ask.h"

/* All zero but bar to begin with; to be freed with mfa_sweep_free. */
struct mfa_sweep {
	struct mfa_client *client; /* NULL: to be opened */
	char *names;		   /* of each record: id, realm, user */
	size_t len, room;
	size_t next;  /* in names */
	size_t count; /* records */
	size_t done;  /* of them, the one that is out included */
	bool bar;     /* standard error is a terminal to show it on */
};

/* One record; the texts are the sweep's. */
struct mfa_sweep_record {
	const char *id;
	const char *realm;
	const char *user;
};

/*
 * Lists all records, or those that wanted takes.
 *
 * wanted: NULL: all
 *
 * Returns: as mfa_ask_each; MFA_ERR_MEMORY.
 */
enum mfa_err mfa_sweep_list(struct mfa_sweep *sweep,
    bool (*wanted)(void *ctx, const mfa_wire_RecordInfo *info), void *ctx,
    struct mfa_ask_problem *problem) MFA_MUST_USE;

/* The next record, and how far that is.  Returns: false after the last one. */
bool mfa_sweep_next(struct mfa_sweep *sweep, struct mfa_sweep_record *out);

/*
 * Asks what has one reply.  After trouble the next one is asked in another
 * conversation; a listener that is restarted meanwhile is asked once more.
 *
 * Returns: as mfa_ask_one.
 */
enum mfa_err mfa_sweep_ask(struct mfa_sweep *sweep,
    const mfa_wire_Request *request, unsigned int tag, mfa_wire_Reply *reply,
    struct mfa_ask_problem *problem) MFA_MUST_USE;

/* Takes the bar away: before a line, and at the end. */
void mfa_sweep_clear(const struct mfa_sweep *sweep);

void mfa_sweep_free(struct mfa_sweep *sweep);

#endif
