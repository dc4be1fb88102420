/* SPDX-License-Identifier: MIT */
#include "utils/command.h"

#include <pwd.h>
#include <string.h>

#include "utils/options.h"
#include "utils/out.h"
#include "utils/whose.h"

#define ANYBODY false
#define ROOT	true

const struct mfa_command mfa_commands[] = {
	{ "setup", mfa_cmd_setup, "prepare this host (root, once)", "", "",
	    0, 0, ROOT, NULL },
	{ "enroll", mfa_cmd_enroll, "add a factor: app, token, sent codes",
	    "[--user NAME] [--realm NAME] [--label LABEL]\n"
	    "    [--provider totp|hotp] [--import-secret] [--counter N]\n"
	    "    [--algorithm SHA1|SHA256|SHA512] [--digits N]\n"
	    "    [--period SECONDS] [--qr utf8|ascii|none] [--show-url]\n"
	    "    [--output FILE | --json]\n"
	    "  enroll --provider otp --address ADDRESS ...\n"
	    "  enroll --provider NAME [--import-secret] ...",
	    "user realm provider label address counter qr show-url algorithm "
	    "digits period import-secret output json", 0, 0, ANYBODY, NULL },
	{ "confirm", mfa_cmd_confirm, "enable a pending factor by a first code",
	    "[--user NAME] [--realm NAME]\n"
	    "    [--output FILE | --json] FACTOR", "user realm output json",
	    1, 1, ANYBODY, NULL },
	{ "send", mfa_cmd_send, "send another code for a pending factor",
	    "[--user NAME] [--realm NAME] FACTOR", "user realm", 1, 1, ANYBODY,
	    NULL },
	{ "list", mfa_cmd_list, "list factors",
	    "[--user NAME] [--realm NAME] [--long | --json]",
	    "user realm long json", 0, 0, ANYBODY, NULL },
	{ "rename", mfa_cmd_rename, "give a factor another label",
	    "[--user NAME] [--realm NAME] FACTOR LABEL", "user realm", 2, 2,
	    ANYBODY, NULL },
	{ "disable", mfa_cmd_disable, "remove a factor",
	    "[--user NAME] [--realm NAME] [--yes] FACTOR", "user realm yes",
	    1, 1, ANYBODY, NULL },
	{ "recovery-codes", mfa_cmd_recovery_codes, "make new recovery codes",
	    "[--user NAME] [--realm NAME]\n"
	    "    [--yes] [--output FILE | --json]",
	    "user realm yes output json", 0, 0, ANYBODY, NULL },
	{ "verify", mfa_cmd_verify, "try a code, as a login would",
	    "[--user NAME]", "user", 0, 0, ANYBODY, NULL },
	{ "sync", mfa_cmd_sync, "adopt clock or counter by two codes (root)",
	    "[--user NAME] [--realm NAME] FACTOR", "user realm", 1, 1, ROOT, NULL },
	{ "status", mfa_cmd_status, "show the state of one user",
	    "[--user NAME] [--realm NAME] [--json]", "user realm json", 0, 0,
	    ANYBODY, NULL },
	{ "forget", mfa_cmd_forget, "ask for codes again where they are "
				    "remembered", "[USER]", "", 0, 1, ANYBODY,
	    NULL },
	{ "explain", mfa_cmd_explain, "say what a login would be asked (root)",
	    "[--key-used] [--tty TTY] [--json] USER SERVICE\n"
	    "    [HOST]", "key-used tty json", 2, 3, ROOT, NULL },
	{ "users", mfa_cmd_users, "list users, or remove a reset record (root)",
	    "[--realm NAME] [--json]\n"
	    "  users [--realm NAME] [--yes] remove USER", "realm json yes",
	    0, 2, ROOT,
	    "  remove USER          the record of a user who was reset, with its "
	    "counters" },
	{ "invite", mfa_cmd_invite, "let a user enrol a first factor (root)",
	    "[--output FILE | --json] [--users-from FILE]\n"
	    "    [USER ...]", "output json users-from", 0, 4096, ROOT, NULL },
	{ "bypass", mfa_cmd_bypass, "let a user in once without a factor (root)",
	    "--for TIME --reason TEXT\n"
	    "    [--output FILE | --json] USER", "for reason output json", 1, 1,
	    ROOT, NULL },
	{ "import", mfa_cmd_import, "bring in factors of other programs (root)",
	    "google-authenticator [--user NAME | --all-users]\n"
	    "    [--label LABEL] [--dry-run] [--json] [FILE]\n"
	    "  import oath [--user NAME] [--label LABEL] [--dry-run] [--json]\n"
	    "    FILE\n"
	    "  import otpauth [--user NAME [--image FILE]] [--label LABEL]\n"
	    "    [--dry-run] [--json]\n"
	    "  import pskc [--user NAME] [--label LABEL] [--dry-run] [--json]\n"
	    "    FILE",
	    "user label all-users image dry-run json", 1, 2,
	    ROOT,
	    "  google-authenticator  ~/.google_authenticator, or FILE: ${USER} and\n"
	    "                       ${HOME} in it are the user's\n"
	    "  oath                 users.oath of pam_oath\n"
	    "  otpauth              URLs from standard input, one a line, perhaps "
	    "with\n                       their user before them\n"
	    "  pskc                 RFC 6030, as makers of tokens give it" },
	{ "reset", mfa_cmd_reset, "remove all factors of a user (root)",
	    "[--realm NAME] [--yes] USER", "realm yes", 1, 1, ROOT, NULL },
	{ "unlock", mfa_cmd_unlock, "open what wrong codes locked (root)",
	    "[--realm NAME] [--clock] USER", "realm clock", 1, 1, ROOT, NULL },
	{ "key", mfa_cmd_key, "make, change, list and keep the keys (root)",
	    "new | key rotate\n"
	    "  key [--json] list | key [--json] retired | key [--json] rekey\n"
	    "  key remove ID | key [--output FILE] export", "json output",
	    1, 2, ROOT,
	    "  new                  make a key that seals all records from now on\n"
	    "  rotate               the same, where there is one that works\n"
	    "  list                 show which keys there are, and how many "
	    "records need them\n"
	    "  rekey                move all records to the primary key\n"
	    "  remove ID            take a key out of use that no record needs\n"
	    "  retired              show which keys were taken out of use\n"
	    "  export               write all keys out, for a safe" },
	{ "store", mfa_cmd_store, "check all records, or void old codes (root)",
	    "[--json] check\n"
	    "  store [--yes] [--json] after-restore", "yes json", 1, 1, ROOT,
	    "  check                open every record, and look for its user\n"
	    "  after-restore        make void what a backup that was put back "
	    "would let in" },
	{ "config", mfa_cmd_config, "check or edit the configuration (root)",
	    "check | config edit", "", 1, 1, ROOT,
	    "  check                try configuration, account, keys, records and "
	    "clock\n"
	    "  edit                 edit a copy, which takes its place once it is "
	    "right" },
	{ "doctor", mfa_cmd_doctor, "find what is set up wrongly",
	    "[--root DIR] [--json]", "root json", 0, 0, ANYBODY, NULL },
};
const size_t mfa_command_count = sizeof(mfa_commands) / sizeof(mfa_commands[0]);

