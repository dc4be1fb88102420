#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Keys are rotated, records move, old keys go, while people log in (R6, R17,
# R19, R29).
# shellcheck disable=SC2154

# shellcheck disable=SC2034
sandbox_options=(--state-image 40M)
# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/waiting.sh
. "$host_lib/waiting.sh"

ring=$MFA_ETC/keys
records=$MFA_STATE/records

primary() { cat "$ring/primary"; }

# others: keys of the ring that are not the primary.
others() {
	local file
	for file in "$ring"/*.key; do
		file=${file##*/}
		[ "${file%.key}" = "$(primary)" ] || echo "${file%.key}"
	done
}

# long_ago: so that remove need not wait for what began before the rotation.
long_ago() { touch -d '1 hour ago' "$ring/primary"; }

# slots_of FILE: the key ids that its slots name.
slots_of() {
	od -An -tx1 -j 12 -N 8 "$1" | tr -d ' \n'
	echo
	od -An -tx1 -j $((8192 + 12)) -N 8 "$1" | tr -d ' \n'
	echo
}

# needed: the key ids that any record names, each once.
needed() {
	/usr/bin/python3 - "$records" <<-'PYTHON'
	import pathlib, sys
	keys = set()
	for path in pathlib.Path(sys.argv[1]).iterdir():
	    data = path.read_bytes()
	    keys |= {data[at:at + 8].hex() for at in (12, 8192 + 12)}
	print("\n".join(sorted(keys)))
	PYTHON
}

rekey() {
	out=$(mfa key rekey "$@" 2>&1) && status=0 || status=$?
}

# extras FIRST LAST: records in a realm, so that moving takes a while.
extras() {
	seq "$1" "$2" | xargs -P 4 -I N "$MFA_BIN/medusa-mfa" enroll --realm shop \
	    --user extra-N --json >/dev/null
}

# line WHICH: all people with their codes, for parallel.
line() {
	local user
	printf 20
	for user in "${people[@]}"; do
		if [ "$1" = recovery ]; then
			printf ' %s %s' "$user" "$(recovery_code "$user" 1)"
		else
			printf ' %s %s' "$user" "$(code "$user" "$1")"
		fi
	done
	echo
}

log_in() { "$host_build/tests/host/parallel" service; }

# turmoil: rotates and moves until /tmp/calm is there.
turmoil() {
	local bad=
	rm -f /tmp/calm
	while [ ! -e /tmp/calm ]; do
		mfa key rotate >/dev/null || bad+=" rotate"
		mfa key rekey >/dev/null || bad+=" rekey"
	done
	echo "bad:$bad"
}

together() {
	local n now later
	people=()
	for n in $(seq 20); do
		people+=("$way-$n")
	done
	new_users "${people[@]}"
	settle 12
	now=$(line 0)
	later=$(line 1)
	job turmoil turmoil
	like "$way: 20 people log in while keys change (R6)" \
	    "$(log_in <<<"$now")" '^success=20 '
	like "$way: no code twice (R6)" "$(log_in <<<"$now")" '^success=0 '
	like "$way: the next codes" "$(log_in <<<"$later")" '^success=20 '
	: >/tmp/calm
	jobs_wait
	is "$way: each rotation and each move ended well" \
	    "$(job_out turmoil)" "bad:"
	rekey
	is "$way: rekey: status" "$status:$out" \
	    "0:0 moved to key $(primary), $(find "$records" -type f | wc -l) were there already, 0 failed"
	is "$way: no slot has an older key (R29)" "$(needed)" "$(primary)"
	old_keys_go "$now"
}

old_keys_go() {
	local id bad=
	long_ago
	for id in $(others); do
		mfa key remove "$id" >/dev/null || bad+=" $id"
	done
	is "$way: all older keys go" "$bad:$(others)" ":"
	is "$way: nothing was deleted" \
	    "$(mfa key --json retired | jq '.keys | length')" \
	    "$(find "$ring/retired" -name '*.key' | wc -l)"
	like "$way: recovery codes let all in with one key left" \
	    "$(log_in <<<"$(line recovery)")" '^success=20 '
	like "$way: and what was used is remembered (R6)" \
	    "$(log_in <<<"$1")" '^success=0 '
}

