/* SPDX-License-Identifier: MIT */
#include "utils/options.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "utils/out.h"

#define FIRST 256 /* above every character, so that getopt's own stand apart */
#define ROWS  32 /* bits of "seen" */

/* Where the help of an option goes on in another line. */
#define NEXT "\n                       "

#define FIELD(name) offsetof(struct mfa_args, name)

static const char *const qr_styles[] = { "utf8", "ascii", "none", NULL };
static const char *const algorithms[] = { "SHA1", "SHA256", "SHA512", NULL };

const struct mfa_option mfa_options[] = {
	{ "user", MFA_OPTION_TEXT, FIELD(user), 1, 256, NULL, "NAME",
	    "whose record; default: your own, others are for root" NEXT
	    "or, with --realm, for the account of that realm" },
	{ "realm", MFA_OPTION_LABEL, FIELD(realm), 0, 0, NULL, "NAME",
	    "whose user that is; default: unix, the users of this host" },
	{ "provider", MFA_OPTION_TEXT, FIELD(provider), 1, 32, NULL, "NAME",
	    "totp, hotp, otp or a configured one; default: totp" },
	{ "label", MFA_OPTION_LABEL, FIELD(label), 0, 0, NULL, "LABEL",
	    "name of the factor: a letter, then letters, digits and" NEXT
	    "hyphens, lower case, 32 at most; default: totp, totp-2" },
	{ "address", MFA_OPTION_TEXT, FIELD(address), 1, 128, NULL, "ADDRESS",
	    "otp: where codes are sent, 128 characters at most" },
	{ "counter", MFA_OPTION_LONG, FIELD(counter), 0,
	    UINT64_C(9007199254740992), NULL, "N",
	    "hotp: the next counter of the token; default: 0" },
	{ "qr", MFA_OPTION_CHOICE, FIELD(qr), 0, 0, qr_styles, "STYLE",
	    "utf8, ascii or none; default: what the locale can show" },
	{ "show-url", MFA_OPTION_FLAG, FIELD(show_url), 0, 0, NULL, NULL,
	    "also print the otpauth URL, which holds the key" },
	{ "algorithm", MFA_OPTION_WORD, FIELD(algorithm), 0, 0, algorithms,
	    "NAME", "SHA1, SHA256 or SHA512; many apps know SHA1 only;" NEXT
		    "default: as configured" },
	{ "digits", MFA_OPTION_NUMBER, FIELD(digits), 6, 8, NULL, "N",
	    "length of a code, 6 to 8; many apps know 6 only;" NEXT
	    "default: as configured" },
	{ "period", MFA_OPTION_NUMBER, FIELD(period), 15, 120, NULL, "SECONDS",
	    "life of a code, 15 to 120; many apps know 30 only;" NEXT
	    "default: as configured" },
	{ "import-secret", MFA_OPTION_FLAG, FIELD(import_secret), 0, 0, NULL,
	    NULL, "read a line: an existing key in base32, 128 bits or" NEXT
		  "more, or what the program of a provider wants" },
	{ "output", MFA_OPTION_TEXT, FIELD(output), 1, 4095, NULL, "FILE",
	    "write the codes to a new file instead of showing them" },
	{ "root", MFA_OPTION_TEXT, FIELD(root), 1, 4095, NULL, "DIR",
	    "look at a mounted tree instead of this host" },
	{ "json", MFA_OPTION_FLAG, FIELD(json), 0, 0, NULL, NULL,
	    "print JSON" },
	{ "long", MFA_OPTION_FLAG, FIELD(all_details), 0, 0, NULL, NULL,
	    "show all that is known of each factor" },
	{ "yes", MFA_OPTION_FLAG, FIELD(yes), 0, 0, NULL, NULL,
	    "do not ask before something is removed" },
	{ "clock", MFA_OPTION_FLAG, FIELD(clock), 0, 0, NULL, NULL,
	    "also mend a record written while the clock was ahead" },
	{ "for", MFA_OPTION_SPAN, FIELD(span), 60, 604800, NULL, "TIME",
	    "how long it is good: 90m, 1h, 3d; 1 minute to 7 days" },
	{ "reason", MFA_OPTION_TEXT, FIELD(reason), 1, 64, NULL, "TEXT",
	    "why, for the log, 64 characters at most" },
	{ "all-users", MFA_OPTION_FLAG, FIELD(all_users), 0, 0, NULL, NULL,
	    "every user of this host who has such a file" },
	{ "dry-run", MFA_OPTION_FLAG, FIELD(dry_run), 0, 0, NULL, NULL,
	    "say what would be done, and write nothing" },
	{ "image", MFA_OPTION_TEXT, FIELD(image), 1, 4095, NULL, "FILE",
	    "a PNG image of a QR code instead of standard input" },
	{ "key-used", MFA_OPTION_FLAG, FIELD(key_used), 0, 0, NULL, NULL,
	    "as if the login had used a public key already" },
	{ "tty", MFA_OPTION_TEXT, FIELD(tty), 1, 64, NULL, "TTY",
	    "as if the login were on that terminal" },
	{ "users-from", MFA_OPTION_TEXT, FIELD(users_from), 1, 4095, NULL,
	    "FILE", "users, one a line; - is standard input" },
	{ "help", MFA_OPTION_FLAG, FIELD(help), 0, 0, NULL, NULL,
	    "print this; -h does, too" },
};
const size_t mfa_option_count = sizeof(mfa_options) / sizeof(mfa_options[0]);

