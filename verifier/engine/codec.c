/* SPDX-License-Identifier: MIT */
#include "verifier/engine/codec.h"

#include <string.h>

#include <pb_decode.h>
#include <pb_encode.h>

#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/vault/envelope.h"

/* Fields are added for years: the record may fill 75 % of a slot today. */
_Static_assert(mfa_record_Record_size <= MFA_SLOT / 4 * 3,
    "the record leaves room in its slot");
_Static_assert(mfa_record_Record_size <= MFA_SLOT_PLAIN, "it fits");

enum mfa_err
mfa_codec_encode(const mfa_record_Record *record, uint8_t *buf, size_t size,
    size_t *len)
{
	pb_ostream_t out = pb_ostream_from_buffer(buf, size);

	if (!pb_encode(&out, mfa_record_Record_fields, record)) {
		mfa_crypt_wipe(buf, size);
		return MFA_ERR_INVALID;
	}
	*len = out.bytes_written;
	return MFA_OK;
}

/* What totp and hotp share. */
static bool
key_ok(const mfa_record_Factor *f)
{
	return f->algorithm >= mfa_record_Algorithm_ALGORITHM_SHA1 &&
	    f->algorithm <= mfa_record_Algorithm_ALGORITHM_SHA512 &&
	    f->digits >= 6 && f->digits <= 8 && f->secret.size >= 16 &&
	    f->secret.size <= 64;
}

static bool
kind_ok(const mfa_record_Factor *f)
{
	switch (f->provider) {
	case mfa_record_Provider_PROVIDER_TOTP:
		return key_ok(f) && f->period >= 15 && f->period <= 120;
	case mfa_record_Provider_PROVIDER_HOTP:
		return key_ok(f);
	case mfa_record_Provider_PROVIDER_OTP:
		return f->digits >= 6 && f->digits <= 8 && f->secret.size >= 1;
	case mfa_record_Provider_PROVIDER_OUTSIDE:
		return mfa_text_is_label(f->program) && f->secret.size >= 1;
	default:
		return false;
	}
}

static bool
factor_ok(const mfa_record_Factor *f)
{
	return kind_ok(f) && f->status >= mfa_record_Status_STATUS_PENDING &&
	    f->status <= mfa_record_Status_STATUS_DISABLED &&
	    mfa_text_is_label(f->label);
}

static bool
record_ok(const mfa_record_Record *record)
{
	if (record->name[0] == '\0' || record->realm[0] == '\0')
		return false;
	for (pb_size_t i = 0; i < record->factors_count; i++) {
		if (!factor_ok(&record->factors[i]))
			return false;
	}
	return true;
}

enum mfa_err
mfa_codec_decode(const uint8_t *buf, size_t len, uint8_t *scratch,
    mfa_record_Record *record)
{
	pb_istream_t in = pb_istream_from_buffer(buf, len);
	enum mfa_err r = MFA_ERR_DAMAGED;
	size_t again = 0;

	memset(record, 0, sizeof(*record));
	if (len > MFA_CODEC_MAX ||
	    !pb_decode(&in, mfa_record_Record_fields, record))
		goto out;
	if (mfa_codec_encode(record, scratch, MFA_CODEC_MAX, &again) != MFA_OK ||
	    again != len || !mfa_crypt_equal(scratch, buf, len))
		goto out;
	if (record_ok(record))
		r = MFA_OK;
out:
	mfa_crypt_wipe(scratch, MFA_CODEC_MAX);
	if (r != MFA_OK)
		mfa_crypt_wipe(record, sizeof(*record));
	return r;
}
