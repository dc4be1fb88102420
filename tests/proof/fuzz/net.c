/* SPDX-License-Identifier: MIT */
#include "tests/proof/fuzz/net.h"

#include <stddef.h>

static const struct fuzz_net *used;

int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
ssize_t __real_send(int fd, const void *buf, size_t len, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
int __real_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
void *__real_calloc(size_t n, size_t size);
uid_t __real_geteuid(void);
void *__wrap_calloc(size_t n, size_t size);
uid_t __wrap_geteuid(void);

void
fuzz_net_use(const struct fuzz_net *net)
{
	used = net;
}

int
__wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return used != NULL ? used->poll(fds, n, timeout) :
			      __real_poll(fds, n, timeout);
}

ssize_t
__wrap_send(int fd, const void *buf, size_t len, int flags)
{
	return used != NULL ? used->send(fd, buf, len, flags) :
			      __real_send(fd, buf, len, flags);
}

ssize_t
__wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	return used != NULL ? used->recvmsg(fd, msg, flags) :
			      __real_recvmsg(fd, msg, flags);
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
	return used != NULL ? used->clock_gettime(clock, out) :
			      __real_clock_gettime(clock, out);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return used != NULL && used->calloc_fails != NULL &&
		used->calloc_fails() ? NULL : __real_calloc(n, size);
}

uid_t
__wrap_geteuid(void)
{
	return used != NULL && used->geteuid != NULL ? used->geteuid() :
						       __real_geteuid();
}
