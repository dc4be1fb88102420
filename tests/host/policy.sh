#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Rules: who is asked for a code, by user, group, service, network and key used;
# grace times and enrolment in the login itself; codes that are remembered; and
# what explain says of all that.  With the real sshd, sudo and su (R2, R5, R24).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

kbd=keyboard-interactive
both=publickey,$kbd
denied='Logins here are refused by a rule\.'
pressed='Press Enter: '

# rules [LINE]...: instead of those there were; effective at the next login.
rules() {
	local IFS=$'\n'
	conf "$*"
}

# by_password: what to type where no code is asked for.
by_password() {
	answers 'assword.*: ' "$first_factor"
}

# ssh_in METHODS USER <SCRIPT: gives up early where another prompt comes.
ssh_in() {
	ssh_command "$1" "$2"
	converse -t 10 -- "${ssh_line[@]}"
}

# ssh_told USER <SCRIPT: with what sshd says besides the prompts.
ssh_told() {
	ssh_command "$kbd" "$1"
	ssh_line=(ssh -o LogLevel=INFO "${ssh_line[@]:1}")
	converse -t 10 -- "${ssh_line[@]}"
}

# asks USER [METHODS]: what is on the screen once the password is typed; then it
# hangs up.
asks() {
	{
		by_password
		printf '%s\n' '? : ' "\$ kill -9 \$PID"
	} | ssh_in "${2-$kbd}" "$1"
}

# asked NAME USER [METHODS]
asked() {
	like "$1" "$(asks "$2" "${3-$kbd}")" "$code_prompt"
}

# explains NAME USER SERVICE[,HOST[,OPTION]] REGEX...: in lines of its own each.
explains() {
	local name=$1 user=$2 out regex words
	IFS=, read -ra words <<<"$3"
	shift 3
	out=$(mfa explain "$user" "${words[@]}" 2>&1) ||
	    not_ok "$name: exit status $?" "$out"
	for regex; do
		like "$name: $regex" "$out" "$regex"
	done
}

reasons() {
	log_lines | grep -F " user=$1 " | grep -oE ' reason=[a-z-]+' |
	    cut -d= -f2 | tr '\n' ' '
}

# ---- who ----

conditions() {
	rules '[mfa]' 'require = all' \
	    '[rule vip]' 'user = vip' 'decision = exempt' \
	    '[rule out]' 'group = visitors' 'decision = deny' \
	    '[rule desk]' 'service = su' 'decision = exempt' \
	    '[rule near]' 'service = sshd' 'from = 127.0.0.0/8' \
	    'key_used = no' 'decision = optional' \
	    '[rule far]' 'from = 192.0.2.0/24 2001:db8::/32' 'decision = deny'
	let_in "by user: exempt from a code in sudo" vip \
	    "$(by_password | sudo_login vip)"
	mark_log
	job out ssh_told visitor < <(by_password)
	job out_key ssh_in publickey visitor </dev/null
	job ask sudo_login inge < <(two "$(wrong_code inge)")
	let_in "by service: exempt from a code in su" inge \
	    "$(by_password | su_login vip inge)"
	let_in "by network: optional, and not enrolled" plain \
	    "$(by_password | ssh_in "$kbd" plain)"
	asked "by network: optional, and enrolled: asked" inge
	jobs_wait
	kept_out "by group: refused, with the right password" "$(job_out out)"
	like "and told so" "$(job_out out)" "$denied"
	unlike "and asked for no code" "$(job_out out)" "$code_prompt"
	kept_out "by group: refused, with a key alone" "$(job_out out_key)"
	is "which the log says of both" "$(reasons visitor)" "refused refused "
	kept_out "no rule is met: a wrong code is refused" "$(job_out ask)"
	like "after it was asked for" "$(job_out ask)" "$code_prompt"
	explains "by user" vip sudo 'vip at sudo: would pass without a code\.' \
	    'Rule: +vip, so decision = exempt$'
	explains "by group" visitor sshd,127.0.0.1 \
	    'visitor at sshd from 127.0.0.1: would be refused\.' 'Rule: +out, so '
	explains "by network" inge sshd,127.0.0.1 'would be asked' 'Rule: +near, so '
	explains "an address of IPv6" inge sshd,2001:db8::7 'refused' 'Rule: +far, so '
	explains "another network" inge sshd,203.0.113.7 'would be asked' \
	    'Rule: +none, so section \[mfa\] counts: require = all$'
	explains "an empty address is no local one" inge sshd 'Rule: +none'
	explains "who is unknown" nobody-here sshd,127.0.0.1 \
	    'nobody-here is unknown to this host'
	fails "a host name is refused" mfa explain inge sshd localhost
	fails "explain is for root" as inge "$MFA_BIN/medusa-mfa" explain inge su
	rules '[mfa]' 'require = all'
	asked "without those rules, at once: asked" vip
	rules '[rule near]' 'service = sshd' 'from = 10.0.0.0/8' \
	    'decision = exempt'
	asked "another network is not this one" inge
}

