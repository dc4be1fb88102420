/* SPDX-License-Identifier: MIT */
/*
 * One call of libmedusa_mfa, for sdk.sh, which builds it as an application
 * would be built.
 *
 *   sdktry [-r REALM] COMMAND ARGUMENT...
 *
 * Prints what came back, or "error NUMBER SENTENCE".
 */
#include <medusa_mfa.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct mfa_problem problem;

static enum mfa_error
print_codes(enum mfa_error r, const struct mfa_codes *codes)
{
	if (r != MFA_ERROR_NONE)
		return r;
	for (uint32_t i = 0; i < codes->count; i++)
		(void)printf("%s\n", codes->code[i]);
	(void)printf("codes %u\n", codes->count);
	return r;
}

static enum mfa_error
enroll(const struct mfa *mfa, char **arg)
{
	const struct mfa_enroll what = { .user = arg[0], .label = arg[1] };
	struct mfa_pending pending;
	enum mfa_error r = mfa_factor_enroll(mfa, &what, &pending, &problem);

	if (r == MFA_ERROR_NONE)
		(void)printf("%s %s %s\n", pending.id, pending.secret,
		    pending.otpauth_url);
	return r;
}

static enum mfa_error
confirm(const struct mfa *mfa, char **arg)
{
	struct mfa_codes codes;

	return print_codes(mfa_factor_confirm(mfa, arg[0], arg[1], arg[2],
	    &codes, &problem), &codes);
}

static enum mfa_error
list(const struct mfa *mfa, char **arg)
{
	struct mfa_factors all;
	enum mfa_error r = mfa_factor_list(mfa, arg[0], &all, &problem);

	for (size_t i = 0; i < all.count; i++)
		(void)printf("%s %s %s\n", all.factor[i].label,
		    all.factor[i].provider, all.factor[i].status);
	mfa_factors_free(&all);
	return r;
}

static enum mfa_error
rename_factor(const struct mfa *mfa, char **arg)
{
	return mfa_factor_rename(mfa, arg[0], arg[1], arg[2], &problem);
}

static enum mfa_error
disable(const struct mfa *mfa, char **arg)
{
	return mfa_factor_disable(mfa, arg[0], arg[1], &problem);
}

static enum mfa_error
recovery(const struct mfa *mfa, char **arg)
{
	struct mfa_codes codes;

	return print_codes(mfa_recovery_codes(mfa, arg[0], &codes, &problem),
	    &codes);
}

static enum mfa_error
status(const struct mfa *mfa, char **arg)
{
	struct mfa_account a;
	enum mfa_error r = mfa_status(mfa, arg[0], &a, &problem);

	if (r == MFA_ERROR_NONE)
		(void)printf("enrolled=%d factors=%u recovery=%u\n", a.enrolled,
		    a.enabled_factors, a.recovery_left);
	return r;
}

static enum mfa_error
start(const struct mfa *mfa, char **arg)
{
	struct mfa_challenge c;
	enum mfa_error r = mfa_challenge_start(mfa, arg[0], "sdktry", NULL, &c,
	    &problem);

	if (r == MFA_ERROR_NONE)
		(void)printf("%s\n", c.required ? c.id : "free");
	return r;
}

static enum mfa_error
send_code(const struct mfa *mfa, char **arg)
{
	return mfa_challenge_send(mfa, arg[0], NULL, &problem);
}

static enum mfa_error
verify(const struct mfa *mfa, char **arg)
{
	struct mfa_outcome outcome;
	enum mfa_error r = mfa_challenge_verify(mfa, arg[0], arg[2], arg[1],
	    &outcome, &problem);

	if (r == MFA_ERROR_NONE)
		(void)printf("accepted %s\n", outcome.method);
	else
		(void)printf("left=%u ", outcome.attempts_left);
	return r;
}

static const struct {
	const char *name;
	int arguments; /* at least */
	enum mfa_error (*run)(const struct mfa *mfa, char **arg);
} commands[] = {
	{ "enroll", 1, enroll },
	{ "confirm", 3, confirm },
	{ "list", 1, list },
	{ "rename", 3, rename_factor },
	{ "disable", 2, disable },
	{ "recovery", 1, recovery },
	{ "status", 1, status },
	{ "start", 1, start },
	{ "send", 1, send_code },
	{ "verify", 2, verify },
};

static enum mfa_error
run(const char *realm, int argc, char **argv)
{
	struct mfa *mfa;
	enum mfa_error r = mfa_open(realm, &mfa);

	problem.error = r;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (r == MFA_ERROR_NONE &&
		    strcmp(commands[i].name, argv[0]) == 0 &&
		    argc > commands[i].arguments) {
			r = commands[i].run(mfa, argv + 1);
			mfa_close(mfa);
			return r;
		}
	}
	mfa_close(mfa);
	return MFA_ERROR_INVALID;
}

int
main(int argc, char **argv)
{
	const char *realm = NULL;
	enum mfa_error r;

	if (argc > 2 && strcmp(argv[1], "-r") == 0) {
		realm = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 2)
		return 2;
	r = run(realm, argc - 1, argv + 1);
	if (r != MFA_ERROR_NONE)
		(void)printf("error %d %s\n", (int)r, problem.text);
	return r == MFA_ERROR_NONE ? 0 : 1;
}
