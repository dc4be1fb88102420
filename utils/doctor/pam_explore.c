/* SPDX-License-Identifier: MIT */
#include "utils/doctor/pam_explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils/doctor/pam_module.h"
#include "utils/doctor/pam_step.h"
#include "utils/doctor/word.h"

#define NODES	 65536
#define BUCKETS	 (2 * NODES)
#define LEVELS	 (MFA_PAM_DEPTH + 2)
#define FACTS	 14 /* conditions whose answer is remembered */
#define NO_FACT	 255
#define WAY_LONG 8 /* steps of a way that are told */

/* What has happened so far. */
enum {
	OURS_YES = 1,
	OURS_PASS = 2,
	OURS_NO = 4,
	FACTOR_YES = 8,
	FACTOR_NO = 16,
	ROOT_YES = 32,
	TWO_OF_OURS = 64,
	SPLIT_DONE = 128
};
#define OURS_RAN (OURS_YES | OURS_PASS | OURS_NO)

/* Equal ones have the same future.  Without holes: compared as bytes. */
struct key {
	uint16_t at;
	uint16_t skipped; /* line + 1 that led past a line of ours */
	uint16_t ours;	  /* line + 1 of ours that ran last */
	uint8_t now;
	uint8_t happened;
	uint8_t entered[LEVELS];
	uint16_t pad;
	uint32_t facts; /* two bits each: not known, no, yes */
};

struct node {
	struct key key;
	int32_t parent; /* -1: the beginning */
	int16_t line;	/* that ran to get here */
	int16_t code;	/* and what it returned */
};

struct walk {
	const struct mfa_pam_stack *stack;
	struct mfa_pam_view *view;
	struct node *node;
	int32_t *bucket; /* node + 1 */
	size_t count;
	uint8_t fact[MFA_PAM_LINES];
	uint8_t class[MFA_PAM_LINES];
	bool full;
};

/* ---- nodes ---- */

/* Of the status only this matters: yes, expired, no. */
static uint8_t
pack(struct mfa_pam_opinion opinion)
{
	uint8_t status = opinion.status == MFA_PAM_SUCCESS ? 0 :
	    opinion.status == MFA_PAM_NEW_AUTHTOK	   ? 1 :
							     2;

	return (uint8_t)(4 * opinion.mood + status);
}

static struct mfa_pam_opinion
unpack(uint8_t packed)
{
	static const int status[] = { MFA_PAM_SUCCESS, MFA_PAM_NEW_AUTHTOK,
		MFA_PAM_PERM_DENIED, MFA_PAM_PERM_DENIED };
	const struct mfa_pam_opinion opinion = {
		(enum mfa_pam_mood)(packed / 4), status[packed % 4]
	};

	return opinion;
}

static void
to_key(const struct walk *walk, const struct mfa_pam_state *state,
    struct key *key)
{
	int level = state->at < walk->stack->count ?
	    walk->stack->handler[state->at].level : 0;

	key->at = (uint16_t)state->at;
	key->now = pack(state->now);
	for (int i = 0; i < LEVELS; i++)
		key->entered[i] = i <= level ? pack(state->entered[i]) : 0;
}

static void
to_state(const struct key *key, struct mfa_pam_state *state)
{
	memset(state, 0, sizeof(*state));
	state->at = key->at;
	state->now = unpack(key->now);
	for (int i = 0; i < LEVELS; i++)
		state->entered[i] = unpack(key->entered[i]);
}

static size_t
hash(const struct key *key)
{
	const uint8_t *byte = (const uint8_t *)key;
	uint32_t h = UINT32_C(2166136261);

	for (size_t i = 0; i < sizeof(*key); i++)
		h = (h ^ byte[i]) * UINT32_C(16777619);
	return h % BUCKETS;
}

