/* SPDX-License-Identifier: MIT */
/*
 * What a store replies: slots in any state, then writes that go well, conflict
 * or end in doubt.
 *
 * Two bytes say how the store opens it (error, number of slots); then each slot
 * has a byte for its kind, one for its sequence and changes; the rest are the
 * outcomes of writes and reloads.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "tests/proof/fuzz/seal.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/codec.h"
#include "verifier/engine/repo.h"

#define WRITES 12

enum kind { ZEROS, GOOD, OTHER_NAME, OTHER_UID, OTHER_KEY, NEWER, OLDER,
	GARBAGE, OTHER_STORE, OTHER_SLOT, KINDS };

struct mfa_store_txn {
	int unused;
};

static struct {
	struct mfa_engine engine;
	struct mfa_config config;
	struct mfa_env env;
	struct mfa_store store;
	struct mfa_store_txn txn;
	struct mfa_subject subject;
	struct fuzz_in in;
	uint8_t slot[MFA_STORE_SLOTS][MFA_SLOT];
	enum kind kind[MFA_STORE_SLOTS];
	bool changed[MFA_STORE_SLOTS];
	uint64_t sequence[MFA_STORE_SLOTS];
	unsigned int slots;
	enum mfa_err open; /* what the store says */
	unsigned int writes, done;
	bool opened;
} it;

enum mfa_err __wrap_mfa_keyring_load_from(const char *dir,
    const struct mfa_keyring_held *held, const uint8_t id[MFA_KEY_ID],
    struct mfa_key *out);
enum mfa_err __wrap_mfa_keyring_primary_from(const char *dir,
    const struct mfa_keyring_held *held, struct mfa_key *out);

enum mfa_err
__wrap_mfa_keyring_load_from(const char *dir,
    const struct mfa_keyring_held *held, const uint8_t id[MFA_KEY_ID],
    struct mfa_key *out)
{
	(void)dir;
	(void)held;
	if (memcmp(id, fuzz_seal_key()->id, MFA_KEY_ID) != 0)
		return MFA_ERR_NO_KEY;
	*out = *fuzz_seal_key();
	return MFA_OK;
}

enum mfa_err
__wrap_mfa_keyring_primary_from(const char *dir,
    const struct mfa_keyring_held *held, struct mfa_key *out)
{
	(void)dir;
	(void)held;
	*out = *fuzz_seal_key();
	return MFA_OK;
}

/* ---- the store ---- */

static enum mfa_err
show(struct mfa_store_view *view)
{
	view->slots = it.slots;
	view->revision = it.done;
	for (unsigned int i = 0; i < it.slots && i < MFA_STORE_SLOTS; i++)
		memcpy(view->bytes + i * MFA_SLOT, it.slot[i], MFA_SLOT);
	return MFA_OK;
}

static enum mfa_err
store_open(struct mfa_store *store, const char *id, enum mfa_store_mode mode,
    struct mfa_store_view *view, struct mfa_store_txn **txn)
{
	(void)store;
	(void)mode;
	FUZZ_WANT(mfa_store_id_ok(id));
	FUZZ_WANT(!it.opened);
	*txn = NULL;
	if (it.open != MFA_OK)
		return it.open;
	it.opened = true;
	*txn = &it.txn;
	return show(view);
}

static enum mfa_err
store_reload(struct mfa_store_txn *txn, struct mfa_store_view *view)
{
	FUZZ_WANT(txn == &it.txn);
	return (fuzz_byte(&it.in) & 15) == 15 ? MFA_ERR_IO : show(view);
}

