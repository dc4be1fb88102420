/* SPDX-License-Identifier: MIT */
/*
 * The host is played by the functions below, which stand in for libpam; free
 * is wrapped (-Wl,--wrap=free) to see what an answer holds in the end.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include <security/pam_appl.h>

#include "pam_medusa_mfa/converse.h"

/* What the host does, and what it saw. */
struct pam_handle {
	struct pam_conv conv;
	const void *conv_item;
	int conv_item_code;
	const char *authtok;
	int authtok_code;
	char set[64]; /* what PAM_AUTHTOK was set to */
	int set_code;
	int code;	    /* of the conversation function */
	const char *answer; /* NULL: a response without text */
	bool no_response;
	int calls;
	int style;
	char shown[256];
	char *given; /* the answer, until it is freed */
	size_t given_len;
	const void *responses; /* until they are freed */
};

/* The host whose answer is watched. */
static struct pam_handle *watched;

void __real_free(void *p);
void __wrap_free(void *p);

/* R14: what was typed is wiped before it goes back to the heap. */
void
__wrap_free(void *p)
{
	if (p != NULL && watched != NULL && p == watched->given) {
		assert_true(unit_all(p, watched->given_len, 0));
		watched->given = NULL;
	}
	if (p != NULL && watched != NULL && p == watched->responses)
		watched->responses = NULL;
	__real_free(p);
}

int
pam_get_item(const pam_handle_t *pamh, int item_type, const void **item)
{
	if (item_type == PAM_CONV) {
		*item = pamh->conv_item;
		return pamh->conv_item_code;
	}
	assert_int_equal(item_type, PAM_AUTHTOK);
	*item = pamh->authtok;
	return pamh->authtok_code;
}

int
pam_set_item(pam_handle_t *pamh, int item_type, const void *item)
{
	assert_int_equal(item_type, PAM_AUTHTOK);
	if (pamh->set_code == PAM_SUCCESS)
		(void)snprintf(pamh->set, sizeof(pamh->set), "%s",
		    (const char *)item);
	return pamh->set_code;
}

static int
converse(int n, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	struct pam_handle *host = data;

	assert_int_equal(n, 1);
	assert_null(*responses);
	host->calls++;
	host->style = messages[0]->msg_style;
	(void)snprintf(host->shown, sizeof(host->shown), "%s",
	    messages[0]->msg);
	if (host->no_response)
		return host->code;
	host->responses = *responses = calloc(1, sizeof(**responses));
	if (host->answer != NULL) {
		(*responses)->resp = host->given = strdup(host->answer);
		host->given_len = strlen(host->answer);
	}
	return host->code;
}

static void
host_init(struct pam_handle *host, const char *answer)
{
	memset(host, 0, sizeof(*host));
	host->conv.conv = converse;
	host->conv.appdata_ptr = host;
	host->conv_item = &host->conv;
	host->answer = answer;
	watched = host;
}

/* Asks, and tells why there is no answer. */
static mfa_wire_Reason
asked(struct pam_handle *host, enum mfa_err wanted)
{
	struct mfa_answer answer;
	mfa_wire_Reason reason;

	memset(&answer, 0x5a, sizeof(answer));
	assert_int_equal(mfa_converse_ask(host, PAM_PROMPT_ECHO_OFF, "Code: ",
	    &answer), wanted);
	assert_null(host->given);
	assert_null(host->responses);
	reason = answer.reason;
	if (reason == mfa_wire_Reason_REASON_NONE) {
		assert_int_equal(answer.len, strlen(host->answer));
		assert_memory_equal(answer.text, host->answer, answer.len);
	} else {
		assert_int_equal(answer.len, 0);
		assert_true(unit_all(answer.text, sizeof(answer.text), 0));
	}
	mfa_answer_wipe(&answer);
	assert_true(unit_all(&answer, sizeof(answer), 0));
	return reason;
}

static void
test_answer_is_taken(void **state)
{
	static const char *const texts[] = { "492039", " 1 ", "\b\n\r\177INC",
		"\377\376\001" };
	struct pam_handle host;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		host_init(&host, texts[i]);
		assert_int_equal(asked(&host, MFA_OK),
		    mfa_wire_Reason_REASON_NONE);
		assert_int_equal(host.calls, 1);
		assert_int_equal(host.style, PAM_PROMPT_ECHO_OFF);
		assert_string_equal(host.shown, "Code: ");
	}
}

static void
test_style_is_passed_on(void **state)
{
	struct mfa_answer answer;
	struct pam_handle host;

	(void)state;
	host_init(&host, "1");
	assert_int_equal(mfa_converse_ask(&host, PAM_PROMPT_ECHO_ON, "x",
	    &answer), MFA_OK);
	assert_int_equal(host.style, PAM_PROMPT_ECHO_ON);
}

