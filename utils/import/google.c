/* SPDX-License-Identifier: MIT */
/*
 * The file of pam_google_authenticator: the key on the first line, then options
 * ('" NAME VALUE'), then scratch codes of eight digits.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/secret.h"
#include "utils/import/found.h"
#include "utils/out.h"

#define OPTION_MAX 40

struct reading {
	struct mfa_import_found *found;
	bool totp;
	bool hotp;
	unsigned int scratch; /* codes */
	uint64_t window;
};

/* ---- options ---- */

static enum mfa_err
take_step(struct reading *r, const char *value)
{
	uint64_t step = 0;

	if (mfa_num_parse(value, 1, 60, &step) != MFA_OK)
		return MFA_ERR_SYNTAX;
	r->found->period = (uint32_t)step;
	if (step < 15)
		mfa_import_refuse(r->found,
		    "its codes live %u second%s, at least 15 are needed",
		    (unsigned int)step, mfa_out_s((size_t)step));
	return MFA_OK;
}

static enum mfa_err
take_window(struct reading *r, const char *value)
{
	return mfa_num_parse(value, 1, 100, &r->window) == MFA_OK ?
	    MFA_OK : MFA_ERR_SYNTAX;
}

static enum mfa_err
take_counter(struct reading *r, const char *value)
{
	r->hotp = true;
	return mfa_num_parse(value, 1, MFA_IMPORT_COUNTER,
		   &r->found->counter) == MFA_OK ? MFA_OK : MFA_ERR_SYNTAX;
}

static enum mfa_err
take_totp(struct reading *r, const char *value)
{
	(void)value;
	r->totp = true;
	return MFA_OK;
}

/* Steps that the device's clock is ahead, learnt by the other program. */
static enum mfa_err
take_skew(struct reading *r, const char *value)
{
	uint64_t steps = 0;
	bool behind = value[0] == '-';

	if (mfa_num_parse(value + behind, 0, INT32_MAX, &steps) != MFA_OK)
		return MFA_ERR_SYNTAX;
	if (steps != 0)
		mfa_import_note(r->found, "the clock of the device was %u "
		    "step%s %s: medusa-mfa sync", (unsigned int)steps,
		    mfa_out_s((size_t)steps), behind ? "behind" : "ahead");
	return MFA_OK;
}

static const struct {
	const char *name;
	enum mfa_err (*take)(struct reading *r, const char *value);
} options[] = {
	{ "TOTP_AUTH", take_totp },
	{ "HOTP_COUNTER", take_counter },
	{ "STEP_SIZE", take_step },
	{ "WINDOW_SIZE", take_window },
	{ "TIME_SKEW", take_skew },
};

/* Others are limits and what was used before; ours are their own. */
static enum mfa_err
read_option(struct reading *r, const char *line, size_t len)
{
	char text[OPTION_MAX];
	size_t name;

	if (len >= sizeof(text))
		return MFA_OK; /* RATE_LIMIT and DISALLOW_REUSE grow */
	memcpy(text, line, len);
	text[len] = '\0';
	name = strcspn(text, " ");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strlen(options[i].name) == name &&
		    strncmp(options[i].name, text, name) == 0)
			return options[i].take(r,
			    text[name] == ' ' ? text + name + 1 : "");
	}
	return MFA_OK;
}

/* ---- lines ---- */

static bool
is_scratch(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (line[i] < '0' || line[i] > '9')
			return false;
	}
	return len == 8;
}

static enum mfa_err
read_line(struct reading *r, const char *line, size_t len)
{
	if (len == 0)
		return MFA_OK;
	if (len >= 2 && line[0] == '"' && line[1] == ' ')
		return read_option(r, line + 2, len - 2);
	if (!is_scratch(line, len))
		return MFA_ERR_SYNTAX;
	r->scratch++;
	return MFA_OK;
}

/* Both would be tried there, by different rules: nobody means that. */
static enum mfa_err
conclude(struct reading *r)
{
	struct mfa_import_found *found = r->found;

	if (r->totp == r->hotp)
		return MFA_ERR_SYNTAX;
	found->hotp = r->hotp;
	if (r->totp && r->window > 3)
		mfa_import_note(found, "WINDOW_SIZE %u is not taken: see window "
		    "in medusa-mfa.conf(5)", (unsigned int)r->window);
	if (r->scratch != 0)
		mfa_import_note(found, "%u scratch code%s not taken",
		    r->scratch, r->scratch == 1 ? " is" : "s are");
	return MFA_OK;
}

static size_t
line_length(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);

	return end != NULL ? (size_t)(end - text) : len;
}

enum mfa_err
mfa_import_google(const char *text, size_t len, struct mfa_import_found *found)
{
	struct reading r = { .found = found };
	size_t line = line_length(text, len);
	enum mfa_err err = MFA_OK;

	memset(found, 0, sizeof(*found));
	/* Without a newline it was cut off, or is something else. */
	if (line == 0 || line == len || memchr(text, '\0', len) != NULL)
		return MFA_ERR_SYNTAX;
	mfa_import_init(found);
	mfa_import_key_base32(found, text, line);
	for (size_t at = line + 1; err == MFA_OK && at < len; at += line + 1) {
		line = line_length(text + at, len - at);
		err = read_line(&r, text + at, line);
	}
	if (err == MFA_OK)
		err = conclude(&r);
	if (err != MFA_OK)
		mfa_import_wipe(found);
	return err;
}
