/* SPDX-License-Identifier: MIT */
/* MUST list: repo.h. */
#include "verifier/engine/repo.h"

#include <string.h>

#include "verifier/crypt/crypt.h"
#include "verifier/engine/codec.h"
#include "verifier/engine/work.h"
#include "verifier/engine/writes.h"
#include "verifier/vault/envelope.h"

const mfa_record_Record *
mfa_repo_record(const struct mfa_repo *repo)
{
	return &repo->engine->work->record;
}

const struct mfa_clock *
mfa_repo_clock(const struct mfa_repo *repo)
{
	return &repo->clock;
}

bool
mfa_repo_torn(const struct mfa_repo *repo)
{
	return repo->torn;
}

static struct mfa_binding
binding_of(const struct mfa_repo *repo)
{
	return (struct mfa_binding){ repo->engine->store->id, repo->realm,
		repo->id };
}

/* ---- reading ---- */

struct judged {
	enum mfa_err err;
	uint64_t sequence;
};

/* Opens one slot with the key it names; the message is left in work->text. */
static struct judged
judge(struct mfa_repo *repo, unsigned int index, size_t *len)
{
	struct mfa_work *work = repo->engine->work;
	const uint8_t *slot = work->bytes + (size_t)index * MFA_SLOT;
	struct judged out = { MFA_ERR_DAMAGED, 0 };
	struct mfa_slot_header header;

	if ((out.err = mfa_envelope_header(slot, &header)) != MFA_OK)
		return out;
	/* Judged before the key: another store's record names another key. */
	if (memcmp(header.store_id, repo->engine->store->id,
		MFA_STORE_ID) != 0) {
		out.err = MFA_ERR_DAMAGED;
		return out;
	}
	if ((out.err = mfa_work_opener(repo->engine, header.key_id)) != MFA_OK)
		return out;
	out.err = mfa_envelope_open(&work->opener,
	    binding_of(repo), (uint8_t)index, slot,
	    work->text, len);
	out.sequence = header.sequence;
	return out;
}

/*
 * Which slot counts.  The one is damaged: a write was cut short, the other
 * holds.  Both good with one sequence: no history of ours looks like that.
 */
static enum mfa_err
choose(const struct judged *slots, unsigned int n, unsigned int *index)
{
	bool any = false;

	for (unsigned int i = 0; i < n; i++) {
		if (slots[i].err == MFA_ERR_DAMAGED)
			continue;
		if (slots[i].err != MFA_OK)
			return slots[i].err;
		if (any && slots[i].sequence == slots[*index].sequence)
			return MFA_ERR_DAMAGED;
		if (!any || slots[i].sequence > slots[*index].sequence)
			*index = i;
		any = true;
	}
	return any ? MFA_OK : MFA_ERR_DAMAGED;
}

static enum mfa_err
read_clock(struct mfa_repo *repo)
{
	const struct mfa_env *env = repo->engine->env;
	struct mfa_now now;
	enum mfa_err r;

	if ((r = env->now(env, &now)) != MFA_OK)
		return r;
	repo->clock = mfa_lapse_read(env->release,
	    &repo->engine->work->record.stamp, &now);
	return MFA_OK;
}

/*
 * The slot that says it is the newer one, which nobody has vouched for yet: it
 * is opened last, so that its text is still there when it is chosen.
 */
static unsigned int
presumed(const struct mfa_repo *repo)
{
	const uint8_t *bytes = repo->engine->work->bytes;
	struct mfa_slot_header first, second;

	if (repo->view.slots != MFA_STORE_SLOTS ||
	    mfa_envelope_header(bytes + MFA_SLOT, &second) != MFA_OK)
		return 0;
	return mfa_envelope_header(bytes, &first) == MFA_OK &&
		first.sequence > second.sequence ?
	    0 :
	    1;
}

/* View to record. */
static enum mfa_err
digest(struct mfa_repo *repo)
{
	struct mfa_work *work = repo->engine->work;
	struct judged slots[MFA_STORE_SLOTS];
	unsigned int index = 0, last;
	size_t len = 0;
	enum mfa_err r;

	if (repo->view.slots < 1 || repo->view.slots > MFA_STORE_SLOTS)
		return MFA_ERR_DAMAGED;
	last = presumed(repo);
	if (repo->view.slots == MFA_STORE_SLOTS)
		slots[1 - last] = judge(repo, 1 - last, &len);
	slots[last] = judge(repo, last, &len);
	if ((r = choose(slots, repo->view.slots, &index)) != MFA_OK)
		return r;
	if (index != last)
		slots[index] = judge(repo, index, &len);
	if ((r = slots[index].err) != MFA_OK)
		return r;
	r = mfa_codec_decode(work->text, len, work->scratch, &work->record);
	mfa_crypt_wipe(work->text, sizeof(work->text));
	if (r != MFA_OK)
		return r;
	repo->current = index;
	repo->sequence = slots[index].sequence;
	repo->torn = repo->view.slots == MFA_STORE_SLOTS &&
	    slots[1 - index].err != MFA_OK;
	return read_clock(repo);
}

