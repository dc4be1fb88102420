/* SPDX-License-Identifier: MIT */
/*
 * Whether a camera reads the drawing is tested with zbarimg in tests/host;
 * here: its size, its margin, its fit.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "utils/qr.h"

#define URL                                                              \
	"otpauth://totp/bastion.example.org:alice%40bastion.example.org" \
	"?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=bastion.example.org"

#define FULL "\xe2\x96\x88"

struct drawing {
	char *text;
	size_t len;
	size_t rows;
	size_t columns; /* of the first row, in characters */
};

static struct mfa_qr *
make(const char *text)
{
	struct mfa_qr *qr = NULL;

	assert_int_equal(mfa_qr_new(text, &qr), MFA_OK);
	assert_non_null(qr);
	return qr;
}

static size_t
characters(const char *line, size_t len)
{
	size_t n = 0;

	/* Continuation bytes of UTF-8 begin no character. */
	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)line[i] & 0xc0) != 0x80;
	return n;
}

/* Draws, and checks that all rows are equally wide. */
static struct drawing
draw(const struct mfa_qr *qr, enum mfa_qr_style style, unsigned int quiet)
{
	struct drawing d = { NULL, 0, 0, 0 };
	FILE *out = open_memstream(&d.text, &d.len);

	assert_non_null(out);
	assert_int_equal(mfa_qr_draw(qr, style, quiet, false, out), MFA_OK);
	assert_int_equal(fclose(out), 0);
	for (char *p = d.text; *p != '\0'; p += strcspn(p, "\n") + 1) {
		size_t n = characters(p, strcspn(p, "\n"));

		if (d.rows++ == 0)
			d.columns = n;
		assert_int_equal(n, d.columns);
	}
	return d;
}

static void
test_drawing_is_as_large_as_measured(void **state)
{
	static const enum mfa_qr_style styles[] = { MFA_QR_UTF8, MFA_QR_ASCII };
	struct mfa_qr *qr = make(URL);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (unsigned int quiet = 2; quiet <= 4; quiet++) {
			struct mfa_qr_size size =
			    mfa_qr_measure(qr, styles[i], quiet);
			struct drawing d = draw(qr, styles[i], quiet);

			assert_int_equal(d.columns, size.columns);
			assert_int_equal(d.rows, size.rows);
			free(d.text);
		}
	}
	mfa_qr_free(qr);
}

/* A usual URL fits a terminal of 80 columns and 24 lines, with a question. */
static void
test_usual_url_fits_80_by_24(void **state)
{
	struct mfa_qr *qr = make(URL);
	struct mfa_qr_size size;

	(void)state;
	size = mfa_qr_measure(qr, MFA_QR_UTF8, MFA_QR_QUIET_LEAST);
	assert_true(size.columns <= 80);
	assert_true(size.rows <= 23);
	mfa_qr_free(qr);
}

static void
test_smallest_symbol_is_version_1(void **state)
{
	struct mfa_qr *qr = make("A");
	struct mfa_qr_size size;

	(void)state;
	size = mfa_qr_measure(qr, MFA_QR_UTF8, 4);
	assert_int_equal(size.columns, 21 + 8);
	assert_int_equal(size.rows, 15);
	size = mfa_qr_measure(qr, MFA_QR_ASCII, 2);
	assert_int_equal(size.columns, 2 * (21 + 4));
	assert_int_equal(size.rows, 21 + 4);
	mfa_qr_free(qr);
}

/* The first modules of row y that are light, in ASCII. */
static size_t
light_from_left(const struct drawing *d, size_t y)
{
	const char *line = d->text + y * (d->columns + 1);

	return strspn(line, "#") / 2;
}

static void
test_quiet_zone_is_light_on_all_sides(void **state)
{
	struct mfa_qr *qr = make(URL);

	(void)state;
	for (unsigned int quiet = 2; quiet <= 4; quiet++) {
		struct drawing d = draw(qr, MFA_QR_ASCII, quiet);
		size_t least = d.columns;

		for (size_t y = 0; y < d.rows; y++) {
			const char *line = d.text + y * (d.columns + 1);
			bool margin = y < quiet || y >= d.rows - quiet;

			if (margin)
				assert_int_equal(strspn(line, "#"), d.columns);
			for (size_t x = 0; x < 2 * quiet; x++)
				assert_int_equal(line[d.columns - 1 - x], '#');
			if (light_from_left(&d, y) < least)
				least = light_from_left(&d, y);
		}
		/* The finder patterns touch the margin: it is no wider. */
		assert_int_equal(least, quiet);
		free(d.text);
	}
	mfa_qr_free(qr);
}

/* A finder pattern in the corner: 7 dark, 1 light; then 1 dark, 5 light. */
static void
test_finder_pattern_stands_in_the_corner(void **state)
{
	struct mfa_qr *qr = make(URL);
	struct drawing d = draw(qr, MFA_QR_ASCII, 2);
	const char *second = d.text + 3 * (d.columns + 1);

	(void)state;
	assert_memory_equal(
	    d.text + 2 * (d.columns + 1) + 4, "              ##", 16);
	assert_memory_equal(second + 4, "  ##########  ##", 16);
	free(d.text);
	mfa_qr_free(qr);
}

