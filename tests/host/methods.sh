#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every method at a login and at a challenge: right, wrong, replayed, expired,
# another's, many at one moment (R1, R6, R7, R12, R13, R17); tokens that count
# (R6); the verifier killed at any moment (R7).
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/methods.sh
. "$host_lib/methods.sh"

command -v cc >/dev/null || skip_all "no cc"

# Where codes are asked for: logins with and without a listener, challenges of
# root about users of this host, challenges of the account of a realm.
surfaces='spawned listening root keeper'
columns=(right wrong replayed expired user realm challenge parallel)
declare -A table

# on SURFACE: fills how, realm and other.
on() {
	surface=$1 how=challenge realm=unix other=shop
	case $surface in
	spawned | listening) how=login ;;
	keeper) realm=shop other=unix ;;
	esac
}

# cell COLUMN NAME GOT WANTED
cell() {
	local at=$surface,$method,$1
	is "$surface: $method: $2" "$3" "$4"
	[ "$3" = "$4" ] || table[$at]=BAD
	[ -n "${table[$at]-}" ] || table[$at]=$4
}

show_table() {
	local column line
	printf -v line '%-10s%-15s' "" ""
	for column in "${columns[@]}"; do
		printf -v line '%s%-10s' "$line" "$column"
	done
	diag "$line"
	for surface in $surfaces; do
		for method in $all_methods; do
			printf -v line '%-10s%-15s' "$surface" "$method"
			for column in "${columns[@]}"; do
				printf -v line '%s%-10s' "$line" \
				    "${table[$surface,$method,$column]--}"
			done
			diag "$line"
		done
	done
}

# ---- the table ----

# One's own, another user's, right again.
rights() {
	local first=$realm:$surface-$method-a second=$realm:$surface-$method-b
	local id_a id_b right others
	make "$method" "$first"
	make "$method" "$second"
	begin "$how" "$first"
	id_a=$id
	fresh "$how" "$method" "$first"
	right=$got
	cell wrong "a wrong code (R7)" "$(answer "$how" "$first" "$id_a" \
	    "$(wrong_of "$method" "$first" "$right")")" no
	begin "$how" "$second"
	id_b=$id
	fresh "$how" "$method" "$second"
	others=$got
	cell user "another user's code (R17)" \
	    "$(answer "$how" "$first" "$id_a" "$others")" no
	cell user "which is still its owner's" \
	    "$(answer "$how" "$second" "$id_b" "$others")" yes
	cell right "the right code (R1)" \
	    "$(answer "$how" "$first" "$id_a" "$right")" yes
	consumed=$id_a
	begin "$how" "$first"
	cell replayed "the same code again (R6)" \
	    "$(answer "$how" "$first" "$id" "$right")" no
}

# One's namesake's in the other realm.
realms() {
	local mine=$realm:$surface-$method-a theirs=$other:$surface-$method-a
	local mine_id=$id next
	[ "$other" = shop ] || userdel "$surface-$method-a" 2>/dev/null
	make "$method" "$theirs"
	begin challenge "$theirs"
	fresh challenge "$method" "$theirs"
	cell realm "the code of a namesake in the other realm (R17)" \
	    "$(answer "$how" "$mine" "$mine_id" "$got")" no
	cell realm "which is good there" \
	    "$(answer challenge "$theirs" "$id" "$got")" yes
	id=$mine_id
}

# A code of an app, a token or a sheet is for any challenge, once; only a
# delivered one is bound.  So an id decides where a code is not.
challenges() {
	local mine=$realm:$surface-$method-a theirs=$realm:$surface-$method-b
	local mine_id=$id code
	fresh "$how" "$method" "$mine"
	code=$got
	cell challenge "the right code at an answered challenge (R12)" \
	    "$(answer "$how" "$mine" "$consumed" "$code")" no
	begin "$how" "$theirs"
	cell challenge "at a challenge of another user (R17)" \
	    "$(answer "$how" "$theirs" "$id" "$code")" no
	if [ "$method" = otp ]; then
		begin "$how" "$mine"
		cell challenge "delivered, at another challenge (R12)" \
		    "$(answer "$how" "$mine" "$id" "$code")" no
		cell challenge "nor at a login of that name (R12)" \
		    "$(answer login "$mine" "" "$code")" no
	fi
	cell challenge "good at its own" \
	    "$(answer "$how" "$mine" "$mine_id" "$code")" yes
}

