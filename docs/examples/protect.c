/* SPDX-License-Identifier: MIT */
/*
 * An application that asks for a second factor before it does something that
 * cannot be undone: it deletes the ledger.
 *
 *   protect [-r REALM] SUBJECT LEDGER
 *
 * Build: cc -o protect protect.c $(pkg-config --cflags --libs medusa-mfa)
 *
 * It does not ask for a password.  That SUBJECT is who sits here must have been
 * found out before; the second factor is what is added to that.
 */
#include <medusa_mfa.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SERVICE "ledger" /* as it stands in messages and in the log */
#define LINE	256

static void
complain(const char *what, const struct mfa_problem *problem)
{
	(void)fprintf(stderr, "protect: %s: %s\n", what, problem->text);
}

/*
 * One line, without its end.  What is too long for a code is cut, and is still
 * too long.  False at the end of the input.
 */
static bool
ask(const char *prompt, char line[LINE])
{
	(void)printf("%s", prompt);
	(void)fflush(stdout);
	if (fgets(line, LINE, stdin) == NULL)
		return false;
	if (strchr(line, '\n') == NULL) {
		int c;

		do
			c = getchar();
		while (c != '\n' && c != EOF);
	}
	line[strcspn(line, "\n")] = '\0';
	return true;
}

/* The first code proves that the key has arrived in an app. */
static bool
confirm(const struct mfa *mfa, const char *subject, const char *factor)
{
	struct mfa_problem problem;
	struct mfa_codes codes;
	enum mfa_error r = MFA_ERROR_WRONG;
	char code[LINE];

	while (r == MFA_ERROR_WRONG || r == MFA_ERROR_SYNTAX) {
		if (!ask("Code from your app: ", code) || code[0] == '\0')
			return false;
		r = mfa_factor_confirm(mfa, subject, factor, code, &codes,
		    &problem);
		mfa_wipe(code, sizeof(code));
		if (r != MFA_ERROR_NONE)
			complain("not confirmed", &problem);
	}
	if (r != MFA_ERROR_NONE)
		return false;
	for (uint32_t i = 0; i < codes.count; i++)
		(void)printf("Recovery code: %s\n", codes.code[i]);
	mfa_wipe(&codes, sizeof(codes));
	return true;
}

static bool
enroll(const struct mfa *mfa, const char *subject)
{
	const struct mfa_enroll what = { .user = subject };
	struct mfa_problem problem;
	struct mfa_pending pending;
	bool done;

	if (mfa_factor_enroll(mfa, &what, &pending, &problem) !=
	    MFA_ERROR_NONE) {
		complain("cannot enrol", &problem);
		return false;
	}
	(void)printf("Key: %s\nURL: %s\n", pending.secret,
	    pending.otpauth_url);
	done = confirm(mfa, subject, pending.id);
	mfa_wipe(&pending, sizeof(pending));
	return done;
}

/* Splits "METHOD CODE"; without a method the form of the code decides. */
static const char *
method_of(const struct mfa_challenge *challenge, char *line, char **code)
{
	*code = line;
	for (uint32_t i = 0; i < challenge->method_count; i++) {
		const char *method = challenge->method[i];
		size_t len = strlen(method);

		if (strncmp(line, method, len) == 0 && line[len] == ' ') {
			*code = line + len + 1;
			return method;
		}
	}
	return NULL;
}

static void
send_code(const struct mfa *mfa, const struct mfa_challenge *challenge)
{
	struct mfa_problem problem;

	if (mfa_challenge_send(mfa, challenge->id, NULL, &problem) !=
	    MFA_ERROR_NONE)
		complain("no code was sent", &problem);
	else
		(void)printf("A code is on its way.\n");
}

/* Asks until an answer is accepted, or there is no use in asking again. */
static bool
answer(const struct mfa *mfa, const struct mfa_challenge *challenge)
{
	struct mfa_problem problem;
	struct mfa_outcome outcome;
	const char *method;
	enum mfa_error r;
	char line[LINE];
	char *code;

	for (;;) {
		if (!ask("Code, METHOD CODE, or send: ", line) ||
		    line[0] == '\0')
			return false;
		if (strcmp(line, "send") == 0) {
			send_code(mfa, challenge);
			continue;
		}
		method = method_of(challenge, line, &code);
		r = mfa_challenge_verify(mfa, challenge->id, method, code,
		    &outcome, &problem);
		mfa_wipe(line, sizeof(line));
		if (r == MFA_ERROR_NONE)
			return true;
		complain("refused", &problem);
		if (outcome.attempts_left == 0)
			return false;
	}
}

/* The one question that the rest of an application has to ask. */
static bool
is_subject(const struct mfa *mfa, const char *subject)
{
	struct mfa_challenge challenge;
	struct mfa_problem problem;

	if (mfa_challenge_start(mfa, subject, SERVICE, NULL, &challenge,
	    &problem) != MFA_ERROR_NONE) {
		complain("no challenge", &problem);
		return false;
	}
	/* Not because of an error: the host's policy exempts the subject. */
	if (!challenge.required)
		return true;
	(void)printf("Methods:");
	for (uint32_t i = 0; i < challenge.method_count; i++)
		(void)printf(" %s", challenge.method[i]);
	(void)printf("\n");
	return answer(mfa, &challenge);
}

/*
 * Policy may let subjects pass that are not enrolled.  This application does
 * not: whoever is new is enrolled first, where the caller may do that.
 */
static bool
is_enrolled(const struct mfa *mfa, const char *subject)
{
	struct mfa_account account;
	struct mfa_problem problem;

	if (mfa_status(mfa, subject, &account, &problem) != MFA_ERROR_NONE) {
		complain("no state", &problem);
		return false;
	}
	return account.enrolled || enroll(mfa, subject);
}

static bool
delete_ledger(const char *path)
{
	if (unlink(path) != 0) {
		perror(path);
		return false;
	}
	(void)printf("The ledger is deleted.\n");
	return true;
}

int
main(int argc, char **argv)
{
	const char *realm = NULL;
	enum mfa_error r;
	struct mfa *mfa;
	bool done;
	int c;

	while ((c = getopt(argc, argv, "r:")) != -1) {
		if (c != 'r')
			return 2;
		realm = optarg;
	}
	if (argc - optind != 2) {
		(void)fprintf(stderr,
		    "usage: protect [-r REALM] SUBJECT LEDGER\n");
		return 2;
	}
	/* Nobody has to prove anything for what cannot be done. */
	if (access(argv[optind + 1], F_OK) != 0) {
		perror(argv[optind + 1]);
		return 1;
	}
	if ((r = mfa_open(realm, &mfa)) != MFA_ERROR_NONE) {
		(void)fprintf(stderr, "protect: realm: %s\n",
		    mfa_error_text(r));
		return 2;
	}
	done = is_enrolled(mfa, argv[optind]) &&
	    is_subject(mfa, argv[optind]) && delete_ledger(argv[optind + 1]);
	mfa_close(mfa);
	return done ? 0 : 1;
}
