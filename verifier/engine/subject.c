/* SPDX-License-Identifier: MIT */
#include "verifier/engine/subject.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"

#define PW_BUFFER_MAX (256 * 1024)

static bool
kept(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	    c == '-';
}

/* The name's bytes, each as itself or as %xx. */
static void
encode(const char *name, char *out)
{
	size_t at = 0;

	for (const char *p = name; *p != '\0'; p++) {
		uint8_t byte = (uint8_t)*p;

		if (kept(*p)) {
			out[at++] = *p;
			continue;
		}
		out[at++] = '%';
		mfa_num_hex(&byte, 1, out + at);
		at += 2;
	}
	out[at] = '\0';
}

/* Length of the same. */
static size_t
encoded(const char *name)
{
	size_t len = 0;

	for (const char *p = name; *p != '\0'; p++)
		len += kept(*p) ? 1 : 3;
	return len;
}

static enum mfa_err
hash_name(const char *name, char *out)
{
	static const char label[] = "medusa-mfa/subject/v1";
	const struct mfa_crypt_part parts[] = {
		{ label, sizeof(label) - 1 },
		{ name, strlen(name) },
	};
	uint8_t hash[MFA_CRYPT_HASH];
	enum mfa_err r;

	r = mfa_crypt_hash(NULL, parts, 2, hash, sizeof(hash));
	if (r == MFA_OK)
		mfa_num_hex(hash, sizeof(hash), out);
	return r;
}

/* "u-" and "h-", or with the realm "r-REALM%-" and "s-REALM%-". */
static size_t
put_head(const char *realm, bool hashed, char *out)
{
	bool host = strcmp(realm, MFA_REALM_UNIX) == 0;
	size_t len = strlen(realm);

	out[0] = host ? (hashed ? 'h' : 'u') : (hashed ? 's' : 'r');
	out[1] = '-';
	if (host)
		return 2;
	memcpy(out + 2, realm, len);
	memcpy(out + 2 + len, "%-", 2);
	return 2 + len + 2;
}

enum mfa_err
mfa_subject_id(const char *realm, const char *name, char *out)
{
	size_t head;

	if (!mfa_text_is_label(realm))
		return MFA_ERR_INVALID;
	head = put_head(realm, false, out);
	if (head + encoded(name) > MFA_STORE_ID_MAX) {
		head = put_head(realm, true, out);
		return hash_name(name, out + head);
	}
	encode(name, out + head);
	return MFA_OK;
}

/* What follows the head of an id, or NULL if it is no id of ours. */
static const char *
take_head(const char *id, char *realm, bool *hashed)
{
	const char *end = NULL;
	size_t len;

	memcpy(realm, MFA_REALM_UNIX, sizeof(MFA_REALM_UNIX));
	*hashed = id[0] == 'h' || id[0] == 's';
	if ((id[0] == 'u' || id[0] == 'h') && id[1] == '-')
		return id + 2;
	if ((id[0] == 'r' || id[0] == 's') && id[1] == '-')
		end = strstr(id, "%-");
	if (end == NULL)
		return NULL;
	len = (size_t)(end - id) - 2;
	if (len > MFA_SUBJECT_REALM)
		return NULL;
	memcpy(realm, id + 2, len);
	realm[len] = '\0';
	if (!mfa_text_is_label(realm) || strcmp(realm, MFA_REALM_UNIX) == 0) {
		memcpy(realm, MFA_REALM_UNIX, sizeof(MFA_REALM_UNIX));
		return NULL;
	}
	return end + 2;
}

/* One byte of an encoded name; false if it is not written as encode does. */
static bool
decode_byte(const char **text, char *out)
{
	char hex[3] = "";
	uint8_t byte = 0;

	if (kept(**text)) {
		*out = *(*text)++;
		return true;
	}
	if ((*text)[0] != '%' || (*text)[1] == '\0' || (*text)[2] == '\0')
		return false;
	memcpy(hex, *text + 1, 2);
	if (mfa_num_unhex(hex, &byte, 1) != MFA_OK || byte == 0 ||
	    kept((char)byte))
		return false;
	*out = (char)byte;
	*text += 3;
	return true;
}

