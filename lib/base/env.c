/* SPDX-License-Identifier: MIT */
#include "lib/base/env.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/num.h"

/* The kernel prints 8-4-4-4-12 hexadecimal digits. */
static enum mfa_err
read_boot_id(uint8_t *out)
{
	char text[37], hex[33];
	size_t used = 0;
	ssize_t n;
	int fd;

	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return MFA_ERR_IO;
	n = read(fd, text, 36);
	(void)close(fd);
	if (n != 36)
		return MFA_ERR_IO;
	for (int i = 0; i < 36; i++) {
		if (text[i] != '-' && used < 32)
			hex[used++] = text[i];
	}
	hex[used] = '\0';
	return mfa_num_unhex(hex, out, 16) == MFA_OK ? MFA_OK : MFA_ERR_IO;
}

enum mfa_err
mfa_env_now(const struct mfa_env *env, struct mfa_now *now)
{
	struct timespec wall, boot;
	struct mfa_now got;

	(void)env;
	if (clock_gettime(CLOCK_REALTIME, &wall) != 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &boot) != 0 || wall.tv_sec < 0)
		return MFA_ERR_IO;
	got.wall = (uint64_t)wall.tv_sec;
	got.boot = (uint64_t)boot.tv_sec;
	if (read_boot_id(got.boot_id) != MFA_OK)
		return MFA_ERR_IO;
	*now = got;
	return MFA_OK;
}
