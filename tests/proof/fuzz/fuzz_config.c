/* SPDX-License-Identifier: MIT */
/*
 * Configuration files.  A form feed on a line of its own begins the next
 * file, as drop-ins follow.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/proof/fuzz/conf.h"

#define NEXT "\f\n"

/* Of one file: where it ends. */
static size_t
file_size(const uint8_t *text, size_t len)
{
	const uint8_t *end = len != 0 ? memmem(text, len, NEXT, 2) : NULL;

	return end != NULL ? (size_t)(end - text) : len;
}

enum mfa_err
fuzz_conf_read(struct fuzz_conf *conf, const uint8_t *text, size_t len)
{
	enum mfa_err r = MFA_OK;
	uint32_t file = 0;
	size_t size;

	memset(conf, 0, sizeof(*conf));
	conf->reading.config = &conf->config;
	conf->reading.problem = &conf->problem;
	mfa_config_init(&conf->config);
	do {
		size = file_size(text, len);
		r = mfa_config_read(&conf->reading, "/etc/x.conf", ++file,
		    text, size);
		size += size < len ? 2 : 0;
		text += size;
		len -= size;
	} while (r == MFA_OK && len != 0 && file < 4);
	conf->files = file;
	if (r == MFA_OK && (r = mfa_config_check(&conf->reading,
	    &conf->fault)) != MFA_OK) {
		FUZZ_WANT(conf->fault.at.file <= file);
		FUZZ_WANT(fuzz_sentence(conf->fault.sentence) &&
		    conf->fault.sentence[0] != '\0');
	} else if (r != MFA_OK) {
		FUZZ_WANT(fuzz_sentence(conf->problem.text));
		FUZZ_WANT(strncmp(conf->problem.text, "/etc/x.conf:", 12) == 0);
	}
	return r;
}

/* Every number within the bounds of its row. */
static void
look_at_numbers(const struct mfa_config *c)
{
	FUZZ_WANT(c->digits >= 6 && c->digits <= 8);
	FUZZ_WANT(c->period >= 15 && c->period <= 120);
	FUZZ_WANT(c->algorithm >= 1 && c->algorithm <= 3);
	FUZZ_WANT(c->otp_digits >= 6 && c->otp_digits <= 8);
	FUZZ_WANT(c->otp_ttl_seconds >= 1 && c->otp_ttl_seconds <= 600);
	FUZZ_WANT(c->burst >= 1 && c->hard_stop >= 1);
	FUZZ_WANT(c->hard_stop + c->hard_stop_unprivileged <= 100);
	FUZZ_WANT(c->lock_seconds <= c->lock_max_seconds);
	FUZZ_WANT(c->self_enroll >= 1 && c->self_enroll <= 4);
}

static void
look_at_rule(const struct mfa_config_rule *rule)
{
	FUZZ_WANT(rule->decision >= MFA_DECISION_REQUIRE &&
	    rule->decision <= MFA_DECISION_DENY);
	FUZZ_WANT(rule->provides != 0);
	FUZZ_WANT(rule->from_count <= MFA_CONFIG_NETWORKS);
	FUZZ_WANT(rule->key_used <= MFA_KEY_USED_NO);
	FUZZ_WANT(fuzz_ends(rule->user, sizeof(rule->user)) &&
	    fuzz_ends(rule->group, sizeof(rule->group)) &&
	    fuzz_ends(rule->service, sizeof(rule->service)));
	for (uint32_t i = 0; i < rule->from_count; i++)
		FUZZ_WANT(rule->from[i].bits <= 128);
}

static void
look_at(const struct mfa_config *c)
{
	FUZZ_WANT(c->realm_count >= 1 && c->realm_count <= MFA_CONFIG_REALMS);
	FUZZ_WANT(c->outside_count <= MFA_CONFIG_OUTSIDE);
	FUZZ_WANT(c->rule_count <= MFA_CONFIG_RULES);
	FUZZ_WANT(c->exempt_count <= MFA_CONFIG_USERS);
	FUZZ_WANT(c->otp_service_count <= MFA_CONFIG_SERVICES);
	FUZZ_WANT(strcmp(c->realm[0].name, "unix") == 0);
	for (uint32_t i = 0; i < c->realm_count; i++)
		FUZZ_WANT((c->realm[i].require == MFA_REQUIRE_ALL ||
		    c->realm[i].require == MFA_REQUIRE_ENROLLED) &&
		    (i == 0) == (c->realm[i].account[0] == '\0'));
	for (uint32_t i = 0; i < c->outside_count; i++)
		FUZZ_WANT(c->outside[i].program[0] == '/');
	for (uint32_t i = 0; i < c->rule_count; i++)
		look_at_rule(&c->rule[i]);
	look_at_numbers(c);
}

/* With a line more the file means what the line says. */
static void
with_line(struct fuzz_conf *conf, const uint8_t *data, size_t size,
    const char *line, bool good)
{
	size_t len = strlen(line);
	uint8_t *longer = malloc(size + len);

	FUZZ_WANT(longer != NULL);
	if (size != 0)
		memcpy(longer, data, size);
	memcpy(longer + size, line, len);
	FUZZ_WANT((fuzz_conf_read(conf, longer, size + len) == MFA_OK) ==
	    good);
	free(longer);
}

static void
run(const uint8_t *data, size_t size)
{
	static struct fuzz_conf conf, longer;
	enum mfa_err r = fuzz_conf_read(&conf, data, size);
	const bool whole = conf.files < 4;

	if (r != MFA_OK) {
		FUZZ_WANT(r == MFA_ERR_CONFIG);
		/* R27: no line behind makes it good. */
		if (conf.problem.text[0] != '\0' && size != 0 &&
		    data[size - 1] == '\n' && whole)
			with_line(&longer, data, size, "# end\n", false);
		return;
	}
	look_at(&conf.config);
	if (size % 16 != 0 || !whole)
		return;
	with_line(&longer, data, size, "\n# end\n", true);
	FUZZ_WANT(memcmp(&conf.config, &longer.config,
	    sizeof(conf.config)) == 0);
	with_line(&longer, data, size, "\nno_such_option = 1\n", false);
	with_line(&longer, data, size, "\n[nosuchsection]\n", false);
}

const struct fuzz_target fuzz_config = { "config",
	"R27 a configuration is refused with file and line, or in bounds",
	NULL, run, NULL, 0, 0 };
