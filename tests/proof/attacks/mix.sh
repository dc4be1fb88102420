#!/bin/bash
# SPDX-License-Identifier: MIT
#
# 32 clients at once, right, wrong, enrolling, unlocking, re-keying, listing,
# some of them killed under way; then every counter is what the log says was
# compared (R6, R7); of a user who was unlocked, between what was compared since
# the unlock ended and since it began.  Then the same with verifiers being killed:
# what was charged and never compared is not more than those.
#
# MFA_SECONDS: how long each of the four mixes takes (2).
# shellcheck disable=SC2154

# shellcheck source=../../lib/host.sh
. "$(dirname "$0")/../../lib/host.sh"
# shellcheck source=../../lib/logins.sh
. "$host_lib/logins.sh"

seconds=${MFA_SECONDS:-2}
clients=32
users_each=8   # may be unlocked, and as many that may not

# place USER...: for mixer; names with "-free-" may be unlocked, and where they
# end in an even number no unlock is killed, so that it is known when it ended.
place() {
	local user
	for user; do
		jq -n --arg name "$user" --arg secret "${secret[$user]}" \
		    --arg codes "${recovery[$user]}" '{($name): {
			secret: $secret, recovery: ($codes | split("\n")),
			unlocked: ($name | contains("-free-")),
			careful: ($name | test("[02468]$"))}}'
	done | jq -s --arg pamtry "$host_build/tests/host/pamtry" \
	    --arg mfa "$MFA_BIN/medusa-mfa" --arg way "$way-$round" '{
		users: add, pamtry: $pamtry, mfa: $mfa, service: "service",
		newcomers: [range(12) | "\($way)-new-\(.)"]}'
}

# logged USER REGEX: how many lines of an outcome say so.
logged() {
	grep -cE "event=challenge\.(failed|verified) user=$1 .*$2" /tmp/log
}

# judge USER...: a line for each counter that is not as logged.  slack: how many
# may be charged without being logged, in all.
judge() {
	local user wrong spent left status verified charged=0
	log_lines >/tmp/log
	: >/tmp/between
	for user; do
		status=$(mfa status --user "$user" --json)
		wrong=$(jq .wrong_today <<<"$status")
		spent=$(jq .recovery_compared <<<"$status")
		left=$(jq .recovery_left <<<"$status")
		[ "$(jq -r .problem <<<"$status")" = "" ] ||
		    echo "$user: $(jq -c .problem <<<"$status")"
		compare "$user: recovery codes compared" "$spent" \
		    "$(logged "$user" 'method=recovery_code')"
		compare "$user: recovery codes gone" "$((10 - left))" \
		    "$(logged "$user" 'method=recovery_code reason=ok')"
		verified=$(logged "$user" 'method=totp .*reason=ok')
		[ "$verified" -le "$(of_mix tried "$user")" ] ||
		    echo "$user: more successes than codes"
		[[ $user != *-free-* ]] || {
			between "$user" "$wrong"
			continue
		}
		compare "$user: wrong codes" "$wrong" \
		    "$(logged "$user" 'method=totp .*reason=wrong')"
	done
	[ "$charged" -le "$slack" ] ||
	    echo "charged and not logged: $charged, of $slack at most"
	echo "$charged" >/tmp/charged
}

# of_mix WHAT USER [FIELD]: what mixer knows of somebody, or 0.
of_mix() {
	jq --arg what "$1" --arg user "$2" --arg field "${3-}" \
	    '.[$what][$user] | if $field == "" then . else .[$field] end // 0' \
	    /tmp/mixed
}

# wrong_since MARK USER
wrong_since() {
	{ [ "$1" = 0 ] || sed "1,/mixer: mark $1\$/d"; cat; } </tmp/log |
	    grep -cE "event=challenge\.failed user=$2 .*method=totp .*reason=wrong"
}

# between USER COUNTER: the wrong codes of one who may have been unlocked.
between() {
	local user=$1 least most
	most=$(wrong_since "$(of_mix marks "$user" begun)" "$user")
	least=$(wrong_since "$(of_mix marks "$user" ended)" "$user")
	least=$((least - $(of_mix marks "$user" flying)))
	[ "$least" -gt 0 ] && [[ $user = *[02468] ]] || least=0
	echo "$least $2 $most" >>/tmp/between
	[ "$2" -ge "$least" ] ||
	    echo "$user: $2 wrong codes, but $least since it was unlocked"
	[ "$slack" -gt 0 ] || [ "$2" -le "$most" ] ||
	    echo "$user: $2 wrong codes, but $most since it was to be unlocked"
}

# compare WHAT COUNTER LOGGED
compare() {
	charged=$((charged + $2 - $3))
	if [ "$2" -lt "$3" ] || { [ "$slack" = 0 ] && [ "$2" != "$3" ]; }; then
		echo "$1: $2, but $3 in the log"
	fi
}

# mix NAME KILLS [VICTIM]
mix() {
	local name=$1 kills=$2 victim=${3-} round=$1 users=() n slack=0 striker
	for n in $(seq "$users_each"); do
		users+=("$way-$round-free-$n" "$way-$round-kept-$n")
	done
	add_users "$way-$round"-new-{0..11}
	new_users "${users[@]}"
	mark_log
	if [ -n "$victim" ]; then
		"$host_lib/strike" "$victim" 12 "${listener_pid:-1}" \
		    >/tmp/kills &
		striker=$!
	fi
	place "${users[@]}" |
	    "$host_top/tests/proof/attacks/mixer" "$seconds" "$clients" \
	    "$kills" >/tmp/mixed
	if [ -n "$victim" ]; then
		kill "$striker"
		wait "$striker"
		slack=$(</tmp/kills)
		like "$way: $name: verifiers were killed" "$slack" '[1-9]'
	fi
	verifiers_gone "$way: $name: no verifier is left"
	is "$way: $name: every counter is what was compared (R7)" \
	    "$(judge "${users[@]}")" ""
	is "$way: $name: no code was good twice (R6)" \
	    "$(jq '[.good[] | select(. > 1)] | length' /tmp/mixed)" 0
	like "$way: $name: there were successes of all kinds" \
	    "$(jq -c '[(.results["right: success", "recovery: success"] > 0),
	        .raced > 0]' /tmp/mixed)" '^\[true,true,true\]$'
	diag "$way, $name, $seconds s: $(jq -r '
	    "\([.ran[]] | add) clients, \([.killed[]] | add) killed, " +
	    ([.results | to_entries[] | "\(.key) \(.value)"] | join(", "))' \
	    /tmp/mixed); $(grep -cE 'event=challenge\.(failed|verified)' \
	    /tmp/log) outcomes logged; $slack verifiers killed," \
	    "$(</tmp/charged) charges without a line;" \
	    "$(jq .raced /tmp/mixed) right codes sent at once;" \
	    "unlocked: $(awk '{ a += $1; b += $2; c += $3 }
	        END { print a " <= " b " <= " c }' /tmp/between) wrong"
}

everything() {
	mix clients 30
	mix verifiers 0 medusa-mfad
}

conf '[throttle]\nburst = 20\nlock_seconds = 1\nlock_max_seconds = 1\nhard_stop = 99\nhard_stop_unprivileged = 1\nwrong_per_day = 1000\nwrong_per_month = 10000'
pam_bare service retry=1
each_way everything
done_testing
