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

static enum mfa_err
hashed_id(const char *name, char *out)
{
	static const char label[] = "medusa-mfa/subject/v1";
	const struct mfa_crypt_part parts[] = {
		{ label, sizeof(label) - 1 },
		{ name, strlen(name) },
	};
	uint8_t hash[MFA_CRYPT_HASH];
	enum mfa_err r;

	r = mfa_crypt_hash(NULL, parts, 2, hash, sizeof(hash));
	if (r != MFA_OK)
		return r;
	memcpy(out, "h-", 2);
	mfa_num_hex(hash, sizeof(hash), out + 2);
	return MFA_OK;
}

enum mfa_err
mfa_subject_id(const char *name, char *out)
{
	size_t need = 2, at = 2;

	for (const char *p = name; *p != '\0'; p++)
		need += kept(*p) ? 1 : 3;
	if (need > MFA_STORE_ID_MAX)
		return hashed_id(name, out);
	memcpy(out, "u-", 2);
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
	return MFA_OK;
}

void
mfa_subject_name(const char *id, char *out)
{
	char hex[3] = "";
	size_t at = 0;

	if (id[0] != 'u' || id[1] != '-') {
		(void)mfa_text_copy(out, MFA_SUBJECT_NAME + 1, id);
		return;
	}
	for (const char *p = id + 2; *p != '\0' && at < MFA_SUBJECT_NAME; p++) {
		uint8_t byte = (uint8_t)*p;

		if (*p == '%' && p[1] != '\0' && p[2] != '\0') {
			memcpy(hex, p + 1, 2);
			if (mfa_num_unhex(hex, &byte, 1) == MFA_OK)
				p += 2;
		}
		out[at++] = (char)byte;
	}
	out[at] = '\0';
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
	out->realm = MFA_REALM_UNIX;
	if (user[0] == '\0' ||
	    !mfa_text_copy(out->name, sizeof(out->name), user))
		return MFA_ERR_INVALID;
	r = look_up(user, out);
	if (r != MFA_OK && r != MFA_ERR_NO_USER)
		return r;
	id = mfa_subject_id(out->name, out->id);
	return id != MFA_OK ? id : r;
}
