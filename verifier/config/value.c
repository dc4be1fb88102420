/* SPDX-License-Identifier: MIT */
#include "verifier/config/value.h"

#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"

#define UID_MOST (UINT32_MAX - 1) /* the last one means "none" */
#define JOINED_MOST 1024

static void *
field(const struct mfa_config_option *option, void *base)
{
	return (char *)base + option->offset;
}

enum mfa_err
mfa_config_value_number(const struct mfa_config_option *option,
    const char *value, void *base)
{
	uint64_t parsed;
	uint32_t narrow;
	enum mfa_err r;

	r = mfa_num_parse(value, option->min, option->max, &parsed);
	if (r != MFA_OK)
		return r;
	narrow = (uint32_t)parsed;
	memcpy(field(option, base), &narrow, sizeof(narrow));
	return MFA_OK;
}

/*
 * Absolute, printable, no component "." or "..": as lib/base/path.h opens.  A
 * folder that is called " # ours" is a comment at the wrong place.
 */
static bool
is_plain_path(const char *path)
{
	if (path[0] != '/' || !mfa_text_printable(path) ||
	    mfa_text_looks_commented(path))
		return false;
	while (*path != '\0') {
		size_t len = strcspn(path, "/");

		if ((len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += len;
		path += strspn(path, "/");
	}
	return true;
}

/* Stores text in an array of size bytes. */
static enum mfa_err
keep_text(const struct mfa_config_option *option, const char *value,
    size_t size, void *base)
{
	if (strlen(value) >= size)
		return MFA_ERR_INVALID;
	memcpy(field(option, base), value, strlen(value) + 1);
	return MFA_OK;
}

enum mfa_err
mfa_config_value_path(const struct mfa_config_option *option,
    const char *value, void *base)
{
	if (!is_plain_path(value))
		return MFA_ERR_SYNTAX;
	return keep_text(option, value, MFA_CONFIG_PATH, base);
}

enum mfa_err
mfa_config_value_folder(const struct mfa_config_option *option,
    const char *value, void *base)
{
	if (value[0] == '\0')
		return keep_text(option, value, MFA_CONFIG_PATH, base);
	return mfa_config_value_path(option, value, base);
}

enum mfa_err
mfa_config_value_program(const struct mfa_config_option *option,
    const char *value, void *base)
{
	const size_t len = strlen(value);

	if (len == 0 || value[len - 1] == '/')
		return MFA_ERR_SYNTAX;
	return mfa_config_value_path(option, value, base);
}

enum mfa_err
mfa_config_value_delivery(const struct mfa_config_option *option,
    const char *value, void *base)
{
	if (value[0] == '\0')
		return keep_text(option, value, MFA_CONFIG_PATH, base);
	return mfa_config_value_program(option, value, base);
}

enum mfa_err
mfa_config_value_store(const struct mfa_config_option *option,
    const char *value, void *base)
{
	const size_t len = strlen(MFA_CONFIG_STORE_SCHEME);

	if (strncmp(value, MFA_CONFIG_STORE_SCHEME, len) != 0 ||
	    !is_plain_path(value + len))
		return MFA_ERR_SYNTAX;
	return keep_text(option, value, MFA_CONFIG_PATH, base);
}

/* A ':' would end the issuer in the label of an otpauth URI. */
enum mfa_err
mfa_config_value_issuer(const struct mfa_config_option *option,
    const char *value, void *base)
{
	if (!mfa_text_printable(value) || strchr(value, ':') != NULL)
		return MFA_ERR_SYNTAX;
	return keep_text(option, value,
	    sizeof(((struct mfa_config_realm *)NULL)->issuer), base);
}

enum mfa_err
mfa_config_value_require(const struct mfa_config_option *option,
    const char *value, void *base)
{
	enum mfa_require require;

	if (strcmp(value, "enrolled") == 0)
		require = MFA_REQUIRE_ENROLLED;
	else if (strcmp(value, "all") == 0)
		require = MFA_REQUIRE_ALL;
	else
		return MFA_ERR_SYNTAX;
	memcpy(field(option, base), &require, sizeof(require));
	return MFA_OK;
}

/* The numbers are those of record.proto, enum Algorithm. */
enum mfa_err
mfa_config_value_algorithm(const struct mfa_config_option *option,
    const char *value, void *base)
{
	uint32_t algorithm;

	if (strcmp(value, "SHA1") == 0)
		algorithm = 1;
	else if (strcmp(value, "SHA256") == 0)
		algorithm = 2;
	else if (strcmp(value, "SHA512") == 0)
		algorithm = 3;
	else
		return MFA_ERR_SYNTAX;
	memcpy(field(option, base), &algorithm, sizeof(algorithm));
	return MFA_OK;
}

size_t
mfa_config_value_word(const char **rest)
{
	*rest += strspn(*rest, " \t");
	return strcspn(*rest, " \t");
}

static bool
is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

uint32_t
mfa_config_value_built_in(const char *name, size_t len)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} all[] = {
		{ "totp", MFA_PROVIDES_TOTP },
		{ "recovery_code", MFA_PROVIDES_RECOVERY_CODE },
		{ "hotp", MFA_PROVIDES_HOTP },
		{ "otp", MFA_PROVIDES_OTP },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (is_word(name, len, all[i].name))
			return all[i].bit;
	}
	return 0;
}

