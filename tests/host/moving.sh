#!/bin/bash
# SPDX-License-Identifier: MIT
#
# docs/moving.md, rehearsed: google-authenticator's module and ours in one stack,
# the end of the old one, and the way back (R6, R16).
# shellcheck disable=SC2154,SC2034,SC2004

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/import.sh
. "$host_lib/import.sh"

# ---- docs/moving.md: both modules in one stack ----

both_modules() {
	local cora_code
	pam_service moving <<-PAM
	auth requisite pam_unix.so nodelay
	auth [success=1 ignore=ignore default=die] $MFA_MODULE nullok
	auth required pam_google_authenticator.so
	account required pam_permit.so
	PAM
	fails_with "before its time: anna's code of before the import (R6)" \
	    anna "$(code anna -1)"
	is "moved: anna's old phone" "$(pam_result moving anna \
	    "$first_factor" "$(code anna 1)")" success
	fails_with "moved: the same code again, not with the old module" \
	    anna "$(code anna 1)"
	is "moved: bert's counter goes on" "$(pam_result moving bert \
	    "$first_factor" "$(hotp_code bert 1)")" success
	is "not moved: cora's old key, with the old module" "$(pam_result \
	    moving cora "$first_factor" "$(code cora)")" success
	fails_with "not moved: a wrong code" cora "$(wrong_code cora)"
	fails_with "neither: gita" gita 123456
	fails_with "no fall-back: dora's wrong code ends it" dora \
		"$(wrong_code dora)"
	is "a wrong password" "$(pam_result moving dora nonsense \
	    "$(code dora)")" auth_err
}

# fails_with NAME USER CODE
fails_with() {
	unlike "$1" "$(pam_result moving "$2" "$first_factor" "$3")" \
	    '^(success|ignore)$'
}

# Nobody is left: the old line goes, and comes back once more.
end_of_the_week() {
	local old_secret=${secret[cora]} old_code
	enrol cora
	old_code=$(oathtool --totp -b - <<<"$old_secret")
	fails_with "moving: from now on cora's old key is nothing" cora \
	    "$old_code"
	conf '[mfa]\nproviders = totp hotp recovery_code\nrequire = all'
	pam_full moved
	is "at the end: cora enrolled anew" "$(pam_result moved cora \
	    "$first_factor" "$(code cora)")" success
	unlike "at the end: gita, who did nothing" "$(pam_result moved gita \
	    "$first_factor" 123456)" '^success$'
	pam_service back <<-PAM
	auth requisite pam_unix.so nodelay
	auth required pam_google_authenticator.so
	account required pam_permit.so
	PAM
	is "going back: dora's old file still lets in" "$(pam_result back \
	    dora "$first_factor" "$(code dora)")" success
}

conf '[mfa]\nproviders = totp hotp recovery_code'
settler anna bert cora dora gita
phone anna -t -d -w 3
phone bert -c -w 3
# of old: 80 bits
phone cora -t -d -w 3
secret[cora]=${secret[cora]:0:16}
sed -i "1s/.*/${secret[cora]}/" /home/cora/.google_authenticator
phone dora -t -d -w 3
import google-authenticator --all-users
is "all are imported but cora" "$(row anna) $(row bert) $(row cora) $(row dora)" \
    "imported totp imported hotp refused - imported totp"
next_codes
both_modules
end_of_the_week
no_secrets_left anna bert cora dora
done_testing
