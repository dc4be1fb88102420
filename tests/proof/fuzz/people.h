/* SPDX-License-Identifier: MIT */
/* In the place of the user database: root and these. */
#ifndef MFA_TESTS_FUZZ_PEOPLE_H
#define MFA_TESTS_FUZZ_PEOPLE_H

#define ALICE 4711
#define BOB   4712
#define SHOP  4720 /* shopd, the account of realm shop */

#endif
