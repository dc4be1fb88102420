#!/bin/bash
# SPDX-License-Identifier: MIT
#
# docs/rescue.md, rehearsed: each way out is tried as it stands there.
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/self.sh
. "$host_lib/self.sh"
# shellcheck source=../lib/clock.sh
. "$host_lib/clock.sh"

login() {
	pam_result service "$1" "$2"
}

lost_phone() {
	new_users anna
	is "lost phone: a recovery code lets in" \
	    "$(login anna "$(recovery_code anna 1)")" success
	own anna enroll --json --label new-phone \
	    <<<"$(recovery_code anna 2)" >/tmp/new
	secret[anna]=$(jq -r .secret /tmp/new)
	is "a new phone is enrolled with another one as proof" \
	    "$(printf '%s\n%s\n' "$(recovery_code anna 3)" "$(code anna -1)" |
	        own anna confirm new-phone >/dev/null 2>&1; echo $?)" 0
	status_is "and it proves that the lost one goes" 0 \
	    own anna disable --yes totp <<<"$(code anna)"
	is "one is left" "$(states_of anna)" "new-phone enabled"
}

phone_at_home() {
	local bypass
	new_users bert
	bypass=$(mfa bypass --json --for 8h --reason 'phone at home' bert |
	    jq -r .code)
	is "phone at home: a bypass lets in" "$(login bert "$bypass")" success
	is "once" "$(login bert "$bypass")" auth_err
}

phone_and_codes() {
	local invitation
	new_users carl
	runs "phone and codes lost: reset" mfa reset --yes carl
	is "until then by password alone" "$(login carl 123456)" ignore
	invitation=$(mfa invite --json carl | jq -r .code)
	own carl enroll --json <<<"$invitation" >/tmp/new
	secret[carl]=$(jq -r .secret /tmp/new)
	status_is "the user enrols with an invitation" 0 own carl confirm totp \
	    <<<"$(code carl -1)"
	is "and logs in" "$(login carl "$(code carl)")" success
}

locked() {
	local wrong
	new_users dora
	for wrong in $(wrong_codes dora 5); do
		login dora "$wrong" >/dev/null
	done
	is "locked: the right code is refused" \
	    "$(login dora "$(code dora)")" auth_err
	is "a recovery code is not" \
	    "$(login dora "$(recovery_code dora 1)")" success
	runs "unlock" mfa unlock dora
	is "and the code is good again" "$(login dora "$(code dora 1)")" success
}

account_made_again() {
	local old new
	new_users emil
	old=$(id -u emil)
	new=$((old + 500))
	sed -i "s/^emil:x:$old:/emil:x:$new:/" /etc/passwd
	is "account made again: not the old one's record" \
	    "$(login emil "$(code emil)")" auth_err
	like "status says why" "$(mfa status --user emil)" 'another uid'
	runs "reset" mfa reset --yes emil
	is "the new user starts anew" "$(login emil 123456)" ignore
	sed -i '/^emil:/d' /etc/passwd
	runs "of who does not come back: remove" mfa users --yes remove emil
	unlike "nothing is left" "$(mfa users)" '^emil'
}

renamed() {
	new_users gerd
	sed -i 's/^gerd:/gerda:/' /etc/passwd /etc/shadow
	is "account renamed: its factors stay behind" \
	    "$(login gerda 123456)" ignore
	like "the doctor finds it" "$(mfa doctor --json |
	    jq -r '.[] | select(.id == "record-renamed") | .about, .what')" \
	    '^gerda'$'\n''there is a record of gerd, .* that of gerda$'
	like "and the check of the store" "$(mfa store check)" \
	    'u-gerd .*no such user; its uid [0-9]+ is that of gerda now'
	enrol gerda
	is "enrolled anew: asked again" "$(login gerda "$(code gerda)")" success
	runs "of the old name: reset" mfa reset --yes gerd
	runs "of the old name: remove" mfa users --yes remove gerd
	unlike "nothing is left of it" "$(mfa store check)" 'gerd'
	sed -i '/^gerda:/d' /etc/passwd
	mfa reset --yes gerda >/dev/null
	mfa users --yes remove gerda >/dev/null
}

