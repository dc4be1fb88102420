/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/proof/faults/scene.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "verifier/crypt/crypt.h"
#include "verifier/engine/attempt.h"
#include "verifier/engine/records.h"
#include "verifier/engine/repo.h"
#include "verifier/guard.h"
#include "verifier/store/store_file.h"
#include "verifier/vault/keyring.h"

static void
say_nothing(struct mfa_sink *sink, const struct mfa_event *event)
{
	(void)sink;
	(void)event;
}

static enum mfa_err
keep_code(struct mfa_runner *runner, const struct mfa_message *message,
    bool wait)
{
	struct scene *s = runner->ctx;

	(void)wait;
	(void)snprintf(s->sent, sizeof(s->sent), "%s", message->code);
	return MFA_OK;
}

void
scene_as(const struct scene *s)
{
	if (seteuid(0) != 0 || setegid(s == NULL ? 0 : s->gid) != 0 ||
	    seteuid(s == NULL ? 0 : s->uid) != 0)
		abort();
}

static bool
complain(const char *what, const char *why)
{
	(void)printf("# %s: %s\n", what, why);
	return false;
}

bool
scene_open(struct scene *s)
{
	struct mfa_config_problem problem;
	struct mfa_account account;
	enum mfa_err r;

	memset(s, 0, sizeof(*s));
	if (mfa_config_load(&mfa_config_system, &s->config, &problem) !=
	    MFA_OK)
		return complain("configuration", problem.text);
	if ((r = mfa_guard_account(&account)) != MFA_OK)
		return complain("account", mfa_strerror(r));
	s->uid = account.uid;
	s->gid = account.gid;
	s->env.now = mfa_env_now;
	s->env.random = mfa_crypt_random;
	s->env.release = MFA_RELEASE_TIME;
	s->sink.emit = say_nothing;
	s->runner.deliver = keep_code;
	s->runner.ctx = s;
	s->engine.config = &s->config;
	s->engine.env = &s->env;
	s->engine.sink = &s->sink;
	s->engine.runner = &s->runner;
	if ((r = mfa_crypt_init()) != MFA_OK ||
	    (r = mfa_engine_init(&s->engine)) != MFA_OK)
		return complain("engine", mfa_strerror(r));
	scene_as(s);
	r = mfa_store_file_open(s->config.store + strlen("file:"), s->uid,
	    &s->engine.store);
	scene_as(NULL);
	return r == MFA_OK || complain("store", mfa_strerror(r));
}

/* ---- the record's file ---- */

static void
path_of(const struct scene *s, char *out, size_t size)
{
	(void)snprintf(out, size, "%s/records/%s",
	    s->config.store + strlen("file:"), s->subject.id);
}

