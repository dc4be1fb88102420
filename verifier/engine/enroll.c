/* SPDX-License-Identifier: MIT */
#include "verifier/engine/enroll.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/repo.h"
#include "verifier/otp/base32.h"
#include "verifier/otp/otpauth.h"

#define FACTORS 8

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
mfa_enroll_emit(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, enum mfa_event_type type,
    const char *label)
{
	const struct mfa_event event = {
		.type = type,
		.realm = subject->realm,
		.subject = subject->name,
		.service = caller->service,
		.factor = label,
		.unprivileged = caller->path != MFA_PATH_ROOT,
		.caller = caller->uid,
	};

	engine->sink->emit(engine->sink, &event);
}

void
mfa_enroll_emit_refused(struct mfa_engine *engine,
    const struct mfa_caller *caller, const struct mfa_subject *subject,
    enum mfa_reason reason, bool locked_now)
{
	struct mfa_event event = {
		.type = MFA_EVENT_CHALLENGE_FAILED,
		.realm = subject->realm,
		.subject = subject->name,
		.service = caller->service,
		.method = mfa_provider_totp.name,
		.reason = mfa_reason_name(reason),
		.unprivileged = caller->path != MFA_PATH_ROOT,
		.caller = caller->uid,
	};

	engine->sink->emit(engine->sink, &event);
	if (!locked_now)
		return;
	event.type = MFA_EVENT_LOCKED;
	event.reason = mfa_reason_name(MFA_REASON_LOCKED);
	engine->sink->emit(engine->sink, &event);
}

void
mfa_enroll_empty(mfa_record_Record *record)
{
	memset(record->factors, 0, sizeof(record->factors));
	record->factors_count = 0;
	record->enrolled = false;
	record->generation++;
	/* The generation of the codes lives on, so that none comes twice. */
	memset(record->recovery.salt, 0, sizeof(record->recovery.salt));
	memset(record->recovery.codes, 0, sizeof(record->recovery.codes));
	record->recovery.codes_count = 0;
	record->recovery.created = 0;
}

/* ---- begin ---- */

static void
drop(mfa_record_Record *record, pb_size_t i)
{
	pb_size_t after = (pb_size_t)(record->factors_count - i - 1);

	memmove(record->factors + i, record->factors + i + 1,
	    after * sizeof(record->factors[0]));
	record->factors_count--;
	memset(record->factors + record->factors_count, 0,
	    sizeof(record->factors[0]));
}

static void
drop_expired(mfa_record_Record *record, uint64_t lapse)
{
	for (pb_size_t i = record->factors_count; i-- > 0;) {
		if (record->factors[i].status ==
			mfa_record_Status_STATUS_PENDING &&
		    record->factors[i].pending_until <= lapse)
			drop(record, i);
	}
}

/* Room for one more: the oldest disabled factor goes. */
static enum mfa_err
make_room(mfa_record_Record *record)
{
	unsigned int live = 0;

	for (pb_size_t i = 0; i < record->factors_count; i++)
		live += record->factors[i].status !=
		    mfa_record_Status_STATUS_DISABLED;
	if (live >= MFA_FACTORS_TOTP)
		return MFA_ERR_FULL;
	for (pb_size_t i = 0; record->factors_count == FACTORS; i++) {
		if (record->factors[i].status ==
		    mfa_record_Status_STATUS_DISABLED) {
			drop(record, i);
			break;
		}
	}
	return MFA_OK;
}

/* The same secret twice would make one code good twice (R6). */
static bool
has_secret(const mfa_record_Record *record, const mfa_record_Factor *factor)
{
	bool found = false;

	for (pb_size_t i = 0; i < record->factors_count; i++) {
		const mfa_record_Factor *f = &record->factors[i];

		/* Whole: HMAC fills a key up with zeros, and so do we. */
		found |= mfa_crypt_equal(f->secret.bytes,
		    factor->secret.bytes, sizeof(f->secret.bytes));
	}
	return found;
}

static bool
label_taken(const mfa_record_Record *record, const char *label)
{
	int i = mfa_enroll_find(record, label);

	return i >= 0 &&
	    record->factors[i].status != mfa_record_Status_STATUS_DISABLED;
}

