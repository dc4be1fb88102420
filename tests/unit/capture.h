/* SPDX-License-Identifier: MIT */
/* What a function prints on a descriptor, as text. */
#ifndef MFA_TESTS_CAPTURE_H
#define MFA_TESTS_CAPTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define CAPTURE_SIZE 16384

struct capture {
	int fd;	   /* the descriptor: 1 or 2 */
	int saved; /* where it led */
	FILE *file;
	char text[CAPTURE_SIZE];
};

static inline void
capture_begin(struct capture *c, int fd)
{
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	(void)fflush(NULL);
	c->saved = dup(fd);
	c->file = tmpfile();
	assert_true(c->saved >= 0);
	assert_non_null(c->file);
	assert_int_equal(dup2(fileno(c->file), fd), fd);
}

/* Ends it; the text stays in c->text. */
static inline const char *
capture_end(struct capture *c)
{
	size_t n;

	(void)fflush(NULL);
	(void)dup2(c->saved, c->fd);
	(void)close(c->saved);
	rewind(c->file);
	n = fread(c->text, 1, sizeof(c->text) - 1, c->file);
	c->text[n] = '\0';
	(void)fclose(c->file);
	return c->text;
}

/*
 * Standard input of what follows: these bytes, then its end.  Returns the
 * descriptor for capture_input_end.
 */
static inline int
capture_input(const char *bytes, size_t len)
{
	int saved = dup(STDIN_FILENO);
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, len), len);
	(void)close(ends[1]);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	(void)close(ends[0]);
	return saved;
}

static inline void
capture_input_end(int saved)
{
	if (saved < 0) {
		(void)close(STDIN_FILENO);
		return;
	}
	(void)dup2(saved, STDIN_FILENO);
	(void)close(saved);
}

#endif