static enum mfa_err
acquire(struct mfa_engine *engine, const char *realm, const char *id,
    struct mfa_repo **out)
{
	struct mfa_work *work = engine->work;

	if (work->busy)
		return MFA_ERR_INVALID;
	work->busy = true;
	memset(&work->repo, 0, sizeof(work->repo));
	work->repo.engine = engine;
	work->repo.view.bytes = work->bytes;
	memcpy(work->repo.realm, realm, strlen(realm) + 1);
	memcpy(work->repo.id, id, strlen(id) + 1);
	*out = &work->repo;
	return MFA_OK;
}

void
mfa_repo_close(struct mfa_repo *repo)
{
	struct mfa_work *work;

	if (repo == NULL)
		return;
	work = repo->engine->work;
	repo->engine->store->ops->close(repo->txn);
	mfa_crypt_wipe(work, sizeof(*work)); /* clears busy, too */
}

static enum mfa_err
reload(struct mfa_repo *repo)
{
	enum mfa_err r = repo->engine->store->ops->reload(repo->txn,
	    &repo->view);

	return r == MFA_OK ? digest(repo) : r;
}

static enum mfa_err
open_any(struct mfa_engine *engine, const char *realm, const char *id,
    enum mfa_store_mode mode, struct mfa_repo **out)
{
	struct mfa_repo *repo;
	enum mfa_err r;

	*out = NULL;
	if ((r = acquire(engine, realm, id, &repo)) != MFA_OK)
		return r;
	r = engine->store->ops->open(engine->store, id, mode, &repo->view,
	    &repo->txn);
	if (r == MFA_OK)
		r = digest(repo);
	/* Without the lock both writes of a login may have been under way. */
	if (r == MFA_ERR_DAMAGED && repo->txn != NULL &&
	    mode == MFA_STORE_READ && repo->view.slots == MFA_STORE_SLOTS)
		r = reload(repo);
	if (r != MFA_OK) {
		mfa_repo_close(repo);
		return r;
	}
	*out = repo;
	return MFA_OK;
}

enum mfa_err
mfa_repo_open(struct mfa_engine *engine, const struct mfa_subject *subject,
    enum mfa_store_mode mode, struct mfa_repo **out)
{
	const mfa_record_Record *record;
	enum mfa_err r = open_any(engine, subject->realm, subject->id, mode,
	    out);

	if (r != MFA_OK)
		return r;
	record = mfa_repo_record(*out);
	if (strcmp(record->name, subject->name) != 0 ||
	    strcmp(record->realm, subject->realm) != 0 ||
	    (subject->known && record->uid != subject->uid))
		return MFA_ERR_FOREIGN;
	return MFA_OK;
}

enum mfa_err
mfa_repo_open_id(struct mfa_engine *engine, const char *id,
    enum mfa_store_mode mode, struct mfa_repo **out)
{
	char realm[MFA_SUBJECT_REALM + 1];
	char name[MFA_SUBJECT_NAME + 1];

	mfa_subject_name(id, realm, name);
	return open_any(engine, realm, id, mode, out);
}

/* ---- writing ---- */

static enum mfa_err
seal_next(struct mfa_repo *repo, unsigned int index, uint64_t sequence,
    uint8_t *slot)
{
	struct mfa_engine *engine = repo->engine;
	struct mfa_work *work = engine->work;
	size_t len = 0;
	enum mfa_err r;

	if ((r = mfa_work_primary(engine)) != MFA_OK)
		return r;
	r = mfa_codec_encode(&work->next, work->scratch, sizeof(work->scratch),
	    &len);
	if (r == MFA_OK) {
		const struct mfa_seal how = {
			.key = &work->primary,
			.binding = binding_of(repo),
			.index = (uint8_t)index,
			.sequence = sequence,
		};
		r = mfa_envelope_seal(engine->env, &how, work->scratch, len,
		    slot);
	}
	mfa_crypt_wipe(work->scratch, sizeof(work->scratch));
	return r;
}

