/* SPDX-License-Identifier: MIT */
/*
 * R2, R24, R28, R29: the module's question of policy, and where it asks once
 * more: a verifier of its own, where the listener is busy or of another release.
 */
#include "tests/unit/unit.h"

#include <unistd.h>

#include "lib/client/client.h"
#include "pam_medusa_mfa/policy.h"
#include "protocol/wire_io.h"

/* A verifier: cannot be reached; of a version; what it says. */
struct mfa_client {
	enum mfa_err open;
	uint32_t version;
	mfa_wire_Reply reply;
	unsigned int opened, asked, freed;
	mfa_wire_Policy question;
};

static struct mfa_client listener, own;
static uid_t euid;

enum mfa_err __wrap_mfa_client_open(const char *path, struct mfa_client **out);
enum mfa_err __wrap_mfa_client_open_own(struct mfa_client **out);
void __wrap_mfa_client_free(struct mfa_client *client);
uint32_t __wrap_mfa_client_version(const struct mfa_client *client);
enum mfa_err __wrap_mfa_client_send(struct mfa_client *client,
    const mfa_wire_Request *request);
enum mfa_err __wrap_mfa_client_recv(struct mfa_client *client,
    mfa_wire_Reply *reply);
uid_t __wrap_geteuid(void);

static enum mfa_err
reach(struct mfa_client *client, struct mfa_client **out)
{
	client->opened++;
	*out = client->open == MFA_OK ? client : NULL;
	return client->open;
}

enum mfa_err
__wrap_mfa_client_open(const char *path, struct mfa_client **out)
{
	assert_string_equal(path, "/run/there");
	return reach(&listener, out);
}

enum mfa_err
__wrap_mfa_client_open_own(struct mfa_client **out)
{
	return reach(&own, out);
}

void
__wrap_mfa_client_free(struct mfa_client *client)
{
	if (client != NULL)
		client->freed++;
}

uint32_t
__wrap_mfa_client_version(const struct mfa_client *client)
{
	return client->version;
}

enum mfa_err
__wrap_mfa_client_send(struct mfa_client *client,
    const mfa_wire_Request *request)
{
	assert_int_equal(request->which_what, mfa_wire_Request_policy_tag);
	client->asked++;
	client->question = request->what.policy;
	return MFA_OK;
}

enum mfa_err
__wrap_mfa_client_recv(struct mfa_client *client, mfa_wire_Reply *reply)
{
	*reply = client->reply;
	return MFA_OK;
}

uid_t
__wrap_geteuid(void)
{
	return euid;
}

