/* SPDX-License-Identifier: MIT */
/*
 * R14: a login leaves no code, no key of a new factor and no recovery code on
 * the host's stack, however it ends.  Verifier and person are of the test.
 */
#include "tests/unit/residue.h"

#include "lib/client/client.h"
#include "pam_medusa_mfa/audit.h"
#include "pam_medusa_mfa/converse.h"
#include "pam_medusa_mfa/login.h"
#include "pam_medusa_mfa/split.h"

#define CODE "483920"
#define KEY  "MFRG GZDF MZTW Q2LK"

/* ---- the verifier ---- */

static unsigned int prompts; /* it asks so often, then says no */
static bool is_gone;	     /* after the prompts there is nothing more */
static bool acknowledge;
static bool got_code;

enum mfa_err __wrap_mfa_client_open(const char *path, struct mfa_client **out);
enum mfa_err __wrap_mfa_client_send(struct mfa_client *client,
    const mfa_wire_Request *request);
enum mfa_err __wrap_mfa_client_recv(struct mfa_client *client,
    mfa_wire_Reply *reply);
void __wrap_mfa_client_free(struct mfa_client *client);

enum mfa_err
__wrap_mfa_client_open(const char *path, struct mfa_client **out)
{
	(void)path;
	*out = NULL;
	return MFA_OK;
}

enum mfa_err
__wrap_mfa_client_send(struct mfa_client *client,
    const mfa_wire_Request *request)
{
	const mfa_wire_Answer_text_t *text = &request->what.answer.text;

	(void)client;
	got_code |= request->which_what == mfa_wire_Request_answer_tag &&
	    text->size == strlen(CODE) &&
	    memcmp(text->bytes, CODE, strlen(CODE)) == 0;
	return MFA_OK;
}

enum mfa_err
__wrap_mfa_client_recv(struct mfa_client *client, mfa_wire_Reply *reply)
{
	static const char note[] = "Add this key to your app: " KEY ".";

	(void)client;
	if (prompts == 0 && is_gone)
		return MFA_ERR_CLOSED;
	memset(reply, 0, sizeof(*reply));
	if (prompts == 0) {
		reply->which_what = mfa_wire_Reply_verdict_tag;
		reply->what.verdict.code = mfa_wire_VerdictCode_VERDICT_DENY;
		reply->what.verdict.reason = mfa_wire_Reason_REASON_WRONG;
		return MFA_OK;
	}
	prompts--;
	reply->which_what = mfa_wire_Reply_prompt_tag;
	reply->what.prompt.acknowledge = acknowledge;
	memcpy(reply->what.prompt.note, note, sizeof(note));
	memcpy(reply->what.prompt.text, "Code: ", 7);
	return MFA_OK;
}

void
__wrap_mfa_client_free(struct mfa_client *client)
{
	assert_null(client);
}

/* ---- the host ---- */

static bool was_shown;

enum mfa_err __wrap_mfa_converse_ask(pam_handle_t *pamh, int style,
    const char *prompt, struct mfa_answer *answer);
void __wrap_mfa_converse_tell(pam_handle_t *pamh, int style, const char *text);
enum mfa_err __wrap_mfa_split_take(pam_handle_t *pamh,
    const struct mfa_who *who, struct mfa_split_code *code);
enum mfa_err __wrap_mfa_answer_judge(pam_handle_t *pamh, const char *text,
    struct mfa_answer *answer);
void __wrap_mfa_audit_lock(pam_handle_t *pamh, mfa_wire_Lock lock);

static void
type(struct mfa_answer *answer)
{
	answer->reason = mfa_wire_Reason_REASON_NONE;
	answer->len = strlen(CODE);
	memcpy(answer->text, CODE, strlen(CODE));
}

enum mfa_err
__wrap_mfa_converse_ask(pam_handle_t *pamh, int style, const char *prompt,
    struct mfa_answer *answer)
{
	(void)pamh;
	(void)style;
	was_shown |= strstr(prompt, KEY) != NULL;
	type(answer);
	return MFA_OK;
}

void
__wrap_mfa_converse_tell(pam_handle_t *pamh, int style, const char *text)
{
	(void)pamh;
	(void)style;
	was_shown |= strstr(text, KEY) != NULL;
}

enum mfa_err
__wrap_mfa_split_take(pam_handle_t *pamh, const struct mfa_who *who,
    struct mfa_split_code *code)
{
	(void)pamh;
	(void)who;
	memcpy(code->text, CODE, sizeof(CODE));
	return MFA_OK;
}

enum mfa_err
__wrap_mfa_answer_judge(pam_handle_t *pamh, const char *text,
    struct mfa_answer *answer)
{
	(void)pamh;
	assert_string_equal(text, CODE);
	type(answer);
	return MFA_OK;
}

void
__wrap_mfa_audit_lock(pam_handle_t *pamh, mfa_wire_Lock lock)
{
	(void)pamh;
	(void)lock;
}

/* ---- logins ---- */

static struct mfa_args args;
static struct mfa_who who;
static struct mfa_outcome outcome;
static enum mfa_err got;

static void
log_in(void)
{
	got = mfa_login_run(NULL, 0, &args, &who, &outcome);
}

static void
leaves_nothing(unsigned int how_often, bool gone, enum mfa_err expected)
{
	prompts = how_often;
	is_gone = gone;
	got_code = was_shown = false;
	residue_run(log_in);
	assert_int_equal(got, expected);
	assert_int_equal(outcome.verdict, MFA_VERDICT_DENY);
	assert_false(residue_left(CODE, strlen(CODE)));
	assert_false(residue_left(KEY, strlen(KEY)));
}

static int
anew(void **state)
{
	(void)state;
	memset(&args, 0, sizeof(args));
	memset(&who, 0, sizeof(who));
	memcpy(who.user, "alice", 6);
	memcpy(who.rhost, "192.0.2.1", 10);
	acknowledge = false;
	return 0;
}

static void
test_R14_asked_and_refused(void **state)
{
	(void)state;
	leaves_nothing(2, false, MFA_OK);
	assert_true(got_code && was_shown);
}

static void
test_R14_the_verifier_goes_away(void **state)
{
	(void)state;
	leaves_nothing(1, true, MFA_ERR_CLOSED);
	assert_true(got_code && was_shown);
}

static void
test_R14_a_prompt_that_is_only_read(void **state)
{
	(void)state;
	acknowledge = true;
	leaves_nothing(1, true, MFA_ERR_CLOSED);
	assert_true(was_shown);
	assert_false(got_code);
}

static void
test_R14_a_code_of_use_split(void **state)
{
	(void)state;
	args.use_split = true;
	leaves_nothing(1, true, MFA_ERR_CLOSED);
	assert_true(got_code);
	assert_false(was_shown);
}

static void
test_R14_a_code_that_nobody_wants(void **state)
{
	(void)state;
	args.use_split = true;
	leaves_nothing(0, false, MFA_OK);
	leaves_nothing(0, true, MFA_ERR_CLOSED);
	assert_false(got_code);
}

#define TEST(name) cmocka_unit_test_setup(name, anew)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_R14_asked_and_refused),
		TEST(test_R14_the_verifier_goes_away),
		TEST(test_R14_a_prompt_that_is_only_read),
		TEST(test_R14_a_code_of_use_split),
		TEST(test_R14_a_code_that_nobody_wants),
	};

	residue_need_plain_frames();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
