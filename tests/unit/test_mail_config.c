/* SPDX-License-Identifier: MIT */
/* R27 for mail.conf: strict, with file and line, and only from a safe file. */
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/base/text.h"
#include "programs/mail_config.h"

#define FILE_NAME "/t/etc/mail.conf"

/* From memory of exactly that size, so that a sanitizer sees a byte too far. */
static enum mfa_err
parse(const char *text, size_t len, struct mfa_mail_config *config,
    struct mfa_program_problem *problem)
{
	char *copy = malloc(len == 0 ? 1 : len);
	enum mfa_err r;

	assert_non_null(copy);
	memcpy(copy, text, len);
	r = mfa_mail_config_parse("/p/mail.conf", copy, len, config, problem);
	free(copy);
	return r;
}

static void
accepted(const char *text, struct mfa_mail_config *config)
{
	struct mfa_program_problem problem = { "" };

	memset(config, 0, sizeof(*config));
	if (parse(text, strlen(text), config, &problem) != MFA_OK)
		fail_msg("refused: %s: %s", text, problem.text);
}

static void
refused_bytes(const char *text, size_t len, const char *says)
{
	struct mfa_mail_config config, before;
	struct mfa_program_problem problem = { "" };

	memset(&config, 0xa5, sizeof(config));
	memcpy(&before, &config, sizeof(before));
	if (parse(text, len, &config, &problem) != MFA_ERR_CONFIG)
		fail_msg("accepted: %s", text);
	if (strstr(problem.text, says) != problem.text)
		fail_msg("'%s' instead of %s", problem.text, says);
	assert_memory_equal(&config, &before, sizeof(config));
	assert_true(mfa_text_printable(problem.text));
}

static void
refused(const char *text, const char *says)
{
	refused_bytes(text, strlen(text), says);
}

static void
test_defaults(void **state)
{
	struct mfa_mail_config config;

	(void)state;
	accepted("", &config);
	assert_string_equal(config.server, "smtp://localhost");
	assert_true(config.loopback);
	assert_int_equal(config.tls, MFA_MAIL_TLS_IF_OFFERED);
	assert_string_equal(config.domain, "localhost");
	assert_int_equal(config.timeout, 8);
	assert_string_equal(config.user, "");
	assert_string_equal(config.password, "");
	assert_string_equal(config.ca_file, "");
	assert_memory_equal(config.from, "medusa-mfa@", 11);
	assert_true(mfa_mail_is_address(config.from));
}

static void
test_everything(void **state)
{
	struct mfa_mail_config config;

	(void)state;
	accepted("# a comment\n\n[mail]\n"
		 "server = smtp://relay.example.org:587\n"
		 "tls = required\nca_file = /etc/ssl/own.pem\n"
		 "user = relay\npassword = a b=c:d#e;f\n"
		 "from = mfa@example.org\ndomain = example.org\ntimeout = 9",
	    &config);
	assert_string_equal(config.server, "smtp://relay.example.org:587");
	assert_false(config.loopback);
	assert_int_equal(config.tls, MFA_MAIL_TLS_REQUIRED);
	assert_string_equal(config.ca_file, "/etc/ssl/own.pem");
	assert_string_equal(config.user, "relay");
	assert_string_equal(config.password, "a b=c:d#e;f");
	assert_string_equal(config.from, "mfa@example.org");
	assert_string_equal(config.domain, "example.org");
	assert_int_equal(config.timeout, 9);
}

