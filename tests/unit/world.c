/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1
#include "tests/unit/world.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/mem_store.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/deliver.h"
#include "verifier/engine/policy.h"
#include "verifier/otp/base32.h"
#include "verifier/otp/hotp.h"
#include "verifier/store/store_file.h"
#include "verifier/vault/keyring.h"

static enum mfa_err
stopped_clock(const struct mfa_env *env, struct mfa_now *now)
{
	const struct world *world = env->ctx;

	if (world->clock_fails)
		return MFA_ERR_IO;
	*now = world->now;
	return MFA_OK;
}

static enum mfa_reason
reason_of(const char *name)
{
	for (int i = 0; i < WORLD_REASONS; i++) {
		if (strcmp(mfa_reason_name((enum mfa_reason)i), name) == 0)
			return (enum mfa_reason)i;
	}
	return MFA_REASON_NONE;
}

static void
keep(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text == NULL ? "" : text);
}

static void
keep_texts(struct last_texts *t, const struct mfa_event *e)
{
	keep(t->realm, sizeof(t->realm), e->realm);
	keep(t->subject, sizeof(t->subject), e->subject);
	keep(t->service, sizeof(t->service), e->service);
	keep(t->rhost, sizeof(t->rhost), e->rhost);
	keep(t->method, sizeof(t->method), e->method);
	keep(t->factor, sizeof(t->factor), e->factor);
	keep(t->reason, sizeof(t->reason), e->reason);
	keep(t->address, sizeof(t->address), e->address);
}

/* No line shows a key, a code that was sent, or where it was sent to (R14). */
static bool
spills(const struct world *world, const char *line)
{
	const struct delivery *d = &world->runner.last;

	return strstr(line, SECRET_A) != NULL ||
	    strstr(line, SECRET_B) != NULL || strstr(line, SECRET_C) != NULL ||
	    (d->code[0] != '\0' && strstr(line, d->code) != NULL) ||
	    (d->address[0] != '\0' && strstr(line, d->address) != NULL);
}