static void
save(struct scene *s)
{
	char path[512];
	int fd;

	path_of(s, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	s->was_there = fd >= 0;
	if (fd >= 0 && read(fd, s->saved, SCENE_RECORD) != SCENE_RECORD)
		abort();
	if (fd >= 0)
		(void)close(fd);
}

static void
put_back(struct scene *s)
{
	char path[512];
	int fd;

	path_of(s, path, sizeof(path));
	if (!s->was_there) {
		(void)unlink(path);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || fchown(fd, s->uid, s->gid) != 0 ||
	    pwrite(fd, s->saved, SCENE_RECORD, 0) != SCENE_RECORD)
		abort();
	(void)close(fd);
}

void
scene_begin(struct scene *s, const struct scene_case *c)
{
	char path[512];

	if (mfa_subject_resolve(c->user, &s->subject) == MFA_OK) {
		path_of(s, path, sizeof(path));
		(void)unlink(path);
		scene_as(s);
		c->setup(s);
		scene_as(NULL);
	}
	save(s);
}

bool
scene_unlocked(struct scene *s)
{
	char path[512];
	bool got;
	int fd;

	path_of(s, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	got = flock(fd, LOCK_EX | LOCK_NB) == 0;
	(void)close(fd);
	return got;
}

/* ---- reading ---- */

static void
gather(const mfa_record_Record *record, struct scene_facts *out)
{
	out->there = true;
	out->enrolled = record->enrolled;
	for (pb_size_t i = 0; i < record->factors_count; i++)
		out->factors += record->factors[i].status ==
		    mfa_record_Status_STATUS_ENABLED;
	for (pb_size_t i = 0; i < record->days.count_count; i++)
		out->wrong += record->days.count[i];
	for (pb_size_t i = 0; i < record->recovery.codes_count; i++)
		out->recovery += record->recovery.codes[i].used_at != 0;
	out->compared = record->recovery.compared;
	if (record->factors_count != 0) {
		out->step = record->factors[0].last_step;
		out->given_back = record->factors[0].replay_refunds;
	}
	out->bypass = record->has_bypass;
	out->sent = record->delivered.until != 0;
	out->grace = record->grace_logins;
	out->remembered = record->remembered_count;
}

static bool
has_moved(struct scene *s)
{
	struct mfa_records_slots slots;
	struct mfa_key key;
	unsigned int n = 0;

	if (mfa_keyring_primary(s->config.encryption_key, &key) != MFA_OK ||
	    mfa_records_slots(s->engine.store, s->subject.id, MFA_STORE_READ,
		&slots) != MFA_OK)
		return false;
	for (unsigned int i = 0; i < slots.count; i++)
		n += memcmp(slots.slot[i].key_id, key.id, MFA_KEY_ID) == 0;
	return n == MFA_STORE_SLOTS;
}

static enum mfa_err
read_here(struct scene *s, struct scene_facts *out)
{
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	memset(out, 0, sizeof(*out));
	scene_as(s);
	r = mfa_repo_open(&s->engine, &s->subject, MFA_STORE_READ, &repo);
	if (r == MFA_OK)
		gather(mfa_repo_record(repo), out);
	mfa_repo_close(repo);
	if (r == MFA_OK)
		out->moved = has_moved(s);
	scene_as(NULL);
	return r;
}

void
scene_restore(struct scene *s, const struct scene_case *c)
{
	put_back(s);
	s->code[0] = s->input[0] = '\0';
	scene_as(s);
	c->before(s);
	scene_as(NULL);
	if (s->input[0] == '\0')
		(void)snprintf(s->input, sizeof(s->input), "%s\n", s->code);
	if (read_here(s, &s->before) != MFA_OK && s->was_there)
		abort();
}

int
scene_tell(struct scene *s, const char *user)
{
	struct scene_facts facts;
	enum mfa_err r = mfa_subject_resolve(user, &s->subject);

	/* Who is unknown may have a record. */
	if (r == MFA_OK || r == MFA_ERR_NO_USER)
		r = read_here(s, &facts);
	if (r == MFA_OK &&
	    write(STDOUT_FILENO, &facts, sizeof(facts)) != sizeof(facts))
		r = MFA_ERR_IO;
	return (int)r;
}

static pid_t
start_reader(const char *user, int out)
{
	char self[] = "/proc/self/exe", tell[] = "tell";
	char name[MFA_SUBJECT_NAME + 1];
	char *const argv[] = { self, tell, name, NULL };
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)snprintf(name, sizeof(name), "%s", user);
	if (dup2(out, STDOUT_FILENO) < 0)
		_exit(MFA_ERR_IO);
	(void)execv(self, argv);
	_exit(MFA_ERR_IO);
}

enum mfa_err
scene_read(struct scene *s, struct scene_facts *out)
{
	struct scene_facts got;
	int ends[2], status = -1;
	ssize_t n;
	pid_t pid;

	memset(out, 0, sizeof(*out));
	if (pipe2(ends, O_CLOEXEC) != 0)
		return MFA_ERR_IO;
	pid = start_reader(s->subject.name, ends[1]);
	(void)close(ends[1]);
	n = read(ends[0], &got, sizeof(got));
	(void)close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return MFA_ERR_IO;
	if (WEXITSTATUS(status) != 0)
		return (enum mfa_err)WEXITSTATUS(status);
	if (n != (ssize_t)sizeof(got))
		return MFA_ERR_IO;
	*out = got;
	return MFA_OK;
}

bool
scene_again(struct scene *s)
{
	const struct mfa_caller caller = { .path = MFA_PATH_ROOT,
		.right = MFA_RIGHT_MANAGE, .service = "full", .rhost = "",
		.tty = "" };
	struct mfa_typed typed;
	const struct mfa_attempt attempt = { .caller = &caller,
		.typed = &typed };
	struct mfa_attempt_result result;
	enum mfa_err r;

	mfa_typed_parse((const uint8_t *)s->code, strlen(s->code), &typed);
	scene_as(s);
	r = mfa_attempt_make(&s->engine, &s->subject, &attempt, &result);
	scene_as(NULL);
	return mfa_attempt_verdict(r, &result) == MFA_VERDICT_ACCEPT;
}
