/* SPDX-License-Identifier: MIT */
#include "verifier/conversation.h"

#include "verifier/crypt/crypt.h"

uint64_t
mfa_conversation_in(unsigned int seconds)
{
	return mfa_wire_clock() + (uint64_t)seconds * 1000;
}

enum mfa_err
mfa_conversation_reply(struct mfa_conversation *c)
{
	enum mfa_err r = mfa_wire_send_reply(c->fd, &c->reply,
	    mfa_conversation_in(MFA_WAIT_SEND));

	mfa_crypt_wipe(&c->reply, sizeof(c->reply));
	return r;
}

void
mfa_conversation_be_patient(struct mfa_conversation *c)
{
	if (c->patient)
		return;
	c->patient = true;
	c->end = mfa_conversation_in(c->config.pending_ttl_seconds);
}
