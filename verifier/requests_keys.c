/* SPDX-License-Identifier: MIT */
/* Keys, Records, Rekey, AfterRestore. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/engine/records.h"
#include "verifier/engine/restore.h"
#include "verifier/guard.h"
#include "verifier/requests.h"
#include "verifier/vault/keyring.h"
#include "verifier/vault/retire.h"

static enum mfa_err
send_key(void *ctx, const uint8_t id[MFA_KEY_ID], bool primary,
    enum mfa_err problem)
{
	struct mfa_conversation *c = ctx;
	mfa_wire_KeyInfo *key = &c->reply.what.key;

	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_key_tag;
	mfa_num_hex(id, MFA_KEY_ID, key->id);
	key->primary = primary;
	if (problem != MFA_OK)
		(void)mfa_text_copy(key->problem, sizeof(key->problem),
		    mfa_strerror(problem));
	return mfa_conversation_reply(c);
}

/* A ring that nobody took a key out of has no such folder; a lost one neither. */
static enum mfa_err
send_retired(struct mfa_conversation *c)
{
	const char *ring = c->config.encryption_key;
	char dir[MFA_RETIRE_PATH];
	enum mfa_err r = mfa_retire_folder(ring, dir);

	if (r == MFA_OK)
		r = mfa_keyring_each(dir, send_key, c);
	if (r == MFA_ERR_NOT_FOUND &&
	    (mfa_keyring_is_credentials(ring) || access(ring, F_OK) == 0))
		r = MFA_OK;
	return r;
}

/* What is not there is named, as the store is. */
static const char *
no_ring(struct mfa_conversation *c)
{
	const char *dir = c->config.encryption_key;
	const char *advice = mfa_keyring_advice(dir, c->engine.held);

	(void)snprintf(c->words, sizeof(c->words), "%s: %s", dir,
	    advice != NULL ? advice : mfa_strerror(MFA_ERR_NOT_FOUND));
	return c->words;
}

enum mfa_err
mfa_handle_keys(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const bool retired = c->request.what.keys.retired;
	enum mfa_err r;

	(void)about;
	r = retired ? send_retired(c) :
	    mfa_keyring_each_from(c->config.encryption_key, c->engine.held,
		send_key, c);
	if (r == MFA_ERR_NOT_FOUND)
		*hint = no_ring(c);
	return r == MFA_OK ? mfa_requests_done(c, "") : r;
}

/* ---- records ---- */

static enum mfa_err
send_record(void *ctx, const struct mfa_record_info *info)
{
	struct mfa_conversation *c = ctx;
	mfa_wire_RecordInfo *r = &c->reply.what.record;

	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_record_tag;
	memcpy(r->id, info->id, sizeof(r->id));
	memcpy(r->realm, info->realm, sizeof(r->realm));
	memcpy(r->user, info->user, sizeof(r->user));
	r->uid = info->uid;
	if (info->slots.count > 0) {
		r->format = info->slots.slot[0].format;
		mfa_num_hex(info->slots.slot[0].key_id, MFA_KEY_ID, r->key);
	}
	if (info->slots.count > 1)
		mfa_num_hex(info->slots.slot[1].key_id, MFA_KEY_ID,
		    r->other_key);
	r->torn = info->torn;
	r->no_realm = info->no_realm;
	if (info->problem != MFA_OK)
		(void)mfa_text_copy(r->problem, sizeof(r->problem),
		    mfa_strerror(info->problem));
	/* One of many: each may take its time, the whole may take longer. */
	mfa_guard_watchdog(MFA_WORK_MAX);
	return mfa_conversation_reply(c);
}

enum mfa_err
mfa_handle_records(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	enum mfa_err r = mfa_records_each(&c->engine, send_record, c);

	(void)about;
	(void)hint;
	return r == MFA_OK ? mfa_requests_done(c, "") : r;
}

enum mfa_err
mfa_handle_rekey(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	enum mfa_err r = mfa_records_rekey(&c->engine, &caller,
	    c->request.what.rekey.id);

	(void)hint;
	return r == MFA_OK ? mfa_requests_done(c, "") : r;
}

enum mfa_err
mfa_handle_after_restore(struct mfa_conversation *c,
    const struct mfa_request_about *about, const char **hint)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	struct mfa_restored done;
	enum mfa_err r;

	r = mfa_restore_record(&c->engine, &caller,
	    c->request.what.after_restore.id, &done);
	if (r == MFA_ERR_CLOCK)
		*hint = "the clock is wrong, or was ahead when this record was "
			"written: set it, or medusa-mfa unlock --clock USER, "
			"and run this again";
	if (r != MFA_OK)
		return r;
	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_restored_tag;
	c->reply.what.restored = (mfa_wire_Restored){
		.changed = done.changed,
		.recovery_codes = done.recovery_codes,
		.tokens = done.tokens,
		.pending = done.pending,
		.granted = done.granted,
		.enabled = done.enabled,
	};
	return mfa_conversation_reply(c);
}