/* Applies, stamps, seals and writes once. */
static enum mfa_err
try_update(struct mfa_repo *repo, struct mfa_delta delta, uint64_t id)
{
	struct mfa_engine *engine = repo->engine;
	struct mfa_work *work = engine->work;
	unsigned int index = repo->view.slots == 1 ? 0 : 1 - repo->current;
	enum mfa_err r;

	work->next = work->record;
	if ((r = delta.apply(delta.ctx, &work->next, &repo->clock)) != MFA_OK)
		return r;
	if (!repo->keeps_stamp)
		mfa_lapse_stamp(&work->next.stamp, &repo->clock);
	mfa_writes_push(&work->next, id);
	mfa_work_complete(&work->next);
	/* No sequence comes after the last: what is sealed is none, refused. */
	r = seal_next(repo, index, repo->sequence + 1, work->slot);
	if (r != MFA_OK)
		return r;
	r = engine->store->ops->write(repo->txn, index, work->slot,
	    &repo->view.revision);
	if (r != MFA_OK)
		return r;
	work->record = work->next;
	repo->current = index;
	repo->sequence++;
	repo->torn = false; /* what did not open was written over */
	return MFA_OK;
}

void
mfa_repo_keep_stamp(struct mfa_repo *repo)
{
	repo->keeps_stamp = true;
}

enum mfa_err
mfa_repo_update(struct mfa_repo *repo, struct mfa_delta delta)
{
	struct mfa_work *work = repo->engine->work;
	enum mfa_err r = MFA_ERR_CONFLICT;
	uint64_t id = 0;

	repo->engine->env->random(repo->engine->env, &id, sizeof(id));
	for (int round = 0; round < MFA_REPO_ROUNDS; round++) {
		enum mfa_err again;

		r = try_update(repo, delta, id);
		if (r != MFA_ERR_CONFLICT && r != MFA_ERR_OUTCOME_UNKNOWN)
			break;
		if ((again = reload(repo)) != MFA_OK)
			return again;
		if (r == MFA_ERR_OUTCOME_UNKNOWN &&
		    mfa_writes_has(&work->record, id))
			return MFA_OK;
	}
	mfa_crypt_wipe(&work->next, sizeof(work->next));
	return r;
}

enum mfa_err
mfa_repo_change(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct mfa_delta delta)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r = mfa_repo_open(engine, subject, MFA_STORE_WRITE, &repo);

	if (r == MFA_OK)
		r = mfa_repo_update(repo, delta);
	mfa_repo_close(repo);
	return r;
}

enum mfa_err
mfa_repo_create(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct mfa_delta delta)
{
	struct mfa_work *work = engine->work;
	struct mfa_repo *repo;
	enum mfa_err r;

	if (!subject->known)
		return MFA_ERR_NO_USER;
	if ((r = acquire(engine, subject->realm, subject->id, &repo)) !=
	    MFA_OK)
		return r;
	if ((r = read_clock(repo)) != MFA_OK)
		goto out;
	/* Lapse counts from here: the age of a new record is 0. */
	repo->clock.lapse = 0;
	memcpy(work->next.realm, subject->realm, strlen(subject->realm) + 1);
	memcpy(work->next.name, subject->name, strlen(subject->name) + 1);
	work->next.uid = subject->uid;
	/* Not that of an earlier record of this name: proofs may live on. */
	engine->env->random(engine->env, &work->next.generation, 4);
	work->next.generation++;
	if ((r = delta.apply(delta.ctx, &work->next, &repo->clock)) != MFA_OK)
		goto out;
	mfa_lapse_stamp(&work->next.stamp, &repo->clock);
	mfa_work_complete(&work->next);
	for (unsigned int i = 0; r == MFA_OK && i < MFA_STORE_SLOTS; i++)
		r = seal_next(repo, i, i + 1, work->bytes + i * MFA_SLOT);
	if (r == MFA_OK)
		r = engine->store->ops->create(engine->store, subject->id,
		    work->bytes);
out:
	mfa_repo_close(repo);
	return r;
}

enum mfa_err
mfa_repo_make(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct mfa_delta delta)
{
	enum mfa_err r = mfa_repo_create(engine, subject, delta);

	/* Somebody else was faster. */
	return r == MFA_ERR_EXISTS ? mfa_repo_change(engine, subject, delta) :
				     r;
}

enum mfa_err
mfa_repo_remove(struct mfa_repo *repo)
{
	return repo->engine->store->ops->remove(repo->engine->store, repo->id);
}
