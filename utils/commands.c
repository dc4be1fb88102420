/* SPDX-License-Identifier: MIT */
#include "utils/command.h"

#include <string.h>

const struct mfa_command mfa_commands[] = {
	{ "setup", mfa_cmd_setup, "prepare this host (root, once)", "", "",
	    0, 0 },
	{ "enroll", mfa_cmd_enroll, "add an authenticator app",
	    "[--user NAME] [--label LABEL]\n"
	    "    [--qr utf8|ascii|none] [--show-url] [--import-secret]\n"
	    "    [--algorithm SHA1|SHA256|SHA512] [--digits N]\n"
	    "    [--period SECONDS] [--output FILE | --json]",
	    "user label qr show-url algorithm digits period import-secret "
	    "output json", 0, 0 },
	{ "confirm", mfa_cmd_confirm, "enable a pending factor by a first code",
	    "[--user NAME] [--output FILE | --json] ID", "user output json",
	    1, 1 },
	{ "list", mfa_cmd_list, "list factors", "[--user NAME] [--json]",
	    "user json", 0, 0 },
	{ "disable", mfa_cmd_disable, "remove a factor",
	    "[--user NAME] [--yes] ID", "user yes", 1, 1 },
	{ "recovery-codes", mfa_cmd_recovery_codes, "make new recovery codes",
	    "[--user NAME] [--yes] [--output FILE | --json]",
	    "user yes output json", 0, 0 },
	{ "verify", mfa_cmd_verify, "try a code, as a login would",
	    "[--user NAME]", "user", 0, 0 },
	{ "sync", mfa_cmd_sync, "adopt the clock of a device by two codes",
	    "[--user NAME] ID", "user", 1, 1 },
	{ "status", mfa_cmd_status, "show the state of one user",
	    "[--user NAME] [--json]", "user json", 0, 0 },
	{ "users", mfa_cmd_users, "list users, or remove a reset record (root)",
	    "[--json] | users [--yes] remove USER", "json yes", 0, 2 },
	{ "reset", mfa_cmd_reset, "remove all factors of a user (root)",
	    "[--yes] USER", "yes", 1, 1 },
	{ "unlock", mfa_cmd_unlock, "open what wrong codes locked (root)",
	    "[--clock] USER", "clock", 1, 1 },
	{ "key", mfa_cmd_key, "make a new key, or list the keys (root)",
	    "new | key [--json] list", "json", 1, 1 },
	{ "config", mfa_cmd_config, "check or edit the configuration (root)",
	    "check | config edit", "", 1, 1 },
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