static enum mfa_err
store_write(struct mfa_store_txn *txn, unsigned int slot, const uint8_t *bytes,
    uint64_t *revision)
{
	uint8_t how = fuzz_byte(&it.in) % 6;

	FUZZ_WANT(txn == &it.txn && slot < it.slots);
	FUZZ_WANT(++it.writes <= WRITES);
	if (how == 1)
		return MFA_ERR_CONFLICT;
	if (how == 2)
		return MFA_ERR_OUTCOME_UNKNOWN;
	if (how == 3)
		return MFA_ERR_NO_SPACE;
	memcpy(it.slot[slot], bytes, MFA_SLOT);
	it.kind[slot] = GOOD;
	it.changed[slot] = false;
	*revision = ++it.done;
	return how == 4 ? MFA_ERR_OUTCOME_UNKNOWN : MFA_OK;
}

static void
store_close(struct mfa_store_txn *txn)
{
	FUZZ_WANT(txn == NULL || txn == &it.txn);
	FUZZ_WANT((txn != NULL) == it.opened);
	it.opened = false;
}

static const struct mfa_store_ops ops = { .open = store_open,
	.reload = store_reload, .write = store_write, .close = store_close };

static enum mfa_err
now(const struct mfa_env *env, struct mfa_now *out)
{
	(void)env;
	*out = (struct mfa_now){ .wall = 1800000000, .boot = 1000 };
	return MFA_OK;
}

static void
begin(void)
{
	memset(&it, 0, sizeof(it));
	FUZZ_WANT(mfa_crypt_init() == MFA_OK);
	it.env = *fuzz_seal_env();
	it.env.now = now;
	it.env.release = 1700000000;
	it.store.ops = &ops;
	memcpy(it.store.id, fuzz_seal_store(), sizeof(it.store.id));
	it.engine = (struct mfa_engine){ .config = &it.config,
		.env = &it.env, .store = &it.store };
	FUZZ_WANT(mfa_engine_init(&it.engine) == MFA_OK);
	it.subject = (struct mfa_subject){ .realm = "unix", .name = "alice",
		.uid = 4711, .known = true, .id = "u-alice" };
}

/* ---- slots ---- */

static size_t
message(enum kind kind, uint64_t sequence, uint8_t *text)
{
	static mfa_record_Record record;
	size_t len = 0;

	memset(&record, 0, sizeof(record));
	memcpy(record.realm, "unix", 5);
	memcpy(record.name, kind == OTHER_NAME ? "mallo" : "alice", 6);
	record.uid = kind == OTHER_UID ? 666 : 4711;
	record.generation = sequence;
	FUZZ_WANT(mfa_codec_encode(&record, text, MFA_CODEC_MAX, &len) ==
	    MFA_OK);
	if (kind == GARBAGE)
		text[0] ^= 0xff;
	return len;
}

static void
make_slot(unsigned int i)
{
	static const uint8_t other_store[MFA_STORE_ID] = "another store...";
	static uint8_t text[MFA_CODEC_MAX];
	struct mfa_key key = *fuzz_seal_key();
	enum kind kind = fuzz_byte(&it.in) % KINDS;
	struct mfa_seal how = { .key = &key, .index = (uint8_t)i };
	size_t len;

	how.sequence = 1 + fuzz_byte(&it.in) % 8U;
	how.binding = (struct mfa_binding){ kind == OTHER_STORE ? other_store :
	    fuzz_seal_store(), "unix", "u-alice" };
	if (kind == OTHER_KEY)
		key.id[0] ^= 1;
	if (kind == OTHER_SLOT)
		how.index ^= 1;
	len = message(kind, how.sequence, text);
	FUZZ_WANT(mfa_envelope_seal(&it.env, &how, text, len, it.slot[i]) ==
	    MFA_OK);
	if (kind == NEWER || kind == OLDER)
		it.slot[i][11] = kind == NEWER ? MFA_FORMAT + 1 : 0;
	if (kind == ZEROS)
		memset(it.slot[i], 0, MFA_SLOT);
	it.kind[i] = kind;
	it.sequence[i] = how.sequence;
	it.changed[i] = fuzz_seal_change(&it.in, it.slot[i]) != 0;
}

