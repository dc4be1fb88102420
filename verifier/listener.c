/* SPDX-License-Identifier: MIT */
/* MUST list: listener.h. */
#include "verifier/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "verifier/guard.h"

#define BACKLOG 128

/* One child; shared with the children, who write subject only. */
struct place {
	pid_t pid; /* 0: free */
	uid_t uid;
	uint64_t subject; /* hash of the record id, 0: none yet */
};

struct listener {
	const struct mfa_office *office;
	struct mfa_engine *engine;
	int fd;
	int signals;
	struct place *places; /* MFA_CHILDREN */
	bool over;
};

/* ---- the socket ---- */

static bool
is_listening(int fd)
{
	int accepts = 0, type = 0, domain = 0;
	socklen_t n = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &n) == 0 &&
	    accepts != 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == 0 &&
	    type == SOCK_SEQPACKET &&
	    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) == 0 &&
	    domain == AF_UNIX;
}

/* A socket that nobody listens on is left over from a crash. */
static enum mfa_err
clear_path(const struct sockaddr_un *address)
{
	struct stat st;
	int fd, e;

	if (lstat(address->sun_path, &st) != 0)
		return errno == ENOENT ? MFA_OK : MFA_ERR_IO;
	if (!S_ISSOCK(st.st_mode))
		return MFA_ERR_UNSAFE;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return MFA_ERR_IO;
	e = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	e = e == 0 ? 0 : errno;
	(void)close(fd);
	if (e != ECONNREFUSED)
		return MFA_ERR_EXISTS;
	return unlink(address->sun_path) == 0 ? MFA_OK : MFA_ERR_IO;
}

static enum mfa_err
check_folder(const char *path)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *slash = strrchr(path, '/');
	enum mfa_err r;
	int fd;

	if (slash == NULL || slash == path ||
	    (size_t)(slash - path) >= sizeof(dir))
		return MFA_ERR_INVALID;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	if (mkdir(dir, 0755) == 0 && chmod(dir, 0755) != 0)
		return MFA_ERR_IO;
	if ((r = mfa_path_open_dir(dir, &mfa_path_root_owned, &fd)) == MFA_OK)
		(void)close(fd);
	return r;
}

static enum mfa_err
bind_at(const struct sockaddr_un *address, int *fd)
{
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (s < 0)
		return MFA_ERR_IO;
	/* The folder is root's: nobody can swap the path below us. */
	if (bind(s, (const struct sockaddr *)address, sizeof(*address)) != 0 ||
	    chmod(address->sun_path, 0666) != 0 || listen(s, BACKLOG) != 0) {
		(void)close(s);
		return MFA_ERR_IO;
	}
	*fd = s;
	return MFA_OK;
}

enum mfa_err
mfa_listener_open(const char *path, int *fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	enum mfa_err r;

	*fd = -1;
	if (is_listening(3)) {
		*fd = 3;
		return MFA_OK;
	}
	if (strlen(path) >= sizeof(address.sun_path))
		return MFA_ERR_INVALID;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if ((r = check_folder(path)) != MFA_OK)
		return r;
	if ((r = clear_path(&address)) != MFA_OK)
		return r;
	return bind_at(&address, fd);
}

/* ---- caps ---- */

static uint64_t
hash_id(const char *id)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a: only for counting */

	for (; *id != '\0'; id++)
		h = (h ^ (uint8_t)*id) * 0x100000001b3;
	return h == 0 ? 1 : h;
}

struct claim {
	struct place *places;
	struct place *mine;
};

/* In the child: may there be one more about this record? */
static bool
claim_subject(void *ctx, const char *record_id)
{
	const struct claim *claim = ctx;
	uint64_t hash = hash_id(record_id);
	unsigned int n = 0;

	if (claim->mine->uid != 0)
		return true; /* its uid's cap is smaller */
	__atomic_store_n(&claim->mine->subject, hash, __ATOMIC_SEQ_CST);
	for (size_t i = 0; i < MFA_CHILDREN; i++) {
		if (__atomic_load_n(&claim->places[i].subject,
			__ATOMIC_SEQ_CST) == hash)
			n++;
	}
	return n <= MFA_CHILDREN_A_SUBJECT;
}

