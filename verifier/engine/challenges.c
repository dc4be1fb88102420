/* SPDX-License-Identifier: MIT */
#include "verifier/engine/challenges.h"

#include <string.h>

#include "verifier/crypt/crypt.h"

int
mfa_challenges_find(const mfa_record_Record *record,
    const uint8_t id[MFA_CHALLENGE_ID])
{
	int found = -1;

	for (pb_size_t i = 0; i < record->challenges_count; i++) {
		if (mfa_crypt_equal(record->challenges[i].id, id,
			MFA_CHALLENGE_ID))
			found = i;
	}
	return found;
}

int
mfa_challenges_live(const struct mfa_config *config,
    const mfa_record_Record *record, const uint8_t id[MFA_CHALLENGE_ID],
    enum mfa_path path, const struct mfa_clock *clock)
{
	const int i = mfa_challenges_find(record, id);

	if (i < 0 || record->challenges[i].until <= clock->lapse ||
	    record->challenges[i].peer != (uint32_t)path ||
	    record->challenges[i].attempts >= config->max_attempts)
		return -1;
	return i;
}

void
mfa_challenges_drop(mfa_record_Record *record, int index)
{
	const pb_size_t i = (pb_size_t)index;
	const size_t after = (size_t)(record->challenges_count - i - 1);

	memmove(record->challenges + i, record->challenges + i + 1,
	    after * sizeof(record->challenges[0]));
	record->challenges_count--;
	memset(record->challenges + record->challenges_count, 0,
	    sizeof(record->challenges[0]));
}
