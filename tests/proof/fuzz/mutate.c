/* SPDX-License-Identifier: MIT */
/* How libFuzzer changes an input: bytes, or fields of a message. */
#include "tests/proof/fuzz/fuzz.h"

#include <string.h>

#include <pb_decode.h>
#include <pb_encode.h>

#define MESSAGE 16384 /* bytes of the largest struct */
#define ROOM	8192  /* bytes of a packet or record */
#define PIECE	24    /* bytes of a struct that change at once */

extern const struct fuzz_target FUZZ_TARGET;

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
    unsigned int seed);

/* Multiplies and shifts: enough to choose a place. */
static size_t
choose(unsigned int *seed, size_t n)
{
	*seed = *seed * 1664525U + 1013904223U;
	return (*seed >> 8) % n;
}

/* Returns: the new size; 0 if it is no message, or became none. */
static size_t
change_fields(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	static _Alignas(max_align_t) uint8_t message[MESSAGE];
	static uint8_t bytes[ROOM];
	const size_t len = FUZZ_TARGET.message_size;
	pb_istream_t in = pb_istream_from_buffer(data, size);
	pb_ostream_t out = pb_ostream_from_buffer(bytes, sizeof(bytes));
	size_t at = choose(&seed, len);
	size_t piece = 1 + choose(&seed, PIECE);

	FUZZ_WANT(len <= sizeof(message));
	memset(message, 0, len);
	if (!pb_decode(&in, FUZZ_TARGET.message, message))
		return 0;
	if (piece > len - at)
		piece = len - at;
	(void)LLVMFuzzerMutate(message + at, piece, piece);
	if (!pb_encode(&out, FUZZ_TARGET.message, message) ||
	    out.bytes_written > max)
		return 0;
	memcpy(data, bytes, out.bytes_written);
	return out.bytes_written;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
    unsigned int seed)
{
	const size_t head = FUZZ_TARGET.head;
	size_t got = 0;

	if (FUZZ_TARGET.message != NULL && (seed & 1) != 0 && size > head)
		got = change_fields(data + head, size - head, max - head,
		    seed / 2);
	return got != 0 ? got + head : LLVMFuzzerMutate(data, size, max);
}
