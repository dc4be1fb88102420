/* SPDX-License-Identifier: MIT */
/*
 * medusa-mfa-import-qr: the texts of the QR codes in a PNG image, one a line.
 * The image comes on standard input.  Run by medusa-mfa import, which judges
 * the lines.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>
#include <zbar.h>

#include "lib/base/secret.h"
#include "programs/program.h"

#define NAME	  "medusa-mfa-import-qr"
#define SIDE	  8192U /* pixels */
#define FILE_SIZE (16U * 1024 * 1024)

/* Grey, 8 bits a pixel: what zbar calls Y800. */
struct picture {
	unsigned int width;
	unsigned int height;
	uint8_t *grey;
	size_t size;
};

static enum mfa_err
read_all(uint8_t **out, size_t *len)
{
	uint8_t *bytes = malloc(FILE_SIZE);

	if (bytes == NULL)
		return MFA_ERR_MEMORY;
	/* stdio would keep a copy. */
	(void)setvbuf(stdin, NULL, _IONBF, 0);
	*len = fread(bytes, 1, FILE_SIZE, stdin);
	if (ferror(stdin) != 0 || *len == FILE_SIZE) {
		mfa_secret_wipe(bytes, *len);
		free(bytes);
		return MFA_ERR_INVALID;
	}
	*out = bytes;
	return MFA_OK;
}

/* Transparent parts are white, as a screen shows them. */
static enum mfa_err
decode(const uint8_t *bytes, size_t len, struct picture *out)
{
	const png_color white = { 255, 255, 255 };
	png_image image;
	uint8_t *grey;

	memset(&image, 0, sizeof(image));
	image.version = PNG_IMAGE_VERSION;
	if (png_image_begin_read_from_memory(&image, bytes, len) == 0)
		return MFA_ERR_SYNTAX;
	if (image.width > SIDE || image.height > SIDE) {
		png_image_free(&image);
		return MFA_ERR_INVALID;
	}
	image.format = PNG_FORMAT_GRAY;
	out->size = (size_t)image.width * image.height;
	grey = malloc(out->size != 0 ? out->size : 1);
	if (grey == NULL) {
		png_image_free(&image);
		return MFA_ERR_MEMORY;
	}
	if (png_image_finish_read(&image, &white, grey, 0, NULL) == 0) {
		free(grey);
		return MFA_ERR_SYNTAX;
	}
	out->width = image.width;
	out->height = image.height;
	out->grey = grey;
	return MFA_OK;
}

/* A line break within a text would make two of it. */
static bool
print_texts(zbar_image_t *image)
{
	const zbar_symbol_t *symbol = zbar_image_first_symbol(image);
	bool any = false;

	for (; symbol != NULL; symbol = zbar_symbol_next(symbol)) {
		const char *text = zbar_symbol_get_data(symbol);

		if (zbar_symbol_get_type(symbol) != ZBAR_QRCODE ||
		    text[strcspn(text, "\r\n")] != '\0')
			continue;
		(void)printf("%s\n", text);
		any = true;
	}
	return any;
}

static enum mfa_err
scan(const struct picture *picture)
{
	zbar_image_scanner_t *scanner = zbar_image_scanner_create();
	zbar_image_t *image = zbar_image_create();
	enum mfa_err r = MFA_ERR_MEMORY;

	if (scanner == NULL || image == NULL)
		goto out;
	(void)zbar_image_scanner_set_config(scanner, ZBAR_NONE,
	    ZBAR_CFG_ENABLE, 0);
	(void)zbar_image_scanner_set_config(scanner, ZBAR_QRCODE,
	    ZBAR_CFG_ENABLE, 1);
	zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
	zbar_image_set_size(image, picture->width, picture->height);
	zbar_image_set_data(image, picture->grey, picture->size, NULL);
	r = MFA_ERR_NOT_FOUND;
	if (zbar_scan_image(scanner, image) > 0 && print_texts(image))
		r = MFA_OK;
out:
	if (image != NULL)
		zbar_image_destroy(image);
	if (scanner != NULL)
		zbar_image_scanner_destroy(scanner);
	return r;
}

static const char *
trouble(enum mfa_err r)
{
	switch (r) {
	case MFA_ERR_SYNTAX:
		return "this is no PNG image";
	case MFA_ERR_INVALID:
		return "the image is too large";
	case MFA_ERR_NOT_FOUND:
		return "there is no QR code in the image";
	default:
		return mfa_strerror(r);
	}
}

int
main(void)
{
	struct mfa_program_problem problem;
	struct picture picture = { .grey = NULL };
	uint8_t *bytes = NULL;
	size_t len = 0;
	enum mfa_err r = mfa_program_begin();

	if (r == MFA_OK)
		r = read_all(&bytes, &len);
	if (r == MFA_OK)
		r = decode(bytes, len, &picture);
	if (r == MFA_OK)
		r = scan(&picture);
	if (picture.grey != NULL)
		mfa_secret_wipe(picture.grey, picture.size);
	if (bytes != NULL)
		mfa_secret_wipe(bytes, len);
	free(picture.grey);
	free(bytes);
	if (fflush(stdout) != 0 && r == MFA_OK)
		r = MFA_ERR_IO;
	if (r == MFA_OK)
		return EXIT_SUCCESS;
	mfa_program_explain(&problem, "%s", trouble(r));
	return mfa_program_fail(NAME, &problem);
}
