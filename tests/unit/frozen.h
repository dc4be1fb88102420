/* SPDX-License-Identifier: MIT */
/* Frozen records (tests/vectors/records), thawed for a test. */
#ifndef MFA_TESTS_FROZEN_H
#define MFA_TESTS_FROZEN_H

#include "tests/unit/world.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "verifier/engine/codec.h"
#include "verifier/vault/envelope.h"

#define RECORDS "records/"

struct frozen {
	struct mfa_key key;
	uint8_t store_id[MFA_STORE_ID];
	uint8_t text[2][MFA_SLOT_PLAIN];
	size_t len[2];
	uint8_t slots[2 * MFA_SLOT];
};

/*
 * Reads one field of a file: its name on a line, then lines that begin with a
 * tab.  Returns: its length.
 */
static inline size_t
field(const char *file, const char *name, uint8_t *out, size_t size)
{
	char path[4096], line[256];
	bool here = false;
	size_t len = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s%s", MFA_VECTORS, RECORDS,
	    file);
	if ((f = fopen(path, "re")) == NULL)
		fail_msg("%s cannot be opened", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\t' && here)
			len += unit_unhex(line + 1, out + len, size - len);
		else if (line[0] != '\t')
			here = strcmp(line, name) == 0;
	}
	(void)fclose(f);
	if (len == 0)
		fail_msg("%s has no field %s", path, name);
	return len;
}

static inline int
thaw(void **state, const char *file)
{
	struct frozen *z = calloc(1, sizeof(*z));

	assert_non_null(z);
	assert_int_equal(mfa_crypt_init(), MFA_OK);
	assert_int_equal(field(file, "key", z->key.bytes, 32), 32);
	assert_int_equal(field(file, "key-id", z->key.id, 8), 8);
	assert_int_equal(field(file, "store-id", z->store_id, 16), 16);
	for (int i = 0; i < 2; i++) {
		z->len[i] = field(file, i == 0 ? "text0" : "text1",
		    z->text[i], sizeof(z->text[i]));
		assert_int_equal(field(file, i == 0 ? "slot0" : "slot1",
		    z->slots + i * MFA_SLOT, MFA_SLOT), MFA_SLOT);
	}
	*state = z;
	return 0;
}

static inline int
thaw1(void **state)
{
	return thaw(state, "format1.txt");
}

static inline int
thaw2(void **state)
{
	return thaw(state, "format2.txt");
}

static inline int
thaw3(void **state)
{
	return thaw(state, "format3.txt");
}

static inline int
forget(void **state)
{
	free(*state);
	return 0;
}

/* Puts the frozen key into a world's ring, and its id into the store. */
static inline void
move_in(struct world *w, const struct frozen *z)
{
	char path[512], hex[65];
	int fd;

	mfa_num_hex(z->key.id, MFA_KEY_ID, hex);
	(void)snprintf(path, sizeof(path), "%s/%s.key", w->keys, hex);
	mfa_num_hex(z->key.bytes, MFA_CRYPT_KEY, hex);
	hex[64] = '\n';
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, hex, 65), 65);
	(void)close(fd);
	memcpy(w->engine.store->id, z->store_id, sizeof(z->store_id));
}

#define FROZEN1(f) cmocka_unit_test_setup_teardown(f, thaw1, forget)
#define FROZEN2(f) cmocka_unit_test_setup_teardown(f, thaw2, forget)
#define FROZEN3(f) cmocka_unit_test_setup_teardown(f, thaw3, forget)

#endif
