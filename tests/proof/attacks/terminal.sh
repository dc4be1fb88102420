#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The keys of a terminal, ^C ^\ ^Z, through su and sudo below a shell with job
# control: at the prompt, and while the transaction stands still after its debit
# or after its commit (R6, R7, R20).  ^Z is followed by fg or by death.  Whatever
# is typed: compared is charged, no code is good twice, no wrong one lets in.
# shellcheck disable=SC2154

# shellcheck source=../../lib/host.sh
. "$(dirname "$0")/../../lib/host.sh"
# shellcheck source=../../lib/logins.sh
. "$host_lib/logins.sh"

caller=caller
halt=$host_top/tests/proof/attacks/halt
pamtry=$host_build/tests/host/pamtry
declare -A keys=([int]='\x03' [quit]='\x1c' [stop]='\x1a')

# typed HOST USER LINE...: one login from the shell; the lines begin when the
# code is asked for and end when the shell prompts again.
typed() {
	local host=$1 user=$2 who=$caller command="su $2 -c true"
	shift 2
	[ "$host" = su ] || {
		who=$user
		command="sudo $sudo_marker"
	}
	printf '%s\n' '? ready> ' "! $command" "? $code_prompt" "$@" \
	    '? ready> ' '! exit' |
	    converse -- env PS1='ready> ' HISTFILE= setpriv \
	    --reuid="$who" --regid="$who" --init-groups -- \
	    bash --norc --noprofile --noediting -i
}

# at_prompt HOST USER fg|kill: ^Z, then another login, then fg or death.  su
# reads its line first and then stops, the code in hand; sudo stops at once, and
# this one gives up after fg, as it does with a password.
at_prompt() {
	local host=$1 user=$2 lines=("~ ${keys[stop]}")
	[ "$host" = sudo ] || lines+=("! ${good[$user]}")
	lines+=('? ready> ' "$(other "$user")")
	case $3 in
	fg) lines+=('! fg') ;;
	kill) lines+=('! kill -KILL %1; wait') ;;
	esac
	typed "$host" "$user" "${lines[@]}"
}

# other USER: a line; somebody else logs in meanwhile.
other() {
	printf '$ %s again %s <<<%s >/tmp/%s.other 2>/dev/null' "$pamtry" "$1" \
	    "$(recovery_code "$1" 1)" "$1"
}

# under_way HOST USER KEY NTH ANSWER [fg|kill]: the key while the verifier stands at
# its NTH fdatasync.  What a shell says of no such job does not matter: sudo may
# ignore the key.
under_way() {
	local host=$1 user=$2 at=/tmp/$2.halt lines
	lines=("\$ $halt at \$(pgrep -P \$PID) $4 $at" "! $5"
	    "\$ $halt wait $at" "~ ${keys[$3]}" '. 0.2' "\$ $halt go $at")
	[ -z "${6-}" ] || lines+=('? ready> ' "$(other "$user")")
	case ${6-} in
	fg) lines+=('! fg') ;;
	kill) lines+=('! kill -KILL %1; wait') ;;
	esac
	typed "$host" "$user" "${lines[@]}"
}

again() {
	pam_result again "$1" "$2"
}

logged() {
	log_lines | grep "user=$1 " | grep -c "$2"
}

# judge HOST CASE: what came of it.
judge() {
	local host=$1 case=$2 user=$way-$1-$2 out in=0 verified right bad=""
	local compared
	out=$(job_out "$user")
	grep -q "$let_in_mark" <<<"$out" && in=1
	compared=$(logged "$user" 'method=totp .*reason=wrong')
	[ "$(status_of "$user" wrong_today)" = "$compared" ] ||
	    bad+=" compared $compared, not as charged;"
	verified=$(logged "$user" 'challenge.verified.*method=totp')
	right=$(again "$user" "${good[$user]}")
	case $host-$case-$in$verified-$right in
	*-wrong-*-00-success)
		[ "$compared" = 1 ] || bad+=" not compared;"
		;;
	*-prompt-kill-00-success | sudo-prompt-fg-00-success) ;;
	su-prompt-fg-11-auth_err) ;;
	*-right-stop-*-fg-11-auth_err) ;;
	*-right-*-kill-*1-auth_err | *-right-*-[12]-*1-auth_err) ;;
	*) bad+=" let in $in, verified $verified, then $right;" ;;
	esac
	[[ $case = prompt-* ]] || [ -e "/tmp/$user.halt/stopped" ] ||
	    bad+=" the verifier did not stop there;"
	if [[ $case = *-stop-* || $case = prompt-* ]]; then
		grep -q Stopped <<<"$out" || bad+=" it was not stopped;"
		[ "$(tail -n 1 "/tmp/$user.other")" = success ] ||
		    bad+=" another login was held up;"
	fi
	[ "$(status_of "$user" problem)" = "" ] || bad+=" not readable;"
	is "$way: $host: $case" "${bad:+$bad $out}" ""
	let_in=$((let_in + in))
}

cases=(prompt-fg prompt-kill
    wrong-int-1 wrong-quit-1 wrong-stop-1-fg wrong-stop-1-kill
    right-int-1 right-int-2 right-quit-1 right-quit-2
    right-stop-1-fg right-stop-2-fg right-stop-1-kill right-stop-2-kill)

everything() {
	local host case user users=() let_in=0 answer key nth after
	local -A good
	pam_bare su retry=1
	pam_bare sudo retry=1
	pam_bare again retry=1
	sudo_setup 1
	for host in su sudo; do
		users+=("${cases[@]/#/$way-$host-}")
	done
	new_users "${users[@]}"
	mark_log
	for host in su sudo; do
		for case in "${cases[@]}"; do
			user=$way-$host-$case
			good[$user]=$(code "$user" 1)
			IFS=- read -r answer key nth after <<<"$case"
			case $answer in
			prompt)
				job "$user" at_prompt "$host" "$user" "$key"
				continue
				;;
			wrong) answer=$(wrong_code "$user") ;;
			right) answer=${good[$user]} ;;
			esac
			job "$user" under_way "$host" "$user" "$key" "$nth" \
			    "$answer" "$after"
		done </dev/null
	done
	jobs_wait
	for host in su sudo; do
		for case in "${cases[@]}"; do
			judge "$host" "$case"
		done
	done
	diag "$way: ${#users[@]} logins, $let_in of them let in"
	verifiers_gone "$way: no verifier is left"
	no_zombies "$way: no zombies"
}

add_users "$caller"
MFA_WAYS=${MFA_WAYS:-spawned}
each_way everything
done_testing
