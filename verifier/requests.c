/* SPDX-License-Identifier: MIT */
#include "verifier/requests.h"

#include <string.h>

#define ROOT  MFA_PEER_ROOT
#define OWNER MFA_PEER_OWNER

/* Each request carries its user in its own member. */
#define USER_OF(member)                                     \
	static const char *member##_user(                   \
	    const mfa_wire_Request *request)                \
	{                                                   \
		return request->what.member.user;           \
	}
USER_OF(login)
USER_OF(enroll)
USER_OF(confirm)
USER_OF(disable)
USER_OF(recovery_codes)
USER_OF(sync)
USER_OF(list)
USER_OF(status)
USER_OF(reset)
USER_OF(unlock)
USER_OF(remove)

static enum mfa_err
handle_hello(struct mfa_conversation *c, const struct mfa_subject *subject,
    const char **hint)
{
	const mfa_wire_Hello *hello = &c->request.what.hello;

	(void)subject;
	if (hello->lowest > MFA_WIRE_VERSION ||
	    hello->highest < MFA_WIRE_LOWEST) {
		*hint = "module and verifier are of different releases: "
			"install both from one package";
		return MFA_ERR_VERSION;
	}
	c->state = MFA_STATE_READY;
	c->reply.which_what = mfa_wire_Reply_welcome_tag;
	c->reply.what.welcome.version = hello->highest < MFA_WIRE_VERSION ?
	    hello->highest :
	    MFA_WIRE_VERSION;
	return mfa_conversation_reply(c);
}

#define TAG(member) mfa_wire_Request_##member##_tag, #member

const struct mfa_request_rule mfa_requests[] = {
	{ TAG(hello), MFA_STATE_NEW,
	    MFA_PEER_ROOT | MFA_PEER_OWNER | MFA_PEER_OTHER, NULL,
	    handle_hello },
	{ TAG(login), MFA_STATE_READY, ROOT | OWNER, login_user,
	    mfa_handle_login },
	{ TAG(answer), MFA_STATE_ASKED, ROOT | OWNER | MFA_PEER_OTHER, NULL,
	    mfa_handle_answer },
	{ TAG(abandon), MFA_STATE_ASKED, ROOT | OWNER | MFA_PEER_OTHER, NULL,
	    mfa_handle_abandon },
	{ TAG(enroll), MFA_STATE_READY, ROOT, enroll_user, mfa_handle_enroll },
	{ TAG(confirm), MFA_STATE_READY, ROOT, confirm_user,
	    mfa_handle_confirm },
	{ TAG(disable), MFA_STATE_READY, ROOT, disable_user,
	    mfa_handle_disable },
	{ TAG(recovery_codes), MFA_STATE_READY, ROOT, recovery_codes_user,
	    mfa_handle_recovery_codes },
	{ TAG(sync), MFA_STATE_READY, ROOT, sync_user, mfa_handle_sync },
	{ TAG(list), MFA_STATE_READY, ROOT | OWNER, list_user,
	    mfa_handle_list },
	{ TAG(status), MFA_STATE_READY, ROOT | OWNER, status_user,
	    mfa_handle_status },
	{ TAG(users), MFA_STATE_READY, ROOT, NULL, mfa_handle_users },
	{ TAG(reset), MFA_STATE_READY, ROOT, reset_user, mfa_handle_reset },
	{ TAG(unlock), MFA_STATE_READY, ROOT, unlock_user, mfa_handle_unlock },
	{ TAG(remove), MFA_STATE_READY, ROOT, remove_user, mfa_handle_remove },
	{ TAG(keys), MFA_STATE_READY, ROOT, NULL, mfa_handle_keys },
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

enum mfa_peer
mfa_request_peer(const struct mfa_conversation *c,
    const struct mfa_subject *subject)
{
	uid_t uid = c->peer.uid;

	if (uid == c->overflow_uid || uid == (uid_t)-1)
		return MFA_PEER_OVERFLOW;
	if (uid == c->service_uid)
		return MFA_PEER_SERVICE;
	if (uid == 0)
		return MFA_PEER_ROOT;
	if (subject != NULL && subject->known && subject->uid == uid)
		return MFA_PEER_OWNER;
	return MFA_PEER_OTHER;
}

struct mfa_caller
mfa_request_caller(const struct mfa_conversation *c)
{
	return (struct mfa_caller){
		.path = c->peer.uid == 0 ? MFA_PATH_ROOT : MFA_PATH_OTHER,
		.uid = c->peer.uid,
		.service = "medusa-mfa",
		.rhost = "",
		.tty = "",
	};
}
