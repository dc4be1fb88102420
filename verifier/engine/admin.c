/* SPDX-License-Identifier: MIT */
#include "verifier/engine/admin.h"

#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/enroll.h"
#include "verifier/engine/permit.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/remember.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"
#include "verifier/engine/throttle.h"
#include "verifier/provider/grant.h"
#include "verifier/provider/otp.h"
#include "verifier/provider/setup.h"
#include "verifier/vault/keyring.h"

/* ---- looking ---- */

static bool
is_blocked(const struct mfa_config *config, const mfa_record_Factor *f)
{
	return mfa_throttle_factor_check(config, f, MFA_PATH_ROOT, 0, NULL) ==
	    MFA_THROTTLE_BLOCKED ||
	    mfa_throttle_factor_check(config, f, MFA_PATH_OTHER, 0, NULL) ==
	    MFA_THROTTLE_BLOCKED;
}

static const char *
status_name(const struct mfa_config *config, const mfa_record_Factor *f)
{
	if (f->status == mfa_record_Status_STATUS_PENDING)
		return "pending";
	if (f->status == mfa_record_Status_STATUS_DISABLED)
		return "disabled";
	return is_blocked(config, f) ? "blocked" : "enabled";
}

/* A factor whose provider is off lets in nobody, whatever its status. */
static bool
is_off(const struct mfa_config *config, const char *realm_name,
    const mfa_record_Factor *f)
{
	const struct mfa_config_realm *realm = mfa_config_realm_find(config,
	    realm_name);

	return realm == NULL || !mfa_policy_provides(config, realm, f);
}

static bool
is_expired(const mfa_record_Factor *f, uint64_t lapse)
{
	return f->status == mfa_record_Status_STATUS_PENDING &&
	    f->pending_until <= lapse;
}

static struct mfa_factor_info
describe(const struct mfa_config *config, const mfa_record_Factor *f,
    uint64_t lapse)
{
	struct mfa_factor_info info;
	uint64_t other = 0;

	memset(&info, 0, sizeof(info));
	mfa_num_hex(f->id, sizeof(f->id), info.id);
	memcpy(info.label, f->label, sizeof(info.label));
	(void)mfa_text_copy(info.provider, sizeof(info.provider),
	    mfa_provider_name(f));
	if (f->provider == mfa_record_Provider_PROVIDER_OTP)
		mfa_otp_address(f, info.address);
	info.status = status_name(config, f);
	info.created = f->created;
	info.confirmed = f->confirmed;
	info.last_used = f->last_used;
	info.algorithm = mfa_setup_algorithm_name(f->algorithm);
	info.digits = f->digits;
	info.period = f->period;
	info.drift = f->drift;
	(void)mfa_throttle_factor_check(config, f, MFA_PATH_ROOT, lapse,
	    &info.locked_seconds);
	(void)mfa_throttle_factor_check(config, f, MFA_PATH_OTHER, lapse,
	    &other);
	if (other > info.locked_seconds)
		info.locked_seconds = other;
	if (f->status == mfa_record_Status_STATUS_PENDING)
		info.expires_seconds = f->pending_until - lapse;
	return info;
}

enum mfa_err
mfa_admin_list(struct mfa_engine *engine, const struct mfa_subject *subject,
    enum mfa_err (*visit)(void *ctx, const struct mfa_factor_info *info),
    void *ctx)
{
	const mfa_record_Record *record;
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	r = mfa_repo_open(engine, subject, MFA_STORE_READ, &repo);
	if (r == MFA_OK) {
		uint64_t lapse = mfa_repo_clock(repo)->lapse;

		record = mfa_repo_record(repo);
		for (pb_size_t i = 0;
		    r == MFA_OK && i < record->factors_count; i++) {
			struct mfa_factor_info info;

			if (is_expired(&record->factors[i], lapse))
				continue;
			info = describe(engine->config, &record->factors[i],
			    lapse);
			info.provider_off = is_off(engine->config,
			    subject->realm, &record->factors[i]);
			r = visit(ctx, &info);
		}
	}
	mfa_repo_close(repo);
	return r == MFA_ERR_NOT_FOUND ? MFA_OK : r;
}

