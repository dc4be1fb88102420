/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1
#include "tests/unit/office.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verifier/crypt/crypt.h"
#include "verifier/otp/base32.h"
#include "verifier/otp/hotp.h"
#include "verifier/store/store_file.h"
#include "verifier/vault/keyring.h"

static bool
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t n;

	if (fd < 0)
		return false;
	n = write(fd, text, strlen(text));
	return close(fd) == 0 && n == (ssize_t)strlen(text);
}

/*
 * The folder of the configuration, wherever it was configured to be: made in a
 * file system of our own, mounted on the last folder on its way that exists.
 */
static bool
make_folder(const char *path)
{
	char part[256];
	bool ours = strncmp(path, "/etc/", 5) == 0;
	struct stat st;

	for (size_t at = 1; at <= strlen(path); at++) {
		if (path[at] != '/' && path[at] != '\0')
			continue;
		(void)snprintf(part, sizeof(part), "%.*s", (int)at, path);
		if (!ours && stat(part, &st) == 0)
			continue;
		if (!ours) {
			*strrchr(part, '/') = '\0';
			ours = part[0] != '\0' && mount("none", part, "tmpfs",
			    0, "mode=0755") == 0;
			(void)snprintf(part, sizeof(part), "%.*s", (int)at,
			    path);
		}
		if (!ours || (mkdir(part, 0755) != 0 && errno != EEXIST))
			return false;
	}
	return ours || mount("none", path, "tmpfs", 0, "mode=0755") == 0;
}

/* Those of office.h, and a crowd: crowd0 has uid OFFICE_CROWD, and so on. */
static bool
put_accounts(void)
{
	char text[4096] = "root:x:0:0::/root:/bin/sh\n"
			  "alice:x:4711:4711::/:/bin/sh\n"
			  "bob:x:4712:4712::/:/bin/sh\n"
			  "medusa-mfa:x:4700:4700::/:/bin/sh\n"
			  "shopd:x:4720:4720::/:/bin/sh\n"
			  "nobody:x:65534:65534::/:/bin/sh\n";
	size_t used = strlen(text);

	for (int i = 0; i < 32; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "crowd%d:x:%d:5000::/:/bin/sh\n", i, OFFICE_CROWD + i);
	return put("/etc/passwd", text);
}

static bool
enter(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", "/etc", "tmpfs", 0, "mode=0755") == 0 &&
	    put("/etc/nsswitch.conf", "passwd: files\ngroup: files\n") &&
	    put_accounts() &&
	    make_folder(MFA_SYSCONFDIR);
}

void
office_enter(void)
{
	world_need_root();
	(void)umask(022);
	if (enter())
		return;
	(void)puts("1..0 # SKIP no mount namespace of its own here");
	exit(0);
}

static enum mfa_err
stopped_clock(const struct mfa_env *env, struct mfa_now *now)
{
	const struct office *office = env->ctx;

	*now = office->now;
	return MFA_OK;
}

static void
note_event(struct mfa_sink *sink, const struct mfa_event *event)
{
	struct office *office = sink->ctx;

	office->events[event->type]++;
	(void)snprintf(office->last_reason, sizeof(office->last_reason), "%s",
	    event->reason == NULL ? "" : event->reason);
	(void)snprintf(office->last_service, sizeof(office->last_service),
	    "%s", event->service == NULL ? "" : event->service);
	(void)snprintf(office->last_rhost, sizeof(office->last_rhost), "%s",
	    event->rhost == NULL ? "" : event->rhost);
}

static bool
claim(void *ctx, const char *record_id)
{
	struct office *office = ctx;

	(void)snprintf(office->claimed, sizeof(office->claimed), "%s",
	    record_id);
	return !office->full;
}

void
office_configure(struct office *office, const char *lines)
{
	char text[4096];

	(void)snprintf(text, sizeof(text),
	    "[mfa]\nencryption_key = %s\nstore = file:%s\n%s", office->keys,
	    office->dir, lines);
	assert_true(put(office->config, text));
}

static void
set_up(struct office *o)
{
	o->now.wall = WORLD_START;
	o->now.boot = 5000;
	o->office.env.now = stopped_clock;
	o->office.env.random = mfa_crypt_random;
	o->office.env.release = MFA_RELEASE_TIME;
	o->office.env.ctx = o;
	o->office.sink.emit = note_event;
	o->office.sink.ctx = o;
	o->office.service_uid = OFFICE_SERVICE;
	o->office.runner.fd = -1;
}

static void
open_conversation(struct office *o)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    o->ends), 0);
}

