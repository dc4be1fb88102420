/* SPDX-License-Identifier: MIT */
/* R28: what a listener that starts itself anew hands on, and believes. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "verifier/resume.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int
new_descriptor(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* With everything in it. */
static void
fill(struct mfa_handover *state)
{
	memset(state, 0, sizeof(*state));
	state->listener = new_descriptor();
	state->notes = new_descriptor();
	state->runner.fd = new_descriptor();
	(void)snprintf(state->runner.programs.path[MFA_PROGRAM_DELIVER],
	    MFA_CONFIG_PATH, "/usr/bin/deliver");
	state->held.count = 1;
	state->held.file[0].fd = new_descriptor();
	memcpy(state->held.dir, "/run/credentials/x", 19);
	memcpy(state->held.file[0].name, "primary", 8);
	state->places.place[5].pid = 4711;
	state->places.place[5].uid = 1000;
	state->places.place[5].since = 77;
	state->places.refusal[3].uid = 1001;
	state->places.refusal[3].end = 99;
}

static void
empty(const struct mfa_handover *state)
{
	int fds[MFA_RESUME_FDS];
	size_t n = mfa_resume_descriptors(state, fds);

	while (n > 0)
		(void)close(fds[--n]);
}

/* ---- through execve ---- */

static bool
is_there(int fd)
{
	return fcntl(fd, F_GETFD) == FD_CLOEXEC;
}

/* In the program anew: the line of what does not hold, or 0. */
static int
look(const char *number)
{
	struct mfa_handover got;
	int fd = atoi(number);

	memset(&got, 0, sizeof(got));
	if (mfa_resume_load(number, &got) != MFA_OK)
		return __LINE__;
	if (fcntl(fd, F_GETFD) != -1)
		return __LINE__;
	if (!is_there(got.listener) || !is_there(got.notes) ||
	    !is_there(got.runner.fd) || !is_there(got.held.file[0].fd))
		return __LINE__;
	if (strcmp(got.runner.programs.path[MFA_PROGRAM_DELIVER],
		"/usr/bin/deliver") != 0 ||
	    strcmp(got.held.file[0].name, "primary") != 0 ||
	    strcmp(got.held.dir, "/run/credentials/x") != 0)
		return __LINE__;
	if (got.places.place[5].pid != 4711 ||
	    got.places.place[5].uid != 1000 ||
	    got.places.place[5].since != 77 ||
	    got.places.refusal[3].uid != 1001 ||
	    got.places.refusal[3].end != 99)
		return __LINE__;
	/* Nothing else came along. */
	for (fd = 3; fd < 256; fd++) {
		if (fd != got.listener && fd != got.notes &&
		    fd != got.runner.fd && fd != got.held.file[0].fd &&
		    fcntl(fd, F_GETFD) != -1)
			return __LINE__;
	}
	return environ != NULL && environ[0] != NULL ? __LINE__ : 0;
}

/* The low byte of a line number is what an exit status holds. */
static int
status_of(int line)
{
	return line == 0 ? 0 : 1 + line % 250;
}

_Noreturn static void
start_anew(void)
{
	struct mfa_handover state;

	(void)close_range(3, ~0U, 0);
	fill(&state);
	(void)new_descriptor(); /* not named, so not handed on */
	if (mfa_resume_exec(&state) != MFA_OK)
		_exit(254);
	_exit(255);
}

