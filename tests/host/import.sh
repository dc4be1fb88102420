#!/bin/bash
# SPDX-License-Identifier: MIT
#
# medusa-mfa import: files of the real google-authenticator and of the real
# pam_oath, URLs, QR images, PSKC (R6, R14, R16, R18, R21).
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../lib/import.sh
. "$host_lib/import.sh"

# ---- google-authenticator ----

make_phones() {
	settler anna bert cora dora emil fred gita
	phone anna -t -d -w 3
	phone bert -c -w 3
	# of old: 80 bits
	phone cora -t -d -w 3
	secret[cora]=${secret[cora]:0:16}
	sed -i "1s/.*/${secret[cora]}/" /home/cora/.google_authenticator
	phone dora -t -d -w 17
	# not the user's own, or everybody's: a stranger may know it
	phone emil -t -d -w 3
	chmod 0644 /home/emil/.google_authenticator
	install -o fred -g fred -m 0600 /dev/null /home/fred/secret
	ln -s /home/anna/.google_authenticator /home/fred/.google_authenticator
	# gita has none
}

dry_run() {
	import google-authenticator --all-users --dry-run
	is "dry run: something is refused" "$?" 1
	is "dry run: anna" "$(row anna)" "imported totp"
	is "dry run: bert, by counter" "$(row bert)" "imported hotp"
	is "dry run: cora's key is too short (R16)" "$(row cora)" "refused -"
	like "dry run: and why" "$(<"$said")" \
	    '^cora .* its key has 80 bits, at least 128 are needed'
	like "dry run: says that it is one" "$(<"$said")" '^Nothing was written'
	is "dry run: nobody is enrolled" "$(mfa users --json |
	    jq '.users | length')" 0
}

all_users() {
	mark_log
	import google-authenticator --all-users
	is "all users: some are refused" "$?" 1
	is "all users: by time" "$(row anna)" "imported totp"
	is "all users: by counter" "$(row bert)" "imported hotp"
	like "all users: scratch codes are not taken" "$(<"$said")" \
	    '^anna .* 5 scratch codes are not taken'
	like "all users: nor a wide window" "$(<"$said")" \
	    '^dora .*imported.* WINDOW_SIZE 17 is not taken'
	is "all users: a file that others read is refused" "$(row emil)" \
	    "refused -"
	is "all users: so is a link to another's (R18)" "$(row fred)" \
	    "refused -"
	is "all users: who has none has no row" "$(row gita)" ""
	like "all users: the sum" "$(<"$said")" \
	    '^3 imported, 0 exists, 0 enrolled, 3 refused, 0 unknown$'
	like "an event for each" "$(log_lines)" \
	    'event=factor.enabled user=anna .*factor=totp'
	import google-authenticator --all-users --json
	is "once more: the same are refused" "$?" 1
	is "once more: the others are there" "$(jq -r '.factors[] |
	    select(.result == "exists").user' "$said" | paste -sd ' ')" \
	    "anna bert dora"
	is "in JSON: the sum" "$(jq -c '[.imported, .exists, .refused]' \
	    "$said")" "[0,3,3]"
	is "imported means enrolled" "$(status_of anna enrolled)" true
	is "without recovery codes" "$(status_of anna recovery_total)" 0
}

single() {
	settler hugo
	phone hugo -t -d -w 3
	mkdir -m 0755 /var/lib/otp
	install -m 0400 /home/hugo/.google_authenticator /var/lib/otp/hugo
	runs "a folder of root's: dry run" mfa import google-authenticator \
	    --user hugo --dry-run "/var/lib/otp/\${USER}"
	runs "one user, with a label" mfa import google-authenticator \
	    --user hugo --label phone "/var/lib/otp/%u"
	is "it has that label" "$(mfa list --user hugo --json |
	    jq -r '.factors[0] | .label + " " + .status')" "phone enabled"
	fails "no file" mfa import google-authenticator --user gita
	fails "no such user" mfa import google-authenticator --user nobody-here
	# in root's folder, but the user may change the way to it
	fails "root follows no link of a user's (R18)" \
	    mfa import google-authenticator --user fred \
	    /home/fred/.google_authenticator
	like "only root imports" "$(as anna "$MFA_BIN/medusa-mfa" import \
	    google-authenticator 2>&1)" 'import must be run as root'
	fails "two at once" mfa import google-authenticator --user anna \
	    --all-users
}

# ---- pam_oath ----