static enum mfa_err
choose_label(const mfa_record_Record *record, const char *wanted, char *out)
{
	if (wanted[0] != '\0') {
		if (!mfa_text_is_label(wanted))
			return MFA_ERR_INVALID;
		memcpy(out, wanted, strlen(wanted) + 1);
		return label_taken(record, out) ? MFA_ERR_EXISTS : MFA_OK;
	}
	memcpy(out, "totp", 5);
	for (int n = 2; label_taken(record, out); n++)
		(void)snprintf(out, 33, "totp-%d", n);
	return MFA_OK;
}

static enum mfa_err
parameters(const struct mfa_config *config, const struct mfa_enroll_ask *ask,
    struct mfa_totp_setup *how)
{
	static const char *const names[] = { "SHA1", "SHA256", "SHA512" };

	how->algorithm = (mfa_record_Algorithm)config->algorithm;
	how->digits = ask->digits != 0 ? ask->digits : config->digits;
	how->period = ask->period != 0 ? ask->period : config->period;
	how->import = ask->import;
	if (ask->provider[0] != '\0' && strcmp(ask->provider, "totp") != 0)
		return MFA_ERR_INVALID;
	if (ask->algorithm[0] == '\0')
		return MFA_OK;
	for (int i = 0; i < 3; i++) {
		if (strcmp(ask->algorithm, names[i]) == 0) {
			how->algorithm = (mfa_record_Algorithm)(i + 1);
			return MFA_OK;
		}
	}
	return MFA_ERR_INVALID;
}

struct beginning {
	struct mfa_engine *engine;
	const struct mfa_enroll_ask *ask;
	mfa_record_Factor factor; /* secret */
};

static enum mfa_err
add_pending(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct beginning *b = ctx;
	mfa_record_Factor *f = &b->factor;
	enum mfa_err r;

	drop_expired(record, clock->lapse);
	if ((r = choose_label(record, b->ask->label, f->label)) != MFA_OK)
		return r;
	if (has_secret(record, f))
		return MFA_ERR_EXISTS;
	if ((r = make_room(record)) != MFA_OK)
		return r;
	f->status = mfa_record_Status_STATUS_PENDING;
	f->created = clock->now.wall;
	f->pending_until = clock->lapse +
	    b->engine->config->pending_ttl_seconds;
	record->factors[record->factors_count++] = *f;
	return MFA_OK;
}

static enum mfa_err
store_pending(struct mfa_engine *engine, const struct mfa_subject *subject,
    struct beginning *b)
{
	const struct mfa_delta delta = { add_pending, b };
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	r = mfa_repo_open(engine, subject, MFA_STORE_WRITE, &repo);
	if (r == MFA_OK)
		r = mfa_repo_update(repo, delta);
	mfa_repo_close(repo);
	if (r == MFA_ERR_NOT_FOUND)
		r = mfa_repo_create(engine, subject, delta);
	return r;
}

/* "user@host": what the app shows beside the issuer. */
static enum mfa_err
describe(const struct mfa_config *config, const struct mfa_subject *subject,
    const mfa_record_Factor *f, struct mfa_enrolled *out)
{
	static const char *const names[] = { "", "SHA1", "SHA256", "SHA512" };
	char host[HOST_NAME_MAX + 1] = "localhost";
	char account[MFA_SUBJECT_NAME + HOST_NAME_MAX + 2];
	struct mfa_otpauth what = {
		.issuer = config->issuer,
		.account = account,
		.secret = out->secret,
		.algorithm = names[f->algorithm],
		.digits = f->digits,
		.period = f->period,
	};
	enum mfa_err r;

	if (gethostname(host, sizeof(host)) != 0)
		memcpy(host, "localhost", 10);
	host[HOST_NAME_MAX] = '\0';
	if (what.issuer[0] == '\0')
		what.issuer = host;
	(void)snprintf(account, sizeof(account), "%s@%s", subject->name, host);
	mfa_num_hex(f->id, sizeof(f->id), out->id);
	memcpy(out->label, f->label, sizeof(out->label));
	r = mfa_base32_format(f->secret.bytes, f->secret.size, out->secret,
	    sizeof(out->secret));
	if (r != MFA_OK)
		return r;
	out->expires_seconds = config->pending_ttl_seconds;
	if (f->algorithm != mfa_record_Algorithm_ALGORITHM_SHA1 ||
	    f->digits != 6 || f->period != 30)
		(void)snprintf(out->warning, sizeof(out->warning), "%s",
		    "Several authenticator apps accept this QR code and then "
		    "show wrong codes: they know SHA1, 6 digits and 30 seconds "
		    "only. Compare two codes in a row before you rely on it.");
	return mfa_otpauth_format(&what, out->otpauth_url,
	    sizeof(out->otpauth_url));
}

