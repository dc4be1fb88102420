/* SPDX-License-Identifier: MIT */
/*
 * The exploration of medusa-mfa doctor, which merges ways, against one that
 * walks each of them; and what single stacks must show.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "utils/doctor/pam_explore.h"
#include "utils/doctor/pam_module.h"
#include "utils/doctor/pam_step.h"

#define STACKS 600
#define LINES  7

/* ---- stacks without files ---- */

struct made {
	struct mfa_pam_stack stack;
	struct mfa_pam_handler handler[2 * LINES];
};

static void
make(struct made *made)
{
	memset(made, 0, sizeof(*made));
	made->stack.handler = made->handler;
	made->stack.type = MFA_PAM_AUTH;
	(void)snprintf(made->stack.service, sizeof(made->stack.service),
	    "svc");
}

static void
add_line(struct made *made, const char *text, int level)
{
	struct mfa_pam_handler *handler =
	    &made->handler[made->stack.count++];

	assert_true(made->stack.count <= 2 * LINES);
	mfa_pam_line_parse(strdup(text), &handler->line);
	handler->level = level;
	handler->number = (unsigned int)made->stack.count;
	(void)snprintf(handler->file, sizeof(handler->file), "svc");
}

static void
forget(struct made *made)
{
	for (size_t i = 0; i < made->stack.count; i++)
		free(made->handler[i].line.text);
}

/* ---- each way by itself ---- */

struct way {
	struct mfa_pam_state state;
	bool ours, ours_good, ours_bad, factor_good, factor_bad, root;
	int local, is_root; /* -1: not known */
	int times;
};

struct seen {
	bool of[MFA_PAM_SIGHTS];
	bool reached[2 * LINES];
};

static void
end_of_way(const struct way *way, struct seen *seen)
{
	if (mfa_pam_result(&way->state) != MFA_PAM_SUCCESS)
		return;
	seen->of[MFA_PAM_SUCCEEDS] = true;
	if (way->times > 1)
		seen->of[MFA_PAM_TWICE] = true;
	if (way->root)
		return;
	if (!way->ours)
		seen->of[MFA_PAM_BYPASS] = true;
	else if (!way->ours_good)
		seen->of[MFA_PAM_FAIL_OPEN] = true;
}

static void
note(enum mfa_pam_class class, int code, struct way *way)
{
	bool yes = code == MFA_PAM_SUCCESS;

	if (class == MFA_PAM_VERIFIES) {
		way->ours = true;
		way->ours_good |= yes || code == MFA_PAM_IGNORE;
		way->ours_bad |= !yes && code != MFA_PAM_IGNORE;
		way->times += yes;
	} else if (class == MFA_PAM_FACTOR) {
		way->factor_good |= yes;
		way->factor_bad |= !yes;
	} else if (class == MFA_PAM_ROOT) {
		way->root |= yes;
	}
}

/* The same question has the same answer. */
static bool
learns(int *known, int answer)
{
	if (*known >= 0 && *known != answer)
		return false;
	*known = answer;
	return true;
}

static void
walk(const struct mfa_pam_stack *stack, const struct way *from,
    struct seen *seen)
{
	static const int codes[] = { 0, 7, 25, 6, 9 };
	size_t at = from->state.at;
	enum mfa_pam_class class;
	uint32_t can;

	if (mfa_pam_ended(stack, &from->state)) {
		end_of_way(from, seen);
		return;
	}
	seen->reached[at] = true;
	class = mfa_pam_class_of(&stack->handler[at]);
	can = mfa_pam_returns(&stack->handler[at], stack->service);
	if (class == MFA_PAM_VERIFIES && from->factor_bad &&
	    !from->factor_good)
		seen->of[MFA_PAM_AFTER_FAILURE] = true;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct way way = *from;
		int yes = codes[i] == 0;