# The challenge of a login lives in its process and has no id to mix up (R12):
# that leaves delivered codes, made for a challenge or for a login.
login_challenges() {
	local mine=$realm:$surface-$method-a code
	[ "$method" = otp ] || return
	begin challenge "$mine"
	fresh challenge otp "$mine"
	code=$got
	cell challenge "delivered for a challenge, at a login (R12)" \
	    "$(answer login "$mine" "" "$code")" no
	cell challenge "good at its own" \
	    "$(answer challenge "$mine" "$id" "$code")" yes
	begin challenge "$mine"
	fresh login otp "$mine"
	code=$got
	cell challenge "delivered for a login, at a challenge (R12)" \
	    "$(answer challenge "$mine" "$id" "$code")" no
	cell challenge "good at a login" \
	    "$(answer login "$mine" "" "$code")" yes
}

# 64 answers at once; where codes are not bound, at four challenges.
at_once() {
	local who=$realm:$surface-$method-p n ids=() pids=()
	make "$method" "$who"
	if [ "$how" = login ]; then
		fresh login "$method" "$who"
		cell parallel "64 at once, one success (R6)" \
		    "$("$host_build/tests/host/parallel" service \
		        <<<"64 ${who#*:} $got" | cut -d' ' -f1-2)" \
		    "success=1 auth_err=63"
		table[$surface,$method,parallel]=1of64
		return
	fi
	for n in 0 1 2 3; do
		begin challenge "$who"
		ids+=("$id")
	done
	fresh challenge "$method" "$who"
	[ "$method" != otp ] || ids=("$id" "$id" "$id" "$id")
	for n in $(seq 64); do
		client "$who" verify "${ids[n % 4]}" "$got" >"/tmp/at-once$n" &
		pids+=($!)
	done
	wait "${pids[@]}"
	cat /tmp/at-once* >/tmp/said
	rm -f /tmp/at-once*
	# nobody but root may have more than eight conversations
	cell parallel "64 at once, one success (R6)" \
	    "$(grep -c '^accepted' /tmp/said) $(grep -cE \
	        '^left=.* error (29|3[018]) |^(left=0 )?error 11 ' /tmp/said)" \
	    "1 63"
	table[$surface,$method,parallel]=1of64
}

all_rows() {
	on "$1"
	for method in $all_methods; do
		rights
		realms
		if [ "$how" = login ]; then
			login_challenges
		else
			challenges
		fi
		at_once
	done
}

# ---- what gets old ----

declare -A old old_id late_id

# While challenges end after half a minute.
begin_late() {
	on "$1"
	for method in $all_methods; do
		make "$method" "$realm:$surface-$method-e" 15
		begin "$how" "$realm:$surface-$method-e"
		late_id[$surface,$method]=$id
	done
}

# Codes that are right now, and will not be used: totp, after the window;
# delivered, after its half minute; hotp and parrot, after a later one; a
# recovery code, after a new set.
begin_old() {
	local who
	on "$1"
	for method in $all_methods; do
		who=$realm:$surface-$method-e
		begin "$how" "$who"
		fresh "$how" "$method" "$who"
		old[$surface,$method]=$got
		old_id[$surface,$method]=$id
		case $method in
		hotp | parrot)
			fresh "$how" "$method" "$who"
			begin "$how" "$who"
			is "$surface: $method: a code was left out" \
			    "$(answer "$how" "$who" "$id" "$got")" yes
			;;
		recovery_code)
			issued[$who]=$(mfa recovery-codes --yes --json \
			    --realm "$realm" --user "${who#*:}" |
			    jq -r '.recovery_codes[]')
			;;
		esac
	done
}

