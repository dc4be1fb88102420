/* SPDX-License-Identifier: MIT */
/* Networks of rules: numbers only, and none larger than it was written. */
#include "tests/unit/unit.h"

#include "verifier/config/network.h"

static enum mfa_err
parse(const char *text, struct mfa_config_network *out)
{
	return mfa_config_network_parse(text, strlen(text), out);
}

static bool
has(const char *network, const char *address)
{
	struct mfa_config_network n;
	struct mfa_config_address a;

	if (parse(network, &n) != MFA_OK)
		fail_msg("%s is no network", network);
	if (mfa_config_address_parse(address, &a) != MFA_OK)
		fail_msg("%s is no address", address);
	return mfa_config_network_has(&n, &a);
}

static const struct {
	const char *network, *inside, *outside;
} rows[] = {
	{ "192.0.2.0/24", "192.0.2.0", "192.0.3.0" },
	{ "192.0.2.0/24", "192.0.2.255", "192.0.1.255" },
	{ "192.0.2.128/25", "192.0.2.128", "192.0.2.127" },
	{ "192.0.2.7", "192.0.2.7", "192.0.2.6" },
	{ "192.0.2.7/32", "192.0.2.7", "192.0.2.8" },
	{ "192.0.2.6/31", "192.0.2.7", "192.0.2.8" },
	{ "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
	{ "0.0.0.0/1", "127.255.255.255", "128.0.0.0" },
	{ "0.0.0.0/0", "255.255.255.255", "::1" },
	/* A server that listens on :: sees mapped ones. */
	{ "192.0.2.0/24", "::ffff:192.0.2.1", "::ffff:192.0.3.1" },
	{ "::ffff:192.0.2.0/120", "192.0.2.1", "192.0.3.1" },
	{ "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::" },
	{ "2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::" },
	{ "2001:db8::1", "2001:db8::1", "2001:db8::2" },
	{ "fe80::/10", "fe80::1%eth0", "fec0::1" },
	{ "::1", "::1", "::" },
	/* Not about IPv4, though its addresses lie in it. */
	{ "::/0", "2001:db8::1", "192.0.2.1" },
	{ "::/0", "::1", "::ffff:192.0.2.1" },
	{ "::ffff:0:0/96", "203.0.113.1", "2001:db8::1" },
};

static void
test_networks_have_their_addresses_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!has(rows[i].network, rows[i].inside))
			fail_msg("%s not in %s", rows[i].inside,
			    rows[i].network);
		if (has(rows[i].network, rows[i].outside))
			fail_msg("%s in %s", rows[i].outside, rows[i].network);
	}
}

static void
test_each_bit_of_a_prefix_counts(void **state)
{
	char network[64], last[64];

	(void)state;
	for (unsigned int bits = 1; bits <= 32; bits++) {
		const uint32_t flip = 1U << (32 - bits);

		(void)snprintf(network, sizeof(network), "0.0.0.0/%u", bits);
		(void)snprintf(last, sizeof(last), "%u.%u.%u.%u", flip >> 24,
		    (flip >> 16) & 255, (flip >> 8) & 255, flip & 255);
		assert_true(has(network, "0.0.0.0"));
		if (has(network, last))
			fail_msg("%s in %s", last, network);
	}
}

