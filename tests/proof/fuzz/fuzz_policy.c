/* SPDX-License-Identifier: MIT */
/*
 * Rules, held against a second reading of medusa-mfa.conf(5).
 *
 * Five lines come first: user, service, remote host, a byte of bits (1 root
 * path, 2 key used, 4 unknown user, 8 nobody knows of a key), groups that the
 * user is in.  The rest is a configuration.  Of groups, those that begin with
 * x do not exist, and y makes the user database fail.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <arpa/inet.h>
#include <string.h>

#include "tests/proof/fuzz/conf.h"
#include "verifier/engine/groups.h"
#include "verifier/engine/policy.h"

static char member_of[128];

enum mfa_err __wrap_mfa_groups_has(struct mfa_groups *groups,
    const struct mfa_subject *subject, const char *name, size_t len, bool *has);

/* Is a word, len bytes, one of a text's? */
static bool
lists(const char *text, const char *word, size_t len)
{
	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (n == len && n != 0 && strncmp(text, word, n) == 0)
			return true;
		text += n + (text[n] != '\0');
	}
	return false;
}

enum mfa_err
__wrap_mfa_groups_has(struct mfa_groups *groups,
    const struct mfa_subject *subject, const char *name, size_t len, bool *has)
{
	(void)groups;
	FUZZ_WANT(subject->known && len != 0);
	if (name[0] == 'x')
		return MFA_ERR_NOT_FOUND;
	if (name[0] == 'y')
		return MFA_ERR_NSS;
	*has = lists(member_of, name, len);
	return MFA_OK;
}

/* ---- the second opinion ---- */

enum answer { NO, YES, TROUBLE };

static bool
to_bytes(const char *text, uint8_t out[16])
{
	char plain[64];
	size_t len = strcspn(text, "%");
	struct in_addr four;

	if (len >= sizeof(plain))
		return false;
	memcpy(plain, text, len);
	plain[len] = '\0';
	if (inet_pton(AF_INET6, plain, out) == 1)
		return true;
	memset(out, 0, 10);
	memset(out + 10, 0xff, 2);
	if (text[len] != '\0' || inet_pton(AF_INET, plain, &four) != 1)
		return false;
	memcpy(out + 12, &four, 4);
	return true;
}

static bool
inside(const struct mfa_config_network *net, const uint8_t at[16])
{
	static const uint8_t four[12] = { [10] = 0xff, [11] = 0xff };

	if ((memcmp(at, four, 12) == 0) != net->v4)
		return false;
	for (unsigned int bit = 0; bit < net->bits; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		if (((at[bit / 8] ^ net->address.byte[bit / 8]) & mask) != 0)
			return false;
	}
	return true;
}

static enum answer
from(const struct mfa_config_rule *rule, const char *rhost)
{
	uint8_t at[16];

	if (rule->from_count == 0)
		return YES;
	if (rhost[0] == '\0')
		return NO;
	if (!to_bytes(rhost, at))
		return TROUBLE;
	for (uint32_t i = 0; i < rule->from_count; i++) {
		if (inside(&rule->from[i], at))
			return YES;
	}
	return NO;
}

static enum answer
group(const struct mfa_config_rule *rule, const struct mfa_subject *subject)
{
	enum answer answer = NO;
	const char *p = rule->group;

	if (rule->group[0] == '\0')
		return YES;
	if (!subject->known)
		return NO;
	while (*p != '\0') {
		size_t n = strcspn(p, " ");

		if (*p != 'x' && *p != 'y' && lists(member_of, p, n))
			return YES;
		if (*p == 'x' || *p == 'y')
			answer = TROUBLE;
		p += n + (p[n] != '\0');
	}
	return answer;
}

static enum answer
key(const struct mfa_config_rule *rule, const struct mfa_caller *caller)
{
	if (rule->key_used == MFA_KEY_USED_ANY)
		return YES;
	if (caller->key_unknown)
		return rule->decision == MFA_DECISION_OPTIONAL ||
			rule->decision == MFA_DECISION_EXEMPT ? NO : TROUBLE;
	return (rule->key_used == MFA_KEY_USED_YES) == caller->key_used ? YES :
									  NO;
}

static enum answer
meets(const struct mfa_config_rule *rule, const struct mfa_subject *subject,
    const struct mfa_caller *caller)
{
	bool claims = rule->service[0] != '\0' || rule->from_count != 0 ||
	    rule->key_used != MFA_KEY_USED_ANY;
	enum answer host = from(rule, caller->rhost);
	enum answer member = group(rule, subject);
	enum answer used = key(rule, caller);

	if (claims && caller->path != MFA_PATH_ROOT &&
	    (rule->decision == MFA_DECISION_OPTIONAL ||
	    rule->decision == MFA_DECISION_EXEMPT))
		return NO;
	if (rule->service[0] != '\0' && !lists(rule->service, caller->service,
	    strlen(caller->service)))
		return NO;
	if (rule->user[0] != '\0' && !lists(rule->user, subject->name,
	    strlen(subject->name)))
		return NO;
	if (host == NO || member == NO || used == NO)
		return NO;
	return host == TROUBLE || member == TROUBLE || used == TROUBLE ?
	    TROUBLE : YES;
}

