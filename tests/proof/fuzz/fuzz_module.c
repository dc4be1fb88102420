/* SPDX-License-Identifier: MIT */
/*
 * The whole module, called up to four times on one handle.
 *
 * A byte for each call (0 to 3 authenticate, 4 account, 5 account and 6
 * authenticate as somebody else, 7 the others), one of flags, with 5 and 6 a
 * line with that user, a line of arguments with tabs between them; what comes
 * before and between is in host.h.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/verdict.h"
#include "pam_medusa_mfa/args.h"
#include "tests/proof/fuzz/host.h"

#define CALLS 4
#define ARGS  12

/* What the handle remembers of a login, as the manual has it. */
struct memory {
	bool accepted, passed;
	char user[HOST_TEXT], service[HOST_TEXT];
	bool doubtful; /* something failed: an older one may be there */
};

struct line {
	char text[500];
	const char *argv[ARGS];
	int argc;
	struct mfa_args args;
	bool good;
};

static void
read_line(struct pam_handle *host, enum mfa_args_line which, struct line *line)
{
	char *p = line->text;
	int bad;

	fuzz_line(&host->in, line->text, sizeof(line->text));
	line->argc = 0;
	while (*p != '\0' && line->argc < ARGS) {
		size_t len = strcspn(p, "\t");

		line->argv[line->argc++] = p;
		p += len;
		if (*p != '\0')
			*p++ = '\0';
	}
	line->good = mfa_args_parse(which, line->argc, line->argv, &line->args,
	    &bad) == MFA_OK;
}

/* R2 */
static bool
said_pass(const struct pam_handle *host)
{
	return host->verdict && host->code == MFA_VERDICT_PASS &&
	    (host->reason == mfa_wire_Reason_REASON_NOT_ENROLLED ||
	    host->reason == mfa_wire_Reason_REASON_EXEMPT);
}

static bool
is_of(const struct memory *memory, const struct pam_handle *host)
{
	const char *service = (host->bits & HOST_NO_SERVICE) != 0 ? "" :
	    host->service;

	return strcmp(memory->user, host->user) == 0 &&
	    strcmp(memory->service, service) == 0;
}

static void
note(struct memory *memory, const struct pam_handle *host, int code,
    bool split)
{
	/* Whether the older one was dropped before it failed is not known. */
	memory->doubtful |= host->failed;
	if (!memory->doubtful)
		memory->accepted = memory->passed = false;
	if (split || (code != PAM_SUCCESS && code != PAM_IGNORE))
		return;
	memory->accepted = code == PAM_SUCCESS;
	memory->passed = code == PAM_IGNORE;
	memory->doubtful = false;
	memcpy(memory->user, host->user, sizeof(memory->user));
	memcpy(memory->service, (host->bits & HOST_NO_SERVICE) != 0 ? "" :
	    host->service, strlen((host->bits & HOST_NO_SERVICE) != 0 ? "" :
	    host->service) + 1);
}

static void
authenticate(struct pam_handle *host, struct memory *memory, int flags)
{
	static struct line line;
	bool split;
	int code;

	read_line(host, MFA_ARGS_AUTH, &line);
	split = line.good && line.args.split != 0;
	host_call(host);
	code = pam_sm_authenticate(host, flags, line.argc, line.argv);
	host_called(host);
	switch (code) {
	case PAM_SUCCESS:
		/* R1 */
		FUZZ_WANT(line.good && !split && host->login);
		FUZZ_WANT(host->verdict && host->code == MFA_VERDICT_ACCEPT);
		break;
	case PAM_IGNORE:
		FUZZ_WANT(split || (line.good && host->login &&
		    said_pass(host)));
		break;
	case PAM_AUTH_ERR:
	case PAM_USER_UNKNOWN:
	case PAM_AUTHINFO_UNAVAIL:
	case PAM_CONV_ERR:
	case PAM_BUF_ERR:
		break;
	case PAM_SERVICE_ERR:
		/* R4: the argument, or what the verifier says of its file. */
		FUZZ_WANT(!line.good || host->login || host->policy ||
		    !host->verdict);
		break;
	default:
		fuzz_broken("a code that R4 does not have", __FILE__, __LINE__);
	}
	if (!line.good)
		FUZZ_WANT(code == PAM_SERVICE_ERR || code == PAM_BUF_ERR);
	note(memory, host, code, split);
}

static void
account(struct pam_handle *host, const struct memory *memory, int flags)
{
	static struct line line;
	bool own = is_of(memory, host) || memory->doubtful;
	int code;

	read_line(host, MFA_ARGS_ACCOUNT, &line);
	host_call(host);
	code = pam_sm_acct_mgmt(host, flags, line.argc, line.argv);
	host_called(host);
	FUZZ_WANT(!host->login);
	if (line.good && !line.args.enforce) {
		FUZZ_WANT(code == PAM_IGNORE && !host->policy);
		return;
	}
	FUZZ_WANT(code == PAM_SUCCESS || code == PAM_IGNORE ||
	    code == PAM_PERM_DENIED);
	if (!line.good)
		FUZZ_WANT(code == PAM_PERM_DENIED);
	if (code == PAM_SUCCESS)
		FUZZ_WANT(own && memory->accepted);
	if (code == PAM_IGNORE)
		FUZZ_WANT((own && memory->passed) ||
		    (host->policy && said_pass(host)));
}

static void
others(struct pam_handle *host, int flags)
{
	host_call(host);
	FUZZ_WANT(pam_sm_setcred(host, flags, 0, NULL) == PAM_SUCCESS);
	FUZZ_WANT(pam_sm_open_session(host, flags, 0, NULL) == PAM_IGNORE);
	FUZZ_WANT(pam_sm_close_session(host, flags, 0, NULL) == PAM_IGNORE);
	FUZZ_WANT(pam_sm_chauthtok(host, flags, 0, NULL) == PAM_IGNORE);
	host_called(host);
}

static void
run(const uint8_t *data, size_t size)
{
	static struct pam_handle host;
	struct memory memory = { .accepted = false };
	int flags;

	host_begin(&host, data, size);
	for (int i = 0; i == 0 || (i < CALLS && host.in.left != 0); i++) {
		uint8_t what = fuzz_byte(&host.in) % 8;

		flags = (fuzz_byte(&host.in) & 1) != 0 ? PAM_SILENT : 0;
		if (what == 5 || what == 6)
			fuzz_line(&host.in, host.user, sizeof(host.user));
		if (what == 4 || what == 5)
			account(&host, &memory, flags);
		else if (what == 7)
			others(&host, flags);
		else
			authenticate(&host, &memory, flags);
	}
	host_end(&host);
}

const struct fuzz_target fuzz_module = { "module",
	"R1 R2 R3 R4 R25 success only for an accept, ignore only for a pass",
	NULL, run, NULL, 0, 0 };
