/* SPDX-License-Identifier: MIT */
#include "utils/import/found.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"

#define LONGEST 512 /* bits of a key, as the verifier takes it */

static const char symbols[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void
mfa_import_init(struct mfa_import_found *found)
{
	memset(found, 0, sizeof(*found));
	found->algorithm = "SHA1";
	found->digits = 6;
	found->period = 30;
}

void
mfa_import_wipe(struct mfa_import_found *found)
{
	mfa_secret_wipe(found, sizeof(*found));
}

void
mfa_import_refuse(struct mfa_import_found *found, const char *format, ...)
{
	va_list list;

	/* Nobody needs it any more. */
	mfa_secret_wipe(found->key, sizeof(found->key));
	if (found->refused[0] != '\0')
		return;
	va_start(list, format);
	(void)vsnprintf(found->refused, sizeof(found->refused), format, list);
	va_end(list);
}

void
mfa_import_note(struct mfa_import_found *found, const char *format, ...)
{
	size_t used = strlen(found->note);
	size_t room = sizeof(found->note) - used;
	size_t gap = used != 0 ? 2 : 0;
	char text[MFA_IMPORT_TEXT];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (strlen(text) + gap < room)
		(void)snprintf(found->note + used, room, "%s%s",
		    gap != 0 ? "; " : "", text);
}

/* ---- keys ---- */

/* Fills up the key, five bits at a time. */
struct packing {
	char *out;
	size_t count;
	unsigned int held; /* bits not written yet, in the low end */
	unsigned int bits;
};

static bool
push(struct packing *p, unsigned int value, unsigned int bits)
{
	p->held = (p->held << bits | value) & 0xffffU;
	for (p->bits += bits; p->bits >= 5; p->bits -= 5) {
		if (p->count + 1 >= MFA_IMPORT_KEY)
			return false;
		p->out[p->count++] = symbols[p->held >> (p->bits - 5) & 31U];
	}
	return true;
}

static void
judge(struct mfa_import_found *found, size_t bits)
{
	if (bits < MFA_IMPORT_BITS)
		mfa_import_refuse(found, "its key has %zu bits, at least %d "
		    "are needed: this user has to enrol anew", bits,
		    MFA_IMPORT_BITS);
	else if (bits > LONGEST)
		mfa_import_refuse(found, "its key has more than %d bits",
		    LONGEST);
	if (found->refused[0] != '\0')
		mfa_secret_wipe(found->key, sizeof(found->key));
}

static void
no_key(struct mfa_import_found *found, const char *form)
{
	mfa_import_refuse(found, "its key is not %s", form);
}

/* The value of a symbol, or -1. */
static int
value_of(const char *set, char c)
{
	const char *at;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	at = c != '\0' ? strchr(set, c) : NULL;
	return at != NULL ? (int)(at - set) : -1;
}

/* Bits after the last byte belong to no key: other programs pass them over. */
static void
drop_rest(struct packing *p)
{
	unsigned int rest = (unsigned int)(p->count * 5 % 8);
	int value;

	if (rest >= 5) {
		p->out[--p->count] = '\0';
		rest -= 5;
	}
	if (rest == 0 || p->count == 0)
		return;
	value = value_of(symbols, p->out[p->count - 1]);
	p->out[p->count - 1] = symbols[(unsigned int)value >> rest << rest];
}

void
mfa_import_key_base32(struct mfa_import_found *found, const char *text,
    size_t len)
{
	struct packing p = { .out = found->key };
	bool padded = false;

	for (size_t i = 0; i < len; i++) {
		int value = value_of(symbols, text[i]);

		if (text[i] == ' ' || text[i] == '-')
			continue;
		if (text[i] == '=') {
			padded = true;
			continue;
		}
		if (value < 0 || padded) {
			no_key(found, "base32");
			return;
		}
		if (!push(&p, (unsigned int)value, 5)) {
			judge(found, SIZE_MAX);
			return;
		}
	}
	drop_rest(&p);
	judge(found, p.count * 5 / 8 * 8);
}

void
mfa_import_key_hex(struct mfa_import_found *found, const char *text,
    size_t len)
{
	struct packing p = { .out = found->key };

	for (size_t i = 0; i < len; i++) {
		int value = value_of("0123456789ABCDEF", text[i]);

		if (value < 0 || len % 2 != 0) {
			no_key(found, "hexadecimal");
			return;
		}
		if (!push(&p, (unsigned int)value, 4)) {
			judge(found, SIZE_MAX);
			return;
		}
	}
	if (p.bits != 0 && !push(&p, 0, 5 - p.bits)) {
		judge(found, SIZE_MAX);
		return;
	}
	judge(found, len * 4);
}
