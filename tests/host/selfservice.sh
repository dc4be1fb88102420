#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The command for ordinary users who have a factor, through a listening verifier:
# each for oneself, with a proof (R14, R21).
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/self.sh
. "$host_lib/self.sh"

second_factor() {
	local out used
	used=$(code dora)
	out=$(own_terminal dora enroll --label tablet <<-SCRIPT
	? $code_question
	! $used
	? Key: [A-Z2-7 ]+
	? Code from your app:
	$ sleep 6
	% phone
	? enabled
	SCRIPT
	)
	is "second factor, proven by a code: status" "$?" 0
	like "second factor: the old recovery codes stay" "$out" 'stay good'
	unlike "second factor: the code is not on the screen" "$out" "$used"
	is "second factor: both are there" "$(states_of dora)" \
	    "$(printf 'tablet enabled\ntotp enabled')"
	status_is "the code was used up by it" 3 own dora rename tablet pad \
	    <<<"$used"
	status_is "proven by a recovery code" 0 own dora rename tablet pad \
	    <<<"$(recovery_code dora 1)"
	is "renamed" "$(states_of dora | head -n 1)" "pad enabled"
	status_is "a recovery code proves once" 3 own dora rename pad slate \
	    <<<"$(recovery_code dora 1)"
	out=$(own dora recovery-codes --yes --json <<<"$(recovery_code dora 2)")
	is "new recovery codes: ten" "$(jq '.recovery_codes | length' \
	    <<<"$out")" 10
	status_is "the old ones prove nothing" 3 own dora disable --yes pad \
	    <<<"$(recovery_code dora 3)"
	recovery[dora]=$(jq -r '.recovery_codes[]' <<<"$out")
	out=$(own_terminal dora disable pad <<-SCRIPT
	? Disable factor pad of dora\? \[y/N\]
	! y
	? $code_question
	! $(recovery_code dora 1)
	SCRIPT
	)
	is "disable: agreed, then proven" "$?" 0
	is "disable: one is left" "$(states_of dora)" "totp enabled"
}

# What a person asks to have in a file is in one of his own, never in another's.
own_file() {
	local file=/tmp/dora.codes
	: >/tmp/bert.file
	chown bert /tmp/bert.file
	chmod 0666 /tmp/bert.file
	status_is "codes into a file of somebody else: no" 1 own dora \
	    recovery-codes --yes --output /tmp/bert.file \
	    <<<"$(recovery_code dora 2)"
	is "it stays as it was (R14)" "$(wc -c </tmp/bert.file)" 0
	umask 0
	status_is "codes into a file" 0 own dora recovery-codes --yes \
	    --output "$file" <<<"$(recovery_code dora 2)"
	umask 022
	is "whose it is, and who reads it (R14)" \
	    "$(stat -c '%U %a' "$file")" "dora 600"
	is "ten codes" "$(grep -cE "^$recovery_form\$" "$file")" 10
	recovery[dora]=$(grep -E "^$recovery_form\$" "$file")
}

without_proof() {
	local before line out
	before=$(states_of bert)
	mark_log
	while read -r line; do
		# shellcheck disable=SC2086
		status_is "no proof: $line" 1 own bert $line </dev/null
	done <<-'LINES'
	enroll --json
	disable --yes totp
	recovery-codes --yes
	rename totp other
	LINES
	out=$(own_terminal bert disable --yes totp <<-SCRIPT
	? $code_question
	! 000000
	? $code_question
	! junk
	? $code_question
	! 000001
	SCRIPT
	)
	is "three wrong proofs: status" "$?" 3
	like "three wrong proofs: says so" "$out" 'nothing was changed; run it again'
	is "and nothing was changed" "$(states_of bert)" "$before"
	is "wrong proofs are charged as at a login (R9)" "$(log_lines |
	    grep -c 'challenge.failed user=bert .*reason=wrong')" 2
	out=$(own_terminal bert disable --yes totp <<-SCRIPT
	? $code_question
	~ \x03
	SCRIPT
	)
	is "Ctrl-C at the proof: status" "$?" 130
	is "Ctrl-C: nothing was changed" "$(states_of bert)" "$before"
}

