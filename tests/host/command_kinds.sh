#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The command with factors that are no app's: tokens, codes that are sent, a
# provider from outside, and users of a realm (R6, R12, R14, R21, R23).
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/self.sh
. "$host_lib/self.sh"

# hotp_code KEY COUNTER
hotp_code() {
	oathtool --hotp -b -c "$2" - <<<"$1"
}

# A token that was used seven times before.
tokens() {
	local key=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ out
	conf '[mfa]\nproviders = totp hotp recovery_code'
	add_users karl
	out=$(converse -- "$MFA_BIN/medusa-mfa" enroll --user karl \
	    --provider hotp --label token --counter 7 --import-secret <<-SCRIPT
	? Key to import:
	! $key
	? Code from your token or app:
	! $(hotp_code "$key" 7)
	? enabled
	SCRIPT
	)
	is "hotp: a hardware token, status" "$?" 0
	unlike "hotp: its key is not on the screen (R14)" "$out" "${key:0:16}"
	secret[karl]=$key
	is "hotp: the next code lets in" \
	    "$(pam_result service karl "$(hotp_code "$key" 8)")" success
	is "hotp: not again (R6)" \
	    "$(pam_result service karl "$(hotp_code "$key" 8)")" auth_err
	like "hotp: verify tells to take another one" \
	    "$(mfa verify --user karl 2>&1 <<<"$(hotp_code "$key" 8)")" \
	    'already used, take another one'
	fails "hotp: sync wants two in a row" mfa sync --user karl token \
	    <<<"$(hotp_code "$key" 200; hotp_code "$key" 202)"
	is "hotp: sync far ahead" "$(mfa sync --user karl token \
	    <<<"$(hotp_code "$key" 200; hotp_code "$key" 201)")" \
	    "The counter of the token is taken over."
	is "hotp: the code after those lets in" \
	    "$(pam_result service karl "$(hotp_code "$key" 202)")" success
	runs "rename" mfa rename --user karl token pocket
	is "rename: the new label" \
	    "$(mfa list --user karl --json | jq -r '.factors[].label')" pocket
	add_users lisa
	out=$(mfa enroll --user lisa --provider hotp --json)
	like "hotp: a new key has a URL for an app" \
	    "$(jq -r .otpauth_url <<<"$out")" '^otpauth://hotp/.*counter=0'
	key=$(jq -r .secret <<<"$out")
	fails "rename: not to a label that is none" \
	    mfa rename --user lisa hotp Pocket
	runs "hotp: confirm" mfa confirm --user lisa hotp \
	    <<<"$(hotp_code "$key" 0)"
	conf
}

outbox=/run/mfa-test/outbox
cat >/usr/local/bin/deliver <<DELIVER
#!/bin/sh
[ ! -e $outbox/broken ] || { echo no mail server >&2; exit 1; }
/bin/cat >>$outbox/all
DELIVER
# The post office: the code that came last.
cat >/usr/local/bin/postman <<POSTMAN
#!/bin/sh
sed -n 's/^code: //p' $outbox/all | tail -n 1
POSTMAN
chmod 0755 /usr/local/bin/deliver /usr/local/bin/postman

delivering() {
	conf '[mfa]\nproviders = totp otp recovery_code\n[otp]\nprogram = /usr/local/bin/deliver'
}