/* Adds a node unless there is one with the same future. */
static void
add_node(struct walk *walk, const struct node *node)
{
	size_t at = hash(&node->key);

	while (walk->bucket[at] != 0) {
		if (memcmp(&walk->node[walk->bucket[at] - 1].key, &node->key,
			sizeof(node->key)) == 0)
			return;
		at = (at + 1) % BUCKETS;
	}
	if (walk->count == NODES) {
		walk->full = true;
		return;
	}
	walk->node[walk->count++] = *node;
	walk->bucket[at] = (int32_t)walk->count;
}

/* ---- what is told ---- */

static void
add_step(const struct walk *walk, const struct node *node, char *way,
    size_t size)
{
	const struct mfa_pam_handler *handler =
	    &walk->stack->handler[node->line];
	size_t used = strlen(way);

	(void)snprintf(way + used, size - used, "%s%s %s (%s:%u)",
	    used != 0 ? ", " : "",
	    handler->line.kind == MFA_PAM_MODULE ?
		mfa_pam_base(handler->line.module) : "a line that fails:",
	    mfa_pam_code_name(node->code), handler->file, handler->number);
}

/* Lines that said nothing are left out. */
static void
tell_way(const struct walk *walk, const struct node *last, char *way,
    size_t size)
{
	const struct node *step[WAY_LONG];
	size_t n = 0;

	way[0] = '\0';
	for (; last->parent >= 0 && n < WAY_LONG;
	     last = &walk->node[last->parent]) {
		if (last->code != MFA_PAM_IGNORE ||
		    walk->class[last->line] == MFA_PAM_VERIFIES)
			step[n++] = last;
	}
	while (n > 0)
		add_step(walk, step[--n], way, size);
}

static void
sight(struct walk *walk, enum mfa_pam_sight_of what, const struct node *last,
    size_t line)
{
	struct mfa_pam_sight *at = &walk->view->of[what];

	if (at->seen)
		return;
	at->seen = true;
	at->line = line;
	at->ours = last->key.ours != 0 ? last->key.ours - 1U :
					 walk->stack->count;
	tell_way(walk, last, at->way, sizeof(at->way));
}

/* ---- events ---- */

/* Before a line runs. */
static void
look_before(struct walk *walk, const struct node *node)
{
	size_t at = node->key.at;
	uint8_t had = node->key.happened;
	const struct mfa_pam_handler *handler = &walk->stack->handler[at];

	walk->view->reached[at] = true;
	switch (walk->class[at]) {
	case MFA_PAM_VERIFIES:
		if ((had & FACTOR_NO) != 0 && (had & FACTOR_YES) == 0)
			sight(walk, MFA_PAM_AFTER_FAILURE, node, at);
		break;
	case MFA_PAM_FACTOR:
		if ((had & OURS_RAN) != 0 &&
		    (had & (FACTOR_YES | FACTOR_NO)) == 0)
			sight(walk, MFA_PAM_BEFORE_FACTOR, node, at);
		break;
	case MFA_PAM_TALLY:
		if (mfa_pam_arg(handler, "authfail") != NULL &&
		    (had & OURS_NO) != 0 && (had & FACTOR_YES) != 0)
			sight(walk, MFA_PAM_COUNTED, node, at);
		if (mfa_pam_arg(handler, "preauth") != NULL &&
		    (had & OURS_RAN) != 0)
			sight(walk, MFA_PAM_LATE_TALLY, node, at);
		break;
	default:
		break;
	}
}

/* Where pam_rootok sees the uid of who asks; elsewhere it is root's always. */
static const char asks_as_caller[] =
    "su su-l sudo sudo-i runuser runuser-l chsh chfn chpasswd passwd";

/*
 * A condition that lets in without a code exempts somebody, where a first
 * factor stands behind it: the password, or, as in sshd, perhaps a key.
 */
static bool
exempts(const struct walk *walk, uint8_t had)
{
	return (had & FACTOR_YES) != 0 ||
	    walk->stack->type == MFA_PAM_ACCOUNT ||
	    walk->stack->sshd;
}

