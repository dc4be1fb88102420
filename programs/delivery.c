/* SPDX-License-Identifier: MIT */
#include "programs/delivery.h"

#include <stdio.h>
#include <string.h>

/* The names of the contract; the first ones are needed. */
enum { TO, HOST, CODE, NEEDED, REALM = NEEDED, ISSUER, OTHERS = 9,
	KNOWN = NEEDED + OTHERS };
static const char *const names[KNOWN] = { "to", "host", "code", "realm",
	"issuer", "user", "service", "remote", "claimed_service",
	"claimed_remote", "time", "valid" };

static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((*text < 0x20 || *text > 0x7e) && *text != '\n')
			return false;
	}
	return true;
}

/* KNOWN if it is none of ours. */
static size_t
find(const char *name)
{
	size_t i = 0;

	while (i < KNOWN && strcmp(names[i], name) != 0)
		i++;
	return i;
}

/* "name: value", already cut from its line. */
static bool
take_line(char *line, const char *value[KNOWN])
{
	char *colon = strchr(line, ':');
	size_t i;

	if (colon == NULL || colon == line || colon[1] != ' ')
		return false;
	*colon = '\0';
	i = find(line);
	if (i == KNOWN)
		return true;
	if (value[i] != NULL)
		return false;
	value[i] = colon + 2;
	return true;
}

enum mfa_err
mfa_delivery_parse(char *text, struct mfa_delivery *delivery)
{
	const char *value[KNOWN] = { NULL };
	char *line = text;

	if (!is_plain(text))
		return MFA_ERR_SYNTAX;
	while (*line != '\n') {
		char *end = strchr(line, '\n');

		if (end == NULL)
			return MFA_ERR_SYNTAX;
		*end = '\0';
		if (!take_line(line, value))
			return MFA_ERR_SYNTAX;
		line = end + 1;
	}
	for (size_t i = 0; i < NEEDED; i++) {
		if (value[i] == NULL || value[i][0] == '\0')
			return MFA_ERR_SYNTAX;
	}
	if (line[1 + strspn(line + 1, " \n")] == '\0' ||
	    line[strlen(line) - 1] != '\n')
		return MFA_ERR_SYNTAX;
	delivery->to = value[TO];
	delivery->host = value[HOST];
	delivery->code = value[CODE];
	delivery->realm = value[REALM] != NULL ? value[REALM] : "";
	delivery->issuer = value[ISSUER] != NULL ? value[ISSUER] : "";
	delivery->message = line + 1;
	return MFA_OK;
}

bool
mfa_delivery_subject(const struct mfa_delivery *delivery, char *out,
    size_t size)
{
	static const char start[] = "Verification code for ";
	const bool at_host = delivery->realm[0] == '\0' ||
	    strcmp(delivery->realm, "unix") == 0 || delivery->issuer[0] == '\0';
	const char *name = at_host ? delivery->host : delivery->issuer;

	if (strlen(start) + strlen(name) >= size)
		return false;
	(void)snprintf(out, size, "%s%s", start, name);
	return true;
}
