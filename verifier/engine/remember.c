/* SPDX-License-Identifier: MIT */
/* MUST list: remember.h. */
#include "verifier/engine/remember.h"

#include <string.h>

#include "verifier/crypt/crypt.h"
#include "verifier/engine/repo.h"
#include "verifier/engine/report.h"

#define PLACES                                                                 \
	(sizeof(((mfa_record_Record *)NULL)->remembered) /                     \
	    sizeof(((mfa_record_Record *)NULL)->remembered[0]))
#define HASH 16 /* bytes, the least there is */

/* What makes a place: two parts after the service. */
struct parts {
	struct mfa_config_address address;
	uint64_t number[4];
	struct mfa_crypt_part part[2];
};

/* Returns: NULL, or why the place cannot be told from another. */
static const char *
tell_apart(const struct mfa_caller *caller, struct parts *out)
{
	if (caller->path != MFA_PATH_ROOT)
		return "the program that asks is not root's";
	if (caller->rhost[0] != '\0') {
		if (!caller->key_used)
			return "it comes from another host, and no public key "
			       "was used";
		if (mfa_config_address_parse(caller->rhost, &out->address) !=
		    MFA_OK)
			return "the remote host is a name, not an address";
		if (mfa_config_address_is_loopback(&out->address))
			return "it comes through this host itself";
		out->part[0] = (struct mfa_crypt_part){ "host", 4 };
		out->part[1] = (struct mfa_crypt_part){ &out->address,
			sizeof(out->address) };
		return NULL;
	}
	if (caller->tty[0] == '\0')
		return "it has neither a terminal nor a remote host";
	if (caller->seat.session == 0)
		return "it is in no audit session: pam_loginuid makes one";
	out->part[0] = (struct mfa_crypt_part){ caller->tty,
		strlen(caller->tty) };
	/* No padding: it is hashed. */
	out->number[0] = caller->seat.session;
	out->number[1] = caller->seat.ruid;
	out->number[2] = caller->seat.leader;
	out->number[3] = caller->seat.leader_since;
	out->part[1] = (struct mfa_crypt_part){ out->number,
		sizeof(out->number) };
	return NULL;
}

static enum mfa_err
bind(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct parts *parts, uint32_t methods, uint64_t *out)
{
	struct mfa_now now;
	uint8_t hash[HASH];
	enum mfa_err r;

	if ((r = engine->env->now(engine->env, &now)) != MFA_OK)
		return r;
	const struct mfa_crypt_part all[] = {
		{ now.boot_id, sizeof(now.boot_id) },
		{ caller->service, strlen(caller->service) },
		parts->part[0],
		parts->part[1],
		/* What is let in by fewer methods now was not proven by one. */
		{ &methods, sizeof(methods) },
	};

	r = mfa_crypt_hash(NULL, all, sizeof(all) / sizeof(all[0]), hash,
	    sizeof(hash));
	if (r == MFA_OK)
		memcpy(out, hash, sizeof(*out));
	return r;
}

void
mfa_remember_place(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_policy *policy, struct mfa_remember *out)
{
	struct parts parts;

	memset(out, 0, sizeof(*out));
	memset(&parts, 0, sizeof(parts));
	if (policy->rule == NULL || policy->trouble != MFA_TROUBLE_NONE ||
	    policy->rule->remember_seconds == 0)
		return;
	out->why = tell_apart(caller, &parts);
	if (out->why != NULL)
		return;
	if (bind(engine, caller, &parts, policy->provides,
	    &out->binding) != MFA_OK) {
		out->why = "this boot cannot be told from another";
		return;
	}
	out->seconds = policy->rule->remember_seconds;
	out->known = true;
}

/* One of the future is of a record that was put back. */
static bool
counts(const mfa_record_Remembered *r, uint64_t lapse, uint32_t seconds)
{
	return r->since <= lapse && lapse - r->since < seconds;
}

bool
mfa_remember_has(const mfa_record_Record *record,
    const struct mfa_clock *clock, const struct mfa_remember *place)
{
	if (!place->known || !record->enrolled)
		return false;
	for (pb_size_t i = 0; i < record->remembered_count; i++) {
		if (record->remembered[i].binding == place->binding &&
		    counts(&record->remembered[i], clock->lapse,
			place->seconds))
			return true;
	}
	return false;
}

static void
drop(mfa_record_Record *record, pb_size_t i)
{
	record->remembered_count--;
	memmove(&record->remembered[i], &record->remembered[i + 1],
	    (record->remembered_count - i) * sizeof(record->remembered[0]));
	memset(&record->remembered[record->remembered_count], 0,
	    sizeof(record->remembered[0]));
}

void
mfa_remember_add(mfa_record_Record *record, const struct mfa_clock *clock,
    const struct mfa_remember *place)
{
	if (!place->known || clock->lapse > UINT32_MAX)
		return;
	for (pb_size_t i = record->remembered_count; i-- > 0;) {
		if (record->remembered[i].binding == place->binding)
			drop(record, i);
	}
	if (record->remembered_count == PLACES)
		drop(record, 0);
	record->remembered[record->remembered_count++] =
	    (mfa_record_Remembered){ .binding = place->binding,
		.since = (uint32_t)clock->lapse };
}

void
mfa_remember_void(mfa_record_Record *record)
{
	memset(record->remembered, 0, sizeof(record->remembered));
	record->remembered_count = 0;
}

/* Nothing changes but the stamp: what counts is that it was still there. */
static enum mfa_err
apply_use(void *ctx, mfa_record_Record *record, const struct mfa_clock *clock)
{
	return mfa_remember_has(record, clock, ctx) ? MFA_OK :
						      MFA_ERR_NOT_FOUND;
}

enum mfa_err
mfa_remember_use(struct mfa_engine *engine, const struct mfa_subject *subject,
    const struct mfa_remember *place)
{
	struct mfa_remember wanted = *place;

	return mfa_repo_change(engine, subject,
	    (struct mfa_delta){ apply_use, &wanted });
}

static enum mfa_err
apply_forget(void *ctx, mfa_record_Record *record,
    const struct mfa_clock *clock)
{
	uint32_t *count = ctx;

	(void)clock;
	*count = record->remembered_count;
	if (*count == 0)
		return MFA_ERR_NOT_FOUND;
	mfa_remember_void(record);
	return MFA_OK;
}

enum mfa_err
mfa_remember_forget(struct mfa_engine *engine, const struct mfa_caller *caller,
    const struct mfa_subject *subject, uint32_t *count)
{
	const struct mfa_report_why why = { .type = MFA_EVENT_FORGOTTEN };
	enum mfa_err r;

	*count = 0;
	if (caller->right == MFA_RIGHT_NONE)
		return MFA_ERR_DENIED;
	r = mfa_repo_change(engine, subject,
	    (struct mfa_delta){ apply_forget, count });
	if (r == MFA_OK)
		mfa_report_why(engine, caller, subject, &why);
	else if (r == MFA_ERR_NOT_FOUND && subject->known)
		r = MFA_OK;
	return r == MFA_ERR_NOT_FOUND ? MFA_ERR_NO_USER : r;
}

uint32_t
mfa_remember_count(const struct mfa_config *config,
    const mfa_record_Record *record, const struct mfa_clock *clock)
{
	uint32_t longest = 0, count = 0;

	for (uint32_t i = 0; i < config->rule_count; i++) {
		if (config->rule[i].remember_seconds > longest)
			longest = config->rule[i].remember_seconds;
	}
	for (pb_size_t i = 0; i < record->remembered_count; i++)
		count += counts(&record->remembered[i], clock->lapse, longest);
	return count;
}
