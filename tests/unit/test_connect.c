/* SPDX-License-Identifier: MIT */
/* The listening socket: only in root's folder, only root's listener (R18). */
#include "tests/unit/place.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/client/client.h"
#include "protocol/wire_io.h"

#define STRANGER 12345

/* What the kernel says of a listener; see tests/unit.am for --wrap. */
static enum {
	AS_IT_IS,
	FAILS_AT_THE_PLACE,
	FAILS_AT_THE_LISTENER,
	HALF_A_LISTENER
} kernel;

int __real_getsockopt(int fd, int level, int name, void *value,
    socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *value,
    socklen_t *len);
int __real_fstatat(int dirfd, const char *name, struct stat *st, int flags);
int __wrap_fstatat(int dirfd, const char *name, struct stat *st, int flags);

/* Root's, as far as one can read what is left there. */
int
__wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	int r = __real_getsockopt(fd, level, name, value, len);

	if (kernel == HALF_A_LISTENER)
		(*len)--;
	if (kernel != FAILS_AT_THE_LISTENER)
		return r;
	errno = EPERM;
	return -1;
}

int
__wrap_fstatat(int dirfd, const char *name, struct stat *st, int flags)
{
	int r = __real_fstatat(dirfd, name, st, flags);

	if (kernel != FAILS_AT_THE_PLACE)
		return r;
	errno = EACCES;
	return -1;
}

/* Binds, and listens as uid if backlog is not negative. */
static int
listen_at(const char *path, int type, int backlog, uid_t uid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(s, (const struct sockaddr *)&address,
	    sizeof(address)), 0);
	assert_int_equal(chmod(path, 0666), 0);
	if (backlog >= 0) {
		assert_int_equal(seteuid(uid), 0);
		assert_int_equal(listen(s, backlog), 0);
		assert_int_equal(seteuid(0), 0);
	}
	return s;
}

/* Must fail, quickly, and leave nothing open. */
static enum mfa_err
refused(const char *path)
{
	uint64_t start = mfa_wire_clock();
	int before = place_descriptors(), fd = 99;
	enum mfa_err r = mfa_client_connect(path, &fd);

	assert_int_not_equal(r, MFA_OK);
	assert_int_equal(fd, -1);
	assert_int_equal(place_descriptors(), before);
	assert_true(mfa_wire_clock() - start < 1000);
	return r;
}

static void
test_connects_and_talks_in_packets(void **state)
{
	int s, fd, peer, type = 0;
	socklen_t len = sizeof(type);
	char path[256];

	place_need(state);
	s = listen_at(place_path(state, "socket", path), SOCK_SEQPACKET, 4, 0);
	assert_int_equal(mfa_client_connect(path, &fd), MFA_OK);
	peer = accept(s, NULL, NULL);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len), 0);
	assert_int_equal(type, SOCK_SEQPACKET);
	assert_int_equal(send(fd, "hello", 5, 0), 5);
	assert_int_equal(recv(peer, path, 10, 0), 5);
	(void)close(peer);
	(void)close(fd);
	(void)close(s);
}

static void
test_nobody_there_is_unavailable(void **state)
{
	char path[256];

	place_need(state);
	assert_int_equal(refused(place_path(state, "socket", path)),
	    MFA_ERR_UNAVAILABLE);
	(void)close(listen_at(path, SOCK_SEQPACKET, -1, 0));
	assert_int_equal(refused(path), MFA_ERR_UNAVAILABLE);
	assert_int_equal(refused(place_path(state, "none/socket", path)),
	    MFA_ERR_UNAVAILABLE);
	(void)close(listen_at(place_path(state, "stream", path), SOCK_STREAM,
	    4, 0));
	assert_int_equal(refused(path), MFA_ERR_UNAVAILABLE);
}

static void
test_stream_listener_is_unavailable(void **state)
{
	char path[256];
	int s;

	place_need(state);
	s = listen_at(place_path(state, "socket", path), SOCK_STREAM, 4, 0);
	assert_int_equal(refused(path), MFA_ERR_UNAVAILABLE);
	(void)close(s);
}

/* R28: connect does not wait for room in the backlog. */
static void
test_R28_full_backlog_is_busy(void **state)
{
	int s, fd[8], n = 0;
	char path[256];

	place_need(state);
	s = listen_at(place_path(state, "socket", path), SOCK_SEQPACKET, 1, 0);
	while (n < 8 && mfa_client_connect(path, &fd[n]) == MFA_OK)
		n++;
	assert_in_range(n, 1, 7);
	assert_int_equal(refused(path), MFA_ERR_BUSY);
	while (n > 0)
		(void)close(fd[--n]);
	(void)close(s);
}

