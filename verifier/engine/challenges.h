/* SPDX-License-Identifier: MIT */
/* The challenges of a record; begun and answered by challenge.h. */
#ifndef MFA_ENGINE_CHALLENGES_H
#define MFA_ENGINE_CHALLENGES_H

#include <stdint.h>

#include "protocol/record.pb.h"
#include "verifier/config/config.h"
#include "verifier/engine/caller.h"
#include "verifier/engine/lapse.h"

#define MFA_CHALLENGE_ID 16 /* bytes */

/* Its index in record->challenges, or -1. */
int mfa_challenges_find(const mfa_record_Record *record,
    const uint8_t id[MFA_CHALLENGE_ID]);
/* The same if it may still be answered by this kind of peer; else -1. */
int mfa_challenges_live(const struct mfa_config *config,
    const mfa_record_Record *record, const uint8_t id[MFA_CHALLENGE_ID],
    enum mfa_path path, const struct mfa_clock *clock);
void mfa_challenges_drop(mfa_record_Record *record, int index);

#endif
