/* SPDX-License-Identifier: MIT */
#include "verifier/config/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"

#define STORE_SCHEME "file:"

_Static_assert(sizeof(MFA_SYSCONFDIR "/keys") <= MFA_CONFIG_PATH,
    "the folder of keys fits");
_Static_assert(sizeof(STORE_SCHEME MFA_STATEDIR) <= MFA_CONFIG_PATH,
    "the store fits");

static void *
field(const struct mfa_config_option *option, struct mfa_config *config)
{
	return (char *)config + option->offset;
}

static enum mfa_err
parse_number(const struct mfa_config_option *option, const char *value,
    struct mfa_config *config)
{
	uint64_t parsed;
	uint32_t narrow;
	enum mfa_err r;

	r = mfa_num_parse(value, option->min, option->max, &parsed);
	if (r != MFA_OK)
		return r;
	narrow = (uint32_t)parsed;
	memcpy(field(option, config), &narrow, sizeof(narrow));
	return MFA_OK;
}

/* Absolute, printable, no component "." or "..": as lib/base/path.h opens. */
static bool
is_plain_path(const char *path)
{
	if (path[0] != '/' || !mfa_text_printable(path))
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
    size_t size, struct mfa_config *config)
{
	if (strlen(value) >= size)
		return MFA_ERR_INVALID;
	memcpy(field(option, config), value, strlen(value) + 1);
	return MFA_OK;
}

static enum mfa_err
parse_path(const struct mfa_config_option *option, const char *value,
    struct mfa_config *config)
{
	if (!is_plain_path(value))
		return MFA_ERR_SYNTAX;
	return keep_text(option, value, MFA_CONFIG_PATH, config);
}

static enum mfa_err
parse_store(const struct mfa_config_option *option, const char *value,
    struct mfa_config *config)
{
	const size_t len = strlen(STORE_SCHEME);

	if (strncmp(value, STORE_SCHEME, len) != 0 ||
	    !is_plain_path(value + len))
		return MFA_ERR_SYNTAX;
	return keep_text(option, value, MFA_CONFIG_PATH, config);
}

/* A ':' would end the issuer in the label of an otpauth URI. */
static enum mfa_err
parse_issuer(const struct mfa_config_option *option, const char *value,
    struct mfa_config *config)
{
	if (!mfa_text_printable(value) || strchr(value, ':') != NULL)
		return MFA_ERR_SYNTAX;
	return keep_text(option, value, sizeof(config->issuer), config);
}

static enum mfa_err
parse_require(const struct mfa_config_option *option, const char *value,
    struct mfa_config *config)
{
	(void)option;
	if (strcmp(value, "enrolled") == 0)
		config->require = MFA_REQUIRE_ENROLLED;
	else if (strcmp(value, "all") == 0)
		config->require = MFA_REQUIRE_ALL;
	else
		return MFA_ERR_SYNTAX;
	return MFA_OK;
}

/* The numbers are those of record.proto, enum Algorithm. */
static enum mfa_err
parse_algorithm(const struct mfa_config_option *option, const char *value,
    struct mfa_config *config)
{
	(void)option;
	if (strcmp(value, "SHA1") == 0)
		config->algorithm = 1;
	else if (strcmp(value, "SHA256") == 0)
		config->algorithm = 2;
	else if (strcmp(value, "SHA512") == 0)
		config->algorithm = 3;
	else
		return MFA_ERR_SYNTAX;
	return MFA_OK;
}

/*
 * The length of the next blank-separated word, which *rest then points to;
 * 0 if none is left.
 */
static size_t
next_word(const char **rest)
{
	*rest += strspn(*rest, " \t");
	return strcspn(*rest, " \t");
}

static bool
is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

static enum mfa_err
parse_providers(const struct mfa_config_option *option, const char *value,
    struct mfa_config *config)
{
	bool totp = false, recovery_code = false;
	size_t len;

	(void)option;
	for (; (len = next_word(&value)) != 0; value += len) {
		bool *on;

		if (is_word(value, len, "totp"))
			on = &totp;
		else if (is_word(value, len, "recovery_code"))
			on = &recovery_code;
		else
			return MFA_ERR_SYNTAX;
		if (*on)
			return MFA_ERR_SYNTAX;
		*on = true;
	}
	if (!totp)
		return MFA_ERR_SYNTAX;
	config->provider_totp = totp;
	config->provider_recovery_code = recovery_code;
	return MFA_OK;
}

/*
 * A pattern, a list by commas or the name of a group would exempt nobody and
 * look as if it did.
 */
static bool
is_user_name(const char *name, size_t len)
{
	if (len >= sizeof(((struct mfa_config *)NULL)->exempt_users[0]))
		return false;
	return strchr("%@+-", name[0]) == NULL &&
	    strcspn(name, "*?[],;:/\"=") >= len;
}

static enum mfa_err
parse_users(const struct mfa_config_option *option, const char *value,
    struct mfa_config *config)
{
	const char *p;
	uint32_t count = 0;
	size_t len;

	(void)option;
	for (p = value; (len = next_word(&p)) != 0; p += len) {
		if (!is_user_name(p, len))
			return MFA_ERR_SYNTAX;
		if (++count > MFA_CONFIG_USERS)
			return MFA_ERR_INVALID;
	}
	memset(config->exempt_users, 0, sizeof(config->exempt_users));
	config->exempt_count = 0;
	for (p = value; (len = next_word(&p)) != 0; p += len)
		memcpy(config->exempt_users[config->exempt_count++], p, len);
	return MFA_OK;
}

