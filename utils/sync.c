/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lib/base/secret.h"
#include "utils/ask.h"
#include "utils/options.h"
#include "utils/term.h"

static int
read_codes(struct mfa_term *term, mfa_wire_Sync *sync)
{
	char line[MFA_TERM_LINE];
	enum mfa_err r;

	r = mfa_term_read(term, "A code of the device: ", true, line,
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

int
mfa_cmd_sync(const struct mfa_args *args)
{
	mfa_wire_Request request;
	mfa_wire_Sync *sync = &request.what.sync;
	struct mfa_term term;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_sync_tag;
	code = mfa_ask_name(sync->user, sizeof(sync->user), args->user);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(sync->factor, sizeof(sync->factor),
		    args->operand[0]);
	if (code != MFA_EXIT_DONE)
		return code;
	mfa_term_open(&term);
	code = read_codes(&term, sync);
	mfa_term_close(&term);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_done(&request);
	mfa_secret_wipe(&request, sizeof(request));
	return code;
}
