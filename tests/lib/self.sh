# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
#
# The command as ordinary users run it, each for oneself.
#
# Sourced after host.sh and logins.sh.

recovery_form='([0-9A-Z]{4}-){5}[0-9A-Z]{4}'
code_question='Code of a factor you have: '
invitation_question='Invitation from your administrator: '

# own USER ARGUMENT...: the command as that user.
own() {
	as "$1" "$MFA_BIN/medusa-mfa" "${@:2}"
}

# own_terminal USER ARGUMENT... <SCRIPT
own_terminal() {
	converse -- setpriv --reuid="$1" --regid="$1" --init-groups -- \
	    "$MFA_BIN/medusa-mfa" "${@:2}"
}

# status_is NAME WANTED COMMAND...: its exit status.
status_is() {
	local name=$1 wanted=$2 out status
	shift 2
	out=$("$@" 2>&1)
	status=$?
	[ "$status" = "$wanted" ] || diag "$out"
	is "$name" "$status" "$wanted"
}

states_of() {
	mfa list --user "$1" --json | jq -r '.factors[] |
	    "\(.label) \(.status)"' | grep -v ' disabled$' | sort
}

# The phone takes the key from the screen; a minute or so late, so that the
# code of now is still good.
cat >/usr/local/bin/phone <<'PHONE'
#!/bin/bash
key=$(sed -n 's/^Key: //p' <<<"$SEEN" | tail -n 1 | tr -d ' ')
echo "$key" >/tmp/key
oathtool --totp -b -N '30 seconds ago' - <<<"$key"
PHONE
chmod 0755 /usr/local/bin/phone

# took_key USER: what the phone has now is his.
took_key() {
	secret[$1]=$(</tmp/key)
	algorithm[$1]=sha1 digits[$1]=6 period[$1]=30
}

# secrets_unseen NAME FILE...: nothing of secret and recovery is in them.
secrets_unseen() {
	local name=$1 user value found=0
	shift
	for user in "${!secret[@]}"; do
		while read -r value; do
			[ -z "$value" ] || ! grep -qF -- "$value" "$@" ||
			    found=$((found + 1))
		done <<<"${secret[$user]}
${recovery[$user]-}"
	done
	is "$name" "$found" 0
}

own_secrets_unlogged() {
	secrets_unseen "no key and no recovery code in the log (R14)" \
	    "$test_log"
}

# secrets_sealed NAME: no secret is in a record as it is.
secrets_sealed() {
	local file user found=0
	for file in "$MFA_STATE"/records/*; do
		for user in "${!secret[@]}"; do
			! grep -qaF "${secret[$user]}" "$file" ||
			    found=$((found + 1))
		done
	done
	is "$1" "$found" 0
}
