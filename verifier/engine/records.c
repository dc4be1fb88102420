/* SPDX-License-Identifier: MIT */
/* MUST list: records.h. */
#include "verifier/engine/records.h"

#include <string.h>

#include "verifier/engine/repo.h"

/* ---- headers ---- */

static enum mfa_err
sort_out(const struct mfa_store_view *view, struct mfa_records_slots *out)
{
	struct mfa_records_slots found = { .whole = true };

	for (unsigned int i = 0; i < view->slots; i++) {
		struct mfa_slot_header header;
		enum mfa_err r;

		r = mfa_envelope_header(view->bytes + (size_t)i *
			MFA_STORE_SLOT, &header);
		if (r != MFA_OK && r != MFA_ERR_DAMAGED)
			return r;
		if (r == MFA_OK)
			found.slot[found.count++] = header;
		else
			found.whole = false;
	}
	if (found.count == 0)
		return MFA_ERR_DAMAGED;
	if (found.count == 2 &&
	    found.slot[1].sequence > found.slot[0].sequence) {
		const struct mfa_slot_header newer = found.slot[1];

		found.slot[1] = found.slot[0];
		found.slot[0] = newer;
	}
	*out = found;
	return MFA_OK;
}

enum mfa_err
mfa_records_slots(struct mfa_store *store, const char *id,
    enum mfa_store_mode mode, struct mfa_records_slots *out)
{
	uint8_t bytes[MFA_STORE_SLOTS * MFA_STORE_SLOT];
	struct mfa_store_view view = { .bytes = bytes };
	struct mfa_store_txn *txn = NULL;
	enum mfa_err r;

	r = store->ops->open(store, id, mode, &view, &txn);
	if (r != MFA_OK)
		return r;
	if (view.slots < 1 || view.slots > MFA_STORE_SLOTS)
		r = MFA_ERR_DAMAGED;
	else
		r = sort_out(&view, out);
	store->ops->close(txn);
	return r;
}

static bool
names(const struct mfa_records_slots *slots, unsigned int i,
    const uint8_t key[MFA_KEY_ID])
{
	return memcmp(slots->slot[i].key_id, key, MFA_KEY_ID) == 0;
}

/* ---- looking at all ---- */

struct looking {
	struct mfa_engine *engine;
	enum mfa_err (*visit)(void *ctx, const struct mfa_record_info *info);
	void *ctx;
};

/* What the sealed part of it says. */
static enum mfa_err
read_inside(const struct mfa_repo *repo, struct mfa_record_info *info)
{
	const mfa_record_Record *record = mfa_repo_record(repo);
	char id[MFA_STORE_ID_MAX + 1];

	memcpy(info->realm, record->realm, sizeof(info->realm));
	memcpy(info->user, record->name, sizeof(info->user));
	info->uid = record->uid;
	info->torn = mfa_repo_torn(repo);
	if (mfa_subject_id(record->realm, record->name, id) != MFA_OK ||
	    strcmp(id, info->id) != 0)
		return MFA_ERR_FOREIGN;
	return MFA_OK;
}

/* Returns: false if there is no such record any more. */
static bool
look(struct mfa_engine *engine, const char *id, enum mfa_store_mode mode,
    struct mfa_record_info *info)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	memset(info, 0, sizeof(*info));
	memcpy(info->id, id, strlen(id) + 1);
	mfa_subject_name(id, info->realm, info->user);
	r = mfa_records_slots(engine->store, id, mode, &info->slots);
	if (r == MFA_OK)
		r = mfa_repo_open_id(engine, id, mode, &repo);
	if (r == MFA_OK)
		r = read_inside(repo, info);
	mfa_repo_close(repo);
	info->problem = r;
	info->no_realm = strcmp(info->realm, MFA_REALM_UNIX) != 0 &&
	    mfa_config_realm_find(engine->config, info->realm) == NULL;
	return r != MFA_ERR_NOT_FOUND;
}

