/* SPDX-License-Identifier: MIT */
#include "utils/out.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/num.h"
#include "lib/base/secret.h"
#include "utils/command.h"

void
mfa_out_error(const char *format, ...)
{
	va_list ap;

	(void)fflush(stdout);
	(void)fputs("medusa-mfa: ", stderr);
	va_start(ap, format);
	(void)vfprintf(stderr, format, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}

const char *
mfa_out_file_error(enum mfa_err err)
{
	switch (err) {
	case MFA_ERR_NO_SPACE:
		return "no space left there";
	case MFA_ERR_READ_ONLY:
		return "that file system is read-only";
	default:
		return mfa_strerror(err);
	}
}

void
mfa_out_clean(const char *text, char *out, size_t size)
{
	size_t used = 0;

	for (const char *p = text; *p != '\0'; p++) {
		uint8_t c = (uint8_t)*p;
		bool plain = c >= 0x20 && c < 0x7f;

		if (used + (plain ? 1 : 4) >= size)
			break;
		if (plain) {
			out[used++] = *p;
			continue;
		}
		out[used] = '\\';
		out[used + 1] = 'x';
		mfa_num_hex(&c, 1, out + used + 2);
		used += 4;
	}
	out[used] = '\0';
}

void
mfa_out_date(uint64_t seconds, bool utc, char out[MFA_OUT_DATE])
{
	time_t t = (time_t)seconds;
	struct tm parts;
	bool made = false;

	if (seconds == 0) {
		(void)memcpy(out, "-", 2);
		return;
	}
	if (utc)
		made = mfa_text_time(seconds, out);
	else if (localtime_r(&t, &parts) != NULL)
		made = strftime(out, MFA_OUT_DATE, "%Y-%m-%d %H:%M", &parts) !=
		    0;
	if (!made)
		(void)memcpy(out, "?", 2);
}

void
mfa_out_span(uint64_t seconds, char out[MFA_OUT_DATE])
{
	static const struct {
		uint64_t below, unit;
		const char *name;
	} units[] = {
		{ 120, 1, "s" },
		{ UINT64_C(120) * 60, 60, "min" },
		{ UINT64_C(48) * 3600, 3600, "h" },
		{ UINT64_MAX, 86400, "d" },
	};
	size_t i = 0;
	uint64_t n;

	while (i < 3 && seconds >= units[i].below)
		i++;
	n = seconds / units[i].unit + (seconds % units[i].unit != 0);
	(void)snprintf(out, MFA_OUT_DATE, "%llu %s", (unsigned long long)n,
	    units[i].name);
}

const char *
mfa_out_s(size_t count)
{
	return count == 1 ? "" : "s";
}

void
mfa_out_row(const struct mfa_out_column *columns, size_t count,
    const char *const *cells)
{
	char clean[1200];

	for (size_t i = 0; i < count; i++) {
		mfa_out_clean(cells[i], clean, sizeof(clean));
		if (i + 1 == count)
			(void)printf("%s\n", clean);
		else
			(void)printf("%-*s ", columns[i].width, clean);
	}
}

void
mfa_out_head(const struct mfa_out_column *columns, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		(void)printf("%-*s ", columns[i].width, columns[i].title);
	(void)printf("%s\n", columns[count - 1].title);
}

void
mfa_out_line(const char *title, const char *text)
{
	char clean[1200];

	mfa_out_clean(text, clean, sizeof(clean));
	(void)printf("%-17s%s\n", title, clean);
}

/* $'j\303\274rgen': what a terminal may not show means itself to a shell. */
static void
quote_bytes(const char *text, char *out, size_t size)
{
	size_t used;

	(void)snprintf(out, size, "$'");
	used = strlen(out);
	for (const char *p = text; *p != '\0' && used + 6 < size; p++) {
		const uint8_t c = (uint8_t)*p;

		if (c < 0x20 || c > 0x7e) {
			(void)snprintf(out + used, 5, "\\%03o", c);
			used += 4;
			continue;
		}
		if (c == '\'' || c == '\\')
			out[used++] = '\\';
		out[used++] = *p;
	}
	(void)snprintf(out + used, size - used, "'");
}

void
mfa_out_word(const char *text, char *out, size_t size)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@%+:,-";
	size_t used = 0;

	if (!mfa_text_printable(text)) {
		quote_bytes(text, out, size);
		return;
	}
	if (text[0] != '\0' && text[strspn(text, plain)] == '\0') {
		(void)snprintf(out, size, "%s", text);
		return;
	}
	out[used++] = '\'';
	for (const char *p = text; *p != '\0' && used + 6 < size; p++) {
		/* A quote ends the quoting, stands escaped, begins it again. */
		const char *piece = *p == '\'' ? "'\\''" : NULL;
		size_t len = piece != NULL ? 4 : 1;

		(void)memcpy(out + used, piece != NULL ? piece : p, len);
		used += len;
	}
	out[used++] = '\'';
	out[used] = '\0';
}

static void
wiping_free(void *p)
{
	if (p != NULL)
		mfa_secret_wipe(p, malloc_usable_size(p));
	free(p);
}

void
mfa_out_json_init(void)
{
	json_set_alloc_funcs(malloc, wiping_free);
}

json_t *
mfa_out_json_text(const char *text)
{
	json_t *value = json_string(text);
	char clean[1200];

	if (value != NULL)
		return value;
	mfa_out_clean(text, clean, sizeof(clean));
	return json_string(clean);
}

json_t *
mfa_out_json_date(uint64_t seconds)
{
	char date[MFA_OUT_DATE];

	if (seconds == 0)
		return json_null();
	mfa_out_date(seconds, true, date);
	return json_string(date);
}

json_t *
mfa_out_json_list(const char *rows, size_t width, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < count; i++) {
		json_t *row = mfa_out_json_text(rows + i * width);

		/* Takes the row over, also when it fails; refuses NULL. */
		if (json_array_append_new(list, row) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

enum mfa_err
mfa_out_json(json_t *value)
{
	int failed;

	if (value == NULL)
		return MFA_ERR_MEMORY;
	failed = json_dumpf(value, stdout, JSON_COMPACT);
	json_decref(value);
	return failed == 0 ? MFA_OK : MFA_ERR_IO;
}

int
mfa_out_json_line(json_t *value)
{
	enum mfa_err r = mfa_out_json(value);

	if (r != MFA_OK) {
		mfa_out_error("cannot print: %s", mfa_strerror(r));
		return MFA_EXIT_FAILED;
	}
	(void)putchar('\n');
	return MFA_EXIT_DONE;
}