configuration() {
	new_users fred
	conf '[mfa]\nrequrie = all'
	is "a typo in the configuration: logins are refused" \
	    "$(login fred "$(code fred)")" service_err
	like "the check names file and line" "$("$MFA_SBIN/medusa-mfad" --check 2>&1)" \
	    'conf.d/test.conf:2'
	conf
	is "mended, nothing has to be restarted" \
	    "$(login fred "$(code fred)")" success
}

package_gone() {
	cp /etc/pam.d/service /tmp/service
	sed -i "s|[^ ]*pam_medusa_mfa.so|/nowhere/pam_medusa_mfa.so|" \
	    /etc/pam.d/service
	unlike "a line without its module refuses everybody" \
	    "$(login fred "$(code fred 1)")" '^(success|ignore)$'
	cp /tmp/service /etc/pam.d/service
	is "and its return lets in" "$(login fred "$(code fred 1)")" success
}

lost_key() {
	new_users gina
	mv "$MFA_ETC/keys" "$MFA_ETC/keys-in-the-safe"
	is "lost key: who is enrolled is refused" \
	    "$(login gina "$(code gina)")" unavail
	fails "setup makes none in its place" mfa setup
	rm -rf "$MFA_ETC/keys"
	mv "$MFA_ETC/keys-in-the-safe" "$MFA_ETC/keys"
	is "put back, nothing else is needed" \
	    "$(login gina "$(code gina)")" success
	# No copy: everybody anew.
	rm -f "$MFA_ETC"/keys/*.key "$MFA_ETC/keys/primary"
	runs "no copy: a new key" mfa key new
	is "who was enrolled is still refused" \
	    "$(login gina "$(code gina 1)")" unavail
	mfa users --json | jq -r '.users[].user' | while read -r user; do
		mfa reset --yes "$user" >/dev/null
	done
	is "after reset they start anew" "$(login gina 123456)" ignore
	enrol gina
	is "and enrol" "$(login gina "$(code gina)")" success
}

restored() {
	local record=$MFA_STATE/records/u-hugo
	new_users hugo
	cp -p "$record" /tmp/backup
	is "a recovery code is used" \
	    "$(login hugo "$(recovery_code hugo 1)")" success
	cp -p /tmp/backup "$record"
	is "an older record: it is good again, as the page says" \
	    "$(login hugo "$(recovery_code hugo 1)")" success
	cp -p /tmp/backup "$record"
	runs "new codes void it" mfa recovery-codes --yes --user hugo
	is "it is not good now" \
	    "$(login hugo "$(recovery_code hugo 1)")" auth_err
}

# refused_for_its_clock NAME N: what the page says of such a login.
refused_for_its_clock() {
	mark_log
	is "$1: a code of an app is refused" "$(login "$1" "$(code "$1")")" \
	    auth_err
	like "$1: the log says why" "$(log_lines)" "reason=clock"
	is "$1: a recovery code is not" \
	    "$(login "$1" "$(recovery_code "$1" "$2")")" success
}

clock_at_1970() {
	new_users ida
	listen_later $((-$(date +%s)))
	refused_for_its_clock ida 1
	listen_later 0
	is "the clock is set: the code is good" "$(login ida "$(code ida)")" \
	    success
}

clock_a_year_ahead() {
	new_users jana
	listen_later $((365 * 86400))
	is "a year ahead: today's code is wrong" \
	    "$(login jana "$(code jana)")" auth_err
	is "a recovery code lets in" \
	    "$(login jana "$(recovery_code jana 1)")" success
	listen_later 0
	refused_for_its_clock jana 2
	runs "unlock --clock" mfa unlock --clock jana
	is "and the code is good" "$(login jana "$(code jana 1)")" success
}

console() {
	unlike "the rescue console's sulogin does not use PAM" \
	    "$(ldd "$(command -v sulogin || echo /sbin/sulogin)")" libpam
}

pam_bare service retry=1
mark_log
build_clock
way_start listening
lost_phone
phone_at_home
phone_and_codes
locked
account_made_again
renamed
configuration
package_gone
clock_at_1970
clock_a_year_ahead
way_stop
way_start listening
console
restored
lost_key
way_stop
done_testing
