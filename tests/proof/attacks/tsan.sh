#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The threaded daemon and the module under ThreadSanitizer (R20): both are built
# anew for it, libpam and the verifier are as they are.  spawn.c has no marks: they
# would run in the copy of the process between clone and execve, where the
# sanitizer's locks are whatever another thread left them.
#
# Half of the logins are recovery codes, half are digits: fresh, wrong, replayed.
#
# MFA_TSAN_ROUNDS: rounds of sixteen threads (2), two to a process.
# shellcheck disable=SC2154

# shellcheck source=../../lib/host.sh
. "$(dirname "$0")/../../lib/host.sh"

rounds=${MFA_TSAN_ROUNDS:-2}
users=(ada ben cleo dan)
typists=(eva finn gwen hugo)
auth_err=7   # PAM_AUTH_ERR
work=/tmp/tsan
# Copies of the process that are to execute the verifier end by their own status.
export TSAN_OPTIONS="exitcode=0"

compile() {
	runs "$1" gcc -std=gnu11 -g -O1 -D_GNU_SOURCE \
	    -I"$host_top" -I"$host_build" "-DMFA_SYSCONFDIR=\"${MFA_ETC}\"" \
	    "-DMFA_RUNDIR=\"$MFA_RUN\"" "-DMFA_SBINDIR=\"$MFA_SBIN\"" \
	    "-DMFA_STATEDIR=\"$MFA_STATE\"" -o "${@:2}"
}

build() {
	mkdir -p "$work"
	compile "the daemon builds" "$work/threads" -fsanitize=thread \
	    "$host_top/tests/host/threads.c" -lpam -lpthread
	compile "the clone builds" "$work/spawn.o" -fPIC -c \
	    "$host_top/lib/client/spawn.c"
	compile "the module builds" "$work/pam_ours.so" -fsanitize=thread \
	    -shared -fPIC "$host_top"/pam_medusa_mfa/*.c "$work/spawn.o" \
	    "$host_top"/lib/client/{client,connect}.c \
	    "$host_top"/lib/base/*.c "$host_top/protocol/wire_io.c" \
	    "$host_build/protocol/wire.pb.c" -lpam -lprotobuf-nanopb
	cat >"$work/racy.c" <<-'MODULE'
	#include <security/pam_modules.h>
	static int count;
	int
	pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc,
	    const char **argv)
	{
		(void)pamh, (void)flags, (void)argc, (void)argv;
		return count++ < 0 ? PAM_SUCCESS : PAM_AUTH_ERR;
	}
	MODULE
	compile "a module with a race builds" "$work/pam_racy.so" \
	    -fsanitize=thread -shared -fPIC "$work/racy.c"
	pam_service ours <<-EOF_SERVICE
	auth required $work/pam_ours.so retry=1
	account required pam_permit.so
	session required pam_permit.so
	EOF_SERVICE
	echo "auth required $work/pam_racy.so" | pam_service racy
}

# daemon SERVICE THREADS <LOGINS: its words; reports go to files.
daemon() {
	timeout -k 5 300 "$work/threads" "$@" "" 2>"$work/reports"
}

# reports OBJECT: those of the run before that name it.
reports() {
	awk -v object="$1" 'BEGIN { RS = "==================\n" }
	    /WARNING/ && index($0, object)' "$work/reports"
}

# libpam writes audit records by way of a library that keeps a static buffer.
others() {
	awk 'BEGIN { RS = "==================\n" }
	    /WARNING/ && !/pam_ours/ { n++ } END { print n + 0 }' \
	    "$work/reports"
}

login() {
	printf '%s %s\n' "$1" "$2" >>"$work/logins"
	printf '%s %s\n' "$1" "$3" >>"$work/wanted"
}

# recovery_round ROUND
recovery_round() {
	local user
	for user in "${users[@]/#/$way-}"; do
		login "$user" "$(recovery_code "$user" $(($1 % 10 + 1)))" \
		    "$([ "$1" -le 10 ] && echo 0 || echo "$auth_err")"
		login "$user" AAAABBBBCCCCDDDDEEEEFFFF "$auth_err"
	done
}

# two_rounds ROUND: this and the next one.  Who types digits is new in each two,
# so that both codes are fresh: that of now is good for 30 seconds more at least,
# and is a replay once that of the next step was taken.
two_rounds() {
	local user new=("${typists[@]/#/$way-}")
	local first=()
	new=("${new[@]/%/-$1}")
	new_users "${new[@]}"
	rm -f "$work/logins" "$work/wanted"
	recovery_round "$1"
	settle 2
	for user in "${new[@]}"; do
		first+=("$(code "$user")")
		login "$user" "${first[-1]}" 0
		login "$user" "$(wrong_code "$user")" "$auth_err"
	done
	recovery_round $(($1 + 1))
	for user in "${new[@]}"; do
		login "$user" "$(code "$user" 1)" 0
		login "$user" "${first[0]}" "$auth_err"
		first=("${first[@]:1}")
	done
	daemon ours 16 <"$work/logins" | diff "$work/wanted" - >>"$work/differs"
	reports pam_ours >>"$work/races"
	more=$((more + $(others)))
}

sixteen_threads() {
	local round more=0
	new_users "${users[@]/#/$way-}"
	: >"$work/differs"
	: >"$work/races"
	for round in $(seq 1 2 "$rounds"); do two_rounds "$round"; done
	is "$way: $rounds rounds of 16 threads: each with its own end, and no trace" \
	    "$(<"$work/differs")" ""
	is "$way: ThreadSanitizer finds no race in the module (R20)" \
	    "$(<"$work/races")" ""
	diag "$way: $((rounds * 16)) logins in 16 threads, half of them digits;" \
	    "$more reports of other libraries"
}

build
printf '%s\n' 'a 1' 'b 2' 'c 3' 'd 4' | daemon racy 2 >/dev/null
like "a module with a race is seen" "$(reports pam_racy)" 'data race'
each_way sixteen_threads
done_testing
