/* SPDX-License-Identifier: MIT */
/* One account's state as JSON; the same keys in status and users. */
#ifndef MFA_UTILS_ACCOUNT_H
#define MFA_UTILS_ACCOUNT_H

#include <jansson.h>

#include "lib/client/client.h"

/* Returns: a new object, or NULL without memory. */
json_t *mfa_account_json(const mfa_wire_Account *account);

#endif
