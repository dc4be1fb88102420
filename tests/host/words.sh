#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the command says to who is here for the first time: a name that was
# mistyped, output that cannot be written, a lock that no tried code meets, a
# first code that was wrong too often (R5, R21).
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/self.sh
. "$host_lib/self.sh"

nobody='medusa-mfa: there is no such user on this host:'

# A user who left, whose record did not.
gone() {
	userdel erik
	like "gone: his factors are listed" "$(mfa list --user erik)" '^totp '
	like "gone: verify asks, and refuses" \
	    "$(mfa verify --user erik 2>&1 <<<000000)" 'Wrong code'
	status_is "gone: unlock" 0 mfa unlock erik
	status_is "gone: reset" 0 mfa reset --yes erik
	status_is "gone: remove" 0 mfa users --yes remove erik
	is "gone: then he is nobody" "$(mfa unlock erik 2>&1)" "$nobody erik"
}

mistyped() {
	local line
	while read -r line; do
		# shellcheck disable=SC2086
		status_is "nobody: $line, status" 1 mfa $line <<<000000
		# shellcheck disable=SC2086
		is "nobody: $line" "$(mfa $line 2>&1 <<<000000)" "$nobody anan"
	done <<-'LINES'
	verify --user anan
	list --user anan
	list --user anan --json
	status --user anan
	unlock anan
	reset --yes anan
	users --yes remove anan
	disable --yes --user anan totp
	confirm --user anan totp
	forget anan
	LINES
	is "nobody: of several the line has the name once" \
	    "$(mfa invite anan anon 2>&1 >/dev/null)" \
	    "medusa-mfa: anan: there is no such user on this host
medusa-mfa: anon: there is no such user on this host
medusa-mfa: 0 invited, 2 not"
	is "nobody: what a terminal does not show" \
	    "$(mfa status --user $'an\e[2Jna' 2>&1)" "$nobody an\\x1b[2Jna"
	like "nobody: others may not even name one (R5)" \
	    "$(own anna list --user anan 2>&1)" 'only root may name another'
	is "somebody without a record is no mistake" \
	    "$(mfa list --user carl)" "carl has no factors."
	like "a hint names whom it is about" \
	    "$(mfa rename --user anna no-such other 2>&1)" \
	    'see medusa-mfa list --user anna$'
	# A directory that is mute is not one that knows nobody.
	mv /etc/passwd /etc/passwd.away
	mkdir /etc/passwd
	unlike "mute: not the same" "$(mfa list --user anan 2>&1)" \
	    'no such user'
	rmdir /etc/passwd
	mv /etc/passwd.away /etc/passwd
}

# Whatever cannot be written is no success, and one line says so.
unwritten() {
	local line
	while read -r line; do
		# shellcheck disable=SC2086
		mfa $line 2>/tmp/said >/dev/full </dev/null
		is "full: $line, status" "$?" 1
		like "full: $line" "$(</tmp/said)" 'cannot write the output$'
	done <<-'LINES'
	list --user anna
	list --user anna --json
	status --user anna
	users
	explain anna sshd
	doctor
	help
	--version
	key list
	key rekey
	store check
	config check
	LINES
	mfa config check >/dev/null 2>/tmp/said
	is "and nothing is wrong without it" "$? $(</tmp/said)" "0 "
}

# A change that was made is told of: the second try would fail, or do it twice.
unwritten_change() {
	local line before
	before=$(mfa key list | wc -l)
	while read -r line; do
		# shellcheck disable=SC2086
		mfa $line 2>/tmp/said >/dev/full </dev/null
		is "full: $line, status" "$?" 1
		like "full: $line" "$(</tmp/said)" \
		    'cannot write the output; it was done all the same$'
	done <<-'LINES'
	rename --user anna totp phone
	rename --user anna phone totp
	unlock anna
	forget anna
	reset --yes carl
	users remove --yes carl
	key rotate
	setup
	LINES
	is "full: the factor has its name" \
	    "$(mfa list --user anna --json | jq -r '.factors[].label')" totp
	is "full: and there is one key more" \
	    "$(mfa key list | wc -l)" "$((before + 1))"
}