/* TLS is required wherever the mail leaves this host. */
static void
test_tls_by_default(void **state)
{
	static const struct {
		const char *server;
		bool loopback;
		enum mfa_mail_tls tls;
	} rows[] = {
		{ "smtp://localhost:2525", true, MFA_MAIL_TLS_IF_OFFERED },
		{ "smtp://127.0.0.1", true, MFA_MAIL_TLS_IF_OFFERED },
		{ "smtp://[::1]:25", true, MFA_MAIL_TLS_IF_OFFERED },
		{ "smtps://localhost", true, MFA_MAIL_TLS_REQUIRED },
		{ "smtp://localhost.example", false, MFA_MAIL_TLS_REQUIRED },
		{ "smtp://local", false, MFA_MAIL_TLS_REQUIRED },
		{ "smtp://127.0.0.2", false, MFA_MAIL_TLS_REQUIRED },
		{ "smtp://[2001:db8::1]", false, MFA_MAIL_TLS_REQUIRED },
		{ "smtps://relay.example:465", false, MFA_MAIL_TLS_REQUIRED },
	};
	struct mfa_mail_config config;
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text), "[mail]\nserver = %s\n",
		    rows[i].server);
		accepted(text, &config);
		assert_string_equal(config.server, rows[i].server);
		assert_int_equal(config.loopback, rows[i].loopback);
		assert_int_equal(config.tls, rows[i].tls);
		assert_string_equal(config.domain,
		    rows[i].loopback ? "localhost" : "");
	}
	accepted("[mail]\ntls = no\n", &config);
	assert_int_equal(config.tls, MFA_MAIL_TLS_NO);
	accepted("[mail]\ntls = required\n", &config);
	assert_int_equal(config.tls, MFA_MAIL_TLS_REQUIRED);
}

/* A password needs TLS everywhere, on this host too. */
static void
test_R14_password_needs_tls(void **state)
{
	static const char login[] = "user = u\npassword = p\n";
	static const char *const bad[] = { "tls = no", "tls = if-offered",
		"server = smtp://127.0.0.1\ntls = if-offered",
		"server = smtp://relay.example\ntls = if-offered",
		"server = smtp://relay.example\ntls = no" };
	struct mfa_mail_config config;
	char text[160];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "[mail]\n%s\n%s", bad[i],
		    login);
		refused(text, "/p/mail.conf: mail.tls must be required where "
			      "there is a password");
	}
	(void)snprintf(text, sizeof(text), "[mail]\n%s", login);
	accepted(text, &config);
	assert_true(config.loopback);
	assert_int_equal(config.tls, MFA_MAIL_TLS_REQUIRED);
	(void)snprintf(text, sizeof(text), "[mail]\ntls = required\n%s",
	    login);
	accepted(text, &config);
	assert_int_equal(config.tls, MFA_MAIL_TLS_REQUIRED);
	accepted("[mail]\nserver = smtp://relay.example\n"
		 "tls = if-offered\n", &config);
	assert_int_equal(config.tls, MFA_MAIL_TLS_IF_OFFERED);
}

static void
test_R27_bad_servers(void **state)
{
	static const char *const bad[] = { "localhost", "http://localhost",
		"SMTP://localhost", "smtp://", "smtp://:25", "smtp://h:0",
		"smtp://h:65536", "smtp://h:", "smtp://h:25x", "smtp://h/x",
		"smtp://u@h", "smtp://u:p@h", "smtp://h?x", "smtp://h h",
		"smtp://-h", "smtp://[::1", "smtp://[::1]x", "smtp://[]",
		"smtp://[h]", "smtp:localhost", "file:///etc/passwd",
		"smtp://h#x", "smtp://h%41" };
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "[mail]\nserver = %s\n",
		    bad[i]);
		refused(text, "/p/mail.conf:2: server must be");
	}
}

static void
test_R27_bad_values(void **state)
{
	(void)state;
	refused("[mail]\ntls = yes\n", "/p/mail.conf:2: tls must be");
	refused("[mail]\ntls = Required\n", "/p/mail.conf:2: tls must be");
	refused("[mail]\nca_file = ca.pem\n", "/p/mail.conf:2: ca_file must");
	refused("[mail]\nfrom = me\n", "/p/mail.conf:2: from must be");
	refused("[mail]\nfrom = <me@x>\n", "/p/mail.conf:2: from must be");
	refused("[mail]\nfrom = Me me@x\n", "/p/mail.conf:2: from must be");
	refused("[mail]\ndomain = a@b\n", "/p/mail.conf:2: domain must be");
	refused("[mail]\ntimeout = 0\n", "/p/mail.conf:2: timeout must be");
	refused("[mail]\ntimeout = 10\n", "/p/mail.conf:2: timeout must be");
	refused("[mail]\ntimeout = 8s\n", "/p/mail.conf:2: timeout must be");
	refused("[mail]\nserver =\n", "/p/mail.conf:2: server has no value");
	refused("[mail]\nca_file = /etc/ca.pem # ours\n",
	    "/p/mail.conf:2: ca_file must be an absolute path; "
	    "a comment needs a line of its own");
	refused("[mail]\ntimeout = 8 # seconds\n", "/p/mail.conf:2: timeout "
	    "must be 1 to 9; a comment needs a line of its own");
}

