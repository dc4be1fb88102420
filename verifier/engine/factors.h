/* SPDX-License-Identifier: MIT */
/* The factors of a record: finding one, taking one out, emptying it. */
#ifndef MFA_ENGINE_FACTORS_H
#define MFA_ENGINE_FACTORS_H

#include <stdbool.h>

#include "protocol/record.pb.h"

/*
 * Finds a factor by id or label; an enabled or pending one before a disabled
 * one of the same label.
 *
 * Returns: its index, or -1.
 */
int mfa_enroll_find(const mfa_record_Record *record, const char *factor);

/* True if a factor that is not disabled has that label. */
bool mfa_enroll_label_taken(const mfa_record_Record *record,
    const char *label);

/* Takes factor number i out of a record. */
void mfa_enroll_drop(mfa_record_Record *record, pb_size_t i);

/* Empties a record for a new life: budgets stay, generation grows (R30). */
void mfa_enroll_empty(mfa_record_Record *record);

#endif
