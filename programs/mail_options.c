/* SPDX-License-Identifier: MIT */
#include "programs/mail_options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/text.h"

#define DEFAULT_SERVER	"smtp://localhost"
#define DEFAULT_TIMEOUT 8
#define MAX_TIMEOUT	9 /* the runner waits 10 */

static const char smtps[] = "smtps://";

static bool
is_port(const char *text)
{
	uint64_t port;

	return mfa_num_parse(text, 1, 65535, &port) == MFA_OK;
}

/* "[address]" of IPv6; rest: what follows. */
static bool
take_literal(const char *text, const char **rest)
{
	const size_t len = strspn(text + 1, "0123456789abcdefABCDEF:.");

	*rest = text + 1 + len + 1;
	return len >= 2 && len <= 45 && text[1 + len] == ']';
}

/* A name or an address of IPv4. */
static bool
take_name(const char *text, const char **rest)
{
	char name[MFA_MAIL_DOMAIN];
	const size_t len = strcspn(text, ":");

	*rest = text + len;
	if (len >= sizeof(name))
		return false;
	memcpy(name, text, len);
	name[len] = '\0';
	return mfa_mail_is_domain(name);
}

static bool
is_host(const char *host, size_t len, const char *name)
{
	return len == strlen(name) && strncmp(host, name, len) == 0;
}

/* smtp://host or smtps://host with an optional port, and nothing else. */
static bool
parse_server(const char *value, struct mfa_mail_config *config)
{
	const char *host, *rest;
	size_t len;

	if (strncmp(value, smtps, strlen(smtps)) == 0)
		host = value + strlen(smtps);
	else if (strncmp(value, "smtp://", 7) == 0)
		host = value + 7;
	else
		return false;
	if (!(host[0] == '[' ? take_literal(host, &rest)
			     : take_name(host, &rest)))
		return false;
	if (rest[0] != '\0' && (rest[0] != ':' || !is_port(rest + 1)))
		return false;
	len = (size_t)(rest - host);
	config->loopback = is_host(host, len, "localhost") ||
	    is_host(host, len, "127.0.0.1") || is_host(host, len, "[::1]");
	return mfa_text_copy(config->server, sizeof(config->server), value);
}

static bool
parse_tls(const char *value, struct mfa_mail_config *config)
{
	if (strcmp(value, "required") == 0)
		config->tls = MFA_MAIL_TLS_REQUIRED;
	else if (strcmp(value, "if-offered") == 0)
		config->tls = MFA_MAIL_TLS_IF_OFFERED;
	else if (strcmp(value, "no") == 0)
		config->tls = MFA_MAIL_TLS_NO;
	else
		return false;
	return true;
}

static bool
parse_ca_file(const char *value, struct mfa_mail_config *config)
{
	return value[0] == '/' && !mfa_text_looks_commented(value) &&
	    mfa_text_copy(config->ca_file, sizeof(config->ca_file), value);
}

static bool
parse_user(const char *value, struct mfa_mail_config *config)
{
	return mfa_text_copy(config->user, sizeof(config->user), value);
}

static bool
parse_password(const char *value, struct mfa_mail_config *config)
{
	return mfa_text_copy(config->password, sizeof(config->password), value);
}

static bool
parse_from(const char *value, struct mfa_mail_config *config)
{
	return mfa_mail_is_address(value) &&
	    mfa_text_copy(config->from, sizeof(config->from), value);
}

static bool
parse_domain(const char *value, struct mfa_mail_config *config)
{
	return mfa_mail_is_domain(value) &&
	    mfa_text_copy(config->domain, sizeof(config->domain), value);
}

static bool
parse_timeout(const char *value, struct mfa_mail_config *config)
{
	uint64_t seconds;

	if (mfa_num_parse(value, 1, MAX_TIMEOUT, &seconds) != MFA_OK)
		return false;
	config->timeout = (uint32_t)seconds;
	return true;
}

const struct mfa_mail_option mfa_mail_options[MFA_MAIL_OPTIONS] = {
	{ "server", parse_server,
	    "must be smtp://host or smtps://host, with :port if needed" },
	{ "tls", parse_tls, "must be required, if-offered or no" },
	{ "ca_file", parse_ca_file, "must be an absolute path" },
	{ "user", parse_user, "must have at most 128 bytes" },
	{ "password", parse_password, "must have at most 256 bytes" },
	{ "from", parse_from, "must be a mail address" },
	{ "domain", parse_domain, "must be the domain of mail addresses" },
	{ "timeout", parse_timeout, "must be 1 to 9" },
};

/* medusa-mfa at this host. */
static bool
default_from(struct mfa_mail_config *config)
{
	char host[MFA_MAIL_DOMAIN] = "";

	if (gethostname(host, sizeof(host) - 1) != 0 ||
	    !mfa_mail_is_domain(host))
		return false;
	(void)snprintf(config->from, sizeof(config->from), "medusa-mfa@%s",
	    host);
	return true;
}

/* What does not fit together, as a sentence; NULL if all does. */
static const char *
contradiction(const struct mfa_mail_config *config, bool always_tls)
{
	const bool less = config->tls != 0 &&
	    config->tls != MFA_MAIL_TLS_REQUIRED;

	if (less && always_tls)
		return "mail.tls must be required where the server is smtps";
	if ((config->user[0] == '\0') != (config->password[0] == '\0'))
		return "mail.user and mail.password need each other";
	if (less && config->user[0] != '\0')
		return "mail.tls must be required where there is a password";
	return NULL;
}

static enum mfa_mail_tls
default_tls(const struct mfa_mail_config *config, bool always)
{
	if (config->loopback && !always && config->user[0] == '\0')
		return MFA_MAIL_TLS_IF_OFFERED;
	return MFA_MAIL_TLS_REQUIRED;
}

enum mfa_err
mfa_mail_options_complete(struct mfa_mail_config *config,
    struct mfa_program_problem *problem)
{
	const char *wrong;
	bool always_tls;

	if (config->server[0] == '\0')
		(void)parse_server(DEFAULT_SERVER, config);
	if (config->domain[0] == '\0' && config->loopback)
		(void)mfa_text_copy(config->domain, sizeof(config->domain),
		    "localhost");
	if (config->timeout == 0)
		config->timeout = DEFAULT_TIMEOUT;
	always_tls = strncmp(config->server, smtps, strlen(smtps)) == 0;
	wrong = contradiction(config, always_tls);
	if (wrong == NULL && config->from[0] == '\0' && !default_from(config))
		wrong = "mail.from is needed, the name of this host does not "
			"make an address";
	if (wrong != NULL) {
		mfa_program_explain(problem, "%s", wrong);
		return MFA_ERR_CONFIG;
	}
	if (config->tls == 0)
		config->tls = default_tls(config, always_tls);
	return MFA_OK;
}
