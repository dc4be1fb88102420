#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Other people's programs: oathtool makes the codes, zbarimg reads the QR (R16).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

every_kind() {
	local kind length seconds user name
	for kind in SHA1 SHA256 SHA512; do
		for length in 6 8; do
			for seconds in 30 60; do
				user=${kind,,}-$length-$seconds
				name="oathtool: $kind, $length digits, $seconds s"
				add_users "$user"
				enrol "$user" --algorithm "$kind" --digits \
				    "$length" --period "$seconds" ||
				    not_ok "$name: enrol"
				is "$name" "$(pam_result service "$user" \
				    "$(code "$user")")" success
			done
		done
	done
}

warnings() {
	local out
	add_users usual unusual
	out=$(mfa enroll --user usual --json)
	is "the usual parameters need no warning" \
	    "$(jq -r '.warning // ""' <<<"$out")" ""
	is "a new key has 160 bits (R16)" "$(jq -r .secret <<<"$out" | wc -c)" 33
	out=$(mfa enroll --user unusual --digits 8 --json)
	like "others come with one (R16)" "$(jq -r .warning <<<"$out")" 'apps'
}

# qr STYLE OPTION...: what a camera would read from the screen.
qr() {
	local style=$1 user=qr-$1-$2 columns=$3 out url
	shift 3
	add_users "$user"
	out=$(converse -w "$columns" -- "$MFA_BIN/medusa-mfa" enroll \
	    --user "$user" --show-url --qr "$style" "$@" <<-'SCRIPT'
	? Code from your app:
	~ \x03
	SCRIPT
	)
	url=$(sed -n 's/^URL: //p' <<<"$out")
	like "QR as $style: $*: there is a URL" "$url" '^otpauth://totp/'
	printf '%s\n' "$out" >"/tmp/$user.txt"
	/usr/bin/python3 "$host_top/tests/host/qr_image.py" \
	    <"/tmp/$user.txt" >"/tmp/$user.pbm"
	is "QR as $style: $*: zbarimg reads the same URL" \
	    "$(zbarimg -q --raw -Sdisable -Sqrcode.enable "/tmp/$user.pbm" \
	        2>/dev/null)" \
	    "$url"
}

imports() {
	local key=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP out bad
	add_users import again bad
	enrol import --import-secret <<<"$key"
	is "an imported key is the one given" "${secret[import]}" "$key"
	is "oathtool has the same codes" \
	    "$(pam_result service import "$(code import)")" success
	enrol again --import-secret <<<"jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp"
	is "lower case and blanks are folded" "${secret[again]}" "$key"
	fails "the same key twice in one record is refused (R6)" \
	    mfa enroll --user import --import-secret --json <<<"$key"
	for bad in "" JBSWY3DPEHPK3PXP "JBSWY3DPEHPK3PX1JBSWY3DPEHPK3PX1" \
	    "!!!!" "$(printf 'A%.0s' $(seq 120))"; do
		fails "a bad key is refused: '${bad:0:20}' (R16)" \
		    mfa enroll --user bad --import-secret --json <<<"$bad"
	done
	out=$(mfa list --user bad --json)
	is "and leaves no factor" "$(jq '.factors | length' <<<"$out")" 0
}

synced() {
	local second
	settle 5
	new_users drift
	is "a clock three minutes fast is refused" \
	    "$(pam_result service drift "$(code drift 6)")" auth_err
	fails "sync with two wrong codes is refused" \
	    mfa sync --user drift "${factor[drift]}" \
	    <<<"$(wrong_code drift)
$(wrong_code drift 1)"
	fails "sync with codes that do not follow each other is refused" \
	    mfa sync --user drift "${factor[drift]}" \
	    <<<"$(code drift 6)
$(code drift 8)"
	second=$(code drift 7)
	runs "sync with two codes in a row" \
	    mfa sync --user drift "${factor[drift]}" \
	    <<<"$(code drift 6)
$second"
	is "the codes used for it are not good again (R6)" \
	    "$(pam_result service drift "$second")" auth_err
	is "after it, the fast clock is right" \
	    "$(pam_result service drift "$(code drift 8)")" success
	is "and the drift is shown, that of the second code" \
	    "$(mfa list --user drift --json | jq -r '.factors[0].drift')" 7
}

pam_bare service retry=1
every_kind
warnings
if command -v zbarimg >/dev/null; then
	qr utf8 plain 100
	qr ascii plain 200
	qr utf8 sha512 100 --algorithm SHA512 --digits 8 --period 60
else
	skip "QR" "no zbarimg"
fi
imports
synced
done_testing
