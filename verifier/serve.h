/* SPDX-License-Identifier: MIT */
/*
 * Serves a conversation: greeting, requests by the state table of requests.h,
 * deadlines (R28).
 */
#ifndef MFA_VERIFIER_SERVE_H
#define MFA_VERIFIER_SERVE_H

#include "verifier/conversation.h"
#include "verifier/vault/keyring.h"

/*
 * What lives longer than one conversation.
 */
struct mfa_office {
	struct mfa_env env;
	struct mfa_sink sink;
	struct mfa_event_limit *limits; /* shared; NULL: none */
	uid_t service_uid;
	struct mfa_runner_link runner; /* fd -1: none */
	struct mfa_keyring_held held; /* keys that are credentials */
	/* Read while root, for the one conversation of this process; NULL: each
	   conversation reads its own. */
	const struct mfa_config *config;
};

/*
 * Serves one conversation to its end and closes fd.
 *
 * engine: with work allocated; its other members are set here, for the
 *         configuration is read anew for each conversation
 */
void mfa_serve_conversation(const struct mfa_office *office,
    struct mfa_engine *engine, int fd, const struct mfa_peer_info *peer);

#endif
