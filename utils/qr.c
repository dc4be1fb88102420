/* SPDX-License-Identifier: MIT */
#include "utils/qr.h"

#include <errno.h>
#include <stdlib.h>

#include <qrencode.h>

#include "lib/base/secret.h"

#define UPPER "\xe2\x96\x80" /* U+2580 */
#define LOWER "\xe2\x96\x84" /* U+2584 */
#define FULL  "\xe2\x96\x88" /* U+2588 */

/* The 16 colours that every terminal has; bold makes grey white. */
#define LIGHT_ON_DARK "\033[40;37;1m"
#define LIGHT	      "\033[47;37m"
#define DARK	      "\033[40;30m"
#define PLAIN	      "\033[0m"

struct mfa_qr {
	QRcode *code;
	int width; /* modules a side, without the margin */
};

enum mfa_err
mfa_qr_new(const char *text, struct mfa_qr **out)
{
	struct mfa_qr *qr;

	*out = NULL;
	qr = calloc(1, sizeof(*qr));
	if (qr == NULL)
		return MFA_ERR_MEMORY;
	qr->code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
	if (qr->code == NULL) {
		free(qr);
		return errno == ENOMEM ? MFA_ERR_MEMORY : MFA_ERR_INVALID;
	}
	qr->width = qr->code->width;
	*out = qr;
	return MFA_OK;
}

void
mfa_qr_free(struct mfa_qr *qr)
{
	if (qr == NULL)
		return;
	mfa_secret_wipe(qr->code->data, (size_t)qr->width * (size_t)qr->width);
	QRcode_free(qr->code);
	free(qr);
}

struct mfa_qr_size
mfa_qr_measure(const struct mfa_qr *qr, enum mfa_qr_style style,
    unsigned int quiet)
{
	unsigned int side = (unsigned int)qr->width + 2 * quiet;

	if (style == MFA_QR_ASCII)
		return (struct mfa_qr_size){ 2 * side, side };
	return (struct mfa_qr_size){ side, (side + 1) / 2 };
}

unsigned int
mfa_qr_fit(const struct mfa_qr *qr, enum mfa_qr_style style,
    struct mfa_qr_size screen)
{
	struct mfa_qr_size wide = mfa_qr_measure(qr, style, MFA_QR_QUIET);
	struct mfa_qr_size least = mfa_qr_measure(qr, style,
	    MFA_QR_QUIET_LEAST);

	if (wide.columns <= screen.columns &&
	    (screen.rows == 0 || wide.rows <= screen.rows))
		return MFA_QR_QUIET;
	return least.columns <= screen.columns ? MFA_QR_QUIET_LEAST : 0;
}

/* True for a light module; everything around the symbol is light. */
static bool
light(const struct mfa_qr *qr, int x, int y)
{
	if (x < 0 || y < 0 || x >= qr->width || y >= qr->width)
		return true;
	return (qr->code->data[y * qr->width + x] & 1) == 0;
}

static void
draw_utf8_row(const struct mfa_qr *qr, int y, int margin, FILE *out)
{
	for (int x = -margin; x < qr->width + margin; x++) {
		bool upper = light(qr, x, y), lower = light(qr, x, y + 1);

		if (upper)
			(void)fputs(lower ? FULL : UPPER, out);
		else
			(void)fputs(lower ? LOWER : " ", out);
	}
}

/* A run of equal modules shares one escape. */
static void
draw_ascii_row(const struct mfa_qr *qr, int y, int margin, bool colour,
    FILE *out)
{
	bool before = false;

	for (int x = -margin; x < qr->width + margin; x++) {
		bool on = light(qr, x, y);

		if (colour && (x == -margin || on != before))
			(void)fputs(on ? LIGHT : DARK, out);
		(void)fputs(on ? "##" : "  ", out);
		before = on;
	}
}

enum mfa_err
mfa_qr_draw(const struct mfa_qr *qr, enum mfa_qr_style style,
    unsigned int quiet, bool colour, FILE *out)
{
	int margin = (int)quiet;
	int step = style == MFA_QR_ASCII ? 1 : 2;

	for (int y = -margin; y < qr->width + margin; y += step) {
		if (style == MFA_QR_ASCII) {
			draw_ascii_row(qr, y, margin, colour, out);
		} else {
			if (colour)
				(void)fputs(LIGHT_ON_DARK, out);
			draw_utf8_row(qr, y, margin, out);
		}
		(void)fputs(colour ? PLAIN "\n" : "\n", out);
	}
	return ferror(out) != 0 ? MFA_ERR_IO : MFA_OK;
}
