/* SPDX-License-Identifier: MIT */
/* What happens to factors after their set-up; recovery codes. */
#include "verifier/engine/enroll.h"

#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/permit.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/remember.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"
#include "verifier/provider/grant.h"

int
mfa_enroll_find(const mfa_record_Record *record, const char *factor)
{
	int disabled = -1;
	char id[17];

	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *f = &record->factors[i];

		mfa_num_hex(f->id, sizeof(f->id), id);
		if (strcmp(id, factor) == 0)
			return i;
	}
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *f = &record->factors[i];

		if (strcmp(f->label, factor) != 0)
			continue;
		if (f->status != mfa_record_Status_STATUS_DISABLED)
			return i;
		disabled = i;
	}
	return disabled;
}

void
mfa_enroll_drop(mfa_record_Record *record, pb_size_t i)
{
	pb_size_t after = (pb_size_t)(record->factors_count - i - 1);

	memmove(record->factors + i, record->factors + i + 1,
	    after * sizeof(record->factors[0]));
	record->factors_count--;
	memset(record->factors + record->factors_count, 0,
	    sizeof(record->factors[0]));
}

bool
mfa_enroll_label_taken(const mfa_record_Record *record, const char *label)
{
	int i = mfa_enroll_find(record, label);

	return i >= 0 &&
	    record->factors[i].status != mfa_record_Status_STATUS_DISABLED;
}

void
mfa_enroll_empty(mfa_record_Record *record)
{
	memset(record->factors, 0, sizeof(record->factors));
	record->factors_count = 0;
	record->enrolled = false;
	record->generation++;
	record->has_delivered = false;
	memset(&record->delivered, 0, sizeof(record->delivered));
	memset(record->challenges, 0, sizeof(record->challenges));
	record->challenges_count = 0;
	mfa_grant_drop(MFA_GRANT_INVITATION, record);
	mfa_grant_drop(MFA_GRANT_BYPASS, record);
	record->bypass_used = 0;
	record->grace_logins = 0;
	mfa_remember_void(record);
	/* The generation of the codes lives on, so that none comes twice. */
	memset(record->recovery.salt, 0, sizeof(record->recovery.salt));
	memset(record->recovery.codes, 0, sizeof(record->recovery.codes));
	record->recovery.codes_count = 0;
	record->recovery.created = 0;
}

/* ---- disable, rename, recovery codes ---- */

/* Who changes whose record. */
struct change {
	struct mfa_engine *engine;
	const struct mfa_caller *caller;
	const struct mfa_subject *subject;
};

static enum mfa_err
check_change(const struct change *c, const mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	return mfa_permit_check(c->engine, c->caller, c->subject, record,
	    clock, MFA_CHANGE_OTHER);
}

/* Where a factor is required, nobody takes away the own last one. */
static bool
must_keep(const struct change *c)
{
	const struct mfa_config *config = c->engine->config;
	struct mfa_policy_range range;

	if (c->caller->right == MFA_RIGHT_MANAGE)
		return false;
	mfa_policy_range(config, &config->realm[0], c->subject, &range);
	return range.may_require;
}

static unsigned int
count_enabled(const mfa_record_Record *record)
{
	unsigned int enabled = 0;

	for (pb_size_t i = 0; i < record->factors_count; i++)
		enabled += record->factors[i].status ==
		    mfa_record_Status_STATUS_ENABLED;
	return enabled;
}

struct disabling {
	struct change change;
	const char *factor;
	bool last;
	char label[33];
	char address[129]; /* before: the owner is told there */
};

static enum mfa_err
apply_disable(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct disabling *d = ctx;
	int i = mfa_enroll_find(record, d->factor);
	bool pending;
	enum mfa_err r;

	if (i < 0 ||
	    record->factors[i].status == mfa_record_Status_STATUS_DISABLED)
		return MFA_ERR_NOT_FOUND;
	pending = record->factors[i].status == mfa_record_Status_STATUS_PENDING;
	d->last = !pending && count_enabled(record) == 1;
	if (d->last && must_keep(&d->change))
		return MFA_ERR_LAST;
	/* After all else, so that no slip costs its owner a proof. */
	if ((r = check_change(&d->change, record, clock)) != MFA_OK)
		return r;
	memcpy(d->label, record->factors[i].label, sizeof(d->label));
	mfa_report_address(record, d->address);
	mfa_remember_void(record);
	if (pending)
		mfa_enroll_drop(record, (pb_size_t)i);
	else
		record->factors[i].status = mfa_record_Status_STATUS_DISABLED;
	if (d->last)
		mfa_enroll_empty(record);
	return MFA_OK;
}

