/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "utils/doctor/sshd.h"
#include "utils/doctor/word.h"

#define WHERE "/etc/ssh/sshd_config"

/* What one list of AuthenticationMethods wants. */
struct wants {
	bool key, prompt, password;
	bool never; /* a device that OpenSSH has not on Linux */
};

bool
mfa_sshd_is(const struct mfa_sshd *sshd, enum mfa_sshd_option option)
{
	return mfa_word_alike(sshd->value[option], "yes");
}

static bool
any_key(const struct mfa_sshd *sshd)
{
	return mfa_sshd_is(sshd, MFA_SSHD_PUBKEY) ||
	    mfa_sshd_is(sshd, MFA_SSHD_HOSTBASED) ||
	    mfa_sshd_is(sshd, MFA_SSHD_GSSAPI);
}

/* Takes the next list off; false at the end. */
static bool
next_list(char **at, struct wants *wants)
{
	char *list = mfa_word_next(at, " "), *method;

	memset(wants, 0, sizeof(*wants));
	if (list == NULL)
		return false;
	while ((method = mfa_word_next(&list, ",")) != NULL) {
		if (mfa_word_same(method, "keyboard-interactive") ||
		    mfa_word_same(method, "keyboard-interactive:pam"))
			wants->prompt = true;
		else
			wants->never |=
			    mfa_word_begins(method, "keyboard-interactive");
		wants->password |= mfa_word_same(method, "password");
		wants->key |= mfa_word_begins(method, "publickey") ||
		    mfa_word_begins(method, "hostbased") ||
		    mfa_word_begins(method, "gssapi");
	}
	return true;
}

/* One of the lists is such; "any" stands for every list there could be. */
static bool
some_list(const struct mfa_sshd *sshd, bool (*is_such)(const struct wants *))
{
	char lists[256], *at = lists;
	struct wants wants;

	if (mfa_word_alike(sshd->value[MFA_SSHD_METHODS], "any"))
		return true;
	(void)snprintf(lists, sizeof(lists), "%s",
	    sshd->value[MFA_SSHD_METHODS]);
	while (next_list(&at, &wants)) {
		if (is_such(&wants))
			return true;
	}
	return false;
}

static bool
is_key_alone(const struct wants *wants)
{
	return wants->key && !wants->prompt && !wants->password &&
	    !wants->never;
}

bool
mfa_sshd_key_alone(const struct mfa_sshd *sshd)
{
	return any_key(sshd) && some_list(sshd, is_key_alone);
}

static bool
is_password_alone(const struct wants *wants)
{
	return wants->password && !wants->prompt && !wants->never;
}

bool
mfa_sshd_password_alone(const struct mfa_sshd *sshd)
{
	return mfa_sshd_is(sshd, MFA_SSHD_PASSWORD) &&
	    some_list(sshd, is_password_alone);
}

bool
mfa_sshd_kerberos_alone(const struct mfa_sshd *sshd, const char *user)
{
	return mfa_sshd_is(sshd, MFA_SSHD_KERBEROS) &&
	    mfa_sshd_password_alone(sshd) &&
	    (!mfa_word_same(user, "root") ||
		mfa_word_alike(sshd->value[MFA_SSHD_ROOT], "yes"));
}

static bool
is_without_key(const struct wants *wants)
{
	return (wants->prompt || wants->password) && !wants->key;
}

bool
mfa_sshd_key_first(const struct mfa_sshd *sshd)
{
	return !some_list(sshd, is_without_key);
}

static bool
has_password(const struct wants *wants)
{
	return wants->password;
}

/* A prompt that PAM can ask for a code in. */
static bool
has_prompt(const struct wants *wants)
{
	return wants->prompt && !wants->never;
}

/* Ways that are too short, and those that lead nowhere. */
static void
judge_ways(const struct mfa_sshd *sshd, const char *user, bool enforced,
    struct mfa_found *found)
{
	bool alone = mfa_sshd_key_alone(sshd);
	const char *methods = sshd->value[MFA_SSHD_METHODS];

	if (!mfa_sshd_is(sshd, MFA_SSHD_KBDINT))
		mfa_found_add(found, "sshd-kbdint", user, WHERE,
		    "KbdInteractiveAuthentication is no");
	else if (!some_list(sshd, has_prompt) && (!alone || enforced))
		mfa_found_add(found, "sshd-no-prompt", user, WHERE,
		    "AuthenticationMethods is %s: none of it asks for a code",
		    methods);
	if (mfa_sshd_is(sshd, MFA_SSHD_PASSWORD) &&
	    some_list(sshd, has_password))
		mfa_found_add(found, "sshd-password", user, WHERE,
		    "PasswordAuthentication is yes");
	if (alone)
		mfa_found_add(found,
		    enforced ? "sshd-key-refused" : "sshd-key-alone", user,
		    WHERE, "AuthenticationMethods is %s: a key alone logs in%s",
		    methods,
		    enforced ? ", but for the line with enforce" : "");
}

void
mfa_sshd_judge(const struct mfa_sshd *sshd, const char *user, bool enforced,
    struct mfa_found *found)
{
	if (sshd->cut)
		mfa_found_add(found, "sshd-too-large", NULL, WHERE,
		    "it includes more files than are read here");
	if (sshd->matches)
		mfa_found_add(found, "sshd-match", NULL, WHERE,
		    "there are Match blocks: looked at for root and one "
		    "ordinary user, from 127.0.0.1, and for nobody else");
	if (mfa_word_same(user, "root") &&
	    mfa_word_alike(sshd->value[MFA_SSHD_ROOT], "no"))
		return;
	if (!mfa_sshd_is(sshd, MFA_SSHD_USEPAM)) {
		mfa_found_add(found, "sshd-usepam", user, WHERE,
		    "UsePAM is no: no line of /etc/pam.d/sshd is run");
		return;
	}
	judge_ways(sshd, user, enforced, found);
	if (mfa_sshd_kerberos_alone(sshd, user))
		mfa_found_add(found,
		    enforced ? "sshd-key-refused" : "sshd-kerberos", user,
		    WHERE, "KerberosAuthentication is yes, and the password "
		    "method is enough: a password of Kerberos alone logs in%s",
		    enforced ? ", but for the line with enforce" : "");
	if (!mfa_word_alike(sshd->value[MFA_SSHD_ENVIRONMENT], "no"))
		mfa_found_add(found, "sshd-environment", user, WHERE,
		    "PermitUserEnvironment is %s",
		    sshd->value[MFA_SSHD_ENVIRONMENT]);
}
