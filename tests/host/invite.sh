#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Invitations and bypass codes, and the first factor that a user adds alone,
# through a listening verifier: by policy self_enroll (R10, R14, R21).
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/self.sh
. "$host_lib/self.sh"

# invited USER: prints an invitation.
invited() {
	mfa invite --json "$1" | jq -r .code
}

invite() {
	local out
	out=$(mfa invite anna)
	is "invite: status" "$?" 0
	like "invite: shows a code" "$out" "^ +$recovery_form\$"
	like "invite: says what to do with it" "$out" '^  medusa-mfa enroll$'
	like "invite: says until when" "$out" 'until 20[0-9-]+ [0-9:]+ \(3 d\)'
	like "invite: status has it" "$(mfa status --user anna)" \
	    '^Invited: +for 3 d$'
	like "invite: says where it is typed" "$out" 'not at a login'
	unlike "invite: nothing is in the way" "$out" 'listens|refused|note:'
	like "invite: so does the user's own" "$(own anna status)" \
	    '^Invited: +for 3 d'
	like "invite: users has it" "$(mfa users)" '^anna .* invited '
	mfa invite --output /tmp/invitation anna >/tmp/said
	is "invite --output: private (R14)" \
	    "$(stat -c '%U %a' /tmp/invitation)" "root 600"
	unlike "invite --output: not on the screen" "$(</tmp/said)" \
	    "$recovery_form"
	fails "invite --output: never over a file" \
	    mfa invite --output /tmp/invitation anna
	conf '[mfa]\nrequire = all'
	like "invite: who is refused at logins cannot type it" \
	    "$(mfa invite anna)" 'refused at logins here'
	conf '[mfa]\nexempt_users = anna'
	like "invite: exempt" "$(mfa invite anna)" 'note: anna is exempt'
	conf
	way_stop
	like "invite: nobody listens" "$(mfa invite anna)" \
	    'systemctl enable --now medusa-mfad.socket'
	is "invite --json: is JSON all the same" \
	    "$(mfa invite --json anna 2>&1 | jq -r .user)" anna
	way_start listening
	like "invite on a full disk: it is lost" \
	    "$(mfa invite anna 2>&1 >/dev/full)" 'lost: medusa-mfa invite anna'
	status_is "invite of nobody" 1 mfa invite no-such-user
	like "invite is for root" "$(own anna invite anna 2>&1)" \
	    '^medusa-mfa: invite must be run as root$'
}

first_factor_at_a_terminal() {
	local code out
	code=$(invited anna)
	out=$(own_terminal anna enroll --output /tmp/anna/codes <<-SCRIPT
	? $invitation_question
	! AAAA-AAAA-AAAA-AAAA-AAAA-AAAA
	? not your invitation
	? $invitation_question
	! $(tr '[:upper:]-' '[:lower:] ' <<<"$code")
	? Key: [A-Z2-7 ]+
	? Code from your app:
	! 000000
	? Code from your app:
	% phone
	? enabled
	SCRIPT
	)
	is "first factor by an invitation: status" "$?" 0
	took_key anna
	recovery[anna]=$(</tmp/anna/codes)
	is "first factor: ten recovery codes in the file, hers alone" \
	    "$(grep -cE "^$recovery_form\$" /tmp/anna/codes) $(stat \
	        -c '%U %a' /tmp/anna/codes)" "10 anna 600"
	like "first factor: says how to try it" "$out" 'medusa-mfa verify$'
	like "first factor: verify" "$(own anna verify \
	    <<<"$(code anna)" 2>&1)" 'The code is right'
	is "first factor: the invitation is gone" \
	    "$(status_of anna invited_seconds)" 0
	like "invite of an enrolled user" "$(mfa invite anna 2>&1)" 'is enrolled'
}

