/* SPDX-License-Identifier: MIT */
/*
 * MUST list: mail_config.h.
 *
 * libinih splits a line into name and value.  What it takes without a word is
 * refused by the reader that feeds it, which also counts the lines and wipes
 * the library's line buffer.
 */
#include "programs/mail_config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ini.h>

#include "lib/base/path.h"
#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "programs/mail_options.h"

#define FILE_BYTES 16384
#define LINE_BYTES 512

/* The text, how far it is read, and what came of it. */
struct cursor {
	const char *path;
	const char *next;
	const char *end;
	unsigned int line; /* read last */
	unsigned int seen[MFA_MAIL_OPTIONS]; /* the line that set it, or 0 */
	enum mfa_err err;
	struct mfa_mail_config config;
	struct mfa_program_problem *problem;
};

static enum mfa_err
refuse(const struct cursor *c, const char *name, const char *sentence)
{
	mfa_program_explain(c->problem, "%s:%u: %s%s", c->path, c->line, name,
	    sentence);
	return MFA_ERR_CONFIG;
}

/* The same about the file as a whole. */
static enum mfa_err
refuse_file(const char *path, const char *sentence,
    struct mfa_program_problem *problem)
{
	mfa_program_explain(problem, "%s: %s", path, sentence);
	return MFA_ERR_CONFIG;
}

/* True if no byte but a tab or the newline is other than printable ASCII. */
static bool
is_plain(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((line[i] < 0x20 || line[i] > 0x7e) && line[i] != '\t' &&
		    line[i] != '\n')
			return false;
	}
	return true;
}

/* "name = value", with nothing that the library would cut off. */
static bool
is_entry(const char *line)
{
	const char *separator = strpbrk(line, "=:");

	if (separator == NULL || *separator != '=' || separator == line)
		return false;
	for (const char *p = strchr(line, ';'); p != NULL;
	    p = strchr(p + 1, ';')) {
		if (p[-1] == ' ' || p[-1] == '\t')
			return false;
	}
	return true;
}

static enum mfa_err
check_line(const struct cursor *c, const char *line, size_t len)
{
	const char *start = line + strspn(line, " \t\n");

	if (!is_plain(line, len))
		return refuse(c, "", "a byte that is not printable ASCII");
	if (*start == '\0' || *start == '#' || *start == ';')
		return MFA_OK;
	if (start != line)
		return refuse(c, "", "an option or section starts at the "
		    "beginning of its line; lines are not continued");
	if (*start == '[')
		return strcmp(line, "[mail]\n") == 0 ? MFA_OK :
		    refuse(c, "", "the only section is [mail], alone in its "
		    "line");
	return is_entry(line) ? MFA_OK :
	    refuse(c, "", "neither [mail] nor name = value nor a comment in a "
	    "line of its own");
}

/* Like fgets; for ini_parse_stream. */
static char *
read_line(char *line, int size, void *stream)
{
	struct cursor *c = stream;
	const size_t left = (size_t)(c->end - c->next);
	const char *newline;
	size_t len;

	/* What was there is parsed by now. */
	mfa_secret_wipe(line, (size_t)size);
	if (c->err != MFA_OK || left == 0)
		return NULL;
	c->line++;
	newline = memchr(c->next, '\n', left);
	len = newline == NULL ? left : (size_t)(newline - c->next);
	/* A full buffer would make the library drop the rest. */
	if (len > LINE_BYTES || len + 3 > (size_t)size) {
		c->err = refuse(c, "", "line too long");
		return NULL;
	}
	memcpy(line, c->next, len);
	memcpy(line + len, "\n", 2);
	c->next += newline == NULL ? len : len + 1;
	c->err = check_line(c, line, len);
	return c->err == MFA_OK ? line : NULL;
}

static enum mfa_err
set_option(struct cursor *c, const char *section, const char *name,
    const char *value)
{
	const struct mfa_mail_option *option;
	size_t i = 0;

	if (section[0] == '\0')
		return refuse(c, "", "an option before the line [mail]");
	while (i < MFA_MAIL_OPTIONS &&
	    strcmp(mfa_mail_options[i].name, name) != 0)
		i++;
	if (i == MFA_MAIL_OPTIONS)
		return refuse(c, "", "unknown option");
	option = &mfa_mail_options[i];
	if (c->seen[i] != 0)
		return refuse(c, option->name, " is set twice");
	if (value[0] == '\0')
		return refuse(c, option->name, " has no value");
	if (!option->parse(value, &c->config)) {
		mfa_program_explain(c->problem, "%s:%u: %s %s%s", c->path,
		    c->line, option->name, option->expects,
		    mfa_text_looks_commented(value) ?
			"; a comment needs a line of its own" : "");
		return MFA_ERR_CONFIG;
	}
	c->seen[i] = c->line;
	return MFA_OK;
}

