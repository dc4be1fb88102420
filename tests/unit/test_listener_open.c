/* SPDX-License-Identifier: MIT */
/* R18: where the verifier listens: on what it was given, or in its folder. */
#include "tests/unit/place.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "tests/unit/world.h"
#include "verifier/listener.h"

static enum mfa_err
open_at(const char *path)
{
	int fd = 99;
	int before = place_descriptors();
	enum mfa_err r = mfa_listener_open(path, &fd);

	if (r == MFA_OK) {
		assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		(void)close(fd);
	} else {
		assert_int_equal(fd, -1);
	}
	assert_int_equal(place_descriptors(), before);
	return r;
}

static struct sockaddr_un
address_of(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	return address;
}

/* A socket of somebody else at path, listening or not. */
static int
other_socket(const char *path, int type, bool listening)
{
	const struct sockaddr_un address = address_of(path);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address,
	    sizeof(address)), 0);
	if (listening)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static int
dial(const char *path)
{
	const struct sockaddr_un address = address_of(path);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);

	if (connect(fd, (const struct sockaddr *)&address,
		sizeof(address)) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void
test_a_fresh_start(void **state)
{
	char path[256], folder[256];
	struct stat st;
	int fd, peer;

	place_path(state, "run", folder);
	place_path(state, "run/socket", path);
	(void)umask(077);
	assert_int_equal(mfa_listener_open(path, &fd), MFA_OK);
	(void)umask(022);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0755);
	assert_int_equal(stat(path, &st), 0);
	/* Everybody may knock: who it is, the kernel says. */
	assert_int_equal(st.st_mode, S_IFSOCK | 0666);
	peer = dial(path);
	assert_true(peer >= 0);
	(void)close(peer);
	(void)close(fd);
}

static void
test_what_a_crash_left_is_replaced(void **state)
{
	char path[256];
	struct stat before, after;

	place_path(state, "socket", path);
	(void)close(other_socket(path, SOCK_SEQPACKET, true));
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(open_at(path), MFA_OK);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(open_at(path), MFA_OK);
	assert_int_equal(dial(path), -1);
}

static void
test_another_verifier_is_left_alone(void **state)
{
	char path[256];
	int fd, peers[4];

	place_path(state, "socket", path);
	fd = other_socket(path, SOCK_SEQPACKET, true);
	assert_int_equal(open_at(path), MFA_ERR_EXISTS);
	/* Also one that is too busy to answer. */
	for (int i = 0; i < 4; i++)
		peers[i] = dial(path);
	assert_int_equal(peers[3], -1);
	assert_int_equal(open_at(path), MFA_ERR_EXISTS);
	for (int i = 0; i < 3; i++)
		(void)close(peers[i]);
	(void)close(fd);
	assert_int_equal(unlink(path), 0);
	/* And one that speaks otherwise. */
	fd = other_socket(path, SOCK_STREAM, true);
	assert_int_equal(open_at(path), MFA_ERR_EXISTS);
	assert_int_equal(access(path, F_OK), 0);
	(void)close(fd);
}

static void
test_R18_what_is_no_socket_stays(void **state)
{
	char path[256], victim[256];
	struct stat st;

	place_path(state, "socket", path);
	place_path(state, "victim", victim);
	place_file(path, "precious", 0, 0644);
	assert_int_equal(open_at(path), MFA_ERR_UNSAFE);
	assert_int_equal(rename(path, victim), 0);
	assert_int_equal(symlink(victim, path), 0);
	assert_int_equal(open_at(path), MFA_ERR_UNSAFE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_int_equal(open_at(path), MFA_ERR_UNSAFE);
	assert_int_equal(unlink(path), 0);
	place_dir(path, 0, 0755);
	assert_int_equal(open_at(path), MFA_ERR_UNSAFE);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(st.st_size, 8);
}

static void
test_R18_the_folder(void **state)
{
	static const mode_t bad[] = { 0775, 0757, 0777, 01777 };
	char path[256], folder[256], link[256];

	place_path(state, "run", folder);
	place_path(state, "run/socket", path);
	place_dir(folder, 0, 0755);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(chmod(folder, bad[i]), 0);
		assert_int_equal(open_at(path), MFA_ERR_UNSAFE);
	}
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chown(folder, 4711, 0), 0);
	assert_int_equal(open_at(path), MFA_ERR_UNSAFE);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(chown(folder, 0, 0), 0);
	assert_int_equal(symlink(folder, place_path(state, "link", link)), 0);
	place_path(state, "link/socket", path);
	assert_int_equal(open_at(path), MFA_ERR_UNSAFE);
	place_path(state, "none/below/socket", path);
	assert_int_equal(open_at(path), MFA_ERR_NOT_FOUND);
}

static void
test_paths_that_cannot_be(void **state)
{
	char path[200];

	(void)state;
	assert_int_equal(open_at("socket"), MFA_ERR_INVALID);
	assert_int_equal(open_at("/socket"), MFA_ERR_INVALID);
	assert_int_equal(open_at(""), MFA_ERR_INVALID);
	memset(path, 'a', sizeof(path));
	path[0] = path[50] = '/';
	path[108] = '\0';
	assert_int_equal(open_at(path), MFA_ERR_INVALID);
}

/* ---- descriptor 3, as a service manager gives it ---- */

enum given { LISTENING, STREAM, NOT_LISTENING, A_FILE };

static void __attribute__((noreturn))
start_with(const char *path, const char *mine, enum given what)
{
	const struct sockaddr_un address = address_of(mine);
	int fd = -1, got = -1;

	if (what == A_FILE)
		fd = open("/dev/null", O_RDWR);
	else
		fd = socket(AF_UNIX, what == STREAM ? SOCK_STREAM :
						      SOCK_SEQPACKET, 0);
	if (what != A_FILE && (bind(fd, (const struct sockaddr *)&address,
		sizeof(address)) != 0 ||
	    (what != NOT_LISTENING && listen(fd, 5) != 0)))
		_exit(1);
	if (fd != 3 && dup2(fd, 3) != 3)
		_exit(2);
	if (mfa_listener_open(path, &got) != MFA_OK)
		_exit(3);
	if (what == LISTENING)
		_exit(got == 3 && access(path, F_OK) != 0 ? 0 : 4);
	_exit(got != 3 && access(path, F_OK) == 0 ? 0 : 5);
}

static void
test_what_a_service_manager_gave(void **state)
{
	static const enum given all[] = { LISTENING, STREAM, NOT_LISTENING,
		A_FILE };
	char path[256], mine[256], name[32];
	int status;
	pid_t pid;

	place_path(state, "socket", path);
	for (int i = 0; i < 4; i++) {
		(void)snprintf(name, sizeof(name), "mine-%d", i);
		place_path(state, name, mine);
		if ((pid = fork()) == 0)
			start_with(path, mine, all[i]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), 0);
		assert_true(WIFEXITED(status));
		(void)unlink(path);
	}
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(test_a_fresh_start),
		IN_PLACE(test_what_a_crash_left_is_replaced),
		IN_PLACE(test_another_verifier_is_left_alone),
		IN_PLACE(test_R18_what_is_no_socket_stays),
		IN_PLACE(test_R18_the_folder),
		cmocka_unit_test(test_paths_that_cannot_be),
		IN_PLACE(test_what_a_service_manager_gave),
	};

	world_need_root();
	/* A listener at 3 would be taken for a service manager's. */
	if (fcntl(3, F_GETFD) < 0 && dup2(STDIN_FILENO, 3) != 3)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
