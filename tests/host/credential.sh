#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The key ring as encrypted credentials of the service (DESIGN 4, R18).  The
# commands are those of docs/services.md, with the real systemd-creds; but
# --with-key=host, since there is no TPM here, and what systemd does with the
# drop-in is done by hand, as systemd 252 does it: a ramfs of its own, files 0400,
# folder 0500, all root's, then read-only.
# shellcheck disable=SC2154,SC2317

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

ring=/run/credentials/medusa-mfad.service
store=/etc/credstore.encrypted
dropin=/etc/systemd/system/medusa-mfad.service.d/keys.conf
unit=$(dirname "$MFA_VENDOR")/systemd/system/medusa-mfad.service

# commands HEADING N: the Nth block below that heading of the manual.
commands() {
	awk -v heading="### $1" -v wanted="$2" '
	    /^#/ { here = $0 == heading }
	    here && /^```/ { inside = !inside; n += inside; next }
	    inside && n == wanted' "$host_top/docs/services.md"
}

# as_written HEADING N: does it, as far as it goes here.
as_written() {
	bash -e -u -o pipefail -c "systemctl() { :; }
	$(commands "$1" "$2" | sed "s/--with-key=tpm2/--with-key=host/
	    s|/etc/medusa-mfa|$MFA_ETC|g; s|medusa-mfad --check|:|
	    s|^medusa-mfad|$MFA_SBIN/medusa-mfad|")"
}

# ---- what systemd does ----

# load_credentials: fails as the start of the unit would.
load_credentials() {
	local name file
	install -d -m 0755 /run/credentials
	mkdir "$ring"
	mount -t ramfs -o mode=0700,nosuid,nodev,noexec none "$ring"
	while IFS=: read -r name file; do
		systemd-creds decrypt --name="$name" "$file" "$ring/$name" ||
		    return 1
		chmod 0400 "$ring/$name"
	done < <(sed -n 's/^LoadCredentialEncrypted=//p' "$dropin")
	chmod 0500 "$ring"
	mount -o remount,bind,ro,nosuid,nodev,noexec "$ring"
}

unload_credentials() {
	umount -l "$ring"
	rmdir "$ring"
}

# With the capabilities that the unit leaves: root owns the files, and is not
# above their modes.
service_start() {
	load_credentials 2>/dev/null || {
		not_ok "credentials can be loaded"
		done_testing
	}
	listen /usr/bin/setpriv --bounding-set -all,+setuid,+setgid \
	    --no-new-privs -- "$MFA_SBIN/medusa-mfad" --listen
}

service_stop() {
	way_stop
	unload_credentials
}

# key_ids USER: the key that each slot of the record names.
key_ids() {
	local at
	for at in 0 8192; do
		od -An -v -tx1 -j $((at + 12)) -N 8 \
		    "$MFA_STATE/records/u-$1" | tr -d ' \n'
		printf '\n'
	done
}

as_account() {
	setpriv --reuid=medusa-mfa --regid=medusa-mfa --clear-groups -- "$@"
}

# ---- the tests ----

moving_over() {
	mkdir -p /media/safe
	runs "a copy for the safe" as_written "Moving the ring over" 1
	runs "encrypted, and the drop-in written" \
	    as_written "Moving the ring over" 2
	is "a line for each file" "$(sed 1d "$dropin" | cut -d : -f 1)" \
	    "$(cd "$MFA_ETC/keys" &&
	        printf 'LoadCredentialEncrypted=%s\n' primary ./*.key |
	        sed 's,\./,,')"
	unlike "no key in them" "$(cat "$store"/*)" \
	    "$(head -c 64 "$MFA_ETC"/keys/*.key)"
	install -d /run/units/medusa-mfad.service.d
	cp "$unit" "${unit%service}socket" /run/units
	cp "$dropin" /run/units/medusa-mfad.service.d
	is "systemd understands unit and drop-in" "$(systemd-analyze verify \
	    --man=no /run/units/medusa-mfad.service 2>&1)" ""
	is "and its exposure is as before" "$(systemd-analyze security \
	    --offline=yes --threshold=20 /run/units/medusa-mfad.service \
	    >/dev/null 2>&1; echo $?)" 0
	# the second block has set two things for the third
	is "they can be read again" "$(cd "$MFA_ETC/keys" && store=$store \
	    bash -c "$(commands "Moving the ring over" 3)" 2>&1)" ""
	runs "switched" as_written "Moving the ring over" 4
	runs "plain files gone" as_written "Moving the ring over" 5
	fails "really" test -e "$MFA_ETC/keys"
}

# Nobody has started the service yet.
not_started() {
	local advice='credentials of the service: start it.*medusa-mfad\(8\)'
	mark_log
	is "without the service: no key, no login" \
	    "$(pam_result service alice "$(recovery_code alice 1)")" unavail
	like "the log says why" "$(log_lines)" \
	    'err=no_key .*credentials\\x20of\\x20the\\x20service'
	unlike "and does not call the record damaged" "$(log_lines)" \
	    'record.damaged'
	is "who is not enrolled is not asked, as ever" \
	    "$(pam_result service none x)" ignore
	like "root's command says why" "$(mfa recovery-codes --yes \
	    --user alice 2>&1)" "$advice"
	like "and key list" "$(mfa key list 2>&1)" "$advice"
	like "and --check" "$("$MFA_SBIN/medusa-mfad" --check 2>&1)" \
	    "^problem: $ring: .*$advice"
	like "and --listen" "$(timeout 1 "$MFA_SBIN/medusa-mfad" --listen 2>&1)" \
	    "$ring: .*$advice"
	rm -f "$MFA_RUN/socket"
	like "no key is made here" "$(mfa key new 2>&1)" \
	    'not made by this program: encrypt them with systemd-creds'
	fails "by setup neither" mfa setup
	like "which says the same" "$(mfa setup 2>&1)" \
	    'encrypt them with systemd-creds'
	fails "and makes no folder for them" test -e "$ring"
}

served() {
	service_start
	is "laid out as by systemd" "$(stat -c '%a %u %g' "$ring" \
	    "$ring/primary" | tr '\n' ' ')" "500 0 0 400 0 0 "
	fails "the account cannot list the folder" as_account ls "$ring"
	fails "nor read a key" as_account cat "$ring/primary"
	fails "nor through the verifier's descriptors" as_account \
	    ls "/proc/$listener_pid/fd"
	is "a right code logs in" \
	    "$(pam_result service alice "$(code alice)")" success
	is "not twice" "$(pam_result service alice "$(code alice)")" auth_err
	new_users bob
	is "somebody enrols, and logs in" \
	    "$(pam_result service bob "$(code bob)")" success
	like "key list, through the service" "$(mfa key list)" \
	    "$(sed -n 's/^LoadCredentialEncrypted=\(.*\)\.key:.*/\1/p' \
	        "$dropin") *yes *[0-9]+ *-"
	runs "--check finds all well" "$MFA_SBIN/medusa-mfad" --check
	runs "setup, too, and makes nothing" mfa setup
	fails "key new still refuses" mfa key new
	kill -STOP "$listener_pid"
	is "a service that hangs: root's own verifier has the keys" \
	    "$(pam_result service alice "$(recovery_code alice 2)")" success
	kill -CONT "$listener_pid"
	service_stop
	is "stopped: no key again" \
	    "$(pam_result service bob "$(code bob 1)")" unavail
}

tampered() {
	local file=$store/medusa-mfad.primary kept=/run/kept
	cp "$file" "$kept"
	# one character in the middle, another one of the same alphabet
	python3 - "$file" <<'PYTHON'
import sys
text = bytearray(open(sys.argv[1], "rb").read())
at = len(text) // 2
while text[at] in b"\n=":
    at += 1
text[at] = ord("B") if text[at] != ord("B") else ord("C")
open(sys.argv[1], "wb").write(text)
PYTHON
	fails "a changed credential does not open" load_credentials
	unload_credentials
	cp "$store/medusa-mfad.$(echo "$store"/*.key | sed 's/.*mfad\.//')" \
	    "$file"
	fails "nor does another one in its place" load_credentials
	unload_credentials
	cp "$kept" "$file"
	mv /var/lib/systemd/credential.secret /run/secret
	systemd-creds setup 2>/dev/null
	fails "nor on another machine" load_credentials
	unload_credentials
	mv -f /run/secret /var/lib/systemd/credential.secret
}

new_key() {
	local old new
	old=$(key_ids bob | sort -u)
	mark_log
	runs "a second key, as the manual says" as_written "A new key" 1
	new=$(tar -xOf /media/safe/medusa-mfa-new-key.tar primary)
	fails "which was never on the disk" test -e "$MFA_ETC/keys"
	like "it is logged" "$(log_lines)" event=key.rotated
	service_start
	is "two keys, the new one is primary" \
	    "$(mfa key list --json | jq -r '.keys[] |
	        "\(.id) \(.primary) \(.problem // "")"' | sort)" \
	    "$(printf '%s\n' "$old false " "$new true " | sort)"
	unlike "it is another one" "$new" "$old"
	is "records of the old key open" \
	    "$(pam_result service bob "$(code bob 1)")" success
	is "and are of the new one after two writes" \
	    "$(key_ids bob | sort -u)" "$new"
	service_stop
	# the old one lost from the drop-in
	sed -i "/$old/d" "$dropin"
	service_start
	is "who needs it is refused" "$(pam_result service carl \
	    "$(recovery_code carl 1)")" unavail
	like "and told why" "$(mfa recovery-codes --yes --user carl 2>&1)" \
	    'not among the credentials of the service'
	is "who does not, is not" \
	    "$(pam_result service bob "$(recovery_code bob 1)")" success
	service_stop
}

# A folder below /run/credentials that systemd did not make.
unsafe() {
	install -d -m 0755 "$ring"
	printf '%s\n' 0123456789abcdef >"$ring/primary"
	chmod 0444 "$ring/primary"
	like "a key that all may read is refused" \
	    "$("$MFA_SBIN/medusa-mfad" --check 2>&1)" \
	    "^problem: $ring: not safe"
	rm -r "$ring"
}

pam_bare service retry=1
new_users alice carl
add_users none
moving_over
not_started
served
tampered
new_key
unsafe
no_zombies "no zombies"
done_testing
