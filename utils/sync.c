/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "lib/base/secret.h"
#include "utils/ask.h"
#include "utils/factor.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/term.h"
#include "utils/whose.h"

static int
read_codes(struct mfa_term *term, mfa_wire_Sync *sync)
{
	char line[MFA_TERM_LINE];
	enum mfa_err r;

	r = mfa_term_read(term, "A code of the app or token: ", true, line,
	    sizeof(line));
	if (r == MFA_OK) {
		sync->first.size = (pb_size_t)strlen(line);
		memcpy(sync->first.bytes, line, sync->first.size);
		r = mfa_term_read(term, "The next one: ", true, line,
		    sizeof(line));
	}
	if (r == MFA_OK) {
		sync->second.size = (pb_size_t)strlen(line);
		memcpy(sync->second.bytes, line, sync->second.size);
	}
	mfa_secret_wipe(line, sizeof(line));
	return r == MFA_OK ? MFA_EXIT_DONE : mfa_term_failed(term, r);
}

/* Only what a clock or a counter makes can run apart from us. */
static int
check_kind(const struct mfa_args *args, enum mfa_factor_kind *kind)
{
	struct mfa_ask_problem problem;
	char provider[48], whose[MFA_WHOSE];
	struct mfa_factor_look look;

	if (mfa_factor_look(args, args->operand[0], &look, &problem) != MFA_OK)
		return mfa_ask_failed(&problem);
	if (!look.enabled) {
		mfa_whose_options(args, whose);
		mfa_out_error("this factor is not enabled: see medusa-mfa "
			      "list%s", whose);
		return MFA_EXIT_FAILED;
	}
	*kind = mfa_factor_kind(look.factor.provider);
	if (*kind == MFA_FACTOR_TOTP || *kind == MFA_FACTOR_HOTP)
		return MFA_EXIT_DONE;
	mfa_out_clean(look.factor.provider, provider, sizeof(provider));
	mfa_out_error("sync is for totp and hotp: a factor of %s has no clock "
		      "or counter", provider);
	return MFA_EXIT_FAILED;
}

static int
adopt(const mfa_wire_Request *request, enum mfa_factor_kind kind)
{
	struct mfa_ask_problem problem;
	mfa_wire_Reply reply;

	if (kind != MFA_FACTOR_HOTP)
		return mfa_ask_done(request);
	if (mfa_ask_one(request, mfa_wire_Reply_done_tag, &reply, &problem) !=
	    MFA_OK)
		return mfa_ask_failed(&problem);
	(void)puts("The counter of the token is taken over.");
	return MFA_EXIT_DONE;
}

int
mfa_cmd_sync(const struct mfa_args *args)
{
	mfa_wire_Request request;
	mfa_wire_Sync *sync = &request.what.sync;
	enum mfa_factor_kind kind = MFA_FACTOR_TOTP;
	struct mfa_term term;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_sync_tag;
	code = mfa_ask_subject(sync->user, sync->realm, args->user,
	    args->realm);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(sync->factor, sizeof(sync->factor),
		    args->operand[0]);
	if (code == MFA_EXIT_DONE)
		code = check_kind(args, &kind);
	if (code != MFA_EXIT_DONE)
		return code;
	mfa_term_open(&term);
	code = read_codes(&term, sync);
	mfa_term_close(&term);
	if (code == MFA_EXIT_DONE)
		code = adopt(&request, kind);
	mfa_secret_wipe(&request, sizeof(request));
	return code;
}
