/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "utils/ask.h"
#include "utils/key.h"
#include "utils/out.h"
#include "utils/sweep.h"

struct rekeying {
	struct mfa_sweep sweep; /* those that are to be moved */
	char primary[17];
	size_t moved, already, failed;
};

/* ---- what is to be done ---- */

static enum mfa_err
take_primary(void *ctx, const mfa_wire_Reply *reply)
{
	struct rekeying *k = ctx;

	if (reply->what.key.primary)
		memcpy(k->primary, reply->what.key.id, sizeof(k->primary));
	return MFA_OK;
}

static bool
is_moved(const struct rekeying *k, const mfa_wire_RecordInfo *info)
{
	return !info->torn && info->problem[0] == '\0' &&
	    strcmp(info->key, k->primary) == 0 &&
	    (info->other_key[0] == '\0' ||
		strcmp(info->other_key, k->primary) == 0);
}

static bool
is_to_be_moved(void *ctx, const mfa_wire_RecordInfo *info)
{
	struct rekeying *k = ctx;
	const bool moved = is_moved(k, info);

	k->already += moved;
	return !moved;
}

static enum mfa_err
survey(struct rekeying *k, struct mfa_ask_problem *problem)
{
	mfa_wire_Request request;
	enum mfa_err r;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_keys_tag;
	if ((r = mfa_ask_open(3, &k->sweep.client, problem)) != MFA_OK)
		return r;
	r = mfa_ask_each_on(k->sweep.client, &request, mfa_wire_Reply_key_tag,
	    take_primary, k, problem);
	if (r != MFA_OK)
		return r;
	return mfa_sweep_list(&k->sweep, is_to_be_moved, k, problem);
}

/* ---- doing it ---- */

static void
move_all(struct rekeying *k)
{
	struct mfa_sweep_record record;
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	mfa_wire_Reply reply;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_rekey_tag;
	while (mfa_sweep_next(&k->sweep, &record)) {
		(void)mfa_text_copy(request.what.rekey.id,
		    sizeof(request.what.rekey.id), record.id);
		if (mfa_sweep_ask(&k->sweep, &request, mfa_wire_Reply_done_tag,
			&reply, &problem) == MFA_OK) {
			k->moved++;
			continue;
		}
		k->failed++;
		mfa_sweep_clear(&k->sweep);
		mfa_out_error("record %s: %s", record.id, problem.text);
	}
}

static int
report(const struct mfa_args *args, const struct rekeying *k)
{
	int code = MFA_EXIT_DONE;

	if (args->json)
		code = mfa_out_json_line(json_pack("{s:s,s:I,s:I,s:I}",
		    "primary", k->primary, "moved", (json_int_t)k->moved,
		    "already", (json_int_t)k->already, "failed",
		    (json_int_t)k->failed));
	else
		(void)printf("%zu moved to key %s, %zu were there already, "
			     "%zu failed\n", k->moved, k->primary, k->already,
		    k->failed);
	return code == MFA_EXIT_DONE && k->failed != 0 ? MFA_EXIT_FAILED :
							 code;
}

int
mfa_key_rekey(const struct mfa_args *args)
{
	struct rekeying k = {
		.sweep.bar = !args->json && isatty(STDERR_FILENO),
	};
	struct mfa_ask_problem problem;
	int code;

	if (survey(&k, &problem) != MFA_OK) {
		code = mfa_ask_failed(&problem);
	} else if (k.primary[0] == '\0') {
		mfa_out_error("there is no primary key: medusa-mfa key list");
		code = MFA_EXIT_FAILED;
	} else {
		move_all(&k);
		code = report(args, &k);
	}
	mfa_sweep_free(&k.sweep);
	return code;
}
