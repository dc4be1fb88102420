/* SPDX-License-Identifier: MIT */
#include "utils/factor.h"

#include <stdio.h>
#include <string.h>

#include "utils/command.h"
#include "utils/out.h"
#include "utils/whose.h"

struct search {
	const char *name;
	const char *address;
	bool found;
	mfa_wire_FactorInfo factor;
};

enum mfa_factor_kind
mfa_factor_kind(const char *provider)
{
	if (provider == NULL || provider[0] == '\0' ||
	    strcmp(provider, "totp") == 0)
		return MFA_FACTOR_TOTP;
	if (strcmp(provider, "hotp") == 0)
		return MFA_FACTOR_HOTP;
	if (strcmp(provider, "otp") == 0)
		return MFA_FACTOR_OTP;
	return MFA_FACTOR_OUTSIDE;
}

static bool
fits(const struct search *search, const mfa_wire_FactorInfo *factor)
{
	if (strcmp(factor->status, "pending") != 0)
		return false;
	if (search->name != NULL)
		return strcmp(factor->id, search->name) == 0 ||
		    strcmp(factor->label, search->name) == 0;
	return (search->address == NULL ||
		   strcmp(factor->address, search->address) == 0) &&
	    (!search->found || factor->created >= search->factor.created);
}

static enum mfa_err
visit(void *ctx, const mfa_wire_Reply *reply)
{
	struct search *search = ctx;

	if (fits(search, &reply->what.factor)) {
		search->factor = reply->what.factor;
		search->found = true;
	}
	return MFA_OK;
}

/*
 * pending: it could be no other
 * name:    NULL if any would have done
 */
static enum mfa_err
not_found(const struct mfa_args *args, bool pending, const char *name,
    struct mfa_ask_problem *problem)
{
	char who[MFA_WHOSE], whose[MFA_WHOSE], shown[100];

	mfa_whose_name(args, args->user, who);
	mfa_whose_options(args, whose);
	mfa_out_clean(name != NULL ? name : "", shown, sizeof(shown));
	mfa_ask_explain(MFA_ERR_NOT_FOUND, problem);
	(void)snprintf(problem->text, sizeof(problem->text),
	    "%.120s has no %sfactor%s%s%s (see: medusa-mfa list%.120s)", who,
	    pending ? "pending " : "", shown[0] != '\0' ? " " : "", shown,
	    pending ? ", or it expired" : "", whose);
	return MFA_ERR_NOT_FOUND;
}

static enum mfa_err
each(const struct mfa_args *args,
    enum mfa_err (*see)(void *ctx, const mfa_wire_Reply *reply), void *ctx,
    struct mfa_ask_problem *problem)
{
	mfa_wire_Request request;
	mfa_wire_List *list = &request.what.list;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_list_tag;
	if (mfa_ask_subject(list->user, list->realm, args->user,
		args->realm) != MFA_EXIT_DONE) {
		mfa_ask_explain(MFA_ERR_INVALID, problem);
		return MFA_ERR_INVALID;
	}
	return mfa_ask_each(&request, mfa_wire_Reply_factor_tag, see, ctx,
	    problem);
}

enum mfa_err
mfa_factor_pending(const struct mfa_args *args, const char *name,
    const char *address, mfa_wire_FactorInfo *out,
    struct mfa_ask_problem *problem)
{
	struct search search = { .name = name, .address = address };
	enum mfa_err r;

	if ((r = each(args, visit, &search, problem)) != MFA_OK)
		return r;
	if (!search.found)
		return not_found(args, true, name, problem);
	*out = search.factor;
	return MFA_OK;
}

bool
mfa_factor_is_stuck(const mfa_wire_FactorInfo *factor)
{
	return strcmp(factor->status, "pending") == 0 &&
	    factor->locked_seconds != 0 &&
	    factor->locked_seconds >= factor->expires_seconds;
}

/* ---- one among all ---- */

struct looking {
	const char *name;
	unsigned int rank; /* of what was found */
	struct mfa_factor_look look;
};

static bool
is_enabled(const mfa_wire_FactorInfo *factor)
{
	return strcmp(factor->status, "enabled") == 0 ||
	    strcmp(factor->status, "blocked") == 0;
}

/* As the verifier chooses: the id, the label, that of one which is gone. */
static unsigned int
rank_of(const struct looking *l, const mfa_wire_FactorInfo *factor)
{
	if (strcmp(factor->id, l->name) == 0)
		return 3;
	if (strcmp(factor->label, l->name) != 0)
		return 0;
	return strcmp(factor->status, "disabled") != 0 ? 2 : 1;
}

static enum mfa_err
look_at(void *ctx, const mfa_wire_Reply *reply)
{
	const mfa_wire_FactorInfo *factor = &reply->what.factor;
	struct looking *l = ctx;
	unsigned int rank = rank_of(l, factor);

	l->look.others += is_enabled(factor);
	l->look.usable += is_enabled(factor) && !factor->provider_off;
	if (rank > l->rank) {
		l->rank = rank;
		l->look.factor = *factor;
	}
	return MFA_OK;
}

enum mfa_err
mfa_factor_look(const struct mfa_args *args, const char *name,
    struct mfa_factor_look *out, struct mfa_ask_problem *problem)
{
	struct looking l = { .name = name };
	enum mfa_err r;

	if ((r = each(args, look_at, &l, problem)) != MFA_OK)
		return r;
	if (l.rank == 0)
		return not_found(args, false, name, problem);
	l.look.enabled = is_enabled(&l.look.factor);
	l.look.others -= l.look.enabled;
	l.look.usable -= l.look.enabled && !l.look.factor.provider_off;
	*out = l.look;
	return MFA_OK;
}
