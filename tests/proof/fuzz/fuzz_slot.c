/* SPDX-License-Identifier: MIT */
/*
 * One slot of a record.  A byte says what is done to it, then come lines with
 * realm and id, the sequence, how many changes there are and what they are
 * (place, bits), and the message.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "tests/proof/fuzz/seal.h"
#include "verifier/crypt/crypt.h"

static const uint8_t store_id[MFA_STORE_ID] = "a store of tests";
static const struct mfa_key key = { { 1, 2, 3, 4, 5, 6, 7, 8 },
	{ "thirty-two bytes of a secret key" } };

const uint8_t *
fuzz_seal_store(void)
{
	return store_id;
}

const struct mfa_key *
fuzz_seal_key(void)
{
	return &key;
}

static void
begin(void)
{
	FUZZ_WANT(mfa_crypt_init() == MFA_OK);
}

/* The same for the same input: what was found is found again. */
static void
fill_random(const struct mfa_env *env, void *out, size_t len)
{
	(void)env;
	memset(out, 0x42, len);
}

const struct mfa_env *
fuzz_seal_env(void)
{
	static const struct mfa_env env = { .random = fill_random };

	return &env;
}

size_t
fuzz_seal_change(struct fuzz_in *in, uint8_t *slot)
{
	static uint8_t before[MFA_SLOT];
	unsigned int n = fuzz_byte(in) % 8;

	memcpy(before, slot, MFA_SLOT);
	while (n-- > 0) {
		size_t at = fuzz_number(in, 2) % MFA_SLOT;

		slot[at] ^= fuzz_byte(in);
	}
	return memcmp(before, slot, MFA_SLOT) != 0;
}

/* Nothing of a slot that does not open leaves. */
static enum mfa_err
open_slot(const struct mfa_key *with, struct mfa_binding binding,
    uint8_t index, const uint8_t *slot, const uint8_t **out, size_t *size)
{
	static uint8_t text[MFA_SLOT_WORK];
	size_t len = 99999;
	enum mfa_err r;

	memset(text, 0xa5, sizeof(text));
	r = mfa_envelope_open(with, binding, index, slot, text, &len);
	if (r != MFA_OK) {
		FUZZ_WANT(len == 99999);
		FUZZ_WANT(fuzz_all(text, sizeof(text), 0));
	} else {
		FUZZ_WANT(len <= MFA_SLOT_PLAIN);
	}
	*out = text;
	*size = len;
	return r;
}

/* R17: with another key, store, slot, realm or id it does not open. */
static void
move(uint8_t how, struct mfa_binding binding, uint8_t index,
    const uint8_t *slot)
{
	static const uint8_t other_store[MFA_STORE_ID] = "another store...";
	struct mfa_key other = key;
	const uint8_t *text;
	char longer[300];
	size_t len;

	if (how == 0)
		binding.store_id = other_store;
	if (how == 1)
		other.bytes[0] ^= 1;
	if (how == 2)
		other.id[7] ^= 1;
	if (how == 3)
		index ^= 1;
	if (how == 4 || how == 5)
		(void)snprintf(longer, sizeof(longer), "%sx",
		    how == 4 ? binding.realm : binding.id);
	if (how == 4)
		binding.realm = longer;
	if (how == 5)
		binding.id = longer;
	FUZZ_WANT(open_slot(&other, binding, index, slot, &text, &len) !=
	    MFA_OK);
}

/* What is sealed is opened; with any bit changed, or moved, it is not. */
static void
sealed(struct fuzz_in *in, uint8_t what)
{
	static uint8_t slot[MFA_SLOT], changed[MFA_SLOT];
	char realm[40], id[260];
	struct mfa_seal how = { .key = &key, .index = what & 1 };
	const uint8_t *text;
	enum mfa_err r;
	size_t len, size;

	fuzz_line(in, realm, sizeof(realm));
	fuzz_line(in, id, sizeof(id));
	how.sequence = fuzz_number(in, 2);
	how.binding = (struct mfa_binding){ store_id, realm, id };
	/* Changes are read first: the message is what is left. */
	memset(changed, 0, sizeof(changed));
	size = fuzz_seal_change(in, changed);
	r = mfa_envelope_seal(fuzz_seal_env(), &how, in->p, in->left, slot);
	if (r != MFA_OK) {
		FUZZ_WANT(how.sequence == 0 || strlen(realm) > 32 ||
		    strlen(id) > 256 || in->left > MFA_SLOT_PLAIN);
		return;
	}
	FUZZ_WANT(open_slot(&key, how.binding, how.index, slot, &text, &len) ==
	    MFA_OK);
	FUZZ_WANT(len == in->left && (len == 0 ||
	    memcmp(text, in->p, len) == 0));
	move((what >> 2) % 6, how.binding, how.index, slot);
	if (size == 0)
		return;
	for (size_t i = 0; i < sizeof(slot); i++)
		changed[i] ^= slot[i];
	FUZZ_WANT(open_slot(&key, how.binding, how.index, changed, &text,
	    &len) != MFA_OK);
}

/* Bytes as they come, the rest zero. */
static void
raw(struct fuzz_in *in, uint8_t what)
{
	static uint8_t slot[MFA_SLOT];
	const struct mfa_binding binding = { store_id, "unix", "u-alice" };
	struct mfa_slot_header header;
	const uint8_t *text;
	enum mfa_err r;
	size_t len = in->left < sizeof(slot) ? in->left : sizeof(slot);

	memset(slot, 0, sizeof(slot));
	if (len != 0)
		memcpy(slot, in->p, len);
	memset(&header, 0xa5, sizeof(header));
	r = mfa_envelope_header(slot, &header);
	if (r == MFA_OK)
		FUZZ_WANT(header.format >= 1 && header.format <= MFA_FORMAT);
	else
		FUZZ_WANT(fuzz_all(&header, sizeof(header), 0xa5));
	FUZZ_WANT(open_slot(&key, binding, what & 1, slot, &text, &len) !=
	    MFA_OK);
}

static void
run(const uint8_t *data, size_t size)
{
	struct fuzz_in in = { data, size };
	uint8_t what = fuzz_byte(&in);

	if ((what & 2) != 0)
		raw(&in, what);
	else
		sealed(&in, what);
}

const struct fuzz_target fuzz_slot = { "slot",
	"R17 R29 a slot opens as it was sealed, where it was, or not at all",
	begin, run, NULL, 0, 0 };