static void
count_event(struct mfa_sink *sink, const struct mfa_event *event)
{
	struct world *world = sink->ctx;
	char line[512];

	world->events[event->type]++;
	world->last = (struct mfa_event){ .type = event->type,
		.err = event->err, .has_left = event->has_left,
		.left = event->left, .unprivileged = event->unprivileged,
		.caller = event->caller, .has_attempts = event->has_attempts,
		.attempts = event->attempts };
	keep_texts(&world->texts, event);
	mfa_event_format(event, line, sizeof(line));
	world->spilt += spills(world, line);
	if (world->watch != NULL)
		world->watch(world->watch_ctx, event, line);
	if (event->type == MFA_EVENT_CHALLENGE_FAILED && event->reason != NULL)
		world->reasons[reason_of(event->reason)]++;
	if (event->factor != NULL)
		(void)snprintf(world->last_factor, sizeof(world->last_factor),
		    "%s", event->factor);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
set_up(struct world *world)
{
	world->now.wall = WORLD_START;
	world->now.boot = 5000;
	memset(world->now.boot_id, 7, sizeof(world->now.boot_id));
	world->env.now = stopped_clock;
	world->env.random = mfa_crypt_random;
	world->env.release = MFA_RELEASE_TIME;
	world->env.ctx = world;
	world->sink.emit = count_event;
	world->sink.ctx = world;
	mfa_config_init(&world->config);
	(void)snprintf(world->config.encryption_key,
	    sizeof(world->config.encryption_key), "%s", world->keys);
	world->engine.config = &world->config;
	world->engine.env = &world->env;
	world->engine.sink = &world->sink;
	fake_runner_init(&world->runner, world);
	world->engine.runner = &world->runner.runner;
	world->caller = (struct mfa_caller){ .path = MFA_PATH_ROOT,
		.right = MFA_RIGHT_MANAGE, .service = "test", .rhost = "",
		.tty = "" };
	memcpy(world->subject.realm, MFA_REALM_UNIX, sizeof(MFA_REALM_UNIX));
	world->subject.uid = 4711;
	world->subject.known = true;
	memcpy(world->subject.name, "alice", 6);
	memcpy(world->subject.id, "u-alice", 8);
}

static struct world *
make(void)
{
	struct world *world = calloc(1, sizeof(*world));
	uint8_t id[MFA_KEY_ID];

	assert_non_null(world);
	memcpy(world->place, "/run/mfa-unit-XXXXXX", 21);
	assert_non_null(mkdtemp(world->place));
	assert_int_equal(chmod(world->place, 0755), 0);
	(void)snprintf(world->keys, sizeof(world->keys), "%s/keys",
	    world->place);
	(void)snprintf(world->dir, sizeof(world->dir), "%s/store",
	    world->place);
	assert_int_equal(mkdir(world->keys, 0750), 0);
	assert_int_equal(mfa_crypt_init(), MFA_OK);
	set_up(world);
	assert_int_equal(mfa_keyring_new(world->keys, &world->env, 0, id),
	    MFA_OK);
	assert_int_equal(mfa_engine_init(&world->engine), MFA_OK);
	return world;
}

void
world_need_root(void)
{
	if (geteuid() == 0)
		return;
	(void)puts("1..0 # SKIP needs root: its folders must be root's");
	exit(0);
}

int
world_new(void **state)
{
	static const uint8_t id[16] = "store of a test";
	struct world *world;

	world_need_root();
	world = make();
	assert_int_equal(mfa_store_file_init(world->dir, 0, 0, id), MFA_OK);
	assert_int_equal(mfa_store_file_open(world->dir, 0,
	    &world->engine.store), MFA_OK);
	*state = world;
	return 0;
}

int
world_new_memory(void **state)
{
	struct world *world;

	world_need_root();
	world = make();
	world->engine.store = mem_store_new(&world->mishap, &world->writes);
	*state = world;
	return 0;
}

int
world_free(void **state)
{
	struct world *world = *state;

	/* R23: no program ran while a record was held.  R14. */
	assert_int_equal(world->runner.held, 0);
	assert_int_equal(world->spilt, 0);
	world->engine.store->ops->free(world->engine.store);
	mfa_engine_wipe(&world->engine);
	(void)nftw(world->place, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(world);
	return 0;
}

void
world_twin(const struct world *world, struct mfa_engine *twin)
{
	*twin = world->engine;
	assert_int_equal(mfa_engine_init(twin), MFA_OK);
}

void
world_twin_free(struct mfa_engine *twin)
{
	mfa_engine_wipe(twin);
}

void
world_pass(struct world *world, uint64_t seconds)
{
	world->now.wall += seconds;
	world->now.boot += seconds;
}

void
world_counter(const char *base32, uint64_t counter, char *out)
{
	uint8_t secret[64];
	struct mfa_otp_key key = { .alg = MFA_CRYPT_SHA1, .secret = secret,
		.digits = 6 };

	assert_int_equal(mfa_base32_parse(base32, secret, sizeof(secret),
	    &key.secret_len), MFA_OK);
	assert_int_equal(mfa_hotp_code(&key, counter, out), MFA_OK);
}

void
world_code(const struct world *world, const char *base32, int steps, char *out)
{
	int64_t step = (int64_t)(world->now.wall / 30) + steps;

	world_counter(base32, (uint64_t)step, out);
}

void
world_wrong(const struct world *world, char out[9])
{
	static const char *const secrets[] = { SECRET_A, SECRET_B };
	char good[9];
	bool hit = true;

	for (unsigned int n = 100000; hit; n++) {
		(void)snprintf(out, 9, "%06u", n % 1000000);
		hit = false;
		for (int i = 0; i < 2 * 7; i++) {
			world_code(world, secrets[i % 2], i / 2 - 3, good);
			hit |= strcmp(good, out) == 0;
		}
	}
}

struct mfa_typed
world_typed(const char *text)
{
	struct mfa_typed typed;

	mfa_typed_parse((const uint8_t *)text, strlen(text), &typed);
	return typed;
}

void
world_user(struct world *world, const char *name)
{
	assert_int_equal(mfa_subject_resolve(name, &world->subject), MFA_OK);
}

static void
record_path(const struct world *world, char *out, size_t size)
{
	(void)snprintf(out, size, "%s/records/%s", world->dir,
	    world->subject.id);
}

void
world_read(const struct world *world, uint8_t *bytes)
{
	const size_t size = MFA_STORE_SLOTS * MFA_STORE_SLOT;
	char path[512];
	FILE *f;

	record_path(world, path, sizeof(path));
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fread(bytes, 1, size, f), size);
	(void)fclose(f);
}

void
world_write(const struct world *world, const uint8_t *bytes)
{
	const size_t size = MFA_STORE_SLOTS * MFA_STORE_SLOT;
	char path[512];
	FILE *f;

	record_path(world, path, sizeof(path));
	f = fopen(path, "r+e");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

enum mfa_err
world_pending(struct world *world, const char *label, const char *base32,
    char id[17])
{
	const struct mfa_enroll_ask ask = { .label = label, .provider = "",
		.algorithm = "", .import = base32, .address = "" };
	struct mfa_enrolled out;
	enum mfa_err r;

	r = mfa_enroll_begin(&world->engine, &world->caller, &world->subject,
	    &ask, &out);
	if (r == MFA_OK)
		memcpy(id, out.id, 17);
	return r;
}

void
world_enroll(struct world *world, const char *label, const char *base32,
    struct mfa_confirmed *confirmed)
{
	struct mfa_typed typed;
	char id[17], code[9];

	assert_int_equal(world_pending(world, label, base32, id), MFA_OK);
	world_code(world, base32, 0, code);
	mfa_typed_parse((const uint8_t *)code, strlen(code), &typed);
	assert_int_equal(mfa_enroll_confirm(&world->engine, &world->caller,
	    &world->subject, id, &typed, confirmed), MFA_OK);
}

/* The realm of the subject, as the configuration has it. */
static struct mfa_config_realm *
own_realm(struct world *world)
{
	struct mfa_config *config = &world->config;

	for (uint32_t i = 0; i < config->realm_count; i++) {
		if (strcmp(config->realm[i].name, world->subject.realm) == 0)
			return &config->realm[i];
	}
	fail_msg("no realm %s", world->subject.realm);
	return NULL;
}

/* Begins a factor and confirms it; code NULL: the one that was sent. */
static void
enroll_any(struct world *world, const struct mfa_enroll_ask *ask,
    const char *code)
{
	struct mfa_confirmed confirmed;
	struct mfa_enrolled out;
	struct mfa_typed typed;

	assert_int_equal(mfa_enroll_begin(&world->engine, &world->caller,
	    &world->subject, ask, &out), MFA_OK);
	typed = world_typed(code != NULL ? code : world->runner.last.code);
	assert_int_equal(mfa_enroll_confirm(&world->engine, &world->caller,
	    &world->subject, out.id, &typed, &confirmed), MFA_OK);
}

void
world_enroll_otp(struct world *world, const char *label, const char *address)
{
	const struct mfa_enroll_ask ask = { .label = label, .provider = "otp",
		.algorithm = "", .import = "", .address = address };

	own_realm(world)->provides |= MFA_PROVIDES_OTP;
	enroll_any(world, &ask, NULL);
}

void
world_enroll_hotp(struct world *world, const char *label, const char *base32)
{
	const struct mfa_enroll_ask ask = { .label = label, .provider = "hotp",
		.algorithm = "", .import = base32, .address = "" };
	char code[9];

	own_realm(world)->provides |= MFA_PROVIDES_HOTP;
	world_counter(base32, 0, code);
	enroll_any(world, &ask, code);
}

void
world_enroll_outside(struct world *world, const char *label,
    const char *program, const char *answer)
{
	const struct mfa_enroll_ask ask = { .label = label,
		.provider = program, .algorithm = "", .import = "set-up",
		.address = "" };

	world_program(world, program);
	world->runner.accepts = answer;
	enroll_any(world, &ask, answer);
	world->runner.accepts = NULL;
}

enum mfa_err
world_send(struct world *world, const char *factor)
{
	const struct mfa_deliver_ask ask = { .factor = factor,
		.use = { .service = world->caller.service,
		    .rhost = world->caller.rhost,
		    .peer = (uint32_t)world->caller.path } };

	return mfa_deliver_code(&world->engine, &world->caller,
	    &world->subject, &ask);
}

struct mfa_config_realm *
world_realm(struct world *world, const char *name, uint32_t provides)
{
	struct mfa_config_realm *realm =
	    &world->config.realm[world->config.realm_count++];

	assert_true(world->config.realm_count <= MFA_CONFIG_REALMS);
	keep(realm->name, sizeof(realm->name), name);
	realm->require = MFA_REQUIRE_ENROLLED;
	realm->provides = MFA_PROVIDES_TOTP | MFA_PROVIDES_RECOVERY_CODE |
	    provides;
	realm->sends_per_day = 10;
	return realm;
}

void
world_program(struct world *world, const char *name)
{
	struct mfa_config *config = &world->config;
	const uint32_t i = config->outside_count;

	if (mfa_policy_outside(config, name) >= 0)
		return;
	assert_true(i < MFA_CONFIG_OUTSIDE);
	keep(config->outside[i].name, sizeof(config->outside[i].name), name);
	own_realm(world)->provides |= (uint32_t)MFA_PROVIDES_OUTSIDE << i;
	config->outside_count++;
}

struct mfa_subject
world_subject(const char *realm, const char *name)
{
	struct mfa_subject subject;

	assert_int_equal(mfa_subject_in_realm(realm, name, &subject), MFA_OK);
	return subject;
}

enum mfa_reason
world_try_on(struct world *world, struct mfa_engine *engine,
    enum mfa_path path, const char *typed)
{
	struct mfa_caller caller = world->caller;
	struct mfa_typed text;
	const struct mfa_attempt attempt = { .caller = &caller,
		.typed = &text };
	struct mfa_attempt_result result;

	caller.path = path;
	mfa_typed_parse((const uint8_t *)typed, strlen(typed), &text);
	if (mfa_attempt_make(engine, &world->subject, &attempt, &result) !=
	    MFA_OK)
		return MFA_REASON_ERROR;
	return result.reason;
}

enum mfa_reason
world_try(struct world *world, const char *typed)
{
	return world_try_on(world, &world->engine, MFA_PATH_ROOT, typed);
}

void
world_record(struct world *world, mfa_record_Record *out)
{
	struct mfa_repo *repo;

	assert_int_equal(mfa_repo_open(&world->engine, &world->subject,
	    MFA_STORE_READ, &repo), MFA_OK);
	*out = *mfa_repo_record(repo);
	mfa_repo_close(repo);
}