end_old() {
	local who
	on "$1"
	for method in $all_methods; do
		who=$realm:$surface-$method-e
		id=${old_id[$surface,$method]}
		cell expired "an expired code (R6, R12, R13)" "$(answer "$how" \
		    "$who" "$id" "${old[$surface,$method]}")" no
		# the next challenge sweeps those away that are over
		[ "$method" != otp ] || begin "$how" "$who"
		fresh "$how" "$method" "$who"
		[ "$how" = login ] || cell expired \
		    "a right code at an expired challenge (R12)" "$(answer \
		        "$how" "$who" "${late_id[$surface,$method]}" "$got")" no
		[ "$method" = otp ] || begin "$how" "$who"
		cell expired "a new code is good" \
		    "$(answer "$how" "$who" "$id" "$got")" yes
	done
}

# ---- tokens that count ----

# guess WHO COUNT: wrong codes, none near the counter.
guess() {
	local n=0 code near
	near=" $(for ((n = -1; n < 12; n++)); do
		counted "$1" $((place[$1] + n))
	done | xargs) "
	for ((n = 0; n < $2; n++)); do
		printf -v code '%06d' $(((n + 1) * 7919 % 1000000))
		[[ $near = *" $code "* ]] && code=999983
		pam_result service "${1#*:}" "$code"
		[ $((n % 5)) != 4 ] || [ -n "${3-}" ] || mfa unlock "${1#*:}" \
		    >/dev/null
	done
}

# token NAME WHO COUNTER WANTED
token() {
	is "hotp: $1" "$(answer login "$2" "" "$(counted "$2" "$3")")" "$4"
}

tokens() {
	local who=unix:token out
	make hotp "$who"
	token "10 ahead is accepted (R6)" "$who" 11 yes
	token "those before it are gone (R6)" "$who" 5 no
	token "11 ahead is not" "$who" 23 no
	token "nor is it nearer then: 10 ahead is" "$who" 22 yes
	fails "hotp: sync by codes that were used" mfa sync --user token hotp \
	    <<<"$(counted "$who" 21; counted "$who" 22)"
	runs "hotp: sync, 500 ahead" mfa sync --user token hotp \
	    <<<"$(counted "$who" 523; counted "$who" 524)"
	token "the codes of sync are used (R6)" "$who" 524 no
	token "and those before (R6)" "$who" 522 no
	token "the next is good" "$who" 525 yes
	fails "hotp: sync back" mfa sync --user token hotp \
	    <<<"$(counted "$who" 100; counted "$who" 101)"
	place[$who]=526
	# a vain sync is charged, too
	mfa unlock token >/dev/null
	mark_log
	out=$(guess "$who" 100 | sort | uniq -c | xargs)
	is "hotp: 100 wrong codes are refused" "$out" "100 auth_err"
	is "hotp: and were all compared" \
	    "$(log_lines | grep 'user=token ' | grep -c reason=wrong)" 100
	token "they did not move the counter (R6)" "$who" 526 yes
	token "not at all: 11 ahead is still too far" "$who" 538 no
	token "and 10 ahead is not" "$who" 537 yes
	place[$who]=538
	methods_conf '[throttle]\nlock_seconds = 1\nlock_max_seconds = 1'
	out=$(guess "$who" 5 locked | sort | uniq -c | xargs)
	is "hotp: wrong codes lock (R9)" \
	    "$out, $(answer login "$who" "" "$(counted "$who" 538)")" \
	    "5 auth_err, no"
	sleep 1.2
	token "but nobody is locked out for good" "$who" 538 yes
	methods_conf
}

# ---- killed ----

declare -A killed_code killed_id killed_saw

# rounds COMMAND...: for each of 30 subjects; who, how, method.
rounds() {
	local n
	for method in $all_methods; do
		for n in 1 2 3 4 5 6; do
			how=login
			[ $((n % 2)) = 0 ] || how=challenge
			who=unix:$way-$method-$n
			"$@"
		done
	done
}

