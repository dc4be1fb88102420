/* SPDX-License-Identifier: MIT */
/*
 * Prepares a host.  Each step says what it did or found, so that a second run
 * changes nothing and tells the same.
 */
#include "config.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "utils/install.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/run.h"

#define CONFIG	 "medusa-mfa.conf"
#define SYSUSERS "medusa-mfa.conf" /* name of the fragment, too */

static int
failed(const char *what, enum mfa_err err)
{
	mfa_out_error("%s: %s", what, mfa_out_file_error(err));
	return MFA_EXIT_FAILED;
}

/* Runs one of the system's account tools. */
static int
run_tool(const char *path, const char *const *argv)
{
	int status = 0;
	enum mfa_err r = mfa_run(path, argv, false, &status);

	if (r == MFA_ERR_NOT_FOUND) {
		mfa_out_error("there is no %s: make system accounts %s and %s "
			      "by hand, each with a group of its own and "
			      "neither login shell nor home",
		    path, MFA_ACCOUNT, MFA_RUNNER_ACCOUNT);
		return MFA_EXIT_FAILED;
	}
	if (r != MFA_OK)
		return failed(path, r);
	if (status == 0)
		return MFA_EXIT_DONE;
	mfa_out_error("%s failed with exit code %d", path, status);
	return MFA_EXIT_FAILED;
}

/*
 * On a host of systemd the accounts are its affair, as a package's would be.
 * What it leaves undone, the usual tools do.
 */
static int
ask_sysusers(void)
{
	static const char path[] = "/usr/bin/systemd-sysusers";
	static const char fragment[] =
	    MFA_VENDORDIR "/../sysusers.d/" SYSUSERS;
	const char *const argv[] = { "systemd-sysusers", SYSUSERS, NULL };
	int status = 0;

	if (getpwnam(MFA_ACCOUNT) != NULL &&
	    getpwnam(MFA_RUNNER_ACCOUNT) != NULL)
		return MFA_EXIT_DONE;
	if (access(path, X_OK) != 0 || access(fragment, R_OK) != 0)
		return MFA_EXIT_DONE;
	if (mfa_run(path, argv, false, &status) == MFA_OK && status == 0)
		(void)puts("accounts: systemd-sysusers has been run");
	return MFA_EXIT_DONE;
}

static int
make_group(const char *name)
{
	const char *const argv[] = { "groupadd", "--system", name, NULL };
	int code;

	if (getgrnam(name) != NULL) {
		(void)printf("group %s: there\n", name);
		return MFA_EXIT_DONE;
	}
	code = run_tool("/usr/sbin/groupadd", argv);
	if (code == MFA_EXIT_DONE)
		(void)printf("group %s: made\n", name);
	return code;
}

static bool
is_among(const char *text, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (strcmp(text, *list) == 0)
			return true;
	}
	return false;
}

/* Nobody should become one of these accounts by a login; that is said only. */
static void
note_account(const struct passwd *pw)
{
	static const char *const shells[] = { "/usr/sbin/nologin",
		"/sbin/nologin", "/usr/bin/nologin", "/bin/false",
		"/usr/bin/false", NULL };
	static const char *const homes[] = { "/nonexistent", "/", "/var/empty",
		"/dev/null", "", NULL };
	char text[256];

	if (!is_among(pw->pw_shell, shells)) {
		/* None at all means /bin/sh. */
		mfa_out_clean(pw->pw_shell, text, sizeof(text));
		(void)printf("note: account %s has the login shell %s: "
			     "usermod --shell /usr/sbin/nologin %s\n",
		    pw->pw_name, text[0] != '\0' ? text : "/bin/sh",
		    pw->pw_name);
	}
	if (!is_among(pw->pw_dir, homes)) {
		mfa_out_clean(pw->pw_dir, text, sizeof(text));
		(void)printf("note: account %s has the home %s, and needs "
			     "none: usermod --home /nonexistent %s\n",
		    pw->pw_name, text, pw->pw_name);
	}
}

/* An account of that name must be of use to nobody else. */
static int
check_account(const char *name, const struct passwd *pw)
{
	const struct group *group = getgrnam(name);

	if (pw->pw_uid != 0 && group != NULL && pw->pw_gid == group->gr_gid)
		return MFA_EXIT_DONE;
	mfa_out_error("account %s exists, but is root or not in group %s",
	    name, name);
	return MFA_EXIT_FAILED;
}

