/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "utils/confirm.h"
#include "utils/factor.h"
#include "utils/out.h"
#include "utils/qr.h"
#include "utils/show.h"
#include "utils/whose.h"

/* Sets of enum mfa_factor_kind, as bits. */
#define TOTP	(1U << MFA_FACTOR_TOTP)
#define HOTP	(1U << MFA_FACTOR_HOTP)
#define OTP	(1U << MFA_FACTOR_OTP)
#define OUTSIDE (1U << MFA_FACTOR_OUTSIDE)

/* What is wrong with the options, or NULL. */
static const char *
misplaced(const struct mfa_args *args)
{
	const bool looks = args->algorithm != NULL || args->show_url ||
	    args->qr != MFA_QR_AUTO;
	const struct {
		bool given;
		unsigned int kinds; /* that know it */
		const char *sentence;
	} rules[] = {
		{ args->address != NULL && args->import_secret, 0,
		    "--address and --import-secret exclude each other" },
		{ args->address != NULL, OTP,
		    "--address belongs to --provider otp" },
		{ args->import_secret, TOTP | HOTP | OUTSIDE,
		    "--import-secret: --provider otp has no key" },
		{ args->counter != 0, HOTP,
		    "--counter belongs to --provider hotp" },
		{ args->period != 0, TOTP,
		    "--period belongs to --provider totp" },
		{ looks, TOTP | HOTP,
		    "--algorithm, --qr and --show-url belong to --provider "
		    "totp or hotp" },
		{ args->digits != 0, TOTP | HOTP | OTP,
		    "--digits belongs to --provider totp, hotp or otp" },
	};
	unsigned int kind = 1U << mfa_factor_kind(args->provider);

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].given && (rules[i].kinds & kind) == 0)
			return rules[i].sentence;
	}
	return NULL;
}

static void
copy_if_given(char *field, size_t size, const char *text)
{
	/* The options' table keeps them within the fields of wire.proto. */
	if (text != NULL)
		(void)mfa_text_copy(field, size, text);
}

struct question {
	const char *prompt;
	bool echo;
	const char *if_empty; /* why an empty line will not do; or NULL */
};

static int
ask(struct mfa_term *term, const struct question *question, char *out,
    size_t size)
{
	enum mfa_err r;

	r = mfa_term_read(term, question->prompt, question->echo, out, size);
	if (r != MFA_OK)
		return mfa_term_failed(term, r);
	if (out[0] != '\0' || question->if_empty == NULL)
		return MFA_EXIT_DONE;
	mfa_out_error("%s", question->if_empty);
	return MFA_EXIT_FAILED;
}

static int
ask_address(struct mfa_term *term, mfa_wire_Enroll *enroll)
{
	static const struct question question = { "Address for codes: ", true,
		"the address is empty" };

	if (enroll->address[0] != '\0')
		return MFA_EXIT_DONE;
	if (mfa_term_interactive(term))
		return ask(term, &question, enroll->address,
		    sizeof(enroll->address));
	mfa_out_error("enroll: --provider otp needs --address ADDRESS");
	return MFA_EXIT_USAGE;
}

static int
ask_key(struct mfa_term *term, const struct mfa_args *args,
    mfa_wire_Enroll *enroll)
{
	/* An empty one would mean "make a new key" to the verifier. */
	static const struct question question = { "Key to import: ", false,
		"the key to import is empty" };

	if (!args->import_secret)
		return MFA_EXIT_DONE;
	return ask(term, &question, enroll->import_secret,
	    sizeof(enroll->import_secret));
}

/* Only its program knows what that is: perhaps a key, perhaps nothing. */
static int
ask_setup(struct mfa_term *term, const struct mfa_args *args,
    mfa_wire_Enroll *enroll)
{
	char prompt[120], name[48];
	const struct question question = { prompt, false, NULL };

	if (!args->import_secret && !mfa_term_interactive(term))
		return MFA_EXIT_DONE;
	mfa_out_clean(args->provider, name, sizeof(name));
	(void)snprintf(prompt, sizeof(prompt),
	    "What %s wants to know (not shown; empty: nothing): ", name);
	return ask(term, &question, enroll->import_secret,
	    sizeof(enroll->import_secret));
}

/* What is asked for, and not taken from the arguments (R14). */
static int
ask_rest(struct mfa_term *term, const struct mfa_args *args,
    mfa_wire_Enroll *enroll)
{
	switch (mfa_factor_kind(args->provider)) {
	case MFA_FACTOR_OTP:
		return ask_address(term, enroll);
	case MFA_FACTOR_OUTSIDE:
		return ask_setup(term, args, enroll);
	default:
		return ask_key(term, args, enroll);
	}
}

