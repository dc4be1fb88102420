#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Records, keys, folders and names that somebody tampered with: refused, and
# never taken for "not enrolled" (R2, R4, R17, R18, R22, R30).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

records=$MFA_STATE/records
slot=8192

# refused NAME USER [RESULT]: whatever policy and host say about users without
# a factor.
refused() {
	local wanted=${3:-unavail} service
	for service in service nullok; do
		is "$way: $1: $service" \
		    "$(pam_result "$service" "$2" "$(code "$2" 1)")" "$wanted"
	done
	conf '[mfa]\nrequire = all'
	is "$way: $1: nullok and require = all" \
	    "$(pam_result nullok "$2" "$(code "$2" 1)")" "$wanted"
	conf
}

# fine NAME USER: put right, the code that was refused is still good.
fine() {
	is "$way: $1: mended" \
	    "$(pam_result service "$2" "$(code "$2" 1)")" success
}

# spoil FILE OFFSET COUNT [BYTE]: overwrites in place.
spoil() {
	head -c "$3" /dev/zero | tr '\0' "${4:-\\0}" |
	    dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# spoiled NAME COMMAND...: COMMAND FILE spoils the record of a user.
spoiled() {
	local name=$1 user file
	shift
	count=$((count + 1))
	user=$way-spoiled$count
	new_users "$user"
	file=$records/u-$user
	cp -a "$file" "/tmp/$user"
	"$@" "$file"
	refused "$name" "$user"
	unlike "$way: $name: status says so" \
	    "$(mfa status --user "$user" --json 2>&1)" '"problem": *""'
	rm -rf "$file" "$file-2"
	cp -a "/tmp/$user" "$file"
	fine "$name" "$user"
}

empty() { : >"$1"; }
shorten() { truncate -s "$1" "$2"; }
both_slots() { spoil "$1" 0 $((2 * slot)); }
both_tags() { spoil "$1" 8000 100 x; spoil "$1" $((slot + 8000)) 100 x; }
newer_format() { spoil "$1" 11 1 '\377'; spoil "$1" $((slot + 11)) 1 '\377'; }
other_key() { spoil "$1" 12 8 k; spoil "$1" $((slot + 12)) 8 k; }
other_store() { spoil "$1" 20 16 s; spoil "$1" $((slot + 20)) 16 s; }
# dropping the link count to 1 again is rm FILE-2
hard_link() { ln "$1" "$1-2"; }
sym_link() { mv "$1" "$1-2" && ln -s "$1-2" "$1"; }
folder() { rm "$1" && mkdir "$1"; }
fifo() { rm "$1" && mkfifo "$1" && chown medusa-mfa: "$1" && chmod 600 "$1"; }
no_read() { chown root: "$1"; }
slots_swapped() {
	{ tail -c "$slot" "$1" && head -c "$slot" "$1"; } >/tmp/swapped
	cat /tmp/swapped >"$1"
}

spoiled_records() {
	spoiled "empty record" empty
	spoiled "record of one slot" shorten "$slot"
	spoiled "record of 100 bytes" shorten 100
	spoiled "record too long" shorten $((2 * slot + 1))
	spoiled "both slots overwritten" both_slots
	spoiled "both slots changed in their last bytes" both_tags
	spoiled "format of the future" newer_format
	spoiled "unknown key" other_key
	spoiled "another store's" other_store
	spoiled "slots exchanged (R17)" slots_swapped
	spoiled "hard link" hard_link
	spoiled "symbolic link" sym_link
	spoiled "folder" folder
	spoiled "FIFO" fifo
	spoiled "root's" no_read
	spoiled "readable by others" chmod 0644
	spoiled "writable by the group" chmod 0660
}

one_slot_is_enough() {
	local user=$way-torn file=$records/u-$way-torn next
	new_users "$user"
	# a login writes both slots anew; the older one is torn
	is "$way: a login" "$(pam_result service "$user" "$(code "$user")")" \
	    success
	if [ "$(older "$file")" = 0 ]; then
		spoil "$file" 4096 4096
	else
		spoil "$file" $((slot + 4096)) 4096
	fi
	next=$(code "$user" 1)
	is "$way: the older slot torn: the next code lets in" \
	    "$(pam_result service "$user" "$next")" success
	is "$way: and is used up" "$(pam_result service "$user" "$next")" \
	    auth_err
}

# older FILE: 0 or 1, by the sequence in the header, bytes 40 to 47.
older() {
	local first second
	first=$(od -An -tx1 -j40 -N8 "$1" | tr -d ' ')
	second=$(od -An -tx1 -j$((slot + 40)) -N8 "$1" | tr -d ' ')
	[[ $first < $second ]] && echo 0 || echo 1
}

swapped_users() {
	local a=$way-swap-a b=$way-swap-b
	new_users "$a" "$b"
	mv "$records/u-$a" /tmp/a
	mv "$records/u-$b" "$records/u-$a"
	mv /tmp/a "$records/u-$b"
	refused "records exchanged (R17): one" "$a"
	refused "records exchanged (R17): the other" "$b"
	is "$way: nor does one enter with the other's code" \
	    "$(pam_result service "$a" "$(code "$b" 1)")" unavail
}

# around NAME PATH COMMAND...: something around the records is spoiled.
around() {
	local name=$1 path=$2 wanted=$3 user before owner
	shift 3
	count=$((count + 1))
	user=$way-around$count
	new_users "$user"
	before=$(stat -c %a "$path")
	owner=$(stat -c %u:%g "$path")
	"$@" "$path"
	refused "$name (R18)" "$user" "$wanted"
	chown "$owner" "$path"
	chmod "$before" "$path"
	fine "$name" "$user"
}

surroundings() {
	local key
	new_users "$way-around"
	key=$(find "$MFA_ETC/keys" -name '*.key' | head -n 1)
	around "records/ open to all" "$records" unavail chmod 0755
	around "records/ root's" "$records" unavail chown root:root
	around "the store writable by others" "$MFA_STATE" unavail chmod 0777
	around "the store the account's" "$MFA_STATE" unavail chown medusa-mfa
	around "key readable by all" "$key" unavail chmod 0644
	around "key writable by its group" "$key" unavail chmod 0660
	around "key the account's" "$key" unavail chown medusa-mfa
	around "keys/ writable by the group" "$MFA_ETC/keys" unavail chmod 0770
	around "configuration writable by others" \
	    "$MFA_ETC/medusa-mfa.conf" service_err chmod 0666
	around "configuration not root's" \
	    "$MFA_ETC/medusa-mfa.conf" service_err chown medusa-mfa
	around "configuration folder writable by the group" \
	    "$MFA_ETC" service_err chmod 0775
	mv "$key" /tmp/key
	refused "key gone" "$way-around"
	mv /tmp/key "$key"
	fine "key gone" "$way-around"
}

# prompts USER: how often USER would be asked.
prompts() {
	"$host_build/tests/host/pamtry" service "$1" </dev/null 2>&1 |
	    grep -c 'Verification code'
}

hostile_names() {
	local name shown before after long
	long=$(printf 'x%.0s' $(seq 257))
	before=$(find "$MFA_ETC" "$MFA_STATE" "$MFA_RUN" 2>/dev/null | sort)
	for name in .. . 'x y' A/B /etc/passwd 'DOM\user' user@dom ROOT \
	    $'a\nb' $'esc\e[31m' '%s%n' -x "${long:0:256}"; do
		printf -v shown %.20q "$name"
		is "$way: unknown user $shown: refused" \
		    "$(pam_result nullok "$name" 123456)" auth_err
		is "$way: unknown user $shown: asked as others" \
		    "$(prompts "$name")" 1
	done
	for name in "" "$long" "$long$long"; do
		is "$way: a name of ${#name} bytes" \
		    "$(pam_result service "$name" 123456)" user_unknown
		is "$way: a name of ${#name} bytes is not asked" \
		    "$(prompts "$name")" 0
	done
	after=$(find "$MFA_ETC" "$MFA_STATE" "$MFA_RUN" 2>/dev/null | sort)
	is "$way: no name made a file" "$after" "$before"
	unlike "$way: no control character reaches the log (R26)" \
	    "$(<"$test_log")" '\(unprintable\)'
}

# Odd names that the user database knows work, each with a file of its own.
odd_names() {
	local name=$way.Odd@dom other=$way.odd@dom
	new_users "$name" "$other"
	is "$way: an odd name that exists logs in (R22)" \
	    "$(pam_result service "$name" "$(code "$name")")" success
	is "$way: its twin in small letters has another record" \
	    "$(pam_result service "$other" "$(code "$name" 1)")" auth_err
	is "$way: and its own code" \
	    "$(pam_result service "$other" "$(code "$other")")" success
}

# held COMMAND...: a login that waits at the prompt while COMMAND runs.
held() {
	local answer=$1 user=$2 fifo=/tmp/fifo.$2
	shift 2
	rm -f "$fifo"
	mkfifo "$fifo"
	"$host_build/tests/host/pamtry" nullok "$user" <"$fifo" 2>/dev/null &
	exec 7>"$fifo"
	sleep 0.3
	"$@" >/dev/null 2>&1
	printf '%s\n' "$answer" >&7
	exec 7>&-
	wait $!
}

anew() {
	mfa reset --yes "$1" && enrol "$1"
}

deleted_while_held() {
	local user=$way-held old
	new_users "$user"
	is "$way: a record deleted while held is no success and no ignore" \
	    "$(held "$(code "$user")" "$user" rm "$records/u-$user")" auth_err
	enrol "$user"
	old=$(code "$user")
	is "$way: reset and enrolled anew while held: the old code is refused" \
	    "$(held "$old" "$user" anew "$user")" auth_err
	enrol "$user" --label second
	is "$way: replaced while locked by another: refused or waited for" \
	    "$(held "$(code "$user")" "$user" mfa disable --yes \
	        --user "$user" second)" auth_err
}

locked_by_another() {
	local user=$way-lock began
	new_users "$user"
	flock "$records/u-$user" sleep 5 &
	sleep 0.2
	began=$(date +%s)
	is "$way: a record that somebody holds locked refuses" \
	    "$(pam_result service "$user" "$(code "$user")")" unavail
	is "$way: after two seconds" \
	    "$(($(date +%s) - began <= 4))" 1
	wait $!
	is "$way: later it is free" \
	    "$(pam_result service "$user" "$(code "$user")")" success
}

created_anew() {
	local user=$way-anew
	new_users "$user"
	sed -i "s/^$user:x:[0-9]*:/$user:x:$((next_uid + 5000)):/" /etc/passwd
	refused "a user created anew with another uid (R22)" "$user" auth_err
	is "$way: nor does a recovery code help" \
	    "$(pam_result service "$user" "$(recovery_code "$user" 1)")" \
	    auth_err
	fails "$way: nobody enrols on top of it" \
	    mfa enroll --user "$user" --json
	runs "$way: reset" mfa reset --yes "$user"
	is "$way: then the user is not enrolled" \
	    "$(pam_result service "$user" x)" ignore
	enrol "$user"
	is "$way: and can enrol" \
	    "$(pam_result service "$user" "$(code "$user")")" success
}

not_enrolled() {
	local user=$way-none
	add_users "$user"
	is "$way: not enrolled, require = enrolled: ignored (R2)" \
	    "$(pam_result service "$user" x)" ignore
	pending "$user"
	is "$way: a pending factor alone changes nothing" \
	    "$(pam_result service "$user" "$(code "$user")")" ignore
	conf '[mfa]\nrequire = all'
	is "$way: not enrolled, require = all: refused" \
	    "$(pam_result service "$user" "$(code "$user")")" auth_err
	is "$way: unless the host says nullok" \
	    "$(pam_result nullok "$user" x)" ignore
	conf "[mfa]\nrequire = all\nexempt_users = $user"
	is "$way: or the user is exempt" "$(pam_result service "$user" x)" ignore
	conf
}

everything() {
	local count=0
	pam_bare service retry=1
	pam_bare nullok nullok retry=1
	not_enrolled
	spoiled_records
	one_slot_is_enough
	swapped_users
	surroundings
	hostile_names
	odd_names
	deleted_while_held
	locked_by_another
	created_anew
}

each_way everything
done_testing
