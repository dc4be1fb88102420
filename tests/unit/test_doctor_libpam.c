/* SPDX-License-Identifier: MIT */
/*
 * The reader and the dispatch of medusa-mfa doctor against the real libpam:
 * random stacks of pam_debug, whose results their own lines name.
 */
#include "tests/unit/unit.h"

#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "utils/doctor/pam_stack.h"
#include "utils/doctor/pam_step.h"

#define STACKS 1500

/* A tree with etc/pam.d below a new folder. */
struct place {
	char root[64];
	char dir[96];
	struct mfa_tree tree;
	uint32_t seed;
};

static uint32_t
any(struct place *place, uint32_t below)
{
	place->seed = place->seed * 1664525U + 1013904223U;
	return (place->seed >> 8) % below;
}

static int
begin(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	(void)snprintf(place->root, sizeof(place->root),
	    "/tmp/doctor-pam-XXXXXX");
	assert_non_null(mkdtemp(place->root));
	(void)snprintf(place->dir, sizeof(place->dir), "%s/etc", place->root);
	assert_int_equal(mkdir(place->dir, 0755), 0);
	(void)snprintf(place->dir, sizeof(place->dir), "%s/etc/pam.d",
	    place->root);
	assert_int_equal(mkdir(place->dir, 0755), 0);
	assert_int_equal(mfa_tree_open(NULL, &place->tree), MFA_OK);
	place->tree.pamd = place->dir;
	place->seed = 20261122;
	*state = place;
	return 0;
}

static const char *const names[] = { "svc", "one", "two", "three", "other" };
#define NAMES (sizeof(names) / sizeof(names[0]))

static void
path_of(const struct place *place, const char *name, char out[160])
{
	(void)snprintf(out, 160, "%s/%s", place->dir, name);
}

static void
forget(const struct place *place)
{
	char path[160];

	for (size_t i = 0; i < NAMES; i++) {
		path_of(place, names[i], path);
		(void)unlink(path);
	}
}

static int
end(void **state)
{
	struct place *place = *state;
	char path[160];

	forget(place);
	mfa_tree_close(&place->tree);
	(void)rmdir(place->dir);
	(void)snprintf(path, sizeof(path), "%s/etc", place->root);
	(void)rmdir(path);
	(void)rmdir(place->root);
	free(place);
	return 0;
}

