/* SPDX-License-Identifier: MIT */
/*
 * R2, R5: a name that nobody has is told to root alone; hints name whom they are
 * about, as the caller would type it.
 */
#include "tests/unit/office.h"

#include "verifier/requests.h"

/* The numbered reply is this error with this sentence. */
static void
said(const struct office *o, unsigned int i, enum mfa_err err,
    const char *text)
{
	office_error(o, i, err);
	assert_string_equal(o->replies[i].what.error.text, text);
}

/* A name that was mistyped is not one that has nothing. */
static void
test_root_is_told_of_a_name_that_nobody_has(void **state)
{
	static const pb_size_t tags[] = { mfa_wire_Request_list_tag,
		mfa_wire_Request_status_tag, mfa_wire_Request_reset_tag,
		mfa_wire_Request_unlock_tag, mfa_wire_Request_remove_tag,
		mfa_wire_Request_disable_tag, mfa_wire_Request_confirm_tag,
		mfa_wire_Request_send_tag, mfa_wire_Request_recovery_codes_tag,
		mfa_wire_Request_enroll_tag, mfa_wire_Request_invite_tag,
		mfa_wire_Request_forget_tag };
	struct office *o = *state;
	mfa_wire_Request request;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		office_hello(o);
		office_name(&request, tags[i], "", "alcie");
		if (tags[i] == mfa_wire_Request_confirm_tag)
			request.what.confirm.code.size = 6;
		if (tags[i] == mfa_wire_Request_confirm_tag)
			memcpy(request.what.confirm.code.bytes, "000000", 6);
		office_say(o, &request);
		office_run(o, 0);
		said(o, 1, MFA_ERR_NO_USER,
		    "there is no such user on this host: alcie");
		/* R5: who is not root learns nothing of anybody. */
		office_hello(o);
		office_say(o, &request);
		office_run(o, OFFICE_BOB);
		said(o, 1, MFA_ERR_DENIED, "only root may do this");
	}
}