static enum mfa_err
look_one(void *ctx, const char *id)
{
	const struct looking *l = ctx;
	struct mfa_record_info info;
	bool there = look(l->engine, id, MFA_STORE_READ, &info);

	if (there && (info.torn || info.problem == MFA_ERR_DAMAGED))
		there = look(l->engine, id, MFA_STORE_WRITE, &info);
	return there ? l->visit(l->ctx, &info) : MFA_OK;
}

enum mfa_err
mfa_records_each(struct mfa_engine *engine,
    enum mfa_err (*visit)(void *ctx, const struct mfa_record_info *info),
    void *ctx)
{
	struct looking l = { engine, visit, ctx };

	return engine->store->ops->each(engine->store, look_one, &l);
}

/* ---- moving one ---- */

static enum mfa_err
apply_nothing(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	(void)ctx;
	(void)record;
	(void)clock;
	return MFA_OK;
}

static bool
is_moved(const struct mfa_records_slots *slots, const uint8_t key[MFA_KEY_ID])
{
	bool moved = slots->whole;

	for (unsigned int i = 0; i < slots->count; i++)
		moved &= names(slots, i, key);
	return moved;
}

/* The primary is looked up with the lock held, as the write will. */
static enum mfa_err
move(struct mfa_engine *engine, struct mfa_repo *repo, const char *id)
{
	struct mfa_records_slots slots;
	struct mfa_key key;
	enum mfa_err r;

	r = mfa_keyring_primary_from(engine->config->encryption_key,
	    engine->held, &key);
	if (r != MFA_OK)
		return r == MFA_ERR_DAMAGED ? MFA_ERR_NO_KEY : r;
	for (int i = 0; r == MFA_OK && i < MFA_STORE_SLOTS; i++) {
		r = mfa_records_slots(engine->store, id, MFA_STORE_READ,
		    &slots);
		/* A torn slot may have a header that is whole. */
		if (r != MFA_OK ||
		    (is_moved(&slots, key.id) && !mfa_repo_torn(repo)))
			break;
		r = mfa_repo_update(repo,
		    (struct mfa_delta){ .apply = apply_nothing });
	}
	mfa_key_wipe(&key);
	return r;
}

enum mfa_err
mfa_records_rekey(struct mfa_engine *engine, const struct mfa_caller *caller,
    const char *id)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	if (caller->right != MFA_RIGHT_MANAGE)
		return MFA_ERR_DENIED;
	if (!mfa_store_id_ok(id))
		return MFA_ERR_INVALID;
	r = mfa_repo_open_id(engine, id, MFA_STORE_WRITE, &repo);
	if (r == MFA_OK) {
		mfa_repo_keep_stamp(repo);
		r = move(engine, repo, id);
	}
	mfa_repo_close(repo);
	return r == MFA_ERR_NOT_FOUND ? MFA_OK : r;
}

/* ---- who needs a key ---- */

struct asking {
	struct mfa_store *store;
	const uint8_t *key;
	mfa_records_visit *visit;
	void *ctx;
};

static enum mfa_err
ask_one(void *ctx, const char *id)
{
	const struct asking *a = ctx;
	struct mfa_records_slots slots;
	bool needed = false;
	enum mfa_err r;

	r = mfa_records_slots(a->store, id, MFA_STORE_WRITE, &slots);
	if (r == MFA_ERR_NOT_FOUND)
		return MFA_OK;
	if (r != MFA_OK)
		return a->visit(a->ctx, id, r);
	for (unsigned int i = 0; i < slots.count; i++)
		needed |= names(&slots, i, a->key);
	return needed ? a->visit(a->ctx, id, MFA_OK) : MFA_OK;
}

enum mfa_err
mfa_records_need(struct mfa_store *store, const uint8_t key[MFA_KEY_ID],
    mfa_records_visit *visit, void *ctx)
{
	struct asking a = { store, key, visit, ctx };

	return store->ops->each(store, ask_one, &a);
}