static void
test_R18_folder_that_is_not_roots(void **state)
{
	static const mode_t modes[] = { 0775, 0757, 01777 };
	char folder[256], path[256];
	int s, fd;

	place_need(state);
	place_dir(place_path(state, "d", folder), 0, 0755);
	s = listen_at(place_path(state, "d/socket", path), SOCK_SEQPACKET, 4,
	    0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(chmod(folder, modes[i]), 0);
		assert_int_equal(refused(path), MFA_ERR_UNSAFE);
	}
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(chown(folder, STRANGER, 0), 0);
	assert_int_equal(refused(path), MFA_ERR_UNSAFE);
	assert_int_equal(chown(folder, 0, 0), 0);
	assert_int_equal(symlink("d", place_path(state, "link", folder)), 0);
	assert_int_equal(refused(place_path(state, "link/socket", folder)),
	    MFA_ERR_UNSAFE);
	assert_int_equal(refused(place_path(state, "d/../d/socket", folder)),
	    MFA_ERR_UNSAFE);
	assert_int_equal(mfa_client_connect(path, &fd), MFA_OK);
	(void)close(fd);
	(void)close(s);
}

static void
test_R18_place_that_is_no_socket(void **state)
{
	char path[256], real[256];
	int s;

	place_need(state);
	place_file(place_path(state, "file", path), "x", 0, 0666);
	assert_int_equal(refused(path), MFA_ERR_UNSAFE);
	place_dir(place_path(state, "dir", path), 0, 0755);
	assert_int_equal(refused(path), MFA_ERR_UNSAFE);
	assert_int_equal(refused(place_path(state, "dir/", path)),
	    MFA_ERR_UNAVAILABLE);
	s = listen_at(place_path(state, "real", real), SOCK_SEQPACKET, 4, 0);
	assert_int_equal(symlink("real", place_path(state, "link", path)), 0);
	assert_int_equal(refused(path), MFA_ERR_UNSAFE);
	(void)close(s);
}

static void
test_listener_that_is_not_root(void **state)
{
	char path[256];
	int s;

	place_need(state);
	s = listen_at(place_path(state, "socket", path), SOCK_SEQPACKET, 4,
	    STRANGER);
	assert_int_equal(refused(path), MFA_ERR_UNSAFE);
	(void)close(s);
}

/* No doubt is in its favour. */
static void
test_R18_what_the_kernel_does_not_say(void **state)
{
	enum mfa_err r[3];
	char path[256];
	int s, fd;

	place_need(state);
	s = listen_at(place_path(state, "socket", path), SOCK_SEQPACKET, 4, 0);
	kernel = FAILS_AT_THE_PLACE;
	r[0] = mfa_client_connect(path, &fd);
	kernel = FAILS_AT_THE_LISTENER;
	r[1] = mfa_client_connect(path, &fd);
	kernel = HALF_A_LISTENER;
	r[2] = mfa_client_connect(path, &fd);
	kernel = AS_IT_IS;
	assert_int_equal(r[0], MFA_ERR_UNAVAILABLE);
	assert_int_equal(r[1], MFA_ERR_UNSAFE);
	assert_int_equal(r[2], MFA_ERR_UNSAFE);
	assert_int_equal(mfa_client_connect(path, &fd), MFA_OK);
	(void)close(fd);
	(void)close(s);
}

static void
test_without_a_path_it_is_the_built_in_one(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(mfa_client_connect(NULL, &fd[0]),
	    mfa_client_connect(MFA_RUNDIR "/socket", &fd[1]));
	for (int i = 0; i < 2; i++) {
		if (fd[i] >= 0)
			(void)close(fd[i]);
	}
}

static void
test_paths_that_cannot_be_one(void **state)
{
	char path[256];

	(void)state;
	assert_int_equal(refused("/run"), MFA_ERR_UNSAFE); /* no socket */
	assert_int_equal(refused(""), MFA_ERR_UNSAFE);
	assert_int_equal(refused("socket"), MFA_ERR_UNSAFE);
	assert_int_equal(refused("run/socket"), MFA_ERR_UNSAFE);
	assert_int_equal(refused("/"), MFA_ERR_UNAVAILABLE);
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(refused(path), MFA_ERR_UNAVAILABLE);
	path[107] = '\0';
	assert_int_equal(refused(path), MFA_ERR_UNAVAILABLE);
}

#define WITH_PLACE(test) \
	cmocka_unit_test_setup_teardown(test, place_new, place_free)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLACE(test_connects_and_talks_in_packets),
		WITH_PLACE(test_nobody_there_is_unavailable),
		WITH_PLACE(test_stream_listener_is_unavailable),
		WITH_PLACE(test_R28_full_backlog_is_busy),
		WITH_PLACE(test_R18_folder_that_is_not_roots),
		WITH_PLACE(test_R18_place_that_is_no_socket),
		WITH_PLACE(test_listener_that_is_not_root),
		WITH_PLACE(test_R18_what_the_kernel_does_not_say),
		cmocka_unit_test(test_without_a_path_it_is_the_built_in_one),
		cmocka_unit_test(test_paths_that_cannot_be_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