killed_prepare() {
	make "$method" "$who"
	begin "$how" "$who"
	killed_id[$who]=$id
	fresh "$how" "$method" "$who"
	killed_code[$who]=$got
}

killed_round() {
	answer "$how" "$who" "${killed_id[$who]}" \
	    "$(wrong_of "$method" "$who" "${killed_code[$who]}")" >/dev/null
	killed_saw[$who]=$(answer "$how" "$who" "${killed_id[$who]}" \
	    "${killed_code[$who]}")
}

killed_after() {
	local user=${who#*:} accepted=0 n status
	[ "${killed_saw[$who]}" != yes ] || accepted=1
	let_in=$((let_in + accepted))
	status=$(mfa status --user "$user" --json)
	[ "$(jq -r .problem <<<"$status")" = "" ] || unreadable+=" $user"
	n=$(grep "user=$user " <<<"$lines" | grep -c 'reason=wrong')
	[ "$n" -le "$(jq '.wrong_today + (.recovery_compared)' \
	    <<<"$status")" ] || uncounted+=" $user"
	for n in 1 2; do
		[ "$method" = otp ] || begin "$how" "$who"
		[ "$method" != otp ] || id=${killed_id[$who]}
		[ "$(answer "$how" "$who" "$id" "${killed_code[$who]}")" = \
		    yes ] && accepted=$((accepted + 1))
	done
	[ "$accepted" -le 1 ] || twice+=" $user"
	[ "$method" != otp ] || return
	begin "$how" "$who"
	fresh "$how" "$method" "$who"
	[ "$(answer "$how" "$who" "$id" "$got")" = yes ] || shut_out+=" $user"
}

killed() {
	local striker let_in=0 unreadable='' uncounted='' twice='' shut_out=''
	local who how method lines life=8 spared=()
	# with a warm listener all is over sooner
	[ -z "$listener_pid" ] || {
		life=3
		mapfile -t spared < <(pgrep -P "$listener_pid")
	}
	mark_log
	rounds killed_prepare
	"$host_lib/strike" medusa-mfad "$life" "${listener_pid:-1}" \
	    "${spared[@]}" >/tmp/kills &
	striker=$!
	sleep 0.2
	rounds killed_round
	kill "$striker"
	wait "$striker"
	lines=$(log_lines)
	rounds killed_after
	diag "$way: $(</tmp/kills) killed in 60 answers, $let_in were let in"
	like "$way: verifiers were killed" "$(</tmp/kills)" '[1-9]'
	is "$way: killed: every record is readable (R7)" "$unreadable" ""
	is "$way: killed: what was compared is counted (R7)" "$uncounted" ""
	is "$way: killed: no code was good twice (R6, R7)" "$twice" ""
	is "$way: killed: the next code is good" "$shut_out" ""
	verifiers_gone "$way: killed: no verifier is left"
}

# ---- all of it ----

pam_bare service retry=1
methods_programs
methods_conf '[mfa]\nchallenge_ttl_seconds = 30'
way_start listening
for surface in $surfaces; do
	begin_late "$surface"
done
methods_conf
for surface in $surfaces; do
	begin_old "$surface"
done
began=$EPOCHSECONDS
all_rows listening
all_rows root
all_rows keeper
way=listening
killed
way_stop
way=spawned
all_rows spawned
tokens
killed
left=$((began + 32 - EPOCHSECONDS))
[ "$left" -le 0 ] || sleep "$left"
way_start listening
for surface in $surfaces; do
	end_old "$surface"
done
show_table
of_table='user=[a-z]+-[a-z_]+-[abe] '
is "nothing in the table was refused by a lock" \
    "$(grep -E "$of_table" "$test_log" | grep 'reason=locked')" ""
is "an expired totp code was too old, not used" \
    "$(grep -cE 'user=[a-z]+-totp-e .*reason=wrong' "$test_log") $(
        grep -cE 'user=[a-z]+-totp-e .*reason=replayed' "$test_log")" "4 0"
no_zombies "no zombies"
done_testing