static void
look_at_success(struct walk *walk, const struct node *node)
{
	uint8_t had = node->key.happened;
	size_t line = node->key.skipped != 0 ? node->key.skipped - 1U :
					       walk->stack->count;
	bool chosen = line < walk->stack->count &&
	    walk->class[line] == MFA_PAM_CHOICE;

	sight(walk, MFA_PAM_SUCCEEDS, node, line);
	if ((had & TWO_OF_OURS) != 0)
		sight(walk, MFA_PAM_TWICE, node, node->key.ours - 1U);
	if ((had & ROOT_YES) != 0 &&
	    mfa_word_among(walk->stack->service, asks_as_caller))
		return;
	if ((had & OURS_RAN) == 0)
		sight(walk, chosen && exempts(walk, had) ? MFA_PAM_EXEMPT :
							   MFA_PAM_BYPASS,
		    node, line);
	else if ((had & (OURS_YES | OURS_PASS)) == 0)
		sight(walk, MFA_PAM_FAIL_OPEN, node, node->key.ours - 1U);
	else if ((had & FACTOR_YES) == 0)
		sight(walk, (had & OURS_YES) != 0 ? MFA_PAM_CODE_ALONE :
						    MFA_PAM_NOTHING,
		    node, node->key.ours - 1U);
}

static void
look_at_end(struct walk *walk, const struct node *node)
{
	struct mfa_pam_state state;
	int result;

	to_state(&node->key, &state);
	result = mfa_pam_result(&state);
	/* An expired password is changed, and then lets in. */
	if (result == MFA_PAM_SUCCESS || (result == MFA_PAM_NEW_AUTHTOK &&
	    walk->stack->type == MFA_PAM_ACCOUNT))
		look_at_success(walk, node);
}

/* What a line's answer adds to the history. */
static uint8_t
happens(uint8_t class, uint8_t had, int code)
{
	bool yes = code == MFA_PAM_SUCCESS;

	switch (class) {
	case MFA_PAM_VERIFIES:
		if (yes)
			had |= (had & OURS_YES) != 0 ? TWO_OF_OURS : OURS_YES;
		else
			had |= code == MFA_PAM_IGNORE ? OURS_PASS : OURS_NO;
		break;
	case MFA_PAM_FACTOR:
		if (code != MFA_PAM_IGNORE)
			had |= yes ? FACTOR_YES : FACTOR_NO;
		break;
	case MFA_PAM_STRANGE:
		had |= yes ? FACTOR_YES : 0;
		break;
	case MFA_PAM_ROOT:
		had |= yes ? ROOT_YES : 0;
		break;
	default:
		break;
	}
	return had;
}

static void
note_skipped(const struct walk *walk, struct key *key, size_t from)
{
	for (size_t i = from + 1; i < key->at; i++) {
		if (walk->class[i] == MFA_PAM_VERIFIES)
			key->skipped = (uint16_t)(from + 1);
	}
}

/* A condition gives the same answer each time. */
static bool
remember(const struct walk *walk, struct key *key, size_t line, int code)
{
	uint8_t fact = walk->fact[line];
	uint32_t answer = code == MFA_PAM_SUCCESS ? 2 : 1, before;

	if (fact == NO_FACT)
		return true;
	before = key->facts >> (2 * fact) & 3;
	key->facts |= answer << (2 * fact);
	return before == 0 || before == answer;
}

static void
take(struct walk *walk, int32_t from, int code)
{
	struct node next = walk->node[from];
	struct mfa_pam_state state;
	size_t line = next.key.at;
	uint8_t class = walk->class[line];

	if (!remember(walk, &next.key, line, code))
		return;
	to_state(&next.key, &state);
	mfa_pam_step(walk->stack, &state, code);
	to_key(walk, &state, &next.key);
	next.parent = from;
	next.line = (int16_t)line;
	next.code = (int16_t)code;
	next.key.happened = happens(class, next.key.happened, code);
	if (class == MFA_PAM_VERIFIES)
		next.key.ours = (uint16_t)(line + 1);
	note_skipped(walk, &next.key, line);
	if (state.bad_jump)
		sight(walk, MFA_PAM_BAD_JUMP, &next, line);
	add_node(walk, &next);
}