/* The user database without alice. */
static void
put_passwd(void)
{
	FILE *f = fopen("/etc/passwd", "we");

	assert_non_null(f);
	assert_true(fputs("root:x:0:0::/root:/bin/sh\n"
			  "bob:x:4712:4712::/:/bin/sh\n"
			  "medusa-mfa:x:4700:4700::/:/bin/sh\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Who is here and has nothing, and who was here and has something still. */
static void
test_a_record_or_an_account_is_somebody(void **state)
{
	struct office *o = *state;

	office_hello(o);
	office_ask(o, mfa_wire_Request_list_tag, "bob");
	office_ask(o, mfa_wire_Request_unlock_tag, "bob");
	office_run(o, 0);
	(void)office_reply(o, 1, mfa_wire_Reply_done_tag);
	said(o, 2, MFA_ERR_NOT_FOUND, "this user has no record");
	office_enroll(o, "alice");
	assert_int_equal(rename("/etc/passwd", "/etc/passwd.all"), 0);
	/* A database that is mute is not one that knows nobody. */
	office_hello(o);
	office_ask(o, mfa_wire_Request_list_tag, "alcie");
	office_run(o, 0);
	said(o, 1, MFA_ERR_NSS, "the user database did not answer");
	put_passwd();
	office_hello(o);
	office_ask(o, mfa_wire_Request_list_tag, "alice");
	office_ask(o, mfa_wire_Request_disable_tag, "alice");
	office_ask(o, mfa_wire_Request_unlock_tag, "alice");
	office_ask(o, mfa_wire_Request_reset_tag, "alice");
	office_run(o, 0);
	assert_int_equal(rename("/etc/passwd.all", "/etc/passwd"), 0);
	(void)office_reply(o, 1, mfa_wire_Reply_factor_tag);
	said(o, 3, MFA_ERR_NOT_FOUND,
	    "no factor -: see medusa-mfa list --user alice");
	(void)office_reply(o, 4, mfa_wire_Reply_done_tag);
	(void)office_reply(o, 5, mfa_wire_Reply_done_tag);
}

/* Asks it with this id, where it is about a challenge. */
static void
say_about(struct office *o, pb_size_t tag, const char *user, const char *id)
{
	mfa_wire_Request request;
	char code[9];

	office_name(&request, tag, "", user);
	if (tag == mfa_wire_Request_challenge_send_tag) {
		memcpy(request.what.challenge_send.id, id, strlen(id) + 1);
	} else if (tag == mfa_wire_Request_challenge_verify_tag) {
		office_code(o, 1, code);
		memcpy(request.what.challenge_verify.id, id, strlen(id) + 1);
		request.what.challenge_verify.code.size = 6;
		memcpy(request.what.challenge_verify.code.bytes, code, 6);
	}
	office_say(o, &request);
}

/*
 * R2, B2: who does not exist is not one who has nothing to prove, whether the
 * name was mistyped or the account is gone; nor does one begin to be somebody.
 */
static void
test_R2_nobody_is_challenged_or_enrolled(void **state)
{
	static const char *const nobodies[] = { "alcie", "alice" };
	struct office *o = *state;
	char id[841];

	office_enroll(o, "alice");
	office_challenge(o, "", "alice", 0, id);
	assert_int_equal(rename("/etc/passwd", "/etc/passwd.all"), 0);
	put_passwd();
	for (int i = 0; i < 2; i++) {
		office_hello(o);
		say_about(o, mfa_wire_Request_challenge_start_tag,
		    nobodies[i], NULL);
		say_about(o, mfa_wire_Request_enroll_tag, nobodies[i], NULL);
		office_run(o, 0);
		office_error(o, 1, MFA_ERR_NO_USER);
		office_error(o, 2, MFA_ERR_NO_USER);
	}
	office_hello(o);
	say_about(o, mfa_wire_Request_challenge_send_tag, "", id);
	say_about(o, mfa_wire_Request_challenge_verify_tag, "", id);
	office_run(o, 0);
	assert_int_equal(rename("/etc/passwd.all", "/etc/passwd"), 0);
	office_error(o, 1, MFA_ERR_NO_USER);
	office_error(o, 2, MFA_ERR_NO_USER);
	/* The code was none: it is good when the account is back. */
	office_hello(o);
	say_about(o, mfa_wire_Request_challenge_verify_tag, "", id);
	office_run(o, 0);
	assert_int_equal(office_reply(o, 1,
	    mfa_wire_Reply_verdict_tag)->what.verdict.code,
	    MFA_VERDICT_ACCEPT);
}

/* A request that names nobody is about nobody's absence either. */
static void
test_what_names_no_user_misses_none(void **state)
{
	struct office *o = *state;
	char away[sizeof(o->keys) + 8], words[sizeof(o->keys) + 20];

	(void)snprintf(away, sizeof(away), "%s.away", o->keys);
	assert_int_equal(rename(o->keys, away), 0);
	(void)snprintf(words, sizeof(words), "%s: no such entry", o->keys);
	for (int retired = 0; retired < 2; retired++) {
		mfa_wire_Request request;

		office_name(&request, mfa_wire_Request_keys_tag, "", "");
		request.what.keys.retired = retired != 0;
		office_hello(o);
		office_say(o, &request);
		office_run(o, 0);
		said(o, 1, MFA_ERR_NOT_FOUND, words);
	}
	assert_int_equal(rename(away, o->keys), 0);
	/* Without a store nothing is known of anybody. */
	(void)snprintf(away, sizeof(away), "%s.away", o->dir);
	assert_int_equal(rename(o->dir, away), 0);
	office_hello(o);
	office_ask(o, mfa_wire_Request_list_tag, "alcie");
	office_run(o, 0);
	assert_int_equal(rename(away, o->dir), 0);
	office_error(o, 1, MFA_ERR_NOT_FOUND);
}

static void
test_hints_name_the_subject(void **state)
{
	static const struct {
		enum mfa_peer peer;
		const char *realm, *name, *options, *operand;
	} cases[] = {
		{ MFA_PEER_ROOT, "unix", "alice", " --user alice", " alice" },
		{ MFA_PEER_OWNER, "unix", "alice", "", " alice" },
		{ MFA_PEER_REALM, "shop", "a@b.org",
		    " --realm shop --user a@b.org", " --realm shop a@b.org" },
		{ MFA_PEER_ROOT, "shop", "a b", " --realm shop --user USER",
		    " --realm shop USER" },
		{ MFA_PEER_ROOT, "unix", "$(x)", " --user USER", " USER" },
		{ MFA_PEER_ROOT, "unix", "-r", " --user USER", " USER" },
		{ MFA_PEER_ROOT, "unix", "", " --user USER", " USER" },
		{ MFA_PEER_ROOT, "unix", "b", " --user b", " b" },
	};
	struct mfa_request_about about;
	char out[80], wanted[80];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&about, 0, sizeof(about));
		about.peer = cases[i].peer;
		about.realm = cases[i].realm;
		(void)snprintf(about.subject.name, sizeof(about.subject.name),
		    "%s", cases[i].name);
		(void)snprintf(wanted, sizeof(wanted), "list%s{x} reset%s{",
		    cases[i].options, cases[i].operand);
		mfa_request_words(&about, "list{of}{x} reset{who}{", out,
		    sizeof(out));
		assert_string_equal(out, wanted);
	}
	mfa_request_words(&about, "list{of}", out, 8);
	assert_string_equal(out, "list --");
	mfa_request_words(&about, "listing", out, 5);
	assert_string_equal(out, "list");
}

#define IN_OFFICE(f) cmocka_unit_test_setup_teardown(f, office_new, office_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OFFICE(test_root_is_told_of_a_name_that_nobody_has),
		IN_OFFICE(test_a_record_or_an_account_is_somebody),
		IN_OFFICE(test_R2_nobody_is_challenged_or_enrolled),
		IN_OFFICE(test_what_names_no_user_misses_none),
		cmocka_unit_test(test_hints_name_the_subject),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