first_factor_by_script() {
	local code out key
	status_is "script: nobody invited him" 1 own bert enroll --json \
	    </dev/null
	invited bert >/dev/null
	status_is "script: a wrong invitation" 3 \
	    own bert enroll --json <<<AAAA-AAAA-AAAA-AAAA-AAAA-AAAA
	code=$(invited bert)
	out=$(own bert enroll --json --label phone <<<"$code")
	is "script: an invitation, status" "$?" 0
	key=$(jq -r .secret <<<"$out")
	secret[bert]=$key algorithm[bert]=sha1 digits[bert]=6 period[bert]=30
	status_is "script: an invitation is good once" 3 \
	    own bert enroll --json --label other <<<"$code"
	settle 3
	out=$(own bert confirm --json phone <<<"$(code bert -1)")
	is "script: confirm of the first one needs no proof" "$?" 0
	recovery[bert]=$(jq -r '.recovery_codes[]' <<<"$out")
	is "script: enrolled" "$(states_of bert)" "phone enabled"
	code=$(invited erik)
	status_is "script: an older invitation is void" 3 \
	    own erik enroll --json <<<"$(invited erik >/dev/null; echo "$code")"
}

policies() {
	local out
	conf '[mfa]\nself_enroll = no'
	out=$(own_terminal carl enroll --provider otp </dev/null)
	is "self_enroll = no: one line, before any question" "$out" \
	    "medusa-mfa: you cannot enrol by yourself here: ask your administrator"
	conf '[mfa]\nself_enroll = until 2001-01-01'
	status_is "self_enroll = until: too late" 1 own carl enroll --json
	conf '[mfa]\nself_enroll = until 2999-12-31'
	status_is "self_enroll = until: in time" 0 own carl enroll --json
	like "and root may at any time" "$(mfa enroll --user carl --json)" \
	    '"label":"totp-2"'
	conf '[mfa]\nself_enroll = yes'
	own_terminal dora enroll >/tmp/said <<-SCRIPT
	? Code from your app:
	% phone
	? enabled
	SCRIPT
	is "self_enroll = yes: nothing else is asked" "$?" 0
	took_key dora
	recovery[dora]=$(grep -oE "$recovery_form" /tmp/said)
	conf
}

bypasses() {
	local code out n
	new_users frida
	for n in 1 2 3 4 5; do
		pam_result service frida "$(wrong_code frida "$n")" >/dev/null
	done
	is "bypass: the factors are locked" \
	    "$(pam_result service frida "$(code frida)")" auth_err
	out=$(mfa bypass --for 1h --reason 'phone lost' frida)
	is "bypass: status" "$?" 0
	like "bypass: says what it is for" "$out" 'place of a verification code'
	code=$(grep -oE "$recovery_form" <<<"$out")
	like "bypass: status shows it" "$(mfa status --user frida)" \
	    '^Bypass code: +for [0-9]+ (min|h)'
	like "bypass: and why" "$(mfa status --user frida)" 'phone lost'
	is "bypass: lets in though the factors are locked" \
	    "$(pam_result service frida "$code")" success
	is "bypass: once" "$(pam_result service frida "$code")" auth_err
	unlike "bypass: is gone" "$(mfa status --user frida)" '^Bypass'
	mfa unlock frida >/dev/null
	settle 4
	like "bypass: told at the next login with an own code" \
	    "$(mfa verify --user frida <<<"$(code frida 1)" 2>&1)" \
	    'A bypass code of an administrator was used on '
	recovery[frida]+="
$code"
	while read -r n out; do
		# shellcheck disable=SC2086
		status_is "bypass: $out" "$n" mfa bypass $out </dev/null
	done <<-'LINES'
	2 frida
	2 --for 1h frida
	2 --reason lost frida
	2 --for 8d --reason lost frida
	2 --for 59s --reason lost frida
	2 --for hour --reason lost frida
	2 --for 1h --reason lost
	1 --for 1h --reason lost no-such-user
	1 --for 1h --reason lost carl
	LINES
	like "bypass is for root" "$(own frida bypass --for 1h --reason x frida \
	    2>&1)" '^medusa-mfa: bypass must be run as root$'
}

add_users anna bert carl dora erik
mkdir -m 0700 /tmp/anna
chown anna /tmp/anna
settle 6
pam_bare service retry=1
way_start listening
invite
bypasses
first_factor_at_a_terminal
first_factor_by_script
policies
own_secrets_unlogged
done_testing
