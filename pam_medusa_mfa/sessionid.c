/* SPDX-License-Identifier: MIT */
#include "pam_medusa_mfa/sessionid.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/num.h"

uint32_t
mfa_sessionid(void)
{
	char text[16];
	uint64_t session;
	ssize_t n;
	int fd = open("/proc/self/sessionid", O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	/* The largest number says that there is none. */
	return mfa_num_parse(text, 1, UINT32_MAX - 1, &session) == MFA_OK ?
	    (uint32_t)session : 0;
}
