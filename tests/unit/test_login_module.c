/* SPDX-License-Identifier: MIT */
/*
 * The module's side of a login, where tests/module cannot look: verifier,
 * person, seat and split line have stand-ins here.
 */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "lib/client/client.h"
#include "pam_medusa_mfa/audit.h"
#include "pam_medusa_mfa/converse.h"
#include "pam_medusa_mfa/login.h"
#include "pam_medusa_mfa/seat.h"
#include "pam_medusa_mfa/split.h"

#define LINES 40

struct mfa_client {
	bool own;
};

static struct {
	/* the verifier: what it says, and then for ever */
	mfa_wire_Reply reply[4];
	size_t replies, said;
	enum mfa_err open;
	unsigned int opened, opened_own;
	/* the module, to the verifier */
	mfa_wire_Login login;
	unsigned int answers;
	enum mfa_err send; /* of what is no login */
	mfa_wire_Reason abandoned;
	/* the person */
	mfa_wire_Reason answer[LINES];
	unsigned int asked, told;
	char shown[256]; /* last */
	int style;
	/* the split line */
	enum mfa_err split;
	const char *code, *judged;
} world;

static struct mfa_client listener, own = { .own = true };
static struct mfa_args args;
static struct mfa_who who;
static struct mfa_outcome outcome;

/* ---- the verifier ---- */

enum mfa_err __wrap_mfa_client_open(const char *path, struct mfa_client **out);
enum mfa_err __wrap_mfa_client_open_own(struct mfa_client **out);
void __wrap_mfa_client_free(struct mfa_client *client);
enum mfa_err __wrap_mfa_client_send(struct mfa_client *client,
    const mfa_wire_Request *request);
enum mfa_err __wrap_mfa_client_recv(struct mfa_client *client,
    mfa_wire_Reply *reply);

enum mfa_err
__wrap_mfa_client_open(const char *path, struct mfa_client **out)
{
	assert_null(path);
	world.opened++;
	*out = world.open == MFA_OK ? &listener : NULL;
	return world.open;
}

enum mfa_err
__wrap_mfa_client_open_own(struct mfa_client **out)
{
	world.opened_own++;
	*out = &own;
	return MFA_OK;
}

void
__wrap_mfa_client_free(struct mfa_client *client)
{
	assert_true(client != NULL || world.open != MFA_OK);
}

enum mfa_err
__wrap_mfa_client_send(struct mfa_client *client,
    const mfa_wire_Request *request)
{
	assert_non_null(client);
	switch (request->which_what) {
	case mfa_wire_Request_login_tag:
		world.login = request->what.login;
		return MFA_OK;
	case mfa_wire_Request_answer_tag:
		world.answers++;
		break;
	default:
		assert_int_equal(request->which_what,
		    mfa_wire_Request_abandon_tag);
		world.abandoned = request->what.abandon.reason;
	}
	return world.send;
}

enum mfa_err
__wrap_mfa_client_recv(struct mfa_client *client, mfa_wire_Reply *reply)
{
	assert_non_null(client);
	assert_true(world.replies > 0);
	*reply = world.reply[world.said];
	if (world.said + 1 < world.replies)
		world.said++;
	return MFA_OK;
}

static mfa_wire_Reply *
says(pb_size_t what)
{
	mfa_wire_Reply *reply = &world.reply[world.replies++];

	assert_true(world.replies <= 4);
	reply->which_what = what;
	return reply;
}

static void
says_prompt(const char *note, const char *text)
{
	mfa_wire_Prompt *prompt = &says(mfa_wire_Reply_prompt_tag)->what.prompt;

	(void)snprintf(prompt->note, sizeof(prompt->note), "%s", note);
	(void)snprintf(prompt->text, sizeof(prompt->text), "%s", text);
}

static void
says_verdict(mfa_wire_VerdictCode code, mfa_wire_Reason reason,
    const char *text)
{
	mfa_wire_Verdict *verdict =
	    &says(mfa_wire_Reply_verdict_tag)->what.verdict;

	verdict->code = code;
	verdict->reason = reason;
	(void)snprintf(verdict->text, sizeof(verdict->text), "%s", text);
}

