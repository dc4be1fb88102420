/* SPDX-License-Identifier: MIT */
#include "utils/doctor/pam_module.h"

#include "utils/doctor/word.h"

#define BIT(code) (UINT32_C(1) << (code))

#define YES	BIT(MFA_PAM_SUCCESS)
#define PASSES	BIT(MFA_PAM_IGNORE)
#define EXPIRED BIT(MFA_PAM_NEW_AUTHTOK)
/* All that is neither yes nor ignore, but for what has a meaning of its own. */
#define FAILS                                                                 \
	(~(YES | PASSES | EXPIRED | BIT(30) | BIT(31) | BIT(27) | BIT(29)))
#define REFUSES                                                               \
	(BIT(3) | BIT(5) | BIT(MFA_PAM_AUTH_ERR) |                            \
	    BIT(MFA_PAM_AUTHINFO_UNAVAIL) | BIT(10) | BIT(19) |               \
	    BIT(MFA_PAM_MODULE_UNKNOWN))

struct module {
	const char *names; /* separated by one blank */
	enum mfa_pam_class class;
	uint32_t auth, account;
};

static const struct module modules[] = {
	{ "pam_permit.so", MFA_PAM_ALWAYS, YES, YES },
	{ "pam_deny.so", MFA_PAM_NEVER, BIT(MFA_PAM_AUTH_ERR),
	    BIT(MFA_PAM_PERM_DENIED) },
	{ "pam_rootok.so", MFA_PAM_ROOT, YES | BIT(MFA_PAM_AUTH_ERR),
	    YES | BIT(MFA_PAM_AUTH_ERR) },
	{ "pam_unix.so pam_unix2.so pam_sss.so pam_ldap.so pam_krb5.so "
	  "pam_winbind.so pam_userdb.so pam_pwdfile.so pam_mysql.so "
	  "pam_pgsql.so pam_radius_auth.so pam_tacplus.so pam_fprintd.so "
	  "pam_u2f.so pam_p11.so pam_pkcs11.so pam_yubico.so pam_poldi.so "
	  "pam_ssh_agent_auth.so pam_systemd_home.so pam_himmelblau.so "
	  "pam_kanidm.so pam_aad.so pam_google_authenticator.so pam_oath.so "
	  "pam_duo.so pam_otpw.so pam_ftp.so pam_lsass.so pam_vas3.so",
	    MFA_PAM_FACTOR, YES | FAILS, YES | FAILS | EXPIRED | PASSES },
	{ "pam_succeed_if.so pam_listfile.so pam_access.so pam_wheel.so "
	  "pam_time.so pam_rhosts.so pam_timestamp.so",
	    MFA_PAM_CHOICE, YES | FAILS, YES | FAILS },
	{ "pam_localuser.so pam_usertype.so", MFA_PAM_SORTS, YES | FAILS,
	    YES | FAILS },
	{ "pam_nologin.so pam_securetty.so pam_shells.so pam_sepermit.so",
	    MFA_PAM_PLAIN, YES | PASSES | FAILS, YES | PASSES | FAILS },
	{ "pam_faillock.so pam_tally.so pam_tally2.so", MFA_PAM_TALLY,
	    YES | PASSES | FAILS, YES | PASSES | FAILS },
	/* Their auth says nothing, or that something is broken. */
	{ "pam_env.so pam_faildelay.so pam_group.so pam_warn.so",
	    MFA_PAM_PLAIN, PASSES | FAILS, YES | PASSES | FAILS },
	{ "pam_cap.so pam_gnome_keyring.so pam_kwallet.so pam_kwallet5.so "
	  "pam_ecryptfs.so pam_mount.so pam_echo.so pam_issue.so "
	  "pam_keyinit.so pam_motd.so pam_mail.so pam_limits.so "
	  "pam_lastlog.so pam_selinux.so pam_systemd.so pam_umask.so "
	  "pam_mkhomedir.so pam_oddjob_mkhomedir.so pam_afs_session.so "
	  "pam_tty_audit.so pam_loginuid.so pam_namespace.so",
	    MFA_PAM_PLAIN, YES | PASSES | FAILS, YES | PASSES | FAILS },
};

static const struct module *
module_of(const struct mfa_pam_handler *handler)
{
	const char *base = mfa_pam_base(handler->line.module);

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		if (mfa_word_among(base, modules[i].names))
			return &modules[i];
	}
	return NULL;
}

static enum mfa_pam_class
class_of_ours(const struct mfa_pam_handler *handler)
{
	if (handler->line.type == MFA_PAM_ACCOUNT)
		return mfa_pam_arg(handler, "enforce") != NULL ?
		    MFA_PAM_VERIFIES : MFA_PAM_IDLE;
	if (handler->line.type != MFA_PAM_AUTH)
		return MFA_PAM_IDLE;
	return mfa_pam_arg(handler, "split") != NULL ? MFA_PAM_SPLITS :
						       MFA_PAM_VERIFIES;
}

