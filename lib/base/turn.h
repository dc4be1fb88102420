/* SPDX-License-Identifier: MIT */
/*
 * Taking turns at what one process at a time may change: flock(2), with an end
 * to the waiting.
 */
#ifndef MFA_BASE_TURN_H
#define MFA_BASE_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

/* A deadline, in milliseconds from now, by the clock that nobody sets. */
uint64_t mfa_turn_until(unsigned int ms);

/* The deadline has come. */
bool mfa_turn_is_over(uint64_t deadline);

/*
 * Waits until nobody else has the turn.  It ends when the descriptor is closed,
 * by a death too.  Polled, so that a holder who is stopped delays others and
 * no more.
 *
 * fd:       what the turn is at; stays the caller's
 * deadline: of mfa_turn_until; one try is made in any case
 *
 * Returns: MFA_OK; MFA_ERR_BUSY; MFA_ERR_IO.
 */
enum mfa_err mfa_turn_take(int fd, uint64_t deadline) MFA_MUST_USE;

#endif
