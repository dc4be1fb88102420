/* SPDX-License-Identifier: MIT */
/* R2, R3, R21: is a rule about this login? */
#include "tests/unit/rule.h"

#include <errno.h>
#include <grp.h>

#include "verifier/engine/rules.h"

/* Everybody is in staff; broken fails; others are not there. */
static unsigned int looked;

int
getgrnam_r(const char *name, struct group *entry, char *buffer, size_t size,
    struct group **found)
{
	static char *none[] = { NULL };

	(void)buffer;
	(void)size;
	looked++;
	*found = NULL;
	if (strcmp(name, "broken") == 0)
		return EIO;
	if (strcmp(name, "staff") != 0 && strcmp(name, "other") != 0)
		return 0;
	memset(entry, 0, sizeof(*entry));
	entry->gr_gid = name[0] == 's' ? 50 : 51;
	entry->gr_mem = none;
	*found = entry;
	return 0;
}

int
getgrouplist(const char *user, gid_t group, gid_t *list, int *count)
{
	(void)user;
	list[0] = group;
	list[1] = 50;
	*count = 2;
	return 2;
}

#define NO	MFA_MATCH_NO
#define YES	MFA_MATCH_YES
#define MAYBE	MFA_MATCH_MAYBE
#define TROUBLE MFA_MATCH_TROUBLE

/* Of alice at sshd from 192.0.2.7, with a key. */
static const struct {
	const char *conditions;
	enum mfa_match root, other, nowhere; /* for decision = exempt */
} rows[] = {
	{ "", YES, YES, YES },
	{ "user = alice", YES, YES, YES },
	{ "user = bob alice", YES, YES, YES },
	{ "user = bob", NO, NO, NO },
	{ "user = alic", NO, NO, NO },
	{ "user = alice2", NO, NO, NO },
	{ "service = sshd", YES, NO, MAYBE },
	{ "service = sudo su", NO, NO, MAYBE },
	{ "service = ssh", NO, NO, MAYBE },
	{ "from = 192.0.2.0/24", YES, NO, MAYBE },
	{ "from = 10.0.0.0/8 192.0.2.7", YES, NO, MAYBE },
	{ "from = 192.0.3.0/24", NO, NO, MAYBE },
	{ "key_used = yes", YES, NO, MAYBE },
	{ "key_used = no", NO, NO, MAYBE },
	{ "group = staff", YES, YES, YES },
	{ "group = other", NO, NO, NO },
	{ "group = other staff", YES, YES, YES },
	/* Another one that is not there changes nothing of a yes. */
	{ "group = nosuch staff", YES, YES, YES },
	{ "group = nosuch other", TROUBLE, TROUBLE, TROUBLE },
	{ "group = broken", TROUBLE, TROUBLE, TROUBLE },
	{ "group = broken\nuser = bob", NO, NO, NO },
	{ "group = broken\nservice = su", NO, NO, TROUBLE },
	{ "group = staff\nservice = sshd", YES, NO, MAYBE },
	{ "user = bob\nservice = sshd", NO, NO, NO },
	{ "user = alice\nkey_used = yes\nfrom = 192.0.2.7", YES, NO, MAYBE },
	{ "service = sshd\nkey_used = no", NO, NO, MAYBE },
	/* A name of one letter is a name. */
	{ "service = s", NO, NO, MAYBE },
	{ "user = a", NO, NO, NO },
	{ "group = g", TROUBLE, TROUBLE, TROUBLE },
};

static enum mfa_match
match(const struct mfa_config *config, const struct mfa_caller *caller)
{
	const struct mfa_subject alice = rule_user("alice");
	struct mfa_groups groups = { 0 };
	enum mfa_trouble trouble = MFA_TROUBLE_NONE;
	enum mfa_match r = mfa_rules_match(&config->rule[0], &alice, caller,
	    &groups, &trouble);

	if (r == TROUBLE)
		assert_int_not_equal(trouble, MFA_TROUBLE_NONE);
	mfa_groups_free(&groups);
	return r;
}

static void
is(size_t i, const char *whose, enum mfa_match got, enum mfa_match wanted)
{
	if (got != wanted)
		fail_msg("%s of %s: %d", rows[i].conditions, whose, got);
}

