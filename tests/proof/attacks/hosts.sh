#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What an ordinary user can make of the process that su and sudo run in: limits,
# priorities, signals, timers, descriptors, environment, arguments, folder,
# terminal, namespaces (R2, R3, R7, R20).  Each row is one such thing.  Whatever
# it is: a wrong code never lets in, what was compared was charged, a code that
# let in is used, and one that did not is good or used, but never twice.
#
# MFA_WAYS: spawned; a listener is out of the caller's reach, but make
# proof-attacks tries it as well.
# shellcheck disable=SC2154

# shellcheck source=../../lib/host.sh
. "$(dirname "$0")/../../lib/host.sh"
# shellcheck source=../../lib/logins.sh
. "$host_lib/logins.sh"

caller=caller
declare -A row works   # the command around it; whether it must let in
names=()

# does NAME COMMAND...: a row after which the right code may be refused.
does() {
	local name=$1
	shift
	names+=("$name")
	row[$name]=$(printf '%q ' "$@")
}

# bears NAME COMMAND...: a row after which the right code must let in.
bears() {
	does "$@"
	works[$1]=1
}

# shell TEXT: as a row; TEXT ends with exec "$@".
shell() {
	printf '%s\n' bash -c "$1" -
}

# shellcheck disable=SC2016
rows() {
	local n
	for n in 3 4 5 8; do
		does "nofile-$n" prlimit "--nofile=$n:$n"
	done
	does as prlimit --as=12000000:12000000
	does data prlimit --data=0:0
	does stack prlimit --stack=65536:65536
	does nproc prlimit --nproc=0:0
	does cpu prlimit --cpu=1:1
	does fsize prlimit --fsize=0:0
	does fsize-cut prlimit --fsize=8191:8191
	bears memlock prlimit --memlock=0:0
	bears sigpending prlimit --sigpending=0:0
	bears core prlimit --core=unlimited
	bears idle nice -n 19 ionice -c 3 chrt --idle 0 taskset -c 0
	does ignored env --ignore-signal
	does blocked env --block-signal
	does timer python3 -c "$timer" 0.03
	does timer-profile python3 -c "$timer" 0.004 2
	bears umask-0 bash -c 'umask 0; exec "$@"' -
	bears umask-777 bash -c 'umask 777; exec "$@"' -
	bears folder-gone bash -c 'd=$(mktemp -d); cd "$d"; rmdir "$d"
	    exec "$@"' -
	bears folder-shut bash -c 'd=$(mktemp -d); cd "$d"; chmod 0 "$d"
	    exec "$@"' -
	bears folder-of-links bash -c 'd=$(mktemp -d); cd "$d"
	    ln -s /etc/shadow medusa-mfad; ln -s / records; exec "$@"' -
	does no-name bash -c 'exec -a "" "$@"' -
	does long-name bash -c 'exec -a "$(printf "%0100000d" 0)" "$@"' -
	does much-environment bash -c 'export A B C
	    A=$(printf "%0100000d" 0) B=$A C=$A; exec "$@"' -
	bears hostile-environment env -i PATH=/usr/bin:/bin \
	    LD_PRELOAD=/tmp/evil.so LD_LIBRARY_PATH=/tmp LD_AUDIT=/tmp/evil.so \
	    OPENSSL_CONF=/tmp/evil.cnf OPENSSL_MODULES=/tmp \
	    GCONV_PATH=/tmp LOCPATH=/tmp LC_ALL=xx_YY.utf8 TZ=:/etc/shadow \
	    MALLOC_CHECK_=3 RES_OPTIONS=debug HOSTALIASES=/tmp/evil \
	    CREDENTIALS_DIRECTORY=/tmp LISTEN_FDS=1 LISTEN_PID=1 \
	    NOTIFY_SOCKET=/tmp/evil
	does no-output bash -c 'exec "$@" >&-' -
	does full-output bash -c 'exec "$@" >/dev/full 2>&1' -
	does closed-pipe bash -c '"$@" 2>&1 | :' -
	does no-errors bash -c 'exec "$@" 2>&-' -
	bears many-descriptors bash -c 'for n in {10..200}; do
	    eval "exec $n</etc/passwd"; done; exec "$@"' -
	bears no-terminal setsid -w
	does no-new-rights setpriv --no-new-privs --
	does namespace unshare --user --map-root-user
}
# An interval timer lives on across exec.
timer='
import os, signal, sys
which = int(sys.argv[2]) if sys.argv[2].isdigit() else 0
signal.setitimer(which, float(sys.argv[1]))
command = sys.argv[3:] if which else sys.argv[2:]
os.execvp(command[0], command)
'

