/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utils/account.h"
#include "utils/ask.h"
#include "utils/options.h"
#include "utils/out.h"
#include "utils/term.h"
#include "utils/whose.h"

static const struct mfa_out_column columns[] = {
	{ "USER", 20 }, { "UID", 10 }, { "ENROLLED", 8 }, { "FACTORS", 7 },
	{ "RECOVERY", 8 }, { "LOCKED", 8 }, { "PROBLEM", 0 },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const char *
enrolled(const mfa_wire_Account *account)
{
	if (account->enrolled)
		return "yes";
	return account->invited_seconds != 0 ? "invited" : "no";
}

static void
add_row(const struct mfa_args *args, const mfa_wire_Account *account)
{
	char uid[16] = "-", factors[32], recovery[16], locked[MFA_OUT_DATE] = "-";
	const char *cells[COLUMNS] = { account->user, uid, enrolled(account),
		factors, recovery, locked,
		account->problem[0] != '\0' ? account->problem : "-" };

	if (mfa_whose_is_unix(args))
		(void)snprintf(uid, sizeof(uid), "%u", account->uid);
	(void)snprintf(factors, sizeof(factors), "%u",
	    account->usable_factors);
	if (account->usable_factors < account->enabled_factors)
		(void)snprintf(factors, sizeof(factors), "%u of %u",
		    account->usable_factors, account->enabled_factors);
	(void)snprintf(recovery, sizeof(recovery), "%u",
	    account->recovery_left);
	if (account->locked_seconds != 0)
		mfa_out_span(account->locked_seconds, locked);
	if (account->blocked)
		(void)memcpy(locked, "blocked", 8);
	/* Of a record that cannot be used nothing but the name is known. */
	for (int i = 1; i < 5 && account->problem[0] != '\0'; i++)
		cells[i] = "?";
	mfa_out_row(columns, COLUMNS, cells);
}

/* ---- all of them ---- */

/* The texts of an account, which are mostly not that long, in their order. */
#define TEXT(member)                                                           \
	{ offsetof(mfa_wire_Account, member),                                  \
	    sizeof(((mfa_wire_Account *)NULL)->member) }
static const struct {
	size_t offset, size;
} texts[] = { TEXT(user), TEXT(problem), TEXT(bypass_reason) };
#define TEXTS (sizeof(texts) / sizeof(texts[0]))

_Static_assert(offsetof(mfa_wire_Account, user) == 0 &&
    offsetof(mfa_wire_Account, problem) <
	offsetof(mfa_wire_Account, bypass_reason),
    "it begins with its name, and the texts are in their order");

/* Without what is behind the ends of texts.  Returns: the bytes of out. */
static size_t
pack(const mfa_wire_Account *account, uint8_t *out)
{
	const char *from = (const char *)account;
	size_t at = 0, used = 0;

	for (size_t i = 0; i < TEXTS; i++) {
		const size_t len = texts[i].offset - at +
		    strlen(from + texts[i].offset) + 1;

		memcpy(out + used, from + at, len);
		used += len;
		at = texts[i].offset + texts[i].size;
	}
	memcpy(out + used, from + at, sizeof(*account) - at);
	return used + sizeof(*account) - at;
}

/* The reverse.  Returns: the bytes of packed. */
static size_t
unpack(const uint8_t *packed, mfa_wire_Account *out)
{
	char *to = (char *)out;
	size_t at = 0, used = 0;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < TEXTS; i++) {
		const size_t gap = texts[i].offset - at;
		const size_t len = gap +
		    strlen((const char *)packed + used + gap) + 1;

		memcpy(to + at, packed + used, len);
		used += len;
		at = texts[i].offset + texts[i].size;
	}
	memcpy(to + at, packed + used, sizeof(*out) - at);
	return used + sizeof(*out) - at;
}

/* All accounts, packed, since there may be a million. */
struct roll {
	uint8_t *bytes;
	size_t len, room, count;
};

