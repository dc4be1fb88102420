/* SPDX-License-Identifier: MIT */
/*
 * The ids of a record's last writes, by which one of unknown outcome is found
 * again.
 */
#ifndef MFA_ENGINE_WRITES_H
#define MFA_ENGINE_WRITES_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/record.pb.h"

/* Puts an id first; where there is no room the oldest goes. */
void mfa_writes_push(mfa_record_Record *record, uint64_t id);

/* True if the record was written with this id, a few writes ago at most. */
bool mfa_writes_has(const mfa_record_Record *record, uint64_t id);

#endif
