/* SPDX-License-Identifier: MIT */
/*
 * medusa-mfad: the verifier.  One start for all ways (guard.h); then a
 * conversation, a listener, or a job of maintenance.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "verifier/config/config.h"
#include "verifier/crypt/crypt.h"
#include "verifier/guard.h"
#include "verifier/listener.h"
#include "verifier/maintain.h"
#include "verifier/resume.h"
#include "verifier/serve.h"
#include "verifier/store/store_file.h"

#define CONVERSATION_FD 3
#define RUNNER		MFA_LIBEXECDIR "/medusa-mfa-runner"

static int
complain(const char *what, enum mfa_err err)
{
	(void)fprintf(stderr, "medusa-mfad: %s: %s\n", what,
	    mfa_strerror(err));
	return 1;
}

/* Judged by the effective uid alone: guard.h. */
static int
refuse_start(const char *mode, enum mfa_err err)
{
	if (err != MFA_ERR_DENIED)
		return complain("start", err);
	(void)fprintf(stderr, "medusa-mfad: %s must be run as root\n", mode);
	return 1;
}

/* The table that keeps equal error lines apart; a convenience, not a need. */
static struct mfa_event_limit *
map_limits(uid_t owner)
{
	const struct mfa_path_rule rule = { owner, 0177 };
	void *map = MAP_FAILED;
	struct stat st;
	int dir, fd;

	if (mfa_path_open_dir(MFA_STATEDIR, &mfa_path_root_owned, &dir) !=
	    MFA_OK)
		return NULL;
	if (mfa_path_open_file(dir, MFA_STORE_FILE_LIMITS, O_RDWR, &rule,
		&fd) == MFA_OK) {
		if (fstat(fd, &st) == 0 &&
		    st.st_size >= (off_t)sizeof(struct mfa_event_limit))
			map = mmap(NULL, sizeof(struct mfa_event_limit),
			    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		(void)close(fd);
	}
	(void)close(dir);
	return map == MAP_FAILED ? NULL : map;
}
_Static_assert(sizeof(struct mfa_event_limit) <= MFA_STORE_LIMITS_SIZE,
    "the table fits its file");

/* What conversations need, after the drop. */
static enum mfa_err
open_office(struct mfa_office *office, struct mfa_engine *engine)
{
	enum mfa_err r;

	memset(engine, 0, sizeof(*engine));
	office->env.now = mfa_env_now;
	office->env.random = mfa_crypt_random;
	office->env.release = MFA_RELEASE_TIME;
	office->service_uid = geteuid();
	office->limits = map_limits(office->service_uid);
	mfa_event_syslog(&office->sink, office->limits);
	if ((r = mfa_crypt_init()) != MFA_OK)
		return r;
	return mfa_engine_init(engine);
}

/*
 * Before the drop, and only if there is a program to run.  Without it a login
 * still works by all methods that need none.
 */
static enum mfa_err
start_runner(const struct mfa_config *config, struct mfa_runner_link *link)
{
	struct mfa_programs programs;

	if (!mfa_config_programs(config, &programs))
		return MFA_OK;
	return mfa_runner_start(RUNNER, &programs, link);
}

static enum mfa_err
become_account(void)
{
	struct mfa_account account;
	enum mfa_err r;

	if ((r = mfa_guard_account(&account)) != MFA_OK)
		return r;
	return mfa_guard_drop(&account);
}

/* One conversation on descriptor 3, for the root process that made it. */
static int
converse(void)
{
	struct mfa_peer_info peer = { .uid = (uid_t)-1 };
	struct ucred cred;
	socklen_t n = sizeof(cred);
	struct mfa_office office = { .runner = { .fd = -1 } };
	struct mfa_config_problem problem;
	struct mfa_config config;
	struct mfa_engine engine;

	if (mfa_guard_begin(CONVERSATION_FD, true) != MFA_OK)
		return 1;
	/* What is wrong with either is reported by the conversation. */
	if (mfa_config_load(&mfa_config_system, &config, &problem) == MFA_OK) {
		office.config = &config;
		if (start_runner(&config, &office.runner) != MFA_OK)
			office.runner.fd = -1;
		if (mfa_keyring_hold(config.encryption_key, &office.held) !=
		    MFA_OK)
			office.held.count = 0;
	}
	if (become_account() != MFA_OK)
		return 1;
	/* On a socketpair this is its maker's effective uid. */
	if (getsockopt(CONVERSATION_FD, SOL_SOCKET, SO_PEERCRED, &cred, &n) !=
	    0)
		return 1;
	peer.uid = cred.uid;
	if (open_office(&office, &engine) != MFA_OK)
		return 1;
	mfa_serve_conversation(&office, &engine, CONVERSATION_FD, &peer);
	return 0;
}

/*
 * What can be had as root only, for all conversations; they read the
 * configuration anew each, and say what is missing.
 */
static void
fit_out(struct mfa_office *office)
{
	struct mfa_config_problem problem;
	struct mfa_config config;
	enum mfa_err r;

	if (mfa_config_load(&mfa_config_system, &config, &problem) != MFA_OK) {
		(void)fprintf(stderr, "medusa-mfad: %s\n", problem.text);
		return;
	}
	if ((r = start_runner(&config, &office->runner)) != MFA_OK)
		(void)complain(RUNNER, r);
	r = mfa_keyring_hold(config.encryption_key, &office->held);
	if (r == MFA_ERR_NO_KEY)
		(void)fprintf(stderr, "medusa-mfad: %s: %s\n",
		    config.encryption_key,
		    mfa_keyring_advice(config.encryption_key, NULL));
	else if (r != MFA_OK)
		(void)complain(config.encryption_key, r);
}

/* The account by now; what a conversation needs is made before the fork. */
static enum mfa_err
open_doors(struct mfa_office *office, struct mfa_engine *engine)
{
	enum mfa_err r;

	if ((r = open_office(office, engine)) != MFA_OK)
		return r;
	return mfa_crypt_warm();
}

/* Who tries that wants a service, which is not started by hand. */
static int
refuse_listener(enum mfa_err err)
{
	(void)refuse_start("--listen", err);
	if (err == MFA_ERR_DENIED)
		(void)fputs("medusa-mfad: as a service: systemctl enable --now "
			    "medusa-mfad.socket; without systemd see "
			    "medusa-mfad(8)\n", stderr);
	return 1;
}

static int
listen_on(const char *path)
{
	struct mfa_office office = { .runner = { .fd = -1 } };
	struct mfa_engine engine;
	enum mfa_err r;
	int fd;

	if ((r = mfa_guard_begin(3, false)) != MFA_OK)
		return refuse_listener(r);
	r = mfa_listener_open(path, &fd);
	if (r == MFA_ERR_EXISTS) {
		(void)fprintf(stderr,
		    "medusa-mfad: another verifier listens at %s\n", path);
		return 1;
	}
	if (r != MFA_OK)
		return complain(path, r);
	if (fd != 3)
		(void)close(3); /* no listener: not meant for us */
	fit_out(&office);
	if ((r = become_account()) != MFA_OK)
		return complain(MFA_ACCOUNT, r);
	if ((r = open_doors(&office, &engine)) != MFA_OK)
		return complain("start", r);
	r = mfa_listener_run(&office, &engine, fd);
	return r == MFA_OK ? 0 : complain(path, r);
}

/* A listener that started itself anew; nobody else has what it takes. */
static int
resume(const char *number)
{
	int fds[MFA_RESUME_FDS];
	struct mfa_handover state;
	struct mfa_office office = { .runner = { .fd = -1 } };
	struct mfa_engine engine;
	enum mfa_err r;

	r = mfa_resume_load(number, &state);
	if (r == MFA_OK)
		r = mfa_guard_resume(fds,
		    mfa_resume_descriptors(&state, fds));
	if (r != MFA_OK) {
		(void)fprintf(stderr, "medusa-mfad: only a listening verifier "
				      "resumes, by itself\n");
		return 1;
	}
	office.runner = state.runner;
	office.held = state.held;
	if ((r = open_doors(&office, &engine)) != MFA_OK)
		return complain("start", r);
	r = mfa_listener_resume(&office, &engine, &state);
	return r == MFA_OK ? 0 : complain("resume", r);
}

/* The start that every job has; says what keeps it from that. */
static bool
begin(const char *mode)
{
	enum mfa_err r = mfa_guard_begin(2, false);

	if (r != MFA_OK)
		(void)refuse_start(mode, r);
	return r == MFA_OK;
}

static int
maintain(const char *mode, int (*job)(void))
{
	return begin(mode) ? job() : 1;
}

static int
check_config(const char *mode, const char *file)
{
	return begin(mode) ? mfa_maintain_check_config(file) : 1;
}

static int
remove_key(const char *mode, const char *id)
{
	return begin(mode) ? mfa_maintain_remove_key(id) : 1;
}

static int
usage(FILE *to, int status)
{
	(void)fprintf(to,
	    "usage: medusa-mfad --listen | --check | --check-config FILE |\n"
	    "       --init | --new-key | --rotate-key | --remove-key ID |\n"
	    "       --export-keys | --version | --help\n"
	    "See medusa-mfad(8).\n");
	return status;
}

/* Maintenance. */
static const struct job {
	const char *mode;
	int (*run)(void); /* NULL: it takes an operand */
	bool changes;
} jobs[] = {
	{ "--check", mfa_maintain_check, false },
	{ "--init", mfa_maintain_init, true },
	{ "--new-key", mfa_maintain_new_key, true },
	{ "--rotate-key", mfa_maintain_rotate_key, true },
	{ "--remove-key", NULL, true },
	{ "--export-keys", mfa_maintain_export_keys, false },
};

static const struct job *
find_job(const char *mode)
{
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		if (strcmp(mode, jobs[i].mode) == 0)
			return &jobs[i];
	}
	return NULL;
}