enum mfa_pam_class
mfa_pam_class_of(const struct mfa_pam_handler *handler)
{
	const struct module *module;

	if (handler->line.kind == MFA_PAM_SUBSTACK)
		return MFA_PAM_PLAIN;
	if (handler->line.kind != MFA_PAM_MODULE)
		return MFA_PAM_NEVER;
	if (mfa_pam_is_ours(handler))
		return class_of_ours(handler);
	module = module_of(handler);
	return module != NULL ? module->class : MFA_PAM_STRANGE;
}

/* Is name one of a:b:c? */
static bool
listed(const char *name, const char *list)
{
	size_t len = 0;

	while (name[len] != '\0' && list[len] == name[len])
		len++;
	if (name[len] == '\0' && (list[len] == ':' || list[len] == '\0'))
		return true;
	while (*list != '\0' && *list != ':')
		list++;
	return *list == ':' && listed(name, list + 1);
}

/*
 * A condition of pam_succeed_if that is about the service alone is known.
 *
 * Returns: 1 true, 0 false, -1 not known.
 */
static int
service_condition(const struct mfa_pam_handler *handler, const char *service)
{
	const char *words[4] = { NULL };
	size_t n = 0;

	for (size_t i = 0; i < handler->line.argc; i++) {
		if (mfa_word_among(handler->line.args[i], "quiet quiet_fail "
			"quiet_success use_uid audit debug"))
			continue;
		if (n == 3)
			return -1;
		words[n++] = handler->line.args[i];
	}
	if (n != 3 || !mfa_word_same(words[0], "service"))
		return -1;
	if (mfa_word_same(words[1], "in") || mfa_word_same(words[1], "="))
		return listed(service, words[2]);
	if (mfa_word_same(words[1], "notin") || mfa_word_same(words[1], "!="))
		return !listed(service, words[2]);
	return -1;
}

static uint32_t
returns_of_ours(const struct mfa_pam_handler *handler)
{
	switch (mfa_pam_class_of(handler)) {
	case MFA_PAM_SPLITS:
		return PASSES | REFUSES;
	case MFA_PAM_IDLE:
		return PASSES;
	default:
		return YES | PASSES | REFUSES | BIT(MFA_PAM_PERM_DENIED);
	}
}

static uint32_t
returns_of_tally(const struct mfa_pam_handler *handler, uint32_t all)
{
	if (mfa_pam_arg(handler, "authfail") != NULL)
		return PASSES | BIT(MFA_PAM_AUTH_ERR);
	return all;
}

/* A factor that is told to say nothing of some users, or when it is in need. */
static uint32_t
passes_over(const struct mfa_pam_handler *handler)
{
	static const struct {
		const char *module; /* NULL: of any */
		const char *argument;
		uint32_t returns;
	} rows[] = {
		{ NULL, "ignore_unknown_user", PASSES },
		{ NULL, "ignore_authinfo_unavail", PASSES },
		{ "pam_google_authenticator.so", "nullok", PASSES },
		{ "pam_radius_auth.so", "localifdown", PASSES },
		/* Before 1.1.1 it said yes. */
		{ "pam_u2f.so", "nouserok", YES | PASSES },
	};
	const char *base = mfa_pam_base(handler->line.module);
	uint32_t all = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if ((rows[i].module == NULL ||
			mfa_word_same(rows[i].module, base)) &&
		    mfa_pam_arg(handler, rows[i].argument) != NULL)
			all |= rows[i].returns;
	}
	return all;
}

uint32_t
mfa_pam_returns(const struct mfa_pam_handler *handler, const char *service)
{
	bool account = handler->line.type == MFA_PAM_ACCOUNT;
	const struct module *module;
	uint32_t all;
	int known;

	if (handler->line.kind != MFA_PAM_MODULE)
		return BIT(MFA_PAM_PERM_DENIED);
	if (mfa_pam_is_ours(handler))
		return returns_of_ours(handler);
	if ((module = module_of(handler)) == NULL)
		return YES | PASSES | FAILS | (account ? EXPIRED : 0);
	all = account ? module->account : module->auth;
	if (module->class == MFA_PAM_TALLY)
		return returns_of_tally(handler, all);
	if (module->class == MFA_PAM_FACTOR)
		all |= passes_over(handler);
	if (mfa_word_same(mfa_pam_base(handler->line.module), "pam_wheel.so"))
		all |= PASSES;
	known = mfa_word_same(mfa_pam_base(handler->line.module),
	    "pam_succeed_if.so") ? service_condition(handler, service) : -1;
	if (known >= 0)
		all = known ? YES : BIT(MFA_PAM_AUTH_ERR);
	return all;
}
