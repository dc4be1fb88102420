/* SPDX-License-Identifier: MIT */
/* A record's message: what decodes is sane, and is written back the same. */
#include "tests/proof/fuzz/fuzz.h"

#include <string.h>

#include "verifier/crypt/crypt.h"
#include "verifier/engine/codec.h"

static void
begin(void)
{
	FUZZ_WANT(mfa_crypt_init() == MFA_OK);
}

static bool
is_label(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len >= 1 && len <= 32 && text[len] == '\0' && text[0] >= 'a' &&
	    text[0] <= 'z';
}

static void
look_at_factor(const mfa_record_Factor *f)
{
	bool keyed = f->provider == mfa_record_Provider_PROVIDER_TOTP ||
	    f->provider == mfa_record_Provider_PROVIDER_HOTP;

	FUZZ_WANT(f->provider >= 1 && f->provider <= 4);
	FUZZ_WANT(f->status >= 1 && f->status <= 3);
	FUZZ_WANT(f->secret.size >= 1 &&
	    f->secret.size <= sizeof(f->secret.bytes));
	FUZZ_WANT(fuzz_ends(f->label, sizeof(f->label)) && is_label(f->label));
	FUZZ_WANT(fuzz_ends(f->program, sizeof(f->program)));
	if (f->provider != mfa_record_Provider_PROVIDER_OUTSIDE)
		FUZZ_WANT(f->digits >= 6 && f->digits <= 8);
	if (keyed) {
		FUZZ_WANT(f->secret.size >= 16 && f->secret.size <= 64);
		FUZZ_WANT(f->algorithm >= 1 && f->algorithm <= 3);
	}
	if (f->provider == mfa_record_Provider_PROVIDER_TOTP)
		FUZZ_WANT(f->period >= 15 && f->period <= 120);
}

static void
look_at(const mfa_record_Record *r)
{
	FUZZ_WANT(fuzz_ends(r->realm, sizeof(r->realm)) && r->realm[0] != '\0');
	FUZZ_WANT(fuzz_ends(r->name, sizeof(r->name)) && r->name[0] != '\0');
	FUZZ_WANT(fuzz_ends(r->bypass_reason, sizeof(r->bypass_reason)));
	FUZZ_WANT(r->factors_count <= 8 && r->recovery.codes_count <= 16 &&
	    r->challenges_count <= 4 && r->accepted_count <= 32);
	for (pb_size_t i = 0; i < r->factors_count; i++)
		look_at_factor(&r->factors[i]);
}

static void
run(const uint8_t *data, size_t size)
{
	static mfa_record_Record record, again;
	static uint8_t scratch[MFA_CODEC_MAX], out[MFA_CODEC_MAX];
	size_t len = 0;
	enum mfa_err r;

	memset(scratch, 0xa5, sizeof(scratch));
	memset(&record, 0xa5, sizeof(record));
	r = mfa_codec_decode(data, size, scratch, &record);
	FUZZ_WANT(fuzz_all(scratch, sizeof(scratch), 0));
	if (r != MFA_OK) {
		FUZZ_WANT(r == MFA_ERR_DAMAGED);
		FUZZ_WANT(fuzz_all(&record, sizeof(record), 0));
		return;
	}
	look_at(&record);
	FUZZ_WANT(mfa_codec_encode(&record, out, sizeof(out), &len) == MFA_OK);
	FUZZ_WANT(len == size && memcmp(out, data, size) == 0);
	FUZZ_WANT(mfa_codec_decode(out, len, scratch, &again) == MFA_OK);
	FUZZ_WANT(memcmp(&record, &again, sizeof(record)) == 0);
}

const struct fuzz_target fuzz_record = { "record",
	"R29 what decodes is sane and encodes to the same bytes", begin, run,
	mfa_record_Record_fields, sizeof(mfa_record_Record), 0 };
