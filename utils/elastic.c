/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1 /* fopencookie */
#include "utils/elastic.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define LEAST 65536 /* bytes of the first room */

static struct {
	FILE *usual; /* NULL: not begun */
	char *bytes;
	size_t from, to, room;
	bool lost;
} queue;

/* patient: until all is written; else what the reader takes at once. */
static void
drain(bool patient)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (!queue.lost && queue.from < queue.to &&
	    (patient || poll(&out, 1, 0) > 0)) {
		/* A pipe that has room at all takes so much without waiting. */
		size_t some = queue.to - queue.from < PIPE_BUF ?
		    queue.to - queue.from :
		    PIPE_BUF;
		ssize_t n = write(STDOUT_FILENO, queue.bytes + queue.from,
		    some);

		if (n >= 0)
			queue.from += (size_t)n;
		else if (errno == EAGAIN)
			(void)poll(&out, 1, patient ? -1 : 0);
		else if (errno != EINTR)
			queue.lost = true;
	}
	if (queue.from == queue.to)
		queue.from = queue.to = 0;
}

static bool
make_room(size_t size)
{
	size_t room = queue.room == 0 ? LEAST : queue.room;
	char *more;

	if (queue.from > 0) {
		queue.to -= queue.from;
		memmove(queue.bytes, queue.bytes + queue.from, queue.to);
		queue.from = 0;
	}
	while (room - queue.to < size)
		room *= 2;
	if ((more = realloc(queue.bytes, room)) == NULL)
		return false;
	queue.bytes = more;
	queue.room = room;
	return true;
}

static ssize_t
put(void *cookie, const char *bytes, size_t size)
{
	(void)cookie;
	if (queue.room - queue.to < size && !make_room(size)) {
		errno = ENOMEM;
		queue.lost = true;
	}
	if (!queue.lost) {
		memcpy(queue.bytes + queue.to, bytes, size);
		queue.to += size;
		drain(false);
	}
	return queue.lost ? 0 : (ssize_t)size;
}

void
mfa_elastic_begin(void)
{
	const cookie_io_functions_t functions = { .write = put };
	FILE *file;

	(void)fflush(stdout);
	memset(&queue, 0, sizeof(queue));
	if (!make_room(1) ||
	    (file = fopencookie(NULL, "w", functions)) == NULL) {
		free(queue.bytes);
		return;
	}
	queue.usual = stdout;
	stdout = file;
}

bool
mfa_elastic_end(void)
{
	bool fine;

	if (queue.usual == NULL)
		return true;
	fine = fclose(stdout) == 0;
	stdout = queue.usual;
	queue.usual = NULL;
	drain(true);
	free(queue.bytes);
	return fine && !queue.lost;
}
