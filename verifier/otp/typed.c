/* SPDX-License-Identifier: MIT */
#include "verifier/otp/typed.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/text.h"
#include "verifier/otp/hotp.h"

/* 1 if value >= least, else 0; both below 2^31. */
static unsigned int
at_least(unsigned int value, unsigned int least)
{
	return (least - 1U - value) >> 31;
}

/*
 * Crockford's alphabet, 0-9 and A-Z without I, L, O and U, by arithmetic: the
 * value is part of a fresh secret and must not become an address.
 */
static char
symbol(unsigned int value)
{
	return (char)('0' + value + at_least(value, 10) * ('A' - '9' - 1) +
	    at_least(value, 18) + at_least(value, 20) + at_least(value, 22) +
	    at_least(value, 27));
}

/* A typed character as the alphabet has it; 0 if it cannot be meant so. */
static char
fold(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return '0';
	if (c == 'I' || c == 'L')
		return '1';
	if (c == 'U')
		return 0;
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ? c : 0;
}

static bool
blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool
separator(uint8_t c)
{
	return blank(c) || c == '-';
}

/* Nothing but blanks, or a byte that no key makes. */
static bool
is_junk(const uint8_t *answer, size_t len)
{
	bool nothing = true;

	for (size_t i = 0; i < len; i++) {
		if (answer[i] != '\t' && (answer[i] < 0x20 || answer[i] > 0x7e))
			return true;
		if (!blank(answer[i]))
			nothing = false;
	}
	return nothing;
}

/*
 * Copies what is not a separator.  More than a recovery code has means that
 * it is neither form: the length says so, the excess is not kept.
 */
static size_t
squeeze(const uint8_t *answer, size_t len, char *out)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		if (separator(answer[i]))
			continue;
		if (used < MFA_TYPED_RECOVERY)
			out[used] = (char)answer[i];
		used++;
	}
	return used;
}

static bool
all_digits(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return true;
}

static bool
fold_all(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((text[i] = fold(text[i])) == 0)
			return false;
	}
	return true;
}

/* A label in any case, or nothing. */
static bool
read_label(const uint8_t *answer, size_t len, struct mfa_typed *out)
{
	char label[MFA_TYPED_LABEL + 1] = "";

	if (len > MFA_TYPED_LABEL)
		return false;
	for (size_t i = 0; i < len; i++) {
		label[i] = (char)answer[i];
		if (answer[i] >= 'A' && answer[i] <= 'Z')
			label[i] = (char)(answer[i] - 'A' + 'a');
	}
	if (len != 0 && !mfa_text_is_label(label))
		return false;
	memcpy(out->text, label, len);
	out->len = len;
	return true;
}

/*
 * "send" and perhaps a label; no blanks around it.  A recovery code could be
 * written so only if its first group were SEND, and the blank after it the
 * only one.
 */
static bool
read_send(const uint8_t *answer, size_t len, struct mfa_typed *out)
{
	static const char word[] = "SEND";
	size_t n = sizeof(word) - 1;

	if (len < n || (len > n && !blank(answer[n])))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (answer[i] != word[i] && answer[i] != word[i] - 'A' + 'a')
			return false;
	}
	while (n < len && blank(answer[n]))
		n++;
	return read_label(answer + n, len - n, out);
}

/* Digits or a recovery code. */
static enum mfa_typed_form
read_code(const uint8_t *answer, size_t len, struct mfa_typed *out)
{
	out->len = squeeze(answer, len, out->text);
	if (out->len >= MFA_HOTP_DIGITS_MIN &&
	    out->len <= MFA_HOTP_DIGITS_MAX && all_digits(out->text, out->len))
		return MFA_TYPED_DIGITS;
	if (out->len == MFA_TYPED_RECOVERY && fold_all(out->text, out->len))
		return MFA_TYPED_RECOVERY_CODE;
	return MFA_TYPED_MALFORMED;
}

void
mfa_typed_parse(const uint8_t *answer, size_t len, struct mfa_typed *out)
{
	memset(out, 0, sizeof(*out));
	out->form = MFA_TYPED_JUNK;
	if (len > MFA_TYPED_MAX)
		return;
	while (len > 0 && (answer[len - 1] == '\r' || answer[len - 1] == '\n'))
		len--;
	if (is_junk(answer, len))
		return;
	while (blank(answer[len - 1]))
		len--;
	for (; blank(answer[0]); len--)
		answer++;
	if (read_send(answer, len, out)) {
		out->form = MFA_TYPED_SEND;
		return;
	}
	out->form = read_code(answer, len, out);
	if (out->form != MFA_TYPED_MALFORMED)
		return;
	mfa_typed_wipe(out);
	out->form = MFA_TYPED_MALFORMED;
	memcpy(out->text, answer, len);
	out->len = len;
}

void
mfa_typed_wipe(struct mfa_typed *typed)
{
	mfa_crypt_wipe(typed, sizeof(*typed));
}

void
mfa_typed_recovery_format(const uint8_t bytes[15],
    char out[MFA_TYPED_RECOVERY_TEXT])
{
	unsigned int held = 0;
	unsigned int bits = 0;
	size_t symbols = 0;
	char *p = out;

	for (size_t i = 0; i < 15; i++) {
		held = (held & 31U) << 8 | bytes[i];
		for (bits += 8; bits >= 5; bits -= 5) {
			if (symbols++ % 4 == 0 && p != out)
				*p++ = '-';
			*p++ = symbol(held >> (bits - 5) & 31U);
		}
	}
	*p = '\0';
}