static int
fill(struct mfa_term *term, const struct mfa_args *args,
    mfa_wire_Request *request)
{
	mfa_wire_Enroll *enroll = &request->what.enroll;
	int code;

	request->which_what = mfa_wire_Request_enroll_tag;
	code = mfa_ask_subject(enroll->user, enroll->realm, args->user,
	    args->realm);
	if (code != MFA_EXIT_DONE)
		return code;
	copy_if_given(enroll->provider, sizeof(enroll->provider),
	    args->provider);
	copy_if_given(enroll->label, sizeof(enroll->label), args->label);
	copy_if_given(enroll->algorithm, sizeof(enroll->algorithm),
	    args->algorithm);
	copy_if_given(enroll->address, sizeof(enroll->address), args->address);
	enroll->digits = args->digits;
	enroll->period = args->period;
	enroll->counter = args->counter;
	return ask_rest(term, args, enroll);
}

/* The factor is there, only its code is not: how to go on. */
static void
tell_unsent(const struct mfa_args *args, enum mfa_err why)
{
	struct mfa_ask_problem problem;
	mfa_wire_FactorInfo factor;
	char whose[MFA_WHOSE];

	if (args->json ||
	    mfa_factor_pending(args, args->label, args->address, &factor,
		&problem) != MFA_OK)
		return;
	mfa_whose_options(args, whose);
	(void)printf("The factor %s is pending. To send another code and to "
		     "enable it:\n"
		     "  medusa-mfa send%s %s\n  medusa-mfa confirm%s %s\n",
	    factor.label, whose, factor.label, whose, factor.label);
	if (why == MFA_ERR_UNDELIVERED)
		(void)printf("If the address is wrong:\n"
			     "  medusa-mfa disable%s %s\nthen enroll again.\n",
		    whose, factor.label);
}

/* It was given for nothing, and nobody else would say so. */
static void
tell_invited(const struct mfa_session *session)
{
	if (session->invited)
		mfa_out_error("the invitation is used up: ask for another one");
}

static int
request_factor(struct mfa_session *session, const mfa_wire_Request *request,
    mfa_wire_Reply *reply)
{
	struct mfa_ask_problem problem;
	int code;

	code = mfa_session_change(session, request,
	    mfa_wire_Reply_enrolled_tag, reply, &problem);
	if (code == MFA_EXIT_DONE)
		return code;
	if (problem.err == MFA_ERR_UNDELIVERED ||
	    problem.err == MFA_ERR_TOO_SOON)
		tell_unsent(session->args, problem.err);
	else
		tell_invited(session);
	return code;
}

/* A key that nobody saw is of use to nobody. */
static int
key_shown(const struct mfa_session *session, const mfa_wire_Enrolled *enrolled,
    int code)
{
	char whose[MFA_WHOSE];

	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return code;
	if (enrolled->secret[0] == '\0')
		return code;
	mfa_whose_options(session->args, whose);
	mfa_out_error("cannot write the output; the key is lost: "
		      "medusa-mfa disable --yes%s %s, then enroll again",
	    whose, enrolled->label);
	tell_invited(session);
	return MFA_EXIT_FAILED;
}

/* The verifier has said how an owner goes on then: not with this one. */
static bool
is_stuck(const struct mfa_session *session, const mfa_wire_Enrolled *enrolled,
    int code)
{
	struct mfa_ask_problem problem;
	mfa_wire_FactorInfo factor;

	return session->args->owner && code != MFA_EXIT_DONE &&
	    mfa_factor_pending(session->args, enrolled->id, NULL, &factor,
		&problem) == MFA_OK &&
	    mfa_factor_is_stuck(&factor);
}

/* How to go on with a factor that is still pending. */
static void
tell_pending(const struct mfa_session *session,
    const mfa_wire_Enrolled *enrolled, int code)
{
	char span[MFA_OUT_DATE], whose[MFA_WHOSE];

	if (is_stuck(session, enrolled, code))
		return;
	mfa_out_span(enrolled->expires_seconds, span);
	mfa_whose_options(session->args, whose);
	(void)printf("The factor %s is pending and expires in %s; "
		     "to enable it: medusa-mfa confirm%s %s\n",
	    enrolled->label, span, whose, enrolled->label);
	if (session->invited)
		(void)puts("The invitation is used up: after that time ask for "
			   "another one.");
}