# ---- what is refused ----

# kept NAME ID REGEX: remove says so, and the key stays.
kept() {
	out=$(mfa key remove "$2" 2>&1) && status=0 || status=$?
	is "$way: $1: status" "$status" 1
	like "$way: $1" "$out" "$3"
	[ ! -e "$ring/retired/$2.key" ] || not_ok "$way: $1: moved"
}

refusals() {
	local id user=$way-kept file
	new_users "$user"
	file=$records/u-$user
	id=$(primary)
	kept "the primary does not go" "$id" "is the primary key"
	kept "an id that is none" ../primary "16 hexadecimal digits"
	kept "a key that is not there" 0123456789abcdef 'key .*is missing|not'
	mfa key rotate >/dev/null
	long_ago
	kept "a key that all records need (R17)" "$id" \
	    "record u-$user needs this key|records need this key"
	pam_result service "$user" "$(wrong_code "$user")" >/dev/null
	is "$way: one slot has moved by a login" \
	    "$(slots_of "$file" | sort -u | wc -l)" 2
	rekey
	is "$way: moved" "$status" 0
	is "$way: a wrong code is still counted (R7)" \
	    "$(status_of "$user" wrong_today)" 1
	cp -a "$file" /tmp/kept
	# The older slot is the one that a crash would leave behind.
	printf 'x%.0s' {1..100} |
	    dd of="$file" bs=1 conv=notrunc status=none
	printf 'x%.0s' {1..100} |
	    dd of="$file" bs=1 seek=8192 conv=notrunc status=none
	kept "a record that nobody can judge (R19)" "$id" \
	    "record u-$user: .*" 
	like "$way: what to do about it" "$out" 'medusa-mfa store check'
	cp -a /tmp/kept "$file"
	runs "$way: put right, it goes" mfa key remove "$id"
	is "$way: its place" "$(stat -c '%U %G %a' "$ring/retired" \
	    "$ring/retired/$id.key")" $'root medusa-mfa 750\nroot medusa-mfa 640'
	like "$way: it is logged" "$(log_lines)" "event=key.retired .*$id"
	is "$way: the code is still good" \
	    "$(pam_result service "$user" "$(code "$user" 1)")" success
}

# ---- trouble on the way ----

# A move that is killed anywhere has moved a record or has not.
killed() {
	local n pid user=$way-killed
	new_users "$user"
	for n in 1 2 3 4 5 6; do
		mfa key rotate >/dev/null
		"$MFA_BIN/medusa-mfa" key rekey >/dev/null 2>&1 &
		pid=$!
		sleep "0.0$((RANDOM % 90 + 10))"
		kill -9 "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	runs "$way: every record is good after six kills (R19)" mfa store check
	rekey
	is "$way: and moves" "$status" 0
	is "$way: to the last slot" "$(needed)" "$(primary)"
	is "$way: the code is good" \
	    "$(pam_result service "$user" "$(code "$user")")" success
}

# Between prompt and answer the key changes, and the older one goes.
meanwhile() {
	local user=$way-slow id
	new_users "$user"
	id=$(primary)
	waiting slow "$host_build/tests/host/pamtry" service "$user"
	prompted /tmp/slow.err 1
	mfa key rotate >/dev/null
	rekey
	# A record that is just being made is waited for (R30).
	touch -d '23 seconds ago' "$ring/primary"
	like "$way: what began before the rotation may end first" \
	    "$(mfa key remove "$id")" '^waiting [0-9]+ seconds?'
	[ -e "$ring/retired/$id.key" ] || not_ok "$way: the key has not gone"
	mv "$ring/retired/$id.key" "$ring/"
	long_ago
	runs "$way: a key goes while somebody is asked" mfa key remove "$id"
	is "$way: whose code is good all the same" \
	    "$(answered slow "$(code "$user")" 1)" success
	is "$way: and good once (R6)" \
	    "$(pam_result service "$user" "$(code "$user")")" auth_err
}

