/* SPDX-License-Identifier: MIT */
/*
 * A provider from outside: Yubico OTP with a local AES key, built by the tests
 * outside the tree (cc yubico_otp.c -lcrypto).  What it reads and writes:
 * medusa-mfa-programs(7).
 *
 * Enrolled by "PUBLICID PRIVATEID AESKEY": the public id in modhex, 1 to 16
 * characters; the private id, 6 bytes, and the key, 16 bytes, in hexadecimal.
 *
 * An answer is the public id and 16 encrypted bytes in modhex.  In the clear,
 * numbers with the low byte first: private id 6, use counter 2, timestamp 3,
 * session counter 1, random 2, CRC-16 2.  Both counters together must grow.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define INPUT	   1024
#define PUBLIC_MAX 16
#define PRIVATE	   6
#define BLOCK	   16
#define KEPT	   (2 + PUBLIC_MAX + PRIVATE + BLOCK + 3)

/* What is known of a token. */
struct token {
	char public_id[PUBLIC_MAX + 1];
	uint8_t private_id[PRIVATE];
	uint8_t key[BLOCK];
	uint32_t counter; /* use counter, session counter in the low byte */
};

/* Bytes from two characters each of an alphabet of 16. */
static bool
decode(const char *alphabet, const char *text, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < 2 * len; i++) {
		const char *at = text[i] == '\0' ? NULL :
						   strchr(alphabet, text[i]);

		if (at == NULL)
			return false;
		if (i % 2 == 0)
			out[i / 2] = (uint8_t)((at - alphabet) << 4);
		else
			out[i / 2] = (uint8_t)(out[i / 2] | (at - alphabet));
	}
	return text[2 * len] == '\0';
}

static bool
unhex(const char *text, uint8_t *out, size_t len)
{
	return decode("0123456789abcdef", text, out, len);
}

#define MODHEX "cbdefghijklnrtuv"

static bool
unmodhex(const char *text, uint8_t *out, size_t len)
{
	return decode(MODHEX, text, out, len);
}

/* ---- what is kept ---- */

static void
print_kept(const struct token *token)
{
	uint8_t bytes[KEPT] = { 1, (uint8_t)strlen(token->public_id) };
	uint8_t *p = bytes + 2;

	memcpy(p, token->public_id, strlen(token->public_id));
	p += PUBLIC_MAX;
	memcpy(p, token->private_id, PRIVATE);
	p += PRIVATE;
	memcpy(p, token->key, BLOCK);
	p += BLOCK;
	p[0] = (uint8_t)(token->counter >> 16);
	p[1] = (uint8_t)(token->counter >> 8);
	p[2] = (uint8_t)token->counter;
	(void)printf("kept: ");
	for (size_t i = 0; i < KEPT; i++)
		(void)printf("%02x", bytes[i]);
	(void)printf("\n");
}

static bool
read_kept(const char *hex, struct token *token)
{
	uint8_t bytes[KEPT];
	const uint8_t *p = bytes + 2;

	if (!unhex(hex, bytes, KEPT) || bytes[0] != 1 || bytes[1] < 1 ||
	    bytes[1] > PUBLIC_MAX)
		return false;
	memset(token, 0, sizeof(*token));
	memcpy(token->public_id, p, bytes[1]);
	p += PUBLIC_MAX;
	memcpy(token->private_id, p, PRIVATE);
	p += PRIVATE;
	memcpy(token->key, p, BLOCK);
	p += BLOCK;
	token->counter = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
	return true;
}

/* ---- the algorithm ---- */

/* CRC-16 of ISO 13239; over a block and its own CRC it is 0xf0b8. */
static uint16_t
crc16(const uint8_t *p, size_t len)
{
	unsigned int crc = 0xffff;

	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x8408 : 0);
	}
	return (uint16_t)crc;
}

