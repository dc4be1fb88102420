/* SPDX-License-Identifier: MIT */
#include "utils/import/homes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "utils/import/read.h"
#include "utils/out.h"

/* ---- paths ---- */

static bool
append(char *out, size_t size, size_t *used, const char *text, size_t len)
{
	if (len >= size - *used)
		return false;
	memcpy(out + *used, text, len);
	*used += len;
	out[*used] = '\0';
	return true;
}

/* The variable that begins here: what it stands for, and its length. */
static const char *
variable(const struct passwd *pw, const char *at, bool first, size_t *len)
{
	const struct {
		const char *name;
		const char *value;
	} names[] = {
		{ "${USER}", pw->pw_name }, { "%u", pw->pw_name },
		{ "${HOME}", pw->pw_dir }, { "%h", pw->pw_dir },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		*len = strlen(names[i].name);
		if (strncmp(at, names[i].name, *len) == 0)
			return names[i].value;
	}
	*len = 1;
	return first && at[0] == '~' && at[1] == '/' ? pw->pw_dir : NULL;
}

enum mfa_err
mfa_import_home_path(const struct passwd *pw, const char *pattern, char *out,
    size_t size)
{
	size_t used = 0, len = 0;

	out[0] = '\0';
	for (const char *p = pattern; *p != '\0'; p += len) {
		const char *value = variable(pw, p, p == pattern, &len);

		if (value == NULL ? !append(out, size, &used, p, 1) :
		    !append(out, size, &used, value, strlen(value)))
			return MFA_ERR_INVALID;
	}
	return out[0] == '/' ? MFA_OK : MFA_ERR_INVALID;
}

bool
mfa_import_home_is_in(const char *pattern)
{
	return strncmp(pattern, "~/", 2) == 0 ||
	    strstr(pattern, "${HOME}") != NULL ||
	    strstr(pattern, "%h") != NULL;
}

bool
mfa_import_home_varies(const char *pattern)
{
	return mfa_import_home_is_in(pattern) ||
	    strstr(pattern, "${USER}") != NULL ||
	    strstr(pattern, "%u") != NULL;
}

/* ---- one file ---- */

static const char *
trouble(enum mfa_err r)
{
	switch (r) {
	case MFA_ERR_NOT_FOUND:
		return "has no such file";
	case MFA_ERR_UNSAFE:
		return "the file is not a plain one of this user alone: chmod "
		       "600, no link";
	case MFA_ERR_DENIED:
		return "this user may not read the file";
	case MFA_ERR_INVALID:
		return "the file is too large, or its path";
	case MFA_ERR_TIMEOUT:
		return "the file could not be read in time";
	case MFA_ERR_SYNTAX:
		return "the file is none of google-authenticator's";
	default:
		return "the file cannot be read";
	}
}

/* all: one of many, who need not have a file. */
static enum mfa_err
import_file(struct mfa_import_run *run, const struct passwd *pw,
    const char *pattern, bool all)
{
	struct mfa_import_found found;
	char path[PATH_MAX];
	size_t len = 0;
	enum mfa_err r;
	char *buf = malloc(MFA_IMPORT_FILE);

	if (buf == NULL)
		return MFA_ERR_MEMORY;
	mfa_import_init(&found);
	r = mfa_import_home_path(pw, pattern, path, sizeof(path));
	if (r == MFA_OK)
		r = mfa_import_read_user(pw, path,
		    mfa_import_home_is_in(pattern), buf, &len);
	if (r == MFA_OK)
		r = mfa_import_google(buf, len, &found);
	mfa_secret_wipe(buf, MFA_IMPORT_FILE);
	free(buf);
	if (r == MFA_OK && mfa_text_copy(found.user, sizeof(found.user),
	    pw->pw_name))
		r = mfa_import_take(run, &found);
	else if (r == MFA_ERR_NOT_FOUND && all)
		r = MFA_OK;
	else
		r = mfa_import_report_row(&run->report, pw->pw_name,
		    MFA_IMPORT_REFUSED, NULL, trouble(r));
	mfa_import_wipe(&found);
	return r;
}

static void
say(struct mfa_import_run *run, enum mfa_err r)
{
	if (r == MFA_OK || run->code != MFA_EXIT_DONE)
		return;
	mfa_out_error("%s", mfa_strerror(r));
	run->code = MFA_EXIT_FAILED;
}

void
mfa_import_home(struct mfa_import_run *run, const char *pattern)
{
	const struct passwd *pw = getpwnam(run->args->user);
	enum mfa_err r;

	if (pw != NULL)
		r = import_file(run, pw, pattern, false);
	else
		r = mfa_import_report_row(&run->report, run->args->user,
		    MFA_IMPORT_UNKNOWN, NULL, "this host knows no such user");
	say(run, r);
}

void
mfa_import_homes(struct mfa_import_run *run, const char *pattern)
{
	const struct passwd *pw;
	enum mfa_err r = MFA_OK;

	setpwent();
	while (r == MFA_OK && (errno = 0, pw = getpwent()) != NULL)
		r = import_file(run, pw, pattern, true);
	/* A database that breaks off has more users than we saw. */
	if (r == MFA_OK && errno != 0 && errno != ENOENT)
		r = MFA_ERR_NSS;
	endpwent();
	say(run, r);
}