static void
test_R27_form(void **state)
{
	static const char nul[] = "[mail]\nuser = a\0b\n";
	char line[600];

	(void)state;
	refused("[mail]\nport = 25\n", "/p/mail.conf:2: unknown option");
	refused("[mail]\nServer = x\n", "/p/mail.conf:2: unknown option");
	refused("tls = no\n", "/p/mail.conf:1: an option before");
	refused("[mail]\ntls = no\n\ntls = no\n",
	    "/p/mail.conf:4: tls is set twice");
	refused("[mail] x\n", "/p/mail.conf:1: the only section");
	refused("[smtp]\n", "/p/mail.conf:1: the only section");
	refused("[mail]\ntls no\n", "/p/mail.conf:2: neither");
	refused("[mail]\ntls: no\n", "/p/mail.conf:2: neither");
	refused("[mail]\n= no\n", "/p/mail.conf:2: neither");
	refused("[mail]\ntls = no ; really\n", "/p/mail.conf:2: neither");
	refused("[mail]\nuser = a\n b\n", "/p/mail.conf:3: an option or");
	refused("[mail]\r\n", "/p/mail.conf:1: a byte");
	refused("\xef\xbb\xbf[mail]\n", "/p/mail.conf:1: a byte");
	refused("[mail]\nuser = \xc3\xa4\n", "/p/mail.conf:2: a byte");
	refused_bytes(nul, sizeof(nul) - 1, "/p/mail.conf:2: a byte");
	(void)snprintf(line, sizeof(line), "#%0*d\n", 550, 0);
	refused(line, "/p/mail.conf:1: line too long");
}

static void
test_R27_pairs(void **state)
{
	(void)state;
	refused("[mail]\nuser = a\n", "/p/mail.conf: mail.user and");
	refused("[mail]\npassword = a\n", "/p/mail.conf: mail.user and");
	refused("[mail]\nserver = smtps://h\ntls = no\n",
	    "/p/mail.conf: mail.tls must");
	refused("[mail]\nserver = smtps://h\ntls = if-offered\n",
	    "/p/mail.conf: mail.tls must");
}

/* Neither a value nor a line of the file is shown. */
static void
test_R14_password_is_not_shown(void **state)
{
	static const char *const texts[] = { "[mail]\npassword = s3cret\n",
		"[mail]\npassword s3cret\n", "[mail]\npass = s3cret\n",
		"[mail]\ns3cret = x\n", "[mail]\npassword: s3cret\n",
		"[mail]\npassword = s3cret ; x\n",
		"[mail]\nuser = u\npassword = s3cret\npassword = s3cret\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct mfa_mail_config config;
		struct mfa_program_problem problem = { "" };

		assert_int_equal(parse(texts[i], strlen(texts[i]), &config,
		    &problem), MFA_ERR_CONFIG);
		assert_null(strstr(problem.text, "s3cret"));
	}
}

/* ---- the file itself ---- */

static int
fresh(void **state)
{
	(void)state;
	(void)umask(022);
	(void)umount2("/t", MNT_DETACH);
	if ((mkdir("/t", 0755) != 0 && errno != EEXIST) ||
	    mount("none", "/t", "tmpfs", 0, "mode=0755") != 0 ||
	    mkdir("/t/etc", 0755) != 0)
		return -1;
	return 0;
}

static enum mfa_err
load(struct mfa_mail_config *config, struct mfa_program_problem *problem)
{
	memset(config, 0, sizeof(*config));
	return mfa_mail_config_load(FILE_NAME, 0, config, problem);
}

static void
unsafe(const char *says)
{
	struct mfa_mail_config config;
	struct mfa_program_problem problem = { "" };

	assert_int_equal(load(&config, &problem), MFA_ERR_CONFIG);
	if (strstr(problem.text, says) == NULL)
		fail_msg("'%s' instead of %s", problem.text, says);
	assert_true(unit_all(&config, sizeof(config), 0));
}

