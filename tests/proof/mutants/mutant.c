/* SPDX-License-Identifier: MIT */
#include "mutant.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct mutant_state mutant_state = { -1, (void *)0 };

static void
map_open(const char *name)
{
	struct stat st;
	void *map;
	/* A test may have an open() of its own. */
	int fd = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > 0) {
		map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
		if (map != MAP_FAILED)
			mutant_state.map = map;
	}
	(void)close(fd);
}

/*
 * What a disk has is not what a change is noticed by, and thousands of runs
 * would wait for it.  Weak: a test may have its own.
 */
__attribute__((weak)) int
fdatasync(int fd)
{
	return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

__attribute__((weak)) int
fsync(int fd)
{
	return fcntl(fd, F_GETFD) < 0 ? -1 : 0;
}

/* Not in the module, nor in a test without it. */
extern void cmocka_set_test_filter(const char *) __attribute__((weak));

__attribute__((constructor)) static void
mutant_begin(void)
{
	const char *on = getenv("MFA_MUTANT");
	const char *only = getenv("MFA_MUTANT_TEST");
	const char *name = getenv("MFA_MUTANT_MAP");

	if (on != NULL)
		mutant_state.on = atoi(on);
	if (name != NULL)
		map_open(name);
	if (only != NULL && cmocka_set_test_filter != NULL)
		cmocka_set_test_filter(only);
}
