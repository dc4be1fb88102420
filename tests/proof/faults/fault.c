/* SPDX-License-Identifier: MIT */
#include "tests/proof/faults/fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *p);

static struct fault_page own, *shared;
/* Of this process; the page is that of all of its kind. */
static int64_t live; /* pieces of memory: allocated less freed */
static bool inside;

struct fault_page *
fault_page(void)
{
	return shared != NULL ? shared : &own;
}

/* Before all else, as root; no library has been called. */
__attribute__((constructor(101))) static void
map_page(void)
{
	int fd = open(fault_role, O_RDWR | O_CLOEXEC);
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof(struct fault_page), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	(void)close(fd);
	if (p != MAP_FAILED)
		shared = p;
}

/* Only between begin and end: what the program does, not what starts it. */
static bool
fails(enum fault_kind kind)
{
	struct fault_page *page = fault_page();
	uint32_t n;

	if (!inside)
		return false;
	/* Processes of one role, and their copies, count together. */
	n = __atomic_add_fetch(&page->count[kind], 1, __ATOMIC_SEQ_CST);
	if (page->kind != (uint32_t)kind || page->at == 0 || n < page->at ||
	    (n > page->at && page->and_then == 0))
		return false;
	page->struck++;
	page->struck_in |= 1u << page->phase;
	return true;
}

/* ---- memory ---- */

static void *
counted(void *p)
{
	live += p != NULL;
	return p;
}

static void *
no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *
malloc(size_t size)
{
	return fails(FAULT_MEMORY) ? no_memory() :
				     counted(__libc_malloc(size));
}

void *
calloc(size_t n, size_t size)
{
	return fails(FAULT_MEMORY) ? no_memory() :
				     counted(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t size)
{
	void *q;

	if (fails(FAULT_MEMORY))
		return no_memory();
	q = __libc_realloc(p, size);
	if (p == NULL)
		live += q != NULL;
	else if (size == 0)
		live--;
	return q;
}

void
free(void *p)
{
	live -= p != NULL;
	__libc_free(p);
}

void *
memalign(size_t align, size_t size)
{
	return fails(FAULT_MEMORY) ? no_memory() :
				     counted(__libc_memalign(align, size));
}

void *
aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int
posix_memalign(void **out, size_t align, size_t size)
{
	void *p = memalign(align, size);

	if (p == NULL)
		return ENOMEM;
	*out = p;
	return 0;
}

/* ---- users ---- */

static void *
real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* A pointer to a function is none to an object in C. */
#define REAL(name) (*(__typeof__(&(name)) *)&(void *){ real(#name) })

int
getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size,
    struct passwd **out)
{
	if (!fails(FAULT_USERS))
		return REAL(getpwnam_r)(name, entry, buffer, size, out);
	*out = NULL;
	return fault_page()->err;
}

int
getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
    struct passwd **out)
{
	if (!fails(FAULT_USERS))
		return REAL(getpwuid_r)(uid, entry, buffer, size, out);
	*out = NULL;
	return fault_page()->err;
}

int
getgrnam_r(const char *name, struct group *entry, char *buffer, size_t size,
    struct group **out)
{
	if (!fails(FAULT_USERS))
		return REAL(getgrnam_r)(name, entry, buffer, size, out);
	*out = NULL;
	return fault_page()->err;
}

int
getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size,
    struct group **out)
{
	if (!fails(FAULT_USERS))
		return REAL(getgrgid_r)(gid, entry, buffer, size, out);
	*out = NULL;
	return fault_page()->err;
}

int
getgrouplist(const char *user, gid_t group, gid_t *groups, int *count)
{
	if (!fails(FAULT_USERS))
		return REAL(getgrouplist)(user, group, groups, count);
	errno = fault_page()->err;
	return -1;
}

/* ---- clock ---- */

int
clock_gettime(clockid_t id, struct timespec *out)
{
	if (!fails(FAULT_CLOCK))
		return (int)syscall(SYS_clock_gettime, id, out);
	errno = fault_page()->err;
	return -1;
}

/* ---- what is left ---- */

static bool
is_datagrams(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_DGRAM;
}

/* Ours, but for the way to the log, which libc opens anew when it likes. */
static int
descriptors(void)
{
	int n = 0;

	/* Asked twice: this call may be the one that is struck. */
	for (int fd = 0; fd < 40; fd++)
		n += fcntl(fd, F_GETFD) >= 0 && !is_datagrams(fd) &&
		    !is_datagrams(fd);
	return n;
}

/* Locked memory: that is what secrets lie in, and libc's heap does not. */
static int
locked_maps(void)
{
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");
	int kib = -1;

	if (f == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "VmLck: %d", &kib) == 1)
			break;
	}
	(void)fclose(f);
	return kib;
}

void
fault_begin(void)
{
	fault_page()->begun++;
	inside = true;
}

void
fault_end(void)
{
	inside = false;
	fault_page()->ended++;
}

static int
children(void)
{
	char path[64];
	int n = 0, c;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children",
	    getpid());
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while ((c = fgetc(f)) != EOF)
		n += c == ' ';
	(void)fclose(f);
	return n;
}

/*
 * Locks of files that were taken here and are held, be it by a child that has
 * the descriptor.
 */
static int
locks(void)
{
	char line[256];
	FILE *f = fopen("/proc/locks", "re");
	int pid, n = 0;

	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		n += sscanf(line, "%*d: %*s %*s %*s %d", &pid) == 1 &&
		    pid == getpid();
	(void)fclose(f);
	return n;
}

/* A count whose own call is the one that is struck finds less. */
static int
twice(int (*count)(void))
{
	int first = count(), second = count();

	return first > second ? first : second;
}

void
fault_census(struct fault_census *out)
{
	out->live = live;
	out->descriptors = twice(descriptors);
	out->maps = twice(locked_maps);
	out->children = twice(children);
	out->locks = twice(locks);
}

/* Where there was more than one, whoever left most. */
static void
note_most(int32_t *most, int64_t left)
{
	if (left > *most)
		*most = (int32_t)left;
}

void
fault_compare(const struct fault_census *before)
{
	struct fault_page *page = fault_page();
	struct fault_census now;

	fault_census(&now);
	note_most(&page->left_memory, now.live - before->live);
	note_most(&page->left_descriptors,
	    now.descriptors - before->descriptors);
	note_most(&page->left_maps, now.maps - before->maps);
	note_most(&page->left_children, now.children - before->children);
	note_most(&page->left_locks, now.locks - before->locks);
}
