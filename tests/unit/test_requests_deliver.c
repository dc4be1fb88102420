/* SPDX-License-Identifier: MIT */
/*
 * R12, R23: delivered codes through requests, and what a conversation gives
 * the runner when.  The runner itself is a fake that keeps what it was given.
 */
#include "tests/unit/office.h"

#include <sys/socket.h>

/* ---- instead of a runner ---- */

static struct {
	enum mfa_err says;
	unsigned int messages;
	char code[16], address[129], subject[257], realm[33], service[65];
	bool waited;
	const struct mfa_runner_link *link; /* that the desk was given */
	int peer;		 /* the peer's end, to look at */
	unsigned int flushes;
	unsigned int early; /* flushes with no reply out */
} fake;

static enum mfa_err
keep_message(struct mfa_runner *runner, const struct mfa_message *message,
    bool wait)
{
	(void)runner;
	fake.messages++;
	fake.waited = wait;
	(void)snprintf(fake.code, sizeof(fake.code), "%s", message->code);
	(void)snprintf(fake.address, sizeof(fake.address), "%s",
	    message->address);
	(void)snprintf(fake.subject, sizeof(fake.subject), "%s",
	    message->subject);
	(void)snprintf(fake.realm, sizeof(fake.realm), "%s", message->realm);
	(void)snprintf(fake.service, sizeof(fake.service), "%s",
	    message->service);
	return fake.says;
}

void __real_mfa_runner_open(struct mfa_runner_desk *desk,
    const struct mfa_runner_link *link, const struct mfa_config *config,
    struct mfa_sink *next);
void __wrap_mfa_runner_open(struct mfa_runner_desk *desk,
    const struct mfa_runner_link *link, const struct mfa_config *config,
    struct mfa_sink *next);
void __wrap_mfa_runner_flush(struct mfa_runner_desk *desk);

void
__wrap_mfa_runner_open(struct mfa_runner_desk *desk,
    const struct mfa_runner_link *link, const struct mfa_config *config,
    struct mfa_sink *next)
{
	__real_mfa_runner_open(desk, link, config, next);
	desk->runner.deliver = keep_message;
	fake.link = link;
}