static void
put(const struct place *place, const char *name, const char *text)
{
	char path[160];
	FILE *file;

	path_of(place, name, path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int
say_nothing(int n, const struct pam_message **messages,
    struct pam_response **responses, void *ctx)
{
	(void)messages;
	(void)ctx;
	*responses = calloc((size_t)n, sizeof(**responses));
	return *responses != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

/* libpam loses memory where it gives up; that is not what is tested. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

static int
ask_libpam(const struct place *place, enum mfa_pam_type type)
{
	const struct pam_conv conv = { say_nothing, NULL };
	pam_handle_t *pamh = NULL;
	int r;

	if (__lsan_disable != NULL)
		__lsan_disable();
	r = pam_start_confdir("svc", "root", &conv, place->dir, &pamh);
	if (r == PAM_SUCCESS) {
		r = type == MFA_PAM_AUTH ? pam_authenticate(pamh, 0) :
					   pam_acct_mgmt(pamh, 0);
		(void)pam_end(pamh, r);
	}
	if (__lsan_enable != NULL)
		__lsan_enable();
	return r;
}

static int
code_named(const char *name)
{
	for (int code = 0; code < MFA_PAM_CODES; code++) {
		if (strcmp(mfa_pam_code_name(code), name) == 0)
			return code;
	}
	fail_msg("no code is named %s", name);
	return -1;
}

/* What a line of pam_debug returns. */
static int
code_of(const struct mfa_pam_handler *handler)
{
	const char *name;

	if (handler->line.kind == MFA_PAM_FAILS)
		return MFA_PAM_PERM_DENIED;
	if (strcmp(handler->line.module, "pam_debug.so") != 0)
		return MFA_PAM_MODULE_UNKNOWN;
	name = mfa_pam_arg(handler,
	    handler->line.type == MFA_PAM_AUTH ? "auth" : "acct");
	return name == NULL ? MFA_PAM_SUCCESS : code_named(name);
}

/* PAM_ABORT stands for what libpam does not read at all. */
static int
ask_doctor(const struct place *place, enum mfa_pam_type type)
{
	struct mfa_pam_stack stack;
	struct mfa_pam_state state;
	int r;

	assert_int_equal(mfa_pam_stack_load(&place->tree, "svc", type, &stack),
	    MFA_OK);
	mfa_pam_begin(&stack, &state);
	while (!mfa_pam_ended(&stack, &state))
		mfa_pam_step(&stack, &state,
		    code_of(&stack.handler[state.at]));
	r = stack.fatal != NULL ? PAM_ABORT : mfa_pam_result(&state);
	mfa_pam_stack_free(&stack);
	return r;
}

static void
show(const struct place *place)
{
	char path[160], line[600];

	for (size_t i = 0; i < NAMES; i++) {
		FILE *file;

		path_of(place, names[i], path);
		if ((file = fopen(path, "r")) == NULL)
			continue;
		print_message("# %s:\n", names[i]);
		while (fgets(line, sizeof(line), file) != NULL)
			print_message("#   %s", line);
		(void)fclose(file);
	}
}

static void
compare(const struct place *place)
{
	for (int type = MFA_PAM_AUTH; type <= MFA_PAM_ACCOUNT; type++) {
		int theirs = ask_libpam(place, (enum mfa_pam_type)type);
		int ours = ask_doctor(place, (enum mfa_pam_type)type);

		if (theirs != ours)
			show(place);
		assert_int_equal(ours, theirs);
	}
}

/* ---- random stacks ---- */

static void
add(char *text, size_t size, const char *what)
{
	size_t used = strlen(text);

	(void)snprintf(text + used, size - used, "%s", what);
}

static const char *const returns[] = { "success", "auth_err", "ignore",
	"new_authtok_reqd", "user_unknown", "perm_denied", "maxtries",
	"module_unknown", "abort", "success" };
static const char *const codes[] = { "success", "auth_err", "ignore",
	"new_authtok_reqd", "user_unknown", "perm_denied", "default" };
static const char *const does[] = { "ok", "done", "bad", "die", "ignore",
	"reset", "1", "2", "3" };
static const char *const words[] = { "required", "requisite", "sufficient",
	"optional", "Required" };
#define ONE(place, list) \
	(list)[any((place), (uint32_t)(sizeof(list) / sizeof((list)[0])))]

static void
random_control(struct place *place, char *text, size_t size)
{
	if (any(place, 2) == 0) {
		add(text, size, ONE(place, words));
		return;
	}
	add(text, size, "[");
	for (uint32_t n = 1 + any(place, 4); n > 0; n--) {
		add(text, size, ONE(place, codes));
		add(text, size, any(place, 12) == 0 ? " = " : "=");
		add(text, size, ONE(place, does));
		add(text, size, n > 1 ? " " : "");
	}
	add(text, size, "]");
}

static void
random_line(struct place *place, char *text, size_t size, uint32_t file)
{
	static const char *const controls[] = { "include", "substack" };
	const char *type = any(place, 3) == 0 ? "account" : "auth";

	if (file + 1 < NAMES - 1 && any(place, 4) == 0) {
		if (any(place, 4) == 0) {
			add(text, size, "@include ");
		} else {
			add(text, size, type);
			add(text, size, " ");
			add(text, size, ONE(place, controls));
			add(text, size, " ");
		}
		/* pam_start_confdir looks for the others in /etc/pam.d. */
		add(text, size, place->dir);
		add(text, size, "/");
		add(text, size, names[file + 1 + any(place,
		    file + 2 < NAMES - 1 ? 2 : 1)]);
		add(text, size, "\n");
		return;
	}
	add(text, size, any(place, 8) == 0 ? "-" : "");
	add(text, size, type);
	add(text, size, any(place, 10) == 0 ? " \\\n\t" : "\t");
	random_control(place, text, size);
	add(text, size, any(place, 20) == 0 ? " pam_no_such.so" :
					      " pam_debug.so");
	add(text, size, " auth=");
	add(text, size, ONE(place, returns));
	add(text, size, " acct=");
	add(text, size, ONE(place, returns));
	add(text, size, any(place, 10) == 0 ? " # success\n" : "\n");
}

static void
random_stack(struct place *place)
{
	char text[4096];

	for (uint32_t file = 0; file < NAMES - 1; file++) {
		text[0] = '\0';
		for (uint32_t n = any(place, 5); n > 0; n--)
			random_line(place, text, sizeof(text), file);
		put(place, names[file], text);
	}
}

static void
test_random_stacks_end_as_in_libpam(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < STACKS; i++) {
		forget(place);
		random_stack(place);
		compare(place);
	}
}

/* ---- what is written oddly ---- */

static void
test_odd_lines_are_read_as_libpam_reads_them(void **state)
{
	static const char *const texts[] = {
		"",
		"# nothing\n",
		"auth required pam_debug.so",
		"auth required pam_debug.so auth=auth_err # auth=success",
		"auth required pam_debug.so \\\n auth=auth_err\n",
		"auth required pam_debug.so \\\n# note\n auth=auth_err\n",
		"auth required pam_debug.so \\\n\n auth=auth_err\n",
		"auth required pam_debug.so \\ # note\n auth=auth_err\n",
		"auth required pam_debug.so auth=auth_err \\",
		"auth required pam_debug.so auth=auth_err \\\n",
		"auth required pam_debug.so\nauth requi pam_debug.so\n",
		"auth required pam_debug.so\nauth required\n",
		"auth required pam_debug.so\nauth\n",
		"auth required pam_debug.so\nsomething\n",
		"auth required pam_debug.so\nfoo sufficient pam_debug.so\n",
		"auth required pam_debug.so\nfoo required pam_debug.so\n",
		"account required pam_debug.so\nfoo required pam_debug.so\n",
		"auth required pam_debug.so\n@include nowhere\n",
		"auth required pam_debug.so\nauth include nowhere\n",
		"auth sufficient pam_debug.so\nauth include nowhere\n",
		"auth required pam_debug.so\nauth substack nowhere\n",
		"auth required pam_debug.so\naccount include nowhere\n",
		"AUTH REQUIRED pam_debug.so auth=success\n",
		"auth [success=ok default=bad] pam_debug.so\n",
		"auth [ success=ok  default = die ] pam_debug.so\n",
		"auth [success=ok\tdefault=die] pam_debug.so\n",
		"auth [success=0] pam_debug.so\nauth required pam_debug.so\n",
		"auth [success=-1] pam_debug.so\nauth required pam_debug.so\n",
		"auth [success=okay] pam_debug.so\n",
		"auth [success=okdefault=ignore] pam_debug.so\n",
		"auth [foo=ok] pam_debug.so\n",
		"auth [default=ok] pam_debug.so auth=auth_err\n",
		"auth [default=ok auth_err=die] pam_debug.so auth=auth_err\n",
		"auth [auth_err=die default=ok] pam_debug.so auth=auth_err\n",
		"auth [default=die default=ok] pam_debug.so auth=auth_err\n",
		"auth [] pam_debug.so\n",
		"auth [success=1] pam_debug.so\n",
		"auth [success=1] pam_debug.so\nauth required pam_debug.so\n",
		"auth [success=2] pam_debug.so\nauth required pam_debug.so\n",
		"auth required pam_debug.so [auth=auth_err]\n",
		"auth required pam_debug.so [auth=auth_err\n",
		"auth [success=ok pam_debug.so\n",
		"auth success=ok pam_debug.so\n",
		"auth [success=ok]pam_debug.so\n",
		"  \t auth required pam_debug.so auth=maxtries\n",
		"auth required pam_debug.so\r\n",
		"-auth required pam_no_such.so\nauth required pam_debug.so\n",
		"auth [module_unknown=ignore default=bad success=ok] "
		"pam_no_such.so\nauth required pam_debug.so\n",
		"auth [ignore=ok] pam_debug.so auth=ignore\n",
		"auth [ignore=bad] pam_debug.so auth=ignore\n",
		"auth [default=reset] pam_debug.so\nauth required "
		"pam_debug.so\n",
	};
	struct place *place = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		forget(place);
		put(place, "svc", texts[i]);
		put(place, "other",
		    "auth required pam_debug.so auth=acct_expired\n"
		    "account required pam_debug.so acct=cred_err\n");
		compare(place);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_random_stacks_end_as_in_libpam, begin, end),
		cmocka_unit_test_setup_teardown(
		    test_odd_lines_are_read_as_libpam_reads_them, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
