#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A provider from outside (R23): logins with Yubico OTP; then with other programs
# in its place, which misbehave.
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/yubico.sh
. "$host_lib/yubico.sh"

program=/usr/local/libexec/yubico
always=/usr/local/libexec/always
box=/run/mfa-test/box   # the runner may write here
providers="[mfa]\nproviders = totp recovery_code yubico always
[provider yubico]\nprogram = $program
[provider always]\nprogram = $always"
# wrong answers of many tests do not lock
patient="$providers\n[throttle]\nburst = 20\nwrong_per_day = 1000"
declare -A device presses

# stand_in <SCRIPT: takes the place of the provider's program.
stand_in() {
	cat >"$program.new"
	chmod 0755 "$program.new"
	mv "$program.new" "$program"
}

# the_program: puts it back.
the_program() {
	stand_in <"$work/yubico_otp"
}

# press_of USER: the next press of a user's token.
press_of() {
	press "${device[$1]}" 3 "${presses[$1]}"
}

# owners NAME...: users with an app, recovery codes and a token each.
owners() {
	local user out number
	new_users "$@"
	for user; do
		next_token=$((next_token + 1))
		number=$(printf '%04x' "$next_token")
		device[$user]="cccc$(tr 0-9a-f cbdefghijklnrtuv <<<"$number")"
		device[$user]+=" 0123456789ab"
		device[$user]+=" 000102030405060708090a0b0c0d$number"
		out=$(mfa enroll --user "$user" --provider yubico --label key \
		    --import-secret --json <<<"${device[$user]}")
		presses[$user]=1
		[ "$(jq -r .label <<<"$out")" = key ] &&
		    mfa confirm --user "$user" key >/dev/null \
		        <<<"$(press_of "$user")" && continue
		not_ok "a token for $user" "$out"
	done
}
next_token=0

# login USER ANSWER: its result.
login() {
	pam_result service "$1" "$2"
}

# again USER: presses once more.
again() {
	presses[$1]=$((presses[$1] + 1))
}

# timed COMMAND...: its milliseconds go to the variable took.
timed() {
	local began
	began=$(date +%s%N)
	"$@"
	took=$((($(date +%s%N) - began) / 1000000))
}

# wrong_of USER: how many wrong answers are counted today.
wrong_of() {
	status_of "$1" wrong_today
}

installation() {
	install -d -m 0755 /usr/local/libexec
	mkdir -p "$box"
	chmod 1777 "$box"
	the_program
	printf '#!/bin/sh\nprintf "verdict: accept\\nkept: 00\\n"\n' >"$always"
	chmod 0755 "$always"
	pam_bare service retry=1
	conf "$patient"
	is "R23 the program is root's" "$(stat -c '%U %a' "$program")" \
	    'root 755'
}

enrolment() {
	local user=$way-enrol out answer
	new_users "$user"
	fails "R23 $way: a setup that the program refuses" mfa enroll \
	    --user "$user" --provider yubico --import-secret <<<'no token'
	out=$(mfa enroll --user "$user" --provider yubico --label key \
	    --import-secret --json <<<"$token")
	is "R23 $way: enrolled by a line on standard input" \
	    "$(jq -r '.provider + " " + .label' <<<"$out")" "yubico key"
	unlike "R14 $way: which is not shown again" "$out" "${token##* }"
	answer=$(press "$token" 2 1)
	is "R3 $way: a pending one lets nobody in" "$(login "$user" "$answer")" \
	    auth_err
	fails "R23 $way: not confirmed by another token's answer" \
	    mfa confirm --user "$user" key <<<"$(press "$vector_token" 2 1)"
	runs "R23 $way: confirmed by an answer" \
	    mfa confirm --user "$user" key <<<"$answer"
	is "R6 $way: which is used up then" "$(login "$user" "$answer")" \
	    auth_err
	is "R6 $way: so is an older counter" \
	    "$(login "$user" "$(press "$token" 2 0)")" auth_err
	is "R23 $way: the next one lets in" \
	    "$(login "$user" "$(press "$token" 2 2)")" success
}

