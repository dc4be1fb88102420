/* SPDX-License-Identifier: MIT */
#include "verifier/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/base/text.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/attempt.h"
#include "verifier/guard.h"
#include "verifier/requests.h"
#include "verifier/store/store_file.h"

/* ---- set-up ---- */

static enum mfa_err
open_store(struct mfa_conversation *c)
{
	/* The option's parser has checked the scheme. */
	const char *dir = c->config.store + strlen("file:");

	return mfa_store_file_open(dir, c->service_uid, &c->engine.store);
}

static void
report_broken(struct mfa_conversation *c)
{
	const struct mfa_event event = {
		.type = MFA_EVENT_ERROR,
		.detail = c->broken == MFA_ERR_CONFIG ? c->problem.text :
							c->config.store,
		.err = c->broken,
		.caller = c->peer.uid,
	};

	c->engine.sink->emit(c->engine.sink, &event);
}

/* What the process has read while root, or else the files as they are now. */
static enum mfa_err
read_config(struct mfa_conversation *c, const struct mfa_office *office)
{
	if (office->config == NULL)
		return mfa_config_load(&mfa_config_system, &c->config,
		    &c->problem);
	c->config = *office->config;
	return MFA_OK;
}

/*
 * The way to programs, once it is known which; without a configuration there
 * is none, and events go where they always go.
 */
static void
open_desk(struct mfa_conversation *c, const struct mfa_office *office,
    struct mfa_sink *sink)
{
	bool usable = c->broken == MFA_OK;

	mfa_runner_open(&c->desk, usable ? &office->runner : NULL, &c->config,
	    sink);
	c->engine.runner = &c->desk.runner;
	c->engine.sink = usable ? &c->desk.sink : sink;
}

/* After the configuration; what fails here is answered, not hidden. */
static void
equip(struct mfa_conversation *c, const struct mfa_office *office,
    struct mfa_sink *sink)
{
	open_desk(c, office, sink);
	if (c->broken == MFA_OK)
		c->broken = open_store(c);
	if (c->broken != MFA_OK)
		report_broken(c);
}

static uid_t
read_overflow_uid(void)
{
	char text[16];
	uint64_t uid = 65534;
	ssize_t n;
	int fd;

	fd = open("/proc/sys/kernel/overflowuid", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 65534;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n > 1) {
		text[n - 1] = '\0';
		if (mfa_num_parse(text, 0, UINT32_MAX, &uid) != MFA_OK)
			uid = 65534;
	}
	return (uid_t)uid;
}

/* ---- one request ---- */

/* Whose realms are not known, because the configuration was not read. */
static bool
is_unread(const struct mfa_conversation *c)
{
	return c->config.realm_count == 0;
}

/* What the configuration says, and where things lie, is for administrators. */
static const char *
hint_for_root(struct mfa_conversation *c, enum mfa_err err)
{
	if (c->peer.uid != 0)
		return NULL;
	if (err == MFA_ERR_CONFIG && c->problem.text[0] != '\0')
		return c->problem.text;
	if (err == MFA_ERR_NO_KEY)
		return mfa_keyring_advice(c->config.encryption_key,
		    c->engine.held);
	if (err != c->broken || is_unread(c))
		return NULL;
	(void)snprintf(c->words, sizeof(c->words), "%s: %s", c->config.store,
	    mfa_strerror(err));
	return c->words;
}

static enum mfa_err
send_error(struct mfa_conversation *c, enum mfa_err err, const char *hint)
{
	mfa_wire_Error *error = &c->reply.what.error;

	memset(&c->reply, 0, sizeof(c->reply));
	c->reply.which_what = mfa_wire_Reply_error_tag;
	error->code = err;
	if (hint == NULL)
		hint = hint_for_root(c, err);
	if (hint == NULL || !mfa_text_printable(hint) ||
	    !mfa_text_copy(error->text, sizeof(error->text), hint))
		(void)mfa_text_copy(error->text, sizeof(error->text),
		    mfa_strerror(err));
	return mfa_conversation_reply(c);
}

static bool
is_login(const struct mfa_request_rule *rule)
{
	return rule->tag == mfa_wire_Request_login_tag ||
	    rule->tag == mfa_wire_Request_policy_tag;
}

/* What no engine is needed for, and what explains its absence itself. */
static bool
works_broken(const struct mfa_request_rule *rule)
{
	return rule->tag == mfa_wire_Request_hello_tag || is_login(rule);
}

/*
 * May this peer ask that?  Nothing here looks at a record: who may not is told
 * the same whether there is one or not.
 */
static enum mfa_err
admit_peer(struct mfa_conversation *c, const struct mfa_request_rule *rule,
    const struct mfa_request_about *about, const char **hint)
{
	bool host = strcmp(about->realm, MFA_REALM_UNIX) == 0;

	if (!host && is_unread(c))
		return c->broken;
	if ((rule->peers & (unsigned int)about->peer) == 0) {
		*hint = host ? "only root may do this" :
			       "only root and the realm's account may do this";
		return MFA_ERR_DENIED;
	}
	if (c->broken != MFA_OK && !works_broken(rule))
		return c->broken;
	if (!host && mfa_config_realm_find(&c->config, about->realm) == NULL)
		return MFA_ERR_NO_REALM;
	return MFA_OK;
}