/* For ini_parse_stream; not 0 means success there. */
static int
take_entry(void *user, const char *section, const char *name, const char *value)
{
	struct cursor *c = user;

	if (c->err == MFA_OK)
		c->err = set_option(c, section, name, value);
	return c->err == MFA_OK;
}

static enum mfa_err
parse(struct cursor *c)
{
	struct mfa_program_problem reason;
	int bad;

	ini_use_stack = false;
	ini_initial_alloc = LINE_BYTES + 3;
	ini_max_line = LINE_BYTES + 3;
	bad = ini_parse_stream(read_line, c, take_entry, c);
	if (c->err != MFA_OK)
		return c->err;
	if (bad != 0) {
		(void)refuse_file(c->path, bad < 0 ?
		    mfa_strerror(MFA_ERR_MEMORY) : "not understood",
		    c->problem);
		return bad < 0 ? MFA_ERR_MEMORY : MFA_ERR_CONFIG;
	}
	if (mfa_mail_options_complete(&c->config, &reason) != MFA_OK)
		return refuse_file(c->path, reason.text, c->problem);
	return MFA_OK;
}

enum mfa_err
mfa_mail_config_parse(const char *path, const char *text, size_t len,
    struct mfa_mail_config *config, struct mfa_program_problem *problem)
{
	struct cursor c = { .path = path, .next = text, .problem = problem };
	enum mfa_err r;

	c.end = text + len;
	r = parse(&c);
	if (r == MFA_OK)
		memcpy(config, &c.config, sizeof(*config));
	mfa_secret_wipe(&c, sizeof(c));
	return r;
}

/* What keeps a file from being read, as a sentence. */
static const char *
trouble(enum mfa_err err)
{
	if (err == MFA_ERR_UNSAFE)
		return "not safe: it and the folders above it must belong to "
		       "root and be writable by nobody else, without symbolic "
		       "links";
	/* Who calls has no rights: there is hardly another reason. */
	if (err == MFA_ERR_IO)
		return "cannot be read: it must be 0640 "
		       "root:medusa-mfa-runner, in a folder that all can enter";
	return err == MFA_ERR_INVALID ? "larger than 16 KiB" :
	    mfa_strerror(err);
}

/* Opens path, split at its last slash. */
static enum mfa_err
open_file(const char *path, uid_t owner, int *fd)
{
	const struct mfa_path_rule rule = { owner, 0022 };
	const char *name = strrchr(path, '/') + 1;
	char dir[256];
	int dirfd;
	enum mfa_err r;

	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(name - path), path);
	r = mfa_path_open_dir(dir, &rule, &dirfd);
	if (r != MFA_OK)
		return r;
	r = mfa_path_open_file(dirfd, name, O_RDONLY, &rule, fd);
	(void)close(dirfd);
	return r;
}

/* Reads it, and tells whether others may. */
static enum mfa_err
read_file(const char *path, uid_t owner, uint8_t *text, size_t *len,
    bool *open_to_others)
{
	struct stat st;
	enum mfa_err r;
	int fd;

	*len = 0;
	*open_to_others = false;
	r = open_file(path, owner, &fd);
	if (r != MFA_OK)
		return r;
	if (fstat(fd, &st) != 0)
		r = MFA_ERR_IO;
	else
		r = mfa_path_read(fd, text, FILE_BYTES, len);
	(void)close(fd);
	if (r == MFA_OK)
		*open_to_others = (st.st_mode & 0007) != 0;
	return r;
}

enum mfa_err
mfa_mail_config_load(const char *path, uid_t owner,
    struct mfa_mail_config *config, struct mfa_program_problem *problem)
{
	struct mfa_mail_config found;
	uint8_t text[FILE_BYTES];
	bool open_to_others;
	size_t len;
	enum mfa_err r;

	memset(&found, 0, sizeof(found));
	r = read_file(path, owner, text, &len, &open_to_others);
	if (r != MFA_OK && r != MFA_ERR_NOT_FOUND) {
		r = refuse_file(path, trouble(r), problem);
		goto out;
	}
	r = mfa_mail_config_parse(path, (const char *)text, len, &found,
	    problem);
	if (r == MFA_OK && open_to_others && found.password[0] != '\0')
		r = refuse_file(path, "it holds a password, so others must not "
		    "be able to read it: 0640 root:medusa-mfa-runner", problem);
	if (r == MFA_OK)
		memcpy(config, &found, sizeof(*config));
out:
	mfa_secret_wipe(text, sizeof(text));
	mfa_mail_config_wipe(&found);
	return r;
}

void
mfa_mail_config_wipe(struct mfa_mail_config *config)
{
	mfa_secret_wipe(config, sizeof(*config));
}
