/* SPDX-License-Identifier: MIT */
/*
 * R17, R29: no byte beside a slot is read or written; and what a holder of the
 * key has sealed against the rules of envelope.h does not open.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "verifier/vault/envelope.h"

#define AT_ZERO	      37
#define AT_SEQUENCE   40
#define AT_NONCE      48
#define AT_COMMITMENT 72
#define ID	      "u-alice"
#define BESIDE	      16
#define OF_SLOT	      0xa5 /* what lies behind each */
#define OF_WORK	      0x5a

struct sample {
	struct mfa_env env;
	struct mfa_key key;
	uint8_t *page;	   /* and one behind it that nobody may touch */
	uint8_t *store_id; /* at its end */
	struct mfa_seal how;
	uint8_t text[MFA_SLOT_PLAIN];
	uint8_t slot[MFA_SLOT + BESIDE];
	uint8_t work[MFA_SLOT_WORK + BESIDE];
};

static void
same_bytes(const struct mfa_env *env, void *out, size_t len)
{
	(void)env;
	memset(out, 0x44, len);
}

static int
sample_new(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);

	if (s == NULL || mfa_crypt_init() != MFA_OK)
		return -1;
	s->page = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->page == MAP_FAILED ||
	    mprotect(s->page + size, size, PROT_NONE) != 0)
		return -1;
	s->store_id = s->page + size - MFA_STORE_ID;
	memset(s->store_id, 0x33, MFA_STORE_ID);
	s->env.random = same_bytes;
	memset(s->key.id, 0x11, sizeof(s->key.id));
	memset(s->key.bytes, 0x22, sizeof(s->key.bytes));
	s->how.key = &s->key;
	s->how.binding = (struct mfa_binding){ s->store_id, "unix", ID };
	s->how.index = 1;
	s->how.sequence = 7;
	memset(s->text, 'T', sizeof(s->text));
	memset(s->slot, OF_SLOT, sizeof(s->slot));
	memset(s->work, OF_WORK, sizeof(s->work));
	*state = s;
	return 0;
}

static int
sample_free(void **state)
{
	struct sample *s = *state;

	(void)munmap(s->page, 2 * (size_t)sysconf(_SC_PAGESIZE));
	free(s);
	return 0;
}

static enum mfa_err
seal(struct sample *s, size_t len)
{
	enum mfa_err r = mfa_envelope_seal(&s->env, &s->how, s->text, len,
	    s->slot);

	assert_true(unit_all(s->slot + MFA_SLOT, BESIDE, OF_SLOT));
	return r;
}

/* Opens it; nothing is left of it on failure. */
static enum mfa_err
reopen(struct sample *s, size_t *len)
{
	enum mfa_err r;

	*len = 4711;
	memset(s->work, OF_WORK, MFA_SLOT_WORK);
	r = mfa_envelope_open(&s->key, s->how.binding, s->how.index, s->slot,
	    s->work, len);
	assert_true(unit_all(s->work + MFA_SLOT_WORK, BESIDE, OF_WORK));
	if (r != MFA_OK) {
		assert_true(unit_all(s->work, MFA_SLOT_WORK, 0));
		assert_int_equal(*len, 4711);
	}
	return r;
}

static void
test_R17_nothing_beside_a_slot_is_touched(void **state)
{
	struct sample *s = *state;
	char realm[34];
	size_t len;

	assert_int_equal(seal(s, MFA_SLOT_PLAIN), MFA_OK);
	assert_int_equal(reopen(s, &len), MFA_OK);
	assert_int_equal(len, MFA_SLOT_PLAIN);
	s->slot[MFA_SLOT - 1] ^= 1;
	assert_int_equal(reopen(s, &len), MFA_ERR_DAMAGED);
	s->slot[AT_COMMITMENT] ^= 1;
	assert_int_equal(reopen(s, &len), MFA_ERR_DAMAGED);
	s->slot[0] ^= 1;
	assert_int_equal(reopen(s, &len), MFA_ERR_DAMAGED);
	/* Refused after the text was in it: all of that is wiped. */
	memset(realm, 'r', 33);
	realm[33] = '\0';
	s->how.binding.realm = realm;
	assert_int_equal(seal(s, 10), MFA_ERR_INVALID);
	assert_true(unit_all(s->slot, MFA_SLOT, 0));
}

