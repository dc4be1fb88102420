/* SPDX-License-Identifier: MIT */
/*
 * For tests of what cannot be taken back: each in a child of its own.  To be
 * included after unit.h.
 */
#ifndef MFA_TESTS_CHILD_H
#define MFA_TESTS_CHILD_H

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The line at which a child ended; it has no other way to say so. */
static int *failed_at;

#define CHECK(what) \
	do { \
		if (!(what)) { \
			*failed_at = __LINE__; \
			_exit(1); \
		} \
	} while (0)

/* Memory that children share with us, zero; first of all in main. */
static inline void *
child_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	failed_at = p;
	return (int *)p + 1;
}

static inline void
in_child(void (*body)(void))
{
	int status;
	pid_t pid;

	*failed_at = 0;
	if ((pid = fork()) == 0) {
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (*failed_at != 0)
		fail_msg("line %d does not hold in the child", *failed_at);
	assert_int_equal(status, 0);
}

#endif
