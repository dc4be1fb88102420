/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "utils/confirm.h"
#include "utils/out.h"
#include "utils/show.h"

static void
copy_if_given(char *field, size_t size, const char *text)
{
	/* The options' table keeps them within the fields of wire.proto. */
	if (text != NULL)
		(void)mfa_text_copy(field, size, text);
}

static int
fill(struct mfa_term *term, const struct mfa_args *args,
    mfa_wire_Request *request)
{
	mfa_wire_Enroll *enroll = &request->what.enroll;
	enum mfa_err r;
	int code;

	memset(request, 0, sizeof(*request));
	request->which_what = mfa_wire_Request_enroll_tag;
	code = mfa_ask_name(enroll->user, sizeof(enroll->user), args->user);
	if (code != MFA_EXIT_DONE)
		return code;
	copy_if_given(enroll->label, sizeof(enroll->label), args->label);
	copy_if_given(enroll->algorithm, sizeof(enroll->algorithm),
	    args->algorithm);
	enroll->digits = args->digits;
	enroll->period = args->period;
	if (!args->import_secret)
		return MFA_EXIT_DONE;
	r = mfa_term_read(term, "Key to import: ", false,
	    enroll->import_secret, sizeof(enroll->import_secret));
	if (r != MFA_OK)
		return mfa_term_failed(term, r);
	if (enroll->import_secret[0] != '\0')
		return MFA_EXIT_DONE;
	/* An empty one would mean "make a new key" to the verifier. */
	mfa_out_error("the key to import is empty");
	return MFA_EXIT_FAILED;
}

static int
request_factor(struct mfa_term *term, const struct mfa_args *args,
    mfa_wire_Reply *reply)
{
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	int code;

	code = fill(term, args, &request);
	if (code == MFA_EXIT_DONE &&
	    mfa_ask_one(&request, mfa_wire_Reply_enrolled_tag, reply,
		&problem) != MFA_OK)
		code = mfa_ask_failed(&problem);
	mfa_secret_wipe(&request, sizeof(request));
	return code;
}

/* How to go on with a factor that is still pending. */
static void
tell_pending(const struct mfa_args *args, const mfa_wire_Enrolled *enrolled)
{
	char span[MFA_OUT_DATE], user[300];

	mfa_out_span(enrolled->expires_seconds, span);
	mfa_out_clean(args->user, user, sizeof(user));
	(void)printf("The factor %s is pending and expires in %s; "
		     "to enable it: medusa-mfa confirm --user %s %s\n",
	    enrolled->label, span, user, enrolled->id);
}

static void
tell_next(const struct mfa_args *args)
{
	char user[300];

	mfa_out_clean(args->user, user, sizeof(user));
	(void)printf("\nNext: try a code with: medusa-mfa verify --user %s\n"
		     "Keep this session open until a second login has "
		     "worked.\n",
	    user);
}

static int
converse(struct mfa_term *term, const struct mfa_args *args,
    const mfa_wire_Enrolled *enrolled, struct mfa_codes *codes)
{
	mfa_wire_Reply reply;
	int code;

	mfa_show_enrolled(args, enrolled);
	if (!mfa_term_interactive(term)) {
		tell_pending(args, enrolled);
		return MFA_EXIT_DONE;
	}
	code = mfa_confirm_ask(term, args, enrolled->id, &reply);
	if (code != MFA_EXIT_DONE) {
		tell_pending(args, enrolled);
		return code;
	}
	code = mfa_confirm_tell(args, &reply.what.confirmed, codes);
	mfa_secret_wipe(&reply, sizeof(reply));
	if (code == MFA_EXIT_DONE)
		tell_next(args);
	return code;
}

int
mfa_cmd_enroll(const struct mfa_args *args)
{
	struct mfa_codes codes;
	struct mfa_term term;
	mfa_wire_Reply reply;
	int code;

	memset(&reply, 0, sizeof(reply));
	mfa_term_open(&term);
	if (args->output != NULL && !mfa_term_interactive(&term)) {
		mfa_out_error("recovery codes come with the confirmation: "
			      "give --output to medusa-mfa confirm");
		mfa_term_close(&term);
		return MFA_EXIT_USAGE;
	}
	if (!mfa_codes_open(&codes, args->output)) {
		mfa_term_close(&term);
		return MFA_EXIT_FAILED;
	}
	code = request_factor(&term, args, &reply);
	if (code == MFA_EXIT_DONE && args->json)
		code = mfa_show_enrolled_json(&reply.what.enrolled);
	else if (code == MFA_EXIT_DONE)
		code = converse(&term, args, &reply.what.enrolled, &codes);
	mfa_secret_wipe(&reply, sizeof(reply));
	mfa_codes_close(&codes);
	mfa_term_close(&term);
	return code;
}
