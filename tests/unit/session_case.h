/* SPDX-License-Identifier: MIT */
/* An ordinary user who changes his own record, as tests of session.c need. */
#ifndef MFA_TESTS_SESSION_CASE_H
#define MFA_TESTS_SESSION_CASE_H

#include "tests/unit/person.h"

#include "utils/qr.h"
#include "utils/session.h"

#define CODE_PROMPT   "Code of a factor you have: "
#define INVITE_PROMPT "Invitation from your administrator: "

static struct capture out, err;

static const struct mfa_args changing = { .user = "alice",
	.owner = true,
	.yes = true,
	.count = 1,
	.operand = operands };
static const struct mfa_args enrolling = { .user = "alice",
	.owner = true,
	.qr = MFA_QR_NONE };

static inline void
will_need(mfa_wire_Proof proof)
{
	fake_client_will_say(mfa_wire_Reply_account_tag)->what.account.proof =
	    proof;
}

/* Needed, and nothing else stands against what is tried without it. */
static inline void
will_try(mfa_wire_Proof proof)
{
	will_need(proof);
	if (proof == mfa_wire_Proof_PROOF_CODE)
		fake_client_will_refuse(MFA_ERR_PROOF, "prove it");
	else
		fake_client_will_refuse(MFA_ERR_INVITATION, "be invited");
}

static inline void
will_done(const char *text)
{
	mfa_wire_Done *done =
	    &fake_client_will_say(mfa_wire_Reply_done_tag)->what.done;

	(void)snprintf(done->text, sizeof(done->text), "%s", text);
}

static inline void
will_enroll(void)
{
	mfa_wire_Enrolled *e =
	    &fake_client_will_say(mfa_wire_Reply_enrolled_tag)->what.enrolled;

	(void)memcpy(e->id, "0123456789abcdef", 17);
	(void)memcpy(e->label, "totp", 5);
	(void)memcpy(e->secret, "JBSWY3DP", 9);
	e->expires_seconds = 600;
}

static inline void
will_confirm(void)
{
	(void)memcpy(fake_client_will_say(mfa_wire_Reply_confirmed_tag)
			 ->what.confirmed.label, "totp", 5);
}

static inline void
proved(size_t i, const char *code)
{
	const mfa_wire_Prove *prove =
	    &asked(i, mfa_wire_Request_prove_tag)->what.prove;

	assert_string_equal(prove->user, "alice");
	assert_int_equal(prove->code.size, strlen(code));
	assert_memory_equal(prove->code.bytes, code, strlen(code));
}

static inline int
heard_in(size_t i)
{
	return person.outcome->client.heard_in[i];
}

/* Without a terminal; what was asked lands where person's does. */
static inline int
run(const char *name, const struct mfa_args *args, const char *input)
{
	int saved = capture_input(input, strlen(input));
	int code;

	capture_begin(&out, STDOUT_FILENO);
	capture_begin(&err, STDERR_FILENO);
	code = mfa_command_find(name)->run(args);
	(void)capture_end(&err);
	(void)capture_end(&out);
	capture_input_end(saved);
	assert_int_equal(fake_client.open, 0);
	person.outcome->client = fake_client;
	return code;
}

#endif
