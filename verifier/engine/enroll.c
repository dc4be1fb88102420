/* SPDX-License-Identifier: MIT */
#include "verifier/engine/enroll.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/deliver.h"
#include "verifier/engine/issuer.h"
#include "verifier/engine/permit.h"
#include "verifier/engine/policy.h"
#include "verifier/engine/remember.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"
#include "verifier/otp/base32.h"
#include "verifier/otp/otpauth.h"
#include "verifier/provider/grant.h"
#include "verifier/provider/otp.h"
#include "verifier/provider/outside.h"
#include "verifier/provider/setup.h"

#define FACTORS 8
#define CHECKED MFA_ERR_END /* no error of anybody's: ends a delta unwritten */

/* ---- begin ---- */

static void
drop_expired(mfa_record_Record *record, uint64_t lapse)
{
	for (pb_size_t i = record->factors_count; i-- > 0;) {
		if (record->factors[i].status ==
			mfa_record_Status_STATUS_PENDING &&
		    record->factors[i].pending_until <= lapse)
			mfa_enroll_drop(record, i);
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
	if (live >= MFA_FACTORS_LIVE)
		return MFA_ERR_FULL;
	for (pb_size_t i = 0; record->factors_count == FACTORS; i++) {
		if (record->factors[i].status ==
		    mfa_record_Status_STATUS_DISABLED) {
			mfa_enroll_drop(record, i);
			break;
		}
	}
	return MFA_OK;
}

struct beginning {
	struct mfa_engine *engine;
	const struct mfa_caller *caller;
	const struct mfa_subject *subject;
	const struct mfa_enroll_ask *ask;
	const struct mfa_config_realm *realm;
	mfa_record_Factor factor; /* secret */
};

static enum mfa_err
choose_label(const mfa_record_Record *record, const char *wanted,
    mfa_record_Factor *factor)
{
	const char *kind = mfa_provider_name(factor);

	if (wanted[0] != '\0') {
		if (!mfa_text_is_label(wanted))
			return MFA_ERR_INVALID;
		memcpy(factor->label, wanted, strlen(wanted) + 1);
		return mfa_enroll_label_taken(record, wanted) ? MFA_ERR_EXISTS :
								MFA_OK;
	}
	memcpy(factor->label, kind, strlen(kind) + 1);
	for (int n = 2; mfa_enroll_label_taken(record, factor->label); n++)
		(void)snprintf(factor->label, sizeof(factor->label), "%s-%d",
		    kind, n);
	return MFA_OK;
}

/* ---- what a new factor is made of ---- */

/* totp and hotp. */
static enum mfa_err
make_keyed(struct beginning *b, mfa_record_Provider provider)
{
	const struct mfa_config *config = b->engine->config;
	const struct mfa_enroll_ask *ask = b->ask;
	struct mfa_setup how = {
		.provider = provider,
		.algorithm = (mfa_record_Algorithm)config->algorithm,
		.digits = ask->digits != 0 ? ask->digits : config->digits,
		.period = ask->period != 0 ? ask->period : config->period,
		.counter = ask->counter,
		.import = ask->import,
	};

	if (ask->algorithm[0] != '\0' &&
	    mfa_setup_algorithm_find(ask->algorithm, &how.algorithm) != MFA_OK)
		return MFA_ERR_INVALID;
	return mfa_setup_factor(b->engine->env, &how, &b->factor);
}

/* A program says what it will keep of this factor. */
static enum mfa_err
make_outside(struct beginning *b, int index)
{
	struct mfa_engine *engine = b->engine;
	const char *name = engine->config->outside[index].name;
	char in[MFA_OUTSIDE_INPUT];
	uint8_t out[MFA_OUTSIDE_OUTPUT];
	struct mfa_question question = {
		.realm = b->subject->realm,
		.subject = b->subject->name,
		.factor = b->ask->label,
		.index = (uint32_t)index,
		.in = (const uint8_t *)in,
	};
	struct mfa_now now;
	size_t got = 0;
	enum mfa_err r;

	if ((r = engine->env->now(engine->env, &now)) != MFA_OK)
		return r;
	r = mfa_outside_ask_enroll(b->ask->import, now.wall, in,
	    &question.len);
	if (r == MFA_OK)
		r = engine->runner->ask(engine->runner, &question, out,
		    sizeof(out), &got);
	if (r == MFA_OK)
		r = mfa_outside_read_enroll(name, out, got, &b->factor);
	mfa_crypt_wipe(in, sizeof(in));
	mfa_crypt_wipe(out, sizeof(out));
	return r;
}

/* What does not belong to the provider is refused, not passed over (R3). */
static bool
fits(const struct mfa_enroll_ask *ask, const struct mfa_provider *provider)
{
	const bool totp = provider == &mfa_provider_totp;
	const bool hotp = provider == &mfa_provider_hotp;
	const bool otp = provider == &mfa_provider_otp;

	return (otp || ask->address[0] == '\0') &&
	    (!otp || ask->import[0] == '\0') &&
	    (totp || hotp || ask->algorithm[0] == '\0') &&
	    (totp || ask->period == 0) && (hotp || ask->counter == 0) &&
	    (provider != NULL || ask->digits == 0);
}

/* Somebody must have the key of what is enabled at once. */
static bool
may_be_enabled(const struct mfa_enroll_ask *ask,
    const struct mfa_provider *provider)
{
	if (!ask->enabled)
		return !ask->check_only;
	return (provider == &mfa_provider_totp ||
	    provider == &mfa_provider_hotp) && ask->import[0] != '\0';
}

/* A provider that is off makes no factor: nobody could log in with it. */
static enum mfa_err
make_factor(struct beginning *b)
{
	const struct mfa_config *config = b->engine->config;
	const char *name = b->ask->provider[0] == '\0' ?
	    mfa_provider_totp.name :
	    b->ask->provider;
	const struct mfa_provider *provider = mfa_provider_find(name);
	const int outside = mfa_policy_outside(config, name);
	mfa_record_Factor *f = &b->factor;

	if (provider != NULL) {
		f->provider = provider->number;
	} else if (outside >= 0) {
		f->provider = mfa_record_Provider_PROVIDER_OUTSIDE;
		memcpy(f->program, name, strlen(name) + 1);
	}
	if (!mfa_policy_provides(config, b->realm, f))
		return MFA_ERR_CONFIG;
	if (!fits(b->ask, provider) || !may_be_enabled(b->ask, provider))
		return MFA_ERR_INVALID;
	if (provider == NULL) {
		/* No program runs for whom may not. */
		const enum mfa_err r = mfa_permit_look(b->engine, b->caller,
		    b->subject, MFA_CHANGE_ENROLL);

		return r == MFA_OK ? make_outside(b, outside) : r;
	}
	if (provider == &mfa_provider_otp)
		return mfa_otp_setup(b->ask->address, b->ask->digits != 0 ?
			b->ask->digits : config->otp_digits, f);
	return make_keyed(b, provider->number);
}

/* ---- into the record ---- */

/*
 * Who had the key before is believed: codes that could have been seen there
 * are none here (R6).
 */
static enum mfa_err
enable(const struct beginning *b, mfa_record_Record *record,
    mfa_record_Factor *factor, const struct mfa_clock *clock)
{
	if (factor->provider == mfa_record_Provider_PROVIDER_TOTP) {
		if (!clock->plausible)
			return MFA_ERR_CLOCK;
		factor->last_step = mfa_setup_step(factor, clock->now.wall) +
		    b->engine->config->window;
	}
	factor->status = mfa_record_Status_STATUS_ENABLED;
	factor->confirmed = clock->now.wall;
	mfa_grant_drop(MFA_GRANT_INVITATION, record);
	mfa_remember_void(record);
	record->enrolled = true;
	return MFA_OK;
}

static enum mfa_err
add_factor(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	struct beginning *b = ctx;
	mfa_record_Factor *f = &b->factor;
	enum mfa_err r;

	drop_expired(record, clock->lapse);
	if ((r = choose_label(record, b->ask->label, f)) != MFA_OK)
		return r;
	if (mfa_setup_has_secret(record, f))
		return MFA_ERR_EXISTS;
	if ((r = make_room(record)) != MFA_OK)
		return r;
	/* Last, so that no slip costs its owner a proof. */
	r = mfa_permit_check(b->engine, b->caller, b->subject, record, clock,
	    MFA_CHANGE_ENROLL);
	if (r != MFA_OK)
		return r;
	f->created = clock->now.wall;
	if (b->ask->enabled) {
		if ((r = enable(b, record, f, clock)) != MFA_OK)
			return r;
	} else {
		f->status = mfa_record_Status_STATUS_PENDING;
		f->pending_until = clock->lapse +
		    b->engine->config->pending_ttl_seconds;
	}
	record->factors[record->factors_count++] = *f;
	return b->ask->check_only ? CHECKED : MFA_OK;
}

struct counting {
	const char *realm;
	uint32_t count;
};

static enum mfa_err
count_one(void *ctx, const char *id)
{
	struct counting *c = ctx;
	char realm[MFA_SUBJECT_REALM + 1];
	char name[MFA_SUBJECT_NAME + 1];

	mfa_subject_name(id, realm, name);
	c->count += strcmp(realm, c->realm) == 0;
	return MFA_OK;
}

/* A realm's account must not fill the store with subjects it makes up. */
static enum mfa_err
check_subjects(const struct beginning *b)
{
	struct mfa_store *store = b->engine->store;
	struct counting c = { b->subject->realm, 0 };
	enum mfa_err r;

	if (b->realm->max_subjects == 0)
		return MFA_OK;
	if ((r = store->ops->each(store, count_one, &c)) != MFA_OK)
		return r;
	return c.count < b->realm->max_subjects ? MFA_OK : MFA_ERR_FULL;
}

static enum mfa_err
store_factor(struct beginning *b)
{
	const struct mfa_delta delta = { add_factor, b };
	enum mfa_err r = mfa_repo_change(b->engine, b->subject, delta);

	if (r != MFA_ERR_NOT_FOUND)
		return r == CHECKED ? MFA_OK : r;
	/* Who may not, is not told how full the realm is. */
	r = mfa_permit_look(b->engine, b->caller, b->subject,
	    MFA_CHANGE_ENROLL);
	if (r != MFA_OK || (r = check_subjects(b)) != MFA_OK)
		return r;
	r = mfa_repo_make(b->engine, b->subject, delta);
	return r == CHECKED ? MFA_OK : r;
}

/* ---- for the person ---- */

/* "user@host": what the app shows beside the issuer. */
static enum mfa_err
format_url(const struct beginning *b, struct mfa_enrolled *out)
{
	const mfa_record_Factor *f = &b->factor;
	char host[HOST_NAME_MAX + 1];
	char account[MFA_SUBJECT_NAME + HOST_NAME_MAX + 2];
	char issuer[MFA_ISSUER];
	const struct mfa_otpauth what = {
		.issuer = issuer,
		.account = account,
		.secret = out->secret,
		.algorithm = mfa_setup_algorithm_name(f->algorithm),
		.digits = f->digits,
		.period = f->period,
		.hotp = f->provider == mfa_record_Provider_PROVIDER_HOTP,
		.counter = f->counter,
	};

	mfa_issuer_host(host);
	mfa_issuer(b->realm, issuer);
	/* A subject of another realm is nobody at this host. */
	if (b->realm == &b->engine->config->realm[0])
		(void)snprintf(account, sizeof(account), "%s@%s",
		    b->subject->name, host);
	else
		(void)snprintf(account, sizeof(account), "%s",
		    b->subject->name);
	return mfa_otpauth_format(&what, out->otpauth_url,
	    sizeof(out->otpauth_url));
}

static enum mfa_err
describe(const struct beginning *b, struct mfa_enrolled *out)
{
	const mfa_record_Factor *f = &b->factor;
	const bool totp = f->provider == mfa_record_Provider_PROVIDER_TOTP;
	enum mfa_err r;

	mfa_num_hex(f->id, sizeof(f->id), out->id);
	memcpy(out->label, f->label, sizeof(out->label));
	/* Who imports a key has it: it is not said once more (R14). */
	if (b->ask->enabled)
		return MFA_OK;
	out->expires_seconds = b->engine->config->pending_ttl_seconds;
	if (!totp && f->provider != mfa_record_Provider_PROVIDER_HOTP)
		return MFA_OK;
	r = mfa_base32_format(f->secret.bytes, f->secret.size, out->secret,
	    sizeof(out->secret));
	if (r != MFA_OK)
		return r;
	if (f->algorithm != mfa_record_Algorithm_ALGORITHM_SHA1 ||
	    f->digits != 6 || (totp && f->period != 30))
		(void)snprintf(out->warning, sizeof(out->warning), "%s",
		    "Several authenticator apps accept this QR code and then "
		    "show wrong codes: they know SHA1, 6 digits and 30 seconds "
		    "only. Compare two codes in a row before you rely on it.");
	return format_url(b, out);
}

static void
report_factor(const struct beginning *b)
{
	const struct mfa_report_why why = {
		.type = b->ask->enabled ? MFA_EVENT_FACTOR_ENABLED :
					  MFA_EVENT_FACTOR_PENDING,
		.method = mfa_provider_name(&b->factor),
		.factor = b->factor.label,
	};

	mfa_report_why(b->engine, b->caller, b->subject, &why);
}

enum mfa_err
mfa_enroll_begin(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const struct mfa_enroll_ask *ask,
    struct mfa_enrolled *out)
{
	struct beginning b;
	struct mfa_enrolled got;
	enum mfa_err r = MFA_ERR_NO_REALM;

	memset(&b, 0, sizeof(b));
	memset(&got, 0, sizeof(got));
	b.engine = engine;
	b.caller = caller;
	b.subject = subject;
	b.ask = ask;
	b.realm = mfa_config_realm_find(engine->config, subject->realm);
	if (b.realm == NULL)
		goto out;
	engine->env->random(engine->env, b.factor.id, sizeof(b.factor.id));
	if (ask->enabled && caller->right != MFA_RIGHT_MANAGE) {
		r = MFA_ERR_DENIED;
		goto out;
	}
	if ((r = make_factor(&b)) != MFA_OK ||
	    (r = store_factor(&b)) != MFA_OK ||
	    (r = describe(&b, &got)) != MFA_OK)
		goto out;
	if (!ask->check_only)
		report_factor(&b);
	*out = got;
	if (b.factor.provider == mfa_record_Provider_PROVIDER_OTP)
		r = mfa_deliver_confirm(engine, caller, subject, got.id);
out:
	mfa_crypt_wipe(&b, sizeof(b));
	mfa_crypt_wipe(&got, sizeof(got));
	return r;
}
