/* SPDX-License-Identifier: MIT */
/* What must hold after a strike: the MUST list of sweep.c. */
#include "config.h"

#include "tests/proof/faults/sweep.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

void
sweep_word(const struct sweep *s, char out[32])
{
	const struct strike_result *r = &s->result;
	size_t n;

	if (s->c->argv != NULL) {
		(void)snprintf(out, 32, "%s",
		    WIFEXITED(r->status) && WEXITSTATUS(r->status) == 0 ?
			"ok" :
			"failed");
		return;
	}
	(void)snprintf(out, 32, "%.31s", r->output);
	n = strcspn(out, "\n");
	out[n] = '\0';
}

void
sweep_bad(struct sweep *s, const char *what)
{
	char word[32];

	s->bad++;
	sweep_word(s, word);
	if (s->bad <= 20)
		(void)printf("# %s: %s: %s (said %s) %s\n", s->c->name,
		    s->where, what, word, s->result.path);
	(void)fflush(stdout);
}

/* ---- what must hold ---- */

static void
check_leaks(struct sweep *s, const char *who, const struct fault_page *clean,
    const struct fault_page *now)
{
	char text[120];

	if (now->left_memory == SWEEP_UNKNOWN || clean->left_memory == SWEEP_UNKNOWN)
		return;
	/* A module that was loaded stays, with some memory of libc's. */
	if (now->left_memory <= clean->left_memory &&
	    now->left_descriptors <= 0 && now->left_maps <= 0 &&
	    now->left_children <= 0 && now->left_locks <= 0)
		return;
	(void)snprintf(text, sizeof(text),
	    "R20: %s leaves memory %d (%d), descriptors %d, locked %d, "
	    "children %d, locks %d", who, now->left_memory,
	    clean->left_memory, now->left_descriptors, now->left_maps,
	    now->left_children, now->left_locks);
	sweep_bad(s, text);
}

static bool
is_used(const struct scene_facts *before, const struct scene_facts *now)
{
	return now->step > before->step || now->recovery > before->recovery ||
	    (before->sent && !now->sent) || (before->bypass && !now->bypass);
}

/* A replay that is given back was charged as well, and that is noted. */
static bool
is_charged(const struct scene_facts *before, const struct scene_facts *now)
{
	return now->wrong > before->wrong || now->compared > before->compared ||
	    now->given_back > before->given_back || is_used(before, now);
}

/*
 * Charged and not compared is the safe way, and only a call of the verifier
 * leads there that failed after the debit's write had begun.
 */
static void
check_uncompared(struct sweep *s)
{
	uint32_t phases = s->verifier->struck_in;

	s->uncompared++;
	if (s->plan.role == STRIKE_VERIFIER) {
		phases = 1u << s->result.phase;
		if (s->result.nr >= 0 && s->result.nr < SWEEP_NUMBERS)
			s->uncompared_call[s->result.nr]++;
	} else if (s->plan.role == STRIKE_NOBODY) {
		s->uncompared_kind[s->verifier->kind % FAULT_KINDS]++;
	}
	if ((phases & 1u << FAULT_WRITTEN) == 0)
		sweep_bad(s, "R7: charged, not compared, and struck elsewhere");
}

/* libpam may fail after the module let in who gave a code. */
static void
check_mark(struct sweep *s, const char *word, const struct scene_facts *now)
{
	if (strcmp(word, "unmarked") == 0 &&
	    !(s->c->once && is_used(&s->scene.before, now)))
		sweep_bad(s, "R24: let in by key alone, the login had failed");
}

