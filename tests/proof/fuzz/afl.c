/* SPDX-License-Identifier: MIT */
/*
 * For afl-clang-fast: many inputs in one process, each from standard input.
 * FUZZ_TARGET is the target's symbol.
 */
#include <unistd.h>

#include "tests/proof/fuzz/fuzz.h"

#define INPUT 65536

extern const struct fuzz_target FUZZ_TARGET;

int
main(void)
{
	static uint8_t bytes[INPUT];
	ssize_t n;

	if (FUZZ_TARGET.begin != NULL)
		FUZZ_TARGET.begin();
	while (__AFL_LOOP(100000)) {
		n = read(STDIN_FILENO, bytes, sizeof(bytes));
		FUZZ_TARGET.run(bytes, n > 0 ? (size_t)n : 0);
	}
	return 0;
}
