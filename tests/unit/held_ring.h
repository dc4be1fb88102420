/* SPDX-License-Identifier: MIT */
/*
 * For tests of keys that are held: a ring of one key among the credentials of
 * services.  To be included first.
 */
#ifndef MFA_TESTS_HELD_RING_H
#define MFA_TESTS_HELD_RING_H

#include "tests/unit/place.h"

#include "tests/unit/world.h"
#include "verifier/vault/keyring.h"

#define FOLDER "/run/credentials"

struct ring {
	char dir[64];
	uint8_t made;
	uint8_t id[MFA_KEY_ID]; /* of the primary */
	char file[256];		/* of it */
	struct mfa_env env;
	struct mfa_keyring_held held;
};

static struct ring *now; /* of the test that runs */
static bool made_folder;

/* Keys of a generator that counts: 01..01, 02..02 and so on. */
static inline void
next_bytes(const struct mfa_env *env, void *out, size_t len)
{
	uint8_t *n = env->ctx;

	memset(out, ++*n, len);
}

static inline void
make_key(struct ring *ring)
{
	char hex[17];

	assert_int_equal(mfa_keyring_new(ring->dir, &ring->env, 0, ring->id),
	    MFA_OK);
	mfa_num_hex(ring->id, sizeof(ring->id), hex);
	(void)snprintf(ring->file, sizeof(ring->file), "%s/%s.key", ring->dir,
	    hex);
	assert_int_equal(chmod(ring->file, 0400), 0);
}

static inline const char *
path_of(const struct ring *ring, const char *name, char out[256])
{
	(void)snprintf(out, 256, "%s/%s", ring->dir, name);
	return out;
}

/* A ring of one key, as the service manager lays it out. */
static inline int
ring_new(void **state)
{
	struct ring *ring = calloc(1, sizeof(*ring));

	if (ring == NULL)
		return -1;
	made_folder = mkdir(FOLDER, 0755) == 0 && chmod(FOLDER, 0755) == 0;
	(void)snprintf(ring->dir, sizeof(ring->dir),
	    FOLDER "/mfa-unit-XXXXXX");
	if (mkdtemp(ring->dir) == NULL)
		return -1;
	ring->env.random = next_bytes;
	ring->env.ctx = &ring->made;
	*state = now = ring;
	make_key(ring);
	return chmod(ring->dir, 0500);
}

static inline int
ring_free(void **state)
{
	struct ring *ring = *state;

	for (uint32_t i = 0; i < ring->held.count; i++)
		(void)close(ring->held.file[i].fd);
	(void)nftw(ring->dir, place_unlink, 8, FTW_DEPTH | FTW_PHYS);
	free(ring);
	/* Only while empty. */
	if (made_folder)
		(void)rmdir(FOLDER);
	return 0;
}

static inline void
hold(struct ring *ring, uint32_t count)
{
	assert_int_equal(mfa_keyring_hold(ring->dir, &ring->held), MFA_OK);
	assert_string_equal(ring->held.dir, ring->dir);
	assert_int_equal(ring->held.count, count);
}

/* Nothing is held, and no descriptor is left. */
static inline void
hold_fails(struct ring *ring, enum mfa_err err)
{
	int before = place_descriptors();

	assert_int_equal(mfa_keyring_hold(ring->dir, &ring->held), err);
	assert_int_equal(ring->held.count, 0);
	assert_string_equal(ring->held.dir, "");
	assert_int_equal(place_descriptors(), before);
}

/* Both keys are had from what is held, at any time, as anybody. */
static inline void
loads(struct ring *ring, uint8_t value)
{
	struct mfa_key key;
	int before = place_descriptors();

	assert_int_equal(mfa_keyring_load_from(ring->dir, &ring->held,
	    ring->id, &key), MFA_OK);
	assert_true(unit_all(key.bytes, sizeof(key.bytes), value));
	memset(&key, 0, sizeof(key));
	assert_int_equal(mfa_keyring_primary_from(ring->dir, &ring->held,
	    &key), MFA_OK);
	assert_true(unit_all(key.bytes, sizeof(key.bytes), value));
	assert_int_equal(place_descriptors(), before);
}

struct seen {
	unsigned int n, primaries, problems;
};

static inline enum mfa_err
note(void *ctx, const uint8_t id[MFA_KEY_ID], bool primary,
    enum mfa_err problem)
{
	struct seen *seen = ctx;

	(void)id;
	seen->n++;
	seen->primaries += primary;
	seen->problems += problem != MFA_OK;
	return MFA_OK;
}

#define IN_RING(f) cmocka_unit_test_setup_teardown(f, ring_new, ring_free)

#endif