enum mfa_err
mfa_enroll_begin(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct mfa_enroll_ask *ask,
    struct mfa_enrolled *out)
{
	struct beginning b;
	struct mfa_totp_setup how;
	struct mfa_enrolled got;
	enum mfa_err r;

	memset(&b, 0, sizeof(b));
	memset(&got, 0, sizeof(got));
	b.engine = engine;
	b.ask = ask;
	if ((r = parameters(engine->config, ask, &how)) != MFA_OK)
		goto out;
	engine->env->random(engine->env, b.factor.id, sizeof(b.factor.id));
	r = mfa_provider_totp_setup(engine->env, &how, &b.factor);
	if (r != MFA_OK)
		goto out;
	if ((r = store_pending(engine, subject, &b)) != MFA_OK)
		goto out;
	if ((r = describe(engine->config, subject, &b.factor, &got)) != MFA_OK)
		goto out;
	mfa_enroll_emit(engine, caller, subject, MFA_EVENT_FACTOR_PENDING,
	    b.factor.label);
	*out = got;
out:
	mfa_crypt_wipe(&b, sizeof(b));
	mfa_crypt_wipe(&got, sizeof(got));
	return r;
}

/* ---- disable, recovery codes ---- */

struct disabling {
	const char *factor;
	bool last;
	char label[33];
};

static enum mfa_err
apply_disable(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct disabling *d = ctx;
	int i = mfa_enroll_find(record, d->factor);
	unsigned int enabled = 0;

	(void)clock;
	if (i < 0 ||
	    record->factors[i].status == mfa_record_Status_STATUS_DISABLED)
		return MFA_ERR_NOT_FOUND;
	memcpy(d->label, record->factors[i].label, sizeof(d->label));
	if (record->factors[i].status == mfa_record_Status_STATUS_PENDING) {
		drop(record, (pb_size_t)i);
		return MFA_OK;
	}
	record->factors[i].status = mfa_record_Status_STATUS_DISABLED;
	for (pb_size_t j = 0; j < record->factors_count; j++)
		enabled += record->factors[j].status ==
		    mfa_record_Status_STATUS_ENABLED;
	d->last = enabled == 0;
	if (d->last)
		mfa_enroll_empty(record);
	return MFA_OK;
}

enum mfa_err
mfa_enroll_disable(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const char *factor, bool *last)
{
	struct disabling d = { .factor = factor };
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	r = mfa_repo_open(engine, subject, MFA_STORE_WRITE, &repo);
	if (r == MFA_OK)
		r = mfa_repo_update(repo,
		    (struct mfa_delta){ apply_disable, &d });
	mfa_repo_close(repo);
	if (r != MFA_OK)
		return r;
	mfa_enroll_emit(engine, caller, subject, MFA_EVENT_FACTOR_DISABLED,
	    d.label);
	*last = d.last;
	return MFA_OK;
}

struct regenerating {
	struct mfa_engine *engine;
	struct mfa_recovery_text text;
};

static enum mfa_err
apply_recovery(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct regenerating *g = ctx;

	if (!record->enrolled)
		return MFA_ERR_NOT_FOUND;
	return mfa_provider_recovery_new(g->engine->env,
	    g->engine->config->recovery_code_count, clock->now.wall,
	    &record->recovery, &g->text);
}

enum mfa_err
mfa_enroll_recovery(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, struct mfa_recovery_text *out)
{
	struct regenerating g = { .engine = engine };
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	if (!engine->config->provider_recovery_code)
		return MFA_ERR_CONFIG;
	r = mfa_repo_open(engine, subject, MFA_STORE_WRITE, &repo);
	if (r == MFA_OK)
		r = mfa_repo_update(repo,
		    (struct mfa_delta){ apply_recovery, &g });
	mfa_repo_close(repo);
	if (r == MFA_OK) {
		*out = g.text;
		mfa_enroll_emit(engine, caller, subject,
		    MFA_EVENT_RECOVERY_GENERATED, "");
	}
	mfa_crypt_wipe(&g, sizeof(g));
	return r;
}
