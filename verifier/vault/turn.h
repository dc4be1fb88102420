/* SPDX-License-Identifier: MIT */
/* One at a time changes a key ring. */
#ifndef MFA_VAULT_TURN_H
#define MFA_VAULT_TURN_H

#include "lib/base/err.h"

/*
 * Waits until nobody else changes the ring, at most 2 seconds.  The turn ends
 * when the descriptor is closed, by a death too.  Readers need none: what they
 * read is replaced by rename.
 *
 * fd: the ring's folder
 *
 * Returns: MFA_OK; MFA_ERR_BUSY; MFA_ERR_IO.
 */
enum mfa_err mfa_turn_take(int fd) MFA_MUST_USE;

#endif
