/* SPDX-License-Identifier: MIT */
/* States of a record in which it does not let its owner in. */
#ifndef MFA_TESTS_LOGIN_STATES_H
#define MFA_TESTS_LOGIN_STATES_H

#include "tests/unit/login_session.h"

#include <unistd.h>

#include "verifier/vault/envelope.h"

static inline void
state_locked(struct world *w)
{
	char bad[9];

	state_enrolled(w);
	world_wrong(w, bad);
	for (int i = 0; i < 5; i++)
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
	assert_int_equal(world_try(w, bad), MFA_REASON_LOCKED);
}

static inline void
state_blocked(struct world *w)
{
	char bad[9];

	state_enrolled(w);
	w->config.wrong_per_day = 1000;
	for (uint32_t i = 0; i < w->config.hard_stop; i++) {
		world_wrong(w, bad);
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
		world_pass(w, 86400);
	}
	world_wrong(w, bad);
	assert_int_equal(world_try(w, bad), MFA_REASON_BLOCKED);
}

/* All budget of the account spent, the factor itself open. */
static inline void
state_spent(struct world *w)
{
	char bad[9];

	state_enrolled(w);
	for (uint32_t i = 0; i < w->config.wrong_per_day; i++) {
		world_wrong(w, bad);
		assert_int_equal(world_try(w, bad), MFA_REASON_WRONG);
		world_pass(w, i % 5 == 4 ? 7200 : 1);
	}
	world_wrong(w, bad);
	assert_int_equal(world_try(w, bad), MFA_REASON_LOCKED);
}

/* Written for an earlier user of that name. */
static inline void
state_foreign(struct world *w)
{
	struct mfa_confirmed confirmed;

	world_user(w, PERSON);
	w->subject.uid = 4711;
	world_enroll(w, "phone", SECRET_A, &confirmed);
	world_pass(w, 30);
}

static inline void
state_damaged(struct world *w)
{
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];

	state_enrolled(w);
	world_read(w, bytes);
	bytes[3000] ^= 1;
	bytes[MFA_STORE_SLOT + 3000] ^= 1;
	world_write(w, bytes);
}

static inline void
state_newer(struct world *w)
{
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];

	state_enrolled(w);
	world_read(w, bytes);
	bytes[11] = MFA_FORMAT + 1; /* of slot 0 */
	world_write(w, bytes);
}

static inline void
state_no_key(struct world *w)
{
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	char path[128], hex[17];

	state_enrolled(w);
	world_read(w, bytes);
	mfa_num_hex(bytes + 12, 8, hex);
	(void)snprintf(path, sizeof(path), "%s/%s.key", w->keys, hex);
	assert_int_equal(unlink(path), 0);
}

static inline void
state_path(const struct world *w, char out[400])
{
	(void)snprintf(out, 400, "%s/records/%s", w->dir, w->subject.id);
}

static inline void
state_cut(struct world *w, off_t size)
{
	char path[400];

	state_enrolled(w);
	state_path(w, path);
	assert_int_equal(truncate(path, size), 0);
}

static inline void
state_empty(struct world *w)
{
	state_cut(w, 0);
}

static inline void
state_half(struct world *w)
{
	state_cut(w, MFA_STORE_SLOT);
}

static inline void
state_link(struct world *w)
{
	char path[400], other[80];

	state_enrolled(w);
	state_path(w, path);
	(void)snprintf(other, sizeof(other), "%s/other", w->place);
	assert_int_equal(link(path, other), 0);
}

#endif