static void
summarise(struct mfa_engine *engine, const struct mfa_repo *repo,
    const char *realm, struct mfa_account_info *info)
{
	const mfa_record_Record *record = mfa_repo_record(repo);
	uint64_t lapse = mfa_repo_clock(repo)->lapse;

	info->exists = true;
	info->enrolled = record->enrolled;
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *f = &record->factors[i];

		if (f->status == mfa_record_Status_STATUS_ENABLED) {
			info->enabled_factors++;
			info->usable_factors += !is_off(engine->config, realm,
			    f);
			info->blocked |= is_blocked(engine->config, f);
		} else if (f->status == mfa_record_Status_STATUS_PENDING) {
			info->pending_factors += !is_expired(f, lapse);
		}
	}
	info->recovery_left = mfa_provider_recovery_left(&record->recovery);
	info->recovery_total = record->recovery.codes_count;
	info->recovery_compared = record->recovery.compared;
	info->locked_seconds = mfa_throttle_longest(engine->config, record,
	    MFA_PATH_ROOT, lapse);
	info->locked_seconds_other = mfa_throttle_longest(engine->config, record,
	    MFA_PATH_OTHER, lapse);
	info->invited_seconds = mfa_grant_left(MFA_GRANT_INVITATION,
	    record, lapse);
	if (info->invited_seconds != 0)
		info->invitation_compared = record->invitation.compared;
	info->bypass_seconds = mfa_grant_left(MFA_GRANT_BYPASS, record, lapse);
	if (info->bypass_seconds != 0) {
		info->bypass_compared = record->bypass.compared;
		memcpy(info->bypass_reason, record->bypass_reason,
		    sizeof(info->bypass_reason));
	}
	info->remembered = mfa_remember_count(engine->config, record,
	    mfa_repo_clock(repo));
	info->wrong_today = mfa_throttle_day(record, lapse);
	info->wrong_month = mfa_throttle_month(record, lapse);
	info->wrong_today_other = mfa_throttle_day_other(record, lapse);
}

/* subject: not known where groups would be looked up for each of many */
static void
add_policy(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct mfa_account_info *info)
{
	const struct mfa_config_realm *realm = mfa_config_realm_find(
	    engine->config, subject->realm);
	struct mfa_policy_range range = { .may_require = true,
		.may_ask = true };

	if (realm != NULL)
		mfa_policy_range(engine->config, realm, subject, &range);
	info->exempt = !range.may_ask && !range.denied;
	info->by_rules = range.by_rules || range.denied ||
	    (range.grace && !info->enrolled);
	info->required = range.may_require ||
	    (range.may_ask && (info->enrolled || info->problem != MFA_OK));
}

enum mfa_err
mfa_admin_status(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, struct mfa_account_info *info)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	memset(info, 0, sizeof(*info));
	memcpy(info->user, subject->name, sizeof(info->user));
	info->uid = subject->uid;
	r = mfa_repo_open(engine, subject, MFA_STORE_READ, &repo);
	if (r == MFA_OK) {
		info->uid = mfa_repo_record(repo)->uid;
		summarise(engine, repo, subject->realm, info);
	}
	mfa_repo_close(repo);
	if (r != MFA_OK && r != MFA_ERR_NOT_FOUND) {
		info->exists = true;
		info->problem = r;
	}
	add_policy(engine, subject, info);
	info->proof = mfa_permit_look(engine, caller, subject,
	    MFA_CHANGE_ENROLL);
	return MFA_OK;
}

struct listing {
	struct mfa_engine *engine;
	const char *realm;
	enum mfa_err (*visit)(void *ctx, const struct mfa_account_info *info);
	void *ctx;
};

static enum mfa_err
list_one(void *ctx, const char *id)
{
	struct listing *l = ctx;
	char realm[MFA_SUBJECT_REALM + 1];
	struct mfa_account_info info;
	struct mfa_repo *repo = NULL;
	struct mfa_subject listed = { .known = false };
	enum mfa_err r;

	memset(&info, 0, sizeof(info));
	mfa_subject_name(id, realm, info.user);
	if (strcmp(realm, l->realm) != 0)
		return MFA_OK;
	r = mfa_repo_open_id(l->engine, id, MFA_STORE_READ, &repo);
	if (r == MFA_ERR_NOT_FOUND)
		return MFA_OK; /* removed while we list */
	if (r == MFA_OK) {
		const mfa_record_Record *record = mfa_repo_record(repo);

		memcpy(info.user, record->name, sizeof(info.user));
		info.uid = record->uid;
		summarise(l->engine, repo, l->realm, &info);
	} else {
		/* The name in it cannot be read: the store's is shown. */
		info.exists = true;
		info.problem = r;
	}
	mfa_repo_close(repo);
	/* No look-up of groups for each of a hundred thousand: what rules say
	   of a user is for status to tell. */
	memcpy(listed.realm, l->realm, strlen(l->realm) + 1);
	memcpy(listed.name, info.user, sizeof(listed.name));
	add_policy(l->engine, &listed, &info);
	info.by_rules |= strcmp(l->realm, MFA_REALM_UNIX) == 0 &&
	    l->engine->config->rule_count != 0;
	return l->visit(l->ctx, &info);
}

enum mfa_err
mfa_admin_users(struct mfa_engine *engine, const char *realm,
    enum mfa_err (*visit)(void *ctx, const struct mfa_account_info *info),
    void *ctx)
{
	struct listing l = { engine, realm, visit, ctx };

	return engine->store->ops->each(engine->store, list_one, &l);
}