# Nothing that cannot be evaluated lets in.
unsure() {
	rules '[mfa]' 'require = enrolled' \
	    '[rule ghosts]' 'group = no-such-group' 'decision = exempt'
	asked "a group that does not exist: asked" inge
	job ghost ssh_in "$kbd" plain < <(two 123456)
	explains "a group that does not exist" inge sshd,127.0.0.1 \
	    'would be asked' 'Because: +a group of it is not known to this host'
	jobs_wait
	kept_out "and who is not enrolled is refused" "$(job_out ghost)"
}

key_used() {
	rules '[rule key]' 'service = sshd' 'key_used = yes' 'decision = exempt'
	let_in "key used: key and password, and no code" key-inge \
	    "$(by_password | ssh_in "$both" key-inge)"
	asked "no key: asked" inge
	job alone ssh_in publickey inge </dev/null
	explains "key used" key-inge sshd,127.0.0.1,--key-used \
	    'would pass without a code' 'Rule: +key, so '
	explains "no key" key-inge sshd,127.0.0.1 'would be asked' 'Rule: +none'
	jobs_wait
	kept_out "a key alone: sshd does not tell of it" "$(job_out alone)"
	# Nor is it "no key": enforce takes it for unknown.
	rules '[mfa]' 'require = all' '[rule pw]' 'service = sshd' \
	    'key_used = no' 'decision = exempt'
	kept_out "a key alone is not a login without a key" \
	    "$(ssh_in publickey inge </dev/null)"
	rules '[mfa]' 'require = enrolled' '[rule key]' 'service = sshd' \
	    'key_used = yes' 'decision = deny'
	mark_log
	kept_out "nor does it pass by a rule that denies keys" \
	    "$(ssh_in publickey plain </dev/null)"
	like "which the log says" "$(log_lines)" 'detail=rule:key:key-unknown'
}

methods() {
	rules '[rule codes]' 'service = sshd' 'decision = require' \
	    'methods = recovery_code'
	job totp ssh_in "$kbd" inge < <(two "$(code inge)")
	let_in "methods: a recovery code lets in" inge \
	    "$(two "$(recovery_code inge 1)" | ssh_in "$kbd" inge)"
	explains "methods" inge sshd 'Methods: +recovery_code;'
	jobs_wait
	kept_out "methods: a right code of the app does not" "$(job_out totp)"
	let_in "methods: of another service, it does" inge \
	    "$(two "$(code inge 1)" | sudo_login inge)"
}

# ---- grace ----

read_and_enter() {
	answers 'assword.*: ' "$first_factor" "$pressed" "${1-}"
}

grace() {
	local out
	rules '[rule soon]' 'enroll_by = 2099-12-31' 'decision = require'
	mark_log
	out=$(read_and_enter | ssh_in "$kbd" plain)
	let_in "a date: who is not enrolled comes in" plain "$out"
	like "and is told until when" "$out" \
	    'second factor by 2099-12-31, [0-9]+ days left: medusa-mfa enroll'
	let_in "whatever is typed there" plain \
	    "$(read_and_enter 123456 | sudo_login plain)"
	is "which the log calls" "$(reasons plain)" "not-enrolled not-enrolled "
	let_in "the password method, which cannot show it" plain \
	    "$(by_password | ssh_in password plain)"
	explains "a date" plain sshd 'would pass without a code' \
	    'Enrolment: +by 2099-12-31, [0-9]+ days left'
	asked "a date: who is enrolled is asked" inge
	rules '[rule soon]' 'enroll_by = 2 logins' 'decision = require'
	explains "logins" plain sshd 'Enrolment: +2 logins left'
	out=$(read_and_enter | ssh_in "$kbd" plain)
	let_in "logins: the first" plain "$out"
	like "and is told how many are left" "$out" '[0-9] logins? left'
	explains "logins, once they are counted" plain sshd '1 login left'
	explains "and not by that question" plain sshd '1 login left'
	let_in "logins: the second, by sudo" plain \
	    "$(read_and_enter | sudo_login plain)"
	job third ssh_in "$kbd" plain < <(two 123456)
	explains "logins, at their end" plain sshd '0 logins left'
	jobs_wait
	kept_out "logins: the third is refused" "$(job_out third)"
}

