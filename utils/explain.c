/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/text.h"
#include "utils/ask.h"
#include "utils/command.h"
#include "utils/doctor/pam_stack.h"
#include "utils/options.h"
#include "utils/out.h"

#define DAY 86400U

/* The login that is asked about. */
struct place {
	const char *user;
	const char *service;
	const char *host; /* "" for none */
};

/* Words for the numbers of wire.proto, in their order. */
struct word {
	const char *json;
	const char *text;
};

static const struct word outcomes[] = {
	{ NULL, "nothing is known" },
	{ "asked", "would be asked for a code" },
	{ "passes", "would pass without a code" },
	{ "refused", "would be refused" },
	{ "enrolls", "would add a factor in the login itself" },
};

static const struct word decisions[] = {
	{ NULL, NULL },
	{ "require", "require" },
	{ "optional", "optional" },
	{ "exempt", "exempt" },
	{ "deny", "deny" },
};

/* The options of [mfa] that come to the same. */
static const struct word without_rule[] = {
	{ NULL, NULL },
	{ NULL, "require = all" },
	{ NULL, "require = enrolled" },
	{ NULL, "exempt_users has the user" },
	{ NULL, NULL },
};

#define WORD(words, number) \
	(&(words)[(size_t)(number) < sizeof(words) / sizeof((words)[0]) ? \
		(size_t)(number) : 0])

/* A zone of the host itself, behind %, is no part of an address. */
static bool
is_numeric(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];
	size_t len = strcspn(host, "%");

	if (len >= sizeof(text))
		return false;
	(void)memcpy(text, host, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, address) == 1 ||
	    (host[len] == '\0' && inet_pton(AF_INET, text, address) == 1);
}

static int
fill(const struct mfa_args *args, mfa_wire_Explain *explain)
{
	const char *host = args->count > 2 ? args->operand[2] : "";
	int code;

	code = mfa_ask_name(explain->user, sizeof(explain->user),
	    args->operand[0]);
	if (code == MFA_EXIT_DONE)
		code = mfa_ask_name(explain->service, sizeof(explain->service),
		    args->operand[1]);
	if (code != MFA_EXIT_DONE)
		return code;
	if (args->count > 2 && (!is_numeric(host) ||
	    !mfa_text_copy(explain->rhost, sizeof(explain->rhost), host))) {
		mfa_out_error("explain: HOST must be a numeric address: rules "
			      "never look at names");
		return MFA_EXIT_USAGE;
	}
	if (args->tty != NULL)
		(void)mfa_text_copy(explain->tty, sizeof(explain->tty),
		    args->tty);
	explain->key_used = args->key_used;
	return MFA_EXIT_DONE;
}

static void
line(const char *title, const char *text)
{
	char clean[1200];

	mfa_out_clean(text, clean, sizeof(clean));
	(void)printf("  %-10s %s\n", title, clean);
}

static void
head_line(const mfa_wire_Explained *e, const struct place *place)
{
	bool far = place->host[0] != '\0';
	char text[700], clean[2800];

	(void)snprintf(text, sizeof(text), "%s at %s%s%s: %s.", place->user,
	    place->service, far ? " from " : "", place->host,
	    WORD(outcomes, e->outcome)->text);
	mfa_out_clean(text, clean, sizeof(clean));
	(void)printf("%s\n", clean);
	if (!e->known) {
		(void)snprintf(text, sizeof(text), "%s is unknown to this host",
		    place->user);
		line("User:", text);
	}
}

/*
 * As it stands in the configuration, where it can be found; but a rule of which
 * a condition cannot be looked at requires, whatever it says.
 */
static void
rule_lines(const mfa_wire_Explained *e)
{
	const bool ruled = e->rule[0] != '\0';
	const char *says = WORD(decisions, e->decision)->text;
	char text[150];

	if (!ruled)
		says = WORD(without_rule, e->decision)->text;
	(void)snprintf(text, sizeof(text), "%s%s%s", ruled ? e->rule :
		"none", says == NULL ? "" :
		ruled ? ", so decision = " : ", so section [mfa] counts: ",
	    says != NULL ? says : "");
	line("Rule:", text);
	line("Because:", e->why);
}

static void
methods_line(const mfa_wire_Explained *e, const struct place *place)
{
	char text[600];

	if (!e->known || e->problem[0] != '\0')
		(void)snprintf(text, sizeof(text), "%s", e->methods);
	else if (!e->enrolled)
		(void)snprintf(text, sizeof(text), "%s; %s is not enrolled",
		    e->methods, place->user);
	else
		(void)snprintf(text, sizeof(text),
		    "%s; %s has %u usable factor%s", e->methods, place->user,
		    e->usable_factors, mfa_out_s(e->usable_factors));
	line("Methods:", text);
}

/* The last day: what is known of it is its end, in UTC. */
static void
last_day(uint64_t end, char day[MFA_OUT_DATE])
{
	mfa_out_date(end - 1, true, day);
	day[strcspn(day, "T")] = '\0';
}

static void
enrolment_line(const mfa_wire_Explained *e)
{
	const uint64_t now = (uint64_t)time(NULL);
	char text[100], day[MFA_OUT_DATE];
	uint64_t left;

	if (e->logins_counted) {
		(void)snprintf(text, sizeof(text), "%u login%s left",
		    e->logins_left, mfa_out_s(e->logins_left));
		line("Enrolment:", text);
	}
	if (e->enroll_until == 0)
		return;
	last_day(e->enroll_until, day);
	left = e->enroll_until > now ?
	    (e->enroll_until - now + DAY - 1) / DAY : 0;
	(void)snprintf(text, sizeof(text), "by %s, %llu day%s left", day,
	    (unsigned long long)left, mfa_out_s(left));
	if (left == 0)
		(void)snprintf(text, sizeof(text), "was due by %s", day);
	line("Enrolment:", text);
}

