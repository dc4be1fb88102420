/* SPDX-License-Identifier: MIT */
/*
 * Numeric networks, as rules name them: "192.0.2.0/24", "2001:db8::/32", or one
 * address.  Host names are never looked up: who controls a reverse zone would
 * choose the rule.
 */
#ifndef MFA_CONFIG_NETWORK_H
#define MFA_CONFIG_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

/* An address; IPv4 as IPv4-mapped (RFC 4291, 2.5.5.2), so that a server which
   listens on :: sees the same one. */
struct mfa_config_address {
	uint8_t byte[16];
};

struct mfa_config_network {
	struct mfa_config_address address; /* bits behind the prefix are 0 */
	uint8_t bits; /* of the prefix, of 128 */
	bool v4;      /* ::/0 is not about IPv4 */
};

/*
 * An address in digits; a zone behind % is passed over.
 *
 * Returns: MFA_OK; MFA_ERR_SYNTAX, also for a name.
 */
enum mfa_err mfa_config_address_parse(const char *text,
    struct mfa_config_address *out) MFA_MUST_USE;

/* 127.0.0.0/8 and ::1: whoever comes through a tunnel or a proxy here. */
bool mfa_config_address_is_loopback(const struct mfa_config_address *address);

/*
 * text: len bytes
 *
 * Returns: MFA_OK; MFA_ERR_SYNTAX; MFA_ERR_INVALID if bits are set behind the
 * prefix: one of the two is a slip.
 */
enum mfa_err mfa_config_network_parse(const char *text, size_t len,
    struct mfa_config_network *out) MFA_MUST_USE;

bool mfa_config_network_has(const struct mfa_config_network *network,
    const struct mfa_config_address *address);

#endif
