/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/proof/faults/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "verifier/engine/attempt.h"
#include "verifier/engine/deliver.h"
#include "verifier/engine/enroll.h"
#include "verifier/engine/grants.h"
#include "verifier/engine/login.h"
#include "verifier/otp/base32.h"
#include "verifier/otp/hotp.h"
#include "verifier/vault/keyring.h"

static const struct mfa_caller caller = { .path = MFA_PATH_ROOT,
	.right = MFA_RIGHT_MANAGE, .service = "full", .rhost = "", .tty = "" };

static void
must(enum mfa_err r, const char *what)
{
	if (r == MFA_OK)
		return;
	(void)printf("Bail out! %s: %s\n", what, mfa_strerror(r));
	exit(1);
}

static void
code_of(const char *base32, int steps, char out[9])
{
	uint8_t secret[64];
	struct mfa_otp_key key = { .alg = MFA_CRYPT_SHA1, .secret = secret,
		.digits = 6 };
	int64_t step = time(NULL) / 30 + steps;

	must(mfa_base32_parse(base32, secret, sizeof(secret), &key.secret_len),
	    "base32");
	must(mfa_hotp_code(&key, (uint64_t)step, out), "code");
}

static struct mfa_typed
typed_as(const char *text)
{
	struct mfa_typed typed;

	mfa_typed_parse((const uint8_t *)text, strlen(text), &typed);
	return typed;
}

/* ---- records ---- */

static void
begin(struct scene *s, const char *label, const char *base32)
{
	const struct mfa_enroll_ask ask = { .label = label, .provider = "",
		.algorithm = "", .import = base32, .address = "" };
	struct mfa_enrolled out;

	must(mfa_enroll_begin(&s->engine, &caller, &s->subject, &ask, &out),
	    "enroll");
}

static void
confirm(struct scene *s, const char *label, const char *text)
{
	struct mfa_typed typed = typed_as(text);
	struct mfa_confirmed out;

	must(mfa_enroll_confirm(&s->engine, &caller, &s->subject, label,
	    &typed, &out), "confirm");
	if (out.codes.count != 0)
		(void)snprintf(s->recovery, sizeof(s->recovery), "%s",
		    out.codes.code[0]);
}

/* By the code of the step before: that of now is still good. */
static void
enrolled(struct scene *s)
{
	char code[9];

	begin(s, "phone", SCENE_SECRET);
	code_of(SCENE_SECRET, -1, code);
	confirm(s, "phone", code);
}

static void
two_factors(struct scene *s)
{
	bool last = false;
	char code[9];

	enrolled(s);
	begin(s, "tablet", SCENE_SECOND);
	code_of(SCENE_SECOND, -1, code);
	confirm(s, "tablet", code);
	must(mfa_enroll_disable(&s->engine, &caller, &s->subject, "phone",
	    &last), "disable");
}

static void
bypassed(struct scene *s)
{
	const struct mfa_grants_ask ask = { .kind = MFA_GRANT_BYPASS,
		.seconds = 86400, .reason = "telephone lost" };
	struct mfa_granted out;

	enrolled(s);
	must(mfa_grants_give(&s->engine, &caller, &s->subject, &ask, &out),
	    "bypass");
	(void)snprintf(s->recovery, sizeof(s->recovery), "%s", out.code);
}

static void
by_mail(struct scene *s)
{
	const struct mfa_enroll_ask ask = { .label = "mail",
		.provider = "otp", .algorithm = "", .import = "",
		.address = "alice@example.org" };
	struct mfa_enrolled out;

	must(mfa_enroll_begin(&s->engine, &caller, &s->subject, &ask, &out),
	    "enroll by mail");
	confirm(s, "mail", s->sent);
}

static void
nothing(struct scene *s)
{
	(void)s;
}

static enum mfa_reason
attempt(struct scene *s, const char *code)
{
	struct mfa_typed typed = typed_as(code);
	const struct mfa_attempt what = { .caller = &caller,
		.typed = &typed };
	struct mfa_attempt_result result;

	must(mfa_attempt_make(&s->engine, &s->subject, &what, &result),
	    "attempt");
	return result.reason;
}

/* No code of either within five steps. */
static void
wrong(struct scene *s)
{
	char good[9];
	bool hit = true;

	for (unsigned int n = 123456; hit; n += 7919) {
		(void)snprintf(s->code, sizeof(s->code), "%06u", n % 1000000);
		hit = false;
		for (int i = -5; i <= 5; i++) {
			code_of(SCENE_SECRET, i, good);
			hit |= strcmp(good, s->code) == 0;
			code_of(SCENE_SECOND, i, good);
			hit |= strcmp(good, s->code) == 0;
		}
	}
}