		if ((can >> codes[i] & 1) == 0)
			continue;
		if (class == MFA_PAM_SORTS && !learns(&way.local, yes))
			continue;
		if (class == MFA_PAM_ROOT && !learns(&way.is_root, yes))
			continue;
		mfa_pam_step(stack, &way.state, codes[i]);
		seen->of[MFA_PAM_BAD_JUMP] |= way.state.bad_jump;
		note(class, codes[i], &way);
		walk(stack, &way, seen);
	}
}

/* ---- both ---- */

static const char *const controls[] = { "required", "requisite",
	"sufficient", "optional", "[success=1 default=ignore]",
	"[success=2 default=bad]", "[success=done default=die]",
	"[success=ok auth_err=1 default=ignore]", "[default=1 success=ok]",
	"[success=reset default=bad]",
	"[authinfo_unavail=ignore default=die success=ok ignore=ignore]" };
static const char *const module_names[] = { "pam_medusa_mfa.so",
	"pam_unix.so", "pam_deny.so", "pam_permit.so", "pam_localuser.so",
	"pam_rootok.so", "pam_medusa_mfa.so", "pam_unix.so" };

static uint32_t seed = 4711;

static uint32_t
any(uint32_t below)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % below;
}

static void
random_stack(struct made *made)
{
	int level = 0;

	make(made);
	for (uint32_t n = 1 + any(LINES); n > 0; n--) {
		char text[200];

		if (level == 0 && any(5) == 0) {
			add_line(made, "auth substack x", 0);
			level = 1;
		} else if (level == 1 && any(4) == 0) {
			level = 0;
		}
		(void)snprintf(text, sizeof(text), "auth %s %s",
		    controls[any(sizeof(controls) / sizeof(controls[0]))],
		    module_names[any(sizeof(module_names) /
			sizeof(module_names[0]))]);
		add_line(made, text, level);
	}
}

static void
test_merged_ways_show_what_all_ways_show(void **state)
{
	static const enum mfa_pam_sight_of which[] = { MFA_PAM_BYPASS,
		MFA_PAM_FAIL_OPEN, MFA_PAM_AFTER_FAILURE, MFA_PAM_TWICE,
		MFA_PAM_BAD_JUMP, MFA_PAM_SUCCEEDS };
	struct mfa_pam_view *view = malloc(sizeof(*view));
	size_t bypasses = 0;

	(void)state;
	for (int n = 0; n < STACKS; n++) {
		struct seen seen;
		struct made made;
		struct way way;

		memset(&seen, 0, sizeof(seen));
		memset(&way, 0, sizeof(way));
		way.local = way.is_root = -1;
		random_stack(&made);
		/* Where pam_rootok means root. */
		memcpy(made.stack.service, "su", 3);
		mfa_pam_begin(&made.stack, &way.state);
		walk(&made.stack, &way, &seen);
		assert_int_equal(mfa_pam_explore(&made.stack, view), MFA_OK);
		assert_true(view->complete);
		for (size_t i = 0; i < sizeof(which) / sizeof(which[0]); i++)
			assert_int_equal(view->of[which[i]].seen,
			    seen.of[which[i]]);
		for (size_t i = 0; i < made.stack.count; i++)
			assert_int_equal(view->reached[i], seen.reached[i]);
		bypasses += seen.of[MFA_PAM_BYPASS];
		forget(&made);
	}
	/* Else nothing was compared. */
	assert_true(bypasses > 20);
	free(view);
}

/* ---- single stacks ---- */

static void
look(const char *const *lines, struct mfa_pam_view *view)
{
	struct made made;

	make(&made);
	for (; *lines != NULL; lines++)
		add_line(&made, *lines, 0);
	assert_int_equal(mfa_pam_explore(&made.stack, view), MFA_OK);
	forget(&made);
}

static void
test_a_bypass_has_the_shortest_witness(void **state)
{
	static const char *const lines[] = {
		"auth required pam_env.so",
		"auth sufficient pam_unix.so",
		"auth required pam_medusa_mfa.so",
		NULL,
	};
	struct mfa_pam_view *view = malloc(sizeof(*view));

	(void)state;
	look(lines, view);
	assert_true(view->of[MFA_PAM_BYPASS].seen);
	assert_int_equal(view->of[MFA_PAM_BYPASS].line, 1);
	assert_string_equal(view->of[MFA_PAM_BYPASS].way,
	    "pam_unix.so success (svc:2)");
	assert_true(view->reached[2]);
	free(view);
}

