/* SPDX-License-Identifier: MIT */
#include "verifier/check_programs.h"

#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "verifier/config/programs.h"
#include "verifier/maintain.h"
#include "verifier/runner/safe.h"

#define DELIVER_MAIL MFA_LIBEXECDIR "/deliver-mail"
#define NOTIFY_MAIL  "notify-mail" /* names of event programs that end so */
#define MAIL_SECONDS 5
#define SAID	     320 /* bytes of what it says */
#define ESCAPED	     1100 /* of a name, escaped */

/* ---- one program ---- */

/* The one thing that is no matter of owners and folders. */
static bool
is_executable(const char *path)
{
	struct stat st;

	return lstat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
}

static int
check_program(const char *path)
{
	enum mfa_err r = mfa_safe_program(path);

	if (r != MFA_ERR_UNSAFE || is_executable(path))
		return mfa_maintain_say(path, r);
	(void)printf("problem: %s: not executable\n", path);
	return 1;
}

/* ---- the folder of event programs ---- */

static void
note_passed(void *ctx, const char *name, const char *why)
{
	const char *folder = ctx;
	char escaped[ESCAPED];

	if (why == NULL)
		return;
	mfa_text_escape(name, escaped, sizeof(escaped));
	(void)printf("note: %s/%s: passed over: %s\n", folder, escaped, why);
}

static bool
ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len >= n && strstr(name + len - n, end) != NULL;
}

/* mail: set if one of them sends mail */
static int
check_folder(char *folder, bool *mail)
{
	struct mfa_safe_list list;
	char path[MFA_SAFE_PATH];
	enum mfa_err r = mfa_safe_folder(folder, &list);
	int failed = mfa_maintain_say(folder, r);

	if (r != MFA_OK)
		return failed;
	for (uint32_t i = 0; i < list.count; i++) {
		mfa_safe_join(folder, list.name[i], path);
		failed |= check_program(path);
		*mail = *mail || ends_with(list.name[i], NOTIFY_MAIL);
	}
	if (list.more) {
		(void)printf("problem: %s: more than %d programs\n", folder,
		    MFA_SAFE_COUNT);
		failed = 1;
	}
	if ((r = mfa_safe_each(folder, note_passed, folder)) != MFA_OK)
		failed |= mfa_maintain_problem(folder, r);
	return failed;
}

/* ---- mail.conf ---- */

_Noreturn static void
become_mail(int to)
{
	char name[] = DELIVER_MAIL, option[] = "--check";
	char *const argv[] = { name, option, NULL };
	char *const empty[] = { NULL };

	if (dup2(to, STDERR_FILENO) >= 0 &&
	    dup2(STDIN_FILENO, STDOUT_FILENO) >= 0 && /* /dev/null */
	    close_range(STDERR_FILENO + 1, ~0U, 0) == 0) {
		mfa_guard_watchdog(MAIL_SECONDS);
		(void)execve(name, argv, empty);
	}
	_exit(127);
}

/* The first line that it says, without its name. */
static void
complain_of_mail(char *said, int status)
{
	static const char name[] = "deliver-mail: ";
	char *line = said;

	said[strcspn(said, "\n")] = '\0';
	if (strstr(said, name) == said)
		line += sizeof(name) - 1;
	if (line[0] != '\0' && mfa_text_printable(line))
		(void)printf("problem: %s\n", line);
	else
		(void)printf("problem: %s --check: status %d\n", DELIVER_MAIL,
		    status);
}

/*
 * Both programs read mail.conf in the same way, and only they know it.  What
 * is asked here is one of ours, which ends.
 */
static int
check_mail(void)
{
	char said[SAID] = "";
	size_t used = 0;
	ssize_t n = 0;
	int ends[2], status = -1;
	pid_t pid;

	if (mfa_safe_program(DELIVER_MAIL) != MFA_OK)
		return check_program(DELIVER_MAIL);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return mfa_maintain_problem(DELIVER_MAIL, MFA_ERR_LIMIT);
	if ((pid = fork()) == 0)
		become_mail(ends[1]);
	(void)close(ends[1]);
	while (pid > 0 && used < sizeof(said) - 1 &&
	    (n = read(ends[0], said + used, sizeof(said) - 1 - used)) > 0)
		used += (size_t)n;
	(void)close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return mfa_maintain_problem(DELIVER_MAIL, MFA_ERR_LIMIT);
	if (status == 0)
		return mfa_maintain_say(DELIVER_MAIL " --check", MFA_OK);
	complain_of_mail(said, status);
	return 1;
}

/* ---- all of them ---- */

/* In a process of its own, which is the runner's account from here on. */
static int
check_as_runner(struct mfa_programs *programs)
{
	struct mfa_account account;
	enum mfa_err r;
	int failed;
	bool mail = false;

	if ((r = mfa_guard_runner_account(&account)) == MFA_OK)
		r = mfa_guard_drop(&account);
	failed = mfa_maintain_say("account " MFA_RUNNER_ACCOUNT, r);
	for (size_t i = 0; r == MFA_OK && i < MFA_PROGRAM_END; i++) {
		char *path = programs->path[i];

		if (path[0] == '\0')
			continue;
		mail = mail || strcmp(path, DELIVER_MAIL) == 0;
		failed |= i == MFA_PROGRAM_EVENTS ? check_folder(path, &mail) :
						    check_program(path);
	}
	if (fflush(stdout) != 0)
		return 1; /* nothing may be said twice, after a fork */
	if (mail)
		failed |= check_mail();
	return fflush(stdout) == 0 ? failed : 1;
}

/* A listener's runner knows the programs of its start alone. */
static void
note_listener(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = MFA_RUNDIR "/socket" };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) ==
		0)
		(void)printf("note: a medusa-mfad listens: restart it after a "
			     "change of programs\n");
	(void)close(fd);
}

int
mfa_check_programs(const struct mfa_config *config)
{
	static const char runner[] = MFA_LIBEXECDIR "/medusa-mfa-runner";
	struct mfa_programs programs;
	int failed, status;
	pid_t pid;

	if (!mfa_config_programs(config, &programs))
		return 0;
	failed = check_program(runner);
	note_listener();
	if (fflush(stdout) != 0)
		return 1;
	if ((pid = fork()) == 0)
		_exit(check_as_runner(&programs));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return mfa_maintain_problem("programs", MFA_ERR_LIMIT);
	return failed | (status != 0);
}