# It fails first; broken_since is for delivered_later.
delivered() {
	local out
	rm -rf "$outbox"
	mkdir -m 1777 "$outbox"
	delivering
	add_users mona nora
	new_users nils
	touch "$outbox/broken"
	out=$(mfa enroll --user nora --provider otp \
	    --address nora@example.org --label mail 2>&1 </dev/null)
	is "otp: undelivered, status" "$?" 1
	like "otp: undelivered, says how to go on" "$out" \
	    'medusa-mfa send --user nora'
	is "otp: undelivered, but pending" \
	    "$(mfa list --user nora --json | jq -r '.factors[].status')" pending
	broken_since=$EPOCHSECONDS
	like "otp: undelivered, or if the address is wrong" "$out" \
	    'medusa-mfa disable --user nora mail'
	rm "$outbox/broken"
	fails "otp: no other code at once (R12)" mfa send --user nora mail
	out=$(mfa enroll --user nora --provider otp --label work \
	    --address nora@work.example 2>&1 </dev/null)
	is "otp: a second factor at once, status" "$?" 1
	like "otp: is pending without a code, and says when (R12)" "$out" \
	    'factor work is pending, but no code was sent.* in 30 seconds'
	like "otp: and how to go on" "$out" 'medusa-mfa send --user nora work'
	runs "otp: that one is not needed" mfa disable --yes --user nora work
	fails "otp: an address is needed" \
	    mfa enroll --user mona --provider otp
	out=$(converse -- "$MFA_BIN/medusa-mfa" enroll --user mona \
	    --provider otp --label mail <<-'SCRIPT'
	? Address for codes:
	! mona@example.org
	? on its way to mona@example\.org
	? Code that was sent:
	! send
	? moment ago|wait
	? Code that was sent:
	% postman
	? enabled
	SCRIPT
	)
	is "otp: enroll at a terminal, status" "$?" 0
	like "otp: to the address" "$(<"$outbox/all")" '^to: mona@example\.org'
	is "otp: one code was sent" "$(grep -c '^code: ' "$outbox/all")" 1
	is "otp: list --json has the address" \
	    "$(mfa list --user mona --json | jq -r '.factors[].address')" \
	    mona@example.org
	like "otp: list shows it" "$(mfa list --user mona)" 'mona@example\.org'
	mfa enroll --user nils --provider otp --label mail \
	    --address nils@example.org >/dev/null </dev/null
	runs "otp: confirm" mfa confirm --user nils mail <<<"$(postman)"
	is "list: 80 columns suffice" \
	    "$(mfa list --user mona | awk 'length > 80')" ""
	like "list --long: has the id" "$(mfa list --user mona --long)" \
	    'Id: +[0-9a-f]{16}'
	conf
}

# A code that is sent is a proof, too.
own_sent() {
	way_start listening
	own_terminal nils rename mail post >/tmp/said <<-SCRIPT
	? $code_question
	! send
	? on its way
	? $code_question
	! send
	? moment ago
	? $code_question
	% postman
	SCRIPT
	is "a proof that was sent: status" "$?" 0
	is "and it did what was asked" "$(states_of nils | head -n 1)" \
	    "post enabled"
	way_stop
}

# Half a minute after the first code, so late in this script.
delivered_later() {
	local left=$((broken_since + 31 - EPOCHSECONDS)) out
	[ "$left" -le 0 ] || sleep "$left"
	delivering
	own_sent
	runs "send: another code" mfa send --user nora mail
	runs "confirm: by the code that was sent" mfa confirm --user nora mail \
	    <<<"$(postman)"
	like "sync: not of what has no clock" \
	    "$(mfa sync --user nora mail 2>&1 </dev/null)" 'totp and hotp'
	fails "send: not to what is enabled" mfa send --user nora mail
	out=$(converse -- "$MFA_BIN/medusa-mfa" verify --user mona <<-'SCRIPT'
	? or "send"
	! send
	. 1
	? or "send"
	% postman
	? right
	SCRIPT
	)
	is "verify: send, then the code" "$?" 0
	unlike "verify: no code on the screen" "$out" "$(postman)"
	conf
}

# Knows one word; its answers are that word and a number.
cat >/usr/local/bin/parrot <<'PARROT'
#!/bin/bash
declare -A said
while IFS= read -r line; do
	said[${line%%: *}]=${line#*: }
done
hex() { printf '%s' "$1" | /usr/bin/od -An -v -tx1 | /usr/bin/tr -d ' \n'; }
case ${said[operation]} in
enroll) [ -n "${said[setup]}" ] && {
	printf 'verdict: accept\nkept: %s\n' "$(hex "${said[setup]}")"
	exit 0
} ;;
check) [ "$(hex "${said[answer]%-*}")" = "${said[kept]}" ] && {
	printf 'verdict: accept\n'
	exit 0
} ;;
esac
printf 'verdict: refuse\n'
PARROT
chmod 0755 /usr/local/bin/parrot