/* Reads on while somebody pages: the verifier does not wait for long. */
static enum mfa_err
keep(void *ctx, const mfa_wire_Reply *reply)
{
	const size_t most = sizeof(reply->what.account);
	struct roll *roll = ctx;
	size_t room = 2 * roll->room + 4 * most;
	uint8_t *more;

	if (roll->room - roll->len < most) {
		if ((more = realloc(roll->bytes, room)) == NULL)
			return MFA_ERR_MEMORY;
		roll->bytes = more;
		roll->room = room;
	}
	roll->len += pack(&reply->what.account, roll->bytes + roll->len);
	roll->count++;
	return MFA_OK;
}

static int
by_name(const void *a, const void *b)
{
	const uint8_t *const *x = a, *const *y = b;

	return strcmp((const char *)*x, (const char *)*y);
}

/* Where each one begins, in the order of their names; NULL: memory. */
static const uint8_t **
sort(const struct roll *roll)
{
	const uint8_t **all = calloc(roll->count + 1, sizeof(*all));
	const uint8_t *at = roll->bytes;
	mfa_wire_Account account;

	for (size_t i = 0; all != NULL && i < roll->count; i++) {
		all[i] = at;
		at += unpack(at, &account);
	}
	if (all != NULL)
		qsort(all, roll->count, sizeof(*all), by_name);
	return all;
}

static enum mfa_err
print_all(const struct mfa_args *args, const uint8_t *const *all, size_t count)
{
	mfa_wire_Account account;
	enum mfa_err r = MFA_OK;

	if (args->json)
		(void)fputs("{\"users\":[", stdout);
	else if (count == 0)
		(void)puts("There are no records.");
	else
		mfa_out_head(columns, COLUMNS);
	for (size_t i = 0; r == MFA_OK && i < count; i++) {
		(void)unpack(all[i], &account);
		if (args->json) {
			(void)fputs(i == 0 ? "\n" : ",\n", stdout);
			r = mfa_out_json(mfa_account_json(args, &account));
		} else {
			add_row(args, &account);
		}
	}
	if (r == MFA_OK && args->json)
		(void)fputs("]}\n", stdout);
	return r;
}

static enum mfa_err
print_sorted(const struct mfa_args *args, const struct roll *roll)
{
	const uint8_t **all = sort(roll);
	enum mfa_err r = all == NULL ? MFA_ERR_MEMORY :
				       print_all(args, all, roll->count);

	free(all);
	return r;
}

static int
list(const struct mfa_args *args)
{
	struct roll roll = { .count = 0 };
	struct mfa_ask_problem problem;
	mfa_wire_Request request;
	enum mfa_err r;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_users_tag;
	if (args->realm != NULL &&
	    (code = mfa_ask_name(request.what.users.realm,
		 sizeof(request.what.users.realm), args->realm)) !=
		MFA_EXIT_DONE)
		return code;
	code = MFA_EXIT_DONE;
	if (mfa_ask_each(&request, mfa_wire_Reply_account_tag, keep, &roll,
		&problem) != MFA_OK) {
		code = mfa_ask_failed(&problem);
	} else if ((r = print_sorted(args, &roll)) != MFA_OK) {
		mfa_out_error("cannot print: %s", mfa_strerror(r));
		code = MFA_EXIT_FAILED;
	}
	free(roll.bytes);
	return code;
}

static int
remove_record(const struct mfa_args *args)
{
	char question[700], who[MFA_WHOSE];
	mfa_wire_Request request;
	int code;

	memset(&request, 0, sizeof(request));
	request.which_what = mfa_wire_Request_remove_tag;
	code = mfa_ask_subject(request.what.remove.user,
	    request.what.remove.realm, args->operand[1], args->realm);
	if (code != MFA_EXIT_DONE)
		return code;
	mfa_whose_name(args, args->operand[1], who);
	(void)snprintf(question, sizeof(question),
	    "Remove the record of %s with its counters?", who);
	code = mfa_term_agree(args->yes, question);
	return code == MFA_EXIT_DONE ? mfa_ask_done(&request) : code;
}

int
mfa_cmd_users(const struct mfa_args *args)
{
	if (args->count == 0 && !args->yes)
		return list(args);
	if (args->count == 2 && !args->json &&
	    strcmp(args->operand[0], "remove") == 0)
		return remove_record(args);
	mfa_out_error("users: say users, or users remove USER "
		      "(see: medusa-mfa help users)");
	return MFA_EXIT_USAGE;
}