/* What a shared option means to one command, where that is something else. */
static const struct {
	const char *command, *option, *help;
} own_words[] = {
	{ "verify", "user", "whose code; default: your own, others are for root" },
	{ "sync", "user", "whose factor; default: your own" },
	{ "import", "user", "whose factors they are; default: your own, or those" NEXT
	    "of the users whom the file names" },
	{ "import", "label", "name of each factor: a letter, then letters, digits" NEXT
	    "and hyphens, lower case, 32 at most; default: chosen" },
	{ "users", "realm", "whose users they are; default: unix, those of this host" },
	{ "invite", "output", "write the invitations to a new file instead of showing" NEXT
	    "them" },
	{ "bypass", "output", "write the code to a new file instead of showing it" },
	{ "key", "output", "export: write the keys to a new file" },
	{ "key", "json", "list, retired, rekey: print JSON" },
	{ "recovery-codes", "yes", "do not ask before the old codes are void" },
	{ "store", "yes", "after-restore: do not ask before codes are made void" },
	{ "users", "yes", "remove: do not ask before" },
	{ "reset", "yes", "do not ask before all factors are removed" },
	{ "disable", "yes", "do not ask before the factor is removed" },
};

const char *
mfa_option_help(const struct mfa_command *command,
    const struct mfa_option *option)
{
	for (size_t i = 0; i < sizeof(own_words) / sizeof(own_words[0]); i++) {
		if (strcmp(own_words[i].command, command->name) == 0 &&
		    strcmp(own_words[i].option, option->name) == 0)
			return own_words[i].help;
	}
	return option->help;
}

_Static_assert(sizeof(mfa_options) / sizeof(mfa_options[0]) <= ROWS, "room");

bool
mfa_option_known(const struct mfa_command *command, const char *name)
{
	const char *p = command->options;
	size_t len = strlen(name);

	if (strcmp(name, "help") == 0)
		return true;
	while (*p != '\0') {
		size_t word = strcspn(p, " ");

		if (word == len && strncmp(p, name, len) == 0)
			return true;
		p += word;
		p += strspn(p, " ");
	}
	return false;
}

/* getopt's own table: the value of a row is FIRST plus its place. */
static void
fill(const struct mfa_command *command, struct option *longs)
{
	for (size_t i = 0; i < mfa_option_count; i++) {
		const struct mfa_option *row = &mfa_options[i];

		if (!mfa_option_known(command, row->name))
			continue;
		longs->name = row->name;
		longs->has_arg = row->kind == MFA_OPTION_FLAG ?
		    no_argument : required_argument;
		longs->flag = NULL;
		longs->val = FIRST + (int)i;
		longs++;
	}
}

/* The place of text among the choices, from 1; 0 if it is none of them. */
static uint32_t
choice(const char *const *choices, const char *text)
{
	for (uint32_t i = 0; choices[i] != NULL; i++) {
		if (strcmp(choices[i], text) == 0)
			return i + 1;
	}
	return 0;
}

/* Digits and one of s, m, h, d. */
static bool
parse_span(const struct mfa_option *row, const char *text, uint32_t *out)
{
	static const char units[] = "smhd";
	static const uint32_t seconds[] = { 1, 60, 3600, 86400 };
	const size_t len = strlen(text);
	const char *unit;
	char digits[16];
	uint64_t n;

	if (len < 2 || len >= sizeof(digits) ||
	    (unit = strchr(units, text[len - 1])) == NULL)
		return false;
	memcpy(digits, text, len - 1);
	digits[len - 1] = '\0';
	if (mfa_num_parse(digits, 1, row->max, &n) != MFA_OK)
		return false;
	n *= seconds[unit - units];
	if (n < row->min || n > row->max)
		return false;
	*out = (uint32_t)n;
	return true;
}

static bool
store(const struct mfa_option *row, const char *text, struct mfa_args *args)
{
	void *field = (char *)args + row->offset;
	uint64_t number = 0;
	size_t len;

	switch (row->kind) {
	case MFA_OPTION_FLAG:
		*(bool *)field = true;
		return true;
	case MFA_OPTION_TEXT:
		len = strlen(text);
		*(const char **)field = text;
		return len >= row->min && len <= row->max;
	case MFA_OPTION_LABEL:
		*(const char **)field = text;
		return mfa_text_is_label(text);
	case MFA_OPTION_NUMBER:
		if (mfa_num_parse(text, row->min, row->max, &number) != MFA_OK)
			return false;
		*(uint32_t *)field = (uint32_t)number;
		return true;
	case MFA_OPTION_LONG:
		return mfa_num_parse(text, row->min, row->max,
			   (uint64_t *)field) == MFA_OK;
	case MFA_OPTION_SPAN:
		return parse_span(row, text, field);
	case MFA_OPTION_CHOICE:
		*(uint32_t *)field = choice(row->choices, text);
		return *(uint32_t *)field != 0;
	case MFA_OPTION_WORD:
		*(const char **)field = text;
		return choice(row->choices, text) != 0;
	}
	return false;
}