/* clang-format off */
#define TEXT(section, name, fallback, parse)                                   \
	{ section, #name, fallback, parse, 0, 0,                               \
	    offsetof(struct mfa_config, name) }
#define NUMBER(section, name, fallback, min, max)                              \
	{ section, #name, fallback, parse_number, min, max,                    \
	    offsetof(struct mfa_config, name) }

const struct mfa_config_option mfa_config_options[] = {
	TEXT("mfa", encryption_key, MFA_SYSCONFDIR "/keys", parse_path),
	TEXT("mfa", store, STORE_SCHEME MFA_STATEDIR, parse_store),
	TEXT("mfa", issuer, "", parse_issuer),
	TEXT("mfa", require, "enrolled", parse_require),
	TEXT("mfa", exempt_users, "", parse_users),
	{ "mfa", "providers", "totp recovery_code", parse_providers, 0, 0,
	    offsetof(struct mfa_config, provider_totp) },
	NUMBER("mfa", challenge_ttl_seconds, "300", 30, 3600),
	NUMBER("mfa", max_attempts, "5", 1, 10),
	NUMBER("mfa", recovery_code_count, "10", 1, 16),
	NUMBER("mfa", pending_ttl_seconds, "900", 60, 86400),
	NUMBER("totp", digits, "6", 6, 8),
	NUMBER("totp", period, "30", 15, 120),
	TEXT("totp", algorithm, "SHA1", parse_algorithm),
	NUMBER("totp", window, "1", 0, 10),
	NUMBER("throttle", burst, "5", 1, 20),
	NUMBER("throttle", lock_seconds, "900", 1, 86400),
	NUMBER("throttle", lock_max_seconds, "86400", 1, 2592000),
	NUMBER("throttle", hard_stop, "70", 1, 100),
	NUMBER("throttle", hard_stop_unprivileged, "30", 1, 100),
	NUMBER("throttle", wrong_per_day, "20", 1, 1000),
	NUMBER("throttle", wrong_per_month, "200", 1, 10000),
	NUMBER("throttle", wrong_per_day_unprivileged, "10", 1, 1000),
};
/* clang-format on */
const size_t mfa_config_option_count =
    sizeof(mfa_config_options) / sizeof(mfa_config_options[0]);

_Static_assert(sizeof(mfa_config_options) / sizeof(mfa_config_options[0]) <=
    MFA_CONFIG_OPTION_MAX, "a mark for each option");

static bool
lock_times_fit(const struct mfa_config *config)
{
	return config->lock_seconds <= config->lock_max_seconds;
}

/* NIST SP 800-63B-4 section 3.2.2: no more than 100 failures in a row. */
static bool
hard_stops_fit(const struct mfa_config *config)
{
	return config->hard_stop + config->hard_stop_unprivileged <= 100;
}

const struct mfa_config_pair mfa_config_pairs[] = {
	{ "throttle", "lock_seconds", "lock_max_seconds", lock_times_fit,
	    "throttle.lock_max_seconds is below throttle.lock_seconds" },
	{ "throttle", "hard_stop", "hard_stop_unprivileged", hard_stops_fit,
	    "throttle.hard_stop and throttle.hard_stop_unprivileged together "
	    "exceed 100" },
};
const size_t mfa_config_pair_count =
    sizeof(mfa_config_pairs) / sizeof(mfa_config_pairs[0]);

/* What a value must be, one sentence for each kind but numbers. */
static const struct {
	enum mfa_err (*parse)(const struct mfa_config_option *option,
	    const char *value, struct mfa_config *config);
	const char *sentence;
} kinds[] = {
	{ parse_path, "must be an absolute path without . or .. components, "
		      "255 bytes at most" },
	{ parse_store, "must be file: and an absolute path, 255 bytes at most; "
		       "file is the only store known" },
	{ parse_issuer, "must be printable ASCII without a colon, 64 bytes at "
			"most" },
	{ parse_require, "must be enrolled or all" },
	{ parse_users, "must be at most 64 user names of at most 256 bytes, "
		       "separated by blanks; no wildcards, no groups" },
	{ parse_providers, "must be totp, or totp and recovery_code, separated "
			   "by blanks" },
	{ parse_algorithm, "must be SHA1, SHA256 or SHA512" },
};

void
mfa_config_option_expect(const struct mfa_config_option *option, char *out,
    size_t size)
{
	(void)snprintf(out, size,
	    "must be a whole number from %" PRIu64 " to %" PRIu64, option->min,
	    option->max);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].parse == option->parse)
			(void)snprintf(out, size, "%s", kinds[i].sentence);
	}
}

bool
mfa_config_option_may_be_empty(const struct mfa_config_option *option)
{
	return option->fallback[0] == '\0';
}

size_t
mfa_config_option_find(const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < mfa_config_option_count; i++) {
		if (strcmp(mfa_config_options[i].section, section) == 0 &&
		    strcmp(mfa_config_options[i].name, name) == 0)
			break;
	}
	return i;
}

bool
mfa_config_option_section(const char *section)
{
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		if (strcmp(mfa_config_options[i].section, section) == 0)
			return true;
	}
	return false;
}

void
mfa_config_init(struct mfa_config *config)
{
	memset(config, 0, sizeof(*config));
	/* A default that does not parse cannot ship: test_options.c. */
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		const struct mfa_config_option *option = &mfa_config_options[i];

		(void)option->parse(option, option->fallback, config);
	}
}