static enum mfa_err
admit(struct mfa_conversation *c, const struct mfa_request_rule *rule,
    struct mfa_request_about *about, const char **hint)
{
	enum mfa_err named = mfa_request_name(rule, &c->request, about);
	enum mfa_err r;

	/* No id of a challenge: that says nothing about anybody. */
	if (named == MFA_ERR_EXPIRED)
		return named;
	about->peer = mfa_request_peer(c, about->realm,
	    named == MFA_OK ? &about->subject : NULL);
	if ((r = admit_peer(c, rule, about, hint)) != MFA_OK)
		return r;
	/* A login explains a bad name or a mute database itself. */
	if (is_login(rule))
		return MFA_OK;
	if (named == MFA_OK && about->subject.id[0] != '\0' &&
	    c->peer.claim != NULL &&
	    !c->peer.claim(c->peer.ctx, about->subject.id))
		return MFA_ERR_BUSY;
	return named;
}

/*
 * A person's conversation lives long enough for an administrator to change his
 * mind: what it may do is judged by the configuration of now, or not at all.
 */
static bool
is_outdated(const struct mfa_conversation *c)
{
	struct mfa_config_problem problem;
	struct mfa_config now;

	if (!c->patient || !c->shared || c->peer.uid == 0)
		return false;
	memset(&now, 0, sizeof(now));
	return mfa_config_load(&mfa_config_system, &now, &problem) != MFA_OK ||
	    memcmp(&now, &c->config, sizeof(now)) != 0;
}

/* Each refusal is a line in the log: others have few of them. */
static void
count_refusal(struct mfa_conversation *c, enum mfa_err r)
{
	if (c->peer.uid == 0)
		return;
	c->refused += r == MFA_ERR_WRONG || r == MFA_ERR_REPLAYED;
	if (r == MFA_ERR_LOCKED || c->refused >= MFA_REFUSED_OTHERS)
		c->state = MFA_STATE_OVER;
}

/* The name is told again: of several, or in a script, it is not before eyes. */
static const char *
nobody(struct mfa_conversation *c, const struct mfa_request_about *about)
{
	char name[sizeof(c->words) - 40]; /* cut there */

	mfa_text_escape(about->subject.name, name, sizeof(name));
	(void)snprintf(c->words, sizeof(c->words),
	    "there is no such user on this host: %s", name);
	return c->words;
}

/* As an Error, in words for who asked. */
static enum mfa_err
refuse(struct mfa_conversation *c, const struct mfa_request_about *about,
    enum mfa_err r, const char *hint)
{
	char words[sizeof(c->words)];

	if (r == MFA_ERR_NOT_FOUND && mfa_request_is_nobody(c, about)) {
		r = MFA_ERR_NO_USER;
		hint = NULL;
	}
	if (r == MFA_ERR_NO_USER && hint == NULL)
		return send_error(c, r, nobody(c, about));
	if (hint == NULL)
		return send_error(c, r, NULL);
	mfa_request_words(about, hint, words, sizeof(words));
	return send_error(c, r, words);
}

/*
 * Returns: MFA_OK to go on; else the conversation is over.
 */
static enum mfa_err
serve(struct mfa_conversation *c)
{
	const struct mfa_request_rule *rule = mfa_request_find(
	    c->request.which_what);
	struct mfa_request_about about;
	const char *hint = NULL;
	enum mfa_err r;

	/* Each may write a line into the log. */
	if (c->peer.uid != 0 && ++c->requests > MFA_REQUESTS_OTHERS) {
		r = send_error(c, MFA_ERR_BUSY, NULL);
		return r == MFA_OK ? MFA_ERR_BUSY : r;
	}
	if (rule == NULL || (rule->states & c->state) == 0) {
		r = send_error(c, MFA_ERR_PROTOCOL, NULL);
		return r == MFA_OK ? MFA_ERR_PROTOCOL : r;
	}
	if (is_outdated(c)) {
		r = send_error(c, MFA_ERR_EXPIRED,
		    "the configuration has changed meanwhile: begin again");
		return r == MFA_OK ? MFA_ERR_EXPIRED : r;
	}
	r = admit(c, rule, &about, &hint);
	/* Others have one try: a place is not to be held by refusals. */
	if (r == MFA_ERR_DENIED && c->peer.uid != 0)
		c->state = MFA_STATE_OVER;
	if (r == MFA_OK)
		r = rule->handle(c, &about, &hint);
	if (r == MFA_OK)
		return MFA_OK;
	if (r == MFA_ERR_CLOSED)
		return r;
	if (c->state != MFA_STATE_READY)
		c->state = MFA_STATE_OVER;
	count_refusal(c, r);
	return refuse(c, &about, r, hint);
}