right_and_wrong() {
	local user=$way-one other=$way-two answer
	owners "$user" "$other"
	again "$user"
	again "$other"
	answer=$(press_of "$user")
	mark_log
	is "R23 $way: the right answer" "$(login "$user" "$answer")" success
	like "R26 $way: the log names provider and factor" "$(log_lines)" \
	    "event=challenge.verified user=$user .*method=yubico factor=key"
	is "R6 $way: replayed" "$(login "$user" "$answer")" auth_err
	is "R6 $way: another user's token" \
	    "$(login "$user" "$(press_of "$other")")" auth_err
	is "R6 $way: whose answer is still good for him" \
	    "$(login "$other" "$(press_of "$other")")" success
	is "R6 $way: an older counter" \
	    "$(login "$user" "$(press "${device[$user]}" 2 200)")" auth_err
	is "R6 $way: a changed character" \
	    "$(login "$user" "$(press "${device[$user]}" 3 3 | tr v c)x")" \
	    auth_err
	is "R7 $way: the wrong ones are counted" "$(wrong_of "$user")" 3
	is "R23 $way: a code of the app, beside it" \
	    "$(login "$user" "$(code "$user")")" success
	is "R6 $way: once" "$(login "$user" "$(code "$user")")" auth_err
	is "R23 $way: a recovery code, beside it" \
	    "$(login "$user" "$(recovery_code "$user" 1)")" success
	is "$way: the record is readable" "$(status_of "$user" problem)" ""
	unlike "R14 $way: no answer in the log" "$(<"$test_log")" "$answer"
}

# The real hosts, with a password before it.
by_su() {
	local user=$way-su
	owners "$user"
	pam_full su retry=1
	again "$user"
	let_in "R23 $way: su lets in" "$user" \
	    "$(two "$(press_of "$user")" | su_login caller "$user")"
	kept_out "R6 $way: su refuses the same again" \
	    "$(two "$(press_of "$user")" | su_login caller "$user")"
}

together() {
	local user=$way-many
	owners "$user"
	again "$user"
	like "R6 $way: 64 logins with one answer: one success" \
	    "$(printf '64 %s %s\n' "$user" "$(press_of "$user")" |
	        "$host_build/tests/host/parallel" service)" \
	    '^success=1 .* asked=64$'
	is "$way: the record is readable" "$(status_of "$user" problem)" ""
	again "$user"
	conf "$patient\nlock_seconds = 1"
	mfa unlock "$user" >/dev/null
	is "R6 $way: and the next answer is good" \
	    "$(login "$user" "$(press_of "$user")")" success
	conf "$patient"
}

lock() {
	local user=$way-lock n
	owners "$user"
	conf "$providers"
	for n in 1 2 3 4 5; do
		login "$user" "$(press "$vector_token" 2 "$n")" >/dev/null
	done
	again "$user"
	mark_log
	is "R9 $way: after five wrong answers the right one is refused" \
	    "$(login "$user" "$(press_of "$user")")" auth_err
	like "R9 $way: locked, the log says" "$(log_lines)" \
	    "user=$user .*reason=locked"
	is "R9 $way: the app is another factor" \
	    "$(login "$user" "$(code "$user")")" success
	runs "R9 $way: unlock" mfa unlock "$user"
	is "R9 $way: the same answer is good then" \
	    "$(login "$user" "$(press_of "$user")")" success
	conf "$patient"
}

# ---- programs that misbehave ----

# fails_safe WHAT: whatever stands in, the right answer does not let in.
fails_safe() {
	local what="$way: $1" user=$way-bad before
	before=$(wrong_of "$user")
	is "R3 $what: the right answer does not let in" \
	    "$(login "$user" "$(press_of "$user")")" "${2:-unavail}"
	is "R7 $what: and is counted" "$(wrong_of "$user")" $((before + 1))
}