# What cannot be is said before the proof is asked for (R21).
mistakes() {
	local line used out
	used=$(recovery_code dora 9)
	while read -r line; do
		# shellcheck disable=SC2086
		status_is "no proof is spent: $line" 1 own dora $line <<<"$used"
	done <<-'LINES'
	disable --yes nothing
	rename nothing pad
	confirm nothing
	enroll --json --label totp
	enroll --json --provider cuckoo
	LINES
	status_is "a label that is none" 2 own dora rename totp Totp <<<"$used"
	out=$(own dora recovery-codes --yes --json <<<"$used" 2>/dev/null)
	is "the code was good all the time" "$?" 0
	recovery[dora]=$(jq -r '.recovery_codes[]' <<<"$out")
	like "script: what was missing is named" \
	    "$(own dora recovery-codes --yes 2>&1 </dev/null)" \
	    'ended before the code of a factor you have$'
	settle 4
	like "verify that is refused: see status" \
	    "$(own dora verify 2>&1 <<<"$(wrong_code dora)")" \
	    'locked\? see medusa-mfa status'
	mfa unlock dora >/dev/null
}

# The proof ends with the conversation; the new factor stays pending.
interrupted() {
	local out
	out=$(own_terminal bert enroll --label tablet <<-SCRIPT
	? $code_question
	! $(recovery_code bert 1)
	? Code from your app:
	$ echo "\$SEEN" | sed -n 's/^Key: //p' | tr -d ' ' >/tmp/key
	~ \x03
	SCRIPT
	)
	is "Ctrl-C at the app's code: status" "$?" 130
	like "and it says how to go on" "$out" \
	    'pending and expires in .*: medusa-mfa confirm tablet$'
	settle 3
	status_is "confirm needs a proof, as he is enrolled" 3 own bert confirm \
	    tablet <<<"$(printf '%s\n' 000000 \
	    "$(oathtool --totp -b - </tmp/key)")"
	status_is "confirm: the proof, then the code" 0 own bert confirm tablet \
	    <<<"$(printf '%s\n' "$(recovery_code bert 2)" \
	    "$(oathtool --totp -b - </tmp/key)")"
	is "confirmed" "$(states_of bert)" \
	    "$(printf 'tablet enabled\ntotp enabled')"
}

last_factor() {
	local out
	conf '[mfa]\nrequire = all'
	out=$(own dora disable --yes totp <<<"$(recovery_code dora 2)" 2>&1)
	is "the last one, where one is required: status" "$?" 1
	like "the last one: one clear line" "$out" \
	    '^medusa-mfa: .*last factor.*required'
	is "the last one: stays" "$(states_of dora)" "totp enabled"
	conf
	out=$(own_terminal dora disable totp <<-SCRIPT
	? With the last factor go the recovery codes
	? may need an invitation
	? \[y/N\]
	! perhaps
	? Answer y or n
	? \[y/N\]
	! y
	? $code_question
	! $(recovery_code dora 3)
	SCRIPT
	)
	is "the last one, where none is required: status" "$?" 0
	is "and she is no longer enrolled" "$(status_of dora enrolled)" false
}

# ---- somebody else's ----

others() {
	local line
	while read -r line; do
		# shellcheck disable=SC2086
		like "another's record: $line" \
		    "$(own bert $line --user anna 2>&1 </dev/null)" \
		    '^medusa-mfa: only root may name another user with --user$'
	done <<-'LINES'
	enroll
	list
	status
	verify
	disable totp
	recovery-codes
	LINES
	status_is "one's own name may be said" 0 own bert status --user bert
	is "status is one's own" "$(own bert status --json | jq -r .user)" bert
	like "list is one's own" "$(own bert list)" '^totp'
}

no_service() {
	local line
	way_stop
	while read -r line; do
		# shellcheck disable=SC2086
		status_is "no service: $line, status" 4 own bert $line </dev/null
		# shellcheck disable=SC2086
		is "no service: $line, one line with a hint" \
		    "$(own bert $line 2>&1 </dev/null)" \
		    "medusa-mfa: the verifier service is not running: ask your administrator to start it (systemctl enable --now medusa-mfad.socket)"
	done <<-'LINES'
	enroll
	disable --yes totp
	verify
	status
	LINES
}

new_users bert dora
settle 6
way_start listening
mistakes
second_factor
own_file
without_proof
interrupted
last_factor
others
no_service
own_secrets_unlogged
done_testing
