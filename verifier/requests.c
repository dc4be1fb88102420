/* SPDX-License-Identifier: MIT */
#include "verifier/requests.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/engine/admin.h"
#include "verifier/engine/challenge.h"

#define ROOT   MFA_PEER_ROOT
#define OWNER  MFA_PEER_OWNER
#define REALM  MFA_PEER_REALM
#define ANYONE (ROOT | OWNER | REALM | MFA_PEER_OTHER)

/* Each request carries what it names in its own member. */
#define TEXT_OF(member, text)                               \
	static const char *member##_##text(                 \
	    const mfa_wire_Request *request)                \
	{                                                   \
		return request->what.member.text;           \
	}
#define SUBJECT_OF(member)    \
	TEXT_OF(member, user) \
	TEXT_OF(member, realm)
TEXT_OF(login, user)
SUBJECT_OF(enroll)
SUBJECT_OF(confirm)
SUBJECT_OF(disable)
SUBJECT_OF(recovery_codes)
SUBJECT_OF(sync)
SUBJECT_OF(list)
SUBJECT_OF(status)
TEXT_OF(users, realm)
SUBJECT_OF(reset)
SUBJECT_OF(unlock)
SUBJECT_OF(remove)
SUBJECT_OF(rename)
SUBJECT_OF(send)
SUBJECT_OF(challenge_start)
TEXT_OF(challenge_send, id)
TEXT_OF(challenge_verify, id)
TEXT_OF(policy, user)
TEXT_OF(prove, user)
TEXT_OF(invite, user)
TEXT_OF(bypass, user)
TEXT_OF(explain, user)
TEXT_OF(forget, user)

enum mfa_err
mfa_requests_done(struct mfa_conversation *c, const char *text)
{
	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_done_tag;
	(void)mfa_text_copy(c->reply.what.done.text,
	    sizeof(c->reply.what.done.text), text);
	return mfa_conversation_reply(c);
}

static enum mfa_err
handle_hello(struct mfa_conversation *c, const struct mfa_request_about *about,
    const char **hint)
{
	const mfa_wire_Hello *hello = &c->request.what.hello;

	(void)about;
	if (hello->lowest > MFA_WIRE_VERSION ||
	    hello->highest < MFA_WIRE_LOWEST) {
		*hint = "module and verifier are of different releases: "
			"install both from one package";
		return MFA_ERR_VERSION;
	}
	/* Not the programs of now: a verifier of its own has them. */
	if (c->shared && c->peer.uid == 0 && c->broken == MFA_OK &&
	    mfa_runner_is_stale(&c->desk))
		return MFA_ERR_BUSY;
	c->state = MFA_STATE_READY;
	if (c->peer.greeted != NULL)
		c->peer.greeted(c->peer.ctx);
	c->reply.which_what = mfa_wire_Reply_welcome_tag;
	c->version = hello->highest < MFA_WIRE_VERSION ? hello->highest :
							 MFA_WIRE_VERSION;
	c->reply.what.welcome.version = c->version;
	return mfa_conversation_reply(c);
}

#define ROW(member, states, peers, user, realm, id, handle)                 \
	{ mfa_wire_Request_##member##_tag, #member, states, peers, user,    \
	    realm, id, handle }
/* Names nothing. */
#define PLAIN(member, states, peers, handle) \
	ROW(member, states, peers, NULL, NULL, NULL, handle)