misbehaving() {
	local user=$way-bad reply kept
	owners "$user"
	again "$user"
	kept=$(printf '%086d' 0)
	mark_log
	stand_in <<<$'#!/bin/sh\nprintf "verdict: accept\\n"\nexit 1'
	fails_safe "accepts, but exits 1"
	stand_in <<<$'#!/bin/sh\nprintf "verdict: accept\\n"\nkill -SEGV $$'
	fails_safe "accepts and crashes"
	stand_in <<<$'#!/bin/sh\nexec head -c 100000 /dev/zero'
	fails_safe "floods"
	for reply in '' 'verdict: accept' 'verdict: accept\n\n' ' verdict: accept\n' \
	    'verdict: Accept\n' 'verdict: accept\nverdict: accept\n' \
	    "verdict: accept\nkept: $kept" "verdict: accept\nkept: \n" \
	    "verdict: accept\nkept: $kept$kept$kept$kept\n" \
	    "verdict: accept\nkept: ${kept}AA\n" "kept: $kept\n" \
	    'verdict: refuse\nverdict: accept\n' 'yes\n'; do
		stand_in <<<$'#!/bin/sh\nprintf \''"$reply'"
		fails_safe "says '${reply:0:36}'"
		mfa unlock "$user" >/dev/null
	done
	chmod 0644 "$program"
	fails_safe "not executable"
	rm "$program"
	fails_safe "not there"
	the_program
	chmod 0775 "$program"
	fails_safe "writable by its group"
	the_program
	chown medusa-mfa-runner "$program"
	fails_safe "not root's"
	like "R26 $way: the log says what was wrong" "$(log_lines)" \
	    "event=program.failed user=$user .*err=program .*detail=$program:.x20exit.x201"
	unlike "R14 $way: without the answer" "$(log_lines)" \
	    "$(press_of "$user")"
	is "R23 $way: the app works beside it" \
	    "$(login "$user" "$(code "$user")")" success
	is "R23 $way: a recovery code, too" \
	    "$(login "$user" "$(recovery_code "$user" 1)")" success
	the_program
	mfa unlock "$user" >/dev/null
	is "R23 $way: mended, the same answer is good" \
	    "$(login "$user" "$(press_of "$user")")" success
	is "$way: the record is readable" "$(status_of "$user" problem)" ""
}

timed_login() {
	timed login "$@"
	echo "$took"
}

hanging() {
	local user=$way-hang other=$way-else
	owners "$user" "$other"
	again "$user"
	stand_in <<<$'#!/bin/sh\ntrap "" TERM HUP\nsleep 91 &\nsleep 91'
	job hang timed_login "$user" "$(press_of "$user")"
	sleep 0.4
	timed login "$user" "$(code "$user")" >/tmp/result
	is "R23 $way: while it hangs, the same user's app lets in" \
	    "$(</tmp/result)" success
	is "R28 $way: at once ($took ms)" "$((took < 2000))" 1
	timed login "$other" "$(code "$other")" >/tmp/result
	is "R23 $way: and another user's" "$(</tmp/result)" success
	is "R28 $way: at once, too ($took ms)" "$((took < 2000))" 1
	jobs_wait
	is "R3 $way: it hangs: no success" "$(job_out hang | head -n 1)" \
	    unavail
	took=$(job_out hang | tail -n 1)
	is "R28 $way: after five seconds ($took ms)" \
	    "$((took > 4500 && took < 8000))" 1
	sleep 0.3
	is "R23 $way: nothing is left of it" "$(pgrep -fx 'sleep 91')" ""
	the_program
}