/* False if text is not what encode makes of some name that fits. */
static bool
decode(const char *text, char *name)
{
	size_t at = 0;

	while (*text != '\0') {
		if (at == MFA_SUBJECT_NAME || !decode_byte(&text, name + at))
			return false;
		at++;
	}
	name[at] = '\0';
	return true;
}

void
mfa_subject_name(const char *id, char *realm, char *name)
{
	bool hashed;
	const char *rest = take_head(id, realm, &hashed);

	if (rest == NULL || hashed || !decode(rest, name))
		(void)mfa_text_copy(name, MFA_SUBJECT_NAME + 1, id);
}

/* getpwnam_r with a buffer that grows: an entry can be long. */
static enum mfa_err
look_up(const char *user, struct mfa_subject *out)
{
	struct passwd entry, *found = NULL;
	char *buffer = NULL, *bigger;
	size_t size = 4096;
	enum mfa_err r = MFA_ERR_NSS;
	int e;

	do {
		if ((bigger = realloc(buffer, size)) == NULL) {
			free(buffer);
			return MFA_ERR_MEMORY;
		}
		buffer = bigger;
		e = getpwnam_r(user, &entry, buffer, size, &found);
		size *= 2;
	} while ((e == ERANGE && size <= PW_BUFFER_MAX) || e == EINTR);

	if (found != NULL) {
		r = MFA_ERR_INVALID;
		if (mfa_text_copy(out->name, sizeof(out->name),
			entry.pw_name) && out->name[0] != '\0') {
			out->uid = entry.pw_uid;
			out->gid = entry.pw_gid;
			out->known = true;
			r = MFA_OK;
		}
	} else if (e == 0) {
		r = MFA_ERR_NO_USER;
	}
	free(buffer);
	return r;
}

enum mfa_err
mfa_subject_resolve(const char *user, struct mfa_subject *out)
{
	enum mfa_err r, id;

	memset(out, 0, sizeof(*out));
	memcpy(out->realm, MFA_REALM_UNIX, sizeof(MFA_REALM_UNIX));
	if (user[0] == '\0' ||
	    !mfa_text_copy(out->name, sizeof(out->name), user))
		return MFA_ERR_INVALID;
	r = look_up(user, out);
	if (r != MFA_OK && r != MFA_ERR_NO_USER)
		return r;
	id = mfa_subject_id(out->realm, out->name, out->id);
	return id != MFA_OK ? id : r;
}

static bool
has_control(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return true;
	}
	return false;
}

enum mfa_err
mfa_subject_in_realm(const char *realm, const char *user,
    struct mfa_subject *out)
{
	if (realm[0] == '\0' || strcmp(realm, MFA_REALM_UNIX) == 0)
		return mfa_subject_resolve(user, out);
	memset(out, 0, sizeof(*out));
	if (!mfa_text_is_label(realm))
		return MFA_ERR_INVALID;
	(void)mfa_text_copy(out->realm, sizeof(out->realm), realm);
	if (user[0] == '\0' || has_control(user) ||
	    !mfa_text_copy(out->name, sizeof(out->name), user))
		return MFA_ERR_INVALID;
	/* Whom it knows is its account's business. */
	out->known = true;
	return mfa_subject_id(realm, user, out->id);
}

/* ---- as text ---- */

void
mfa_subject_format(const struct mfa_subject *subject, char *out)
{
	size_t len = strlen(subject->realm);

	memcpy(out, subject->realm, len);
	out[len] = '.';
	encode(subject->name, out + len + 1);
}

enum mfa_err
mfa_subject_parse(const char *text, struct mfa_subject *out)
{
	const char *dot = strchr(text, '.');
	char realm[MFA_SUBJECT_REALM + 1];
	char name[MFA_SUBJECT_NAME + 1];
	size_t len;

	memset(out, 0, sizeof(*out));
	if (dot == NULL || (len = (size_t)(dot - text)) >= sizeof(realm))
		return MFA_ERR_SYNTAX;
	memcpy(realm, text, len);
	realm[len] = '\0';
	if (!mfa_text_is_label(realm) || !decode(dot + 1, name))
		return MFA_ERR_SYNTAX;
	return mfa_subject_in_realm(realm, name, out);
}
