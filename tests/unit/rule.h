/* SPDX-License-Identifier: MIT */
/* For tests of rules: a configuration read from text, and logins by words. */
#ifndef MFA_TESTS_RULE_H
#define MFA_TESTS_RULE_H

#include "tests/unit/unit.h"

#include "verifier/config/check.h"
#include "verifier/config/read.h"
#include "verifier/engine/caller.h"
#include "verifier/engine/subject.h"

/* Reads a whole configuration; what it says wrong fails the test. */
static inline void
rule_read(const char *text, struct mfa_config *config)
{
	struct mfa_config_problem problem = { "" };
	struct mfa_config_reading reading = { .config = config,
		.problem = &problem };
	struct mfa_config_fault fault = { .sentence = "" };

	mfa_config_init(config);
	if (mfa_config_read(&reading, "t", 1, (const uint8_t *)text,
		strlen(text)) != MFA_OK)
		fail_msg("%s", problem.text);
	if (mfa_config_check(&reading, &fault) != MFA_OK)
		fail_msg("%s", fault.sentence);
}

static inline struct mfa_caller
rule_login(const char *service, const char *rhost, bool key_used)
{
	return (struct mfa_caller){ .path = MFA_PATH_ROOT, .service = service,
		.rhost = rhost, .tty = "", .key_used = key_used };
}

static inline struct mfa_subject
rule_user(const char *name)
{
	struct mfa_subject subject = { .realm = MFA_REALM_UNIX, .uid = 4711,
		.gid = 4711, .known = true };

	(void)snprintf(subject.name, sizeof(subject.name), "%s", name);
	return subject;
}

#endif