/* Names a subject of any realm. */
#define SUBJECT(member, peers)                                              \
	ROW(member, MFA_STATE_READY, peers, member##_user, member##_realm,  \
	    NULL, mfa_handle_##member)
/* Names a user of this host. */
#define USER(member, peers)                                                 \
	ROW(member, MFA_STATE_READY, peers, member##_user, NULL, NULL,      \
	    mfa_handle_##member)
/* Names a challenge. */
#define CHALLENGE(member)                                                   \
	ROW(member, MFA_STATE_READY, ROOT | OWNER | REALM, NULL, NULL,      \
	    member##_id, mfa_handle_##member)

const struct mfa_request_rule mfa_requests[] = {
	PLAIN(hello, MFA_STATE_NEW, ANYONE, handle_hello),
	USER(login, ROOT | OWNER),
	USER(policy, ROOT | OWNER),
	PLAIN(answer, MFA_STATE_ASKED, ANYONE, mfa_handle_answer),
	PLAIN(abandon, MFA_STATE_ASKED, ANYONE, mfa_handle_abandon),
	SUBJECT(enroll, ROOT | OWNER | REALM),
	SUBJECT(confirm, ROOT | OWNER | REALM),
	SUBJECT(disable, ROOT | OWNER | REALM),
	SUBJECT(recovery_codes, ROOT | OWNER | REALM),
	SUBJECT(sync, ROOT | REALM),
	SUBJECT(list, ROOT | OWNER | REALM),
	SUBJECT(status, ROOT | OWNER | REALM),
	ROW(users, MFA_STATE_READY, ROOT | REALM, NULL, users_realm, NULL,
	    mfa_handle_users),
	SUBJECT(reset, ROOT | REALM),
	SUBJECT(unlock, ROOT | REALM),
	SUBJECT(remove, ROOT | REALM),
	PLAIN(keys, MFA_STATE_READY, ROOT, mfa_handle_keys),
	PLAIN(records, MFA_STATE_READY, ROOT, mfa_handle_records),
	PLAIN(rekey, MFA_STATE_READY, ROOT, mfa_handle_rekey),
	SUBJECT(rename, ROOT | OWNER | REALM),
	SUBJECT(send, ROOT | OWNER | REALM),
	SUBJECT(challenge_start, ROOT | OWNER | REALM),
	USER(prove, OWNER),
	USER(invite, ROOT),
	USER(bypass, ROOT),
	USER(explain, ROOT),
	USER(forget, ROOT | OWNER),
	PLAIN(after_restore, MFA_STATE_READY, ROOT, mfa_handle_after_restore),
	CHALLENGE(challenge_send),
	CHALLENGE(challenge_verify),
};
const size_t mfa_request_count = sizeof(mfa_requests) / sizeof(mfa_requests[0]);

const struct mfa_request_rule *
mfa_request_find(pb_size_t tag)
{
	for (size_t i = 0; i < mfa_request_count; i++) {
		if (mfa_requests[i].tag == tag)
			return &mfa_requests[i];
	}
	return NULL;
}

/* ---- what it is about, who asks ---- */

enum mfa_err
mfa_request_name(const struct mfa_request_rule *rule,
    const mfa_wire_Request *request, struct mfa_request_about *about)
{
	const char *realm = rule->realm != NULL ? rule->realm(request) : "";
	enum mfa_err r = MFA_OK;

	memset(about, 0, sizeof(*about));
	about->realm = realm[0] != '\0' ? realm : MFA_REALM_UNIX;
	if (rule->id != NULL) {
		r = mfa_challenge_parse(rule->id(request), &about->subject,
		    about->challenge);
		if (about->subject.realm[0] != '\0')
			about->realm = about->subject.realm;
	} else if (rule->user != NULL) {
		r = mfa_subject_in_realm(realm, rule->user(request),
		    &about->subject);
	}
	/* For whom that matters, says so later. */
	return r == MFA_ERR_NO_USER ? MFA_OK : r;
}

bool
mfa_request_is_account(const struct mfa_config *config, const char *realm,
    uid_t uid)
{
	const struct mfa_config_realm *found = mfa_config_realm_find(config,
	    realm);
	struct mfa_subject account;
	uint64_t number;

	if (found == NULL || found->account[0] == '\0' ||
	    strcmp(realm, MFA_REALM_UNIX) == 0)
		return false;
	if (mfa_num_parse(found->account, 0, UINT32_MAX, &number) == MFA_OK)
		return number == uid;
	return mfa_subject_resolve(found->account, &account) == MFA_OK &&
	    account.uid == uid;
}

enum mfa_peer
mfa_request_peer(const struct mfa_conversation *c, const char *realm,
    const struct mfa_subject *subject)
{
	uid_t uid = c->peer.uid;
	bool host = strcmp(realm, MFA_REALM_UNIX) == 0;

	if (uid == c->overflow_uid || uid == (uid_t)-1)
		return MFA_PEER_OVERFLOW;
	if (uid == c->service_uid)
		return MFA_PEER_SERVICE;
	if (uid == 0)
		return MFA_PEER_ROOT;
	if (host && subject != NULL && subject->known && subject->uid == uid)
		return MFA_PEER_OWNER;
	if (!host && mfa_request_is_account(&c->config, realm, uid))
		return MFA_PEER_REALM;
	return MFA_PEER_OTHER;
}

struct mfa_caller
mfa_request_caller(const struct mfa_conversation *c, enum mfa_peer peer)
{
	bool trusted = peer == MFA_PEER_ROOT || peer == MFA_PEER_REALM;
	enum mfa_right right = MFA_RIGHT_NONE;

	if (trusted)
		right = MFA_RIGHT_MANAGE;
	else if (peer == MFA_PEER_OWNER)
		right = MFA_RIGHT_OWNER;
	return (struct mfa_caller){
		.path = trusted ? MFA_PATH_ROOT : MFA_PATH_OTHER,
		.right = right,
		.proof = &c->proof,
		.uid = c->peer.uid,
		.service = "medusa-mfa",
		.rhost = "",
		.tty = "",
	};
}

bool
mfa_request_is_nobody(struct mfa_conversation *c,
    const struct mfa_request_about *about)
{
	const struct mfa_caller caller = mfa_request_caller(c, about->peer);
	struct mfa_account_info info;

	return c->broken == MFA_OK && about->subject.id[0] != '\0' &&
	    !about->subject.known &&
	    mfa_admin_status(&c->engine, &caller, &about->subject, &info) ==
		MFA_OK && !info.exists;
}

/* ---- what to type ---- */

/* The subject as one word for a shell; what would need quotes is not shown. */
static const char *
word_of(const struct mfa_subject *subject)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@%+:,-";
	const char *name = subject->name;

	return name[0] != '\0' && name[0] != '-' &&
		name[strspn(name, plain)] == '\0' ? name : "USER";
}

/* " --realm shop", and before the name that. */
static void
put_subject(const struct mfa_request_about *about, const char *before,
    char *out, size_t size)
{
	const bool host = strcmp(about->realm, MFA_REALM_UNIX) == 0;

	(void)snprintf(out, size, "%s%s%s%s", host ? "" : " --realm ",
	    host ? "" : about->realm, before, word_of(&about->subject));
}

void
mfa_request_words(const struct mfa_request_about *about, const char *hint,
    char *out, size_t size)
{
	char options[320] = "", operand[320];
	size_t used = 0;

	if (about->peer != MFA_PEER_OWNER)
		put_subject(about, " --user ", options, sizeof(options));
	put_subject(about, " ", operand, sizeof(operand));
	while (*hint != '\0' && used + 1 < size) {
		const char *piece = NULL;
		size_t mark = 1;

		if (strncmp(hint, "{of}", 4) == 0) {
			piece = options;
			mark = 4;
		} else if (strncmp(hint, "{who}", 5) == 0) {
			piece = operand;
			mark = 5;
		}
		if (piece == NULL) {
			out[used++] = *hint;
		} else {
			(void)snprintf(out + used, size - used, "%s", piece);
			used += strlen(out + used);
		}
		hint += mark;
	}
	out[used] = '\0';
}
