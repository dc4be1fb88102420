#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The command as people and scripts use it (R10, R13, R14, R21, R27); other kinds
# of factors are in command_kinds.sh.
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/self.sh
. "$host_lib/self.sh"

# The phone: takes the key from the screen; AT is the time that it believes.
cat >/usr/local/bin/phone <<'PHONE'
#!/bin/bash
key=$(sed -n 's/^Key: //p' <<<"$SEEN" | tail -n 1 | tr -d ' ')
echo "$key" >/tmp/key
oathtool --totp -b -N "${1:-now}" - <<<"$key"
PHONE
chmod 0755 /usr/local/bin/phone

tree_sum() {
	find "$MFA_ETC" "$MFA_STATE" -printf '%p %m %u %g %s\n' | sort
	find "$MFA_ETC" "$MFA_STATE" -type f -exec sha256sum {} + | sort
}

set_up() {
	local before out
	before=$(tree_sum)
	out=$(mfa setup 2>&1)
	is "setup again: status" "$?" 0
	like "setup again: says what is there" "$out" 'there$'
	unlike "setup again: makes nothing" "$out" 'made$'
	like "setup: says what to back up" "$out" "$MFA_ETC/keys"
	like "setup: says what users need who enrol themselves" "$out" \
	    'systemctl enable --now medusa-mfad\.socket'
	is "setup again: changes nothing" "$(tree_sum)" "$before"
	is "records/ is the account's alone" \
	    "$(stat -c '%U %a' "$MFA_STATE/records")" "medusa-mfa 700"
	is "a key is root's, and read by the account" \
	    "$(stat -c '%U %G %a' "$MFA_ETC"/keys/*.key)" "root medusa-mfa 640"
	is "the folder of keys too" \
	    "$(stat -c '%U %G %a' "$MFA_ETC/keys")" "root medusa-mfa 750"
	is "the account has no shell" \
	    "$(getent passwd medusa-mfa | cut -d: -f7)" /usr/sbin/nologin
	fails "setup by somebody else" as bert "$MFA_BIN/medusa-mfa" setup
	rm -rf "$MFA_ETC/keys"
	add_users early
	fails "records without keys: nobody enrols" \
	    mfa enroll --user early --json
	runs "setup makes a first key while there are no records" mfa setup
}

no_new_first_key() {
	mv "$MFA_ETC/keys" /tmp/keys
	fails "setup makes no first key where records are" mfa setup
	rm -rf "$MFA_ETC/keys"
	mv /tmp/keys "$MFA_ETC/keys"
}

# What is in the arguments and environments of our processes.
cat >/usr/local/bin/peek <<'PEEK'
#!/bin/bash
for pid in $(pgrep -x 'medusa-mfad?'); do
	cat "/proc/$pid/cmdline" "/proc/$pid/environ" | tr '\0' '\n'
done >>/tmp/peeked 2>/dev/null
PEEK
chmod 0755 /usr/local/bin/peek

enroll_at_terminal() {
	local out
	add_users anna
	settle 4
	out=$(converse -- "$MFA_BIN/medusa-mfa" enroll --user anna <<-'SCRIPT'
	? Key: [A-Z2-7 ]+
	? Code from your app:
	$ peek
	% phone '10 minutes ago'
	? does not match|wrong|Wrong
	? Code from your app:
	% phone '30 seconds ago'
	$ peek
	? enabled
	SCRIPT
	)
	is "enroll at a terminal: status" "$?" 0
	like "enroll: shows a QR code" "$out" '▀|▄|█'
	is "enroll: ten recovery codes" \
	    "$(grep -cE "^ +$recovery_form\$" <<<"$out")" 10
	secret[anna]=$(</tmp/key)
	algorithm[anna]=sha1 digits[anna]=6 period[anna]=30
	recovery[anna]=$(grep -oE "$recovery_form" <<<"$out")
	is "enroll: the app's code lets in" \
	    "$(pam_result service anna "$(code anna)")" success
	is "enroll: a recovery code too" \
	    "$(pam_result service anna "$(recovery_code anna 1)")" success
	is "small letters and blanks are folded (R13)" \
	    "$(pam_result service anna \
	        "$(recovery_code anna 2 | tr '[:upper:]-' '[:lower:] ')")" \
	    success
	unlike "no key in arguments and environments (R14)" \
	    "$(</tmp/peeked)" "${secret[anna]}"
}

