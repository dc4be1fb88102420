/* SPDX-License-Identifier: MIT */
/*
 * What a test's build of a command and of the runner has besides fault.c: its
 * calls fail from before main until its end.  FAULT_ROLE says whose page it is.
 */
#include "tests/proof/faults/fault.h"

const char fault_role[] = FAULT_PAGE_OF(FAULT_ROLE);

__attribute__((constructor)) static void
begin(void)
{
	fault_begin();
}
