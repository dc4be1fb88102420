#!/bin/bash
# SPDX-License-Identifier: MIT
#
# su and sudo are killed after the code was sent; and a caller with a cgroup of
# his own freezes or kills all that is in it, the spawned verifier too, in the
# middle of the transaction (R6, R7, R28).
#
# MFA_KILLS: how many of each host get SIGKILL, each with a wrong and with the
# right code (6).
# shellcheck disable=SC2154

# shellcheck source=../../lib/host.sh
. "$(dirname "$0")/../../lib/host.sh"
# shellcheck source=../../lib/logins.sh
. "$host_lib/logins.sh"

caller=caller
kills=${MFA_KILLS:-6}
halt=$host_top/tests/proof/attacks/halt
pamtry=$host_build/tests/host/pamtry

again() {
	pam_result again "$1" "$2"
}

logged() {
	log_lines | grep "user=$1 " | grep -c "$2"
}

# late HOST: from lines "USER CODE" to lines "USER killed|ended in|out".
late() {
	local line=(su '{}' -c true) who=$caller
	[ "$1" = su ] || {
		line=(sudo -S "$sudo_marker")
		who={}
	}
	"$host_top/tests/proof/attacks/late" 12 setpriv --reuid="$who" \
	    --regid="$who" --init-groups -- "${line[@]}"
}

# killed_late HOST FIRST COUNT: few enough that no code grows old.
killed_late() {
	local host=$1 kills=$3 user users=() bad="" in verified right used=0 n
	local -A good
	for n in $(seq "$2" $(($2 + $3 - 1))); do
		users+=("$way-$host-late-$n")
	done
	new_users "${users[@]}"
	mark_log
	for user in "${users[@]}"; do
		echo "$user $(wrong_code "$user")"
	done | late "$host" >/tmp/wrong
	for user in "${users[@]}"; do
		good[$user]=$(code "$user" 1)
		echo "$user ${good[$user]}"
	done >/tmp/good
	late "$host" </tmp/good >/tmp/right
	verifiers_gone "$way: $host killed late: no verifier is left"
	for user in "${users[@]}"; do
		[ "$(status_of "$user" wrong_today)" = \
		    "$(logged "$user" reason=wrong)" ] ||
		    bad+=" $user: charged is not compared;"
		verified=$(logged "$user" event=challenge.verified)
		used=$((used + verified))
		right=$(again "$user" "${good[$user]}")
		in=$(sed -n "s/^$user .* //p" /tmp/right)
		case $in-$verified-$right in
		in-1-auth_err | out-1-auth_err | out-0-success) ;;
		*) bad+=" $user: $in, verified $verified, then $right;" ;;
		esac
	done
	is "$way: $host killed late: charged is compared, no code good twice" \
	    "$bad" ""
	is "$way: $host killed late: no wrong code let in" \
	    "$(grep -c ' in$' /tmp/wrong)" 0
	is "$way: $host killed late: every login was one" \
	    "$(cat /tmp/wrong /tmp/right | wc -l)" $((2 * kills))
	like "$way: $host was killed" "$(cat /tmp/wrong /tmp/right)" ' killed '
	records_readable "$way: $host killed late: records are readable" \
	    "${users[@]}"
	diag "$way, $host: $(cat /tmp/wrong /tmp/right | grep -c ' killed ')" \
	    "of $((2 * kills)) killed after the code was sent, $used of" \
	    "$kills right codes were used, $(grep -c ' in$' /tmp/right) let in"
}

# ---- cgroups ----
#
# The one thing here that is not the sandbox's own: a folder in the kernel's one
# tree of groups, with nothing but the test's processes, removed at the end.

groups=
groups_why=

groups_begin() {
	mkdir -p /tmp/cgroup
	groups_why=$(mount -t cgroup2 cgroup2 /tmp/cgroup 2>&1) || return
	groups_why=$(mktemp -d /tmp/cgroup/medusa-mfa.XXXXXX 2>&1) || return
	groups=$groups_why
	trap 'groups_end; tap_exit' EXIT
	chmod 0755 "$groups"
	if [ ! -e "$groups/cgroup.freeze" ] || [ ! -e "$groups/cgroup.kill" ]
	then
		groups_end
		groups_why="no cgroup.freeze or cgroup.kill"
		groups=
	fi
}

groups_end() {
	local try
	[ -d "$groups" ] || return 0
	echo 0 >"$groups/cgroup.freeze"
	echo 1 >"$groups/cgroup.kill"
	for try in {1..50}; do
		find "$groups" -depth -type d -exec rmdir {} + 2>/dev/null &&
		    break
		sleep 0.02
	done
}

# grouped HOST USER LINE...: one login in a group that its caller owns; the lines
# begin when the code is asked for.
grouped() {
	local host=$1 user=$2 who=$caller line=(su "$2" -c true)
	local group=$groups/$2
	shift 2
	[ "$host" = su ] || {
		who=$user
		line=(sudo "$sudo_marker")
	}
	mkdir "$group"
	chown -R "$who" "$group"
	# shellcheck disable=SC2016
	printf '%s\n' "? $code_prompt" "$@" | converse -- bash -c '
	    echo $$ >"$1/cgroup.procs"; shift; exec "$@"' - "$group" \
	    setpriv --reuid="$who" --regid="$who" --init-groups -- "${line[@]}"
}