# try HOST USER ANSWER ROW: one login inside it.
try() {
	local host=$1 user=$2 answer=$3 who=$caller command=(su "$2" -c true)
	[ "$host" = su ] || {
		who=$user
		command=(sudo -S "$sudo_marker")
	}
	eval "set -- ${row[$4]}"
	printf '%s\n' "$answer" | as "$who" timeout -s KILL 20 "$@" \
	    "${command[@]}" 2>&1
}

again() {
	pam_result again "$1" "$2"
}

logged() {
	log_lines | grep "user=$1 " | grep -c "$2"
}

# judge HOST NAME: what came of both logins of a row.
judge() {
	local host=$1 name=$2 user=$way-$1-$2 bad="" in=0 out right
	grep -q "$let_in_mark" <<<"$(job_out "$user-wrong")" &&
	    bad+=" a wrong code let in;"
	[ "${charged[$user]}" = "${compared[$user]}" ] ||
	    bad+=" ${compared[$user]} compared, ${charged[$user]} charged;"
	out=$(job_out "$user-right")
	grep -q "$let_in_mark" <<<"$out" && in=1
	[ "$in" = 1 ] || [ -z "${works[$name]-}" ] ||
	    bad+=" the right code was refused: $out;"
	verified=$(logged "$user" event=challenge.verified)
	right=$(again "$user" "${good[$user]}")
	case $in$verified-$right in
	01-auth_err | 11-auth_err | 00-success) ;;
	*) bad+=" let in $in, verified $verified, then $right: $out" ;;
	esac
	[ "$(status_of "$user" problem)" = "" ] || bad+=" no longer readable;"
	is "$way: $host: $name" "$bad" ""
	let_in=$((let_in + in))
}

each_row() {
	local host=$1 name user users=() let_in=0 verified
	local -A good charged compared
	users=("${names[@]/#/$way-$host-}")
	new_users "${users[@]}"
	mark_log
	for name in "${names[@]}"; do
		user=$way-$host-$name
		job "$user-wrong" try "$host" "$user" "$(wrong_code "$user")" \
		    "$name" </dev/null
	done
	jobs_wait
	for user in "${users[@]}"; do
		charged[$user]=$(status_of "$user" wrong_today)
		compared[$user]=$(logged "$user" reason=wrong)
	done
	for name in "${names[@]}"; do
		user=$way-$host-$name
		good[$user]=$(code "$user" 1)
		job "$user-right" try "$host" "$user" "${good[$user]}" \
		    "$name" </dev/null
	done
	jobs_wait
	for name in "${names[@]}"; do
		judge "$host" "$name"
	done
	diag "$way, $host: ${#names[@]} rows, $let_in of them let in"
}

everything() {
	pam_bare su retry=1
	pam_bare sudo retry=1
	pam_bare again retry=1
	sudo_setup 1
	each_row su
	each_row sudo
	is "$way: nothing but records in the store" \
	    "$(find "$MFA_STATE/records" ! -user medusa-mfa)" ""
	is "$way: all are of one size and mode" \
	    "$(find "$MFA_STATE/records" -type f -printf '%s %m %n %G\n' |
	        sort -u | wc -l)" 1
	verifiers_gone "$way: no verifier is left"
	no_zombies "$way: no zombies"
}

add_users "$caller"
rows
MFA_WAYS=${MFA_WAYS:-spawned}
each_way everything
done_testing
