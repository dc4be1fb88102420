/* SPDX-License-Identifier: MIT */
/*
 * Looks for secrets in the memory of another process, or in files.
 *
 *   memscan [-x] PID <NEEDLES
 *   memscan -f LIST <NEEDLES
 *
 * A needle is a line "NAME HEX".  All memory is read that the process could
 * have written to: heap, stacks, writable and anonymous mappings, guarded pages
 * too.  Prints "NAME in REGION" for each needle and region that has it, and at
 * last "scanned N bytes".
 *
 * -x: at the last moment of the process: it is traced (nothing of it changes),
 * "ready" is printed, and the search is made when it is about to exit, with its
 * memory still there.
 *
 * -f: in the files that LIST names, one a line.  Among so many bytes some digits
 * are there by chance, so in files a needle of digits stands alone: with no
 * digit beside it, and if it is shorter than 8, no letter either.
 */
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEEDLES_MAX 16384
#define NEEDLE_MAX  128
#define NEEDLE_MIN  4
#define CODE_LONG   8 /* digits that are in no text by chance */
#define CHUNK	    ((size_t)1 << 20)

struct needle {
	char name[64];
	uint8_t bytes[NEEDLE_MAX];
	size_t len;
	struct needle *next; /* with the same first two bytes */
	bool digits;
	bool found; /* in the region being looked at */
};

struct scan {
	struct needle needle[NEEDLES_MAX];
	size_t count;
	struct needle *begins[UINT16_MAX + 1]; /* by the first two bytes */
	bool in_files;
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
	n->digits = true;
	for (size_t i = 0; i < n->len; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		n->bytes[i] = (uint8_t)(high << 4 | low);
		n->digits = n->digits && isdigit(n->bytes[i]);
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
	    read_needle(&scan->needle[scan->count])) {
		struct needle *n = &scan->needle[scan->count++];

		n->next = scan->begins[pair(n->bytes)];
		scan->begins[pair(n->bytes)] = n;
	}
	return scan->count > 0 && feof(stdin);
}

static bool
is_beside(const struct needle *n, uint8_t c)
{
	return n->len < CODE_LONG ? isalnum(c) : isdigit(c);
}

static bool
stands_alone(const struct scan *scan, const struct needle *n, size_t at,
    size_t len)
{
	const uint8_t *p = scan->buffer;

	return (at == 0 || !is_beside(n, p[at - 1])) &&
	    (at + n->len == len || !is_beside(n, p[at + n->len]));
}

static void
compare(struct scan *scan, size_t at, size_t len, const char *region)
{
	struct needle *n = scan->begins[pair(scan->buffer + at)];

	for (; n != NULL; n = n->next) {
		if (n->found || n->len > len - at ||
		    memcmp(scan->buffer + at, n->bytes, n->len) != 0)
			continue;
		if (scan->in_files && n->digits &&
		    !stands_alone(scan, n, at, len))
			continue;
		n->found = true;
		printf("%s in %s\n", n->name, region);
	}
}

static void
look_at(struct scan *scan, size_t len, const char *region)
{
	for (size_t i = 0; i + 1 < len; i++)
		compare(scan, i, len, region);
}

static void
look_anew(struct scan *scan)
{
	for (size_t i = 0; i < scan->count; i++)
		scan->needle[i].found = false;
}

/* A needle may lie across two chunks: the end of one stays for the next. */
static void
scan_region(struct scan *scan, uint64_t from, uint64_t to, const char *region)
{
	size_t kept = 0;

	look_anew(scan);
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

/* Whole, so that what is beside a needle is there. */
static bool
scan_file(struct scan *scan, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t size = 0, got = 0, more;
	uint8_t *bytes = NULL, *bigger;

	if (file == NULL)
		return false;
	do {
		size += CHUNK;
		bigger = realloc(bytes, size);
		if (bigger == NULL)
			break;
		bytes = bigger;
		more = fread(bytes + got, 1, size - got, file);
		got += more;
	} while (got == size);
	fclose(file);
	scan->buffer = bytes;
	if (bigger != NULL) {
		look_anew(scan);
		look_at(scan, got, path);
		scan->bytes += got;
	}
	free(bytes);
	scan->buffer = NULL;
	return bigger != NULL;
}

/* One that is gone meanwhile is said, and left to the caller to judge. */
static bool
scan_files(struct scan *scan, const char *list)
{
	char path[4096];
	FILE *file = fopen(list, "re");

	if (file == NULL)
		return false;
	scan->in_files = true;
	while (fgets(path, sizeof(path), file) != NULL) {
		path[strcspn(path, "\n")] = '\0';
		if (!scan_file(scan, path))
			printf("unreadable: %s\n", path);
	}
	fclose(file);
	printf("scanned %llu bytes\n", (unsigned long long)scan->bytes);
	return scan->bytes > 0;
}

static bool
scan_memory(struct scan *scan, int pid, bool at_exit)
{
	bool fine;

	if (pid <= 0)
		return false;
	scan->buffer = malloc(CHUNK + NEEDLE_MAX);
	if (scan->buffer == NULL)
		return false;
	fine = (!at_exit || wait_for_exit(pid)) && scan_process(scan, pid);
	if (at_exit && fine)
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
	free(scan->buffer);
	return fine;
}

int
main(int argc, char **argv)
{
	static struct scan scan;
	const char *option = argc == 3 ? argv[1] : "";
	bool fine;

	if (argc < 2 || argc > 3 || !read_needles(&scan)) {
		fprintf(stderr, "usage: memscan [-x] PID <NEEDLES\n"
				"       memscan -f LIST <NEEDLES\n");
		return 2;
	}
	if (strcmp(option, "-f") == 0)
		fine = scan_files(&scan, argv[2]);
	else
		fine = scan_memory(&scan, atoi(argv[argc - 1]),
		    strcmp(option, "-x") == 0);
	return fine ? 0 : 1;
}
