# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
#
# Logins that wait at their prompt until the test answers.  Sourced after
# logins.sh.

# By name: the process, and the descriptor that it is answered by.
declare -A waiters hold

# prompted FILE N: until so many prompts are there.
prompted() {
	local try
	for try in $(seq 200); do
		[ "$(grep -c "$code_prompt" "$1")" -lt "$2" ] || return 0
		sleep 0.02
	done
	not_ok "prompt $2 in $1" "after $try looks: $(<"$1")"
}

# waiting NAME COMMAND...: a login that waits at its prompt for a line in
# /tmp/NAME.in; its result will be the first line of /tmp/NAME.out.
waiting() {
	local name=$1 fd
	shift
	rm -f "/tmp/$name.in"
	mkfifo "/tmp/$name.in"
	exec {fd}<>"/tmp/$name.in"
	hold[$name]=$fd
	"$@" <"/tmp/$name.in" >"/tmp/$name.out" 2>"/tmp/$name.err" &
	waiters[$name]=$!
}

# say NAME LINE
say() {
	echo "$2" >&"${hold[$1]}"
}

# answered NAME LINE N: the Nth result.
answered() {
	local try
	say "$1" "$2"
	for try in $(seq 250); do
		[ "$(grep -c . "/tmp/$1.out")" -lt "$3" ] || break
		sleep 0.02
	done
	sed -n "$3p" "/tmp/$1.out"
}