static void
says_error(enum mfa_err err)
{
	says(mfa_wire_Reply_error_tag)->what.error.code = (uint32_t)err;
}

/* ---- the host ---- */

static void
show(int style, const char *text)
{
	world.style = style;
	(void)snprintf(world.shown, sizeof(world.shown), "%s", text);
}

enum mfa_err
mfa_converse_ask(pam_handle_t *pamh, int style, const char *prompt,
    struct mfa_answer *answer)
{
	(void)pamh;
	assert_true(world.asked < LINES);
	show(style, prompt);
	memset(answer, 0, sizeof(*answer));
	answer->reason = world.answer[world.asked++];
	return MFA_OK;
}

void
mfa_converse_tell(pam_handle_t *pamh, int style, const char *text)
{
	(void)pamh;
	show(style, text);
	world.told++;
}

enum mfa_err
mfa_answer_judge(pam_handle_t *pamh, const char *text,
    struct mfa_answer *answer)
{
	(void)pamh;
	assert_string_equal(text, world.code);
	world.judged = world.code;
	answer->reason = mfa_wire_Reason_REASON_NONE;
	return MFA_OK;
}

void
mfa_answer_wipe(struct mfa_answer *answer)
{
	memset(answer, 0, sizeof(*answer));
}

void
mfa_audit_lock(pam_handle_t *pamh, mfa_wire_Lock lock)
{
	(void)pamh;
	assert_int_equal(lock, mfa_wire_Lock_LOCK_NONE);
}

enum mfa_err
mfa_split_take(pam_handle_t *pamh, const struct mfa_who *of,
    struct mfa_split_code *code)
{
	(void)pamh;
	assert_ptr_equal(of, &who);
	memset(code, 0, sizeof(*code));
	(void)snprintf(code->text, sizeof(code->text), "%s", world.code);
	return world.split;
}

void
mfa_seat_look(const char *tty, struct mfa_seat *seat)
{
	assert_string_equal(tty, who.tty);
	*seat = (struct mfa_seat){ .session = 11, .ruid = 12, .leader = 13,
		.leader_since = 14 };
}

/* ---- logins ---- */

static int
anew(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	memset(&args, 0, sizeof(args));
	memset(&who, 0, sizeof(who));
	memset(&outcome, 0x5a, sizeof(outcome));
	memcpy(who.user, "alice", 6);
	memcpy(who.tty, "tty1", 5);
	world.code = "";
	return 0;
}

static void
ends(int flags, enum mfa_err wanted, mfa_wire_Reason reason)
{
	assert_int_equal(mfa_login_run(NULL, flags, &args, &who, &outcome),
	    wanted);
	assert_int_equal(outcome.verdict, MFA_VERDICT_DENY);
	assert_int_equal(outcome.reason, reason);
	assert_non_null(outcome.step);
}

static void
test_R1_only_a_login_from_here_has_a_seat(void **state)
{
	static const char *const hosts[] = { "", "h", "192.0.2.1" };

	(void)state;
	says_verdict(mfa_wire_VerdictCode_VERDICT_DENY,
	    mfa_wire_Reason_REASON_WRONG, "");
	for (unsigned int i = 0; i < 3; i++) {
		memcpy(who.rhost, hosts[i], strlen(hosts[i]) + 1);
		ends(0, MFA_OK, mfa_wire_Reason_REASON_WRONG);
		assert_string_equal(world.login.rhost, hosts[i]);
		assert_int_equal(world.login.session, i == 0 ? 11 : 0);
		assert_int_equal(world.login.ruid, i == 0 ? 12 : 0);
		assert_int_equal(world.login.leader, i == 0 ? 13 : 0);
		assert_int_equal(world.login.leader_since, i == 0 ? 14 : 0);
	}
}

