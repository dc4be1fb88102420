#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Screen lockers, which do not run as root (R4, R9, R21, R24): xsecurelock's own
# PAM helper, and a host that can answer one prompt only (onetry.c).

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

helper=/usr/libexec/xsecurelock/authproto_pam
[ -x "$helper" ] || skip_all "no $helper"
export XSECURELOCK_PAM_SERVICE=xsecurelock

# Hosts without rights cannot read a build folder, either.
cp "$host_build/tests/host/onetry" "$host_top/tests/host/locker_talk.py" \
    /usr/local/bin

# locker USER [ANSWER]...: the screen of that user.
locker() {
	local user=$1
	shift
	as "$user" timeout 30 /usr/local/bin/locker_talk.py "$helper" "$@" 2>&1
}

# opens USER [ANSWER]...: with the password first.
opens() {
	local user=$1
	shift
	locker "$user" "$first_factor" "$@"
}

# once USER SERVICE ABOUT [ANSWER]...: onetry, run by USER.
once() {
	local user=$1 service=$2 about=$3
	shift 3
	printf '%s\n' "$@" |
	    as "$user" timeout 10 onetry "$service" "$about" 2>/dev/null
}

# wrongs USER: codes of his that were compared and wrong, since mark_log.  What
# comes through hosts that are not root has a budget that status does not show.
wrongs() {
	log_lines | grep -c "challenge.failed user=$1 .*reason=wrong"
}

pam_setup() {
	pam_service xsecurelock <<-EOF_SERVICE
	@include common-auth
	auth required $MFA_MODULE retry=2
	@include common-account
	EOF_SERVICE
	pam_full both retry=1
	pam_bare code retry=1
	pam_bare codes retry=3
	pam_service split <<-EOF_SERVICE
	auth requisite $MFA_MODULE split=6
	auth requisite pam_unix.so try_first_pass nodelay
	auth required $MFA_MODULE use_split
	account required pam_unix.so
	EOF_SERVICE
}

open='asked: Password: 
asked: Verification code: 
status: 0'

# All that are refused pause: side by side.
real_locker() {
	local right again
	mark_log
	new_users alice walter walt victor
	add_users unenrolled
	right=$(code alice)
	again=$(recovery_code alice 1)
	is "R24 a locker's right code opens" "$(opens alice "$right")" "$open"
	like "R24 a recovery code too, and it is told" \
	    "$(opens alice "$again")" '^info: Recovery code used, 9 left\.$'
	is "R24 wrong, then right" \
	    "$(opens walter "$(wrong_code walter)" "$(code walter)")" \
	    'asked: Password: 
asked: Verification code: 
asked: Wrong code. Verification code: 
status: 0'
	is "one wrong code is counted" "$(wrongs walter)" 1
	is "R2 who is not enrolled has no second prompt" \
	    "$(opens unenrolled)" 'asked: Password: 
status: 0'
	conf '[mfa]\nrequire = all'
	job replay opens alice "$right" "$again"
	job wrong opens victor "$(wrong_code victor)" "$(wrong_code victor 1)"
	job unenrolled opens unenrolled 123456 654321
	job again opens walt "$(wrong_code walt)" "$(wrong_code walt 1)" \
	    "$first_factor" "$(code walt)"
	job password locker walter "wrong $first_factor"
	jobs_wait
	conf
	unlike "R6 no code opens twice" "$(job_out replay)" '^status: 0'
	like "R6 and that is told" "$(job_out replay)" \
	    '^asked: Code already used, .*Verification code: $'
	unlike "R24 wrong codes do not open" "$(job_out wrong)" '^status: 0'
	is "they are counted" "$(wrongs victor)" 2
	is "R21 require = all: so it looks for who is not enrolled" \
	    "$(job_out unenrolled)" "$(job_out wrong)"
	like "R24 refused, and the next try on the same handle opens" \
	    "$(job_out again)" '^status: 0'
	is "after two that were counted" "$(wrongs walt)" 2
	is "a wrong password never comes to us" \
	    "$(sort -u <<<"$(job_out password)")" 'asked: Password: 
status: 1'
	like "R21 what a locker says is marked as such in the log" \
	    "$(log_lines)" 'user=alice claimed_service=xsecurelock'
}

