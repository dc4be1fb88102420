/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdint.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "utils/doctor/files.h"

static void
judge_clock(struct mfa_found *found)
{
	struct timex clock;

	if ((uint64_t)time(NULL) < (uint64_t)MFA_RELEASE_TIME)
		mfa_found_add(found, "clock-wrong", NULL, "the clock",
		    "it is before the day this release was made");
	memset(&clock, 0, sizeof(clock));
	if (adjtimex(&clock) >= 0 && (clock.status & STA_UNSYNC) != 0)
		mfa_found_add(found, "clock-unsynced", NULL, "the clock",
		    "the kernel says that nothing keeps it right");
}

/* What nobody has labelled has one of these types. */
static void
judge_label(const char *path, struct mfa_found *found)
{
	char label[256];
	ssize_t len;

	len = lgetxattr(path, "security.selinux", label, sizeof(label) - 1);
	if (len <= 0)
		return;
	label[len] = '\0';
	if (strstr(label, ":unlabeled_t") != NULL ||
	    strstr(label, ":default_t") != NULL ||
	    strstr(label, ":user_home_t") != NULL)
		mfa_found_add(found, "selinux-label", NULL, path,
		    "its SELinux label is %s", label);
}

void
mfa_machine_judge(const struct mfa_settings *settings,
    struct mfa_found *found)
{
	judge_clock(found);
	if (access("/sys/fs/selinux/enforce", F_OK) != 0)
		return;
	judge_label(MFA_SYSCONFDIR, found);
	judge_label(settings->keys, found);
	judge_label(settings->store, found);
}