static void
test_R24_what_is_known_of_a_login_is_said(void **state)
{
	(void)state;
	says_verdict(mfa_wire_VerdictCode_VERDICT_DENY,
	    mfa_wire_Reason_REASON_WRONG, "");
	for (unsigned int i = 0; i < 16; i++) {
		args.nullok = (i & 1) != 0;
		args.use_split = (i & 2) != 0;
		who.key_used = (i & 4) != 0;
		args.retry = (i & 8) != 0 ? 10 : 1;
		ends(0, MFA_OK, mfa_wire_Reason_REASON_WRONG);
		assert_string_equal(world.login.user, "alice");
		assert_string_equal(world.login.tty, "tty1");
		assert_int_equal(world.login.nullok, args.nullok);
		assert_int_equal(world.login.unseen, args.use_split);
		assert_int_equal(world.login.key_used, who.key_used);
		assert_int_equal(world.login.retry, args.retry);
	}
}

static void
test_R25_the_shortest_texts_are_shown(void **state)
{
	(void)state;
	says_prompt("!", "?");
	says_verdict(mfa_wire_VerdictCode_VERDICT_DENY,
	    mfa_wire_Reason_REASON_WRONG, "");
	ends(0, MFA_OK, mfa_wire_Reason_REASON_WRONG);
	assert_string_equal(world.shown, "! ?");
	world.said = 0;
	memcpy(args.prompt, "P", 2);
	ends(0, MFA_OK, mfa_wire_Reason_REASON_WRONG);
	assert_string_equal(world.shown, "! P");
	assert_int_equal(world.answers, 2);
	assert_int_equal(world.told, 0);
	world.reply[1].what.verdict.text[0] = '.';
	world.said = 1;
	ends(0, MFA_OK, mfa_wire_Reason_REASON_WRONG);
	assert_int_equal(world.told, 1);
	assert_string_equal(world.shown, ".");
}

static void
test_R25_only_one_flag_is_silence(void **state)
{
	(void)state;
	says_verdict(mfa_wire_VerdictCode_VERDICT_DENY,
	    mfa_wire_Reason_REASON_LOCKED, "Locked.");
	ends((int)PAM_SILENT, MFA_OK, mfa_wire_Reason_REASON_LOCKED);
	assert_int_equal(world.told, 0);
	ends((int)~PAM_SILENT, MFA_OK, mfa_wire_Reason_REASON_LOCKED);
	assert_int_equal(world.told, 1);
	assert_string_equal(world.shown, "Locked.");
}

static void
test_R25_sixteen_prompts_at_most(void **state)
{
	(void)state;
	says_prompt("", "Code: ");
	ends(0, MFA_ERR_PROTOCOL, mfa_wire_Reason_REASON_NONE);
	assert_int_equal(world.asked, 16);
	assert_int_equal(world.answers, 16);
}

/* It may have said why before it left. */
static void
test_R3_a_verifier_that_left_is_still_heard(void **state)
{
	static const mfa_wire_Reason reasons[] = { mfa_wire_Reason_REASON_NONE,
		mfa_wire_Reason_REASON_JUNK };

	(void)state;
	says_prompt("", "Code: ");
	says_verdict(mfa_wire_VerdictCode_VERDICT_DENY, reasons[1], "");
	for (int i = 0; i < 2; i++) {
		world.answer[2 * i] = world.answer[2 * i + 1] = reasons[i];
		world.said = 0;
		world.send = MFA_ERR_CLOSED;
		ends(0, MFA_OK, reasons[1]);
		world.said = 0;
		world.send = MFA_ERR_TIMEOUT;
		ends(0, MFA_ERR_TIMEOUT, mfa_wire_Reason_REASON_NONE);
	}
}

/* ---- no answer ---- */

/* A host that shows no prompt shows no text either. */
static void
test_R4_what_is_told_to_who_gave_no_answer(void **state)
{
	static const mfa_wire_Reason junk = mfa_wire_Reason_REASON_JUNK;
	static const mfa_wire_Reason failed =
	    mfa_wire_Reason_REASON_CONVERSATION;

	(void)state;
	says_prompt("", "Code: ");
	says_verdict(mfa_wire_VerdictCode_VERDICT_DENY, junk, "Goodbye.");
	world.answer[0] = failed;
	ends(0, MFA_OK, failed);
	assert_int_equal(world.abandoned, failed);
	assert_int_equal(world.told, 0);
	world.said = 0;
	world.answer[1] = junk;
	ends(0, MFA_OK, junk);
	assert_int_equal(world.abandoned, junk);
	assert_int_equal(world.told, 1);
	assert_string_equal(world.shown, "Goodbye.");
	assert_int_equal(world.style, PAM_ERROR_MSG);
	assert_int_equal(world.answers, 0);
}