# drawn [NAME=VALUE]...: what enroll shows on a terminal with these.
drawn() {
	converse -- env -u LC_CTYPE "$@" "$MFA_BIN/medusa-mfa" enroll \
	    --user dirk <<-'SCRIPT'
	? Code from your app:
	~ \x03
	SCRIPT
}

qr_code() {
	local out escape=$'\e'
	add_users dirk
	out=$(drawn LC_ALL=xx_XX.UTF-8 TERM=xterm)
	like "QR: a locale of UTF-8 that is not installed here" "$out" '▀|▄|█'
	like "QR: in black and white on each terminal" "$out" "$escape"
	out=$(drawn LC_ALL=xx_XX.UTF-8 TERM=dumb)
	unlike "QR: without colours where they are none" "$out" "$escape"
	like "QR: drawn all the same" "$out" '▀|▄|█'
	mfa reset --yes dirk >/dev/null
	unlike "QR: one of another character set" \
	    "$(drawn LC_ALL=xx_XX.ISO-8859-1 LANG=C.UTF-8)" '▀|▄|█'
}

interrupted() {
	local out before after
	add_users carl
	out=$(converse -- bash -c "stty -a >/tmp/before
	    '$MFA_BIN/medusa-mfa' enroll --user carl
	    echo status \$?; stty -a >/tmp/after" <<-'SCRIPT'
	? Code from your app:
	~ \x03
	? status
	SCRIPT
	)
	like "Ctrl-C: status" "$out" 'status 130'
	before=$(</tmp/before) after=$(</tmp/after)
	is "Ctrl-C: the terminal is as before" "$after" "$before"
	is "Ctrl-C: a pending factor is left (no login is asked for it)" \
	    "$(mfa list --user carl --json | jq -r '.factors[].status')" pending
	like "Ctrl-C: that expires" \
	    "$(mfa list --user carl --json | jq '.factors[].expires_seconds')" \
	    '^[1-9][0-9]*$'
	is "Ctrl-C: logins are as before" \
	    "$(pam_result service carl x)" ignore
	new_users dora
	out=$(converse -- "$MFA_BIN/medusa-mfa" disable --user dora totp <<-'SCRIPT'
	? \[y/N\]
	~ \x03
	SCRIPT
	)
	is "Ctrl-C at disable: still enabled" \
	    "$(mfa list --user dora --json | jq -r '.factors[].status')" enabled
	out=$(converse -- "$MFA_BIN/medusa-mfa" recovery-codes --user dora \
	    <<-'SCRIPT'
	? \[y/N\]
	! n
	SCRIPT
	)
	unlike "no to new recovery codes: none are made" "$out" "$recovery_form"
	is "and the old ones stay" \
	    "$(pam_result service dora "$(recovery_code dora 1)")" success
}

# Before any question: standard input is a terminal here.
root_only() {
	local line out
	while read -r line; do
		# shellcheck disable=SC2086
		out=$(own_terminal bert $line </dev/null)
		like "not root: $line" "$out" '^medusa-mfa: .* must be run as root'
		unlike "and nothing is asked: $line" "$out" ': $|\[y/N\]'
	done <<-'LINES'
	setup
	sync totp
	reset bert
	unlock bert
	invite bert
	users
	key list
	config check
	LINES
}

json() {
	local what
	for what in "status --user dora" "list --user dora" users "key list"; do
		# shellcheck disable=SC2086
		runs "$what --json is JSON" jq -e . <<<"$(mfa $what --json)"
	done
	is "users: lists who has a record" \
	    "$(mfa users --json | jq -r '.users[].user' | grep -cx dora)" 1
	is "status: of one without a record" \
	    "$(mfa status --user root --json | jq -r .exists)" false
	like "status: for people" "$(mfa status --user dora)" \
	    'Factors: +1 enabled, 0 pending'
}