/* A slot is sealed where another one was, or anything else. */
static void
test_R29_what_lay_in_a_slot_before_does_not_matter(void **state)
{
	struct sample *s = *state;
	size_t len;

	memset(s->slot, 0xff, MFA_SLOT);
	assert_int_equal(seal(s, 10), MFA_OK);
	assert_true(unit_all(s->slot + AT_ZERO, AT_SEQUENCE - AT_ZERO, 0));
	assert_int_equal(reopen(s, &len), MFA_OK);
	assert_int_equal(len, 10);
}

static size_t
put_text(uint8_t *to, const char *text)
{
	mfa_num_put32(to, (uint32_t)strlen(text));
	memcpy(to + 4, text, strlen(text));
	return 4 + strlen(text);
}

/* A slot as envelope.h has it, for any realm and with any length inside. */
static void
forge(struct sample *s, const char *realm, uint32_t inside)
{
	uint8_t subkey[32], ad[AT_NONCE + 100];
	uint8_t *body = s->slot + MFA_SLOT_HEADER;
	const struct mfa_crypt_part bound[] = { { "medusa-mfa/record/v1", 20 },
		{ s->store_id, MFA_STORE_ID }, { realm, strlen(realm) },
		{ ID, strlen(ID) } };
	const struct mfa_crypt_part commit[] = { { "commit", 6 },
		{ s->slot + AT_NONCE, MFA_CRYPT_NONCE } };
	size_t n = AT_NONCE;

	s->how.binding.realm = "unix";
	assert_int_equal(seal(s, 1), MFA_OK);
	s->how.binding.realm = realm;
	memset(body, 'x', MFA_SLOT_TEXT);
	mfa_num_put32(body, inside);
	assert_int_equal(mfa_crypt_hash(s->key.bytes, bound, 4, subkey, 32),
	    MFA_OK);
	assert_int_equal(mfa_crypt_hash(subkey, commit, 2,
	    s->slot + AT_COMMITMENT, 32), MFA_OK);
	memcpy(ad, s->slot, n);
	n += put_text(ad + n, realm);
	n += put_text(ad + n, ID);
	assert_int_equal(mfa_crypt_seal(subkey, s->slot + AT_NONCE,
	    (struct mfa_crypt_part){ ad, n }, body, MFA_SLOT_TEXT), MFA_OK);
}

static void
test_R17_a_length_beyond_the_slot_is_damage(void **state)
{
	static const uint32_t beyond[] = { MFA_SLOT_PLAIN + 1, MFA_SLOT_TEXT,
		1U << 31, UINT32_MAX };
	struct sample *s = *state;
	size_t len;

	forge(s, "unix", MFA_SLOT_PLAIN);
	assert_int_equal(reopen(s, &len), MFA_OK);
	assert_int_equal(len, MFA_SLOT_PLAIN);
	assert_true(unit_all(s->work, len, 'x'));
	for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
		forge(s, "unix", beyond[i]);
		assert_int_equal(reopen(s, &len), MFA_ERR_DAMAGED);
	}
}

static void
test_R17_a_name_beyond_the_longest_does_not_open(void **state)
{
	struct sample *s = *state;
	char realm[34];
	size_t len;

	memset(realm, 'r', 33);
	realm[33] = '\0';
	forge(s, realm + 1, 5);
	assert_int_equal(reopen(s, &len), MFA_OK);
	assert_int_equal(len, 5);
	forge(s, realm, 5);
	assert_int_equal(reopen(s, &len), MFA_ERR_INVALID);
}

#define WITH_SAMPLE(f) \
	cmocka_unit_test_setup_teardown(f, sample_new, sample_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SAMPLE(test_R17_nothing_beside_a_slot_is_touched),
		WITH_SAMPLE(test_R29_what_lay_in_a_slot_before_does_not_matter),
		WITH_SAMPLE(test_R17_a_length_beyond_the_slot_is_damage),
		WITH_SAMPLE(test_R17_a_name_beyond_the_longest_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
