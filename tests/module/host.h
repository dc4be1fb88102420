/* SPDX-License-Identifier: MIT */
/*
 * The host's three ears: its conversation function, a stand-in for syslog that
 * hears what libpam logs, and one for libpam's way to Linux audit.
 */
#ifndef MFA_TESTS_HOST_H
#define MFA_TESTS_HOST_H

#include <security/pam_appl.h>

#include "tests/module/plan.h"

/* Everything from here on is compared with this plan. */
void host_begin(struct plan *plan);

/* Prints a line and marks the plan as failed. */
void host_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For struct pam_conv; data is the plan. */
int host_converse(int n, const struct pam_message **messages,
    struct pam_response **responses, void *data);

/* For PAM_FAIL_DELAY; libpam would sleep otherwise.  data is the plan. */
void host_delay(int code, unsigned int usec, void *data);

#endif
