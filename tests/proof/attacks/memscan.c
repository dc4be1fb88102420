/* SPDX-License-Identifier: MIT */
/*
 * Looks for secrets in the memory of another process.
 *
 *   memscan [-x] PID <NEEDLES
 *
 * A needle is a line "NAME HEX".  All memory is read that the process could
 * have written to: heap, stacks, writable and anonymous mappings, guarded pages
 * too.  Prints "NAME in REGION" for each needle and region that has it, and at
 * last "scanned N bytes".
 *
 * -x: at the last moment of the process: it is traced (nothing of it changes),
 * "ready" is printed, and the search is made when it is about to exit, with its
 * memory still there.
 */
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEEDLES_MAX 512
#define NEEDLE_MAX  128
#define NEEDLE_MIN  4
#define CHUNK	    ((size_t)1 << 20)

struct needle {
	char name[64];
	uint8_t bytes[NEEDLE_MAX];
	size_t len;
	bool found; /* in the region being looked at */
};

struct scan {
	struct needle needle[NEEDLES_MAX];
	size_t count;
	uint8_t begins[UINT16_MAX + 1]; /* by a needle's first two bytes */
	uint8_t *buffer; /* NEEDLE_MAX of the chunk before, and a chunk */
	uint64_t bytes;
	int mem;
};

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
read_needle(struct needle *n)
{
	char hex[2 * NEEDLE_MAX + 2];

	if (scanf("%63s %257s", n->name, hex) != 2)
		return false;
	n->len = strlen(hex) / 2;
	if (n->len > NEEDLE_MAX || n->len < NEEDLE_MIN)
		return false;
	for (size_t i = 0; i < n->len; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		n->bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static unsigned int
pair(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static bool
read_needles(struct scan *scan)
{
	while (scan->count < NEEDLES_MAX &&
	    read_needle(&scan->needle[scan->count]))
		scan->begins[pair(scan->needle[scan->count++].bytes)] = 1;
	return scan->count > 0 && feof(stdin);
}

static void
compare(struct scan *scan, const uint8_t *at, size_t left, const char *region)
{
	for (size_t i = 0; i < scan->count; i++) {
		struct needle *n = &scan->needle[i];

		if (n->found || n->len > left ||
		    memcmp(at, n->bytes, n->len) != 0)
			continue;
		n->found = true;
		printf("%s in %s\n", n->name, region);
	}
}

static void
look_at(struct scan *scan, size_t len, const char *region)
{
	for (size_t i = 0; i + 1 < len; i++)
		if (scan->begins[pair(scan->buffer + i)])
			compare(scan, scan->buffer + i, len - i, region);
}

/* A needle may lie across two chunks: the end of one stays for the next. */
static void
scan_region(struct scan *scan, uint64_t from, uint64_t to, const char *region)
{
	size_t kept = 0;

	for (size_t i = 0; i < scan->count; i++)
		scan->needle[i].found = false;
	while (from < to) {
		size_t want = to - from < CHUNK ? (size_t)(to - from) : CHUNK;
		ssize_t got = pread(
		    scan->mem, scan->buffer + kept, want, (off_t)from);

		if (got <= 0)
			return;
		scan->bytes += (uint64_t)got;
		from += (uint64_t)got;
		kept += (size_t)got;
		look_at(scan, kept, region);
		if (kept > NEEDLE_MAX) {
			memmove(scan->buffer,
			    scan->buffer + kept - NEEDLE_MAX, NEEDLE_MAX);
			kept = NEEDLE_MAX;
		}
	}
}

/* Not what is the file's own, nor the kernel's. */
static bool
is_of_interest(const char *perms, unsigned long inode, const char *name)
{
	if (strcmp(name, "[vvar]") == 0 || strcmp(name, "[vsyscall]") == 0)
		return false;
	return perms[1] == 'w' || inode == 0;
}

static bool
scan_process(struct scan *scan, int pid)
{
	char path[64], line[512], perms[8], name[300];
	unsigned long from, to, inode;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	scan->mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (scan->mem == -1 || maps == NULL) {
		perror(path);
		return false;
	}
	while (fgets(line, sizeof(line), maps) != NULL) {
		name[0] = '\0';
		if (sscanf(line, "%lx-%lx %7s %*s %*s %lu %299s", &from, &to,
			perms, &inode, name) < 4)
			continue;
		if (is_of_interest(perms, inode, name))
			scan_region(scan, from, to,
			    name[0] != '\0' ? name : "[anonymous]");
	}
	fclose(maps);
	close(scan->mem);
	printf("scanned %llu bytes\n", (unsigned long long)scan->bytes);
	return scan->bytes > 0;
}

/* Returns false if there was no such moment. */
static bool
wait_for_exit(int pid)
{
	int status, sig;

	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)PTRACE_O_TRACEEXIT) != 0) {
		perror("ptrace");
		return false;
	}
	printf("ready\n");
	fflush(stdout);
	while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			return true;
		/* a group stop is PTRACE_EVENT_STOP: it goes on as well */
		sig = status >> 16 != 0 ? 0 : WSTOPSIG(status);
		ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)sig);
	}
	return false;
}

int
main(int argc, char **argv)
{
	static struct scan scan;
	bool at_exit = argc == 3 && strcmp(argv[1], "-x") == 0;
	bool fine;
	int pid;

	if ((argc != 2 && !at_exit) || (pid = atoi(argv[argc - 1])) <= 0 ||
	    !read_needles(&scan)) {
		fprintf(stderr, "usage: memscan [-x] PID <NEEDLES\n");
		return 2;
	}
	scan.buffer = malloc(CHUNK + NEEDLE_MAX);
	if (scan.buffer == NULL)
		return 2;
	fine = (!at_exit || wait_for_exit(pid)) && scan_process(&scan, pid);
	if (at_exit && fine)
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	free(scan.buffer);
	return fine ? 0 : 1;
}
