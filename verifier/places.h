/* SPDX-License-Identifier: MIT */
/*
 * Who is being served: the places of a listener's children, their caps, who
 * gives way when there is none left, and who is refused for a while (R28).
 * Pure: no clock, no process, no descriptor.
 *
 * MUST (checked against places.c):
 *  - conversations are capped in all, per uid that is not root, and for root
 *    per subject; others never take root's share, nor root theirs;
 *  - who has greeted never gives way, root's conversations to root's alone;
 *  - nobody gives way to a uid that would then hold more than its own;
 *  - a uid whose conversation died by a signal is refused until the time is
 *    over; what the parent killed itself, and its watchdog, do not count;
 *  - of what children write nothing is believed but that they were greeted and,
 *    for root's cap of a subject, which record they are about.
 *
 * Who gives way.  At its own cap, a uid's oldest conversation that was not
 * greeted within a second does: a client that is served has greeted by then,
 * or has given up.  Where the share of all others is taken, it is the oldest
 * silent one of the uid that holds most, at once if that uid holds at least two
 * more than the newcomer's, else after that second, too.  So one who keeps many
 * silent conversations loses them first, however fast they are renewed, and a
 * crowd of honest clients is told "busy" rather than cut off.
 */
#ifndef MFA_VERIFIER_PLACES_H
#define MFA_VERIFIER_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MFA_CHILDREN	      384 /* conversations in all */
#define MFA_CHILDREN_OTHERS   128 /* of these, not root's */
#define MFA_CHILDREN_A_UID    8
#define MFA_CHILDREN_A_SUBJECT 64 /* root's, about one record */

#define MFA_REFUSE_SECONDS 60	/* after a crash */
#define MFA_REFUSALS	   128	/* at a time; then the oldest is forgotten */
#define MFA_SILENT_MS	   1000 /* without a greeting */

#define MFA_LEAVERS 64 /* places more, for children that are at their end */
#define MFA_PLACES  (MFA_CHILDREN + MFA_LEAVERS)

enum mfa_stay {
	MFA_STAY_SERVED = 0,
	MFA_STAY_KILLED = 1, /* by the parent */
	MFA_STAY_DROPPED = 2 /* exists only to close a connection */
};

/* One child; the parent's own. */
struct mfa_place {
	pid_t pid; /* 0: free */
	uid_t uid;
	uint64_t since; /* milliseconds, as now below */
	uint32_t stay;	/* enum mfa_stay; only those served count for caps */
};

struct mfa_refusal {
	uint64_t end; /* milliseconds; 0: none */
	uid_t uid;
};

/* Plain data: a listener that starts itself anew hands it on. */
struct mfa_places {
	struct mfa_place place[MFA_PLACES];
	struct mfa_refusal refusal[MFA_REFUSALS];
};

/* What a child writes, in memory shared by all; one for each place. */
struct mfa_note {
	uint64_t subject; /* hash of the record id, 0: none yet */
	uint32_t greeted;
	uint32_t unused;
};

/* Index of a free place; MFA_PLACES if there is none. */
size_t mfa_places_free(const struct mfa_places *places);

/*
 * May a new connection of this uid be served?
 *
 * notes: MFA_PLACES, indexed as the places
 * now:   milliseconds of a clock that never goes back
 * evict: 0, or a child that gives way: the caller kills it
 *
 * Returns: false if it is told "busy".
 */
bool mfa_places_admit(struct mfa_places *places, const struct mfa_note *notes,
    uid_t uid, uint64_t now, pid_t *evict);

/* Notes a new child in a free place. */
void mfa_places_enter(struct mfa_places *places, size_t free,
    const struct mfa_place *child);

enum mfa_death {
	MFA_DEATH_PLAIN = 0,
	MFA_DEATH_CRASH = 1, /* by a signal */
	MFA_DEATH_HANG = 2   /* by its own watchdog */
};

struct mfa_departure {
	enum mfa_death death;
	size_t place; /* MFA_PLACES: not one of ours */
	uid_t uid;
	int signal;
};

/*
 * Frees the place of a child that waitpid has given back, and refuses its uid
 * if it crashed.
 *
 * status: as waitpid says
 *
 * Returns: who left, and how.
 */
struct mfa_departure mfa_places_leave(struct mfa_places *places, pid_t pid,
    int status, uint64_t now);

/*
 * In a child of root's: notes the record in its own note.
 *
 * Returns: true if there may be one more conversation about it.
 */
bool mfa_places_claim(struct mfa_note *notes, size_t mine,
    const char *record_id);

#endif
