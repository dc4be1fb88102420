/* SPDX-License-Identifier: MIT */
/* The doctor refuses the arguments that the module refuses, and no others. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "pam_medusa_mfa/args.h"
#include "utils/doctor/pam_module.h"

static const char *const words[] = { "nullok", "debug", "echo", "enforce",
	"use_split", "split=6", "split=8", "split=9", "split=5", "split",
	"split=", "split=06", "retry=1", "retry=10", "retry=11", "retry=0",
	"retry", "retry=x", "prompt=Code", "prompt=", "prompt", "socket=/x",
	"socket=x", "socket=", "nullok=1", "debug=", "nullo", "nullokk", "",
	"=", "enforce=1", "Nullok" };
#define WORDS (sizeof(words) / sizeof(words[0]))

static void
compare(bool account, const char *first, const char *second)
{
	const char *argv[] = { first, second };
	struct mfa_pam_handler handler;
	struct mfa_args args;
	const char *said;
	enum mfa_err r;
	int bad = -1;

	memset(&handler, 0, sizeof(handler));
	handler.line.type = account ? MFA_PAM_ACCOUNT : MFA_PAM_AUTH;
	handler.line.args[0] = first;
	handler.line.args[1] = second;
	handler.line.argc = second != NULL ? 2 : 1;
	r = mfa_args_parse(account ? MFA_ARGS_ACCOUNT : MFA_ARGS_AUTH,
	    (int)handler.line.argc, argv, &args, &bad);
	said = mfa_pam_bad_argument(&handler);
	if (r == MFA_OK)
		assert_null(said);
	else
		assert_ptr_equal(said, argv[bad]);
}

static void
test_every_pair_of_arguments(void **state)
{
	(void)state;
	for (int account = 0; account <= 1; account++) {
		for (size_t i = 0; i < WORDS; i++) {
			compare(account, words[i], NULL);
			for (size_t j = 0; j < WORDS; j++)
				compare(account, words[i], words[j]);
		}
	}
}

static void
test_long_values(void **state)
{
	char text[200];

	(void)state;
	for (int len = 95; len < 120; len++) {
		(void)snprintf(text, sizeof(text), "prompt=%0*d", len, 0);
		compare(false, text, NULL);
		(void)snprintf(text, sizeof(text), "socket=/%0*d", len, 0);
		compare(false, text, NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair_of_arguments),
		cmocka_unit_test(test_long_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
