# shellcheck shell=bash disable=SC2034,SC2154,SC2004
# SPDX-License-Identifier: MIT
#
# Users of google-authenticator and of pam_oath, and the command that imports
# what they have.  Sourced after host.sh and logins.sh.

for program in google-authenticator oathtool qrencode; do
	command -v "$program" >/dev/null || {
		not_ok "there is $program"
		done_testing
	}
done
vectors=$host_top/tests/vectors/import
said=/tmp/said

# settler NAME...: users with homes of their own.
settler() {
	local name
	add_users "$@"
	for name; do
		sed -i "s,^\($name:.*\):/:,\1:/home/$name:," /etc/passwd
		install -d -m 0750 -o "$name" -g "$name" "/home/$name"
	done
}

# phone USER OPTION...: the user's own google-authenticator.
phone() {
	local user=$1
	shift
	(cd / && HOME=/home/$user USER=$user as "$user" \
	    google-authenticator -C -f -r 3 -R 30 -q "$@")
	secret[$user]=$(head -n 1 "/home/$user/.google_authenticator")
	algorithm[$user]=sha1 digits[$user]=6 period[$user]=30
}

# hotp_code USER COUNTER
hotp_code() {
	oathtool --hotp -b -c "$2" - <<<"${secret[$1]}"
}

# import ARGUMENT...: into the file; its status.
import() {
	mfa import "$@" >"$said" 2>&1 </dev/null
}

# row USER: result and label of the table.
row() {
	awk -v user="$1" '$1 == user { print $2, $3 }' "$said"
}

# next_codes: until the code of the next step is one that no import used up.
next_codes() {
	sleep $((31 - EPOCHSECONDS % 30))
}

# no_secrets_left USER...
no_secrets_left() {
	local user
	for user; do
		unlike "no key of $user in the log (R14)" "$(<"$test_log")" \
		    "${secret[$user]}"
	done
}