/* "utf8, ascii or none" */
static void
list_choices(const struct mfa_option *row, char *out, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; row->choices[i] != NULL && used < size; i++) {
		const char *before = i == 0 ? "" :
		    row->choices[i + 1] != NULL ? ", " : " or ";

		used += (size_t)snprintf(out + used, size - used, "%s%s",
		    before, row->choices[i]);
	}
}

/* What a value of the option may be. */
static void
expect(const struct mfa_option *row, char *out, size_t size)
{
	switch (row->kind) {
	case MFA_OPTION_TEXT:
		(void)snprintf(out, size, "%" PRIu64 " to %" PRIu64 " bytes",
		    row->min, row->max);
		break;
	case MFA_OPTION_LABEL:
		(void)snprintf(out, size, "a letter, then letters, digits and "
		    "hyphens, all lower case, at most 32");
		break;
	case MFA_OPTION_NUMBER:
	case MFA_OPTION_LONG:
		(void)snprintf(out, size,
		    "a whole number from %" PRIu64 " to %" PRIu64, row->min,
		    row->max);
		break;
	case MFA_OPTION_SPAN:
		(void)snprintf(out, size, "a number and s, m, h or d, from "
		    "1 minute to 7 days");
		break;
	case MFA_OPTION_CHOICE:
	case MFA_OPTION_WORD:
		list_choices(row, out, size);
		break;
	case MFA_OPTION_FLAG:
		out[0] = '\0';
		break;
	}
}

static enum mfa_err
complain(const struct mfa_command *command, const char *what, const char *name)
{
	char clean[64];

	mfa_out_clean(name, clean, sizeof(clean));
	mfa_out_error("%s: %s%s (see: medusa-mfa help %s)", command->name, what,
	    clean, command->name);
	return MFA_ERR_SYNTAX;
}

/* The value itself may be a secret that stands in the wrong place. */
static enum mfa_err
complain_value(const struct mfa_command *command,
    const struct mfa_option *row)
{
	char expected[100];

	expect(row, expected, sizeof(expected));
	mfa_out_error("%s: value not allowed for --%s: must be %s (see: "
		      "medusa-mfa help %s)", command->name, row->name, expected,
	    command->name);
	return MFA_ERR_SYNTAX;
}

/* getopt said '?' or ':' about the word before optind. */
static enum mfa_err
complain_getopt(const struct mfa_command *command, int what, char **argv)
{
	if (what == ':')
		return complain(command, "a value is missing after ",
		    argv[optind - 1]);
	if (optopt >= FIRST)
		return complain(command, "no value belongs to --",
		    mfa_options[optopt - FIRST].name);
	return complain(command, "unknown option ", argv[optind - 1]);
}

static enum mfa_err
parse_options(const struct mfa_command *command, int argc, char **argv,
    struct mfa_args *args)
{
	struct option longs[ROWS + 1];
	uint32_t seen = 0;
	int c;

	memset(longs, 0, sizeof(longs));
	fill(command, longs);
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		const struct mfa_option *row;

		if (c == 'h') {
			args->help = true;
			continue;
		}
		if (c < FIRST)
			return complain_getopt(command, c, argv);
		row = &mfa_options[c - FIRST];
		if ((seen & 1U << (c - FIRST)) != 0)
			return complain(command, "given twice: --", row->name);
		seen |= 1U << (c - FIRST);
		if (!store(row, optarg, args))
			return complain_value(command, row);
	}
	args->operand = argv + optind;
	args->count = argc - optind;
	return MFA_OK;
}

static enum mfa_err
check(const struct mfa_command *command, const struct mfa_args *args)
{
	if (args->help)
		return MFA_OK;
	if (args->count < command->least)
		return complain(command, "an operand is missing", "");
	if (args->count > command->most)
		return complain(command, "one operand too many", "");
	if (args->json && args->output != NULL)
		return complain(command, "--json and --output exclude each "
					 "other", "");
	if (args->json && args->all_details)
		return complain(command, "--json and --long exclude each "
					 "other", "");
	/* Nobody's own name is known in another realm. */
	if (args->realm != NULL && strcmp(args->realm, "unix") != 0 &&
	    args->user == NULL && mfa_option_known(command, "user"))
		return complain(command, "--realm needs --user NAME", "");
	return MFA_OK;
}

enum mfa_err
mfa_options_parse(const struct mfa_command *command, int argc, char **argv,
    struct mfa_args *args)
{
	enum mfa_err r;

	memset(args, 0, sizeof(*args));
	r = parse_options(command, argc, argv, args);
	if (r == MFA_OK)
		r = check(command, args);
	if (r != MFA_OK)
		memset(args, 0, sizeof(*args));
	return r;
}