const struct mfa_command *
mfa_command_find(const char *name)
{
	for (size_t i = 0; i < mfa_command_count; i++) {
		if (strcmp(mfa_commands[i].name, name) == 0)
			return &mfa_commands[i];
	}
	return NULL;
}

/* One letter too much in a, or with skip: one that is another in b. */
static bool
is_edit(const char *a, const char *b, bool skip)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a != '\0' && (!skip || *b != '\0') &&
	    strcmp(a + 1, skip ? b + 1 : b) == 0;
}

const struct mfa_command *
mfa_command_like(const char *name)
{
	const struct mfa_command *begun = NULL;
	size_t count = 0, len = strlen(name);

	for (size_t i = 0; i < mfa_command_count; i++) {
		const char *word = mfa_commands[i].name;

		if (is_edit(name, word, false) || is_edit(word, name, false) ||
		    is_edit(name, word, true))
			return &mfa_commands[i];
		if (len > 1 && strncmp(word, name, len) == 0) {
			begun = &mfa_commands[i];
			count++;
		}
	}
	return count == 1 ? begun : NULL;
}

/* By uid, as the verifier decides: a name may have another spelling. */
static bool
is_own(const char *user, uid_t uid)
{
	const struct passwd *pw = getpwnam(user);

	return pw != NULL && pw->pw_uid == uid;
}

bool
mfa_command_allowed(const struct mfa_command *command,
    const struct mfa_args *args, uid_t uid)
{
	if (uid == 0 || !mfa_whose_is_unix(args))
		return true;
	if (command->root) {
		mfa_out_error("%s must be run as root%s", command->name,
		    mfa_option_known(command, "realm") ?
			", or with --realm as the account of that realm" : "");
		return false;
	}
	if (args->user == NULL || is_own(args->user, uid))
		return true;
	mfa_out_error("only root may name another user with --user");
	return false;
}