static void
test_R4_a_later_prompt_that_failed(void **state)
{
	(void)state;
	says_prompt("", "Code: ");
	says_prompt("", "Code: ");
	says_verdict(mfa_wire_VerdictCode_VERDICT_DENY,
	    mfa_wire_Reason_REASON_CONVERSATION, "Goodbye.");
	world.answer[1] = mfa_wire_Reason_REASON_CONVERSATION;
	ends(0, MFA_OK, mfa_wire_Reason_REASON_WRONG);
	assert_int_equal(world.abandoned, mfa_wire_Reason_REASON_CONVERSATION);
	assert_int_equal(world.answers, 1);
	assert_string_equal(world.shown, "Goodbye.");
}

static void
test_R3_an_error_where_no_answer_was_given(void **state)
{
	(void)state;
	says_prompt("", "Code: ");
	says_error(MFA_ERR_CONFIG);
	world.answer[0] = mfa_wire_Reason_REASON_JUNK;
	ends(0, MFA_ERR_CONFIG, mfa_wire_Reason_REASON_NONE);
	assert_int_equal(world.told, 0);
}

/* ---- use_split ---- */

static void
test_R24_the_shortest_code_is_one(void **state)
{
	(void)state;
	args.use_split = true;
	world.code = "7";
	says_prompt("", "Code: ");
	says_verdict(mfa_wire_VerdictCode_VERDICT_DENY,
	    mfa_wire_Reason_REASON_WRONG, "");
	ends(0, MFA_OK, mfa_wire_Reason_REASON_WRONG);
	assert_ptr_equal(world.judged, world.code);
	assert_int_equal(world.answers, 1);
	assert_int_equal(world.asked, 0);
}

static void
test_R24_a_code_that_cannot_be_had_asks_nobody(void **state)
{
	(void)state;
	args.use_split = true;
	world.split = MFA_ERR_MEMORY;
	ends(0, MFA_ERR_MEMORY, mfa_wire_Reason_REASON_NONE);
	assert_int_equal(world.opened, 0);
	assert_int_equal(world.told, 0);
}

/* ---- busy ---- */

static void
test_R28_a_busy_listener_is_not_the_only_way(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	says_error(MFA_ERR_BUSY);
	says_verdict(mfa_wire_VerdictCode_VERDICT_DENY,
	    mfa_wire_Reason_REASON_LOCKED, "Locked.");
	ends(0, MFA_OK, mfa_wire_Reason_REASON_LOCKED);
	assert_int_equal(world.opened, 1);
	assert_int_equal(world.opened_own, 1);
	assert_int_equal(world.told, 1);
}

/* mfa_client_open has tried both. */
static void
test_R28_who_reached_nobody_does_not_come_again(void **state)
{
	(void)state;
	world.open = MFA_ERR_BUSY;
	ends(0, MFA_ERR_BUSY, mfa_wire_Reason_REASON_NONE);
	assert_int_equal(world.opened, 1);
	assert_int_equal(world.opened_own, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, anew)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_R1_only_a_login_from_here_has_a_seat),
		TEST(test_R24_what_is_known_of_a_login_is_said),
		TEST(test_R25_the_shortest_texts_are_shown),
		TEST(test_R25_only_one_flag_is_silence),
		TEST(test_R25_sixteen_prompts_at_most),
		TEST(test_R3_a_verifier_that_left_is_still_heard),
		TEST(test_R4_what_is_told_to_who_gave_no_answer),
		TEST(test_R4_a_later_prompt_that_failed),
		TEST(test_R3_an_error_where_no_answer_was_given),
		TEST(test_R24_the_shortest_code_is_one),
		TEST(test_R24_a_code_that_cannot_be_had_asks_nobody),
		TEST(test_R28_a_busy_listener_is_not_the_only_way),
		TEST(test_R28_who_reached_nobody_does_not_come_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