static void
locked(struct scene *s)
{
	enrolled(s);
	wrong(s);
	for (int i = 0; i < 5; i++)
		(void)attempt(s, s->code);
}

static void
pending(struct scene *s)
{
	begin(s, "phone", SCENE_SECRET);
}

/* ---- what is typed ---- */

static void
right(struct scene *s)
{
	code_of(SCENE_SECRET, 0, s->code);
}

static void
used(struct scene *s)
{
	right(s);
	if (attempt(s, s->code) != MFA_REASON_OK)
		must(MFA_ERR_INVALID, "a right code");
}

static void
recovery(struct scene *s)
{
	(void)snprintf(s->code, sizeof(s->code), "%s", s->recovery);
}

/* No code of anybody's. */
static void
wrong_recovery(struct scene *s)
{
	static const uint8_t bytes[15] = { 1 };

	mfa_typed_recovery_format(bytes, s->code);
}

static void
delivered(struct scene *s)
{
	const struct mfa_deliver_ask ask = { .factor = "mail",
		.use = { .service = "full", .rhost = "",
		    .peer = MFA_PATH_ROOT } };

	must(mfa_deliver_code(&s->engine, &caller, &s->subject, &ask), "send");
	(void)snprintf(s->code, sizeof(s->code), "%s", s->sent);
}

static void
send(struct scene *s)
{
	wrong(s);
	/* As many digits as a code that is sent has: else it is a slip. */
	memcpy(s->code + strlen(s->code), "00", 3);
	(void)snprintf(s->input, sizeof(s->input), "send\n%s\n", s->code);
}

static void
no_answer(struct scene *s)
{
	(void)snprintf(s->input, sizeof(s->input), "\n");
}

/* Spoils the slot with the smaller sequence. */
static void
spoil_older(const char *path)
{
	uint8_t slots[SCENE_RECORD];
	FILE *f = fopen(path, "r+e");
	bool first;

	if (f == NULL)
		return;
	if (fread(slots, 1, sizeof(slots), f) == sizeof(slots)) {
		first = memcmp(slots + 40, slots + MFA_STORE_SLOT + 40, 8) < 0;
		(void)fseek(f, (first ? 0 : MFA_STORE_SLOT) + 4096, SEEK_SET);
		(void)fputs("damaged", f);
	}
	(void)fclose(f);
}

/* A crash that was survived: the newer slot holds. */
static void
half_damaged(struct scene *s)
{
	char path[512];

	used(s);
	(void)snprintf(path, sizeof(path), "%s/records/%s",
	    s->config.store + strlen("file:"), s->subject.id);
	spoil_older(path);
	code_of(SCENE_SECRET, 1, s->code);
}

/* ---- the ring ---- */

