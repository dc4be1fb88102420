/* SPDX-License-Identifier: MIT */
/* The work of a record that is not there (R5). */
#include <string.h>

#include "verifier/crypt/crypt.h"
#include "verifier/engine/codec.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/work.h"
#include "verifier/vault/envelope.h"

/* As usual ones are: a factor, and ten recovery codes.  It is all zero before. */
static void
put_sample(mfa_record_Record *record)
{
	static const char name[] = "nobody", label[] = "totp";
	mfa_record_Factor *factor = &record->factors[0];

	memcpy(record->realm, MFA_REALM_UNIX, sizeof(MFA_REALM_UNIX));
	memcpy(record->name, name, sizeof(name));
	record->enrolled = true;
	record->factors_count = 1;
	factor->provider = mfa_record_Provider_PROVIDER_TOTP;
	factor->status = mfa_record_Status_STATUS_ENABLED;
	factor->algorithm = mfa_record_Algorithm_ALGORITHM_SHA1;
	factor->digits = 6;
	factor->period = 30;
	factor->secret.size = 20;
	memset(factor->secret.bytes, 1, factor->secret.size);
	memset(factor->id, 1, sizeof(factor->id));
	memcpy(factor->label, label, sizeof(label));
	memset(record->recovery.salt, 1, sizeof(record->recovery.salt));
	record->recovery.codes_count = 10;
	for (pb_size_t i = 0; i < record->recovery.codes_count; i++)
		memset(record->recovery.codes[i].hash, 1,
		    sizeof(record->recovery.codes[i].hash));
	mfa_work_complete(record);
}

/* Of a record, both slots are opened, and one is decoded. */
static enum mfa_err
read_sample(struct mfa_work *work, struct mfa_binding binding, bool sealed)
{
	/* A seal takes as long as an opening: one that nothing is written
	   for stands for the first. */
	unsigned int slots = sealed ? 1 : MFA_STORE_SLOTS;
	size_t len = 0;
	enum mfa_err r = MFA_OK;

	for (unsigned int i = 0; r == MFA_OK && i < slots; i++)
		r = mfa_envelope_open(&work->primary, binding, 0, work->slot,
		    work->text, &len);
	return r != MFA_OK ? r :
			     mfa_codec_decode(work->text, len, work->scratch,
				 &work->record);
}

/* What reads and writes needs the key twice, once to open and once to seal. */
static enum mfa_err
load_keys(struct mfa_engine *engine, bool both)
{
	enum mfa_err r = mfa_work_primary(engine);

	return r == MFA_OK && both ?
	    mfa_work_opener(engine, engine->work->primary.id) :
	    r;
}

void
mfa_repo_decoy(struct mfa_engine *engine, unsigned int parts)
{
	const bool reads = (parts & MFA_DECOY_READ) != 0;
	const bool writes = (parts & MFA_DECOY_WRITE) != 0;
	struct mfa_binding binding = { engine->store->id, MFA_REALM_UNIX,
		"u-" };
	struct mfa_work *work = engine->work;
	size_t len = 0;

	if (work->busy)
		return;
	put_sample(&work->next);
	if (load_keys(engine, reads && writes) == MFA_OK &&
	    mfa_codec_encode(&work->next, work->scratch, sizeof(work->scratch),
		&len) == MFA_OK) {
		const struct mfa_seal how = { &work->primary, binding, 0, 1 };

		if (mfa_envelope_seal(engine->env, &how, work->scratch, len,
			work->slot) == MFA_OK &&
		    (!reads ||
			read_sample(work, binding, !writes) == MFA_OK))
			engine->store->ops->decoy(engine->store,
			    writes ? work->slot : NULL,
			    reads ? work->bytes : NULL);
	}
	mfa_crypt_wipe(work, sizeof(*work));
}
