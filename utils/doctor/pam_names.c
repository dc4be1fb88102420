/* SPDX-License-Identifier: MIT */
/* Programs that go by two names: a line in one file does not ask in the other. */
#include <stdio.h>

#include "utils/doctor/pam_judge.h"
#include "utils/doctor/word.h"

static const struct {
	const char *one, *other;
	const char *by; /* what runs the other */
} names[] = {
	{ "su", "su-l", "su -" },
	{ "su-l", "su", "su without -" },
	{ "sudo", "sudo-i", "sudo -i" },
	{ "sudo-i", "sudo", "sudo without -i" },
};

/* The lines in /etc/pam.d/sshd are none of sshd's. */
static void
judge_sshd(const struct mfa_pam_host *host, const struct mfa_sshd *sshd,
    const char *user, struct mfa_found *found)
{
	const char *service;

	if (sshd == NULL || !sshd->there)
		return;
	service = sshd->value[MFA_SSHD_SERVICE];
	if (!mfa_word_same(service, "sshd") && mfa_pam_asks(host, "sshd") &&
	    !mfa_pam_asks(host, service))
		mfa_found_add(found, "sshd-service", user,
		    "/etc/ssh/sshd_config", "PAMServiceName is %s, which asks "
		    "for no code; /etc/pam.d/sshd does, and is not read",
		    service);
}

void
mfa_pam_judge_names(const struct mfa_pam_host *host, struct mfa_found *found)
{
	char where[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!mfa_pam_asks(host, names[i].one) ||
		    mfa_pam_asks(host, names[i].other) ||
		    !mfa_pam_has_file(host->tree, names[i].other))
			continue;
		(void)snprintf(where, sizeof(where), "/etc/pam.d/%s",
		    names[i].other);
		mfa_found_add(found, "pam-other-name", names[i].other, where,
		    "%s goes by this file, which asks for no code; %s does",
		    names[i].by, names[i].one);
	}
	judge_sshd(host, host->sshd, "users", found);
	judge_sshd(host, host->root_sshd, "root", found);
}