static bool
decrypt(const uint8_t key[BLOCK], const uint8_t in[BLOCK], uint8_t out[BLOCK])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0, rest = 0;
	bool ok;

	ok = ctx != NULL &&
	    EVP_DecryptInit_ex2(ctx, EVP_aes_128_ecb(), key, NULL, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	    EVP_DecryptUpdate(ctx, out, &len, in, BLOCK) == 1 &&
	    EVP_DecryptFinal_ex(ctx, out + len, &rest) == 1 &&
	    len + rest == BLOCK;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

/* True for a fresh answer of this token, whose counter then stands there. */
static bool
accept_answer(struct token *token, const char *answer)
{
	const size_t prefix = strlen(token->public_id);
	uint8_t sealed[BLOCK], block[BLOCK];
	uint32_t counter;

	if (strncmp(answer, token->public_id, prefix) != 0 ||
	    !unmodhex(answer + prefix, sealed, BLOCK) ||
	    !decrypt(token->key, sealed, block))
		return false;
	if (crc16(block, BLOCK) != 0xf0b8 ||
	    CRYPTO_memcmp(block, token->private_id, PRIVATE) != 0)
		return false;
	/* The highest bit says that caps lock was on. */
	counter = (uint32_t)(block[7] & 0x7f) << 16 | (uint32_t)block[6] << 8 |
	    block[11];
	if (counter <= token->counter)
		return false;
	token->counter = counter;
	return true;
}

static bool
enroll(struct token *token, char *setup)
{
	char *private_id = strchr(setup, ' '), *key;

	memset(token, 0, sizeof(*token));
	if (private_id == NULL)
		return false;
	*private_id++ = '\0';
	if ((key = strchr(private_id, ' ')) == NULL)
		return false;
	*key++ = '\0';
	if (strlen(setup) < 1 || strlen(setup) > PUBLIC_MAX ||
	    strspn(setup, MODHEX) != strlen(setup))
		return false;
	memcpy(token->public_id, setup, strlen(setup));
	return unhex(private_id, token->private_id, PRIVATE) &&
	    unhex(key, token->key, BLOCK);
}

/* ---- the question ---- */

/* The value of the line at *p, which has to be of that name; NULL if not. */
static char *
line(char **p, const char *name)
{
	char *value = *p + strlen(name);
	char *end;

	if (strncmp(*p, name, strlen(name)) != 0 ||
	    (end = strchr(value, '\n')) == NULL)
		return NULL;
	*end = '\0';
	*p = end + 1;
	return value;
}

static int
answer_question(char *p)
{
	char *version = line(&p, "medusa-mfa-provider ");
	char *operation = version == NULL ? NULL : line(&p, "operation: ");
	char *now = operation == NULL ? NULL : line(&p, "time: ");
	char *kept, *text;
	struct token token;
	bool accepted;

	if (now == NULL || strcmp(version, "1") != 0)
		return 1;
	if (strcmp(operation, "enroll") == 0) {
		if ((text = line(&p, "setup: ")) == NULL || *p != '\0')
			return 1;
		accepted = enroll(&token, text);
	} else {
		if (strcmp(operation, "check") != 0 ||
		    (kept = line(&p, "kept: ")) == NULL ||
		    (text = line(&p, "answer: ")) == NULL || *p != '\0' ||
		    !read_kept(kept, &token))
			return 1;
		accepted = accept_answer(&token, text);
	}
	(void)printf("verdict: %s\n", accepted ? "accept" : "refuse");
	if (accepted)
		print_kept(&token);
	OPENSSL_cleanse(&token, sizeof(token));
	return fflush(stdout) == 0 ? 0 : 1;
}

int
main(void)
{
	char question[INPUT + 1];
	size_t len = fread(question, 1, INPUT, stdin);
	int status = 1;

	question[len] = '\0';
	if (len < INPUT && strlen(question) == len)
		status = answer_question(question);
	OPENSSL_cleanse(question, sizeof(question));
	return status;
}
