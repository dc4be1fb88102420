/* SPDX-License-Identifier: MIT */
/* MUST list: seat.h. */
#include "pam_medusa_mfa/seat.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/num.h"

#define FIELD_SINCE 22 /* of /proc/PID/stat, proc(5) */
#define FIELD_STATE 3  /* the first one behind the name */

/* Hosts name it with and without its folder; some name what is none. */
static bool
is_terminal(const char *tty)
{
	const char *folder = strncmp(tty, "/dev/", 5) == 0 ? "" : "/dev/";
	char path[300];
	struct stat st;

	if (tty[0] == '\0' || strstr(tty, "..") != NULL ||
	    (tty[0] == '/' && folder[0] != '\0'))
		return false;
	(void)snprintf(path, sizeof(path), "%s%s", folder, tty);
	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode);
}

/* Returns: false if it cannot be read, or does not fit. */
static bool
read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, size);
	(void)close(fd);
	if (n <= 0 || (size_t)n == size)
		return false;
	text[n] = '\0';
	return true;
}

static bool
read_session(uint32_t *session)
{
	char text[16];
	uint64_t got;

	if (!read_text("/proc/self/sessionid", text, sizeof(text)))
		return false;
	text[strcspn(text, "\n")] = '\0';
	/* The largest number says that there is none. */
	if (mfa_num_parse(text, 1, UINT32_MAX - 1, &got) != MFA_OK)
		return false;
	*session = (uint32_t)got;
	return true;
}

static bool
read_since(uint32_t pid, uint64_t *since)
{
	char path[40], text[1024];
	char *at;

	(void)snprintf(path, sizeof(path), "/proc/%u/stat", (unsigned int)pid);
	/* The name of a program may have anything in it, but ends here. */
	if (!read_text(path, text, sizeof(text)) ||
	    (at = strrchr(text, ')')) == NULL)
		return false;
	for (int field = FIELD_STATE - 1; field < FIELD_SINCE; field++) {
		if ((at = strchr(at + 1, ' ')) == NULL)
			return false;
	}
	at++;
	at[strcspn(at, " ")] = '\0';
	return mfa_num_parse(at, 0, UINT64_MAX, since) == MFA_OK;
}

void
mfa_seat_look(const char *tty, struct mfa_seat *seat)
{
	struct mfa_seat got = { .ruid = (uint32_t)getuid() };
	const pid_t leader = getsid(0);

	memset(seat, 0, sizeof(*seat));
	/* 0 is one of another pid namespace. */
	if (leader <= 0 || !is_terminal(tty) || !read_session(&got.session))
		return;
	got.leader = (uint32_t)leader;
	if (read_since(got.leader, &got.leader_since))
		*seat = got;
}