static void
test_half_blocks_show_the_same_modules(void **state)
{
	static const char *const cells[] = { " ", "\xe2\x96\x80",
		"\xe2\x96\x84", FULL };
	struct mfa_qr *qr = make("medusa");
	struct drawing ascii = draw(qr, MFA_QR_ASCII, 2);
	struct drawing utf8 = draw(qr, MFA_QR_UTF8, 2);
	const char *p = utf8.text;

	(void)state;
	for (size_t y = 0; y < utf8.rows; y++) {
		for (size_t x = 0; x < utf8.columns; x++) {
			const char *upper =
			    ascii.text + 2 * y * (ascii.columns + 1) + 2 * x;
			bool last = 2 * y + 1 == ascii.rows;
			size_t cell = *upper == '#';

			/* Below the last row all is light. */
			if (last || upper[ascii.columns + 1] == '#')
				cell += 2;
			assert_memory_equal(
			    p, cells[cell], strlen(cells[cell]));
			p += strlen(cells[cell]);
		}
		assert_int_equal(*p++, '\n');
	}
	free(ascii.text);
	free(utf8.text);
	mfa_qr_free(qr);
}

static void
test_fit_narrows_the_margin_then_gives_up(void **state)
{
	struct mfa_qr *qr = make(URL);
	unsigned int wide = mfa_qr_measure(qr, MFA_QR_UTF8, 4).columns;
	unsigned int high = mfa_qr_measure(qr, MFA_QR_UTF8, 4).rows;
	const struct {
		struct mfa_qr_size screen;
		unsigned int quiet;
	} cases[] = {
		{ { wide, 0 }, 4 },
		{ { wide + 100, high }, 4 },
		{ { wide - 1, 0 }, 2 },
		{ { wide - 4, 0 }, 2 },
		{ { wide - 5, 0 }, 0 },
		{ { 0, 0 }, 0 },
		/* Too few lines narrow it, but never hide it. */
		{ { wide, high - 1 }, 2 },
		{ { wide, 5 }, 2 },
		{ { wide - 5, 5 }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(mfa_qr_fit(qr, MFA_QR_UTF8, cases[i].screen),
		    cases[i].quiet);
	/* The same symbol in ASCII is wider than 80 columns. */
	assert_int_equal(
	    mfa_qr_fit(qr, MFA_QR_ASCII, (struct mfa_qr_size){ 80, 0 }), 0);
	mfa_qr_free(qr);
}

/* Without a terminal there are no escapes; with one every row ends plain. */
static void
test_colour_is_only_drawn_when_asked_for(void **state)
{
	static const enum mfa_qr_style styles[] = { MFA_QR_UTF8, MFA_QR_ASCII };
	struct mfa_qr *qr = make(URL);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct drawing d = draw(qr, styles[i], 4);
		char *text = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		assert_null(strchr(d.text, '\033'));
		assert_int_equal(
		    mfa_qr_draw(qr, styles[i], 4, true, out), MFA_OK);
		assert_int_equal(fclose(out), 0);
		for (char *p = text; *p != '\0'; p += strcspn(p, "\n") + 1) {
			assert_int_equal(*p, '\033');
			assert_memory_equal(
			    p + strcspn(p, "\n") - 4, "\033[0m", 4);
		}
		free(text);
		free(d.text);
	}
	mfa_qr_free(qr);
}

static void
test_text_that_no_symbol_holds_is_refused(void **state)
{
	char text[3001];
	struct mfa_qr *qr = (struct mfa_qr *)text;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(mfa_qr_new(text, &qr), MFA_ERR_INVALID);
	assert_null(qr);
	assert_int_equal(mfa_qr_new("", &qr), MFA_ERR_INVALID);
	assert_null(qr);
	mfa_qr_free(NULL);
}

static void
test_write_error_is_reported(void **state)
{
	struct mfa_qr *qr = make(URL);
	FILE *full = fopen("/dev/full", "we");

	(void)state;
	assert_non_null(full);
	(void)setvbuf(full, NULL, _IONBF, 0);
	assert_int_equal(
	    mfa_qr_draw(qr, MFA_QR_UTF8, 4, false, full), MFA_ERR_IO);
	(void)fclose(full);
	mfa_qr_free(qr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drawing_is_as_large_as_measured),
		cmocka_unit_test(test_usual_url_fits_80_by_24),
		cmocka_unit_test(test_smallest_symbol_is_version_1),
		cmocka_unit_test(test_quiet_zone_is_light_on_all_sides),
		cmocka_unit_test(test_finder_pattern_stands_in_the_corner),
		cmocka_unit_test(test_half_blocks_show_the_same_modules),
		cmocka_unit_test(test_fit_narrows_the_margin_then_gives_up),
		cmocka_unit_test(test_colour_is_only_drawn_when_asked_for),
		cmocka_unit_test(test_text_that_no_symbol_holds_is_refused),
		cmocka_unit_test(test_write_error_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