static int
run(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	const struct job *job = find_job(mode);

	if (argc == 3 && strcmp(mode, "--check-config") == 0)
		return check_config(mode, argv[2]);
	if (argc == 3 && strcmp(mode, "--remove-key") == 0)
		return remove_key(mode, argv[2]);
	if (argc == 3 && strcmp(mode, "--resume") == 0)
		return resume(argv[2]);
	if (argc != 2)
		return usage(stderr, 2);
	if (strcmp(mode, "--conversation") == 0)
		return converse();
	if (strcmp(mode, "--listen") == 0)
		return listen_on(MFA_RUNDIR "/socket");
	if (job != NULL && job->run != NULL)
		return maintain(mode, job->run);
	if (strcmp(mode, "--help") == 0)
		return usage(stdout, 0);
	if (strcmp(mode, "--version") == 0) {
		(void)printf("medusa-mfad %s\n", PACKAGE_VERSION);
		return 0;
	}
	return usage(stderr, 2);
}

int
main(int argc, char **argv)
{
	const struct job *job = argc > 1 ? find_job(argv[1]) : NULL;
	int status = run(argc, argv);

	/* What an earlier flush lost is known to the stream alone. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		/* Whoever did it once more would have two keys. */
		(void)fprintf(stderr, "medusa-mfad: cannot write the output%s\n",
		    status == 0 && job != NULL && job->changes ?
			"; it was done all the same" : "");
		status = status == 0 ? 1 : status;
	}
	/* Without the libraries' clean-up: it only costs time. */
	_exit(status);
}
