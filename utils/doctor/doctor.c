/* SPDX-License-Identifier: MIT */
/*
 * medusa-mfa doctor: looks at everything, whatever fails on the way, and tells
 * all of it at the end.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "utils/command.h"
#include "utils/doctor/files.h"
#include "utils/doctor/pam_judge.h"
#include "utils/doctor/rules.h"
#include "utils/doctor/store.h"
#include "utils/doctor/word.h"
#include "utils/options.h"
#include "utils/out.h"

struct examination {
	struct mfa_tree tree;
	struct mfa_settings settings;
	struct mfa_sshd ordinary, root;
	struct mfa_pam_host host;
	struct mfa_found found;
};

static void
judge_silent_sshd(struct examination *exam)
{
	const char *service = exam->ordinary.value[MFA_SSHD_SERVICE];

	if (exam->host.services != 0 &&
	    mfa_settings_requires(&exam->settings, service))
		mfa_found_add(&exam->found, "sshd-not-asking", service,
		    "/etc/pam.d", "other services ask for a code, sshd does "
		    "not");
}

static enum mfa_err
examine_logins(struct examination *exam)
{
	char user[64];
	enum mfa_err r;

	/* Stands for all who are not root. */
	if (!mfa_files_ordinary(&exam->tree, user, sizeof(user)))
		(void)mfa_text_copy(user, sizeof(user), "user");
	mfa_sshd_load(&exam->tree, user, &exam->ordinary);
	mfa_sshd_load(&exam->tree, "root", &exam->root);
	exam->host.tree = &exam->tree;
	exam->host.sshd = &exam->ordinary;
	exam->host.root_sshd = &exam->root;
	exam->host.settings = &exam->settings;
	r = mfa_pam_judge(&exam->host, &exam->found);
	if (r == MFA_OK)
		r = mfa_pam_judge_names(&exam->host, &exam->found);
	if (r != MFA_OK)
		return r;
	mfa_apparmor_judge(&exam->host, &exam->found);
	mfa_rules_judge(&exam->settings, &exam->host, &exam->found);
	if (exam->host.services == 0)
		mfa_found_add(&exam->found, "pam-not-used", NULL, "/etc/pam.d",
		    "pam_medusa_mfa.so is in no service");
	if (!exam->ordinary.there)
		return MFA_OK;
	if (!exam->host.sshd_asks) {
		judge_silent_sshd(exam);
		return MFA_OK;
	}
	if (exam->tree.live && geteuid() == 0 && !exam->ordinary.asked)
		mfa_found_add(&exam->found, "sshd-not-asked", NULL,
		    "/usr/sbin/sshd", "sshd -T gave no configuration");
	mfa_sshd_judge(&exam->ordinary, "users", exam->host.sshd_refuses,
	    &exam->found);
	mfa_sshd_judge(&exam->root, "root", exam->host.sshd_refuses,
	    &exam->found);
	return MFA_OK;
}

static void
examine_host(struct examination *exam)
{
	if (!exam->settings.there && exam->host.services == 0) {
		if (exam->tree.live)
			mfa_found_add(&exam->found, "not-set-up", NULL,
			    MFA_SYSCONFDIR, "there is no such folder");
		return;
	}
	/* A tree of nothing but stacks has no accounts to judge. */
	if (exam->settings.there || exam->tree.live)
		mfa_files_judge(&exam->tree, &exam->settings, &exam->found);
	if (!exam->tree.live)
		return;
	mfa_machine_judge(&exam->settings, &exam->found);
	mfa_store_judge_room(&exam->settings, &exam->found);
	if (geteuid() != 0) {
		mfa_found_add(&exam->found, "not-root", NULL, "this run",
		    "it was not started by root");
		return;
	}
	mfa_files_check(&exam->settings, &exam->found);
	mfa_people_judge(&exam->host, &exam->found);
}

static int
tell(struct examination *exam, bool json)
{
	int code = MFA_EXIT_DONE;

	mfa_found_sort(&exam->found);
	if (json)
		code = mfa_found_json(&exam->found);
	else
		mfa_found_print(&exam->found);
	if (exam->found.lost) {
		mfa_out_error("doctor: %s", mfa_strerror(MFA_ERR_MEMORY));
		code = MFA_EXIT_FAILED;
	}
	if (mfa_found_number(&exam->found, MFA_DANGER) != 0)
		code = MFA_EXIT_FAILED;
	return code;
}

int
mfa_cmd_doctor(const struct mfa_args *args)
{
	struct examination exam;
	enum mfa_err r;
	int code = MFA_EXIT_FAILED;

	memset(&exam, 0, sizeof(exam));
	mfa_found_init(&exam.found);
	r = mfa_tree_open(args->root, &exam.tree);
	if (r != MFA_OK) {
		mfa_out_error("doctor: %s: %s",
		    args->root != NULL ? args->root : "/",
		    mfa_out_file_error(r));
		return code;
	}
	mfa_settings_load(&exam.tree, &exam.settings);
	r = examine_logins(&exam);
	if (r == MFA_OK) {
		examine_host(&exam);
		code = tell(&exam, args->json);
	} else {
		mfa_out_error("doctor: %s", mfa_strerror(r));
	}
	mfa_found_free(&exam.found);
	mfa_tree_close(&exam.tree);
	return code;
}
