/* SPDX-License-Identifier: MIT */
/* For tests of the codec: a record that is as large as one can be. */
#ifndef MFA_TESTS_CODEC_SAMPLE_H
#define MFA_TESTS_CODEC_SAMPLE_H

#include "tests/unit/unit.h"

#include "verifier/engine/codec.h"
#include "verifier/vault/envelope.h"

struct sample {
	mfa_record_Record record;
	mfa_record_Record got;
	uint8_t bytes[MFA_CODEC_MAX + 64];
	size_t len;
	uint8_t scratch[MFA_CODEC_MAX];
	uint8_t behind[8];
};

static inline struct sample *
sample_of(void **state)
{
	return *state;
}

static inline void
full_throttle(mfa_record_Throttle *t)
{
	t->consecutive = UINT32_MAX;
	t->burst = UINT16_MAX;
	t->locks = UINT16_MAX;
	t->locked_until = UINT64_MAX;
}

/* As large as one can be: a program's, with numbers it has no use for. */
static inline void
full_factor(mfa_record_Factor *f, int i)
{
	memset(f->id, 0xf0 + i, sizeof(f->id));
	f->provider = mfa_record_Provider_PROVIDER_OUTSIDE;
	memset(f->program, 'p', 16);
	f->counter = UINT64_MAX;
	memset(f->label, 'a' + i, 32);
	f->status = mfa_record_Status_STATUS_DISABLED;
	f->created = f->confirmed = f->last_used = UINT64_MAX;
	f->pending_until = UINT64_MAX;
	f->secret.size = sizeof(f->secret.bytes);
	memset(f->secret.bytes, 0xff, sizeof(f->secret.bytes));
	f->algorithm = mfa_record_Algorithm_ALGORITHM_SHA512;
	f->digits = 8;
	f->period = 120;
	f->last_step = f->replay_step = UINT64_MAX;
	f->drift = INT32_MIN;
	f->replay_refunds = UINT8_MAX;
	f->has_root = f->has_other = true;
	full_throttle(&f->root);
	full_throttle(&f->other);
}

static inline void
full_budget(mfa_record_Budget *b)
{
	const pb_size_t n = sizeof(b->count) / sizeof(b->count[0]);

	b->newest = UINT64_MAX;
	b->count_count = n;
	for (pb_size_t i = 0; i < n; i++)
		b->count[i] = UINT16_MAX;
}

static inline void
full_recovery(mfa_record_RecoverySet *set)
{
	set->generation = set->compared = UINT32_MAX;
	memset(set->salt, 0xff, sizeof(set->salt));
	set->created = UINT64_MAX;
	set->codes_count = 16;
	for (int i = 0; i < 16; i++) {
		memset(set->codes[i].hash, 0xff, 32);
		set->codes[i].used_at = UINT64_MAX;
	}
}

static inline void
full_challenge(mfa_record_Challenge *c)
{
	memset(c->id, 0xff, sizeof(c->id));
	memset(c->service, 's', 64);
	memset(c->rhost, 'h', 32);
	c->started = c->until = UINT64_MAX;
	c->attempts = UINT32_MAX;
	c->peer = UINT8_MAX;
}

static inline void
full_delivered(mfa_record_Delivered *d)
{
	memset(d, 0xff, sizeof(*d));
}

/* Every field there, every number as long as it gets. */
static inline void
fill(mfa_record_Record *r)
{
	memset(r, 0, sizeof(*r));
	memset(r->realm, 'r', 32);
	memset(r->name, 'n', 256);
	r->uid = UINT32_MAX;
	r->generation = UINT64_MAX;
	r->enrolled = true;
	r->has_stamp = r->has_recovery = r->has_hours = r->has_days =
	    r->has_other_hours = r->has_delivered = r->has_sends =
	    r->has_invitation = r->has_bypass = true;
	r->stamp.wall = r->stamp.boot = r->stamp.lapse = UINT64_MAX;
	memset(r->stamp.boot_id, 0xff, sizeof(r->stamp.boot_id));
	r->factors_count = 8;
	for (int i = 0; i < 8; i++)
		full_factor(&r->factors[i], i);
	full_recovery(&r->recovery);
	full_budget(&r->hours);
	full_budget(&r->days);
	full_budget(&r->other_hours);
	r->attempts_count = 4;
	memset(r->attempts, 0xff, sizeof(r->attempts));
	full_delivered(&r->delivered);
	full_budget(&r->sends);
	r->challenges_count = 4;
	for (int i = 0; i < 4; i++)
		full_challenge(&r->challenges[i]);
	r->accepted_count = 32;
	memset(r->accepted, 0xff, sizeof(r->accepted));
	memset(&r->invitation, 0xff, sizeof(r->invitation));
	memset(&r->bypass, 0xff, sizeof(r->bypass));
	memset(r->bypass_reason, 'b', 64);
	r->bypass_used = UINT64_MAX;
}

/* A good factor of each kind that has no program. */
static inline mfa_record_Factor
factor_of_kind(mfa_record_Provider provider)
{
	mfa_record_Factor f = mfa_record_Factor_init_zero;

	f.provider = provider;
	f.status = mfa_record_Status_STATUS_ENABLED;
	memcpy(f.id, "factor-x", 8);
	memcpy(f.label, "phone", 6);
	f.digits = 6;
	f.has_root = f.has_other = true;
	memset(f.secret.bytes, 'a', 20);
	f.secret.size = 20;
	if (provider == mfa_record_Provider_PROVIDER_OTP)
		return f;
	f.algorithm = mfa_record_Algorithm_ALGORITHM_SHA1;
	if (provider == mfa_record_Provider_PROVIDER_TOTP)
		f.period = 30;
	else
		f.counter = 7;
	return f;
}

static inline void
encode(struct sample *s)
{
	assert_int_equal(mfa_codec_encode(&s->record, s->bytes,
	    sizeof(s->bytes), &s->len), MFA_OK);
}

static inline enum mfa_err
decode(struct sample *s, const uint8_t *bytes, size_t len)
{
	enum mfa_err r;

	/* What it held before must not matter, least of all the same bytes. */
	memset(s->scratch, 0xa5, sizeof(s->scratch));
	memcpy(s->scratch, bytes,
	    len < sizeof(s->scratch) ? len : sizeof(s->scratch));
	memset(s->behind, 0xa5, sizeof(s->behind));
	memset(&s->got, 0xa5, sizeof(s->got));
	r = mfa_codec_decode(bytes, len, s->scratch, &s->got);
	assert_true(unit_all(s->scratch, sizeof(s->scratch), 0));
	assert_true(unit_all(s->behind, sizeof(s->behind), 0xa5));
	if (r != MFA_OK) {
		assert_int_equal(r, MFA_ERR_DAMAGED);
		assert_true(unit_all(&s->got, sizeof(s->got), 0));
	}
	return r;
}

static inline void
refused(struct sample *s)
{
	assert_int_equal(decode(s, s->bytes, s->len), MFA_ERR_DAMAGED);
}

static inline int
sample_new(void **state)
{
	static struct sample sample;

	fill(&sample.record);
	*state = &sample;
	return mfa_crypt_init() == MFA_OK ? 0 : -1;
}

#define WITH_SAMPLE(f) cmocka_unit_test_setup(f, sample_new)

#endif
