/* SPDX-License-Identifier: MIT */
#include "verifier/engine/writes.h"

#include <string.h>

void
mfa_writes_push(mfa_record_Record *record, uint64_t id)
{
	const pb_size_t max =
	    sizeof(record->attempts) / sizeof(record->attempts[0]);

	if (record->attempts_count < max)
		record->attempts_count++;
	memmove(record->attempts + 1, record->attempts,
	    (size_t)(record->attempts_count - 1) * sizeof(record->attempts[0]));
	record->attempts[0] = id;
}

bool
mfa_writes_has(const mfa_record_Record *record, uint64_t id)
{
	bool found = false;

	for (pb_size_t i = 0; i < record->attempts_count; i++)
		found |= record->attempts[i] == id;
	return found;
}
