#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Records on a small real ext4: full, and read-only (R7, R19).
# shellcheck disable=SC2154

# shellcheck disable=SC2034
sandbox_options=(--state-image 8M)
# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

account=$(stat -c %U "$MFA_STATE/records")
filler=$MFA_STATE/filler

# fill USER: to the last block, and to the last that is kept for root.
fill() {
	mkdir -p "$filler"
	chown "$1" "$filler"
	setpriv --reuid="$1" --regid="$1" --clear-groups -- \
	    dd if=/dev/zero of="$filler/$1" bs=4096 2>/dev/null
	setpriv --reuid="$1" --regid="$1" --clear-groups -- \
	    dd if=/dev/zero of="$filler/$1.rest" bs=512 2>/dev/null
	:
}

prompts() {
	"$host_build/tests/host/pamtry" service "$1" </dev/null 2>&1 |
	    grep -c 'Verification code'
}

doctor() {
	mfa doctor --json | jq -r '.[].id' | grep '^store'
}

full() {
	local user=$way-full right
	new_users "$user" "$way-other"
	is "$way: doctor sees it coming" "$(doctor)" store-nearly-full
	fill "$account"
	is "$way: to doctor what is kept for root is no room" "$(doctor)" \
	    store-full
	fill root
	fails "$way: the disk is full" \
	    dd if=/dev/zero of="$filler/more" bs=1 count=1
	right=$(code "$user")
	is "$way: a wrong code is refused" \
	    "$(pam_result service "$user" "$(wrong_code "$user")")" auth_err
	is "$way: and counted" "$(status_of "$user" wrong_today)" 1
	is "$way: the right code lets in (R19)" \
	    "$(pam_result service "$user" "$right")" success
	is "$way: once" "$(pam_result service "$user" "$right")" auth_err
	is "$way: a recovery code lets in" \
	    "$(pam_result service "$user" "$(recovery_code "$user" 1)")" success
	is "$way: once" \
	    "$(pam_result service "$user" "$(recovery_code "$user" 1)")" \
	    auth_err
	add_users "$way-late"
	fails "$way: nobody can enrol" \
	    mfa enroll --user "$way-late" --json
	is "$way: what could not be enrolled left nothing" \
	    "$(find "$MFA_STATE/records" -type f | wc -l)" "$records"
	rm -rf "$filler"
	is "$way: the record is readable after" "$(status_of "$user" problem)" ""
}

read_only() {
	local user=$way-ro right out
	new_users "$user"
	right=$(code "$user")
	way_stop
	mount -o remount,ro "$MFA_STATE"
	way_start "$way"
	mark_log
	out=$(pam_result service "$user" "$right")
	is "$way: a read-only store refuses (R19)" "$out" unavail
	is "$way: before the prompt" "$(prompts "$user")" 0
	like "$way: and says so" "$(log_lines)" 'err=read_only'
	pam_bare nullok nullok
	is "$way: nullok does not help" \
	    "$(pam_result nullok "$user" "$right")" unavail
	way_stop
	mount -o remount,rw "$MFA_STATE"
	way_start "$way"
	is "$way: writable again: the code is still good" \
	    "$(pam_result service "$user" "$right")" success
}

everything() {
	pam_bare service retry=1
	records=$((${records:-0} + 2))
	full
	records=$((records + 1))
	read_only
}

each_way everything
done_testing
