#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A hundred logins through sshd that are all at the prompt at one moment, then
# answer together: of each of twenty users two with the same right code, one
# with a recovery code, one with a wrong code, and one whose client is killed
# (R6, R7, R24, P5).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

users_count=20
many_port=2023
folder=/tmp/logins
talker=/usr/local/bin/talker

# What ssh asks instead of a terminal.  It notes that it was asked for a code,
# and answers when the lock on "hold" is taken away.
make_talker() {
	cat >"$talker" <<-'TALKER'
	#!/bin/sh
	case $1 in
	*assword*) echo "$FIRST" ;;
	*Verification*)
		: >"$LOGIN.asked"
		flock -s "$HOLD" true
		echo "$CODE"
		;;
	esac
	TALKER
	chmod 0755 "$talker"
}

# talk USER KIND CODE: one login, in the background.
talk() {
	local ssh_port=$many_port
	ssh_command keyboard-interactive "$1"
	FIRST=$first_factor CODE=$3 LOGIN=$folder/$1.$2 HOLD=$folder/hold \
	    SSH_ASKPASS=$talker SSH_ASKPASS_REQUIRE=force \
	    "${ssh_line[@]}" >"$folder/$1.$2.out" 2>&1 </dev/null 9>&- &
	ssh_pids[$1.$2]=$!
}

asked() {
	find "$folder" -name '*.asked' | wc -l
}

# not_one_of KINDS USER...: those for whom not exactly one of these got in.
not_one_of() {
	local kind user count
	local of=$1
	shift
	for user; do
		count=0
		for kind in $of; do
			grep -qx "in:$user" "$folder/$user.$kind.out" &&
			    count=$((count + 1))
		done
		[ "$count" = 1 ] || echo "$user:$count"
	done
}

# in_of KIND: how many got in.
in_of() {
	grep -l "$let_in_mark" "$folder"/*."$1.out" | wc -l
}

# sshd_children_gone NAME: none but the two that listen.
sshd_children_gone() {
	for _ in $(seq 100); do
		[ "$(pgrep -xc sshd)" -gt 2 ] || break
		sleep 0.05
	done
	is "$1" "$(pgrep -xc sshd)" 2
}

# hold: starts all, each up to its prompt.
hold() {
	local user right end=$((EPOCHSECONDS + 60))
	for user; do
		right=$(code "$user" 1)
		talk "$user" code "$right"
		talk "$user" same "$right"
		talk "$user" recovery "$(recovery_code "$user" 1)"
		talk "$user" wrong "$(wrong_code "$user")"
		talk "$user" killed "$right"
	done
	until [ "$(asked)" = "${#ssh_pids[@]}" ]; do
		[ "$EPOCHSECONDS" -lt "$end" ] || break
		sleep 0.1
	done
	is "$way: a hundred are asked for a code at once" "$(asked)" 100
}

hundred() {
	local n user users=()
	local -A ssh_pids=()
	rm -rf "$folder"
	mkdir "$folder"
	for n in $(seq "$users_count"); do
		users+=("$way-$n")
	done
	new_users "${users[@]}"
	exec 9>"$folder/hold"
	flock -x 9
	hold "${users[@]}"
	for user in "${users[@]}"; do
		kill -KILL "${ssh_pids[$user.killed]}"
	done
	exec 9>&-
	wait "${ssh_pids[@]}" 2>/dev/null
	is "$way: of two with one code one gets in, of each user (R6)" \
	    "$(not_one_of 'code same' "${users[@]}")" ""
	is "$way: each recovery code lets in" \
	    "$(not_one_of recovery "${users[@]}")" ""
	is "$way: no wrong code does" "$(in_of wrong)" 0
	is "$way: nor does a client that is gone" "$(in_of killed)" 0
	is "$way: each wrong code is charged, and nothing else (R7)" \
	    "$(for user in "${users[@]}"; do
	        mfa status --user "$user" --json |
	            jq -c '[.wrong_today, .recovery_left, .problem]'
	    done | sort | uniq -c | tr -s ' ')" " $users_count [1,9,\"\"]"
	verifiers_gone "$way: no verifier is left"
	sshd_children_gone "$way: no process of sshd's is left"
	no_zombies "$way: no zombies"
}

make_talker
pam_full sshd retry=1
sshd_start <<'SSHD'
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication yes
SSHD
"$(command -v sshd)" -f /etc/ssh/test/sshd_config -p "$many_port" \
    -o MaxStartups=200 -o LoginGraceTime=100 -o PidFile=/run/sshd-many.pid \
    -E /var/log/sshd-many.log
each_way hundred
done_testing
