/* SPDX-License-Identifier: MIT */
/* MUST list: places.h. */
#include "verifier/places.h"

#include <signal.h>
#include <sys/wait.h>

/* ---- counting ---- */

static bool
is_served(const struct mfa_place *place)
{
	return place->pid != 0 && place->stay == MFA_STAY_SERVED;
}

static unsigned int
held_by(const struct mfa_places *places, uid_t uid)
{
	unsigned int n = 0;

	for (size_t i = 0; i < MFA_PLACES; i++)
		n += is_served(&places->place[i]) &&
		    places->place[i].uid == uid;
	return n;
}

static unsigned int
held_by_others(const struct mfa_places *places)
{
	unsigned int n = 0;

	for (size_t i = 0; i < MFA_PLACES; i++)
		n += is_served(&places->place[i]) && places->place[i].uid != 0;
	return n;
}

static unsigned int
cap_of(uid_t uid)
{
	return uid == 0 ? MFA_CHILDREN - MFA_CHILDREN_OTHERS :
			  MFA_CHILDREN_A_UID;
}

size_t
mfa_places_free(const struct mfa_places *places)
{
	size_t i = 0;

	while (i < MFA_PLACES && places->place[i].pid != 0)
		i++;
	return i;
}

/* ---- refusals ---- */

static bool
is_refused(const struct mfa_places *places, uid_t uid, uint64_t now)
{
	for (size_t i = 0; i < MFA_REFUSALS; i++) {
		if (places->refusal[i].uid == uid &&
		    places->refusal[i].end > now)
			return true;
	}
	return false;
}

/* In the row that it has, or else in the one that ends first. */
static void
refuse(struct mfa_places *places, uid_t uid, uint64_t now)
{
	struct mfa_refusal *row = &places->refusal[0];

	for (size_t i = 0; i < MFA_REFUSALS; i++) {
		struct mfa_refusal *other = &places->refusal[i];

		if (other->uid == uid && other->end != 0) {
			row = other;
			break;
		}
		if (other->end < row->end)
			row = other;
	}
	row->uid = uid;
	row->end = now + MFA_REFUSE_SECONDS * 1000;
}

/* ---- giving way ---- */

static bool
is_silent(const struct mfa_place *place, const struct mfa_note *note)
{
	return is_served(place) &&
	    __atomic_load_n(&note->greeted, __ATOMIC_SEQ_CST) == 0;
}

static bool
is_late(const struct mfa_place *place, uint64_t now)
{
	return now >= place->since && now - place->since >= MFA_SILENT_MS;
}

/* The oldest silent one of a uid, or NULL. */
static struct mfa_place *
oldest_of(struct mfa_places *places, const struct mfa_note *notes, uid_t uid)
{
	struct mfa_place *oldest = NULL;

	for (size_t i = 0; i < MFA_PLACES; i++) {
		struct mfa_place *place = &places->place[i];

		if (place->uid == uid && is_silent(place, &notes[i]) &&
		    (oldest == NULL || place->since < oldest->since))
			oldest = place;
	}
	return oldest;
}

/* The oldest silent one of the uid that holds most, root's apart, or NULL. */
static struct mfa_place *
oldest_of_most(struct mfa_places *places, const struct mfa_note *notes,
    unsigned int *most)
{
	struct mfa_place *oldest = NULL;

	*most = 0;
	for (size_t i = 0; i < MFA_PLACES; i++) {
		struct mfa_place *place = &places->place[i];
		unsigned int n;

		if (place->uid == 0 || !is_silent(place, &notes[i]))
			continue;
		n = held_by(places, place->uid);
		if (n > *most ||
		    (n == *most && place->since < oldest->since)) {
			*most = n;
			oldest = place;
		}
	}
	return oldest;
}

/* For a newcomer whose uid holds so many; NULL: nobody does. */
static struct mfa_place *
who_gives_way(struct mfa_places *places, const struct mfa_note *notes,
    uid_t uid, unsigned int held, uint64_t now)
{
	struct mfa_place *place;
	unsigned int most;

	if (held >= cap_of(uid)) {
		place = oldest_of(places, notes, uid);
		return place != NULL && is_late(place, now) ? place : NULL;
	}
	place = oldest_of_most(places, notes, &most);
	if (place == NULL || most <= held)
		return NULL;
	return most > held + 1 || is_late(place, now) ? place : NULL;
}

bool
mfa_places_admit(struct mfa_places *places, const struct mfa_note *notes,
    uid_t uid, uint64_t now, pid_t *evict)
{
	unsigned int held = held_by(places, uid);
	struct mfa_place *place;

	*evict = 0;
	if (is_refused(places, uid, now))
		return false;
	/* Neither takes the other's share; root has another way. */
	if (held < cap_of(uid) &&
	    (uid == 0 || held_by_others(places) < MFA_CHILDREN_OTHERS))
		return true;
	place = who_gives_way(places, notes, uid, held, now);
	if (place == NULL)
		return false;
	place->stay = MFA_STAY_KILLED;
	*evict = place->pid;
	return true;
}

/* ---- coming and going ---- */

void
mfa_places_enter(struct mfa_places *places, size_t free,
    const struct mfa_place *child)
{
	places->place[free] = *child;
}

/*
 * SIGALRM is the watchdog: a disk or a user database that hangs is no attack,
 * and refusing everybody for it would make it worse.  Nothing is learned by it
 * either: a wrong guess about our memory is a crash.
 */
static enum mfa_death
judge(const struct mfa_place *place, int status)
{
	if (!WIFSIGNALED(status))
		return MFA_DEATH_PLAIN;
	if (WTERMSIG(status) == SIGKILL && place->stay == MFA_STAY_KILLED)
		return MFA_DEATH_PLAIN;
	return WTERMSIG(status) == SIGALRM ? MFA_DEATH_HANG : MFA_DEATH_CRASH;
}

struct mfa_departure
mfa_places_leave(struct mfa_places *places, pid_t pid, int status,
    uint64_t now)
{
	struct mfa_departure gone = { MFA_DEATH_PLAIN, 0, (uid_t)-1, 0 };
	struct mfa_place *place;

	while (gone.place < MFA_PLACES &&
	    places->place[gone.place].pid != pid)
		gone.place++;
	if (gone.place == MFA_PLACES)
		return gone; /* the runner */
	place = &places->place[gone.place];
	gone.uid = place->uid;
	gone.death = judge(place, status);
	gone.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (gone.death == MFA_DEATH_CRASH)
		refuse(places, place->uid, now);
	*place = (struct mfa_place){ 0 };
	return gone;
}

/* ---- subjects ---- */

static uint64_t
hash_id(const char *id)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a: only for counting */

	for (; *id != '\0'; id++)
		h = (h ^ (uint8_t)*id) * 0x100000001b3;
	return h == 0 ? 1 : h;
}

bool
mfa_places_claim(struct mfa_note *notes, size_t mine, const char *record_id)
{
	uint64_t hash = hash_id(record_id);
	unsigned int n = 0;

	__atomic_store_n(&notes[mine].subject, hash, __ATOMIC_SEQ_CST);
	for (size_t i = 0; i < MFA_PLACES; i++) {
		if (__atomic_load_n(&notes[i].subject, __ATOMIC_SEQ_CST) ==
		    hash)
			n++;
	}
	return n <= MFA_CHILDREN_A_SUBJECT;
}
