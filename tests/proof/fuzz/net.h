/* SPDX-License-Identifier: MIT */
/*
 * The calls by which the protocol reaches a socket, and two more, wrapped at
 * link time (-Wl,--wrap): a target puts its own in their place.
 */
#ifndef MFA_TESTS_FUZZ_NET_H
#define MFA_TESTS_FUZZ_NET_H

#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

struct fuzz_net {
	int (*poll)(struct pollfd *fds, nfds_t n, int timeout);
	ssize_t (*send)(int fd, const void *buf, size_t len, int flags);
	ssize_t (*recvmsg)(int fd, struct msghdr *msg, int flags);
	int (*clock_gettime)(clockid_t clock, struct timespec *out);
	bool (*calloc_fails)(void);  /* NULL: never */
	uid_t (*geteuid)(void);	     /* NULL: the system's */
};

/* NULL: the system's own. */
void fuzz_net_use(const struct fuzz_net *net);

#endif
