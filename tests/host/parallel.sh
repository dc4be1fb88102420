#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Many logins at one moment (R6, R7): parallel.c on the real module.
#
# MFA_ROUNDS: rounds of 64 processes with one code, in each way (50 and 150).

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

try_all() {
	"$host_build/tests/host/parallel" service
}

# differ WANTED: the lines that are not as wanted, with how often.
differ() {
	grep -vxE "$1" | sort | uniq -c
}

# The window lets the code of the next step in, so each fresh user has one that
# was never used.
one_code() {
	local first=$1 rounds=$2 n user users=() out
	for n in $(seq "$first" $((first + rounds - 1))); do
		users+=("$way-one$n")
	done
	new_users "${users[@]}"
	out=$(for user in "${users[@]}"; do
		printf '64 %s %s\n' "$user" "$(code "$user" 1)"
	done | try_all)
	is "$way: one code, 64 processes, $rounds rounds: all were asked" \
	    "$(grep -c 'asked=64' <<<"$out")" "$rounds"
	is "$way: one success in each of $rounds rounds (R6)" \
	    "$(differ 'success=1 auth_err=63 .*' <<<"$out")" ""
}

one_recovery_code() {
	local first=$1 rounds=$2 n user out users=()
	for n in $(seq "$first" $((first + rounds / 10 - 1))); do
		users+=("$way-recovery$n")
	done
	new_users "${users[@]}"
	out=$(for user in "${users[@]}"; do
		for n in 1 2 3 4 5 6 7 8 9 10; do
			printf '64 %s %s\n' "$user" "$(recovery_code "$user" "$n")"
		done
	done | try_all)
	is "$way: one recovery code, 64 processes: $rounds rounds" \
	    "$(grep -c 'asked=64' <<<"$out")" "$rounds"
	is "$way: one success in each of $rounds rounds (R6)" \
	    "$(differ 'success=1 auth_err=63 .*' <<<"$out")" ""
	for user in "${users[@]}"; do
		status_of "$user" recovery_left
	done | differ 0 >/tmp/left
	is "$way: all recovery codes are used up" "$(</tmp/left)" ""
}

many_users() {
	local n user users=() line=32
	for n in $(seq 32); do
		users+=("$way-many$n")
	done
	new_users "${users[@]}"
	for user in "${users[@]}"; do
		line+=" $user $(code "$user")"
	done
	like "$way: 32 users at once: 32 successes (R6, P5)" \
	    "$(try_all <<<"$line")" '^success=32 '
}

many_wrong() {
	local user=$way-wrong wrong line=200 out
	new_users "$user"
	mark_log
	for wrong in $(wrong_codes "$user" 200); do
		line+=" $user $wrong"
	done
	out=$(try_all <<<"$line")
	like "$way: 200 wrong codes at once are refused" "$out" \
	    '^success=0 auth_err=200 '
	is "$way: five of them were compared (R7)" \
	    "$(log_lines | grep "user=$user " | grep -c 'reason=wrong')" 5
	is "$way: five of them were charged" \
	    "$(status_of "$user" wrong_today)" 5
	is "$way: now the right code is refused" \
	    "$(pam_result service "$user" "$(code "$user")")" auth_err
	is "$way: but not a recovery code (R10)" \
	    "$(pam_result service "$user" "$(recovery_code "$user" 1)")" \
	    success
}

everything() {
	local n rounds batch
	pam_bare service retry=1
	many_wrong
	many_users
	# a verifier to start for each login takes its time
	case $way in
	spawned) rounds=${MFA_ROUNDS:-50} batch=30 ;;
	*) rounds=${MFA_ROUNDS:-150} batch=50 ;;
	esac
	# in batches, since the codes of one have to be good to its end
	for ((n = 0; n < rounds; n += batch)); do
		[ "$batch" -le $((rounds - n)) ] || batch=$((rounds - n))
		one_code "$n" "$batch"
		one_recovery_code "$n" "$batch"
	done
}

each_way everything
done_testing