outside() {
	local out
	conf '[mfa]\nproviders = totp parrot recovery_code\n[provider parrot]\nprogram = /usr/local/bin/parrot'
	add_users olaf
	fails "outside: its program refuses an empty setup" \
	    mfa enroll --user olaf --provider parrot
	fails "outside: a provider that is not configured" \
	    mfa enroll --user olaf --provider cuckoo
	out=$(converse -- "$MFA_BIN/medusa-mfa" enroll --user olaf \
	    --provider parrot <<-'SCRIPT'
	? What parrot wants to know
	! polly
	? Answer of your parrot:
	! poly-1
	? Answer of your parrot:
	! polly-1
	? enabled
	SCRIPT
	)
	is "outside: enroll at a terminal, status" "$?" 0
	secret[olaf]=polly
	is "outside: the next answer lets in" \
	    "$(pam_result service olaf polly-2)" success
	is "outside: not again (R6)" \
	    "$(pam_result service olaf polly-2)" auth_err
	conf
}

# A factor that lets in nobody, because the configuration does not have it.
provider_off() {
	local out
	new_users paul
	conf '[mfa]\nproviders = totp hotp recovery_code'
	out=$(mfa enroll --user paul --provider hotp --label token --json)
	out=$(jq -r .secret <<<"$out")
	runs "provider off: a second factor" mfa confirm --user paul token \
	    <<<"$(hotp_code "$out" 0)"
	conf '[mfa]\nproviders = hotp recovery_code'
	like "provider off: list says so" "$(mfa list --user paul)" \
	    '^totp .* provider off$'
	is "provider off: list --json too" "$(mfa list --user paul --json |
	    jq -c '[.factors[].provider_on]')" '[false,true]'
	like "provider off: status tells them apart" \
	    "$(mfa status --user paul)" '2 enabled, 1 usable'
	out=$(converse -- "$MFA_BIN/medusa-mfa" disable --user paul token \
	    <<-'SCRIPT'
	? left cannot be used
	? \[y/N\]
	! n
	SCRIPT
	)
	like "disable: warns of it" "$out" 'nothing was changed'
	conf '[mfa]\nproviders = totp hotp recovery_code'
	out=$(converse -- "$MFA_BIN/medusa-mfa" disable --user paul token \
	    <<-'SCRIPT'
	? \[y/N\]
	! y
	SCRIPT
	)
	unlike "disable: no warning where another one is usable" "$out" \
	    'last factor|cannot be used'
	conf
}

keeper() {
	as shopkeeper "$MFA_BIN/medusa-mfa" "$@"
}

realms() {
	local key out
	add_users shopkeeper
	conf '[realm shop]\naccount = shopkeeper'
	way_start listening
	out=$(keeper enroll --realm shop --user 'customer 17' --json)
	is "realm: its account enrols" "$?" 0
	key=$(jq -r .secret <<<"$out")
	runs "realm: and confirms" keeper confirm --realm shop \
	    --user 'customer 17' totp \
	    <<<"$(oathtool --totp -b -N '30 seconds ago' - <<<"$key")"
	is "realm: and lists its users" \
	    "$(keeper users --realm shop --json | jq -r '.users[].user')" \
	    'customer 17'
	is "realm: where nobody has a uid" \
	    "$(keeper users --realm shop --json | jq -c '.users[].uid')" null
	is "realm: nobody of this host is among them, nor the reverse" \
	    "$(mfa users --json | jq -r '.users[].user' | grep -c customer)" 0
	runs "realm: root may too" mfa status --realm shop --user 'customer 17'
	fails "realm: another account may not (R21)" as bert \
	    "$MFA_BIN/medusa-mfa" status --realm shop --user 'customer 17'
	fails "realm: its account not outside of it (R21)" \
	    keeper reset --yes --realm unix nils
	fails "realm: not one that is not configured" \
	    mfa status --realm store --user 'customer 17'
	runs "realm: reset" keeper reset --yes --realm shop 'customer 17'
	runs "realm: remove" \
	    keeper users --yes --realm shop remove 'customer 17'
	is "realm: empty again" \
	    "$(keeper users --realm shop --json | jq -c .users)" '[]'
	way_stop
	conf
}

pam_bare service retry=1
add_users bert
delivered
tokens
outside
provider_off
realms
delivered_later
secrets_unseen "no key and no recovery code in logs and arguments (R14)" \
    "$test_log"
secrets_sealed "nor in a record (B11)"
done_testing
