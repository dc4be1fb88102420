/* SPDX-License-Identifier: MIT */
#include "verifier/engine/work.h"

#include <string.h>

#include "verifier/crypt/crypt.h"
#include "verifier/vault/keyring.h"

_Static_assert(MFA_SLOT == MFA_STORE_SLOT, "a slot is a slot");

enum mfa_err
mfa_engine_init(struct mfa_engine *engine)
{
	engine->work = mfa_crypt_guarded_new(sizeof(*engine->work));
	return engine->work != NULL ? MFA_OK : MFA_ERR_MEMORY;
}

void
mfa_engine_lock(struct mfa_engine *engine)
{
	mfa_crypt_guarded_lock(engine->work, sizeof(*engine->work));
}

void
mfa_engine_wipe(struct mfa_engine *engine)
{
	mfa_crypt_guarded_free(engine->work);
	engine->work = NULL;
}

enum mfa_err
mfa_work_opener(struct mfa_engine *engine, const uint8_t id[MFA_KEY_ID])
{
	struct mfa_work *work = engine->work;
	enum mfa_err r;

	if (work->has_opener && memcmp(work->opener.id, id, MFA_KEY_ID) == 0)
		return MFA_OK;
	r = mfa_keyring_load_from(engine->config->encryption_key, engine->held,
	    id, &work->opener);
	work->has_opener = r == MFA_OK;
	/* A key file that is wrong is not a record that is torn. */
	return r == MFA_ERR_DAMAGED ? MFA_ERR_NO_KEY : r;
}

enum mfa_err
mfa_work_primary(struct mfa_engine *engine)
{
	struct mfa_work *work = engine->work;
	enum mfa_err r;

	if (work->has_primary)
		return MFA_OK;
	r = mfa_keyring_primary_from(engine->config->encryption_key,
	    engine->held, &work->primary);
	work->has_primary = r == MFA_OK;
	return r == MFA_ERR_DAMAGED ? MFA_ERR_NO_KEY : r;
}

void
mfa_work_complete(mfa_record_Record *record)
{
	record->has_stamp = record->has_recovery = true;
	record->has_hours = record->has_days = true;
	record->has_other_hours = record->has_sends = true;
	record->has_delivered = true;
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		record->factors[i].has_root = true;
		record->factors[i].has_other = true;
	}
}
