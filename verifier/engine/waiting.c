/* SPDX-License-Identifier: MIT */
#include "verifier/engine/waiting.h"

#include <string.h>

#include "verifier/engine/factors.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/throttle.h"

static void
describe(const struct mfa_config *config, const mfa_record_Record *record,
    const mfa_record_Factor *factor, enum mfa_path path, uint64_t lapse,
    struct mfa_waiting *out)
{
	memset(out, 0, sizeof(*out));
	out->left = factor->pending_until - lapse;
	out->account = mfa_throttle_account_check(config, record, path, lapse,
	    &out->locked) != MFA_THROTTLE_OPEN;
	if (out->account)
		return;
	/* One that is blocked stays so. */
	if (mfa_throttle_factor_check(config, factor, path, lapse,
	    &out->locked) == MFA_THROTTLE_BLOCKED)
		out->locked = UINT64_MAX;
}

enum mfa_err
mfa_waiting_look(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, const char *factor,
    struct mfa_waiting *out)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	r = mfa_repo_open(engine, subject, MFA_STORE_READ, &repo);
	if (r == MFA_OK) {
		const mfa_record_Record *record = mfa_repo_record(repo);
		const uint64_t lapse = mfa_repo_clock(repo)->lapse;
		const int i = mfa_enroll_find(record, factor);

		if (i < 0 || record->factors[i].status !=
		    mfa_record_Status_STATUS_PENDING ||
		    record->factors[i].pending_until <= lapse)
			r = MFA_ERR_NOT_FOUND;
		else
			describe(engine->config, record, &record->factors[i],
			    caller->path, lapse, out);
	}
	mfa_repo_close(repo);
	return r;
}