static void
test_R28_all_is_handed_on(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if ((pid = fork()) == 0)
		start_anew();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
a_closed_descriptor(void)
{
	struct mfa_handover state;

	fill(&state);
	state.notes = 999;
	_exit(mfa_resume_exec(&state) == MFA_ERR_IO ? 7 : 8);
}

static void
test_R28_what_cannot_be_handed_on_is_an_error(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if ((pid = fork()) == 0)
		a_closed_descriptor();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

/* ---- what is believed ---- */

static void
complete(struct mfa_handover *state)
{
	memcpy(state->magic, "MFARESUM", 8);
	state->size = sizeof(*state);
	(void)snprintf(state->version, sizeof(state->version), "%s",
	    PACKAGE_VERSION);
}

/* A memory file with len bytes of a state, sealed so. */
static int
memory_of(const struct mfa_handover *state, size_t len, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, state, len), len);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static enum mfa_err
load(int fd)
{
	struct mfa_handover got;
	char number[12];
	enum mfa_err r;

	(void)snprintf(number, sizeof(number), "%d", fd);
	memset(&got, 0x5a, sizeof(got));
	r = mfa_resume_load(number, &got);
	if (r != MFA_OK)
		assert_true(unit_all(&got, sizeof(got), 0x5a));
	(void)close(fd);
	return r;
}

static enum mfa_err
load_state(const struct mfa_handover *state)
{
	return load(memory_of(state, sizeof(*state), SEALS));
}

static void
test_R28_a_state_is_believed(void **state)
{
	struct mfa_handover good;

	(void)state;
	fill(&good);
	complete(&good);
	assert_int_equal(load_state(&good), MFA_OK);
	empty(&good);
	fill(&good);
	complete(&good);
	(void)close(good.runner.fd);
	good.runner.fd = -1; /* there is none */
	assert_int_equal(load_state(&good), MFA_OK);
	empty(&good);
}

static void
test_R28_seals_and_size(void **state)
{
	static const int missing[] = { F_SEAL_SEAL, F_SEAL_SHRINK,
		F_SEAL_GROW, F_SEAL_WRITE };
	struct mfa_handover good[2];

	(void)state;
	memset(good, 0, sizeof(good));
	fill(&good[0]);
	complete(&good[0]);
	for (int i = 0; i < 4; i++)
		assert_int_equal(load(memory_of(good, sizeof(good[0]),
		    SEALS & ~missing[i])), MFA_ERR_DENIED);
	assert_int_equal(load(memory_of(good, sizeof(good[0]) - 1, SEALS)),
	    MFA_ERR_DENIED);
	assert_int_equal(load(memory_of(good, sizeof(good[0]) + 1, SEALS)),
	    MFA_ERR_DENIED);
	assert_int_equal(load(memory_of(good, 0, SEALS)), MFA_ERR_DENIED);
	empty(&good[0]);
}

static void
test_R28_another_version_s_state(void **state)
{
	struct mfa_handover good, bad;

	(void)state;
	fill(&good);
	complete(&good);
	bad = good;
	bad.magic[7] ^= 1;
	assert_int_equal(load_state(&bad), MFA_ERR_DENIED);
	bad = good;
	bad.size++;
	assert_int_equal(load_state(&bad), MFA_ERR_DENIED);
	bad = good;
	bad.version[0]++;
	assert_int_equal(load_state(&bad), MFA_ERR_DENIED);
	bad = good;
	bad.version[strlen(bad.version)] = '1';
	assert_int_equal(load_state(&bad), MFA_ERR_DENIED);
	bad = good;
	bad.held.count = MFA_KEYRING_HELD + 1;
	assert_int_equal(load_state(&bad), MFA_ERR_DENIED);
	empty(&good);
}

static void
test_R28_descriptors_that_are_not_there(void **state)
{
	struct mfa_handover good, bad;
	int gone = new_descriptor();

	(void)state;
	(void)close(gone);
	fill(&good);
	complete(&good);
	bad = good;
	bad.listener = -1;
	assert_int_equal(load_state(&bad), MFA_ERR_DENIED);
	bad = good;
	bad.notes = 999;
	assert_int_equal(load_state(&bad), MFA_ERR_DENIED);
	bad = good;
	bad.runner.fd = 999;
	assert_int_equal(load_state(&bad), MFA_ERR_DENIED);
	bad = good;
	bad.held.file[0].fd = 999;
	assert_int_equal(load_state(&bad), MFA_ERR_DENIED);
	empty(&good);
}

static void
test_R28_no_memory_file(void **state)
{
	static const char *const numbers[] = { "", "x", "3x", "-1", "03", "0",
		"2", "99999999999999999999", "4294967299", "700" };
	struct mfa_handover got;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_int_equal(mfa_resume_load(numbers[i], &got),
		    MFA_ERR_DENIED);
	assert_int_equal(load(new_descriptor()), MFA_ERR_DENIED);
	assert_int_equal(load(open("/tmp", O_RDONLY | O_CLOEXEC)),
	    MFA_ERR_DENIED);
	assert_int_equal(load(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC,
	    0600)), MFA_ERR_DENIED);
}

static void
test_memory_keeps_its_size(void **state)
{
	int fd = mfa_resume_memory("test", 4096);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(lseek(fd, 0, SEEK_END), 4096);
	assert_int_equal(ftruncate(fd, 100), -1);
	assert_int_equal(ftruncate(fd, 8192), -1);
	assert_int_equal(pwrite(fd, "x", 1, 4095), 1);
	(void)close(fd);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R28_all_is_handed_on),
		cmocka_unit_test(test_R28_what_cannot_be_handed_on_is_an_error),
		cmocka_unit_test(test_R28_a_state_is_believed),
		cmocka_unit_test(test_R28_seals_and_size),
		cmocka_unit_test(test_R28_another_version_s_state),
		cmocka_unit_test(test_R28_descriptors_that_are_not_there),
		cmocka_unit_test(test_R28_no_memory_file),
		cmocka_unit_test(test_memory_keeps_its_size),
	};

	if (argc == 3 && strcmp(argv[1], "--resume") == 0)
		_exit(status_of(look(argv[2])));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
