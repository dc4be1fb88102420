/* SPDX-License-Identifier: MIT */
/* One account's state as JSON; the same keys in status and users. */
#ifndef MFA_UTILS_ACCOUNT_H
#define MFA_UTILS_ACCOUNT_H

#include <jansson.h>

#include "lib/client/client.h"
#include "utils/options.h"

/*
 * args: the realm; only users of this host have a uid
 *
 * Returns: a new object, or NULL without memory.
 */
json_t *mfa_account_json(const struct mfa_args *args,
    const mfa_wire_Account *account);

#endif