static void
test_R18_safe_files(void **state)
{
	struct mfa_mail_config config;
	struct mfa_program_problem problem = { "" };

	(void)state;
	assert_int_equal(load(&config, &problem), MFA_OK);
	assert_string_equal(config.server, "smtp://localhost");
	assert_true(tree_write(FILE_NAME, "[mail]\ntimeout = 3\n"));
	assert_int_equal(load(&config, &problem), MFA_OK);
	assert_int_equal(config.timeout, 3);
	assert_true(tree_write(FILE_NAME,
	    "[mail]\nuser = u\npassword = p\n"));
	assert_int_equal(chmod(FILE_NAME, 0640), 0);
	assert_int_equal(load(&config, &problem), MFA_OK);
	assert_string_equal(config.password, "p");
}

static void
test_R18_unsafe_files(void **state)
{
	(void)state;
	assert_true(tree_write(FILE_NAME, "[mail]\n"));
	assert_int_equal(chmod(FILE_NAME, 0664), 0);
	unsafe("not safe");
	assert_int_equal(chmod(FILE_NAME, 0646), 0);
	unsafe("not safe");
	assert_int_equal(chmod(FILE_NAME, 0644), 0);
	assert_int_equal(link(FILE_NAME, "/t/etc/other"), 0);
	unsafe("not safe");
	assert_int_equal(unlink(FILE_NAME), 0);
	assert_int_equal(symlink("other", FILE_NAME), 0);
	unsafe("not safe");
	assert_int_equal(unlink(FILE_NAME), 0);
	assert_int_equal(mkdir(FILE_NAME, 0755), 0);
	unsafe("not safe");
	assert_int_equal(rmdir(FILE_NAME), 0);
	assert_int_equal(mkfifo(FILE_NAME, 0644), 0);
	unsafe("not safe");
	assert_int_equal(unlink(FILE_NAME), 0);
	assert_int_equal(chmod("/t/etc", 0777), 0);
	unsafe("not safe");
}

static void
test_R18_foreign_owner(void **state)
{
	struct mfa_mail_config config;
	struct mfa_program_problem problem = { "" };

	(void)state;
	assert_true(tree_write(FILE_NAME, "[mail]\n"));
	assert_int_equal(mfa_mail_config_load(FILE_NAME, 1, &config, &problem),
	    MFA_ERR_CONFIG);
	assert_non_null(strstr(problem.text, "not safe"));
}

static void
test_R14_password_open_to_others(void **state)
{
	(void)state;
	assert_true(tree_write(FILE_NAME,
	    "[mail]\nuser = u\npassword = s3cret\n"));
	unsafe("it holds a password");
	assert_int_equal(chmod(FILE_NAME, 0641), 0);
	unsafe("it holds a password");
}

static void
test_large_file(void **state)
{
	static char text[17000];

	(void)state;
	memset(text, '\n', sizeof(text) - 1);
	assert_true(tree_write(FILE_NAME, text));
	unsafe("larger than 16 KiB");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_tls_by_default),
		cmocka_unit_test(test_R14_password_needs_tls),
		cmocka_unit_test(test_R27_bad_servers),
		cmocka_unit_test(test_R27_bad_values),
		cmocka_unit_test(test_R27_form),
		cmocka_unit_test(test_R27_pairs),
		cmocka_unit_test(test_R14_password_is_not_shown),
		cmocka_unit_test_setup(test_R18_safe_files, fresh),
		cmocka_unit_test_setup(test_R18_unsafe_files, fresh),
		cmocka_unit_test_setup(test_R18_foreign_owner, fresh),
		cmocka_unit_test_setup(test_R14_password_open_to_others, fresh),
		cmocka_unit_test_setup(test_large_file, fresh),
	};
	struct tree tree;
	int failed;

	/* Not cmocka's skip(): automake counts its line as a failure. */
	if (!tree_enter(&tree)) {
		(void)puts("1..0 # SKIP no namespaces of its own here");
		return 0;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return tree_leave(&tree) ? failed : 1;
}
