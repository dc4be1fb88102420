/* SPDX-License-Identifier: MIT */
/* What libFuzzer calls; FUZZ_TARGET is the target's symbol. */
#include "tests/proof/fuzz/fuzz.h"

extern const struct fuzz_target FUZZ_TARGET;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (FUZZ_TARGET.begin != NULL)
		FUZZ_TARGET.begin();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FUZZ_TARGET.run(data, size);
	return 0;
}
