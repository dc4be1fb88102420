/* SPDX-License-Identifier: MIT */
/*
 * QR codes in text: ISO/IEC 18004 symbols by libqrencode.
 *
 * Light modules are drawn, dark ones left blank, as a dark terminal needs it;
 * with colour both are set, so that a light terminal shows the same.
 */
#ifndef MFA_UTILS_QR_H
#define MFA_UTILS_QR_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/base/err.h"

/* The numbers are those of --qr, 0 where it is not given. */
enum mfa_qr_style {
	MFA_QR_AUTO = 0,
	MFA_QR_UTF8 = 1,  /* half blocks, a character is two modules high */
	MFA_QR_ASCII = 2, /* two characters a module */
	MFA_QR_NONE = 3
};

#define MFA_QR_QUIET	   4 /* modules of margin that the standard wants */
#define MFA_QR_QUIET_LEAST 2 /* still read by the phones' cameras */

struct mfa_qr; /* holds a secret: mfa_qr_free */

struct mfa_qr_size {
	unsigned int columns;
	unsigned int rows;
};

/*
 * Makes the symbol of a text, the smallest at error correction level L.
 *
 * text: NUL-terminated
 * out:  NULL on failure; free with mfa_qr_free
 *
 * Returns: MFA_OK; MFA_ERR_INVALID if no symbol holds it; MFA_ERR_MEMORY.
 */
enum mfa_err mfa_qr_new(const char *text, struct mfa_qr **out) MFA_MUST_USE;

/* Wipes and frees.  Takes NULL. */
void mfa_qr_free(struct mfa_qr *qr);

/*
 * Characters that the drawing takes.
 *
 * style: UTF8 or ASCII
 * quiet: modules of margin
 */
struct mfa_qr_size mfa_qr_measure(const struct mfa_qr *qr,
    enum mfa_qr_style style, unsigned int quiet);

/*
 * The widest margin with which the drawing fits.  Too few rows make it narrow
 * but refuse nothing: people can enlarge a window.
 *
 * screen: columns and rows there are; rows 0 where there is no end of them
 *
 * Returns: MFA_QR_QUIET, MFA_QR_QUIET_LEAST, or 0 if the columns are too few.
 */
unsigned int mfa_qr_fit(const struct mfa_qr *qr, enum mfa_qr_style style,
    struct mfa_qr_size screen);

/*
 * Draws.
 *
 * style:  UTF8 or ASCII
 * quiet:  from mfa_qr_fit
 * colour: with terminal escapes for black and white
 *
 * Returns: MFA_OK or MFA_ERR_IO.
 */
enum mfa_err mfa_qr_draw(const struct mfa_qr *qr, enum mfa_qr_style style,
    unsigned int quiet, bool colour, FILE *out) MFA_MUST_USE;

#endif