static void
test_a_chosen_condition_is_no_bypass(void **state)
{
	static const char *const lines[] = {
		"auth requisite pam_unix.so",
		"auth [success=1 default=ignore] pam_succeed_if.so user in a:b",
		"auth required pam_medusa_mfa.so",
		"auth required pam_permit.so",
		NULL,
	};
	struct mfa_pam_view *view = malloc(sizeof(*view));

	(void)state;
	look(lines, view);
	assert_false(view->of[MFA_PAM_BYPASS].seen);
	assert_true(view->of[MFA_PAM_EXEMPT].seen);
	free(view);
}

/* In a program of root's, as here, everybody's uid is 0. */
static void
test_rootok_is_no_proof_everywhere(void **state)
{
	static const char *const lines[] = {
		"auth sufficient pam_rootok.so",
		"auth requisite pam_unix.so",
		"auth required pam_medusa_mfa.so",
		NULL,
	};
	struct mfa_pam_view *view = malloc(sizeof(*view));

	(void)state;
	look(lines, view);
	assert_true(view->of[MFA_PAM_BYPASS].seen);
	free(view);
}

/* A condition that nothing stands behind lets in strangers. */
static void
test_a_condition_before_the_password_is_a_bypass(void **state)
{
	static const char *const lines[] = {
		"auth sufficient pam_succeed_if.so uid >= 0",
		"auth requisite pam_unix.so",
		"auth required pam_medusa_mfa.so",
		NULL,
	};
	struct mfa_pam_view *view = malloc(sizeof(*view));

	(void)state;
	look(lines, view);
	assert_true(view->of[MFA_PAM_BYPASS].seen);
	free(view);
}

static void
test_a_condition_on_the_service_is_known(void **state)
{
	static const char *const lines[] = {
		"auth requisite pam_unix.so",
		"auth [success=1 default=ignore] pam_succeed_if.so "
		"service in cron:at quiet",
		"auth required pam_medusa_mfa.so",
		NULL,
	};
	struct mfa_pam_view *view = malloc(sizeof(*view));

	(void)state;
	look(lines, view);
	assert_false(view->of[MFA_PAM_BYPASS].seen);
	assert_false(view->of[MFA_PAM_EXEMPT].seen);
	free(view);
}

/* 2^40 ways, one after the other, would never end. */
static void
test_many_ways_are_few_states(void **state)
{
	struct mfa_pam_handler *handler = calloc(60, sizeof(*handler));
	struct mfa_pam_view *view = malloc(sizeof(*view));
	struct mfa_pam_stack stack;

	(void)state;
	memset(&stack, 0, sizeof(stack));
	stack.handler = handler;
	stack.type = MFA_PAM_AUTH;
	for (; stack.count < 60; stack.count++)
		mfa_pam_line_parse(strdup(stack.count < 59 ?
			"auth [success=1 default=ignore] pam_unix.so" :
			"auth required pam_medusa_mfa.so"),
		    &handler[stack.count].line);
	assert_int_equal(mfa_pam_explore(&stack, view), MFA_OK);
	assert_true(view->complete);
	assert_true(view->reached[59]);
	for (size_t i = 0; i < stack.count; i++)
		free(handler[i].line.text);
	free(handler);
	free(view);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merged_ways_show_what_all_ways_show),
		cmocka_unit_test(test_a_bypass_has_the_shortest_witness),
		cmocka_unit_test(test_a_chosen_condition_is_no_bypass),
		cmocka_unit_test(test_rootok_is_no_proof_everywhere),
		cmocka_unit_test(
		    test_a_condition_before_the_password_is_a_bypass),
		cmocka_unit_test(test_a_condition_on_the_service_is_known),
		cmocka_unit_test(test_many_ways_are_few_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