static void
shell(const char *command)
{
	char *const argv[] = { strdup("sh"), strdup("-c"), strdup(command),
		NULL };
	int status = -1;
	pid_t pid;

	scene_as(NULL);
	if ((pid = fork()) == 0) {
		(void)execv("/bin/sh", argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		must(MFA_ERR_IO, command);
	for (int i = 0; i < 3; i++)
		free(argv[i]);
}

/* The record is sealed with a key that is not the primary one. */
static void
rotated(struct scene *s)
{
	uint8_t id[MFA_KEY_ID];

	enrolled(s);
	scene_as(NULL);
	must(mfa_keyring_new(s->config.encryption_key, &s->env, s->gid, id),
	    "a new key");
	scene_as(s);
}

static void
ring_kept(struct scene *s)
{
	enrolled(s);
	shell("rm -rf /run/ring && cp -a " MFA_SYSCONFDIR "/keys /run/ring");
	scene_as(s);
}

static void
ring_back(struct scene *s)
{
	shell("cd " MFA_SYSCONFDIR "/keys && rm -f -- * .[!.]* &&"
	      " cp -a /run/ring/. .");
	scene_as(s);
	right(s);
}

/* A login by code from where it is remembered. */
static void
remembered(struct scene *s)
{
	const struct mfa_login_ask ask = { .caller = { .path = MFA_PATH_ROOT,
		.right = MFA_RIGHT_MANAGE, .service = "place",
		.rhost = "192.0.2.7", .tty = "ssh", .key_used = true },
		.user = s->subject.name, .retry = 1 };
	static struct mfa_login login;
	struct mfa_step step;

	enrolled(s);
	right(s);
	mfa_login_begin(&s->engine, &ask, &login, &step);
	if (step.kind == MFA_STEP_PROMPT)
		mfa_login_answer(&s->engine, &login,
		    (const uint8_t *)s->code, strlen(s->code), &step);
	if (step.kind != MFA_STEP_VERDICT ||
	    step.verdict != MFA_VERDICT_ACCEPT)
		must(MFA_ERR_INVALID, "a login that is remembered");
	mfa_login_wipe(&login);
}

static const char *const confirm_argv[] = { MFA_BINDIR "/medusa-mfa",
	"confirm", "phone", "--user", "pending", "--json", NULL };
static const char *const enroll_argv[] = { MFA_BINDIR "/medusa-mfa", "enroll",
	"--user", "fresh", "--json", NULL };
static const char *const rekey_argv[] = { MFA_BINDIR "/medusa-mfa", "key",
	"rekey", NULL };
static const char *const rotate_argv[] = { MFA_BINDIR "/medusa-mfa", "key",
	"rotate", NULL };

#define LOGIN(n, u, c, set, bef) .name = (n), .user = (u),                \
	.service = "full", .clean = (c), .setup = (set), .before = (bef)

const struct scene_case scene_cases[] = {
	{ LOGIN("success", "right", "success", enrolled, right),
	    .once = true, .compares = true },
	{ LOGIN("wrong", "wrong", "auth_err", enrolled, wrong),
	    .charges = true, .compares = true },
	{ LOGIN("replay", "replay", "auth_err", enrolled, used),
	    .compares = true },
	{ LOGIN("recovery", "recovery", "success", enrolled, recovery),
	    .once = true, .compares = true },
	{ LOGIN("wrong recovery", "recovery", "auth_err", enrolled,
	      wrong_recovery),
	    .charges = true, .compares = true },
	{ LOGIN("bypass", "bypassed", "success", bypassed, recovery),
	    .once = true, .compares = true },
	{ LOGIN("delivered", "mail", "success", by_mail, delivered),
	    .once = true, .compares = true },
	/* Where the first prompt is not the last. */
	{ .name = "sent", .user = "mail", .service = "twice",
	    .clean = "auth_err", .setup = by_mail, .before = send,
	    .compares = true },
	{ LOGIN("locked", "locked", "auth_err", locked, right) },
	{ LOGIN("disabled", "disabled", "auth_err", two_factors, right),
	    .charges = true, .compares = true },
	{ .name = "not enrolled", .user = "nobody-yet", .service = "nullok",
	    .clean = "ignore", .setup = nothing, .before = wrong,
	    .creates = true },
	{ .name = "pending", .user = "pending", .service = "nullok",
	    .clean = "ignore", .setup = pending, .before = right },
	{ LOGIN("unknown", "no-such-user", "auth_err", nothing, wrong),
	    .creates = true },
	{ LOGIN("damaged slot", "damaged", "success", enrolled, half_damaged),
	    .once = true, .compares = true },
	{ .name = "remembered", .user = "known", .service = "place",
	    .rhost = "192.0.2.7", .clean = "success", .setup = remembered,
	    .before = no_answer },
	/* sshd's account line asks whose key is good (R24). */
	{ .name = "enforce", .user = "keyed", .service = "enforced",
	    .rhost = "192.0.2.7", .how = "both", .clean = "success",
	    .setup = enrolled, .before = right, .once = true,
	    .compares = true },
	{ .name = "enforce, wrong", .user = "keyed", .service = "enforced",
	    .rhost = "192.0.2.7", .how = "both", .clean = "refused",
	    .setup = enrolled, .before = wrong, .charges = true,
	    .compares = true },
	{ .name = "enforce, key alone", .user = "keyed",
	    .service = "enforced", .rhost = "192.0.2.7", .how = "account",
	    .clean = "refused", .setup = enrolled, .before = no_answer },
	{ .name = "enroll_by", .user = "late", .service = "grace",
	    .clean = "ignore", .setup = nothing, .before = no_answer,
	    .creates = true },
	{ .name = "enrolment begins", .user = "fresh", .argv = enroll_argv,
	    .clean = "ok", .setup = nothing, .before = no_answer,
	    .creates = true },
	{ .name = "enrolment", .user = "pending", .argv = confirm_argv,
	    .clean = "ok", .setup = pending, .before = right,
	    .compares = true },
	{ .name = "rekey", .user = "moving", .argv = rekey_argv,
	    .clean = "ok", .setup = rotated, .before = right },
	{ .name = "key rotation", .user = "moving", .argv = rotate_argv,
	    .clean = "ok", .setup = ring_kept, .before = ring_back },
	{ .name = NULL },
};