/* R25; ASan finds what is not freed. */
static void
test_R25_host_that_cannot_ask(void **state)
{
	static const int codes[] = { PAM_CONV_ERR, PAM_CONV_AGAIN, PAM_ABORT,
		PAM_SYSTEM_ERR, 4711, -1 };
	struct pam_handle host;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		host_init(&host, NULL);
		host.code = codes[i];
		assert_int_equal(asked(&host, MFA_OK),
		    mfa_wire_Reason_REASON_CONVERSATION);
		host.no_response = true;
		assert_int_equal(asked(&host, MFA_OK),
		    mfa_wire_Reason_REASON_CONVERSATION);
		host_init(&host, "492039"); /* an answer, and an error */
		host.code = codes[i];
		assert_int_equal(asked(&host, MFA_OK),
		    mfa_wire_Reason_REASON_CONVERSATION);
	}
}

static void
test_R25_success_without_an_answer(void **state)
{
	struct pam_handle host;

	(void)state;
	host_init(&host, NULL);
	assert_int_equal(asked(&host, MFA_OK),
	    mfa_wire_Reason_REASON_CONVERSATION);
	host.no_response = true;
	assert_int_equal(asked(&host, MFA_OK),
	    mfa_wire_Reason_REASON_CONVERSATION);
}

static void
test_R25_no_conversation_at_all(void **state)
{
	struct pam_handle host;

	(void)state;
	host_init(&host, "492039");
	host.conv.conv = NULL;
	assert_int_equal(asked(&host, MFA_OK),
	    mfa_wire_Reason_REASON_CONVERSATION);
	host.conv_item = NULL;
	assert_int_equal(asked(&host, MFA_OK),
	    mfa_wire_Reason_REASON_CONVERSATION);
	host.conv_item_code = PAM_SYSTEM_ERR;
	assert_int_equal(asked(&host, MFA_OK),
	    mfa_wire_Reason_REASON_CONVERSATION);
	assert_int_equal(host.calls, 0);
}

static void
test_R4_memory(void **state)
{
	struct pam_handle host;

	(void)state;
	host_init(&host, NULL);
	host.code = PAM_BUF_ERR;
	assert_int_equal(asked(&host, MFA_ERR_MEMORY),
	    mfa_wire_Reason_REASON_CONVERSATION);
}

static void
test_R8_password_is_not_taken(void **state)
{
	char password[400];
	struct pam_handle host;

	(void)state;
	host_init(&host, "492039");
	host.authtok = "492039";
	assert_int_equal(asked(&host, MFA_OK),
	    mfa_wire_Reason_REASON_PASSWORD_REPEATED);
	memset(password, 'p', sizeof(password) - 1);
	password[sizeof(password) - 1] = '\0';
	host.answer = host.authtok = password;
	assert_int_equal(asked(&host, MFA_OK),
	    mfa_wire_Reason_REASON_PASSWORD_REPEATED);
}

static void
test_R8_only_the_very_password_counts(void **state)
{
	static const char *const other[] = { "", "4", "49203", "4920399",
		"492030", "592039" };
	struct pam_handle host;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		host_init(&host, "492039");
		host.authtok = other[i];
		assert_int_equal(asked(&host, MFA_OK),
		    mfa_wire_Reason_REASON_NONE);
	}
}

/* If the password is not known, the answer may be it. */
static void
test_R8_unreadable_password_stops_the_answer(void **state)
{
	struct pam_handle host;

	(void)state;
	host_init(&host, "492039");
	host.authtok_code = PAM_SYSTEM_ERR;
	assert_int_equal(asked(&host, MFA_ERR_IO),
	    mfa_wire_Reason_REASON_CONVERSATION);
}

static void
test_R8_empty_and_over_long_are_junk(void **state)
{
	char text[65537];
	struct pam_handle host;

	(void)state;
	memset(text, '1', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	host_init(&host, text);
	assert_int_equal(asked(&host, MFA_OK), mfa_wire_Reason_REASON_JUNK);
	text[MFA_ANSWER_MAX + 1] = '\0';
	assert_int_equal(asked(&host, MFA_OK), mfa_wire_Reason_REASON_JUNK);
	text[MFA_ANSWER_MAX] = '\0';
	assert_int_equal(asked(&host, MFA_OK), mfa_wire_Reason_REASON_NONE);
	text[0] = '\0';
	assert_int_equal(asked(&host, MFA_OK), mfa_wire_Reason_REASON_JUNK);
	host.authtok = "";
	assert_int_equal(asked(&host, MFA_OK), mfa_wire_Reason_REASON_JUNK);
}

static void
test_tell_shows_and_forgets(void **state)
{
	struct pam_handle host;

	(void)state;
	host_init(&host, "an answer to no question");
	mfa_converse_tell(&host, PAM_ERROR_MSG, "Locked.");
	assert_int_equal(host.style, PAM_ERROR_MSG);
	assert_string_equal(host.shown, "Locked.");
	assert_null(host.given);
	assert_null(host.responses);
	host.code = PAM_CONV_ERR;
	mfa_converse_tell(&host, PAM_ERROR_MSG, "Locked.");
	assert_null(host.given);
	assert_null(host.responses);
	host.no_response = true;
	mfa_converse_tell(&host, PAM_ERROR_MSG, "Locked.");
	assert_int_equal(host.calls, 3);
	host.conv_item = NULL;
	mfa_converse_tell(&host, PAM_ERROR_MSG, "Locked.");
	assert_int_equal(host.calls, 3);
}

/* R8, R14: what is typed where something was only to be read. */
static void
test_R14_what_is_read_takes_no_answer(void **state)
{
	static const char *const typed[] = { "", "492039", "first factor",
		"\b\n\r\177INCORRECT" };
	static const int codes[] = { PAM_SUCCESS, PAM_CONV_ERR, PAM_BUF_ERR };
	struct pam_handle host;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 3; j++) {
			host_init(&host, typed[i]);
			host.authtok = "first factor";
			host.code = codes[j];
			mfa_converse_tell(&host, PAM_PROMPT_ECHO_ON, "Read.");
			assert_int_equal(host.style, PAM_PROMPT_ECHO_ON);
			assert_string_equal(host.shown, "Read.");
			assert_null(host.given);
			assert_null(host.responses);
			assert_int_equal(host.calls, 1);
		}
	}
}