# The code of the key that stands on the screen.
# shellcheck disable=SC2016 # for converse to expand
shown_code='key=$(grep -oE "[A-Z2-7]{4}( [A-Z2-7]{4}){3,}" <<<"$SEEN" |
    tail -n 1 | tr -d " "); oathtool --totp -b - <<<"$key"'
shown_code=${shown_code//$'\n'/}

enrols() {
	local out spare
	rules '[rule now]' 'decision = require' 'unenrolled = enroll'
	explains "enrolment in the login" new sshd 'would add a factor' \
	    'not enrolled'
	job wrong ssh_in "$kbd" other < <(answers 'assword.*: ' "$first_factor" \
	    'Code from the app: ' 000000)
	settle 3
	out=$({
		by_password
		printf '%s\n' '? authenticator app: .*Code from the app: ' \
		    "% $shown_code"
		answers "1 of 2.*$pressed" '' "2 of 2.*$pressed" ''
	} | ssh_in "$kbd" new)
	let_in "enrolment in the login: a factor is added" new "$out"
	spare=$(grep -oE '([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}' \
	    <<<"$out")
	is "with ten recovery codes" "$(wc -l <<<"$spare")" 10
	is "and the user is enrolled" "$(status_of new enrolled)" true
	secret[new]=$(grep -oE '[A-Z2-7]{4}( [A-Z2-7]{4}){3,}' <<<"$out" |
	    head -n 1 | tr -d ' ')
	# shellcheck disable=SC2034 # of code()
	algorithm[new]=sha1 digits[new]=6 period[new]=30
	let_in "the next login asks for a code of it" new \
	    "$(two "$(code new 1)" | ssh_in "$kbd" new)"
	is "and one of the recovery codes is good, too" \
	    "$(pam_result once new "$(head -n 1 <<<"$spare")")" success
	jobs_wait
	kept_out "a wrong first code adds nothing" "$(job_out wrong)"
	is "and the user is not enrolled" "$(status_of other enrolled)" false
	unlike "no key and no recovery code is in the log (R14)" \
	    "$(<"$test_log")" "${secret[new]}|$(tail -n 1 <<<"$spare")"
}

# ---- remembered ----

# forgets NAME: a login is asked again, and then remembered again.
forgets() {
	asked "remember: asked after $1" key-rem "$both"
}

remembers() {
	is "$1" "$(two "$2" | ssh_in "$both" key-rem | grep -o 'in:.*')" \
	    in:key-rem
	mark_log
	let_in "remember: not asked then" key-rem \
	    "$(by_password | ssh_in "$both" key-rem)"
	is "which the log says" "$(reasons key-rem)" "remembered "
}

remember() {
	local first
	# Room for codes of steps to come, each used once.
	rules '[totp]' 'window = 9' '[rule keep]' 'service = sshd' \
	    'decision = require' 'remember = 12h'
	# What comes through this host itself is no place.
	is "from loopback: a code" "$(two "$(code key-rem)" |
	    ssh_in "$both" key-rem | grep -o 'in:.*')" in:key-rem
	asked "and again" key-rem "$both"
	is "nothing is remembered of that" "$(status_of key-rem remembered)" 0
	ssh_at=192.0.2.7
	explains "remember" key-rem sshd,192.0.2.7,--key-used \
	    'Remember: +12 h; remembered now: no'
	explains "remember without a key" key-rem sshd,192.0.2.7 'Remember: +.*no'
	remembers "remember: a code is asked for once" "$(code key-rem 1)"
	is "one place is remembered" "$(status_of key-rem remembered)" 1
	explains "remember, then" key-rem sshd,192.0.2.7,--key-used \
	    'would pass|would be asked' 'remembered now: yes'
	explains "remember, from elsewhere" key-rem sshd,192.0.2.8,--key-used \
	    'remembered now: no'
	runs "forget" mfa forget key-rem
	is "nothing is remembered" "$(status_of key-rem remembered)" 0
	forgets forget
	is "a recovery code lets in" "$(two "$(recovery_code key-rem 1)" |
	    ssh_in "$both" key-rem | grep -o 'in:.*')" in:key-rem
	forgets "a recovery code"
	first=${secret[key-rem]}
	enrol key-rem --label second >/dev/null || not_ok "a second factor"
	forgets "a factor was added"
	remembers "remember: again" "$(code key-rem 4)"
	mfa disable --user key-rem --yes second >/dev/null
	secret[key-rem]=$first
	forgets "a factor was disabled"
	remembers "remember: once more" "$(code key-rem 7)"
	for _ in 1 2 3 4 5; do
		pam_result once key-rem 000000 >/dev/null
	done
	forgets "a lock"
	mfa reset --yes key-rem >/dev/null
	is "a reset forgets" "$(status_of key-rem remembered)" 0
	is "without a key nothing is remembered" \
	    "$(two "$(code rem)" | ssh_in "$kbd" rem | grep -o 'in:.*')" in:rem
	asked "and a code is asked for again" rem
	is "of no place" "$(status_of rem remembered)" 0
}