static int
make_account(const char *name, const char *comment)
{
	const char *const argv[] = { "useradd", "--system", "--gid", name,
		"--no-create-home", "--home-dir", "/nonexistent", "--shell",
		"/usr/sbin/nologin", "--comment", comment, name, NULL };
	const struct passwd *pw;
	int code = make_group(name);
	bool there;

	if (code != MFA_EXIT_DONE)
		return code;
	pw = getpwnam(name);
	there = pw != NULL;
	if (!there) {
		code = run_tool("/usr/sbin/useradd", argv);
		if (code != MFA_EXIT_DONE)
			return code;
		pw = getpwnam(name);
	}
	if (pw == NULL)
		return failed(name, MFA_ERR_ACCOUNT);
	if ((code = check_account(name, pw)) != MFA_EXIT_DONE)
		return code;
	(void)printf("account %s: %s\n", name, there ? "there" : "made");
	note_account(pw);
	return MFA_EXIT_DONE;
}

static int
make_verifier_account(void)
{
	return make_account(MFA_ACCOUNT, "medusa-mfa verifier");
}

/* Programs run as this one, which can read nothing of the other's. */
static int
make_runner_account(void)
{
	return make_account(MFA_RUNNER_ACCOUNT, "medusa-mfa programs");
}

static int
make_folders(void)
{
	static const char *const paths[] = { MFA_SYSCONFDIR,
		MFA_SYSCONFDIR "/conf.d" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		bool made = false;
		enum mfa_err r = mfa_install_dir(paths[i], &made);

		if (r != MFA_OK)
			return failed(paths[i], r);
		(void)printf("folder %s: %s\n", paths[i],
		    made ? "made" : "there");
	}
	return MFA_EXIT_DONE;
}

static enum mfa_err
copy_config(int dirfd)
{
	uint8_t bytes[MFA_INSTALL_MAX];
	size_t len = 0;
	enum mfa_err r;

	r = mfa_path_slurp(MFA_VENDORDIR "/" CONFIG, &mfa_path_root_owned,
	    bytes, sizeof(bytes), &len);
	if (r == MFA_OK)
		r = mfa_install_file(dirfd, CONFIG, bytes, len);
	return r;
}

/* A configuration that is there is never touched. */
static int
make_config(void)
{
	static const char path[] = MFA_SYSCONFDIR "/" CONFIG;
	int dirfd = -1, fd = -1;
	enum mfa_err r;
	bool there;

	r = mfa_path_open_dir(MFA_SYSCONFDIR, &mfa_path_root_owned, &dirfd);
	if (r != MFA_OK)
		return failed(MFA_SYSCONFDIR, r);
	r = mfa_path_open_file(dirfd, CONFIG, O_RDONLY, &mfa_path_root_owned,
	    &fd);
	there = r == MFA_OK;
	if (r == MFA_ERR_NOT_FOUND)
		r = copy_config(dirfd);
	if (fd >= 0)
		(void)close(fd);
	(void)close(dirfd);
	if (r != MFA_OK)
		return failed(path, r);
	(void)printf("configuration %s: %s\n", path, there ? "there" : "made");
	return MFA_EXIT_DONE;
}

/* Records, key ring and first key are the verifier's affair. */
static int
make_records(void)
{
	return mfa_run_verifier("--init", NULL);
}

static int
check_all(void)
{
	return mfa_run_verifier("--check", NULL);
}

static void
tell_next(void)
{
	(void)puts("\nBack up, apart from each other:\n"
		   "  " MFA_SYSCONFDIR "/keys\n"
		   "  " MFA_STATEDIR "\n"
		   "Without the keys the records are lost: everybody enrols "
		   "anew.\n"
		   "\nNext:\n"
		   "  1. keep a second root session open until all works\n"
		   "  2. medusa-mfa enroll --user NAME\n"
		   "  3. medusa-mfa verify --user NAME\n"
		   "  4. add pam_medusa_mfa.so to a service: "
		   "pam_medusa_mfa(8)\n"
		   "For users who enrol themselves, and for screen lockers:\n"
		   "  systemctl enable --now medusa-mfad.socket\n"
		   "  medusa-mfa invite NAME");
}

int
mfa_cmd_setup(const struct mfa_args *args)
{
	static int (*const steps[])(void) = { ask_sysusers,
		make_verifier_account, make_runner_account, make_folders,
		make_config, make_records, check_all };

	(void)args;
	if (geteuid() != 0) {
		mfa_out_error("setup must be run as root");
		return MFA_EXIT_FAILED;
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i]() != MFA_EXIT_DONE) {
			mfa_out_error("setup is not complete; "
				      "mend that and run it again");
			return MFA_EXIT_FAILED;
		}
	}
	tell_next();
	return MFA_EXIT_DONE;
}