# R9: the tenth wrong code of a day closes this path, and no other.
own_budget() {
	local right n wrong
	new_users carl lucy
	sudo_setup 1
	pam_full sudo retry=1
	mark_log
	mapfile -t wrong < <(wrong_codes lucy 5)
	is "R9 five in a row lock the factor there" \
	    "$(once lucy code lucy "${wrong[@]}" "$(code lucy)" | uniq -c |
	        xargs)" '6 auth_err prompts=1 told=0'
	is "and nowhere else" "$(pam_result code lucy "$(code lucy)")" success
	conf '[throttle]\nburst = 20'
	mapfile -t wrong < <(wrong_codes carl 10)
	is "R9 nine wrong codes through hosts that are not root" \
	    "$(for n in 0 1 2 3 4 5 6 7 8; do
		once carl code carl "${wrong[n]}"
	    done | uniq -c | xargs)" '9 auth_err prompts=1 told=0'
	is "R4 a second prompt that is not answered" \
	    "$(once carl both carl "$first_factor")" \
	    'conv_err prompts=2 told=0'
	job tenth opens carl "${wrong[9]}"
	jobs_wait
	unlike "the tenth, at the locker" "$(job_out tenth)" '^status: 0'
	is "R9 is compared, for that prompt is not charged" "$(wrongs carl)" 10
	right=$(code carl)
	job closed opens carl "$right"
	jobs_wait
	unlike "R9 now the right code does not open the screen" \
	    "$(job_out closed)" '^status: 0'
	like "for it was not compared" \
	    "$(log_lines)" 'user=carl claimed_service=xsecurelock .*=locked'
	let_in "R9 sudo takes that code" carl "$(two "$right" | sudo_login carl)"
	is "R9 so does any host that is root" \
	    "$(pam_result code carl "$(code carl 1)")" success
	is "R9 and the screen stays closed" \
	    "$(once carl code carl "$(recovery_code carl 1)")" \
	    'auth_err prompts=1 told=0'
	mfa unlock carl >/dev/null
	is "until an administrator opens it" \
	    "$(once carl code carl "$(recovery_code carl 1)")" \
	    'success prompts=1 told=1'
	conf
}

# One answer for each pam_authenticate, on one handle.
one_answer() {
	new_users dave erik fred
	mark_log
	is "R24 retry=1: wrong, then right" \
	    "$(once dave code dave "$(wrong_code dave)" "$(code dave)")" \
	    'auth_err prompts=1 told=0
success prompts=1 told=0'
	is "one is counted" "$(wrongs dave)" 1
	is "R4 retry=3: its second prompt fails, the verdict stands" \
	    "$(once erik codes erik "$(wrong_code erik)" "$(code erik)")" \
	    'auth_err prompts=2 told=0
success prompts=1 told=0'
	is "that is counted once" "$(wrongs erik)" 1
	is "R4 the password was the one answer: no code, no verdict" \
	    "$(once dave both dave "$first_factor" "$first_factor")" \
	    'conv_err prompts=2 told=0
conv_err prompts=2 told=0'
	is "which is not charged" "$(wrongs dave)" 1
	is "R24 and the next try works" \
	    "$(once dave code dave "$(code dave 1)")" \
	    'success prompts=1 told=0'
	is "R2 ours alone: nothing says yes for who is not enrolled" \
	    "$(once unenrolled code unenrolled "$first_factor")" \
	    'other prompts=0 told=0'
	is "R24 split: the password alone does for them" \
	    "$(once unenrolled split unenrolled "$first_factor")" \
	    'success prompts=1 told=0'
	is "R21 about another user: not even asked" \
	    "$(once dave code erik "$(code erik 1)")" \
	    'unavail prompts=0 told=0'
	is "R21 nor about root" "$(once dave code root 123456)" \
	    'unavail prompts=0 told=0'
	is "R24 split: password and code in the one answer" \
	    "$(once fred split fred "$first_factor$(wrong_code fred)" \
	        "$first_factor$(code fred)")" \
	    'auth_err prompts=1 told=0
success prompts=1 told=0'
	is "R24 split: not without the password, nor without a code" \
	    "$(once fred split fred "wrong$(code fred 1)" "$first_factor" |
	        grep -vc '^success')" 2
	is "the code is still good" "$(once erik code erik "$(code erik 1)")" \
	    'success prompts=1 told=0'
}

# R21: no setuid anywhere, so without the service there is no answer.
not_running() {
	local line
	way_stop
	mark_log
	job missing opens alice "$(recovery_code alice 2)"
	is "R4 without the service: unavailable, at once, and told" \
	    "$(once erik code erik "$(recovery_code erik 1)")" \
	    'unavail prompts=0 told=1'
	jobs_wait
	unlike "the locker stays closed" "$(job_out missing)" '^status: 0'
	unlike "and does not ask" "$(job_out missing)" 'Verification code'
	line=$(grep -m 1 '^error: ' <<<"$(job_out missing)")
	like "the person is told" "${line,,}" 'verif|second factor'
	unlike "in words without quotes" "$line" '["\\]'
	like "the log has a hint" "$(log_lines)" \
	    'pam_medusa_mfa\(xsecurelock:auth\): .*alice.*medusa-mfad'
	way_start listening
	is "R24 back again, it opens" \
	    "$(opens alice "$(recovery_code alice 2)" | tail -n 1)" 'status: 0'
}

pam_setup
way_start listening
real_locker
own_budget
one_answer
not_running
way_stop
no_zombies "no zombies"
done_testing