# in_session USER COMMAND <SCRIPT: at a terminal of its own, in an audit session
# of its own, as pam_loginuid makes one.
in_session() {
	# shellcheck disable=SC2016 # for sh to expand
	converse -- sh -c 'echo 0 >/proc/self/loginuid; exec setpriv \
	    --reuid="$1" --regid="$1" --init-groups -- sh -c "$2"' sh "$1" "$2"
}

# At a terminal the kernel says which session it is, not who sits there.
sessions() {
	local out twice="sudo $sudo_marker; sudo $sudo_marker"
	if ! sh -c 'echo 0 >/proc/self/loginuid' 2>/dev/null; then
		skip "remember in a session" "this kernel has no audit sessions"
		return
	fi
	rules '[totp]' 'window = 9' '[rule desk]' 'service = sudo' \
	    'decision = require' 'remember = 1h'
	mark_log
	out=$({
		two "$(code rem 4)"
		by_password
	} | in_session rem "$twice")
	is "in one session and terminal: asked once" \
	    "$(grep -c '^in:rem' <<<"$out") $(grep -c "$code_prompt" <<<"$out")" \
	    "2 1"
	is "which the log says" "$(reasons rem)" "ok remembered "
	is "one place" "$(status_of rem remembered)" 1
	out=$({
		by_password
		printf '%s\n' "? $code_prompt" "\$ kill -9 \$PID"
	} | in_session rem "sudo $sudo_marker")
	like "in another session: asked" "$out" "$code_prompt"
	out=$({
		by_password
		printf '%s\n' "? $code_prompt" "\$ kill -9 \$PID"
	} | sudo_login rem)
	like "in no session: asked" "$out" "$code_prompt"
}

# Anybody may be asked again, and nobody else make that so.
own_forget() {
	way_start listening
	runs "forget, of oneself" as rem "$MFA_BIN/medusa-mfa" forget
	fails "not of another" as rem "$MFA_BIN/medusa-mfa" forget inge
	like "status says that rules decide" "$(mfa status --user rem)" \
	    'depends on rules: medusa-mfa explain rem SERVICE'
	way_stop
}

add_users plain visitor other new
new_users inge vip key-inge key-rem rem
echo 'visitors:x:30001:visitor' >>/etc/group
pam_full sshd
echo "account required $MFA_MODULE enforce" >>/etc/pam.d/sshd
pam_full su
pam_full sudo
pam_bare once retry=1
sudo_setup 1
ip addr add 192.0.2.7/32 dev lo
sshd_start <<'SSHD'
ListenAddress 192.0.2.7
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication yes
PubkeyAuthentication yes
Match User key-*
	AuthenticationMethods publickey,keyboard-interactive:pam
SSHD
conditions
unsure
key_used
methods
grace
enrols
remember
sessions
own_forget
done_testing