static void
test_what_is_no_network(void **state)
{
	static const struct {
		const char *text;
		enum mfa_err err;
	} bad[] = {
		{ "", MFA_ERR_SYNTAX }, { "localhost", MFA_ERR_SYNTAX },
		{ "office.example.com", MFA_ERR_SYNTAX },
		{ "192.0.2", MFA_ERR_SYNTAX }, { "192.0.2.", MFA_ERR_SYNTAX },
		{ "192.0.2.*", MFA_ERR_SYNTAX },
		{ "192.0.2.256", MFA_ERR_SYNTAX },
		{ "192.0.02.1", MFA_ERR_SYNTAX },
		{ "0xc0.0.2.1", MFA_ERR_SYNTAX },
		{ "3221225985", MFA_ERR_SYNTAX },
		{ "192.0.2.0/33", MFA_ERR_SYNTAX },
		{ "192.0.2.0/", MFA_ERR_SYNTAX },
		{ "192.0.2.0/-1", MFA_ERR_SYNTAX },
		{ "192.0.2.0/+24", MFA_ERR_SYNTAX },
		{ "192.0.2.0/024", MFA_ERR_SYNTAX },
		{ "192.0.2.0/24/24", MFA_ERR_SYNTAX },
		{ "192.0.2.0/255.255.255.0", MFA_ERR_SYNTAX },
		{ "/24", MFA_ERR_SYNTAX }, { "*", MFA_ERR_SYNTAX },
		{ "2001:db8::/129", MFA_ERR_SYNTAX },
		{ "2001:db8::%eth0", MFA_ERR_SYNTAX },
		{ "fe80::%eth0/10", MFA_ERR_SYNTAX },
		{ "[::1]", MFA_ERR_SYNTAX }, { ":::", MFA_ERR_SYNTAX },
		{ " 192.0.2.1", MFA_ERR_SYNTAX },
		/* One of the two is a slip: who meant 192.0.2.1 would let in
		   the whole network. */
		{ "192.0.2.1/24", MFA_ERR_INVALID },
		{ "192.0.2.128/24", MFA_ERR_INVALID },
		{ "1.0.0.0/0", MFA_ERR_INVALID },
		{ "2001:db8::1/64", MFA_ERR_INVALID },
		{ "8000::/0", MFA_ERR_INVALID },
	};
	struct mfa_config_network n, before;
	char whole[80];

	(void)state;
	memset(&n, 0xa5, sizeof(n));
	before = n;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(bad[i].text, &n) != bad[i].err)
			fail_msg("%s", bad[i].text);
		assert_memory_equal(&n, &before, sizeof(n));
	}
	memset(whole, '1', sizeof(whole));
	assert_int_equal(mfa_config_network_parse(whole, sizeof(whole), &n),
	    MFA_ERR_SYNTAX);
}

static void
test_what_comes_from_this_host(void **state)
{
	static const char *const here[] = { "127.0.0.1", "127.255.0.9", "::1",
		"::ffff:127.0.0.1" };
	static const char *const there[] = { "128.0.0.1", "126.255.255.255",
		"::2", "::", "::127.0.0.1", "2001:db8::1" };
	struct mfa_config_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++) {
		assert_int_equal(mfa_config_address_parse(here[i], &a),
		    MFA_OK);
		assert_true(mfa_config_address_is_loopback(&a));
	}
	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++) {
		assert_int_equal(mfa_config_address_parse(there[i], &a),
		    MFA_OK);
		assert_false(mfa_config_address_is_loopback(&a));
	}
}

static void
test_what_is_no_address(void **state)
{
	static const char *const bad[] = { "", "localhost", "UNKNOWN",
		"192.0.2.1%eth0", "192.0.2.1 ", "192.0.2.0/24",
		"192.0.2.1.example.com", "::1/128", "%eth0", "1", "::g" };
	struct mfa_config_address a;
	char whole[300];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (mfa_config_address_parse(bad[i], &a) != MFA_ERR_SYNTAX)
			fail_msg("%s is an address", bad[i]);
	}
	memset(whole, '1', sizeof(whole) - 1);
	whole[sizeof(whole) - 1] = '\0';
	assert_int_equal(mfa_config_address_parse(whole, &a), MFA_ERR_SYNTAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks_have_their_addresses_alone),
		cmocka_unit_test(test_each_bit_of_a_prefix_counts),
		cmocka_unit_test(test_what_is_no_network),
		cmocka_unit_test(test_what_comes_from_this_host),
		cmocka_unit_test(test_what_is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