bool
mfa_config_value_is_outside(const char *name)
{
	const size_t len = strlen(name);

	return mfa_text_is_label(name) && len < MFA_CONFIG_PROVIDER &&
	    mfa_config_value_built_in(name, len) == 0;
}

bool
mfa_config_value_is_provider(const char *name, size_t len)
{
	char word[MFA_CONFIG_PROVIDER];

	if (mfa_config_value_built_in(name, len) != 0)
		return true;
	if (len >= sizeof(word))
		return false;
	memcpy(word, name, len);
	word[len] = '\0';
	return mfa_config_value_is_outside(word);
}

/* True if the words before it, size bytes, have this one already. */
static bool
is_repeated(const char *words, size_t size, const char *name, size_t len)
{
	const char *p = words;

	for (size_t n; (n = mfa_config_value_word(&p)) != 0 && p < words + size;
	    p += n) {
		if (n == len && memcmp(p, name, len) == 0)
			return true;
	}
	return false;
}

enum mfa_err
mfa_config_value_join(const char *value,
    bool (*fits)(const char *word, size_t len), char *out, size_t size)
{
	char kept[JOINED_MOST] = "";
	size_t len, used = 0;

	for (const char *p = value; (len = mfa_config_value_word(&p)) != 0;
	    p += len) {
		if (!fits(p, len) ||
		    is_repeated(value, (size_t)(p - value), p, len))
			return MFA_ERR_SYNTAX;
		if (used + 1 + len >= size || used + 1 + len >= sizeof(kept))
			return MFA_ERR_INVALID;
		if (used != 0)
			kept[used++] = ' ';
		memcpy(kept + used, p, len);
		used += len;
		kept[used] = '\0';
	}
	memcpy(out, kept, used + 1);
	return MFA_OK;
}

enum mfa_err
mfa_config_value_names(const struct mfa_config_option *option,
    const char *value, void *base)
{
	char kept[sizeof(((struct mfa_config_realm *)NULL)->providers)];
	bool factor = false;
	size_t len;
	enum mfa_err r;

	r = mfa_config_value_join(value, mfa_config_value_is_provider, kept,
	    sizeof(kept));
	if (r != MFA_OK)
		return r;
	for (const char *p = kept; (len = mfa_config_value_word(&p)) != 0;
	    p += len)
		factor |= !is_word(p, len, "recovery_code");
	return factor ? keep_text(option, kept, sizeof(kept), base) :
			MFA_ERR_SYNTAX;
}

/*
 * A pattern, a list by commas or the name of a group would name nobody and
 * look as if it did.
 */
bool
mfa_config_value_is_user(const char *name, size_t len)
{
	return strchr("#%@+-", name[0]) == NULL &&
	    strcspn(name, "*?[],;:/\"=") >= len;
}

enum mfa_err
mfa_config_value_users(const struct mfa_config_option *option,
    const char *value, void *base)
{
	struct mfa_config *config = base;
	const char *p;
	uint32_t count = 0;
	size_t len;

	(void)option;
	for (p = value; (len = mfa_config_value_word(&p)) != 0; p += len) {
		if (!mfa_config_value_is_user(p, len) ||
		    len >= sizeof(config->exempt_users[0]))
			return MFA_ERR_SYNTAX;
		if (++count > MFA_CONFIG_USERS)
			return MFA_ERR_INVALID;
	}
	memset(config->exempt_users, 0, sizeof(config->exempt_users));
	config->exempt_count = 0;
	for (p = value; (len = mfa_config_value_word(&p)) != 0; p += len)
		memcpy(config->exempt_users[config->exempt_count++], p, len);
	return MFA_OK;
}

