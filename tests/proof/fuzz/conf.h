/* SPDX-License-Identifier: MIT */
/* A configuration read from bytes, for two targets. */
#ifndef MFA_TESTS_FUZZ_CONF_H
#define MFA_TESTS_FUZZ_CONF_H

#include "verifier/config/check.h"

struct fuzz_conf {
	struct mfa_config config;
	struct mfa_config_problem problem;
	struct mfa_config_reading reading;
	struct mfa_config_fault fault;
	uint32_t files; /* read, 4 at most */
};

/* Returns: MFA_OK; MFA_ERR_CONFIG. */
enum mfa_err fuzz_conf_read(struct fuzz_conf *conf, const uint8_t *text,
    size_t len);

#endif
