/* SPDX-License-Identifier: MIT */
/* MUST list: resume.h. */
#include "verifier/resume.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/base/path.h"

#define NAME	"medusa-mfad"
#define MAGIC	"MFARESUM"
#define SEALS	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define NO_EXEC 8U /* MFD_NOEXEC_SEAL, which older headers do not know */

_Static_assert(sizeof(PACKAGE_VERSION) <=
	sizeof(((struct mfa_handover *)0)->version), "it fits");

int
mfa_resume_memory(const char *name, size_t size)
{
	const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create(name, flags | NO_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, flags); /* before Linux 6.3 */
	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)size) != 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

size_t
mfa_resume_descriptors(const struct mfa_handover *state,
    int fds[MFA_RESUME_FDS])
{
	size_t n = 0;

	fds[n++] = state->listener;
	fds[n++] = state->notes;
	if (state->runner.fd >= 0)
		fds[n++] = state->runner.fd;
	for (uint32_t i = 0; i < state->held.count; i++)
		fds[n++] = state->held.file[i].fd;
	return n;
}

/* Whether all of them survive an execve. */
static enum mfa_err
mark_all(const struct mfa_handover *state, int flag)
{
	int fds[MFA_RESUME_FDS];
	size_t n = mfa_resume_descriptors(state, fds);

	for (size_t i = 0; i < n; i++) {
		if (fcntl(fds[i], F_SETFD, flag) != 0)
			return MFA_ERR_IO;
	}
	return MFA_OK;
}

static int
write_down(const struct mfa_handover *state)
{
	int fd = mfa_resume_memory("medusa-mfad state", sizeof(*state));

	if (fd < 0)
		return -1;
	if (mfa_path_write(fd, state, sizeof(*state)) != MFA_OK ||
	    fcntl(fd, F_ADD_SEALS, SEALS) != 0 ||
	    fcntl(fd, F_SETFD, 0) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

enum mfa_err
mfa_resume_exec(struct mfa_handover *state)
{
	char name[] = NAME;
	char mode[] = "--resume";
	char number[12];
	char *const argv[] = { name, mode, number, NULL };
	char *const empty[] = { NULL };
	int fd;

	memcpy(state->magic, MAGIC, sizeof(state->magic));
	state->size = sizeof(*state);
	memset(state->version, 0, sizeof(state->version));
	memcpy(state->version, PACKAGE_VERSION, sizeof(PACKAGE_VERSION));
	if ((fd = write_down(state)) < 0)
		return MFA_ERR_IO;
	if (mark_all(state, 0) != MFA_OK)
		return MFA_ERR_IO;
	(void)snprintf(number, sizeof(number), "%d", fd);
	/* Also where its file was replaced meanwhile, or is out of reach. */
	(void)execve("/proc/self/exe", argv, empty);
	return MFA_ERR_IO;
}

/* ---- the other side ---- */

static bool
is_sealed(int fd)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS && fstat(fd, &st) == 0 &&
	    S_ISREG(st.st_mode) &&
	    st.st_size == (off_t)sizeof(struct mfa_handover);
}

static bool
is_ours(const struct mfa_handover *state)
{
	return memcmp(state->magic, MAGIC, sizeof(state->magic)) == 0 &&
	    state->size == sizeof(*state) &&
	    memcmp(state->version, PACKAGE_VERSION,
		sizeof(PACKAGE_VERSION)) == 0 &&
	    state->held.count <= MFA_KEYRING_HELD;
}

enum mfa_err
mfa_resume_load(const char *number, struct mfa_handover *state)
{
	struct mfa_handover read;
	uint64_t fd;
	bool whole;

	if (mfa_num_parse(number, 3, 1 << 20, &fd) != MFA_OK ||
	    !is_sealed((int)fd))
		return MFA_ERR_DENIED;
	whole = pread((int)fd, &read, sizeof(read), 0) ==
	    (ssize_t)sizeof(read);
	if (close((int)fd) != 0 || !whole || !is_ours(&read) ||
	    mark_all(&read, FD_CLOEXEC) != MFA_OK)
		return MFA_ERR_DENIED;
	*state = read;
	return MFA_OK;
}