static void
remember_line(const mfa_wire_Explained *e)
{
	bool why = e->remember_why[0] != '\0';
	char text[300], span[MFA_OUT_DATE];

	if (e->remember_seconds == 0 && !why)
		return;
	if (e->remember_seconds == 0) {
		(void)snprintf(text, sizeof(text), "no: %s", e->remember_why);
		line("Remember:", text);
		return;
	}
	mfa_out_span(e->remember_seconds, span);
	(void)snprintf(text, sizeof(text), "%s; remembered now: %s%s%s%s", span,
	    e->remembered ? "yes" : "no", why ? " (" : "", e->remember_why,
	    why ? ")" : "");
	line("Remember:", text);
}

static void
locked_line(const mfa_wire_Explained *e, const struct place *place)
{
	char text[600], span[MFA_OUT_DATE];

	if (e->locked_seconds == 0)
		return;
	mfa_out_span(e->locked_seconds, span);
	(void)snprintf(text, sizeof(text), "for %s, after wrong codes: only a "
		"recovery code is looked at (medusa-mfa unlock %s)", span,
	    place->user);
	line("Locked:", text);
}

/* True unless it was read whole and has no line of ours for a login. */
static bool
may_have_ours(const struct mfa_tree *tree, const char *service)
{
	struct mfa_pam_stack stack;
	bool has = false;

	for (int type = MFA_PAM_AUTH; !has && type <= MFA_PAM_ACCOUNT; type++) {
		if (mfa_pam_stack_load(tree, service, (enum mfa_pam_type)type,
			&stack) != MFA_OK)
			return true;
		has = stack.fatal != NULL || mfa_pam_has_ours(&stack);
		mfa_pam_stack_free(&stack);
	}
	return has;
}

/* Services go by the names of their files; sshd is not ssh. */
static void
service_line(const struct place *place)
{
	struct mfa_tree here;
	char text[300];

	if (mfa_tree_open(NULL, &here) != MFA_OK)
		return;
	if (!mfa_pam_has_file(&here, place->service)) {
		(void)snprintf(text, sizeof(text), "there is no /etc/pam.d/%s",
		    place->service);
		line("Note:", text);
	} else if (!may_have_ours(&here, place->service)) {
		(void)snprintf(text, sizeof(text),
		    "/etc/pam.d/%s has no line of pam_medusa_mfa.so",
		    place->service);
		line("Note:", text);
	}
	mfa_tree_close(&here);
}

static int
print_text(const mfa_wire_Explained *e, const struct place *place)
{
	head_line(e, place);
	rule_lines(e);
	methods_line(e, place);
	locked_line(e, place);
	enrolment_line(e);
	remember_line(e);
	if (e->problem[0] != '\0')
		line("Problem:", e->problem);
	service_line(place);
	return MFA_EXIT_DONE;
}

/* A text; null where there is none. */
static json_t *
text_or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? mfa_out_json_text(text) :
						 json_null();
}

/* Words with one blank between them, as a list. */
static json_t *
word_list(const char *words)
{
	json_t *list = json_array();

	while (list != NULL && *words != '\0') {
		size_t len = strcspn(words, " ");
		json_t *word = json_stringn(words, len);

		/* Takes the word over, also when it fails; refuses NULL. */
		if (json_array_append_new(list, word) != 0) {
			json_decref(list);
			return NULL;
		}
		words += len;
		words += strspn(words, " ");
	}
	return list;
}

static int
print_json(const mfa_wire_Explained *e, const struct place *place)
{
	json_t *left = e->logins_counted ? json_integer(e->logins_left) :
					   json_null();

	return mfa_out_json_line(json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,"
		"s:b,s:b,s:I,s:I,s:o,s:o,s:I,s:o,s:b,s:o}",
	    "user", mfa_out_json_text(place->user), "service",
	    mfa_out_json_text(place->service), "host",
	    text_or_null(place->host), "outcome",
	    text_or_null(WORD(outcomes, e->outcome)->json), "decision",
	    text_or_null(WORD(decisions, e->decision)->json), "rule",
	    text_or_null(e->rule), "why", mfa_out_json_text(e->why), "methods",
	    word_list(e->methods), "known", e->known, "enrolled", e->enrolled,
	    "usable_factors", (json_int_t)e->usable_factors, "locked_seconds",
	    (json_int_t)e->locked_seconds, "enroll_until",
	    mfa_out_json_date(e->enroll_until), "logins_left", left,
	    "remember_seconds", (json_int_t)e->remember_seconds,
	    "remember_why", mfa_out_json_text(e->remember_why), "remembered",
	    e->remembered, "problem", mfa_out_json_text(e->problem)));
}

int
mfa_cmd_explain(const struct mfa_args *args)
{
	const mfa_wire_Explained *explained;
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	mfa_wire_Reply reply;
	struct place place;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_explain_tag;
	if ((code = fill(args, &request.what.explain)) != MFA_EXIT_DONE)
		return code;
	if (mfa_ask_one(&request, mfa_wire_Reply_explained_tag, &reply,
	    &problem) != MFA_OK)
		return mfa_ask_failed(&problem);
	explained = &reply.what.explained;
	place.user = explained->user[0] != '\0' ? explained->user :
						 request.what.explain.user;
	place.service = request.what.explain.service;
	place.host = request.what.explain.rhost;
	return args->json ? print_json(explained, &place) :
			    print_text(explained, &place);
}