oath_file() {
	settler ida jan karl lena
	cat >/etc/users.oath <<-OATH
	# type user pin key
	HOTP ida - 3132333435363738393031323334353637383930
	HOTP/T30/6 jan - 3132333435363738393031323334353637383931
	HOTP/T60/8 karl + 3132333435363738393031323334353637383932
	HOTP/T30 lena 1234 3132333435363738393031323334353637383933
	HOTP/T30 nobody-here - 3132333435363738393031323334353637383934
	HOTP gita - 31323334353637383930
	OATH
	chmod 0600 /etc/users.oath
	pam_service old-oath <<-PAM
	auth required pam_oath.so usersfile=/etc/users.oath window=5
	account required pam_permit.so
	PAM
	secret[ida]=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
	is "pam_oath lets in ida's counter 0" \
	    "$(pam_result old-oath ida "$(hotp_code ida 0)")" success
	is "and 2: it notes that one" \
	    "$(pam_result old-oath ida "$(hotp_code ida 2)")" success
	import oath /etc/users.oath
	is "users.oath: some are refused" "$?" 1
	is "users.oath: by counter" "$(row ida)" "imported hotp"
	is "users.oath: by time" "$(row jan)" "imported totp"
	is "users.oath: 60 seconds, 8 digits" "$(mfa list --user karl --json |
	    jq -c '.factors[0] | [.period, .digits]')" "[60,8]"
	is "users.oath: a PIN is refused" "$(row lena)" "refused -"
	is "users.oath: an unknown user" "$(row nobody-here)" "unknown -"
	is "users.oath: 80 bits (R16)" "$(row gita)" "refused -"
	unlike "users.oath: no key is shown (R14)" "$(<"$said")" '3132|GEZDG'
	pam_bare new-oath
	is "the code that pam_oath has seen is used up (R6)" \
	    "$(pam_result new-oath ida "$(hotp_code ida 2)")" auth_err
	is "the next one lets in" \
	    "$(pam_result new-oath ida "$(hotp_code ida 3)")" success
	chmod 0644 /etc/users.oath
	fails "a file that others read is not" mfa import oath /etc/users.oath
	import oath - --user jan </etc/users.oath
	mfa import oath - --user jan </etc/users.oath >"$said"
	is "one user's lines, again, from standard input" "$(row jan)" \
	    "exists -"
	is "and nobody else's" "$(row ida)" ""
}

# ---- URLs, images, PSKC ----

urls() {
	local key=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U
	settler mona nils olaf
	# Whoever can read a key can log in, so it is root's alone.
	kept=/run/import
	install -d -m 700 "$kept"
	install -m 600 "$vectors"/*.pskc.xml "$kept"
	runs "a URL" mfa import otpauth --user mona --label app <<-URL
	otpauth://totp/Shop:mona@shop?secret=$key&issuer=Shop
	URL
	fails "what is none" mfa import otpauth --user mona <<<"https://a/b"
	fails "a URL that names the user alone" mfa import otpauth <<<"x"
	if [ -x "$MFA_LIBEXEC/medusa-mfa-import-qr" ]; then
		(umask 077; exec qrencode -o "$kept/qr.png" \
		    "otpauth://totp/nils?secret=$key")
		runs "a QR image" mfa import otpauth --user nils \
		    --image "$kept/qr.png"
		is "enrols" "$(status_of nils enrolled)" true
		(umask 077; head -c 200 "$kept/qr.png" >"$kept/cut.png")
		chmod 640 "$kept/qr.png"
		fails "an image that others can read (R18)" mfa import otpauth \
		    --user olaf --image "$kept/qr.png"
		chmod 600 "$kept/qr.png"
		fails "half an image" mfa import otpauth --user olaf \
		    --image "$kept/cut.png"
	fi
	[ -x "$MFA_LIBEXEC/medusa-mfa-import-pskc" ] || return
	runs "PSKC in plain text" mfa import pskc --user olaf \
	    "$kept/plain.pskc.xml"
	is "by counter" "$(mfa list --user olaf --json |
	    jq -r '.factors[0].provider')" hotp
	settler paul
	fails "PSKC that is encrypted" mfa import pskc --user paul \
	    "$kept/aes.pskc.xml"
	install -m 600 "$0" "$kept/none"
	fails "PSKC that is none" mfa import pskc --user paul "$kept/none"
	chmod 644 "$kept/plain.pskc.xml"
	fails "PSKC that others can read (R18)" mfa import pskc --user paul \
	    "$kept/plain.pskc.xml"
}

# ---- who may, and who reads ----

only_root() {
	local said
	way_start listening
	said=$("$host_lib/wire" --uid "$(id -u gita)" "$MFA_RUN/socket" hello \
	    recv "enroll:user=gita:import_secret=${secret[anna]}:enabled=1" recv)
	like "an owner imports nothing, by no client (R21)" "$said" \
	    '^error code=22 '
	is "and is not enrolled" "$(status_of gita enrolled)" false
	way_stop
}

# In the place of a reader, one that says what it is.
reader_without_rights() {
	local reader=$MFA_LIBEXEC/medusa-mfa-import-qr
	[ -x "$reader" ] || return
	cat >"$reader" <<-'READER'
	#!/bin/bash
	exec >&2
	id -un
	grep -E '^(CapEff|Groups):' /proc/self/status
	env | grep -vE '^(_|PWD|SHLVL)='
	ls /proc/self/fd | paste -sd ' '
	exit 1
	READER
	SECRET_WORD=1 import otpauth --user gita --image "$kept/qr.png"
	like "a reader runs as nobody in particular" "$(<"$said")" \
	    '^nobody$'
	like "without a capability" "$(<"$said")" '^CapEff:	0+$'
	unlike "without our environment" "$(<"$said")" SECRET_WORD
	like "with three descriptors (the fourth is ls's own)" "$(<"$said")" \
	    '^0 1 2 3$'
	like "what it could not read is said" "$(<"$said")" \
	    '^medusa-mfa: .* could not read the file$'
}

conf '[mfa]\nproviders = totp hotp recovery_code'
make_phones
dry_run
all_users
single
oath_file
urls
only_root
reader_without_rights
no_secrets_left anna bert cora dora
done_testing