int
office_new(void **state)
{
	static const uint8_t id[16] = "store of office";
	struct office *o = calloc(1, sizeof(*o));
	uint8_t key[MFA_KEY_ID];

	assert_non_null(o);
	assert_int_equal(mfa_crypt_init(), MFA_OK);
	memcpy(o->place, "/run/mfa-unit-XXXXXX", 21);
	assert_non_null(mkdtemp(o->place));
	assert_int_equal(chmod(o->place, 0755), 0);
	(void)snprintf(o->keys, sizeof(o->keys), "%s/keys", o->place);
	(void)snprintf(o->dir, sizeof(o->dir), "%s/store", o->place);
	(void)snprintf(o->config, sizeof(o->config), "%s/medusa-mfa.conf",
	    MFA_SYSCONFDIR);
	set_up(o);
	office_configure(o, "require = all\n");
	assert_int_equal(mkdir(o->keys, 0750), 0);
	assert_int_equal(chown(o->keys, 0, OFFICE_SERVICE), 0);
	assert_int_equal(mfa_keyring_new(o->keys, &o->office.env,
	    OFFICE_SERVICE, key), MFA_OK);
	assert_int_equal(mfa_store_file_init(o->dir, OFFICE_SERVICE,
	    OFFICE_SERVICE, id), MFA_OK);
	assert_int_equal(mfa_engine_init(&o->engine), MFA_OK);
	open_conversation(o);
	*state = o;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

int
office_free(void **state)
{
	struct office *o = *state;

	(void)close(o->ends[0]);
	(void)close(o->ends[1]);
	mfa_engine_wipe(&o->engine);
	(void)nftw(o->place, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(o);
	return 0;
}

/* ---- what is said ---- */

void
office_say(struct office *o, const mfa_wire_Request *request)
{
	assert_int_equal(mfa_wire_send_request(o->ends[0], request,
	    mfa_wire_clock() + 1000), MFA_OK);
}

void
office_hello(struct office *o)
{
	mfa_wire_Request request = mfa_wire_Request_init_zero;

	request.which_what = mfa_wire_Request_hello_tag;
	request.what.hello.lowest = MFA_WIRE_LOWEST;
	request.what.hello.highest = MFA_WIRE_VERSION;
	office_say(o, &request);
}

void
office_login(struct office *o, const char *user, uint32_t retry)
{
	mfa_wire_Request request = mfa_wire_Request_init_zero;

	request.which_what = mfa_wire_Request_login_tag;
	memcpy(request.what.login.user, user, strlen(user) + 1);
	memcpy(request.what.login.service, "sshd", 5);
	request.what.login.retry = retry;
	office_say(o, &request);
}

void
office_answer(struct office *o, const char *text)
{
	mfa_wire_Request request = mfa_wire_Request_init_zero;

	request.which_what = mfa_wire_Request_answer_tag;
	request.what.answer.text.size = (pb_size_t)strlen(text);
	memcpy(request.what.answer.text.bytes, text, strlen(text));
	office_say(o, &request);
}

#define SUBJECT_OF(member)                                                \
	{ mfa_wire_Request_##member##_tag,                                \
	    offsetof(mfa_wire_Request, what.member.user),                 \
	    offsetof(mfa_wire_Request, what.member.realm) }

/* Where the kinds of requests say whom they are about. */
static const struct {
	pb_size_t tag;
	size_t user, realm; /* 0: none */
} subjects[] = {
	SUBJECT_OF(enroll), SUBJECT_OF(confirm), SUBJECT_OF(disable),
	SUBJECT_OF(recovery_codes), SUBJECT_OF(sync), SUBJECT_OF(list),
	SUBJECT_OF(status), SUBJECT_OF(reset), SUBJECT_OF(unlock),
	SUBJECT_OF(remove), SUBJECT_OF(rename), SUBJECT_OF(send),
	SUBJECT_OF(challenge_start),
	{ mfa_wire_Request_login_tag,
	    offsetof(mfa_wire_Request, what.login.user), 0 },
	{ mfa_wire_Request_policy_tag,
	    offsetof(mfa_wire_Request, what.policy.user), 0 },
	{ mfa_wire_Request_prove_tag,
	    offsetof(mfa_wire_Request, what.prove.user), 0 },
	{ mfa_wire_Request_invite_tag,
	    offsetof(mfa_wire_Request, what.invite.user), 0 },
	{ mfa_wire_Request_bypass_tag,
	    offsetof(mfa_wire_Request, what.bypass.user), 0 },
	{ mfa_wire_Request_explain_tag,
	    offsetof(mfa_wire_Request, what.explain.user), 0 },
	{ mfa_wire_Request_forget_tag,
	    offsetof(mfa_wire_Request, what.forget.user), 0 },
	{ mfa_wire_Request_users_tag, 0,
	    offsetof(mfa_wire_Request, what.users.realm) },
};

static void
put_text(mfa_wire_Request *request, size_t at, const char *text)
{
	if (at != 0)
		memcpy((char *)request + at, text, strlen(text) + 1);
}

void
office_name(mfa_wire_Request *request, pb_size_t tag, const char *realm,
    const char *user)
{
	memset(request, 0, sizeof(*request));
	request->which_what = tag;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		if (subjects[i].tag != tag)
			continue;
		put_text(request, subjects[i].user, user);
		put_text(request, subjects[i].realm, realm);
	}
	if (tag == mfa_wire_Request_enroll_tag)
		memcpy(request->what.enroll.label, "phone", 6);
	if (tag == mfa_wire_Request_confirm_tag)
		memcpy(request->what.confirm.factor, "phone", 6);
}

void
office_ask(struct office *o, pb_size_t tag, const char *user)
{
	mfa_wire_Request request;

	office_name(&request, tag, "", user == NULL ? "" : user);
	office_say(o, &request);
}

void
office_send(struct office *o, const void *bytes, size_t len, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	uint8_t copy[8192];
	struct iovec iov = { copy, len };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *head;

	assert_true(len <= sizeof(copy));
	memcpy(copy, bytes, len);
	if (fd >= 0) {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	}
	assert_int_equal(sendmsg(o->ends[0], &message, MSG_NOSIGNAL), len);
}

/* ---- the conversation ---- */

static void
read_replies(struct office *o)
{
	/* Where requests were left unread, a reset comes before the replies. */
	for (int ends = 0; ends < 2 && o->count < OFFICE_REPLIES;) {
		if (mfa_wire_recv_reply(o->ends[0], &o->replies[o->count],
			mfa_wire_clock() + 1000) == MFA_OK)
			o->count++;
		else
			ends++;
	}
}

void
office_run(struct office *o, uid_t uid)
{
	const struct mfa_peer_info peer = { .uid = uid, .claim = claim,
		.ctx = o };

	o->count = 0;
	memset(o->replies, 0, sizeof(o->replies));
	assert_int_equal(shutdown(o->ends[0], SHUT_WR), 0);
	assert_int_equal(setegid(OFFICE_SERVICE), 0);
	assert_int_equal(seteuid(OFFICE_SERVICE), 0);
	mfa_serve_conversation(&o->office, &o->engine, o->ends[1], &peer);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(setegid(0), 0);
	read_replies(o);
	(void)close(o->ends[0]);
	open_conversation(o);
}

const mfa_wire_Reply *
office_reply(const struct office *o, unsigned int i, pb_size_t tag)
{
	if (i >= o->count)
		fail_msg("%u replies only", o->count);
	if (o->replies[i].which_what == mfa_wire_Reply_error_tag &&
	    tag != mfa_wire_Reply_error_tag)
		fail_msg("error: %s", o->replies[i].what.error.text);
	assert_int_equal(o->replies[i].which_what, tag);
	return &o->replies[i];
}

void
office_error(const struct office *o, unsigned int i, enum mfa_err err)
{
	const mfa_wire_Reply *reply = office_reply(o, i,
	    mfa_wire_Reply_error_tag);

	assert_int_equal(reply->what.error.code, err);
	assert_true(reply->what.error.text[0] != '\0');
}

void
office_code(const struct office *o, int steps, char out[9])
{
	uint8_t secret[64];
	struct mfa_otp_key key = { .alg = MFA_CRYPT_SHA1, .secret = secret,
		.digits = 6 };
	int64_t step = (int64_t)(o->now.wall / 30) + steps;

	assert_int_equal(mfa_base32_parse(SECRET_A, secret, sizeof(secret),
	    &key.secret_len), MFA_OK);
	assert_int_equal(mfa_hotp_code(&key, (uint64_t)step, out), MFA_OK);
}

void
office_enroll_in(struct office *o, const char *realm, const char *user,
    uid_t by)
{
	mfa_wire_Request request;
	char code[9];

	office_hello(o);
	office_name(&request, mfa_wire_Request_enroll_tag, realm, user);
	memcpy(request.what.enroll.import_secret, SECRET_A,
	    sizeof(SECRET_A));
	office_say(o, &request);
	office_name(&request, mfa_wire_Request_confirm_tag, realm, user);
	office_code(o, 0, code);
	request.what.confirm.code.size = 6;
	memcpy(request.what.confirm.code.bytes, code, 6);
	office_say(o, &request);
	office_run(o, by);
	(void)office_reply(o, 1, mfa_wire_Reply_enrolled_tag);
	(void)office_reply(o, 2, mfa_wire_Reply_confirmed_tag);
	o->now.wall += 30;
	o->now.boot += 30;
	memset(o->events, 0, sizeof(o->events));
}

void
office_enroll(struct office *o, const char *user)
{
	office_enroll_in(o, "", user, 0);
}

void
office_challenge(struct office *o, const char *realm, const char *user,
    uid_t by, char id[841])
{
	const mfa_wire_Challenge *challenge;
	mfa_wire_Request request;

	office_hello(o);
	office_name(&request, mfa_wire_Request_challenge_start_tag, realm,
	    user);
	office_say(o, &request);
	office_run(o, by);
	challenge = &office_reply(o, 1,
	    mfa_wire_Reply_challenge_tag)->what.challenge;
	assert_false(challenge->not_required);
	memcpy(id, challenge->id, sizeof(challenge->id));
}
