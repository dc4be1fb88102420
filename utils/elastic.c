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

struct mfa_elastic {
	FILE *usual, *file;
	char *bytes;
	size_t from, to, room;
	bool lost;
};

/* patient: until all is written; else what the reader takes at once. */
static void
drain(struct mfa_elastic *e, bool patient)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (!e->lost && e->from < e->to &&
	    (patient || poll(&out, 1, 0) > 0)) {
		/* A pipe that has room at all takes so much without waiting. */
		size_t some = e->to - e->from < PIPE_BUF ?
		    e->to - e->from :
		    PIPE_BUF;
		ssize_t n = write(STDOUT_FILENO, e->bytes + e->from,
		    some);

		if (n >= 0)
			e->from += (size_t)n;
		else if (errno == EAGAIN)
			(void)poll(&out, 1, patient ? -1 : 0);
		else if (errno != EINTR)
			e->lost = true;
	}
	if (e->from == e->to)
		e->from = e->to = 0;
}

static bool
make_room(struct mfa_elastic *e, size_t size)
{
	size_t room = e->room == 0 ? LEAST : e->room;
	char *more;

	if (e->from > 0) {
		e->to -= e->from;
		memmove(e->bytes, e->bytes + e->from, e->to);
		e->from = 0;
	}
	while (room - e->to < size)
		room *= 2;
	if ((more = realloc(e->bytes, room)) == NULL)
		return false;
	e->bytes = more;
	e->room = room;
	return true;
}

static ssize_t
put(void *cookie, const char *bytes, size_t size)
{
	struct mfa_elastic *e = cookie;

	if (e->room - e->to < size && !make_room(e, size)) {
		errno = ENOMEM;
		e->lost = true;
	}
	if (!e->lost) {
		memcpy(e->bytes + e->to, bytes, size);
		e->to += size;
		drain(e, false);
	}
	return e->lost ? 0 : (ssize_t)size;
}

struct mfa_elastic *
mfa_elastic_begin(void)
{
	const cookie_io_functions_t functions = { .write = put };
	struct mfa_elastic *e = calloc(1, sizeof(*e));

	if (e == NULL || !make_room(e, 1) ||
	    (e->file = fopencookie(e, "w", functions)) == NULL) {
		if (e != NULL)
			free(e->bytes);
		free(e);
		return NULL;
	}
	(void)fflush(stdout);
	e->usual = stdout;
	stdout = e->file;
	return e;
}

bool
mfa_elastic_end(struct mfa_elastic *e)
{
	bool fine;

	if (e == NULL)
		return true;
	fine = fclose(e->file) == 0;
	stdout = e->usual;
	drain(e, true);
	fine &= !e->lost;
	free(e->bytes);
	free(e);
	return fine;
}
