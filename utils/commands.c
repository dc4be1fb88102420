/* SPDX-License-Identifier: MIT */
#include "utils/command.h"

#include <string.h>

#include "utils/options.h"
#include "utils/out.h"
#include "utils/whose.h"

#define ANYBODY false
#define ROOT	true

const struct mfa_command mfa_commands[] = {
	{ "setup", mfa_cmd_setup, "prepare this host (root, once)", "", "",
	    0, 0, ROOT, NULL },
	{ "enroll", mfa_cmd_enroll, "add a factor: app, token, sent codes (root)",
	    "[--user NAME] [--realm NAME] [--label LABEL]\n"
	    "    [--provider totp|hotp] [--import-secret] [--counter N]\n"
	    "    [--algorithm SHA1|SHA256|SHA512] [--digits N]\n"
	    "    [--period SECONDS] [--qr utf8|ascii|none] [--show-url]\n"
	    "    [--output FILE | --json]\n"
	    "  enroll --provider otp --address ADDRESS ...\n"
	    "  enroll --provider NAME [--import-secret] ...",
	    "user realm provider label address counter qr show-url algorithm "
	    "digits period import-secret output json", 0, 0, ROOT, NULL },
	{ "confirm", mfa_cmd_confirm, "enable a pending factor by a first code (root)",
	    "[--user NAME] [--realm NAME]\n"
	    "    [--output FILE | --json] FACTOR", "user realm output json",
	    1, 1, ROOT, NULL },
	{ "send", mfa_cmd_send, "send another code for a pending factor (root)",
	    "[--user NAME] [--realm NAME] FACTOR", "user realm", 1, 1, ROOT, NULL },
	{ "list", mfa_cmd_list, "list factors",
	    "[--user NAME] [--realm NAME] [--long | --json]",
	    "user realm long json", 0, 0, ANYBODY, NULL },
	{ "rename", mfa_cmd_rename, "give a factor another label (root)",
	    "[--user NAME] [--realm NAME] FACTOR LABEL", "user realm", 2, 2,
	    ROOT, NULL },
	{ "disable", mfa_cmd_disable, "remove a factor (root)",
	    "[--user NAME] [--realm NAME] [--yes] FACTOR", "user realm yes",
	    1, 1, ROOT, NULL },
	{ "recovery-codes", mfa_cmd_recovery_codes, "make new recovery codes (root)",
	    "[--user NAME] [--realm NAME]\n"
	    "    [--yes] [--output FILE | --json]",
	    "user realm yes output json", 0, 0, ROOT, NULL },
	{ "verify", mfa_cmd_verify, "try a code, as a login would",
	    "[--user NAME]", "user", 0, 0, ANYBODY, NULL },
	{ "sync", mfa_cmd_sync, "adopt clock or counter by two codes (root)",
	    "[--user NAME] [--realm NAME] FACTOR", "user realm", 1, 1, ROOT, NULL },
	{ "status", mfa_cmd_status, "show the state of one user",
	    "[--user NAME] [--realm NAME] [--json]", "user realm json", 0, 0,
	    ANYBODY, NULL },
	{ "users", mfa_cmd_users, "list users, or remove a reset record (root)",
	    "[--realm NAME] [--json]\n"
	    "  users [--realm NAME] [--yes] remove USER", "realm json yes",
	    0, 2, ROOT,
	    "  remove USER          the record of a user who was reset, with its "
	    "counters" },
	{ "reset", mfa_cmd_reset, "remove all factors of a user (root)",
	    "[--realm NAME] [--yes] USER", "realm yes", 1, 1, ROOT, NULL },
	{ "unlock", mfa_cmd_unlock, "open what wrong codes locked (root)",
	    "[--realm NAME] [--clock] USER", "realm clock", 1, 1, ROOT, NULL },
	{ "key", mfa_cmd_key, "make a new key, or list the keys (root)",
	    "new | key [--json] list", "json", 1, 1, ROOT,
	    "  new                  make a key that seals all records from now on\n"
	    "  list                 show which keys there are" },
	{ "config", mfa_cmd_config, "check or edit the configuration (root)",
	    "check | config edit", "", 1, 1, ANYBODY,
	    "  check                try configuration, account, keys, records and "
	    "clock\n"
	    "  edit                 edit a copy, which takes its place once it is "
	    "right" },
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

bool
mfa_command_allowed(const struct mfa_command *command,
    const struct mfa_args *args, uid_t uid)
{
	if (uid == 0 || !command->root || !mfa_whose_is_unix(args))
		return true;
	mfa_out_error("%s must be run as root%s", command->name,
	    mfa_option_known(command, "realm") ?
		", or with --realm as the account of that realm" : "");
	return false;
}