# keys_said ITEM COMMAND...: the keys of what it prints that the manual's
# section JSON does not have in that item.
keys_said() {
	local item=$1 key page
	shift
	page=$(awk -v item=".It Cm $item" '/^\.Sh/ { json = $2 == "JSON" }
	    /^\.It/ { on = json && index($0, item) == 1 }
	    on && !/^\.It/ { gsub(/[^a-z_]+/, " "); print }' \
	    "$host_top/man/medusa-mfa.1")
	for key in $(mfa "$@" </dev/null |
	    jq -r '[paths | .[] | strings] | unique | .[]'); do
		[[ " ${page//$'\n'/ } " == *" $key "* ]] || echo "$key"
	done
}

documented() {
	local item line
	while IFS=: read -r item line; do
		# shellcheck disable=SC2086
		is "manual: all keys of $line" "$(keys_said "$item" $line)" ""
	done <<-'LINES'
	enroll:enroll --user carl --json
	recovery-codes:recovery-codes --yes --user anna --json
	invite:invite carl --json
	invite:bypass --for 1h --reason x anna --json
	list:list --user anna --json
	status:status --user anna --json
	explain:explain anna sshd --json
	key list:key list --json
	key list:key retired --json
	key rekey:key rekey --json
	store check:store check --json
	store after-restore:store after-restore --yes --json
	LINES
}

# What is told to be typed is copied.
copied() {
	local words name
	for name in jürgen "o'neil" 'DOM\kim' 'a b'; do
		add_users "$name"
		eval "words=($(mfa enroll --user "$name" --qr none </dev/null |
		    sed -n 's/.*to enable it: //p'))"
		is "hint: $name is one word for the shell" "${words[3]}" "$name"
	done
}

safe_is_full() {
	local out
	mkdir /mnt/safe
	mount -t tmpfs -o size=4k none /mnt/safe
	head -c 4096 /dev/zero >/mnt/safe/filler
	status_is "export: the safe is full: status" 1 \
	    mfa key export --output /mnt/safe/keys
	out=$(mfa key export --output /mnt/safe/keys 2>&1)
	is "export: it is said which one" "$out" \
"problem: cannot write the output: no space left there
medusa-mfa: no keys were written to /mnt/safe/keys"
	is "export: nothing is left of it" "$(ls /mnt/safe)" filler
	umount /mnt/safe
}

# Ten wrong codes of a person's own commands: no login of root's meets that.
locked_elsewhere() {
	local out n
	for n in 1 2 3 4; do
		own anna verify >/dev/null 2>&1 <<<"$(wrong_code anna "$n")
$(wrong_code anna "$((n + 4))")
$(wrong_code anna "$((n + 8))")"
	done
	settle 4
	out=$(mfa verify --user anna 2>&1 <<<"$(code anna)")
	is "verify: a right code is right: status" "$?" 0
	like "verify: and the lock is told" "$out" \
	    'note: at screen lockers and own commands .* lock anna for'
	mfa unlock anna >/dev/null
}

too_often() {
	local out code
	code=$(mfa invite --json carl | jq -r .code)
	out=$(own_terminal carl enroll <<-SCRIPT
	? $invitation_question
	! $code
	? Code from your app:
	! 000000
	? Code from your app:
	! 000000
	? Code from your app:
	! 000000
	? Code from your app:
	! 000000
	? Code from your app:
	! 000000
	SCRIPT
	)
	is "first code wrong too often: status" "$?" 3
	like "first code: how to go on" "$out" \
	    'ask your administrator for another invitation, and begin anew'
	unlike "first code: not by what is locked" "$out" \
	    'medusa-mfa (confirm|unlock)'
	like "it is told of at the next try" \
	    "$(own carl enroll 2>&1 </dev/null)" 'locked after too many wrong'
	like "it is not his to remove" \
	    "$(own carl disable --yes totp 2>&1 </dev/null)" \
	    'goes by itself in [0-9]+ min'
	like "it goes with another invitation, which says so" \
	    "$(mfa invite carl)" \
	    '^Pending factors of an earlier try are gone: 1\.$'
	is "and is gone" "$(states_of carl)" ""
}

new_users anna erik
add_users carl
settle 4
way_start listening
gone
mistyped
unwritten
pending carl
unwritten_change
safe_is_full
locked_elsewhere
too_often
copied
documented
own_secrets_unlogged
done_testing