no_more() {
	new_users erik
	fails "disable without a terminal needs --yes" \
	    mfa disable --user erik totp
	runs "disable --yes" mfa disable --yes --user erik totp
	is "disable of the last factor: not enrolled" \
	    "$(pam_result service erik "$(code erik)")" ignore
	is "and the recovery codes are void" \
	    "$(status_of erik recovery_left)" 0
	enrol erik
	is "enrolled anew: the old label is free again" \
	    "$(pam_result service erik "$(code erik)")" success
	runs "reset" mfa reset --yes erik
	is "reset: not enrolled" "$(pam_result service erik x)" ignore
	fails "users remove needs a record that was reset" \
	    mfa users --yes remove dora
	runs "users remove" mfa users --yes remove erik
	is "and the record is gone" \
	    "$(find "$MFA_STATE/records" -name '*erik*')" ""
	fails "reset of somebody unknown" mfa reset --yes no-such-user
}

new_recovery_codes() {
	local out
	new_users frida
	out=$(mfa recovery-codes --yes --user frida --json)
	is "new recovery codes: ten" "$(jq '.recovery_codes | length' <<<"$out")" 10
	is "the old ones are void (R13)" \
	    "$(pam_result service frida "$(recovery_code frida 1)")" auth_err
	is "the new ones are good" "$(pam_result service frida \
	    "$(jq -r '.recovery_codes[9]' <<<"$out")")" success
}

locked() {
	local n right
	new_users gerd
	for n in 1 2 3 4 5; do
		pam_result service gerd "$(wrong_code gerd "$n")" >/dev/null
	done
	is "five wrong codes: the right one is refused (R9)" \
	    "$(pam_result service gerd "$(code gerd)")" auth_err
	like "status says locked" "$(mfa status --user gerd;
	    mfa list --user gerd)" '1[45] min'
	runs "unlock" mfa unlock gerd
	is "unlocked: the right code lets in" \
	    "$(pam_result service gerd "$(code gerd)")" success
	right=$(code gerd 1)
	is "verify: the next one" \
	    "$(mfa verify --user gerd 2>&1 <<<"$right")" "The code is right."
	fails "verify: not again" mfa verify --user gerd <<<"$right"
}

