/* SPDX-License-Identifier: MIT */
/*
 * System calls that fail when told to.  A test says which ones with FAILING and
 * links with --wrap of as many, see tests/unit.am.
 */
#ifndef MFA_TESTS_CALLS_H
#define MFA_TESTS_CALLS_H

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum call { CALLOC, STRDUP, FSTAT, FSTATAT, FSTATFS, GETRLIMIT, FLOCK, OPENAT,
	FDOPENDIR, READDIR, SCANDIRAT, FSYNC, FCHOWN, FCHMOD, RENAMEAT, PREAD,
	PWRITE, WRITE, CRYPT_HASH, CALLS };

static unsigned int calls_left[CALLS]; /* fails at 0; 0 from before: never */
static int calls_error;		       /* errno then; 0: left alone */

static inline bool
fails(enum call call)
{
	if (calls_left[call] == 0 || --calls_left[call] != 0)
		return false;
	if (calls_error != 0)
		errno = calls_error;
	return true;
}

/* The call of that number from here, and no other any more. */
static inline void
fail_at(enum call call, unsigned int n, int error)
{
	memset(calls_left, 0, sizeof(calls_left));
	calls_left[call] = n;
	calls_error = error;
}

#define WRAP(type, name, params) \
	type __real_##name params; \
	type __wrap_##name params; \
	type __wrap_##name params

#define FAILING(type, name, call, bad, params, args) \
	WRAP(type, name, params) \
	{ \
		return fails(call) ? (bad) : __real_##name args; \
	}

#endif
