/* SPDX-License-Identifier: MIT */
/*
 * A whole conversation of the verifier, with a peer that says anything and
 * knows no code of alice's.
 *
 * The first byte says who the peer is (0 root, 1 alice, 2 bob, 3 the account
 * of realm shop), the second which configuration; if its highest bit is not
 * set, the peer greets as it should.  Then come packets, each behind two bytes
 * of length.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <pb_decode.h>
#include <pb_encode.h>

#include "lib/base/verdict.h"
#include "tests/proof/fuzz/conf.h"
#include "tests/proof/fuzz/net.h"
#include "tests/proof/fuzz/people.h"
#include "tests/proof/fuzz/seal.h"
#include "tests/proof/fuzz/shelf.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/codec.h"
#include "verifier/otp/hotp.h"
#include "verifier/serve.h"

#define WALL  UINT64_C(1800000000)
#define CODES 5 /* of the steps around now */
#define REPLIES 4000
#define SECRET "GEZDGNBV" /* how alice's begins */

static const char *const texts[] = {
	"[mfa]\nrequire = all\nproviders = totp hotp recovery_code\n"
	"[realm shop]\naccount = 4720\nrequire = all\n",
	"[mfa]\nself_enroll = yes\nrequire = enrolled\n"
	"providers = totp hotp otp recovery_code\n"
	"[otp]\nprogram = /usr/bin/true\n"
	"[realm shop]\naccount = 4720\n",
	"[mfa]\nrequire = enrolled\n[rule a]\nservice = su\n"
	"decision = require\nremember = 1h\n[rule b]\nfrom = 192.0.2.0/24\n"
	"decision = require\nunenrolled = enroll\nenroll_by = 3 logins\n",
};
#define CONFIGS (sizeof(texts) / sizeof(texts[0]))

static struct {
	struct fuzz_conf conf[CONFIGS];
	struct mfa_office office;
	struct mfa_engine engine;
	uint8_t record[MFA_STORE_SLOTS * MFA_SLOT]; /* alice's, as it was */
	char code[CODES][9];
	struct fuzz_in in;
	uid_t uid;
	bool greets;
	bool alices; /* the login under way is of alice */
	bool nullok; /* it says so, or an earlier one */
	bool knows;  /* the input has a code */
	bool spells; /* it has the secret: a name may be anything */
	bool strict; /* policy lets nobody pass */
	unsigned int replies;
	uint64_t clock, random;
} it;

void __wrap_mfa_guard_watchdog(unsigned int seconds);
void __wrap_mfa_event_syslog_warm(void);

void
__wrap_mfa_guard_watchdog(unsigned int seconds)
{
	(void)seconds;
}

void
__wrap_mfa_event_syslog_warm(void)
{
}

/* ---- the world ---- */

static enum mfa_err
now(const struct mfa_env *env, struct mfa_now *out)
{
	(void)env;
	*out = (struct mfa_now){ .wall = WALL + it.clock / 1000,
		.boot = 1000 + it.clock / 1000 };
	return MFA_OK;
}

/* Never the same twice, and the same for the same input. */
static void
fill_random(const struct mfa_env *env, void *out, size_t len)
{
	uint8_t *p = out;

	(void)env;
	while (len-- > 0) {
		it.random = it.random * 6364136223846793005U + 1442695040888963407U;
		*p++ = (uint8_t)(it.random >> 56);
	}
}

static void
note_event(struct mfa_sink *sink, const struct mfa_event *event)
{
	char line[1024];

	(void)sink;
	mfa_event_format(event, line, sizeof(line));
	for (const char *p = line; *p != '\0'; p++)
		FUZZ_WANT(*p >= 0x20 && *p <= 0x7e);
	FUZZ_WANT(it.spells || strstr(line, SECRET) == NULL); /* R14 */
}

/* ---- alice ---- */

static void
make_factor(mfa_record_Factor *f)
{
	memcpy(f->id, "factor-1", 8);
	f->provider = mfa_record_Provider_PROVIDER_TOTP;
	f->status = mfa_record_Status_STATUS_ENABLED;
	memcpy(f->label, "phone", 6);
	f->created = f->confirmed = WALL - 1000;
	memcpy(f->secret.bytes, "12345678901234567890", 20);
	f->secret.size = 20;
	f->algorithm = mfa_record_Algorithm_ALGORITHM_SHA1;
	f->digits = 6;
	f->period = 30;
	f->has_root = f->has_other = true;
}