enum mfa_err
mfa_enroll_disable(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const char *factor, bool *last)
{
	struct disabling d = { .change = { engine, caller, subject },
		.factor = factor };
	const struct mfa_report_why why = {
		.type = MFA_EVENT_FACTOR_DISABLED,
		.factor = d.label,
		.address = d.address,
	};
	enum mfa_err r;

	r = mfa_repo_change(engine, subject,
	    (struct mfa_delta){ apply_disable, &d });
	if (r != MFA_OK)
		return r;
	mfa_report_why(engine, caller, subject, &why);
	*last = d.last;
	return MFA_OK;
}

struct renaming {
	struct change change;
	const char *factor;
	const char *label;
	char address[129];
};

static enum mfa_err
apply_rename(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct renaming *n = ctx;
	int i = mfa_enroll_find(record, n->factor);
	enum mfa_err r;

	if (i < 0)
		return MFA_ERR_NOT_FOUND;
	if (mfa_enroll_label_taken(record, n->label) &&
	    strcmp(record->factors[i].label, n->label) != 0)
		return MFA_ERR_EXISTS;
	if ((r = check_change(&n->change, record, clock)) != MFA_OK)
		return r;
	memcpy(record->factors[i].label, n->label, strlen(n->label) + 1);
	mfa_report_address(record, n->address);
	return MFA_OK;
}

enum mfa_err
mfa_enroll_rename(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const char *factor, const char *label)
{
	struct renaming n = { .change = { engine, caller, subject },
		.factor = factor, .label = label };
	const struct mfa_report_why why = {
		.type = MFA_EVENT_FACTOR_RENAMED,
		.factor = label,
		.address = n.address,
	};
	enum mfa_err r;

	if (!mfa_text_is_label(label))
		return MFA_ERR_INVALID;
	r = mfa_repo_change(engine, subject,
	    (struct mfa_delta){ apply_rename, &n });
	if (r == MFA_OK)
		mfa_report_why(engine, caller, subject, &why);
	return r;
}

struct regenerating {
	struct change change;
	struct mfa_recovery_text text;
	char address[129];
};

static enum mfa_err
apply_recovery(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct regenerating *g = ctx;
	const struct mfa_engine *engine = g->change.engine;
	enum mfa_err r;

	if (!record->enrolled)
		return MFA_ERR_NOT_FOUND;
	if ((r = check_change(&g->change, record, clock)) != MFA_OK)
		return r;
	mfa_report_address(record, g->address);
	mfa_remember_void(record);
	return mfa_provider_recovery_new(engine->env,
	    engine->config->recovery_code_count, clock->now.wall,
	    &record->recovery, &g->text);
}

enum mfa_err
mfa_enroll_recovery(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, struct mfa_recovery_text *out)
{
	struct regenerating g = { .change = { engine, caller, subject } };
	const struct mfa_config_realm *realm = mfa_config_realm_find(
	    engine->config, subject->realm);
	struct mfa_report_why why = {
		.type = MFA_EVENT_RECOVERY_GENERATED,
		.address = g.address,
		.has_left = true,
	};
	enum mfa_err r;

	if (realm == NULL ||
	    (realm->provides & MFA_PROVIDES_RECOVERY_CODE) == 0)
		return MFA_ERR_CONFIG;
	r = mfa_repo_change(engine, subject,
	    (struct mfa_delta){ apply_recovery, &g });
	if (r == MFA_OK) {
		*out = g.text;
		why.left = g.text.count;
		mfa_report_why(engine, caller, subject, &why);
	}
	mfa_crypt_wipe(&g, sizeof(g));
	return r;
}
