/* SPDX-License-Identifier: MIT */
#include "verifier/provider/grant.h"

#include <string.h>

#include "lib/base/num.h"
#include "verifier/crypt/crypt.h"
#include "verifier/provider/recovery.h"

/* What a code is for is part of its hash. */
static const char *
use_of(enum mfa_grant kind)
{
	return kind == MFA_GRANT_BYPASS ? "medusa-mfa/bypass/v1" :
					  "medusa-mfa/invitation/v1";
}

const mfa_record_Grant *
mfa_grant_find(enum mfa_grant kind, const mfa_record_Record *record)
{
	if (kind == MFA_GRANT_BYPASS)
		return record->has_bypass ? &record->bypass : NULL;
	return record->has_invitation ? &record->invitation : NULL;
}

uint64_t
mfa_grant_left(enum mfa_grant kind, const mfa_record_Record *record,
    uint64_t lapse)
{
	const mfa_record_Grant *grant = mfa_grant_find(kind, record);

	return grant != NULL && grant->until > lapse ? grant->until - lapse : 0;
}

/* A number that changes with the code. */
static uint64_t
which(const mfa_record_Grant *grant)
{
	return mfa_num_get64(grant->hash);
}

static enum mfa_err
ready(enum mfa_grant kind, const mfa_record_Record *record,
    const mfa_record_Factor *factor, const struct mfa_check *what)
{
	if (factor != NULL || what->typed->form != MFA_TYPED_RECOVERY_CODE)
		return MFA_ERR_SYNTAX;
	return mfa_grant_left(kind, record, what->lapse) == 0 ?
	    MFA_ERR_NOT_FOUND :
	    MFA_OK;
}

static enum mfa_err
check(enum mfa_grant kind, const mfa_record_Record *record,
    const struct mfa_check *what, struct mfa_effect *effect)
{
	const mfa_record_Grant *grant = mfa_grant_find(kind, record);
	uint8_t hash[MFA_CRYPT_HASH];
	enum mfa_err r;

	effect->kind = MFA_EFFECT_NONE;
	if (ready(kind, record, NULL, what) != MFA_OK)
		return MFA_ERR_INVALID;
	r = mfa_provider_recovery_hash(use_of(kind), grant->salt, what->typed,
	    hash);
	if (r != MFA_OK)
		return r;
	if (mfa_crypt_equal(hash, grant->hash, sizeof(hash))) {
		effect->accepted = which(grant);
		effect->kind = MFA_EFFECT_USE;
	}
	mfa_crypt_wipe(hash, sizeof(hash));
	return MFA_OK;
}

/* It was used, or replaced, or its owner was enrolled or reset meanwhile. */
static enum mfa_err
apply(enum mfa_grant kind, mfa_record_Record *record,
    const struct mfa_effect *effect)
{
	const mfa_record_Grant *grant = mfa_grant_find(kind, record);

	if (effect->kind != MFA_EFFECT_USE || grant == NULL ||
	    record->enrolled != (kind == MFA_GRANT_BYPASS) ||
	    which(grant) != effect->accepted)
		return MFA_ERR_REPLAYED;
	mfa_grant_drop(kind, record);
	return MFA_OK;
}

static void
charge(mfa_record_Grant *grant)
{
	if (grant->compared < UINT32_MAX)
		grant->compared++;
}

/* ---- the two providers ---- */

static enum mfa_err
invitation_ready(const mfa_record_Record *record,
    const mfa_record_Factor *factor, const struct mfa_check *what)
{
	return ready(MFA_GRANT_INVITATION, record, factor, what);
}

static void
invitation_charge(mfa_record_Record *record, mfa_record_Factor *factor)
{
	(void)factor;
	charge(&record->invitation);
}

static enum mfa_err
invitation_check(const mfa_record_Record *record,
    const mfa_record_Factor *factor, const struct mfa_check *what,
    struct mfa_effect *effect)
{
	(void)factor;
	return check(MFA_GRANT_INVITATION, record, what, effect);
}

static enum mfa_err
invitation_apply(mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_effect *effect, uint64_t wall)
{
	(void)factor;
	(void)wall;
	return apply(MFA_GRANT_INVITATION, record, effect);
}

static enum mfa_err
bypass_ready(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what)
{
	return ready(MFA_GRANT_BYPASS, record, factor, what);
}

static void
bypass_charge(mfa_record_Record *record, mfa_record_Factor *factor)
{
	(void)factor;
	charge(&record->bypass);
}

static enum mfa_err
bypass_check(const mfa_record_Record *record, const mfa_record_Factor *factor,
    const struct mfa_check *what, struct mfa_effect *effect)
{
	(void)factor;
	return check(MFA_GRANT_BYPASS, record, what, effect);
}

static enum mfa_err
bypass_apply(mfa_record_Record *record, mfa_record_Factor *factor,
    const struct mfa_effect *effect, uint64_t wall)
{
	enum mfa_err r;

	(void)factor;
	if ((r = apply(MFA_GRANT_BYPASS, record, effect)) != MFA_OK)
		return r;
	/* 0 means never, whatever the clock says. */
	record->bypass_used = wall == 0 ? 1 : wall;
	return MFA_OK;
}

const struct mfa_provider mfa_provider_invitation = {
	.name = "invitation",
	.number = mfa_record_Provider_PROVIDER_NONE,
	.ready = invitation_ready,
	.charge = invitation_charge,
	.check = invitation_check,
	.apply = invitation_apply,
};

const struct mfa_provider mfa_provider_bypass = {
	.name = "bypass",
	.number = mfa_record_Provider_PROVIDER_NONE,
	.ready = bypass_ready,
	.charge = bypass_charge,
	.check = bypass_check,
	.apply = bypass_apply,
};

/* ---- giving one out ---- */

enum mfa_err
mfa_grant_new(const struct mfa_env *env, enum mfa_grant kind,
    const struct mfa_grant_time *time, mfa_record_Record *record,
    char text[MFA_TYPED_RECOVERY_TEXT])
{
	mfa_record_Grant *grant = kind == MFA_GRANT_BYPASS ?
	    &record->bypass :
	    &record->invitation;

	mfa_grant_drop(kind, record);
	if (kind == MFA_GRANT_BYPASS)
		record->has_bypass = true;
	else
		record->has_invitation = true;
	env->random(env, grant->salt, sizeof(grant->salt));
	grant->created = time->wall;
	grant->until = time->lapse + time->ttl;
	return mfa_provider_recovery_make(env, use_of(kind), grant->salt, text,
	    grant->hash);
}

void
mfa_grant_drop(enum mfa_grant kind, mfa_record_Record *record)
{
	if (kind == MFA_GRANT_BYPASS) {
		record->has_bypass = false;
		memset(&record->bypass, 0, sizeof(record->bypass));
		memset(record->bypass_reason, 0,
		    sizeof(record->bypass_reason));
	} else {
		record->has_invitation = false;
		memset(&record->invitation, 0, sizeof(record->invitation));
	}
}