static void
make_record(void)
{
	static mfa_record_Record r;
	static uint8_t text[MFA_CODEC_MAX];
	struct mfa_seal how = { .key = fuzz_seal_key() };
	size_t len = 0;

	memset(&r, 0, sizeof(r));
	memcpy(r.realm, "unix", 5);
	memcpy(r.name, "alice", 6);
	r.uid = ALICE;
	r.generation = 1;
	r.enrolled = r.has_stamp = r.has_recovery = r.has_hours = true;
	r.has_days = r.has_other_hours = r.has_sends = r.has_delivered = true;
	r.stamp.wall = WALL - 100;
	r.stamp.boot = 900;
	r.factors_count = 1;
	make_factor(&r.factors[0]);
	FUZZ_WANT(mfa_codec_encode(&r, text, sizeof(text), &len) == MFA_OK);
	how.binding = (struct mfa_binding){ fuzz_seal_store(), "unix",
	    "u-alice" };
	for (unsigned int i = 0; i < MFA_STORE_SLOTS; i++) {
		how.index = (uint8_t)i;
		how.sequence = 1 + i;
		FUZZ_WANT(mfa_envelope_seal(fuzz_seal_env(), &how, text, len,
		    it.record + i * MFA_SLOT) == MFA_OK);
	}
}

static void
make_codes(void)
{
	const struct mfa_otp_key key = { MFA_CRYPT_SHA1,
		(const uint8_t *)"12345678901234567890", 20, 6 };

	for (unsigned int i = 0; i < CODES; i++)
		FUZZ_WANT(mfa_hotp_code(&key, WALL / 30 - 2 + i,
		    it.code[i]) == MFA_OK);
}

static void
begin(void)
{
	memset(&it, 0, sizeof(it));
	FUZZ_WANT(mfa_crypt_init() == MFA_OK);
	for (size_t i = 0; i < CONFIGS; i++)
		FUZZ_WANT(fuzz_conf_read(&it.conf[i],
		    (const uint8_t *)texts[i], strlen(texts[i])) == MFA_OK);
	it.office.env = (struct mfa_env){ .now = now, .random = fill_random,
		.release = WALL - 1000000 };
	it.office.sink.emit = note_event;
	it.office.service_uid = 4700;
	it.office.runner.fd = -1;
	FUZZ_WANT(mfa_engine_init(&it.engine) == MFA_OK);
	make_record();
	make_codes();
}

/* ---- the peer ---- */

static int
net_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	(void)n;
	(void)timeout;
	fds->revents = fds->events;
	return 1;
}

static int
net_clock(clockid_t clock, struct timespec *out)
{
	(void)clock;
	out->tv_sec = 1000 + (time_t)(it.clock / 1000);
	out->tv_nsec = 0;
	return 0;
}

static size_t
next_packet(uint8_t *out, size_t size)
{
	size_t len = fuzz_number(&it.in, 2) % MFA_WIRE_MAX;

	if (len > it.in.left)
		len = it.in.left;
	if (len > size)
		len = size;
	if (len != 0)
		memcpy(out, it.in.p, len);
	it.in.p += len;
	it.in.left -= len;
	return len;
}

/* Whose login it is from here on. */
static void
note_request(const uint8_t *packet, size_t len)
{
	static mfa_wire_Request request;
	pb_istream_t in = pb_istream_from_buffer(packet, len);

	memset(&request, 0, sizeof(request));
	if (!pb_decode(&in, mfa_wire_Request_fields, &request))
		return;
	if (request.which_what == mfa_wire_Request_login_tag) {
		it.alices = strcmp(request.what.login.user, "alice") == 0;
		it.nullok |= request.what.login.nullok;
	}
	if (request.which_what == mfa_wire_Request_policy_tag) {
		it.alices = strcmp(request.what.policy.user, "alice") == 0;
		it.nullok |= request.what.policy.nullok;
	}
}

static ssize_t
net_recvmsg(int fd, struct msghdr *msg, int flags)
{
	static const uint8_t hello[] = { 0x0a, 4, 8, 2, 16, 3 };
	uint8_t *out = msg->msg_iov->iov_base;
	size_t len = sizeof(hello);

	(void)fd;
	(void)flags;
	msg->msg_controllen = 0;
	msg->msg_flags = 0;
	if (it.greets) {
		memcpy(out, hello, len);
		it.greets = false;
		return (ssize_t)len;
	}
	len = next_packet(out, msg->msg_iov->iov_len);
	note_request(out, len);
	it.clock += 1000;
	return (ssize_t)len;
}

/* ---- what must not be said ---- */

static void
look_at_verdict(const mfa_wire_Verdict *verdict)
{
	uint32_t code = (uint32_t)verdict->code;

	FUZZ_WANT(code == MFA_VERDICT_DENY || code == MFA_VERDICT_ACCEPT ||
	    code == MFA_VERDICT_PASS || code == MFA_VERDICT_UNAVAILABLE ||
	    code == MFA_VERDICT_MISCONFIGURED);
	if (it.knows)
		return;
	/* R1, R2: who knows no code is not alice. */
	FUZZ_WANT(code != MFA_VERDICT_ACCEPT || it.uid == 0 || it.uid == SHOP);
	FUZZ_WANT(code != MFA_VERDICT_PASS || it.uid == 0 || !it.alices);
	FUZZ_WANT(code != MFA_VERDICT_PASS || !it.strict ||
	    (it.uid == 0 && it.nullok));
}

