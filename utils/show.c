/* SPDX-License-Identifier: MIT */
#include "utils/show.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "utils/command.h"
#include "utils/factor.h"
#include "utils/out.h"
#include "utils/qr.h"

/* The question stands below the QR code, on the same screen. */
#define PROMPT_ROWS 1U

void
mfa_show_groups(const char *key, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; key[i] != '\0' && used + 2 < size; i++) {
		if (i != 0 && i % 4 == 0)
			out[used++] = ' ';
		out[used++] = key[i];
	}
	out[used] = '\0';
}

/* One that ssh has brought along, and that is not installed here. */
static bool
is_utf8_by_name(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = getenv(names[i]);
		if (value != NULL && value[0] != '\0')
			break;
	}
	value = value != NULL ? strchr(value, '.') : NULL;
	return value != NULL && (strncasecmp(value, ".UTF-8", 6) == 0 ||
				    strncasecmp(value, ".utf8", 5) == 0);
}

/* Half blocks need UTF-8: as the person's locale says. */
static enum mfa_qr_style
locale_style(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (locale == (locale_t)0)
		return is_utf8_by_name() ? MFA_QR_UTF8 : MFA_QR_ASCII;
	utf8 = strcasecmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return utf8 ? MFA_QR_UTF8 : MFA_QR_ASCII;
}

/* A terminal that would print the escapes, as a shell within an editor. */
static bool
is_colour(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) != 0 &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

static struct mfa_qr_size
screen_size(void)
{
	struct mfa_qr_size screen = { 80, 0 };
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col != 0) {
		screen.columns = w.ws_col;
		screen.rows = w.ws_row > PROMPT_ROWS ? w.ws_row - PROMPT_ROWS :
						       0;
	}
	return screen;
}

static void
no_room(const struct mfa_qr *qr, enum mfa_qr_style style,
    struct mfa_qr_size screen)
{
	struct mfa_qr_size need = mfa_qr_measure(qr, style, MFA_QR_QUIET_LEAST);

	(void)printf("The QR code is not shown: it needs %u columns, here are "
		     "%u. Type the key%s.\n",
	    need.columns, screen.columns, style == MFA_QR_ASCII ?
		", or use --qr utf8" : ", or widen the window");
}

static void
draw(const struct mfa_qr *qr, enum mfa_qr_style style)
{
	struct mfa_qr_size screen = screen_size();
	unsigned int quiet = mfa_qr_fit(qr, style, screen);
	struct mfa_qr_size size = mfa_qr_measure(qr, style, quiet);
	enum mfa_err r;

	if (quiet == 0) {
		no_room(qr, style, screen);
		return;
	}
	if (screen.rows != 0 && size.rows > screen.rows)
		(void)printf("The QR code needs %u lines, here are %u: enlarge "
			     "the window, or type the key.\n",
		    size.rows + PROMPT_ROWS, screen.rows + PROMPT_ROWS);
	r = mfa_qr_draw(qr, style, quiet, is_colour(), stdout);
	if (r != MFA_OK)
		mfa_out_error("cannot draw the QR code: %s", mfa_strerror(r));
}

static void
show_qr(const struct mfa_args *args, const char *url)
{
	enum mfa_qr_style style = (enum mfa_qr_style)args->qr;
	struct mfa_qr *qr = NULL;

	if (style == MFA_QR_NONE)
		return;
	if (style == MFA_QR_AUTO)
		style = locale_style();
	if (mfa_qr_new(url, &qr) == MFA_OK)
		draw(qr, style);
	else
		(void)puts("No QR code holds this: type the key.");
	mfa_qr_free(qr);
}

static void
show_line(const char *title, const char *text)
{
	char clean[1201];

	mfa_out_clean(text, clean, sizeof(clean));
	(void)printf("%s: %s\n", title, clean);
	mfa_secret_wipe(clean, sizeof(clean));
}

static void
show_key(const struct mfa_args *args, const mfa_wire_Enrolled *enrolled)
{
	char key[sizeof(enrolled->secret) / 4 * 5 + 2];

	(void)puts(args->qr == MFA_QR_NONE ?
		"Type this key into your authenticator app." :
		"Scan the QR code with your authenticator app, or type the "
		"key.");
	mfa_show_groups(enrolled->secret, key, sizeof(key));
	show_line("Key", key);
	mfa_secret_wipe(key, sizeof(key));
}

/* What comes before the question; true if a key is part of it. */
static bool
show_intro(const struct mfa_args *args, const mfa_wire_Enrolled *enrolled)
{
	char clean[200];

	switch (mfa_factor_kind(args->provider)) {
	case MFA_FACTOR_OTP:
		mfa_out_clean(args->address != NULL ? args->address : "", clean,
		    sizeof(clean));
		(void)printf("A code is on its way to %s.\n", clean);
		return false;
	case MFA_FACTOR_OUTSIDE:
		mfa_out_clean(args->provider, clean, sizeof(clean));
		(void)printf("%s waits for its first answer.\n", clean);
		return false;
	case MFA_FACTOR_HOTP:
		/* A token made of plastic shows codes and takes no key. */
		if (args->import_secret) {
			(void)puts("The key of the token is taken over.");
			return false;
		}
		break;
	default:
		break;
	}
	show_key(args, enrolled);
	return true;
}

void
mfa_show_enrolled(const struct mfa_args *args,
    const mfa_wire_Enrolled *enrolled)
{
	bool has_key = show_intro(args, enrolled);

	if (args->show_url)
		show_line("URL", enrolled->otpauth_url);
	if (enrolled->warning[0] != '\0')
		show_line("Note", enrolled->warning);
	if (has_key)
		show_qr(args, enrolled->otpauth_url);
}

/* A text, null where there is none. */
static json_t *
text_or_null(const char *text)
{
	return text[0] != '\0' ? mfa_out_json_text(text) : json_null();
}

int
mfa_show_enrolled_json(const struct mfa_args *args,
    const mfa_wire_Enrolled *enrolled)
{
	json_t *value;

	value = json_pack("{s:o,s:o,s:o,s:o,s:o,s:I}", "id",
	    mfa_out_json_text(enrolled->id), "label",
	    mfa_out_json_text(enrolled->label), "provider",
	    mfa_out_json_text(args->provider != NULL ? args->provider : "totp"),
	    "secret", text_or_null(enrolled->secret), "otpauth_url",
	    text_or_null(enrolled->otpauth_url), "expires_seconds",
	    (json_int_t)enrolled->expires_seconds);
	if (enrolled->warning[0] != '\0' && value != NULL &&
	    json_object_set_new(value, "warning",
		mfa_out_json_text(enrolled->warning)) != 0) {
		json_decref(value);
		value = NULL;
	}
	return mfa_out_json_line(value);
}
