/* SPDX-License-Identifier: MIT */
#include "tests/proof/faults/strike.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

#define MOST 6

struct row {
	int nr;
	int errnos[MOST];
};

static const struct row rows[] = {
	{ SYS_openat, { ENOENT, EACCES, EMFILE, EIO, 0 } },
	{ SYS_openat2, { ENOENT, EACCES, EMFILE, ENOSYS, EAGAIN, 0 } },
	{ SYS_read, { EIO, EINTR, STRIKE_SHORT, 0 } },
	{ SYS_pread64, { EIO, EINTR, STRIKE_SHORT, 0 } },
	{ SYS_write, { EIO, ENOSPC, EPIPE, STRIKE_SHORT, 0 } },
	{ SYS_pwrite64, { EIO, ENOSPC, EDQUOT, EINTR, STRIKE_SHORT, 0 } },
	{ SYS_fdatasync, { EIO, ENOSPC, EROFS, 0 } },
	{ SYS_fsync, { EIO, ENOSPC, 0 } },
	{ SYS_flock, { EWOULDBLOCK, EINTR, ENOLCK, 0 } },
	{ SYS_socket, { EMFILE, ENOMEM, EACCES, 0 } },
	{ SYS_socketpair, { EMFILE, ENOMEM, 0 } },
	{ SYS_connect, { ECONNREFUSED, EAGAIN, EACCES, ENOENT, 0 } },
	{ SYS_sendto, { EPIPE, EAGAIN, ENOBUFS, EINTR, 0 } },
	{ SYS_sendmsg, { EPIPE, EAGAIN, ENOBUFS, 0 } },
	{ SYS_recvfrom, { ECONNRESET, EINTR, ENOMEM, 0 } },
	{ SYS_recvmsg, { ECONNRESET, EINTR, ENOMEM, 0 } },
	{ SYS_accept4, { EMFILE, ECONNABORTED, EINTR, 0 } },
	{ SYS_clone, { EAGAIN, ENOMEM, 0 } },
	{ SYS_clone3, { EAGAIN, ENOMEM, ENOSYS, EPERM, 0 } },
	{ SYS_execve, { ENOENT, EACCES, ENOMEM, 0 } },
	{ SYS_mmap, { ENOMEM, EACCES, 0 } },
	{ SYS_mprotect, { ENOMEM, EACCES, 0 } },
	{ SYS_mlock, { ENOMEM, EPERM, 0 } },
	{ SYS_madvise, { EINVAL, 0 } },
	{ SYS_brk, { ENOMEM, 0 } },
	{ SYS_getrandom, { EINTR, ENOSYS, EAGAIN, 0 } },
	{ SYS_ppoll, { EINTR, ENOMEM, 0 } },
#ifdef SYS_poll
	{ SYS_poll, { EINTR, ENOMEM, 0 } },
	{ SYS_fstat, { EIO, 0 } },
	{ SYS_dup2, { EBUSY, EINTR, EMFILE, 0 } },
	{ SYS_mkdir, { EEXIST, ENOSPC, EACCES, EROFS, 0 } },
#endif
	{ SYS_newfstatat, { EIO, ENOENT, EACCES, 0 } },
	{ SYS_fstatfs, { EIO, 0 } },
	{ SYS_wait4, { EINTR, ECHILD, 0 } },
	{ SYS_pipe2, { EMFILE, ENFILE, 0 } },
	{ SYS_getdents64, { EIO, ENOENT, ENOMEM, 0 } },
	{ SYS_memfd_create, { EMFILE, ENOMEM, ENOSYS, EINVAL, 0 } },
	{ SYS_signalfd4, { EMFILE, ENOMEM, ENODEV, 0 } },
	{ SYS_ftruncate, { EIO, EINTR, ENOMEM, 0 } },
	{ SYS_fallocate, { ENOSPC, EOPNOTSUPP, EINTR, EIO, 0 } },
	{ SYS_bind, { EADDRINUSE, EACCES, ENOENT, EROFS, 0 } },
	{ SYS_listen, { EADDRINUSE, EOPNOTSUPP, 0 } },
	{ SYS_mkdirat, { EEXIST, ENOSPC, EACCES, EROFS, 0 } },
	{ SYS_setresuid, { EAGAIN, EPERM, 0 } },
	{ SYS_setresgid, { EPERM, 0 } },
	{ SYS_setgroups, { EPERM, ENOMEM, 0 } },
	{ SYS_prctl, { EINVAL, EPERM, 0 } },
	{ SYS_linkat, { EEXIST, ENOSPC, EIO, 0 } },
#ifdef SYS_renameat
	{ SYS_renameat, { EIO, ENOSPC, 0 } },
#endif
	{ SYS_unlinkat, { EIO, 0 } },
	{ SYS_getsockopt, { ENOTSOCK, 0 } },
	{ SYS_fcntl, { EMFILE, 0 } },
	{ SYS_lseek, { ESPIPE, 0 } },
	/* These do not fail, or do not come back. */
	{ SYS_close, { 0 } },
	{ SYS_munmap, { 0 } },
	{ SYS_munlock, { 0 } },
	{ SYS_exit, { 0 } },
	{ SYS_exit_group, { 0 } },
	{ SYS_rt_sigreturn, { 0 } },
	{ SYS_restart_syscall, { 0 } },
	{ SYS_getpid, { 0 } },
	{ SYS_getuid, { 0 } },
	{ SYS_getgid, { 0 } },
	{ SYS_geteuid, { 0 } },
	{ SYS_getegid, { 0 } },
	{ SYS_umask, { 0 } },
	{ SYS_set_tid_address, { 0 } },
};

static const struct row *
find(int nr)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].nr == nr)
			return &rows[i];
	}
	return NULL;
}

bool
strike_is_listed(int nr)
{
	return find(nr) != NULL;
}

const int *
strike_errnos(int nr)
{
	static const int others[] = { EPERM, 0 };
	const struct row *row = find(nr);

	return row == NULL ? others : row->errnos;
}

const char *
strike_role_name(enum strike_role role)
{
	static const char *const names[STRIKE_ROLES] = { "nobody", "client",
		"launch", "verifier", "listener", "runner", "program" };

	return names[role];
}