cat >/usr/local/bin/good-editor <<'EDITOR'
#!/bin/sh
sed -i "0,/^#*require = .*/s//require = all/" "$1"
EDITOR
cat >/usr/local/bin/bad-editor <<'EDITOR'
#!/bin/sh
echo nonsense >>"$1"
EDITOR
cat >/usr/local/bin/no-editor <<'EDITOR'
#!/bin/sh
exit 3
EDITOR
chmod 0755 /usr/local/bin/*-editor

configuration() {
	local out before
	conf '[mfa]\nrequre = all'
	out=$(mfa config check 2>&1)
	like "config check: a typo is refused (R27)" "$?" '^[1-9]'
	like "config check: file, line and name" "$out" 'test\.conf:2:.*requre'
	is "a typo refuses logins" \
	    "$(pam_result service dora "$(code dora)")" service_err
	conf '[mfa]\nrequire = everybody'
	like "config check: a bad value" "$(mfa config check 2>&1)" 'test\.conf:2:'
	conf '[mfa]\nrequire = all\nrequire = all'
	like "config check: said twice" "$(mfa config check 2>&1)" 'test\.conf:3:'
	conf '[mfa]\njunk'
	like "config check: junk" "$(mfa config check 2>&1)" 'test\.conf:2:'
	conf
	runs "config check: the default is good" mfa config check
	before=$(sha256sum "$MFA_ETC/medusa-mfa.conf")
	fails "config edit: what is wrong is not put in place" \
	    env EDITOR=bad-editor VISUAL="" "$MFA_BIN/medusa-mfa" config edit
	fails "config edit: the editor fails" \
	    env EDITOR=no-editor VISUAL="" "$MFA_BIN/medusa-mfa" config edit
	is "config edit: the old one stands" \
	    "$(sha256sum "$MFA_ETC/medusa-mfa.conf")" "$before"
	runs "config edit" env EDITOR=good-editor VISUAL="" \
	    "$MFA_BIN/medusa-mfa" config edit
	like "config edit: is in place" "$(<"$MFA_ETC/medusa-mfa.conf")" \
	    '^require = all'
	is "config edit: leaves no copy" \
	    "$(find "$MFA_ETC" -name '.medusa*')" ""
	is "and the next login sees it" \
	    "$(pam_result service carl x)" auth_err
	sed -i 's/^require = all/require = enrolled/' "$MFA_ETC/medusa-mfa.conf"
}

keys() {
	local first
	new_users hugo
	first=$(mfa key list --json | jq -r '.keys[] | select(.primary).id')
	runs "key new" mfa key new
	is "key list: two" "$(mfa key list --json | jq '.keys | length')" 2
	is "key list: one primary" \
	    "$(mfa key list --json | jq '[.keys[] | select(.primary)] | length')" 1
	unlike "key list: another one" \
	    "$(mfa key list --json | jq -r '.keys[] | select(.primary).id')" \
	    "$first"
	unlike "key list: no key in it" "$(mfa key list --json)" \
	    "$(cat "$MFA_ETC"/keys/*.key | head -n 1)"
	is "records sealed with the old key are good" \
	    "$(pam_result service hugo "$(code hugo)")" success
	is "and move to the new key" \
	    "$(pam_result service hugo "$(code hugo 1)")" success
	rm "$MFA_ETC/keys/$first.key"
	is "so that the old one can go" \
	    "$(pam_result service hugo "$(recovery_code hugo 1)")" success
}

output() {
	add_users ida
	pending ida
	settle 2
	: >/tmp/there
	fails "--output: never over a file (R14)" mfa confirm --user ida \
	    --output /tmp/there "${factor[ida]}" <<<"$(code ida -1)"
	ln -s /tmp/not-there /tmp/link
	fails "--output: never through a link (R14)" mfa confirm --user ida \
	    --output /tmp/link "${factor[ida]}" <<<"$(code ida -1)"
	is "so nothing was enabled" \
	    "$(mfa list --user ida --json | jq -r '.factors[].status')" pending
	(umask 0; mfa confirm --user ida --output /tmp/codes "${factor[ida]}" \
	    <<<"$(code ida -1)") >/tmp/said 2>&1
	is "--output: ten codes" "$(grep -cE "^$recovery_form\$" /tmp/codes)" 10
	is "--output: nobody else reads them (R14)" \
	    "$(stat -c '%U %a' /tmp/codes)" "root 600"
	unlike "--output: not on the screen" "$(</tmp/said)" "$recovery_form"
	is "--output: they are good" "$(pam_result service ida \
	    "$(head -n 1 /tmp/codes)")" success
}

wrong_use() {
	local line
	while read -r line; do
		# shellcheck disable=SC2086
		fails "refused: medusa-mfa $line" mfa $line </dev/null
	done <<-'LINES'
	nonsense
	enroll --nonsense
	enroll --user no-such-user --json
	enroll --user dora --digits 5 --json
	enroll --user dora --algorithm MD5 --json
	enroll --user dora --period 7 --json
	enroll --user dora --label ../x --json
	enroll --user dora --label totp --json
	enroll --user dora extra
	enroll --user dora --provider otp
	enroll --user dora --provider otp --address a@b --import-secret
	enroll --user dora --address a@b
	enroll --user dora --counter 5
	enroll --user dora --provider hotp --counter -1
	enroll --user dora --provider hotp --counter 9007199254740993
	enroll --user dora --provider hotp --period 30
	enroll --user dora --provider recovery_code
	enroll --realm shop --json
	enroll --realm ../shop --user dora --json
	list --user dora --json --long
	rename --user dora totp
	rename --user dora nothing phone
	send --user dora totp
	confirm --user dora
	confirm --user dora nothing
	verify --user dora 123456
	users remove
	key remove
	config
	LINES
	like "did you mean" "$(mfa enrol 2>&1)" 'did you mean enroll\?$'
	like "root without --user is told whom" \
	    "$(SUDO_USER=dora mfa enroll --label mine --qr none </dev/null)" \
	    '^New factor for root \(for dora: --user dora\)'
	like "help config: explains its words" "$(mfa help config)" \
	    '^  edit +edit a copy'
	unlike "help: a realm's account may say --user" "$(mfa help list)" \
	    'root only'
	like "help" "$(mfa help 2>&1; mfa --help 2>&1)" 'recovery-codes'
	fails "somebody else's record" own anna status --user dora
	like "without a service, others are told" "$(own anna status 2>&1)" \
	    'not running'
}

# Codes that nobody could see.
unwritable() {
	local out what
	add_users queenie
	for what in "" --json; do
		# shellcheck disable=SC2086
		out=$(mfa enroll --user queenie $what 2>&1 >/dev/full </dev/null)
		is "enroll $what on a full disk: status" "$?" 1
		like "enroll $what on a full disk: the key is lost" "$out" \
		    'lost: medusa-mfa disable --yes --user queenie totp'
	done
	mfa reset --yes queenie >/dev/null
	for what in "" --json; do
		pending queenie
		settle 2
		# shellcheck disable=SC2086
		out=$(mfa confirm --user queenie $what "${factor[queenie]}" \
		    2>&1 >/dev/full <<<"$(code queenie -1)")
		is "confirm $what on a full disk: status" "$?" 1
		like "confirm $what: lost codes are told (R13)" "$out" \
		    'lost: medusa-mfa recovery-codes --user queenie makes'
		# shellcheck disable=SC2086
		out=$(mfa recovery-codes --yes --user queenie $what 2>&1 \
		    >/dev/full)
		is "recovery-codes $what on a full disk: status" "$?" 1
		like "recovery-codes $what: too (R13)" "$out" \
		    'lost: medusa-mfa recovery-codes --user queenie makes'
		mfa reset --yes queenie >/dev/null
	done
	mkdir /tmp/full
	mount -t tmpfs -o size=4k,nr_inodes=3 tmpfs /tmp/full
	head -c 4096 /dev/zero >/tmp/full/all
	enrol queenie
	out=$(mfa recovery-codes --yes --user queenie --output /tmp/full/codes \
	    2>&1 >/tmp/said)
	is "--output on a full disk: status" "$?" 1
	like "--output on a full disk: they are lost" "$out" \
	    'no space left there; .* lost: medusa-mfa recovery-codes'
	is "--output on a full disk: and not in a pipe (R14)" "$(</tmp/said)" ""
	out=$(converse -- "$MFA_BIN/medusa-mfa" recovery-codes --yes \
	    --user queenie --output /tmp/full/codes </dev/null)
	is "--output on a full disk: shown at a terminal" \
	    "$(grep -cE "^ +$recovery_form" <<<"$out")" 10
	umount /tmp/full
}

# Nobody ran setup, or what it made is gone.
not_set_up() {
	local line
	mv "$MFA_ETC/keys" /tmp/keys
	mv "$MFA_STATE/records" /tmp/records
	while read -r line; do
		# shellcheck disable=SC2086
		like "before setup: medusa-mfa $line" \
		    "$(mfa $line 2>&1 </dev/null)" 'run medusa-mfa setup$'
	done <<-'LINES'
	enroll --user dora --json
	list --user dora
	users
	config check
	key new
	LINES
	mv /tmp/keys "$MFA_ETC/keys"
	mv /tmp/records "$MFA_STATE/records"
	runs "and after it" mfa config check
}

pam_bare service retry=1
add_users bert
: >/tmp/peeked
set_up
enroll_at_terminal
qr_code
interrupted
json
no_more
new_recovery_codes
locked
configuration
keys
output
unwritable
root_only
wrong_use
no_new_first_key
not_set_up
secrets_unseen "no key and no recovery code in logs and arguments (R14)" \
    "$test_log" /tmp/peeked
secrets_sealed "nor in a record (B11)"
done_testing
