/* SPDX-License-Identifier: MIT */
/*
 * Fuzzing: what a target is, and what targets share.
 *
 * A target gets any bytes and holds the code against more than "it does not
 * crash": what it returns is compared with a second opinion, what is refused
 * leaves outputs as they were, what was read is written back the same.  What
 * does not hold aborts, which every fuzzer takes for a finding.
 *
 * The same object is linked with libFuzzer (entry.c), with AFL++ (afl.c) and
 * with a program that replays files (replay.c).
 */
#ifndef MFA_TESTS_FUZZ_H
#define MFA_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pb_msgdesc_s;

struct fuzz_target {
	const char *name;   /* also of its folder in corpus/ */
	const char *proves; /* R numbers, and what, for the TAP line */
	void (*begin)(void); /* once a process; NULL: nothing to do */
	void (*run)(const uint8_t *data, size_t size);
	/*
	 * An input that is a message behind so many bytes: changed as a C
	 * struct of that size, too, since the library that decodes it is not
	 * built with the fuzzer's eyes.  NULL: none.
	 */
	const struct pb_msgdesc_s *message;
	size_t message_size;
	size_t head;
};

/* Every target, NULL at the end (targets.c). */
extern const struct fuzz_target *const fuzz_targets[];

/* Says what does not hold, and aborts. */
void fuzz_broken(const char *what, const char *file, int line)
    __attribute__((noreturn));

#define FUZZ_WANT(what)                                                        \
	do {                                                                   \
		if (!(what))                                                   \
			fuzz_broken(#what, __FILE__, __LINE__);                \
	} while (0)

/* True if len bytes are all that one. */
bool fuzz_all(const void *p, size_t len, uint8_t byte);
/* True if text ends within size bytes. */
bool fuzz_ends(const char *text, size_t size);
/* True if text is printable ASCII, and free of '"' and '\\'. */
bool fuzz_sentence(const char *text);

/* An input that is taken apart from its beginning; an empty one gives zeros. */
struct fuzz_in {
	const uint8_t *p;
	size_t left;
};

uint8_t fuzz_byte(struct fuzz_in *in);
/* Big-endian. */
uint32_t fuzz_number(struct fuzz_in *in, unsigned int bytes);
/*
 * The bytes before the next newline, which is passed over; cut at size and at
 * the first NUL, so that out is a text.
 */
void fuzz_line(struct fuzz_in *in, char *out, size_t size);

#endif
