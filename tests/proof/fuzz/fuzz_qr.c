/* SPDX-License-Identifier: MIT */
/*
 * The reader of QR codes, as it is but for its main.  The first byte: 0, and
 * the rest is a PNG file; else the width of a picture whose points follow, a
 * bit each, and are drawn three by three.
 */
#define main fuzz_qr_main
int fuzz_qr_main(void);
#include "programs/import_qr.c"
#undef main

#include "tests/proof/fuzz/fuzz.h"

#define SCALE 3U
#define WIDE  64U

static enum mfa_err
draw(struct fuzz_in *in, unsigned int width)
{
	unsigned int height = (unsigned int)(in->left * 8 / width);
	struct picture picture = { .width = width * SCALE };
	enum mfa_err r;

	if (height > WIDE)
		height = WIDE;
	if (height == 0)
		return MFA_ERR_SYNTAX;
	picture.height = height * SCALE;
	picture.size = (size_t)picture.width * picture.height;
	picture.grey = malloc(picture.size);
	FUZZ_WANT(picture.grey != NULL);
	for (size_t i = 0; i < picture.size; i++) {
		size_t x = i % picture.width / SCALE;
		size_t bit = i / picture.width / SCALE * width + x;

		picture.grey[i] = (in->p[bit / 8] >> (7 - bit % 8) & 1) != 0 ?
		    0 : 255;
	}
	r = scan(&picture);
	free(picture.grey);
	return r;
}

static enum mfa_err
read_png(struct fuzz_in *in)
{
	struct picture picture = { .grey = NULL };
	enum mfa_err r = in->left != 0 ? decode(in->p, in->left, &picture) :
					 MFA_ERR_SYNTAX;

	if (r != MFA_OK) {
		FUZZ_WANT(picture.grey == NULL);
		return r;
	}
	FUZZ_WANT(picture.width <= SIDE && picture.height <= SIDE &&
	    picture.size == (size_t)picture.width * picture.height);
	/* Larger ones take a scanner seconds. */
	r = picture.size <= 65536 ? scan(&picture) : MFA_ERR_NOT_FOUND;
	free(picture.grey);
	return r;
}

static void
run(const uint8_t *data, size_t size)
{
	struct fuzz_in in = { data, size };
	unsigned int width = fuzz_byte(&in) % WIDE;
	FILE *before = stdout, *page;
	char *out = NULL;
	size_t len = 0;
	enum mfa_err r;

	page = open_memstream(&out, &len);
	FUZZ_WANT(page != NULL);
	stdout = page;
	r = width != 0 ? draw(&in, width) : read_png(&in);
	stdout = before;
	(void)fclose(page);
	/* Lines, or nothing. */
	FUZZ_WANT((r == MFA_OK) == (len != 0));
	FUZZ_WANT(len == 0 || (out[len - 1] == '\n' &&
	    memchr(out, '\r', len) == NULL));
	free(out);
}

const struct fuzz_target fuzz_qr = { "qr",
	"R16 texts of QR codes are lines", NULL, run, NULL, 0, 0 };