static enum mfa_policy_kind
of_decision(enum mfa_decision decision)
{
	static const enum mfa_policy_kind kinds[] = {
		[MFA_DECISION_REQUIRE] = MFA_POLICY_REQUIRED,
		[MFA_DECISION_OPTIONAL] = MFA_POLICY_ENROLLED,
		[MFA_DECISION_EXEMPT] = MFA_POLICY_EXEMPT,
		[MFA_DECISION_DENY] = MFA_POLICY_DENIED,
	};

	return kinds[decision];
}

static bool
exempt(const struct mfa_config *config, const char *name)
{
	for (uint32_t i = 0; i < config->exempt_count; i++) {
		if (strcmp(config->exempt_users[i], name) == 0)
			return true;
	}
	return false;
}

static void
expect(const struct mfa_config *config, const struct mfa_subject *subject,
    const struct mfa_caller *caller, struct mfa_policy *out)
{
	enum answer answer = NO;

	memset(out, 0, sizeof(*out));
	out->kind = config->realm[0].require == MFA_REQUIRE_ALL ?
	    MFA_POLICY_REQUIRED : MFA_POLICY_ENROLLED;
	out->provides = config->realm[0].provides;
	if (exempt(config, subject->name)) {
		out->kind = MFA_POLICY_EXEMPT;
		return;
	}
	for (uint32_t i = 0; i < config->rule_count && answer == NO; i++) {
		answer = meets(&config->rule[i], subject, caller);
		out->rule = &config->rule[i];
	}
	if (answer == NO) {
		out->rule = NULL;
		return;
	}
	out->provides = out->rule->provides;
	out->kind = answer == YES ? of_decision(out->rule->decision) :
				    MFA_POLICY_REQUIRED;
	if (answer == TROUBLE)
		out->trouble = MFA_TROUBLE_HOST; /* any */
}

/* ---- the target ---- */

/* What may come of all logins covers what comes of this one. */
static void
look_at_range(const struct mfa_config *config,
    const struct mfa_subject *subject, const struct mfa_policy *got)
{
	struct mfa_policy_range range;

	mfa_policy_range(config, &config->realm[0], subject, &range);
	/* But for what only a login can lack: an address, a word of sshd's. */
	if (got->kind == MFA_POLICY_REQUIRED &&
	    got->trouble != MFA_TROUBLE_HOST &&
	    got->trouble != MFA_TROUBLE_KEY)
		FUZZ_WANT(range.may_require && range.may_ask);
	if (got->kind == MFA_POLICY_ENROLLED)
		FUZZ_WANT(range.may_ask);
	if (got->kind == MFA_POLICY_DENIED)
		FUZZ_WANT(range.denied);
	FUZZ_WANT(!range.may_require || range.may_ask);
}

static void
run(const uint8_t *data, size_t size)
{
	static struct fuzz_conf conf;
	struct mfa_subject subject = { .realm = "unix" };
	char service[65], rhost[256], text[MFA_POLICY_TEXT];
	struct fuzz_in in = { data, size };
	struct mfa_policy got, wanted;
	struct mfa_caller caller = { .service = service, .rhost = rhost,
		.tty = "" };
	uint8_t bits;

	fuzz_line(&in, subject.name, sizeof(subject.name));
	fuzz_line(&in, service, sizeof(service));
	fuzz_line(&in, rhost, sizeof(rhost));
	bits = fuzz_byte(&in);
	fuzz_line(&in, text, sizeof(text));
	fuzz_line(&in, member_of, sizeof(member_of));
	caller.path = (bits & 1) != 0 ? MFA_PATH_ROOT : MFA_PATH_OTHER;
	caller.key_used = (bits & 2) != 0;
	caller.key_unknown = (bits & 8) != 0;
	subject.known = (bits & 4) == 0;
	if (fuzz_conf_read(&conf, in.p, in.left) != MFA_OK)
		return;
	mfa_policy_check(&conf.config, &conf.config.realm[0], &subject,
	    &caller, &got);
	expect(&conf.config, &subject, &caller, &wanted);
	FUZZ_WANT(got.kind == wanted.kind && got.rule == wanted.rule &&
	    got.provides == wanted.provides);
	FUZZ_WANT((got.trouble == MFA_TROUBLE_NONE) ==
	    (wanted.trouble == MFA_TROUBLE_NONE));
	look_at_range(&conf.config, &subject, &got);
	mfa_policy_tell(&got, text, sizeof(text));
	FUZZ_WANT(fuzz_sentence(text) &&
	    (text[0] != '\0') == (got.rule != NULL));
}

const struct fuzz_target fuzz_policy = { "policy",
	"R2 R21 the first rule that is met decides, as a second reading says",
	NULL, run, NULL, 0, 0 };