# Slow, but right: nobody else waits for the record.
not_locked() {
	local user=$way-slow
	owners "$user"
	again "$user"
	cp "$work/yubico_otp" /usr/local/libexec/yubico-itself
	stand_in <<<$'#!/bin/sh\nsleep 3\nexec /usr/local/libexec/yubico-itself'
	job slow login "$user" "$(press_of "$user")"
	sleep 0.4
	timed login "$user" "$(code "$user")" >/tmp/result
	is "R23 $way: the record is not locked while it runs" \
	    "$(</tmp/result)" success
	is "R23 $way: nobody waits for it ($took ms)" "$((took < 2000))" 1
	jobs_wait
	is "R23 $way: its own answer counts afterwards" "$(job_out slow)" \
	    success
	the_program
}

# It sees what it keeps, the answer and the time.
what_it_sees() {
	local user=$way-seen answer number='[0-9]+' seen
	owners "$user"
	again "$user"
	rm -f "$box"/*
	stand_in <<-SCRIPT
	#!/bin/sh
	/bin/cat >$box/input
	/bin/cat /proc/self/environ >$box/environment
	/bin/cat /proc/\$\$/cmdline >$box/arguments
	/bin/ls /proc/\$\$/fd >$box/descriptors
	/usr/bin/id -a >$box/id
	/bin/ls $MFA_STATE/records $MFA_ETC/keys >$box/files 2>&1
	printf 'verdict: refuse\n'
	SCRIPT
	answer=$(press_of "$user")
	is "R23 $way: it looks around" "$(login "$user" "$answer")" auth_err
	seen=$(sed -E "s/^time: $number\$/time: N/; s/^kept: [0-9a-f]{86}\$/kept: K/" \
	    "$box/input")
	is "R23 $way: it is told its bytes, the answer and the time" "$seen" \
	    "medusa-mfa-provider 1
operation: check
time: N
kept: K
answer: $answer"
	is "R23 $way: its environment" \
	    "$(tr '\0' '\n' <"$box/environment" | sort | grep -vE '^(PWD|_)=')" \
	    "LANG=C
MEDUSA_MFA=check
PATH=/usr/sbin:/usr/bin:/sbin:/bin"
	is "R14 $way: its arguments" "$(tr '\0' ' ' <"$box/arguments")" \
	    "/bin/sh $program "
	like "R23 $way: its account" "$(<"$box/id")" \
	    '^uid=[0-9]+\(medusa-mfa-runner\) gid=[0-9]+\(medusa-mfa-runner\) groups=[0-9]+\(medusa-mfa-runner\)$'
	is "R23 $way: records and keys are closed to it" \
	    "$(grep -c 'Permission denied' "$box/files") $(wc -l \
	        <"$box/files")" "2 2"
	the_program
}

# Remembers nothing and accepts all: the engine does remember.
accepting_all() {
	local user=$way-all
	new_users "$user"
	mfa enroll --user "$user" --provider always --json >/dev/null
	runs "R23 $way: one that accepts all" \
	    mfa confirm --user "$user" always <<<'first word'
	is "R6 $way: what confirmed it is used" \
	    "$(login "$user" 'first word')" auth_err
	is "R23 $way: a new answer lets in" "$(login "$user" second-word)" \
	    success
	is "R6 $way: not twice" "$(login "$user" second-word)" auth_err
	is "R23 $way: a third" "$(login "$user" third-word)" success
	is "R6 $way: the second is remembered" \
	    "$(login "$user" second-word)" auth_err
	is "R6 $way: 64 logins with one answer: one success" \
	    "$(printf '64 %s fourth-word\n' "$user" |
	        "$host_build/tests/host/parallel" service |
	        cut -d ' ' -f 1)" success=1
	is "R23 $way: nobody else has it" "$(login "$way-one" fifth-word)" \
	    auth_err
}

everything() {
	enrolment
	right_and_wrong
	by_su
	together
	lock
	misbehaving
	hanging
	not_locked
	what_it_sees
	accepting_all
	verifiers_gone "$way: no verifier is left"
	no_zombies "$way: no zombies"
}

build_yubico
add_users caller
installation
each_way everything
rm -rf "$work"
done_testing