static void
tell_next(const struct mfa_args *args)
{
	char whose[MFA_WHOSE];

	/* Users of other realms do not log in here. */
	if (!mfa_whose_is_unix(args))
		return;
	mfa_whose_options(args, whose);
	(void)printf("\nNext: try a code with: medusa-mfa verify%s\n"
		     "Keep this session open until a second login has "
		     "worked.\n",
	    whose);
}

static int
converse(struct mfa_session *session, const mfa_wire_Enrolled *enrolled,
    struct mfa_codes *codes)
{
	const struct mfa_args *args = session->args;
	mfa_wire_Reply reply;
	int code;

	mfa_show_enrolled(args, enrolled);
	code = key_shown(session, enrolled, MFA_EXIT_DONE);
	if (code != MFA_EXIT_DONE)
		return code;
	if (!mfa_term_interactive(session->term)) {
		tell_pending(session, enrolled, MFA_EXIT_DONE);
		return MFA_EXIT_DONE;
	}
	if (mfa_factor_kind(args->provider) == MFA_FACTOR_OTP)
		(void)puts("Type send for another one.");
	code = mfa_confirm_ask(session, enrolled->id, args->provider, &reply);
	if (code != MFA_EXIT_DONE) {
		tell_pending(session, enrolled, code);
		return code;
	}
	code = mfa_confirm_tell(args, &reply.what.confirmed, codes);
	mfa_secret_wipe(&reply, sizeof(reply));
	if (code == MFA_EXIT_DONE)
		tell_next(args);
	return code;
}

/* From the proof to the enabled factor. */
static int
enroll(struct mfa_session *session, const mfa_wire_Request *request,
    struct mfa_codes *codes)
{
	mfa_wire_Reply reply;
	int code;

	memset(&reply, 0, sizeof(reply));
	code = request_factor(session, request, &reply);
	/* The first factor's code needs no other proof, and may take long. */
	if (session->invited)
		mfa_session_close(session);
	if (code == MFA_EXIT_DONE && session->args->json)
		code = key_shown(session, &reply.what.enrolled,
		    mfa_show_enrolled_json(session->args,
			&reply.what.enrolled));
	else if (code == MFA_EXIT_DONE)
		code = converse(session, &reply.what.enrolled, codes);
	mfa_secret_wipe(&reply, sizeof(reply));
	return code;
}

/* Root that forgot --user would enrol itself. */
static void
tell_who(const struct mfa_args *args)
{
	const char *caller = getenv("SUDO_USER");
	char user[300], other[300];

	if (!args->assumed || args->owner || args->json)
		return;
	mfa_out_clean(args->user, user, sizeof(user));
	(void)printf("New factor for %s", user);
	if (caller != NULL && caller[0] != '\0' &&
	    strcmp(caller, args->user) != 0) {
		mfa_out_clean(caller, user, sizeof(user));
		mfa_out_word(caller, other, sizeof(other));
		(void)printf(" (for %s: --user %s)", user, other);
	}
	(void)putchar('\n');
}

static int
enroll_asking(struct mfa_term *term, const struct mfa_args *given,
    struct mfa_codes *codes)
{
	struct mfa_args args = *given;
	struct mfa_session session;
	mfa_wire_Request request;
	int code;

	memset(&request, 0, sizeof(request));
	tell_who(&args);
	code = mfa_session_open(&session, term, &args, MFA_SESSION_ENROLL);
	if (code == MFA_EXIT_DONE)
		code = fill(term, &args, &request);
	args.address = request.what.enroll.address;
	if (code == MFA_EXIT_DONE)
		code = enroll(&session, &request, codes);
	mfa_session_close(&session);
	mfa_secret_wipe(&request, sizeof(request));
	return code;
}

int
mfa_cmd_enroll(const struct mfa_args *args)
{
	const char *wrong = misplaced(args);
	struct mfa_codes codes;
	struct mfa_term term;
	int code;

	if (wrong != NULL) {
		mfa_out_error("enroll: %s (see: medusa-mfa help enroll)",
		    wrong);
		return MFA_EXIT_USAGE;
	}
	mfa_term_open(&term);
	if (args->output != NULL && !mfa_term_interactive(&term)) {
		mfa_out_error("recovery codes come with the confirmation: "
			      "give --output to medusa-mfa confirm");
		code = MFA_EXIT_USAGE;
	} else if (!mfa_codes_open(&codes, args->output)) {
		code = MFA_EXIT_FAILED;
	} else {
		code = enroll_asking(&term, args, &codes);
		mfa_codes_close(&codes);
	}
	mfa_term_close(&term);
	return code;
}
