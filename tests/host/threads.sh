#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A daemon with sixteen threads, each of which logs people in (R6, R20, R24):
# threads.c, with the real module.

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

rounds=5
users=(ada ben cleo dan eva finn gwen hugo)

# login USER CODE WANTED: a line for the daemon, and what it is to say.
login() {
	printf '%s %s\n' "$1" "$2" >>/tmp/logins
	printf '%s %s\n' "$1" "$3" >>/tmp/wanted
}

# In each round a thread for each user with a right code, and a second one: with
# a wrong code for half of them, with another right code for the others.
plan() {
	local round n user wrong
	rm -f /tmp/logins /tmp/wanted
	for round in $(seq "$rounds"); do
		for user in "${users[@]/#/$way-}"; do
			if [ "$round" = 1 ]; then
				login "$user" "$(code "$user")" 0
			else
				login "$user" "$(recovery_code "$user" \
				    "$round")" 0
			fi
		done
		for n in 0 1 2 3; do
			user=$way-${users[n]}
			wrong=$(wrong_code "$user" "$round")
			login "$user" "$wrong" "$auth_err"
		done
		for n in 4 5 6 7; do
			user=$way-${users[n]}
			login "$user" "$(recovery_code "$user" \
			    $((round + rounds)))" 0
		done
	done
}
auth_err=7   # PAM_AUTH_ERR

# daemon SERVICE THREADS PASSWORD <LOGINS: its words as they came.
daemon() {
	timeout 60 "$host_build/tests/host/threads" "$@" 2>&1
}

sixteen_threads() {
	local out user bad=
	new_users "${users[@]/#/$way-}"
	plan
	is "$way: $(wc -l </tmp/logins) logins are planned" \
	    "$(wc -l </tmp/logins)" $((rounds * 16))
	out=$(daemon daemon 16 "$first_factor" </tmp/logins)
	is "$way: R20 the process is as it was" $? 0
	is "$way: R20 R24 right codes, wrong codes, each with its own end" \
	    "$(diff /tmp/wanted - <<<"$out")" ""
	for user in "${users[@]:0:4}"; do
		[ "$(status_of "$way-$user" wrong_today)" = "$rounds" ] ||
		    bad+=" $user"
	done
	for user in "${users[@]:4}"; do
		[ "$(status_of "$way-$user" wrong_today)" = 0 ] ||
		    bad+=" $user"
	done
	is "$way: each wrong code is counted once, no right one" "$bad" ""
	records_readable "$way: all records are readable" \
	    "${users[@]/#/$way-}"
	one_code
	verifiers_gone "$way: R20 no verifier is left"
	no_zombies "$way: R20 nor a zombie"
}

one_code() {
	local user=$way-${users[0]} n again
	again=$(recovery_code "$user" 10)
	is "$way: R6 one code in sixteen threads: one gets in" \
	    "$(for n in $(seq 16); do
		echo "$user $again"
	    done | daemon code 16 "" | sort | uniq -c | xargs)" \
	    "1 $user 0 15 $user $auth_err"
}

# The daemon would see it if there were something: modules that do it.
a_bad_module() {
	cc -shared -fPIC -o /tmp/pam_bad.so -xc - <<-'MODULE'
	#include <security/pam_modules.h>
	#include <fcntl.h>
	#include <signal.h>
	#include <stdlib.h>
	#include <sys/stat.h>
	#include <unistd.h>
	static int count;
	int
	pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc,
	    const char **argv)
	{
		(void)pamh, (void)flags, (void)argc, (void)argv;
		count++;
		umask(0);
		setenv("BAD", "1", 1);
		signal(SIGWINCH, SIG_IGN);
		open("/dev/null", O_RDONLY);
		if (fork() == 0)
			_exit(0);
		usleep(10000);
		return PAM_AUTH_ERR;
	}
	MODULE
	echo 'auth required /tmp/pam_bad.so' | pam_service bad
	is "a module that leaves traces is seen" \
	    "$(printf '%s\n' 'a 1' 'b 2' | daemon bad 2 "" |
	        sed -n 's/:.*//p' | xargs)" \
	    "descriptors memory signals children sigchlds"
}

# races SERVICE OBJECT THREADS <LOGINS: how many of helgrind's reports name the
# object; the daemon's words go to /tmp/said.
races() {
	local service=$1 object=$2
	valgrind --tool=helgrind --fair-sched=yes --log-file=/tmp/races \
	    "$host_build/tests/host/threads" "$service" "$3" "" \
	    >/tmp/said 2>&1
	sed 's/^==[0-9]*== *//' /tmp/races |
	    awk -v object="$object" 'BEGIN { RS = "" } index($0, object)' |
	    grep -c 'Possible data race\|lock order\|Thread #.*:'
}

under_helgrind() {
	local user=$way-${users[4]} other=$way-${users[0]}
	mfa unlock "$other" >/dev/null
	is "$way: helgrind finds no race in the module" \
	    "$(printf '%s\n' "$user $(code "$user" 1)" \
	        "$other $(wrong_code "$other")" \
	        "$user $(recovery_code "$user" 1)" \
	        "$other $(wrong_code "$other" 1)" |
	        races code pam_medusa_mfa.so 4)" 0
	is "$way: while it works" "$(xargs </tmp/said)" \
	    "$user 0 $other $auth_err $user 0 $other $auth_err"
}

everything() {
	sixteen_threads
	under_helgrind
}

pam_full daemon retry=1
pam_bare code retry=1
a_bad_module
is "and so is its race" "$([ "$(printf '%s\n' 'a 1' 'b 2' |
    races bad pam_bad.so 2)" -gt 0 ] && echo seen)" seen
each_way everything
done_testing