/* R7: what the machine saw of the comparison, and what the record says. */
static void
check_charge(struct sweep *s, const struct scene_facts *now)
{
	const struct scene_facts *before = &s->scene.before;
	bool charged = is_charged(before, now);
	bool debited = s->killing && s->result.syncs != 0 &&
	    (s->c->charges || s->c->once);

	if (s->verifier->undebited != 0)
		sweep_bad(s, "R7: compared without a durable debit");
	if (s->verifier->compared != 0 && !charged)
		sweep_bad(s, "R7: compared, not charged");
	if (debited && !charged)
		sweep_bad(s, "R7: a debit that was synced is lost");
	if (now->wrong > before->wrong + 1)
		sweep_bad(s, "R7: charged twice");
	/* The one that ships does not say what it compares, nor one that did
	   not get its page. */
	if (s->verifier->begun != 0 &&
	    s->verifier->begun >= s->clean_verifier.begun && charged &&
	    s->verifier->compared == 0)
		check_uncompared(s);
}

/* R6: in this run, and twice more. */
static void
check_once(struct sweep *s, bool success)
{
	unsigned int good = success;

	good += scene_again(&s->scene);
	s->again += good > success;
	good += scene_again(&s->scene);
	if (s->c->once && good > 1)
		sweep_bad(s, "R6: a code was good twice");
	s->lost += s->c->once && good == 0;
	if (s->c->charges && good != 0)
		sweep_bad(s, "R3: a wrong code was good");
}

static void
check_word(struct sweep *s, const char *word)
{
	if ((strcmp(word, "success") == 0 || strcmp(word, "ignore") == 0) &&
	    strcmp(word, s->c->clean) != 0)
		sweep_bad(s, "R1, R2, R3: let in");
	s->let_in += strcmp(word, "success") == 0 ||
	    strcmp(word, "ignore") == 0 || strcmp(word, "ok") == 0;
}

void
sweep_check_clean(struct sweep *s)
{
	bool watched = s->warm || s->verifier->begun != 0;

	if (watched && s->c->compares && s->verifier->compared == 0)
		sweep_bad(s, "R7: no comparison was seen");
	if (!s->c->compares && s->verifier->compared != 0)
		sweep_bad(s, "R7: a comparison where there is none");
	sweep_check(s);
}

void
sweep_check(struct sweep *s)
{
	const struct scene_case *c = s->c;
	struct scene_facts now;
	char word[32];
	enum mfa_err r;

	sweep_word(s, word);
	check_word(s, word);
	if (s->result.hung)
		sweep_bad(s, "R28: a process does not end");
	if (!scene_unlocked(&s->scene))
		sweep_bad(s, "R20: a lock is left");
	r = scene_read(&s->scene, &now);
	if (r != MFA_OK && !(c->creates && r == MFA_ERR_NOT_FOUND)) {
		sweep_bad(s, mfa_strerror(r));
		return;
	}
	if (s->scene.before.enrolled && !now.enrolled)
		sweep_bad(s, "R2: is not enrolled any more");
	if (c->argv != NULL && strcmp(word, "ok") == 0 &&
	    strcmp(c->name, "enrolment") == 0 && !now.enrolled)
		sweep_bad(s, "R1: confirmed, and not enrolled");
	if (c->argv != NULL && strcmp(word, "ok") == 0 &&
	    strcmp(c->name, "rekey") == 0 && !now.moved)
		sweep_bad(s, "R29: moved, and is not");
	/* Ids and codes are others, their lengths are not. */
	if (c->argv != NULL && strcmp(word, "ok") == 0 &&
	    strlen(s->result.output) != strlen(s->clean.output))
		sweep_bad(s, "done, and not all of it was said");
	if (strcmp(word, "success") == 0 && c->once &&
	    !is_used(&s->scene.before, &now))
		sweep_bad(s, "R1: success, and the code is not used");
	check_mark(s, word, &now);
	check_charge(s, &now);
	if (c->argv == NULL)
		check_once(s, strcmp(word, "success") == 0);
	/* Struck before its beginning was noted, it has none to look at. */
	if (s->plan.role >= STRIKE_VERIFIER || !s->result.early)
		check_leaks(s, "client", &s->clean_client, s->client);
	if (s->warm && (s->plan.role < STRIKE_VERIFIER || !s->result.early))
		check_leaks(s, "verifier", &s->clean_verifier, s->verifier);
}
