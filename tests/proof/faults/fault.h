/* SPDX-License-Identifier: MIT */
/*
 * Fallible calls of libc that are no system calls: memory, the user database,
 * the clock.  Linked into a test's build of the verifier and into a test's
 * host, in front of libc and so for all libraries, OpenSSL and libsodium too.
 *
 * What is wanted and what happened is on a page that is shared with the test: a
 * file, mapped before main, so that it survives the drop of all rights.
 */
#ifndef MFA_PROOF_FAULT_H
#define MFA_PROOF_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#define FAULT_PAGE_OF(role) "/run/mfa-proof/" role

enum fault_kind {
	FAULT_NONE = 0,
	FAULT_MEMORY, /* malloc, calloc, realloc, aligned_alloc ... */
	FAULT_USERS,  /* getpwnam_r, getpwuid_r, getgr..., getgrouplist */
	FAULT_CLOCK,  /* clock_gettime */
	FAULT_KINDS
};

/* How far the verifier is with an attempt. */
enum fault_phase {
	FAULT_BEFORE = 0,
	FAULT_DEBIT,	/* it is computed */
	FAULT_WRITTEN,	/* it is being written, synced, or is done */
	FAULT_COMPARED, /* a code was compared */
};

struct fault_page {
	/* wanted */
	uint32_t kind;
	uint32_t at;	   /* the k-th call from 1; 0: none */
	uint32_t and_then; /* all later ones fail as well */
	int32_t err;
	uint32_t warm; /* what libraries keep for good is made before */
	/* happened */
	uint32_t count[FAULT_KINDS];
	uint32_t struck;
	uint32_t struck_in; /* phases, as bits */
	/* of a verifier's conversation, or a host's login */
	uint32_t begun, ended;
	int32_t left_memory; /* pieces that it did not free */
	int32_t left_descriptors, left_maps, left_children, left_locks;
	/* of the verifier */
	uint32_t phase;
	uint32_t compared;
	uint32_t undebited; /* comparisons with no durable debit before */
};

/* Never NULL; without a file, one of this process alone. */
struct fault_page *fault_page(void);

/* Which page: defined by each program. */
extern const char fault_role[];

/* What a process has; the difference is what is left. */
struct fault_census {
	int64_t live;
	int descriptors, maps, children, locks;
};

void fault_census(struct fault_census *out);
/* Calls fail only between these. */
void fault_begin(void);
void fault_end(void);
/* Notes on the page what there is more of now. */
void fault_compare(const struct fault_census *before);

#endif