/* Replies lie unread on the peer's end until the conversation is over. */
void
__wrap_mfa_runner_flush(struct mfa_runner_desk *desk)
{
	uint8_t byte;

	(void)desk;
	fake.flushes++;
	if (recv(fake.peer, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
		fake.early++;
}

/* ---- an office that delivers ---- */

static struct mfa_config config;

static int
with_codes(void **state)
{
	struct mfa_config_realm *shop = &config.realm[1];
	struct office *o;

	if (office_new(state) != 0)
		return -1;
	o = *state;
	memset(&fake, 0, sizeof(fake));
	mfa_config_init(&config);
	(void)snprintf(config.encryption_key, sizeof(config.encryption_key),
	    "%s", o->keys);
	(void)snprintf(config.store, sizeof(config.store), "file:%s", o->dir);
	memcpy(config.otp_program, "/usr/lib/medusa-mfa/deliver-mail", 33);
	*shop = config.realm[0];
	memcpy(shop->name, "shop", 5);
	memcpy(shop->account, "shopd", 6);
	shop->provides |= MFA_PROVIDES_OTP;
	shop->require = MFA_REQUIRE_ALL;
	config.realm_count = 2;
	o->office.config = &config;
	return 0;
}

static void
ask_as(struct office *o, const mfa_wire_Request *request, uid_t by)
{
	office_hello(o);
	office_say(o, request);
	fake.peer = o->ends[0];
	office_run(o, by);
}

static void
enroll(struct office *o, const char *address)
{
	mfa_wire_Request request;

	office_name(&request, mfa_wire_Request_enroll_tag, "shop", "jo");
	memcpy(request.what.enroll.provider, "otp", 4);
	memcpy(request.what.enroll.label, "mail", 5);
	memcpy(request.what.enroll.address, address, strlen(address) + 1);
	ask_as(o, &request, OFFICE_SHOP);
}

static void
send_again(struct office *o)
{
	mfa_wire_Request request;

	office_name(&request, mfa_wire_Request_send_tag, "shop", "jo");
	memcpy(request.what.send.factor, "mail", 5);
	ask_as(o, &request, OFFICE_SHOP);
}

static void
confirm(struct office *o, const char *code)
{
	mfa_wire_Request request;

	office_name(&request, mfa_wire_Request_confirm_tag, "shop", "jo");
	memcpy(request.what.confirm.factor, "mail", 5);
	request.what.confirm.code.size = (pb_size_t)strlen(code);
	memcpy(request.what.confirm.code.bytes, code, strlen(code));
	ask_as(o, &request, OFFICE_SHOP);
}

static void
pass(struct office *o, unsigned int seconds)
{
	o->now.wall += seconds;
	o->now.boot += seconds;
}

/* ---- enrolment ---- */

static void
test_R12_enrolled_by_a_first_delivered_code(void **state)
{
	struct office *o = *state;
	const mfa_wire_Enrolled *enrolled;
	const mfa_wire_FactorInfo *factor;
	mfa_wire_Request request;

	enroll(o, "jo@example.org");
	enrolled = &office_reply(o, 1,
	    mfa_wire_Reply_enrolled_tag)->what.enrolled;
	assert_string_equal(enrolled->label, "mail");
	assert_string_equal(enrolled->secret, "");
	assert_string_equal(enrolled->otpauth_url, "");
	assert_int_equal(fake.messages, 1);
	assert_true(fake.waited);
	assert_string_equal(fake.address, "jo@example.org");
	assert_string_equal(fake.subject, "jo");
	assert_string_equal(fake.realm, "shop");
	confirm(o, fake.code);
	assert_string_equal(office_reply(o, 1,
	    mfa_wire_Reply_confirmed_tag)->what.confirmed.label, "mail");
	office_name(&request, mfa_wire_Request_list_tag, "shop", "jo");
	ask_as(o, &request, OFFICE_SHOP);
	factor = &office_reply(o, 1, mfa_wire_Reply_factor_tag)->what.factor;
	assert_string_equal(factor->provider, "otp");
	assert_string_equal(factor->status, "enabled");
	assert_string_equal(factor->address, "jo@example.org");
}

static void
test_R12_a_code_that_did_not_arrive(void **state)
{
	struct office *o = *state;
	const char *text;

	fake.says = MFA_ERR_UNDELIVERED;
	enroll(o, "jo@example.org");
	office_error(o, 1, MFA_ERR_UNDELIVERED);
	text = o->replies[1].what.error.text;
	assert_non_null(strstr(text,
	    "medusa-mfa send --realm shop --user jo FACTOR tries again"));
	/* It waits all the same. */
	send_again(o);
	office_error(o, 1, MFA_ERR_TOO_SOON);
	assert_int_equal(fake.messages, 1);
	pass(o, config.otp_resend_seconds);
	send_again(o);
	office_error(o, 1, MFA_ERR_UNDELIVERED);
	assert_int_equal(fake.messages, 2);
	fake.says = MFA_OK;
	pass(o, config.otp_resend_seconds);
	send_again(o);
	(void)office_reply(o, 1, mfa_wire_Reply_done_tag);
	confirm(o, fake.code);
	(void)office_reply(o, 1, mfa_wire_Reply_confirmed_tag);
	/* There is nothing left to confirm. */
	pass(o, config.otp_resend_seconds);
	send_again(o);
	office_error(o, 1, MFA_ERR_NOT_FOUND);
	assert_non_null(strstr(o->replies[1].what.error.text,
	    "no factor mail waits for a delivered code, or it expired"));
}

/* The second factor is there; its code is not, and it is said when and how. */
static void
test_R12_a_second_factor_too_soon(void **state)
{
	struct office *o = *state;
	mfa_wire_Request request;
	const char *text;

	enroll(o, "jo@example.org");
	office_name(&request, mfa_wire_Request_enroll_tag, "shop", "jo");
	memcpy(request.what.enroll.provider, "otp", 4);
	memcpy(request.what.enroll.label, "work", 5);
	memcpy(request.what.enroll.address, "jo@work.example", 16);
	ask_as(o, &request, OFFICE_SHOP);
	office_error(o, 1, MFA_ERR_TOO_SOON);
	text = o->replies[1].what.error.text;
	assert_string_equal(text,
	    "the factor work is pending, but no code was sent to it: one was "
	    "sent to this user a moment ago; in 30 seconds: medusa-mfa send "
	    "--realm shop --user jo work");
	assert_int_equal(fake.messages, 1);
	/* Nor is a day's last code followed by another one. */
	config.realm[1].sends_per_day = 1;
	memcpy(request.what.enroll.label, "home", 5);
	memcpy(request.what.enroll.address, "jo@home.example", 16);
	ask_as(o, &request, OFFICE_SHOP);
	office_error(o, 1, MFA_ERR_LOCKED);
	text = o->replies[1].what.error.text;
	assert_non_null(strstr(text, "the factor home is pending"));
	assert_non_null(strstr(text, "today"));
}

static void
test_R12_confirm_without_a_waiting_code(void **state)
{
	struct office *o = *state;
	char code[16];

	enroll(o, "jo@example.org");
	memcpy(code, fake.code, sizeof(code));
	pass(o, config.otp_ttl_seconds + 1);
	confirm(o, code);
	office_error(o, 1, MFA_ERR_EXPIRED);
	assert_string_equal(o->replies[1].what.error.text,
	    "no code is waiting; medusa-mfa send --realm shop --user jo FACTOR "
	    "sends one");
}

/* What is left lets in nobody: that is said to who did not ask before. */
static void
test_disable_tells_that_nothing_usable_is_left(void **state)
{
	struct office *o = *state;
	mfa_wire_Request request;

	office_enroll_in(o, "shop", "jo", OFFICE_SHOP);
	enroll(o, "jo@example.org");
	confirm(o, fake.code);
	config.realm[1].provides &= ~(uint32_t)MFA_PROVIDES_TOTP;
	office_name(&request, mfa_wire_Request_list_tag, "shop", "jo");
	ask_as(o, &request, OFFICE_SHOP);
	assert_true(office_reply(o, 1,
	    mfa_wire_Reply_factor_tag)->what.factor.provider_off);
	assert_false(office_reply(o, 2,
	    mfa_wire_Reply_factor_tag)->what.factor.provider_off);
	office_name(&request, mfa_wire_Request_status_tag, "shop", "jo");
	ask_as(o, &request, OFFICE_SHOP);
	assert_int_equal(office_reply(o, 1,
	    mfa_wire_Reply_account_tag)->what.account.enabled_factors, 2);
	assert_int_equal(office_reply(o, 1,
	    mfa_wire_Reply_account_tag)->what.account.usable_factors, 1);
	office_name(&request, mfa_wire_Request_disable_tag, "shop", "jo");
	memcpy(request.what.disable.factor, "mail", 5);
	ask_as(o, &request, OFFICE_SHOP);
	assert_non_null(strstr(office_reply(o, 1,
	    mfa_wire_Reply_done_tag)->what.done.text, "can be used"));
}

static void
test_R12_what_is_no_address_and_what_is_off(void **state)
{
	static const char *const bad[] = { "", " a@b", "a@b ", "a\nb" };
	struct office *o = *state;

	for (int i = 0; i < 4; i++) {
		enroll(o, bad[i]);
		office_error(o, 1, MFA_ERR_INVALID);
		assert_non_null(strstr(o->replies[1].what.error.text,
		    "address"));
	}
	config.realm[1].provides &= ~(uint32_t)MFA_PROVIDES_OTP;
	enroll(o, "jo@example.org");
	office_error(o, 1, MFA_ERR_CONFIG);
	assert_non_null(strstr(o->replies[1].what.error.text, "providers"));
	assert_int_equal(fake.messages, 0);
}

/* ---- challenges ---- */

static void
send_for(struct office *o, const char *id, const char *factor)
{
	mfa_wire_Request request;

	office_name(&request, mfa_wire_Request_challenge_send_tag, "", "");
	memcpy(request.what.challenge_send.id, id, strlen(id) + 1);
	memcpy(request.what.challenge_send.factor, factor,
	    strlen(factor) + 1);
	ask_as(o, &request, OFFICE_SHOP);
}

static const mfa_wire_Verdict *
answer(struct office *o, const char *id, const char *method, const char *code)
{
	mfa_wire_Request request;

	office_name(&request, mfa_wire_Request_challenge_verify_tag, "", "");
	memcpy(request.what.challenge_verify.id, id, strlen(id) + 1);
	memcpy(request.what.challenge_verify.method, method,
	    strlen(method) + 1);
	request.what.challenge_verify.code.size = (pb_size_t)strlen(code);
	memcpy(request.what.challenge_verify.code.bytes, code, strlen(code));
	ask_as(o, &request, OFFICE_SHOP);
	return &office_reply(o, 1, mfa_wire_Reply_verdict_tag)->what.verdict;
}

static void
test_R12_a_code_for_one_challenge(void **state)
{
	struct office *o = *state;
	const mfa_wire_Verdict *v;
	char first[841], second[841], code[16];

	enroll(o, "jo@example.org");
	confirm(o, fake.code);
	pass(o, config.otp_resend_seconds);
	office_challenge(o, "shop", "jo", OFFICE_SHOP, first);
	office_challenge(o, "shop", "jo", OFFICE_SHOP, second);
	send_for(o, first, "none");
	office_error(o, 1, MFA_ERR_NOT_FOUND);
	send_for(o, first, "");
	(void)office_reply(o, 1, mfa_wire_Reply_done_tag);
	assert_true(fake.waited);
	memcpy(code, fake.code, sizeof(code));
	/* Another challenge's it is not. */
	v = answer(o, second, "otp", code);
	assert_int_equal(v->code, MFA_VERDICT_DENY);
	v = answer(o, first, "otp", code);
	assert_int_equal(v->code, MFA_VERDICT_ACCEPT);
	assert_string_equal(v->method, "otp");
	v = answer(o, first, "otp", code);
	assert_int_equal(v->code, MFA_VERDICT_DENY);
	/* None goes to a challenge that is over. */
	pass(o, config.otp_resend_seconds);
	fake.messages = 0;
	send_for(o, first, "");
	office_error(o, 1, MFA_ERR_EXPIRED);
	assert_int_equal(fake.messages, 0);
	fake.says = MFA_ERR_UNDELIVERED;
	send_for(o, second, "mail");
	office_error(o, 1, MFA_ERR_UNDELIVERED);
}

/* A token's next code does not come by waiting. */
static void
test_R6_a_used_code_of_a_token_in_a_challenge(void **state)
{
	struct office *o = *state;
	const mfa_wire_Verdict *v;
	mfa_wire_Request request;
	char id[841], code[9];

	config.realm[1].provides |= MFA_PROVIDES_HOTP;
	office_name(&request, mfa_wire_Request_enroll_tag, "shop", "jo");
	memcpy(request.what.enroll.provider, "hotp", 5);
	memcpy(request.what.enroll.label, "mail", 5);
	memcpy(request.what.enroll.import_secret, SECRET_B, sizeof(SECRET_B));
	ask_as(o, &request, OFFICE_SHOP);
	(void)office_reply(o, 1, mfa_wire_Reply_enrolled_tag);
	world_counter(SECRET_B, 0, code);
	confirm(o, code);
	(void)office_reply(o, 1, mfa_wire_Reply_confirmed_tag);
	office_challenge(o, "shop", "jo", OFFICE_SHOP, id);
	v = answer(o, id, "", code);
	assert_int_equal(v->reason, MFA_REASON_REPLAYED);
	assert_string_equal(v->text, "Code already used, take another one.");
}

/* ---- events ---- */

static void
test_R23_events_go_when_the_reply_is_out(void **state)
{
	struct office *o = *state;

	enroll(o, "jo@example.org");
	(void)office_reply(o, 1, mfa_wire_Reply_enrolled_tag);
	/* After hello, after enroll, at the end. */
	assert_int_equal(fake.flushes, 3);
	assert_int_equal(fake.early, 0);
	assert_ptr_equal(fake.link, &o->office.runner);
	/* The sink of old hears of each at once. */
	assert_int_equal(o->events[MFA_EVENT_FACTOR_PENDING], 1);
}

static void
test_R23_no_runner_without_a_configuration(void **state)
{
	struct office *o = *state;

	o->office.config = NULL;
	office_configure(o, "requires = all\n");
	office_hello(o);
	office_login(o, "alice", 1);
	fake.peer = o->ends[0];
	fake.link = &o->office.runner;
	office_run(o, 0);
	assert_int_equal(office_reply(o, 1,
	    mfa_wire_Reply_verdict_tag)->what.verdict.code,
	    MFA_VERDICT_MISCONFIGURED);
	assert_null(fake.link);
	assert_int_equal(o->events[MFA_EVENT_ERROR], 1);
}

#define IN_OFFICE(f) \
	cmocka_unit_test_setup_teardown(f, with_codes, office_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_OFFICE(test_R12_enrolled_by_a_first_delivered_code),
		IN_OFFICE(test_R12_a_code_that_did_not_arrive),
		IN_OFFICE(test_R12_a_second_factor_too_soon),
		IN_OFFICE(test_R12_confirm_without_a_waiting_code),
		IN_OFFICE(test_disable_tells_that_nothing_usable_is_left),
		IN_OFFICE(test_R12_what_is_no_address_and_what_is_off),
		IN_OFFICE(test_R12_a_code_for_one_challenge),
		IN_OFFICE(test_R6_a_used_code_of_a_token_in_a_challenge),
		IN_OFFICE(test_R23_events_go_when_the_reply_is_out),
		IN_OFFICE(test_R23_no_runner_without_a_configuration),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