/*
 * After the prompt is out: the first HMAC and a dry run in memory, so that the
 * answer finds everything loaded.  Never a write.
 */
static void
warm_up(struct mfa_conversation *c)
{
	if (c->warm || c->state != MFA_STATE_ASKED)
		return;
	c->warm = true;
	mfa_attempt_decoy(&c->engine, MFA_DECOY_READ);
	mfa_event_syslog_warm();
}

static unsigned int
patience(const struct mfa_conversation *c)
{
	switch (c->state) {
	case MFA_STATE_NEW:
		return MFA_WAIT_HELLO;
	case MFA_STATE_ASKED:
		return c->config.challenge_ttl_seconds + 1;
	default:
		break;
	}
	if (c->peer.uid == 0)
		return MFA_WAIT_READY;
	return c->patient ? c->config.challenge_ttl_seconds : MFA_WAIT_OTHERS;
}

/* Of the next request, within the time that the whole may take. */
static uint64_t
deadline_of(const struct mfa_conversation *c)
{
	uint64_t next = mfa_conversation_in(patience(c));

	return c->peer.uid != 0 && next > c->end ? c->end : next;
}

static void
loop(struct mfa_conversation *c)
{
	enum mfa_err r = MFA_OK;

	c->end = mfa_conversation_in(c->config.challenge_ttl_seconds + MFA_WAIT_READY);
	while (r == MFA_OK && c->state != MFA_STATE_OVER) {
		/* Even dropping what came along may hang. */
		mfa_guard_watchdog(patience(c) + MFA_WORK_MAX);
		r = mfa_wire_recv_request(c->fd, &c->request, deadline_of(c));
		if (r == MFA_OK) {
			mfa_guard_watchdog(MFA_WORK_MAX);
			r = serve(c);
			/* Programs hear of it when the reply is out. */
			mfa_runner_flush(&c->desk);
			warm_up(c);
			mfa_guard_watchdog(0);
		}
		mfa_crypt_wipe(&c->request, sizeof(c->request));
	}
	/* To the end: closing a connection may hang on what was passed. */
	mfa_guard_watchdog(MFA_WORK_MAX);
	/* Who leaves a prompt unanswered is noted, too. */
	if (c->state == MFA_STATE_ASKED)
		mfa_requests_end_login(c, r == MFA_ERR_TIMEOUT ?
			MFA_REASON_EXPIRED :
			MFA_REASON_CONVERSATION);
	mfa_runner_flush(&c->desk);
}

/*
 * Uids without an account, as a user gets by the thousand for containers, are
 * given no place: each has a cap of its own, and together they would fill it.
 */
static bool
is_somebody(uid_t uid)
{
	struct passwd entry, *found = NULL;
	char buffer[4096];
	int e;

	if (uid == 0)
		return true;
	e = getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found);
	return e == ERANGE || (e == 0 && found != NULL);
}

/* Nor has every realm's account a name. */
static bool
has_realm(const struct mfa_conversation *c)
{
	for (uint32_t i = 1; i < c->config.realm_count; i++) {
		if (mfa_request_is_account(&c->config,
			c->config.realm[i].name, c->peer.uid))
			return true;
	}
	return false;
}

static void
turn_away(struct mfa_conversation *c)
{
	mfa_wire_deafen(c->fd);
	if (send_error(c, MFA_ERR_DENIED, "this uid has no account") != MFA_OK)
		c->state = MFA_STATE_OVER; /* gone already */
}

static void
begin(struct mfa_conversation *c, const struct mfa_office *office, int fd,
    const struct mfa_peer_info *peer)
{
	c->fd = fd;
	c->peer = *peer;
	c->service_uid = office->service_uid;
	/* One that read it before serves one conversation. */
	c->shared = office->config == NULL;
	c->overflow_uid = read_overflow_uid();
	c->state = MFA_STATE_NEW;
	c->engine.config = &c->config;
	c->engine.env = &office->env;
	c->engine.held = &office->held;
}

void
mfa_serve_conversation(const struct mfa_office *office,
    struct mfa_engine *engine, int fd, const struct mfa_peer_info *peer)
{
	/* Codes and secrets pass through it. */
	struct mfa_conversation *c = mfa_crypt_guarded_new(sizeof(*c));
	struct mfa_sink sink = office->sink;

	if (c != NULL) {
		c->engine = *engine;
		begin(c, office, fd, peer);
		c->broken = read_config(c, office);
		if (is_somebody(peer->uid) || has_realm(c)) {
			equip(c, office, &sink);
			loop(c);
		} else {
			turn_away(c);
		}
		if (c->engine.store != NULL)
			c->engine.store->ops->free(c->engine.store);
		mfa_crypt_guarded_free(c);
	}
	(void)close(fd);
	mfa_guard_watchdog(0);
}
