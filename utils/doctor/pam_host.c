/* SPDX-License-Identifier: MIT */
#include "utils/doctor/pam_host.h"

#include "utils/doctor/word.h"

/* Lockers have the password of the session behind them, and one prompt. */
static const char lockers[] = "swaylock hyprlock i3lock waylock gtklock "
    "xsecurelock xscreensaver kde kscreenlocker physlock vlock xlock";

bool
mfa_pam_is_sshd(const struct mfa_pam_host *host, const char *service)
{
	const struct mfa_sshd *of[] = { host->sshd, host->root_sshd };
	bool named = false;

	for (size_t i = 0; i < 2; i++) {
		if (of[i] == NULL || !of[i]->there)
			named |= mfa_word_same(service, "sshd");
		else
			named |= mfa_word_same(service,
			    of[i]->value[MFA_SSHD_SERVICE]);
	}
	return named;
}

bool
mfa_pam_is_locker(const char *service)
{
	return mfa_word_among(service, lockers);
}

bool
mfa_pam_asks(const struct mfa_pam_host *host, const char *service)
{
	for (size_t i = 0; i < host->askings; i++) {
		if (mfa_word_same(host->asking[i], service))
			return true;
	}
	return false;
}
