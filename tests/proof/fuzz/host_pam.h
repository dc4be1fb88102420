/* SPDX-License-Identifier: MIT */
/* Between host.c and host_pam.c. */
#ifndef MFA_TESTS_FUZZ_HOST_PAM_H
#define MFA_TESTS_FUZZ_HOST_PAM_H

#include "tests/proof/fuzz/host.h"

/* Counts a call that can fail; true, with errno, if this is the one. */
bool host_fails(struct pam_handle *host);

int host_converse(int n, const struct pam_message **messages,
    struct pam_response **responses, void *data);

#endif