/* The second opinion: what must come of slots that nobody changed. */
static enum mfa_err
expect(unsigned int *index)
{
	bool any = false;

	if (it.slots < 1 || it.slots > MFA_STORE_SLOTS)
		return MFA_ERR_DAMAGED;
	for (unsigned int i = 0; i < it.slots; i++) {
		if (it.kind[i] == NEWER)
			return MFA_ERR_FORMAT;
		if (it.kind[i] == OTHER_KEY)
			return MFA_ERR_NO_KEY;
		if (it.kind[i] == ZEROS || it.kind[i] == OLDER ||
		    it.kind[i] == OTHER_STORE || it.kind[i] == OTHER_SLOT)
			continue;
		if (any && it.sequence[i] == it.sequence[*index])
			return MFA_ERR_DAMAGED;
		if (!any || it.sequence[i] > it.sequence[*index])
			*index = i;
		any = true;
	}
	if (!any || it.kind[*index] == GARBAGE)
		return MFA_ERR_DAMAGED;
	return it.kind[*index] == GOOD ? MFA_OK : MFA_ERR_FOREIGN;
}

/* ---- the target ---- */

static enum mfa_err
grow(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	(void)ctx;
	(void)clock;
	record->generation += 100;
	return MFA_OK;
}

/* What is said to be done is what the store has now. */
static void
update(struct mfa_repo *repo)
{
	uint64_t before = mfa_repo_record(repo)->generation, after = 0;
	struct mfa_repo *again = NULL;
	unsigned int writes = it.writes;
	enum mfa_err r = mfa_repo_update(repo, (struct mfa_delta){ grow,
	    NULL });

	if (r == MFA_OK) {
		FUZZ_WANT(it.writes > writes);
		after = mfa_repo_record(repo)->generation;
		FUZZ_WANT(after >= before + 100);
	}
	mfa_repo_close(repo);
	if (r != MFA_OK)
		return;
	FUZZ_WANT(mfa_repo_open(&it.engine, &it.subject, MFA_STORE_WRITE,
	    &again) == MFA_OK);
	FUZZ_WANT(mfa_repo_record(again)->generation == after);
	mfa_repo_close(again);
}

static void
run(const uint8_t *data, size_t size)
{
	struct mfa_repo *repo = NULL;
	unsigned int index = 0;
	enum mfa_err r, wanted;

	it.in = (struct fuzz_in){ data, size };
	it.writes = it.done = 0;
	it.open = fuzz_byte(&it.in);
	/* The engine's own word for whose a record is; no store has it. */
	if (it.open >= MFA_ERR_END || it.open == MFA_ERR_FOREIGN)
		it.open = MFA_OK;
	it.slots = fuzz_byte(&it.in) % 4;
	for (unsigned int i = 0; i < MFA_STORE_SLOTS; i++)
		make_slot(i);
	r = mfa_repo_open(&it.engine, &it.subject, MFA_STORE_WRITE, &repo);
	FUZZ_WANT((repo != NULL) == (r == MFA_OK || r == MFA_ERR_FOREIGN));
	/* R2: "there is none" only if the store has said so. */
	FUZZ_WANT(r != MFA_ERR_NOT_FOUND || it.open == MFA_ERR_NOT_FOUND);
	wanted = it.open != MFA_OK ? it.open : expect(&index);
	if (it.open != MFA_OK || (!it.changed[0] && !it.changed[1]))
		FUZZ_WANT(r == wanted);
	if (r == MFA_OK)
		FUZZ_WANT(mfa_repo_record(repo)->uid == 4711);
	if (r == MFA_OK && wanted == MFA_OK)
		update(repo);
	else
		mfa_repo_close(repo);
	FUZZ_WANT(!it.opened);
}

const struct fuzz_target fuzz_store = { "store",
	"R2 R17 a store's reply is the newest good slot, or an error", begin,
	run, NULL, 0, 0 };