/* ---- acting ---- */

struct acting {
	struct mfa_engine *engine;
	const struct mfa_subject *subject;
	bool clock;
	char address[129]; /* before: the owner is told there */
	bool had_code;	   /* a delivered code was live */
};

static enum mfa_err
apply_reset(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct acting *a = ctx;

	mfa_report_address(record, a->address);
	a->had_code = record->delivered.until > clock->lapse &&
	    record->delivered.compared < MFA_OTP_COMPARISONS;
	mfa_enroll_empty(record);
	if (a->subject->known)
		record->uid = a->subject->uid;
	return MFA_OK;
}

static enum mfa_err
apply_unlock(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	const struct acting *a = ctx;

	/* By a clock of 1970 every code of now would be unused again. */
	if (a->clock && clock->now.wall < a->engine->env->release)
		return MFA_ERR_CLOCK;
	mfa_throttle_clear(record);
	if (!a->clock)
		return MFA_OK;
	mfa_lapse_mend(&record->stamp, clock);
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		mfa_record_Factor *f = &record->factors[i];
		uint64_t reach;

		if (f->provider != mfa_record_Provider_PROVIDER_TOTP)
			continue;
		reach = mfa_setup_step(f, clock->now.wall) +
		    a->engine->config->window;
		/* Codes of now stay used; the next ones are good. */
		if (f->last_step > reach)
			f->last_step = reach;
	}
	return MFA_OK;
}

/* A record that nobody can read is replaced by an empty one. */
static enum mfa_err
replace(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct acting *a)
{
	struct mfa_key key;
	enum mfa_err r;

	/* Nothing is given up that could not be made anew. */
	r = mfa_keyring_primary_from(engine->config->encryption_key,
	    engine->held, &key);
	if (r != MFA_OK)
		return r == MFA_ERR_DAMAGED ? MFA_ERR_NO_KEY : r;
	mfa_key_wipe(&key);
	r = engine->store->ops->remove(engine->store, subject->id);
	/* Of a user that is gone, nothing need be left. */
	if (r != MFA_OK || !subject->known)
		return r;
	return mfa_repo_make(engine, subject,
	    (struct mfa_delta){ apply_reset, a });
}

static bool
is_unreadable(enum mfa_err r)
{
	return r == MFA_ERR_DAMAGED || r == MFA_ERR_NO_KEY;
}

enum mfa_err
mfa_admin_reset(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject)
{
	struct acting a = { .engine = engine, .subject = subject };
	const struct mfa_report_why why = { .type = MFA_EVENT_RESET,
		.address = a.address };
	struct mfa_repo *repo = NULL;
	bool unreadable;
	enum mfa_err r;

	if (caller->right != MFA_RIGHT_MANAGE)
		return MFA_ERR_DENIED;
	r = mfa_repo_open(engine, subject, MFA_STORE_WRITE, &repo);
	unreadable = is_unreadable(r);
	if (r == MFA_OK || r == MFA_ERR_FOREIGN)
		r = mfa_repo_update(repo,
		    (struct mfa_delta){ apply_reset, &a });
	mfa_repo_close(repo);
	if (unreadable)
		r = replace(engine, subject, &a);
	if (r == MFA_OK && a.had_code)
		mfa_report(engine, caller, subject, MFA_EVENT_OTP_DELETED, "");
	if (r == MFA_OK)
		mfa_report_why(engine, caller, subject, &why);
	return r;
}

enum mfa_err
mfa_admin_unlock(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, bool clock)
{
	struct acting a = { .engine = engine, .subject = subject,
		.clock = clock };
	enum mfa_err r;

	if (caller->right != MFA_RIGHT_MANAGE)
		return MFA_ERR_DENIED;
	r = mfa_repo_change(engine, subject,
	    (struct mfa_delta){ apply_unlock, &a });
	if (r == MFA_OK)
		mfa_report(engine, caller, subject, MFA_EVENT_UNLOCKED,
		    "");
	return r;
}

enum mfa_err
mfa_admin_remove(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	if (caller->right != MFA_RIGHT_MANAGE)
		return MFA_ERR_DENIED;
	r = mfa_repo_open(engine, subject, MFA_STORE_WRITE, &repo);
	if (r == MFA_OK || r == MFA_ERR_FOREIGN) {
		const mfa_record_Record *record = mfa_repo_record(repo);

		r = record->enrolled || record->factors_count != 0 ?
		    MFA_ERR_DENIED :
		    mfa_repo_remove(repo);
	}
	mfa_repo_close(repo);
	if (r == MFA_OK)
		mfa_report(engine, caller, subject, MFA_EVENT_REMOVED, "");
	return r;
}