static void
test_R21_each_condition_for_each_caller(void **state)
{
	static struct mfa_config config;
	struct mfa_caller root = rule_login("sshd", "192.0.2.7", true);
	struct mfa_caller other = root;
	char text[300];

	(void)state;
	other.path = MFA_PATH_OTHER;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "[rule x]\ndecision = exempt\n%s\n", rows[i].conditions);
		rule_read(text, &config);
		is(i, "root's", match(&config, &root), rows[i].root);
		is(i, "others", match(&config, &other), rows[i].other);
		is(i, "no login", match(&config, NULL), rows[i].nowhere);
		/* What asks or refuses may go by what others claim. */
		(void)snprintf(text, sizeof(text),
		    "[rule x]\ndecision = deny\n%s\n", rows[i].conditions);
		rule_read(text, &config);
		is(i, "others, to deny", match(&config, &other), rows[i].root);
	}
}

static void
test_R3_a_host_s_name_is_trouble_and_nowhere_is_no_network(void **state)
{
	static const struct {
		const char *rhost;
		enum mfa_match wanted;
	} hosts[] = {
		{ "", NO },
		{ "office.example.com", TROUBLE },
		{ "localhost", TROUBLE },
		{ "UNKNOWN", TROUBLE },
		{ "192.0.2.7.example.com", TROUBLE },
		{ "192.0.2.7", YES },
		{ "::ffff:192.0.2.7", YES },
		{ "::1", NO },
		{ "fe80::1%eth0", NO },
	};
	static struct mfa_config config;
	struct mfa_caller caller;

	(void)state;
	rule_read("[rule x]\ndecision = exempt\nfrom = 192.0.2.0/24\n",
	    &config);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		caller = rule_login("sshd", hosts[i].rhost, false);
		if (match(&config, &caller) != hosts[i].wanted)
			fail_msg("%s", hosts[i].rhost);
	}
	/* 0.0.0.0/0 is not everywhere. */
	rule_read("[rule x]\ndecision = exempt\nfrom = 0.0.0.0/0\n", &config);
	caller = rule_login("login", "", false);
	assert_int_equal(match(&config, &caller), NO);
}

/* sshd says nothing of a key that was enough by itself. */
static void
test_R3_a_key_that_nobody_told_of(void **state)
{
	static const struct {
		const char *rule;
		enum mfa_match wanted;
	} keys[] = {
		{ "decision = exempt\nkey_used = no", NO },
		{ "decision = optional\nkey_used = no", NO },
		{ "decision = exempt\nkey_used = yes", NO },
		{ "decision = deny\nkey_used = yes", TROUBLE },
		{ "decision = require\nkey_used = yes", TROUBLE },
		{ "decision = require\nkey_used = no", TROUBLE },
		{ "decision = deny\nkey_used = yes\nservice = su", NO },
		{ "decision = deny\nkey_used = yes\nfrom = 10.0.0.0/8", NO },
		{ "decision = deny\nservice = sshd", YES },
	};
	static struct mfa_config config;
	struct mfa_caller caller = rule_login("sshd", "192.0.2.7", false);
	char text[200];

	(void)state;
	caller.key_unknown = true;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		(void)snprintf(text, sizeof(text), "[rule x]\n%s\n",
		    keys[i].rule);
		rule_read(text, &config);
		if (match(&config, &caller) != keys[i].wanted)
			fail_msg("%s", keys[i].rule);
	}
}

/* Nobody is asked who need not be: a directory may be slow. */
static void
test_groups_are_asked_last(void **state)
{
	static struct mfa_config config;
	struct mfa_caller caller = rule_login("sshd", "192.0.2.7", false);
	struct mfa_subject nobody = rule_user("nobody-here");
	struct mfa_groups groups = { 0 };
	enum mfa_trouble trouble = MFA_TROUBLE_NONE;

	(void)state;
	rule_read("[rule x]\ndecision = deny\ngroup = broken\nuser = bob\n",
	    &config);
	looked = 0;
	assert_int_equal(match(&config, &caller), NO);
	assert_int_equal(looked, 0);
	/* Whom nobody knows is in no group. */
	rule_read("[rule x]\ndecision = deny\ngroup = staff broken\n",
	    &config);
	nobody.known = false;
	assert_int_equal(mfa_rules_match(&config.rule[0], &nobody, &caller,
	    &groups, &trouble), NO);
	assert_int_equal(looked, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R21_each_condition_for_each_caller),
		cmocka_unit_test(
		    test_R3_a_host_s_name_is_trouble_and_nowhere_is_no_network),
		cmocka_unit_test(test_R3_a_key_that_nobody_told_of),
		cmocka_unit_test(test_groups_are_asked_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