# by_caller HOST USER VALUE FILE: a line; the owner writes to a file of the group.
by_caller() {
	local who=$caller
	[ "$1" = su ] || who=$2
	printf '$ setpriv --reuid=%s --clear-groups bash -c "echo %s >%s"' \
	    "$who" "$3" "$groups/$2/cgroup.$4"
}

# stood USER NTH ANSWER: lines; the verifier stands at its NTH fdatasync.
stood() {
	printf '%s\n' "\$ $halt at \$PID $2 /tmp/$1.halt" "! $3" \
	    "\$ $halt wait /tmp/$1.halt"
}

freeze() {
	local host=$1 user=$2
	cat >"/tmp/$user.look" <<-LOOK
	for try in {1..100}; do
		! grep -q 'frozen 1' $groups/$user/cgroup.events || break
		sleep 0.02
	done
	{
		grep frozen $groups/$user/cgroup.events
		$pamtry again $user <<<${good[$user]}
		$pamtry again $user <<<$(recovery_code "$user" 1)
	} >/tmp/$user.seen 2>/dev/null
	LOOK
	grouped "$host" "$user" "$(stood "$user" 1 "${good[$user]}")" \
	    "$(by_caller "$host" "$user" 1 freeze)" \
	    "\$ $halt go /tmp/$user.halt" "\$ bash /tmp/$user.look" \
	    "$(by_caller "$host" "$user" 0 freeze)"
}

# kill_group HOST USER NTH ANSWER
kill_group() {
	grouped "$1" "$2" "$(stood "$2" "$3" "$4")" \
	    "$(by_caller "$1" "$2" 1 kill)" "\$ $halt go /tmp/$2.halt"
}

# killed_group HOST CASE SPAWNED LISTENING: how many were charged and compared,
# and what comes of the right code twice, in each way.
killed_group() {
	local user=$way-$1-$2 wanted=$3
	[ "$way" = spawned ] || wanted=$4
	kept_out "$way: $1: $2: killed, and not let in" "$(job_out "$user")"
	is "$way: $1: $2: charged, compared, then the code twice (R6, R7)" \
	    "$(status_of "$user" wrong_today) $(logged "$user" \
	        reason=wrong) $(again "$user" "${good[$user]}") $(again \
	        "$user" "${good[$user]}")" "$wanted"
}

frozen_group() {
	local user=$way-$1-frozen wanted="unavail unavail"
	# a listener's is out of the caller's reach
	[ "$way" = spawned ] || wanted="auth_err success"
	is "$way: $1: frozen by its cgroup: what others get (R28)" \
	    "$(xargs <"/tmp/$user.seen")" "frozen 1 $wanted"
	let_in "$way: $1: thawed, it is let in" "$user" "$(job_out "$user")"
	is "$way: $1: and nobody was charged" \
	    "$(status_of "$user" wrong_today)" 0
	is "$way: $1: and its code is used" \
	    "$(again "$user" "${good[$user]}")" auth_err
}

in_groups() {
	local host case user users=()
	local -A good
	for host in su sudo; do
		for case in frozen wrong right right-2; do
			users+=("$way-$host-$case")
		done
	done
	new_users "${users[@]}"
	for host in su sudo; do
		user=$way-$host
		for case in frozen wrong right right-2; do
			good[$user-$case]=$(code "$user-$case" 1)
		done
		job "$user-frozen" freeze "$host" "$user-frozen"
		job "$user-wrong" kill_group "$host" "$user-wrong" 1 \
		    "$(wrong_code "$user-wrong")"
		job "$user-right" kill_group "$host" "$user-right" 1 \
		    "${good[$user-right]}"
		job "$user-right-2" kill_group "$host" "$user-right-2" 2 \
		    "${good[$user-right-2]}"
	done </dev/null
	jobs_wait
	for host in su sudo; do
		frozen_group "$host"
		killed_group "$host" wrong "1 0 success auth_err" \
		    "1 1 success auth_err"
		killed_group "$host" right "1 0 success auth_err" \
		    "0 0 auth_err auth_err"
		killed_group "$host" right-2 "0 0 auth_err auth_err" \
		    "0 0 auth_err auth_err"
	done
	is "$way: the verifier stood where it was asked to" \
	    "$(find /tmp -path "*/$way-*.halt/stopped" | wc -l)" ${#users[@]}
	records_readable "$way: killed in a cgroup: records are readable" \
	    "${users[@]}"
}

everything() {
	local host n
	pam_bare su retry=1
	pam_bare sudo retry=1
	pam_bare again retry=1
	sudo_setup 1
	for host in su sudo; do
		for ((n = 1; n <= kills; n += 20)); do
			killed_late "$host" "$n" \
			    $((kills - n < 20 ? kills - n + 1 : 20))
		done
	done
	if [ -n "$groups" ]; then
		in_groups
	else
		skip "$way: frozen and killed in a cgroup" "$groups_why"
	fi
	verifiers_gone "$way: no verifier is left"
	no_zombies "$way: no zombies"
}

add_users "$caller"
groups_begin
MFA_WAYS=${MFA_WAYS:-spawned}
each_way everything
groups_end
done_testing