/* R21, R31: what root alone is told, and what is another user's. */
static void
look_at_reply(const mfa_wire_Reply *reply)
{
	const char *name = it.uid == ALICE ? "alice" : "bob";

	switch (reply->which_what) {
	case mfa_wire_Reply_verdict_tag:
		look_at_verdict(&reply->what.verdict);
		break;
	case mfa_wire_Reply_granted_tag:
	case mfa_wire_Reply_key_tag:
	case mfa_wire_Reply_record_tag:
	case mfa_wire_Reply_restored_tag:
	case mfa_wire_Reply_explained_tag:
		FUZZ_WANT(it.uid == 0);
		break;
	case mfa_wire_Reply_enrolled_tag:
	case mfa_wire_Reply_codes_tag:
	case mfa_wire_Reply_confirmed_tag:
		FUZZ_WANT(it.uid != ALICE || it.knows);
		break;
	case mfa_wire_Reply_account_tag:
		FUZZ_WANT(it.uid == 0 || it.uid == SHOP ||
		    strcmp(reply->what.account.user, name) == 0);
		break;
	default:
		break;
	}
}

static ssize_t
net_send(int fd, const void *buf, size_t len, int flags)
{
	static mfa_wire_Reply reply;
	pb_istream_t in = pb_istream_from_buffer(buf, len);

	(void)fd;
	(void)flags;
	memset(&reply, 0, sizeof(reply));
	FUZZ_WANT(len <= MFA_WIRE_MAX &&
	    pb_decode(&in, mfa_wire_Reply_fields, &reply));
	FUZZ_WANT(++it.replies < REPLIES);
	look_at_reply(&reply);
	return (ssize_t)len;
}

static const struct fuzz_net net = { net_poll, net_send, net_recvmsg,
	net_clock, NULL, NULL };

/* ---- the target ---- */

/* With everything between that a person may type between digits. */
static bool
has_code(const uint8_t *data, size_t size)
{
	char digits[2048];
	size_t used = 0;

	for (size_t i = 0; i < size && used + 1 < sizeof(digits); i++) {
		if (data[i] >= '0' && data[i] <= '9')
			digits[used++] = (char)data[i];
	}
	digits[used] = '\0';
	for (unsigned int i = 0; i < CODES; i++) {
		if (strstr(digits, it.code[i]) != NULL)
			return true;
	}
	return false;
}

/* Who is not root has changed nothing that alice logs in with. */
static void
look_at_record(void)
{
	static uint8_t text[MFA_SLOT_WORK], scratch[MFA_CODEC_MAX];
	static mfa_record_Record record;
	const struct mfa_binding binding = { fuzz_seal_store(), "unix",
		"u-alice" };
	const uint8_t *slots = fuzz_shelf_find("u-alice");
	const mfa_record_Factor *f = &record.factors[0];
	size_t len = 0;

	FUZZ_WANT(slots != NULL);
	for (uint8_t i = 0; i < MFA_STORE_SLOTS; i++) {
		FUZZ_WANT(mfa_envelope_open(fuzz_seal_key(), binding, i,
		    slots + i * MFA_SLOT, text, &len) == MFA_OK);
		FUZZ_WANT(mfa_codec_decode(text, len, scratch, &record) ==
		    MFA_OK);
		FUZZ_WANT(record.enrolled && record.factors_count == 1);
		FUZZ_WANT(f->status == mfa_record_Status_STATUS_ENABLED &&
		    f->secret.size == 20 && memcmp(f->secret.bytes,
		    "12345678901234567890", 20) == 0);
		FUZZ_WANT(record.recovery.codes_count == 0 &&
		    record.invitation.until == 0 && record.bypass.until == 0);
	}
}

static void
run(const uint8_t *data, size_t size)
{
	static const uid_t uids[] = { 0, ALICE, BOB, SHOP };
	struct mfa_peer_info peer = { .uid = 0 };
	uint8_t how;
	int fd;

	it.in = (struct fuzz_in){ data, size };
	peer.uid = it.uid = uids[fuzz_byte(&it.in) % 4];
	how = fuzz_byte(&it.in);
	it.greets = (how & 0x80) == 0;
	it.office.config = &it.conf[how % CONFIGS].config;
	it.strict = how % CONFIGS == 0;
	it.knows = has_code(data, size);
	it.spells = size != 0 && memmem(data, size, SECRET,
	    sizeof(SECRET) - 1) != NULL;
	it.alices = it.nullok = false;
	it.replies = 0;
	it.clock = 0;
	it.random = 42;
	fuzz_shelf_reset("u-alice", it.record);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	FUZZ_WANT(fd >= 0);
	fuzz_net_use(&net);
	mfa_serve_conversation(&it.office, &it.engine, fd, &peer);
	fuzz_net_use(NULL);
	FUZZ_WANT(fcntl(fd, F_GETFD) < 0);
	if (it.uid != 0 && !it.knows)
		look_at_record();
}

const struct fuzz_target fuzz_verifier = { "verifier",
	"R1 R2 R21 R31 whoever knows no code gets in nowhere", begin, run,
	NULL, 0, 0 };