/* A free place for this uid, or NULL when a cap is reached. */
static struct place *
find_place(struct listener *l, uid_t uid)
{
	struct place *place = NULL;
	unsigned int others = 0, same = 0;

	for (size_t i = 0; i < MFA_CHILDREN; i++) {
		if (l->places[i].pid == 0) {
			place = &l->places[i];
			continue;
		}
		others += l->places[i].uid != 0;
		same += l->places[i].uid == uid;
	}
	/* Neither takes the other's share; root has another way. */
	if (uid == 0)
		return same < MFA_CHILDREN - MFA_CHILDREN_OTHERS ? place : NULL;
	return same < MFA_CHILDREN_A_UID && others < MFA_CHILDREN_OTHERS ?
	    place :
	    NULL;
}

/* ---- the loop ---- */

static void
say_busy(int fd)
{
	mfa_wire_Reply reply = mfa_wire_Reply_init_zero;

	reply.which_what = mfa_wire_Reply_error_tag;
	reply.what.error.code = MFA_ERR_BUSY;
	mfa_wire_deafen(fd);
	/* The buffer of a new socket is empty: this cannot wait. */
	if (mfa_wire_send_reply(fd, &reply, mfa_wire_clock() + 10) != MFA_OK)
		return;
}

static void __attribute__((noreturn))
be_child(struct listener *l, int fd, struct place *mine)
{
	struct claim claim = { l->places, mine };
	const struct mfa_peer_info peer = {
		.uid = mine->uid,
		.claim = claim_subject,
		.ctx = &claim,
	};
	sigset_t none;

	(void)close(l->fd);
	(void)close(l->signals);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	mfa_engine_lock(l->engine);
	mfa_conversation_run(l->office, l->engine, fd, &peer);
	_exit(0);
}

static void
take(struct listener *l, int fd, uid_t uid)
{
	struct place *place = find_place(l, uid);
	pid_t pid;

	if (place == NULL) {
		say_busy(fd);
		return;
	}
	place->uid = uid;
	place->subject = 0;
	pid = fork();
	if (pid == 0)
		be_child(l, fd, place);
	if (pid > 0)
		place->pid = pid;
	else
		say_busy(fd);
}

static void
accept_one(struct listener *l)
{
	struct ucred cred = { .uid = (uid_t)-1 };
	socklen_t n = sizeof(cred);
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) == 0)
		take(l, fd, cred.uid);
	(void)close(fd);
}

static void
reap(struct listener *l)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		for (size_t i = 0; i < MFA_CHILDREN; i++) {
			if (l->places[i].pid != pid)
				continue;
			l->places[i].subject = 0;
			l->places[i].pid = 0;
		}
	}
}

static void
take_signal(struct listener *l)
{
	struct signalfd_siginfo info;

	if (read(l->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGCHLD)
		reap(l);
	else
		l->over = true;
}

static enum mfa_err
prepare(struct listener *l)
{
	sigset_t watched;

	l->places = mmap(NULL, MFA_CHILDREN * sizeof(*l->places),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (l->places == MAP_FAILED)
		return MFA_ERR_MEMORY;
	(void)sigemptyset(&watched);
	(void)sigaddset(&watched, SIGCHLD);
	(void)sigaddset(&watched, SIGTERM);
	(void)sigaddset(&watched, SIGINT);
	if (sigprocmask(SIG_BLOCK, &watched, NULL) != 0)
		return MFA_ERR_IO;
	/* A peer that goes away between poll and accept must not hold us. */
	if (fcntl(l->fd, F_SETFL, O_NONBLOCK) != 0)
		return MFA_ERR_IO;
	l->signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	return l->signals < 0 ? MFA_ERR_IO : MFA_OK;
}

enum mfa_err
mfa_listener_run(const struct mfa_office *office, struct mfa_engine *engine,
    int fd)
{
	struct listener l = { .office = office, .engine = engine, .fd = fd };
	struct pollfd p[2];
	enum mfa_err r;

	if ((r = prepare(&l)) != MFA_OK)
		return r;
	p[0] = (struct pollfd){ .fd = l.signals, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = l.fd, .events = POLLIN };
	while (!l.over) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return MFA_ERR_IO;
		if (p[0].revents != 0)
			take_signal(&l);
		if (p[1].revents != 0 && !l.over)
			accept_one(&l);
	}
	return MFA_OK;
}