missing_key() {
	local user=$way-lost id total
	new_users "$user"
	id=$(primary)
	mfa key rotate >/dev/null
	mfa key rotate >/dev/null
	mfa enroll --realm shop --user "$way-late" --json >/dev/null
	mv "$ring/$id.key" /tmp/
	total=$(find "$records" -type f | wc -l)
	rekey --json
	is "$way: without their key: status" "$status" 1
	is "$way: the others are there" \
	    "$(tail -n 1 <<<"$out" | jq -c '[.moved, .already, .failed]')" \
	    "[0,1,$((total - 1))]"
	like "$way: each is named" "$out" "record u-$user: "
	is "$way: nobody is let in (R17)" \
	    "$(pam_result service "$user" "$(code "$user")")" unavail
	like "$way: list names the key that is needed" \
	    "$(mfa key list)" "^$id +no +$((total - 1)) +records need it"
	mv "/tmp/$id.key" "$ring/"
	rekey --json
	is "$way: with it: status" "$status" 0
	is "$way: the rest has moved" "$(jq -c '[.moved, .failed]' <<<"$out")" \
	    "[$((total - 1)),0]"
}

full_disk() {
	local account=medusa-mfa fill=$MFA_STATE/filler user=$way-full before
	new_users "$user"
	mfa key rotate >/dev/null
	mkdir "$fill"
	dd if=/dev/zero of="$fill/root" bs=4096 2>/dev/null
	chown "$account" "$fill"
	rekey
	is "$way: all move on a full disk (R19)" "$status" 0
	is "$way: to the last slot on a full disk" "$(needed)" "$(primary)"
	rm -rf "$fill"
	before=$(primary)
	cp -a "$ring" /tmp/ring
	mount -t tmpfs -o size=16k,mode=0750,gid="$(id -g $account)" none "$ring"
	cp -a /tmp/ring/primary "/tmp/ring/$before.key" "$ring"
	dd if=/dev/zero of="$ring/filler" bs=4096 2>/dev/null
	fails "$way: no room for a key" mfa key rotate
	is "$way: it is said where" "$(mfa key rotate)" \
	    "problem: $ring: no space left there"
	is "$way: the old primary stands" "$(primary)" "$before"
	is "$way: and lets in" \
	    "$(pam_result service "$user" "$(code "$user")")" success
	umount "$ring"
	rm -rf /tmp/ring
}

progress() {
	mfa key rotate >/dev/null
	out=$("$host_lib/converse" -- "$MFA_BIN/medusa-mfa" key rekey </dev/null 2>&1)
	like "$way: a bar on a terminal" "$out" '\[#*\.*\] [0-9]+ of [0-9]+'
	unlike "$way: of plain characters" "$out" $'\e'
	mfa key rotate >/dev/null
	rekey
	unlike "$way: no bar elsewhere" "$out" '\[|of [0-9]'
	fails "$way: only root moves records" as shopd \
	    "$MFA_BIN/medusa-mfa" key rekey
}

a_thousand() {
	local old
	way_start listening
	extras 61 1000
	old=$(primary)
	mfa key rotate >/dev/null
	rekey --json
	is "a thousand records and more" "$status:$(jq '.moved >= 1000' \
	    <<<"$out"):$(needed)" "0:true:$(primary)"
	long_ago
	runs "need their older key no more" mfa key remove "$old"
	way_stop
}

everything() {
	pam_bare service retry=1
	together
	refusals
	killed
	meanwhile
	missing_key
	full_disk
	progress
}

add_users shopd
conf '[mfa]\nproviders = totp recovery_code\n[realm shop]\naccount = shopd'
extras 1 60
each_way everything
a_thousand
done_testing
