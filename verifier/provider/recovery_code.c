/* SPDX-License-Identifier: MIT */
/*
 * Recovery codes: 120 bits each, so a fast keyed hash is enough (NIST SP
 * 800-63B-4 section 3.1.2).  The key is a salt of the set inside the sealed
 * record, not a key of the ring, so that rotation leaves the hashes good.
 */
#include "verifier/provider/recovery.h"

#include <string.h>

#include "verifier/crypt/crypt.h"

static const char label[] = "medusa-mfa/recovery/v1";

enum mfa_err
mfa_provider_recovery_hash(const char *use, const uint8_t *salt,
    const struct mfa_typed *typed, uint8_t *out)
{
	const struct mfa_crypt_part parts[] = {
		{ use, strlen(use) },
		{ typed->text, MFA_TYPED_RECOVERY },
	};

	return mfa_crypt_hash(salt, parts, 2, out, MFA_CRYPT_HASH);
}

static enum mfa_err
ready(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what)
{
	if (factor != NULL || what->typed->form != MFA_TYPED_RECOVERY_CODE)
		return MFA_ERR_SYNTAX;
	return record->recovery.codes_count == 0 ? MFA_ERR_NOT_FOUND : MFA_OK;
}

static enum mfa_err
check(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what, struct mfa_effect *effect)
{
	const mfa_record_RecoverySet *set = &record->recovery;
	uint8_t hash[MFA_CRYPT_HASH];
	uint32_t hit = UINT32_MAX;
	enum mfa_err r;

	effect->kind = MFA_EFFECT_NONE;
	if (factor != NULL || what->typed->form != MFA_TYPED_RECOVERY_CODE)
		return MFA_ERR_INVALID;
	r = mfa_provider_recovery_hash(label, set->salt, what->typed, hash);
	if (r != MFA_OK)
		return r;
	for (uint32_t i = 0; i < set->codes_count; i++) {
		if (mfa_crypt_equal(hash, set->codes[i].hash, sizeof(hash)))
			hit = i;
	}
	mfa_crypt_wipe(hash, sizeof(hash));
	if (hit == UINT32_MAX)
		return MFA_OK;
	effect->index = hit;
	effect->generation = set->generation;
	effect->kind = set->codes[hit].used_at == 0 ? MFA_EFFECT_USE :
						      MFA_EFFECT_REPLAY;
	return MFA_OK;
}

static void
charge(mfa_record_Record *record, mfa_record_Factor *factor)
{
	(void)factor;
	if (record->recovery.compared < UINT32_MAX)
		record->recovery.compared++;
}

static enum mfa_err
apply(mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_effect *effect, uint64_t wall)
{
	mfa_record_RecoverySet *set = &record->recovery;

	(void)factor;
	/* A set made anew meanwhile voids what was compared. */
	if (effect->kind != MFA_EFFECT_USE ||
	    effect->generation != set->generation ||
	    effect->index >= set->codes_count ||
	    set->codes[effect->index].used_at != 0)
		return MFA_ERR_REPLAYED;
	/* 0 means unused, whatever the clock says. */
	set->codes[effect->index].used_at = wall == 0 ? 1 : wall;
	return MFA_OK;
}

const struct mfa_provider mfa_provider_recovery_code = {
	.name = "recovery_code",
	.number = mfa_record_Provider_PROVIDER_NONE,
	.ready = ready,
	.charge = charge,
	.check = check,
	.apply = apply,
};

enum mfa_err
mfa_provider_recovery_make(const struct mfa_env *env, const char *use,
    const uint8_t *salt, char text[MFA_TYPED_RECOVERY_TEXT], uint8_t *hash)
{
	struct mfa_typed typed;
	uint8_t bytes[15];
	enum mfa_err r;

	env->random(env, bytes, sizeof(bytes));
	mfa_typed_recovery_format(bytes, text);
	mfa_typed_parse((const uint8_t *)text, MFA_TYPED_RECOVERY_TEXT - 1,
	    &typed);
	r = mfa_provider_recovery_hash(use, salt, &typed, hash);
	mfa_typed_wipe(&typed);
	mfa_crypt_wipe(bytes, sizeof(bytes));
	return r;
}

enum mfa_err
mfa_provider_recovery_new(const struct mfa_env *env, uint32_t count,
    uint64_t wall, mfa_record_RecoverySet *set, struct mfa_recovery_text *text)
{
	enum mfa_err r = MFA_OK;

	if (count < 1 || count > sizeof(set->codes) / sizeof(set->codes[0]))
		return MFA_ERR_INVALID;
	env->random(env, set->salt, sizeof(set->salt));
	set->generation++;
	set->created = wall;
	set->codes_count = (pb_size_t)count;
	text->count = count;
	for (uint32_t i = 0; r == MFA_OK && i < count; i++) {
		set->codes[i].used_at = 0;
		r = mfa_provider_recovery_make(env, label, set->salt,
		    text->code[i], set->codes[i].hash);
	}
	return r;
}

uint32_t
mfa_provider_recovery_left(const mfa_record_RecoverySet *set)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < set->codes_count; i++)
		left += set->codes[i].used_at == 0;
	return left;
}
