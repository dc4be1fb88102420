/* SPDX-License-Identifier: MIT */
/* Every finding there is: medusa-mfa-doctor(8) has the same list. */
#include "utils/doctor/found.h"

#define D MFA_DANGER
#define W MFA_WARNING
#define N MFA_NOTE

const struct mfa_finding_kind mfa_finding_kinds[] = {
	/* ---- PAM ---- */
	{ "pam-unreadable", D,
	    "PAM refuses every login of a service it cannot read.",
	    "Mend the file, or restore it from a backup." },
	{ "pam-syntax", D,
	    "PAM takes a line it does not understand for one that fails.",
	    "Write the line as pam.d(5) says: type, control, module, "
	    "arguments." },
	{ "pam-misspelt", D,
	    "By the control word of the line nobody is let in, or nobody is "
	    "asked for a code.",
	    "Write pam_medusa_mfa.so, with .so and without a path." },
	{ "pam-bypass", D,
	    "The first factor alone logs in: the stack ends, or jumps, before "
	    "our line is run.",
	    "Put the line where every way that succeeds leads through it: "
	    "behind the block of the password, and no sufficient and no done "
	    "before it. conf/pam.d has a tried stack for each service." },
	{ "pam-exempt", N,
	    "Whoever meets the condition is never asked for a code.",
	    "If that is not wanted, remove the line. exempt_users in "
	    "medusa-mfa.conf does it for all services, and in one place." },
	{ "pam-fail-open", D,
	    "A wrong code, a locked factor and a broken verifier let in.",
	    "Make the control word of our line required." },
	{ "pam-code-alone", W,
	    "There is one factor only, the code: whoever holds the phone is "
	    "let in.",
	    "Check the password before our line, or accept it for this "
	    "service." },
	{ "pam-nothing-asked", D,
	    "A user without a factor, or in exempt_users, logs in with nothing "
	    "at all.",
	    "Remove pam_permit.so behind our line, or check the password "
	    "before it." },
	{ "pam-after-failure", D,
	    "Whoever knows a name, and no password, can use up the guesses of "
	    "its owner and so lock the owner out; with rules also the logins "
	    "of enroll_by, or enrol.",
	    "End the stack on a wrong password: requisite, not required; and "
	    "no substack around it, from which requisite does not lead out." },
	{ "pam-before-password", D,
	    "Whoever knows a name can use up the guesses of its owner.",
	    "Put our line behind the line that checks the password." },
	{ "pam-twice", W,
	    "A code is good once: the second prompt needs the next one.",
	    "Keep one line: either in the shared file or in the service." },
	{ "pam-bad-jump", D,
	    "PAM refuses a login whose jump goes past the end of the stack or "
	    "out of a substack.",
	    "Count the lines again: a line that was added or removed changes "
	    "success=N above it." },
	{ "pam-faillock", W,
	    "Wrong codes are counted and locked twice, once per module.",
	    "Order: faillock preauth, the password, faillock authfail, then "
	    "our line." },
	{ "pam-never-reached", D,
	    "It looks as if a code were asked for, and none is.",
	    "Put the line before whatever ends the stack." },
	{ "pam-never-succeeds", D,
	    "Nobody can use this service.",
	    "Look for a deny, a bad jump or a line that fails." },
	{ "pam-too-large", W,
	    "A way in without a code may not have been found.",
	    "Make the stack simpler, or look at it by hand." },
	{ "pam-control", N,
	    "A refusal of this line is not held against the login by itself; "
	    "only what stands behind it refuses.",
	    "Make it required." },
	{ "pam-nullok", W,
	    "Users who should have a factor, and have none, pass.",
	    "Remove nullok once everybody is enrolled." },
	{ "pam-nullok-idle", N,
	    "It does nothing now, and opens this service once require = all is "
	    "set.",
	    "Remove it." },
	{ "pam-nullok-partly", W,
	    "One line lets a user pass and another refuses the same user.",
	    "Give nullok to all lines of a service, or to none." },
	{ "pam-argument", D,
	    "A line with an unknown, repeated or malformed argument refuses "
	    "every login.",
	    "Write it as pam_medusa_mfa(8) says." },
	{ "pam-module-missing", D,
	    "PAM refuses every login that comes to a module it cannot load.",
	    "Install the package again, or take the line out." },
	{ "pam-idle", N,
	    "Without enforce on an account line, and in password and session, "
	    "the module returns PAM_IGNORE.",
	    "Remove the line, or add enforce in /etc/pam.d/sshd." },
	{ "pam-enforce-elsewhere", D,
	    "su by root, sudo with NOPASSWD, cron and others run account and "
	    "never auth: users with a factor are refused.",
	    "Put the line into /etc/pam.d/sshd and nowhere else." },
	{ "pam-enforce-bypass", D,
	    "A login by key alone gets past the line that should refuse it.",
	    "Put it before the other account lines, as required." },
	{ "pam-split", D,
	    "The code is taken off the password and verified by nobody, or "
	    "every login is refused.",
	    "split, then the password, then use_split: pam_medusa_mfa(8)." },
	{ "pam-user-readenv", W,
	    "The user writes environment variables that rules may trust.",
	    "Remove user_readenv there." },
	{ "pam-other-name", D,
	    "The same program asks for a code under one name only.",
	    "Put the line into both files, or include one in the other." },
	{ "pam-line-lost", D,
	    "A package has put a new file in its place: nobody is asked for a "
	    "code there any more.",
	    "Put the line into the new file, and remove the saved one." },
	{ "pam-other", N,
	    "PAM takes these lines where a service has no file of its own, "
	    "or one that cannot be read at that moment: there the first "
	    "factor alone logs in, a key too.",
	    "auth required pam_deny.so there, and the same for account, "
	    "password and session; before that, a file or lines for what "
	    "relies on it." },
	{ "pam-not-used", N,
	    "No login asks for a code.",
	    "Add a line to a service: pam_medusa_mfa(8)." },
	/* ---- sshd ---- */
	{ "sshd-usepam", D,
	    "sshd logs in without a code.",
	    "UsePAM yes" },
	{ "sshd-kbdint", D,
	    "sshd has no way to ask for a code: nobody gets in, or a key "
	    "alone does.",
	    "KbdInteractiveAuthentication yes" },
	{ "sshd-no-prompt", D,
	    "Whoever has a factor is refused: a key shows no prompt, and the "
	    "password method only its own.",
	    "AuthenticationMethods publickey,keyboard-interactive:pam, or "
	    "keyboard-interactive:pam" },
	{ "sshd-password", W,
	    "The password method answers one prompt only; it is refused, "
	    "after the user typed a password.",
	    "PasswordAuthentication no" },
	{ "sshd-key-alone", D,
	    "sshd runs no auth line for a key: whoever has the key is not "
	    "asked for a code.",
	    "AuthenticationMethods publickey,keyboard-interactive:pam, or "
	    "keyboard-interactive:pam; and in /etc/pam.d/sshd: account "
	    "required pam_medusa_mfa.so enforce" },
	{ "sshd-key-refused", N,
	    "It is accepted first, and then the login is refused.",
	    "AuthenticationMethods keyboard-interactive:pam, or "
	    "publickey,keyboard-interactive:pam, tells clients sooner." },
	{ "sshd-kerberos", D,
	    "sshd asks Kerberos before PAM, and then runs no auth line: "
	    "whoever has the password is not asked for a code.",
	    "KerberosAuthentication no, or PasswordAuthentication no; "
	    "pam_krb5 or pam_sss ask Kerberos, too. And in /etc/pam.d/sshd: "
	    "account required pam_medusa_mfa.so enforce" },
	{ "sshd-service", D,
	    "sshd runs the lines of another file.",
	    "Put the lines into the file that PAMServiceName names." },
	{ "sshd-code-alone", D,
	    "Over the network the code alone opens a session.",
	    "AuthenticationMethods publickey,keyboard-interactive:pam, or "
	    "check the password before our line." },
	{ "sshd-not-asking", N,
	    "The configuration requires a second factor, and whoever comes by "
	    "sshd is asked for none.",
	    "If that is not wanted, add the line: pam_medusa_mfa(8)." },
	{ "sshd-environment", W,
	    "Users put variables into sessions.",
	    "PermitUserEnvironment no" },
	{ "sshd-not-asked", W,
	    "What is said of sshd comes from its files, read here; a broken "
	    "configuration keeps sshd from starting again.",
	    "sshd -t says what is wrong." },
	{ "sshd-too-large", W,
	    "What is said of sshd may be wrong: not all of it was read.",
	    "Include less; sshd -T shows what counts." },
	{ "sshd-match", N,
	    "Other users, groups and addresses may have other rules.",
	    "sshd -T -C user=NAME,host=HOST,addr=ADDRESS shows them." },
	/* ---- rules ---- */
	{ "rule-everybody", D,
	    "Whoever has the password is let in, as if there were no factors.",
	    "Give the rule a condition, or another decision." },
	{ "rule-everywhere", W,
	    "A from that holds for every address is no condition.",
	    "Name the networks that are meant." },
	{ "rule-key-forged", D,
	    "A user who writes SSH_AUTH_INFO_0 looks like one who has used a "
	    "key, and is not asked for a code.",
	    "Take user_readenv and the variable away from pam_env there, and "
	    "chown and chmod what it reads; or take the rule away." },
	{ "rule-enrol-stranger", D,
	    "Whoever knows a name adds a factor of his own to it, and the "
	    "owner is shut out.",
	    "End the stack on a wrong password before our line (requisite), "
	    "or take unenrolled = enroll away." },
	{ "rule-logins-stranger", W,
	    "Whoever knows a name can use up the logins that its owner has "
	    "without a factor.",
	    "End the stack on a wrong password before our line (requisite), "
	    "or give a date instead." },
	{ "rule-unseen", W,
	    "The password method of sshd shows nothing that PAM says: how "
	    "long is left, and the key of a new factor. Logins count all the "
	    "same.",
	    "PasswordAuthentication no: keyboard-interactive asks for the "
	    "password, too." },
	{ "rule-unknown-service", W,
	    "Services go by the names of their files; the rule is never met "
	    "for this one.",
	    "Mend the name, as sshd for ssh." },
	{ "rule-host-name", W,
	    "A rule goes by addresses; with a name it cannot be evaluated, "
	    "which means that everybody is asked.",
	    "UseDNS no" },
	{ "rule-unknown-group", D,
	    "A rule that cannot be evaluated asks everybody whom it may be "
	    "about, and refuses who has no factor.",
	    "Mend the name, make the group, or see why its directory does "
	    "not answer." },
	{ "rule-unknown-user", W,
	    "The rule does not do what it was written for.",
	    "Mend the name, or take it out." },
	{ "rule-never-reached", W,
	    "The first rule that is met decides.",
	    "Put the rule without conditions last." },
	{ "rule-not-evaluated", N,
	    "Whom rules ask is for the verifier to say.",
	    "Run it as root on the host itself: medusa-mfa explain USER "
	    "SERVICE says it of one login." },
	/* ---- files and accounts ---- */
	{ "account-missing", D,
	    "The verifier gives up root for it, or refuses to serve.",
	    "medusa-mfa setup" },
	{ "account-root", D,
	    "The verifier would keep root's rights.",
	    "Give the account a uid and a gid of its own." },
	{ "account-login", W,
	    "Somebody could log in as the account that reads all records.",
	    "usermod --shell /usr/sbin/nologin --home /nonexistent NAME" },
	{ "file-unsafe", D,
	    "Others can change or read what second factors rest on; the "
	    "verifier refuses to use it.",
	    "Who could write there? Then chown and chmod as medusa-mfad(8), "
	    "FILES, says." },
	{ "key-missing", D,
	    "No record that needs it can be opened: whoever is enrolled is "
	    "refused.",
	    "Put the keys back from the backup, or, where they are credentials "
	    "of the service, restart it. The records are well: do not reset "
	    "them." },
	{ "file-unreadable", D,
	    "The verifier is not root when it uses it: whoever is enrolled is "
	    "refused.",
	    "chgrp and chmod as medusa-mfad(8), FILES, says." },
	/* ---- the store ---- */
	{ "store-missing", D,
	    "Every login that asks for a code is refused: nobody knows who has "
	    "a factor.",
	    "Mount what it lies on, or put all of the store back from the "
	    "backup, as docs/rescue.md has it." },
	{ "store-read-only", D,
	    "A code that cannot be marked as used is not accepted: whoever is "
	    "enrolled is refused.",
	    "mount -o remount,rw; the kernel log says why it is read-only. The "
	    "records are well: do not reset them." },
	{ "store-damaged", D,
	    "Records are bound to the store's id and to their keys: those of "
	    "another store are refused, all of them.",
	    "Put records, store-id and keys of one backup back together, then "
	    "medusa-mfa store check. Do not reset them before." },
	{ "store-newer", D,
	    "This release does not read it, and refuses who it belongs to.",
	    "Install the newer release again. The records are well: do not "
	    "reset them." },
	{ "store-problem", D,
	    "The verifier cannot use records that may be well: who they belong "
	    "to is refused.",
	    "medusa-mfad --check and the kernel log say more; owners and modes "
	    "are in medusa-mfad(8), FILES. Do not reset anybody for it." },
	{ "store-full", D,
	    "Nobody can enrol; where the file system copies what it writes "
	    "(btrfs, ZFS), whoever is enrolled may be refused, too.",
	    "Make room on that file system, or put the store on one of its "
	    "own." },
	{ "store-nearly-full", W,
	    "Something else that writes there, as a log, takes that in "
	    "minutes; then nobody can enrol.",
	    "Make room on that file system, or put the store on one of its "
	    "own." },
	{ "check-problem", D,
	    "The verifier does not serve, or not everybody.",
	    "Do what it says; medusa-mfad --check says it again." },
	{ "check-note", N,
	    "The verifier says so.",
	    "medusa-mfad(8)" },
	/* ---- the running verifier ---- */
	{ "verifier-silent", D,
	    "Every login that asks for a code is refused.",
	    "medusa-mfad --check says why." },
	{ "socket-silent", W,
	    "Screen lockers and users' own commands get no answer; logins of "
	    "root-run programs start a verifier each.",
	    "systemctl restart medusa-mfad.socket" },
	{ "socket-locker", W,
	    "Nobody unlocks a screen locker that does not run as root.",
	    "systemctl enable --now medusa-mfad.socket" },
	{ "socket-missing", N,
	    "Hosts that do not run as root, and users' own commands, need it.",
	    "systemctl enable --now medusa-mfad.socket, if they are used." },
	{ "record-problem", W,
	    "This user is refused.",
	    "medusa-mfa status --user NAME says more; at last: medusa-mfa "
	    "reset NAME" },
	{ "record-orphan", W,
	    "Whoever gets the name again meets this record.",
	    "medusa-mfa reset NAME, then medusa-mfa users remove NAME" },
	{ "record-renamed", W,
	    "Factors stay with the old name: if it is the same person, nobody "
	    "asks for a code under the new one until it has factors of its "
	    "own.",
	    "Of the new name: medusa-mfa enroll --user, or invite; of the old "
	    "one: medusa-mfa reset, then medusa-mfa users remove." },
	{ "record-foreign", W,
	    "The name has another uid than when it was enrolled: refused.",
	    "If it is the same person: medusa-mfa reset NAME, and enrol anew." },
	{ "admin-lockout", D,
	    "No administrator gets in with a second factor.",
	    "medusa-mfa enroll --user NAME, medusa-mfa unlock NAME, or a rule "
	    "that lets administrators in before the one that does not." },
	{ "admin-not-enrolled", W,
	    "This administrator is refused where a code is asked for.",
	    "medusa-mfa enroll --user NAME" },
	{ "admin-blocked", W,
	    "This administrator needs a recovery code or another one.",
	    "medusa-mfa unlock NAME" },
	{ "clock-unsynced", W,
	    "Codes from apps fail once the clock is off by a minute.",
	    "Run a time service: chrony or systemd-timesyncd." },
	{ "clock-wrong", D,
	    "Codes from apps are refused while the clock is before the release "
	    "date.",
	    "Set the clock." },
	{ "selinux-label", W,
	    "A confined program may not reach it.",
	    "restorecon -Rv on the path" },
	{ "apparmor-profile", W,
	    "AppArmor keeps it from the verifier: its logins are refused.",
	    "In the file of the same name in /etc/apparmor.d/local, "
	    "two lines: " MFA_RUNDIR "/socket rw, and " MFA_SBINDIR
	    "/medusa-mfad PUx, then apparmor_parser -r on the profile" },
	{ "not-set-up", N,
	    "There is nothing to look at.",
	    "medusa-mfa setup" },
	{ "not-root", N,
	    "Keys, records and the effective configuration of sshd were not "
	    "looked at.",
	    "Run it as root." },
};
const size_t mfa_finding_kind_count =
    sizeof(mfa_finding_kinds) / sizeof(mfa_finding_kinds[0]);