/*
 * libpam turns the names of services into lower case and drops folders: others
 * would never match.
 */
bool
mfa_config_value_is_service(const char *name, size_t len)
{
	return len < MFA_CONFIG_SERVICE &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._+@-") >= len;
}

enum mfa_err
mfa_config_value_services(const struct mfa_config_option *option,
    const char *value, void *base)
{
	struct mfa_config *config = base;
	const char *p;
	uint32_t count = 0;
	size_t len;

	(void)option;
	for (p = value; (len = mfa_config_value_word(&p)) != 0; p += len) {
		if (!mfa_config_value_is_service(p, len))
			return MFA_ERR_SYNTAX;
		if (++count > MFA_CONFIG_SERVICES)
			return MFA_ERR_INVALID;
	}
	memset(config->otp_services, 0, sizeof(config->otp_services));
	config->otp_service_count = 0;
	for (p = value; (len = mfa_config_value_word(&p)) != 0; p += len)
		memcpy(config->otp_services[config->otp_service_count++], p,
		    len);
	return MFA_OK;
}

/* One user, by name or uid.  Root needs no realm: it may do everything. */
enum mfa_err
mfa_config_value_account(const struct mfa_config_option *option,
    const char *value, void *base)
{
	const char *word = value;
	const size_t len = mfa_config_value_word(&word);
	uint64_t uid;

	if (word != value || len == 0 || value[len] != '\0' ||
	    !mfa_text_printable(value) || !mfa_config_value_is_user(value, len) ||
	    strcmp(value, "root") == 0)
		return MFA_ERR_SYNTAX;
	if (strspn(value, "0123456789") == len &&
	    mfa_num_parse(value, 1, UID_MOST, &uid) != MFA_OK)
		return MFA_ERR_INVALID;
	return keep_text(option, value,
	    sizeof(((struct mfa_config_realm *)NULL)->account), base);
}

#define A_PATH                                                                 \
	"an absolute path without . or .. components, 255 bytes at most"

/* clang-format off */
#define KIND(kind, sentence) { mfa_config_value_##kind, "must be " sentence }

const char *
mfa_config_value_sentence(const struct mfa_config_option *option)
{
	static const struct {
		enum mfa_err (*parse)(const struct mfa_config_option *option,
		    const char *value, void *base);
		const char *sentence;
	} kinds[] = {
		KIND(path, A_PATH),
		KIND(folder, "empty or " A_PATH),
		KIND(program, A_PATH ", that of a program"),
		KIND(delivery, "empty or " A_PATH ", that of a program"),
		KIND(store, "file: and an absolute path, 255 bytes at most; "
		    "file is the only store known"),
		KIND(issuer, "printable ASCII without a colon, 64 bytes at "
		    "most"),
		KIND(require, "enrolled or all"),
		KIND(users, "at most 64 user names of at most 256 bytes, "
		    "separated by blanks; no wildcards, no groups"),
		KIND(names, "totp, hotp, otp or names of provider "
		    "sections, also recovery_code, each once, separated by "
		    "blanks"),
		KIND(algorithm, "SHA1, SHA256 or SHA512"),
		KIND(services, "at most 32 PAM services of at most 64 "
		    "lower-case letters, digits and ._+@-, separated by "
		    "blanks"),
		KIND(self_enroll, "invite, no, yes or until YYYY-MM-DD"),
		KIND(rule_user, "user names separated by blanks, each once, "
		    "512 bytes at most; no wildcards, no groups"),
		KIND(rule_group, "names of groups, or gids, separated by "
		    "blanks, each once, 256 bytes at most; no wildcards"),
		KIND(rule_service, "PAM services in lower-case letters, digits "
		    "and ._+@-, separated by blanks, each once, 256 bytes at "
		    "most"),
		KIND(networks, "at most 16 numeric addresses or networks as "
		    "192.0.2.0/24, separated by blanks, with no bits behind "
		    "the prefix; host names are never looked up"),
		KIND(key_used, "yes or no"),
		KIND(decision, "require, optional, exempt or deny"),
		KIND(methods, "names of providers, each once, separated by "
		    "blanks"),
		KIND(enroll_by, "YYYY-MM-DD or 1 to 1000 logins"),
		KIND(unenrolled, "refuse or enroll"),
		KIND(remember, "a number and m, h or d, from 1m to 30d"),
		KIND(account, "one user name of at most 32 bytes, or a uid; "
		    "not root"),
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].parse == option->parse)
			return kinds[i].sentence;
	}
	return NULL;
}
/* clang-format on */
