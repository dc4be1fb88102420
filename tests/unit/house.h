/* SPDX-License-Identifier: MIT */
/* R28: the places of a listener, and who comes and goes there. */
#ifndef MFA_TESTS_HOUSE_H
#define MFA_TESTS_HOUSE_H

#include <signal.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

#include "verifier/places.h"

#define NOW 5000000
#define ROOTS (MFA_CHILDREN - MFA_CHILDREN_OTHERS)

struct house {
	struct mfa_places places;
	struct mfa_refusal behind; /* the refusals: none of them */
	struct mfa_note notes[MFA_PLACES + 1]; /* the last is of no place */
	pid_t next;
	pid_t evicted; /* by the last one who came */
	uint64_t now;
};

static inline int
house_new(void **state)
{
	struct house *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->next = 100;
	h->now = NOW;
	*state = h;
	return 0;
}

static inline int
house_free(void **state)
{
	free(*state);
	return 0;
}

/* The new child's pid, or 0 if it is not served. */
static inline pid_t
come(struct house *h, uid_t uid)
{
	struct mfa_place child = { .pid = h->next, .uid = uid,
		.since = h->now };
	size_t place = mfa_places_free(&h->places);

	assert_true(place < MFA_PLACES);
	if (!mfa_places_admit(&h->places, h->notes, uid, h->now,
		&h->evicted)) {
		assert_int_equal(h->evicted, 0);
		return 0;
	}
	mfa_places_enter(&h->places, place, &child);
	return h->next++;
}

static inline size_t
place_of(const struct house *h, pid_t pid)
{
	size_t i = 0;

	while (h->places.place[i].pid != pid)
		i++;
	return i;
}

static inline void
greet(struct house *h, pid_t pid)
{
	h->notes[place_of(h, pid)].greeted = 1;
}

/* So many come and greet. */
static inline void
greeted(struct house *h, uid_t uid, unsigned int n)
{
	while (n-- > 0) {
		pid_t pid = come(h, uid);

		assert_int_not_equal(pid, 0);
		greet(h, pid);
	}
}

/* As waitpid has it. */
static inline enum mfa_death
die(struct house *h, pid_t pid, int status)
{
	size_t place = place_of(h, pid);
	uid_t uid = h->places.place[place].uid;
	struct mfa_departure gone = mfa_places_leave(&h->places, pid, status,
	    h->now);

	assert_int_equal(gone.place, place);
	assert_int_equal(gone.uid, uid);
	assert_int_equal(gone.signal, status & 0x7f);
	assert_int_equal(h->places.place[place].pid, 0);
	memset(&h->notes[place], 0, sizeof(h->notes[place]));
	return gone.death;
}

#define IN_HOUSE(f) cmocka_unit_test_setup_teardown(f, house_new, house_free)

#endif