#define VERDICT(word, why)                                                   \
	{                                                                    \
		.which_what = mfa_wire_Reply_verdict_tag, .what.verdict = {  \
			.code = mfa_wire_VerdictCode_VERDICT_##word,         \
			.reason = mfa_wire_Reason_REASON_##why }             \
	}
#define ERROR(name)                                                          \
	{                                                                    \
		.which_what = mfa_wire_Reply_error_tag,                      \
		.what.error.code = MFA_ERR_##name                            \
	}
#define SAYS(what) { .version = 3, .reply = what }
#define GONE(err)  { .open = MFA_ERR_##err }
#define OLDER { .version = 2 }

static const struct mfa_args args = { .socket = "/run/there" };
static struct mfa_outcome outcome;

static enum mfa_err
ask(const struct mfa_client *there, const struct mfa_client *second, uid_t uid)
{
	struct mfa_who who;

	memset(&who, 0, sizeof(who));
	memcpy(who.user, "alice", 6);
	listener = *there;
	own = *second;
	euid = uid;
	return mfa_policy_ask(&args, &who, true, &outcome);
}

static void
test_R28_R29_where_it_asks_once_more(void **state)
{
	static const struct {
		struct mfa_client there, own;
		uid_t uid;
		enum mfa_err err;
		bool passes, twice;
		const char *step; /* part of it; NULL: any */
	} rows[] = {
		{ SAYS(VERDICT(PASS, EXEMPT)), GONE(IO), 0, MFA_OK, true,
		    false, NULL },
		{ SAYS(VERDICT(DENY, UNVERIFIED)), SAYS(VERDICT(PASS, EXEMPT)),
		    0, MFA_OK, false, false, NULL },
		/* Busy with this very user. */
		{ SAYS(ERROR(BUSY)), SAYS(VERDICT(PASS, EXEMPT)), 0, MFA_OK,
		    true, true, NULL },
		{ SAYS(ERROR(BUSY)), SAYS(VERDICT(DENY, UNVERIFIED)), 0,
		    MFA_OK, false, true, NULL },
		{ SAYS(ERROR(BUSY)), SAYS(VERDICT(PASS, EXEMPT)), 1000,
		    MFA_ERR_BUSY, false, false, "no verdict" },
		{ SAYS(ERROR(BUSY)), GONE(UNAVAILABLE), 0,
		    MFA_ERR_UNAVAILABLE, false, true, "cannot reach" },
		/* Not even greeted: the client has tried both ways. */
		{ GONE(BUSY), SAYS(VERDICT(PASS, EXEMPT)), 0, MFA_ERR_BUSY,
		    false, false, "cannot reach" },
		/* Of the release before. */
		{ OLDER, SAYS(VERDICT(PASS, NOT_ENROLLED)), 0, MFA_OK, true,
		    true, NULL },
		{ OLDER, SAYS(VERDICT(PASS, NOT_ENROLLED)), 1000,
		    MFA_ERR_VERSION, false, false, "older release" },
		{ OLDER, GONE(UNAVAILABLE), 0, MFA_ERR_VERSION, false, true,
		    "older release" },
		{ OLDER, SAYS(ERROR(IO)), 0, MFA_ERR_IO, false, true,
		    "no verdict" },
		/* Any other trouble is trouble. */
		{ SAYS(ERROR(CONFIG)), SAYS(VERDICT(PASS, EXEMPT)), 0,
		    MFA_ERR_CONFIG, false, false, "no verdict" },
		/* R2: a question accepts nobody, and a prompt is no answer. */
		{ SAYS(VERDICT(ACCEPT, OK)), SAYS(VERDICT(PASS, EXEMPT)), 0,
		    MFA_ERR_PROTOCOL, false, false, "no verdict" },
		{ SAYS({ .which_what = mfa_wire_Reply_prompt_tag }),
		    SAYS(VERDICT(PASS, EXEMPT)), 0, MFA_ERR_PROTOCOL, false,
		    false, "no verdict" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum mfa_err r = ask(&rows[i].there, &rows[i].own,
		    rows[i].uid);

		if (r != rows[i].err ||
		    (outcome.verdict == MFA_VERDICT_PASS) != rows[i].passes ||
		    own.opened != (rows[i].twice ? 1 : 0))
			fail_msg("row %zu: error %d, verdict %#x, %u more", i,
			    (int)r, (unsigned int)outcome.verdict, own.opened);
		assert_int_not_equal(outcome.verdict, MFA_VERDICT_ACCEPT);
		if (rows[i].step != NULL)
			assert_non_null(strstr(outcome.step, rows[i].step));
		assert_int_equal(listener.opened, 1);
		assert_int_equal(listener.freed, listener.open == MFA_OK);
		assert_int_equal(own.freed,
		    own.opened == 1 && own.open == MFA_OK);
	}
}

/* Both are asked the same, about the same. */
static void
test_R24_the_question(void **state)
{
	const struct mfa_client busy = SAYS(ERROR(BUSY));
	const struct mfa_client exempt = SAYS(VERDICT(PASS, EXEMPT));
	struct mfa_args nullok = { .socket = "/run/there", .nullok = true };
	struct mfa_who who;

	(void)state;
	for (int n = 0; n < 8; n++) {
		memset(&who, 0, sizeof(who));
		memcpy(who.user, "alice", 6);
		memcpy(who.service, "sshd", 5);
		memcpy(who.rhost, "192.0.2.7", 10);
		memcpy(who.tty, "ssh", 4);
		who.key_used = (n & 1) != 0;
		nullok.nullok = (n & 2) != 0;
		listener = busy;
		own = exempt;
		euid = 0;
		assert_int_equal(mfa_policy_ask(&nullok, &who, (n & 4) != 0,
		    &outcome), MFA_OK);
		assert_string_equal(listener.question.user, "alice");
		assert_string_equal(listener.question.service, "sshd");
		assert_string_equal(listener.question.rhost, "192.0.2.7");
		assert_string_equal(listener.question.tty, "ssh");
		assert_int_equal(listener.question.key_used, (n & 1) != 0);
		assert_int_equal(listener.question.nullok, (n & 2) != 0);
		assert_int_equal(listener.question.final, (n & 4) != 0);
		assert_memory_equal(&listener.question, &own.question,
		    sizeof(own.question));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R28_R29_where_it_asks_once_more),
		cmocka_unit_test(test_R24_the_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