/* Those that mean something here come first, and then the usual refusal. */
static int
code_in_turn(int turn)
{
	static const int first[] = { MFA_PAM_SUCCESS, MFA_PAM_IGNORE,
		MFA_PAM_NEW_AUTHTOK, MFA_PAM_AUTH_ERR };
	const int n = sizeof(first) / sizeof(first[0]);

	if (turn < n)
		return first[turn];
	turn -= n;
	for (int code = 0; code < MFA_PAM_CODES; code++) {
		bool had = false;

		for (int i = 0; i < n; i++)
			had |= first[i] == code;
		if (!had && turn-- == 0)
			return code;
	}
	return MFA_PAM_SYSTEM_ERR;
}

/* Of refusals that do the same, one is enough. */
static void
take_all(struct walk *walk, int32_t from)
{
	size_t line = walk->node[from].key.at;
	const int *actions = walk->stack->handler[line].line.actions;
	uint32_t codes = mfa_pam_returns(&walk->stack->handler[line],
	    walk->stack->service);
	int done[MFA_PAM_CODES], n = 0;

	for (int turn = 0; turn < MFA_PAM_CODES; turn++) {
		int code = code_in_turn(turn);
		bool again = false;

		if ((codes >> code & 1) == 0)
			continue;
		for (int i = 0; i < n; i++)
			again |= done[i] == actions[code];
		if (again)
			continue;
		take(walk, from, code);
		if (turn > 2)
			done[n++] = actions[code];
	}
}

/* ---- all of it ---- */

static bool
same_line(const struct mfa_pam_line *a, const struct mfa_pam_line *b)
{
	if (a->argc != b->argc || !mfa_word_same(a->module, b->module))
		return false;
	for (size_t i = 0; i < a->argc; i++) {
		if (!mfa_word_same(a->args[i], b->args[i]))
			return false;
	}
	return true;
}

static void
find_facts(struct walk *walk)
{
	uint8_t facts = 0;

	for (size_t i = 0; i < walk->stack->count; i++) {
		const struct mfa_pam_handler *handler =
		    &walk->stack->handler[i];
		uint8_t class = (uint8_t)mfa_pam_class_of(handler);

		walk->class[i] = class;
		walk->fact[i] = NO_FACT;
		if (class != MFA_PAM_CHOICE && class != MFA_PAM_SORTS &&
		    class != MFA_PAM_ROOT)
			continue;
		for (size_t j = 0; j < i && walk->fact[i] == NO_FACT; j++) {
			if (walk->fact[j] != NO_FACT &&
			    same_line(&handler->line,
				&walk->stack->handler[j].line))
				walk->fact[i] = walk->fact[j];
		}
		if (walk->fact[i] == NO_FACT && facts < FACTS)
			walk->fact[i] = facts++;
	}
}

static void
explore(struct walk *walk)
{
	struct mfa_pam_state state;
	struct node first;

	find_facts(walk);
	memset(&first, 0, sizeof(first));
	first.parent = -1;
	mfa_pam_begin(walk->stack, &state);
	to_key(walk, &state, &first.key);
	add_node(walk, &first);
	for (size_t i = 0; i < walk->count; i++) {
		if (walk->node[i].key.at >= walk->stack->count) {
			look_at_end(walk, &walk->node[i]);
		} else {
			look_before(walk, &walk->node[i]);
			take_all(walk, (int32_t)i);
		}
	}
	walk->view->complete = !walk->full;
}

enum mfa_err
mfa_pam_explore(const struct mfa_pam_stack *stack, struct mfa_pam_view *view)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	enum mfa_err r = MFA_ERR_MEMORY;

	memset(view, 0, sizeof(*view));
	if (walk == NULL)
		return r;
	walk->stack = stack;
	walk->view = view;
	walk->node = calloc(NODES, sizeof(*walk->node));
	walk->bucket = calloc(BUCKETS, sizeof(*walk->bucket));
	if (walk->node != NULL && walk->bucket != NULL) {
		explore(walk);
		r = MFA_OK;
	}
	free(walk->node);
	free(walk->bucket);
	free(walk);
	return r;
}