/* The password of a split line: set, and not kept anywhere else. */
static void
password(struct pam_handle *host, enum mfa_err wanted, bool wanted_given)
{
	bool given = !wanted_given;

	assert_int_equal(mfa_converse_password(host, "Password: ", &given),
	    wanted);
	assert_int_equal(given, wanted_given);
	assert_null(host->given);
	assert_null(host->responses);
	assert_int_equal(host->style, PAM_PROMPT_ECHO_OFF);
	assert_string_equal(host->shown, "Password: ");
}

static void
test_R24_password_becomes_authtok(void **state)
{
	static const char *const texts[] = { "correct horse492039", "",
		"\303\244 \001" };
	struct pam_handle host;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		host_init(&host, texts[i]);
		password(&host, MFA_OK, true);
		assert_string_equal(host.set, texts[i]);
	}
}

static void
test_R4_R24_password_is_not_given(void **state)
{
	struct pam_handle host;

	(void)state;
	host_init(&host, NULL);
	password(&host, MFA_OK, false);
	host_init(&host, "x");
	host.code = PAM_CONV_ERR;
	password(&host, MFA_OK, false);
	host_init(&host, "x");
	host.no_response = true;
	password(&host, MFA_OK, false);
	host_init(&host, "x");
	host.code = PAM_BUF_ERR;
	password(&host, MFA_ERR_MEMORY, false);
	host_init(&host, "x");
	host.set_code = PAM_BUF_ERR;
	password(&host, MFA_ERR_MEMORY, false);
	host_init(&host, "x");
	host.set_code = PAM_SYSTEM_ERR;
	password(&host, MFA_ERR_IO, false);
	assert_string_equal(host.set, "");
}

/* R8: what use_split sends is judged like an answer. */
static void
test_R8_R24_judge(void **state)
{
	struct mfa_answer answer;
	struct pam_handle host;

	(void)state;
	host_init(&host, NULL);
	host.authtok = "492039";
	assert_int_equal(mfa_answer_judge(&host, "492038", &answer), MFA_OK);
	assert_int_equal(answer.reason, mfa_wire_Reason_REASON_NONE);
	assert_int_equal(mfa_answer_judge(&host, "492039", &answer), MFA_OK);
	assert_int_equal(answer.reason,
	    mfa_wire_Reason_REASON_PASSWORD_REPEATED);
	assert_true(unit_all(answer.text, sizeof(answer.text), 0));
	assert_int_equal(mfa_answer_judge(&host, "", &answer), MFA_OK);
	assert_int_equal(answer.reason, mfa_wire_Reason_REASON_JUNK);
	host.authtok_code = PAM_SYSTEM_ERR;
	assert_int_equal(mfa_answer_judge(&host, "492038", &answer),
	    MFA_ERR_IO);
	assert_int_equal(answer.reason, mfa_wire_Reason_REASON_CONVERSATION);
	assert_int_equal(answer.len, 0);
	assert_int_equal(host.calls, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer_is_taken),
		cmocka_unit_test(test_style_is_passed_on),
		cmocka_unit_test(test_R25_host_that_cannot_ask),
		cmocka_unit_test(test_R25_success_without_an_answer),
		cmocka_unit_test(test_R25_no_conversation_at_all),
		cmocka_unit_test(test_R4_memory),
		cmocka_unit_test(test_R8_password_is_not_taken),
		cmocka_unit_test(test_R8_only_the_very_password_counts),
		cmocka_unit_test(test_R8_unreadable_password_stops_the_answer),
		cmocka_unit_test(test_R8_empty_and_over_long_are_junk),
		cmocka_unit_test(test_tell_shows_and_forgets),
		cmocka_unit_test(test_R14_what_is_read_takes_no_answer),
		cmocka_unit_test(test_R24_password_becomes_authtok),
		cmocka_unit_test(test_R4_R24_password_is_not_given),
		cmocka_unit_test(test_R8_R24_judge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
