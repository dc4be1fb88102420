#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Programs that mail, with a real mail server (R12, R14, R23).

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/mail.sh
. "$host_lib/mail.sh"
# shellcheck source=../lib/delivery.sh
. "$host_lib/delivery.sh"

for tool in exim4 openssl; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done
here=$host_top/tests/host

# event NAME [JSON]: what an event program is told, with more keys.
event() {
	printf '{"event":"%s","time":"2026-11-22T07:15:23Z",' "$1"
	printf '"host":"login.example","user":"alice","factor":"phone"%s}\n' \
	    "${2-}"
}

# notify: the same for an event program.
notify() {
	as_runner event "${1:-$libexec/notify-mail}" 2>&1
	echo "status $?"
}

# ---- deliver-mail ----

plain() {
	local mail head body
	mail_conf '[mail]\nserver = smtp://localhost:2525'
	delivered "a code is handed over" "$(deliver alice@sandbox)"
	mail=$(mail_new alice)
	head=${mail%%$'\n\n'*}
	body=${mail#*$'\n\n'}
	like "it arrives" "$body" "^Your verification code .* is $code\.$"
	is "line for line, dots too" "$body" \
	    "$(delivery x | sed '1,/^$/d')"
	unlike "the code is in the body alone" "$head" "$code"
	like "From" "$head" '^From: medusa-mfa@sandbox$'
	like "To" "$head" '^To: alice@sandbox$'
	like "Subject" "$head" '^Subject: Verification code for login\.example$'
	like "it says that no person wrote it" "$head" \
	    '^Auto-Submitted: auto-generated$'
	like "plain text" "$head" '^Content-Type: text/plain; charset=us-ascii$'
	like "MIME" "$head" '^MIME-Version: 1\.0$'
	like "an id of its own" "$head" '^Message-ID: <[0-9a-f]{32}@sandbox>$'
	is "one date" "$(grep -c '^Date: ' <<<"$head")" 1
	delivered "again" "$(deliver alice@sandbox)"
	unlike "another id" "$(mail_new alice)" \
	    "$(grep -oE '^Message-ID: .*' <<<"$head")"
}

# People of another realm know no host of ours.
realms() {
	mail_conf '[mail]\nserver = smtp://localhost:2525'
	delivered "a code of another realm" "$(delivery alice@sandbox |
	    sed 's/^realm: .*/realm: shop/' | said_to_deliver)"
	like "is from its issuer" "$(mail_new alice)" \
	    '^Subject: Verification code for Example Ltd$'
	delivered "a notice of another realm" \
	    "$(event locked ',"realm":"shop","address":"alice@sandbox"' |
	        notify)"
	like "names the realm, not the host" "$(mail_new alice |
	    grep -E '^Subject|account|login\.example' | xargs)" \
	    '^Subject: Too many wrong codes at shop account alice of shop\.$'
}

addresses() {
	mail_conf '[mail]\nserver = smtp://localhost:2525'
	delivered "a name alone" "$(deliver alice)"
	like "is somebody of this host" "$(mail_new alice)" \
	    '^To: alice@localhost$'
	mail_conf '[mail]\nserver = smtp://localhost:2525\ndomain = mail.example\nfrom = mfa@other.example'
	delivered "with a domain" "$(deliver alice)"
	like "is an address there" "$(mail_new alice)" \
	    '^To: alice@mail\.example$'
	delivered "from another sender" "$(deliver alice@sandbox)"
	like "is from that one, in the envelope too" \
	    "$(mail_new alice | grep -c 'mfa@other\.example>\?$\|mfa@other\.example>)')" 2
	refused "an unknown recipient" "$(deliver no-such@sandbox)" \
	    'RCPT failed: 550'
}

# What could end the command or the header stops before anything is said.
injection() {
	local bad number=0 before
	mail_conf '[mail]\nserver = smtp://localhost:2525'
	before=$(wc -l <"$mail_log")
	for bad in 'alice@sandbox>' '<alice@sandbox' 'alice@sandbox,bob@sandbox' \
	    'alice@sandbox bob@sandbox' $'alice@sandbox\rbob@sandbox' \
	    'alice@sandbox@sandbox' '"alice"@sandbox' 'alice@sandbox;x' \
	    'alice@sandbox> SIZE=1' '-oQ/tmp@sandbox' 'alice@' '@sandbox' \
	    'alice@[127.0.0.1]' $'al\tice@sandbox' $'alic\xc3\xa9@sandbox' ''; do
		number=$((number + 1))
		refused "address number $number is refused" \
		    "$(deliver "$bad")" \
		    'no mail address|medusa-mfa-programs\(7\)'
	done
	refused "a second recipient as a line" \
	    "$(deliver $'alice@sandbox\nto: bob@sandbox')" \
	    'medusa-mfa-programs\(7\)'
	refused "a recipient with a message of its own" \
	    "$(deliver $'alice@sandbox\n\nTake this')" 'medusa-mfa-programs\(7\)'
	is "the server heard of none" \
	    "$(tail -n "+$((before + 1))" "$mail_log")" ""
	is "nobody has mail" "$(mail_count alice),$(mail_count bob)" 0,0
}

# said_to_deliver: standard input as it is.
said_to_deliver() {
	as_runner deliver "$libexec/deliver-mail" 2>&1
	echo "status $?"
}

malformed() {
	local what='medusa-mfa-programs\(7\)|standard input'
	mail_conf '[mail]\nserver = smtp://localhost:2525'
	refused "nothing on standard input" "$(said_to_deliver </dev/null)" \
	    "$what"
	refused "no message" "$(delivery alice@sandbox | sed '/^$/,$d' |
	    said_to_deliver)" "$what"
	refused "no code" "$(delivery alice@sandbox | grep -v '^code' |
	    said_to_deliver)" "$what"
	refused "other bytes" "$(delivery alice@sandbox | tr a '\001' |
	    said_to_deliver)" "$what"
	refused "a NUL" "$(delivery alice@sandbox | tr . '\000' |
	    said_to_deliver)" "$what"
	refused "too much" "$({ delivery alice@sandbox; yes; } | head -c 10000 |
	    said_to_deliver)" "$what"
	refused "without end" "$(said_to_deliver </dev/zero)" "$what"
	refused "an argument" "$(delivery alice@sandbox |
	    as_runner deliver "$libexec/deliver-mail" --help 2>&1
	    echo "status ${PIPESTATUS[1]}")" 'takes no arguments'
	is "nobody has mail" "$(mail_count alice)" 0
}

tls() {
	local own="ca_file = $mail_etc/localhost.crt" login said
	login='user = relay\npassword = se cret'
	mail_conf "[mail]\nserver = smtp://localhost:2526\ntls = required\n$own\n$login"
	delivered "STARTTLS and authentication" "$(deliver alice@sandbox)"
	like "the server saw both" "$(mail_new alice)" 'with esmtpsa '
	mail_conf "[mail]\nserver = smtp://localhost:2526\n$own\n$login"
	delivered "if offered, on this host" "$(deliver alice@sandbox)"
	like "it is used" "$(mail_new alice)" 'with esmtpsa '
	mail_conf "[mail]\nserver = smtps://localhost:2527\n$own"
	delivered "TLS from the first byte" "$(deliver alice@sandbox)"
	like "the server saw it" "$(mail_new alice)" 'with esmtps '
	mail_conf "[mail]\nserver = smtp://localhost:2526\ntls = required\n$own\nuser = relay\npassword = wrong"
	refused "a wrong password" "$(deliver alice@sandbox)" 'Login denied|535'
	mail_conf "[mail]\nserver = smtp://localhost:2525\ntls = required\n$own"
	refused "TLS is required but not offered" "$(deliver alice@sandbox)" \
	    'smtp://localhost:2525: '
	mail_conf "[mail]\nserver = smtp://localhost:2528\ntls = required"
	refused "an authority that is not known" "$(deliver alice@sandbox)" \
	    'certificate'
	mail_conf "[mail]\nserver = smtp://localhost:2528\ntls = required\nca_file = $mail_etc/stranger.crt"
	refused "another authority" "$(deliver alice@sandbox)" 'certificate'
	mail_conf "[mail]\nserver = smtps://127.0.0.1:2527\n$own"
	refused "another name" "$(deliver alice@sandbox)" 'certificate|does not match'
	mail_conf "[mail]\nserver = smtp://sandbox:2528\ntls = if-offered"
	refused "if offered, to another host: verified too" \
	    "$(deliver alice@sandbox)" 'certificate'
	mail_conf "[mail]\nserver = smtp://localhost:2528\nca_file = /nowhere.pem\ntls = required"
	said=$(deliver alice@sandbox)
	refused "no such file of authorities" "$said" '.'
	is "nobody has mail" "$(mail_count alice)" 0
	mail_conf '[mail]\nserver = smtp://localhost:2528'
	delivered "within this host an unknown certificate does not matter" \
	    "$(deliver alice@sandbox)"
	like "then there is no TLS" "$(mail_new alice)" 'with esmtp '
	mail_conf '[mail]\nserver = smtp://localhost:2528\ntls = no'
	delivered "no TLS" "$(deliver alice@sandbox)"
	like "then there is none" "$(mail_new alice)" 'with esmtp '
}

# A password goes to a server that has proved itself, or nowhere.
passwords() {
	local login server tls
	login='user = relay\npassword = se cret'
	mail_conf "[mail]\nserver = smtp://localhost:2526\n$login"
	refused "with a password the certificate matters on this host, too" \
	    "$(deliver alice@sandbox)" 'certificate cannot be verified'
	mail_conf "[mail]\nserver = smtp://localhost:2525\n$login"
	refused "with a password there is no mail without TLS" \
	    "$(deliver alice@sandbox)" 'TLS is required, but there is none'
	for tls in no if-offered; do
		mail_conf "[mail]\nserver = smtp://localhost:2525\ntls = $tls\n$login"
		refused "a password and tls = $tls" \
		    "$(deliver alice@sandbox)" 'mail\.tls must be required'
	done
	mail_conf "[mail]\nserver = smtp://localhost:2600\ntimeout = 3\n$login"
	/usr/bin/python3 "$here/mail_trouble.py" 2600 auth &
	server=$!
	listens 2600
	runner_prefix=(strace -f -qq -s 4096 -o /tmp/calls -e "trace=%net,write")
	refused "a server that wants the password in the clear" \
	    "$(deliver alice@sandbox)" 'TLS is required, but there is none'
	runner_prefix=()
	kill "$server"
	wait "$server" 2>/dev/null
	like "is asked what it can" "$(grep 'sendto(' /tmp/calls)" 'EHLO'
	unlike "and gets no password (R14)" "$(grep 'sendto(' /tmp/calls)" \
	    "AUTH (PLAIN|LOGIN) |$(printf '\0relay\0se cret' | base64)"
	is "nobody has mail without TLS" "$(mail_count alice)" 0
}

# trouble WHAT REGEX: how a server that does not do its work ends, in time.
trouble() {
	local pid start said
	/usr/bin/python3 "$here/mail_trouble.py" 2600 "$1" &
	pid=$!
	listens 2600
	start=$EPOCHSECONDS
	said=$(deliver alice@sandbox)
	refused "server trouble: $1" "$said" "$2"
	if [ $((EPOCHSECONDS - start)) -le 4 ]; then
		ok "server trouble: $1: in time"
	else
		not_ok "server trouble: $1: in time" \
		    "$((EPOCHSECONDS - start)) seconds"
	fi
	kill "$pid"
	wait "$pid" 2>/dev/null
}

troubles() {
	mail_conf '[mail]\nserver = smtp://localhost:2600\ntimeout = 2'
	refused "server trouble: down" "$(deliver alice@sandbox)" 'connect'
	trouble silent 'timed? ?out'
	trouble banner '.'
	trouble drip '.'
	trouble body 'timed? ?out'
	trouble refuse '554|Weird|failed'
	trouble echo '554|Weird|failed'
	mail_conf '[mail]\nserver = smtp://localhost:2600\ntimeout = 2\ntls = required'
	trouble inject '.'
	trouble silent 'timed? ?out'
}

configuration() {
	local etc=$MFA_ETC/mail.conf good='[mail]\nserver = smtp://localhost:2525'
	mail_conf "$good" 0666
	refused "mail.conf that others can write" "$(deliver alice@sandbox)" \
	    "$etc: not safe"
	mail_conf "$good" 0660
	refused "that its group can write" "$(deliver alice@sandbox)" "not safe"
	mail_conf "$good"
	chown alice "$etc"
	refused "of another owner" "$(deliver alice@sandbox)" "not safe|$etc"
	mail_conf "$good" 0644
	mv "$etc" "$MFA_ETC/real.conf"
	ln -s real.conf "$etc"
	refused "a symbolic link" "$(deliver alice@sandbox)" "not safe"
	mail_conf "$good" 0600
	refused "that the runner cannot read" "$(deliver alice@sandbox)" \
	    "$etc: cannot be read: it must be 0640 root:medusa-mfa-runner"
	mail_conf "$good\nuser = relay\npassword = se cret" 0644
	refused "with a password for all to read" "$(deliver alice@sandbox)" \
	    "it holds a password"
	unlike "which is not shown" "$(deliver alice@sandbox)" 'se cret'
	mail_conf "$good\nport = 25"
	refused "with an unknown option (R27)" "$(deliver alice@sandbox)" \
	    "$etc:3: unknown option"
	mail_conf '[mail]\nserver = http://localhost:2525'
	refused "with another protocol" "$(deliver alice@sandbox)" \
	    "$etc:2: server must be"
	mail_conf "$good"
	chmod 0777 "$MFA_ETC"
	refused "in a folder that others can write" "$(deliver alice@sandbox)" \
	    "not safe"
	chmod 0755 "$MFA_ETC"
	is "nobody has mail" "$(mail_count alice)" 0
	rm -f "$etc"
	refused "none: this host's own server, which is down" \
	    "$(deliver alice@sandbox)" 'smtp://localhost: '
}

# Nothing of the caller's decides where the mail goes.
surroundings() {
	local said
	mail_conf '[mail]\nserver = smtp://localhost:2525\ntimeout = 3'
	printf 'machine localhost login x password y\n' >/tmp/.netrc
	said=$(delivery alice@sandbox | as_runner deliver env HOME=/tmp \
	    ALL_PROXY=socks5://127.0.0.1:1 all_proxy=socks5://127.0.0.1:1 \
	    smtp_proxy=http://127.0.0.1:1 SSL_CERT_FILE=/dev/null \
	    "$libexec/deliver-mail" 2>&1; echo "status $?")
	delivered "no proxy, no .netrc" "$said"
	like "straight to the server" "$(mail_new alice)" "is $code\."
}

# The code is where nobody else can look, while it is on its way.
secrecy() {
	local server sender pid out
	mail_conf '[mail]\nserver = smtp://localhost:2600\ntimeout = 4'
	/usr/bin/python3 "$here/mail_trouble.py" 2600 body &
	server=$!
	listens 2600
	runner_prefix=(strace -f -qq -s 4096 -o /tmp/calls
	    -e "trace=execve,open,openat,creat,%net,write,writev")
	delivery alice@sandbox |
	    as_runner deliver "$libexec/deliver-mail" 2>/dev/null &
	sender=$!
	sleep 1
	pid=$(pgrep -xo deliver-mail)
	like "it runs" "$pid" '^[0-9]+$'
	unlike "no code in its arguments and environment (R14)" \
	    "$(tr '\0' '\n' <"/proc/$pid/cmdline")$(
	        tr '\0' '\n' <"/proc/$pid/environ")" "$code"
	is "its account cannot look into it" \
	    "$(stat -c %U "/proc/$pid/environ")" root
	wait "$sender"
	runner_prefix=()
	kill "$server"
	wait "$server" 2>/dev/null
	is "the code goes out once, to the server" \
	    "$(grep "$code" /tmp/calls | grep -c 'sendto(')" 1
	unlike "and nowhere else" "$(grep -v 'sendto(' /tmp/calls)" "$code"
	out=$(grep -E 'O_(CREAT|WRONLY|RDWR)' /tmp/calls |
	    grep -v '"/dev/' || :)
	is "no file is written" "$out" ""
}

# ---- notify-mail ----

notices() {
	local name said
	mail_conf '[mail]\nserver = smtp://localhost:2525'
	while read -r name said; do
		delivered "$name" "$(event "$name" | notify)"
		like "$name: the user reads" "$(mail_new alice | tr '\n' ' ')" \
		    "Subject: $said on login\.example .*alice on login\.example.*"
	done <<-EVENTS
	factor.enabled Second factor added
	factor.disabled Second factor removed
	factor.renamed Second factor renamed
	recovery_codes.generated New recovery codes
	recovery_code.used Recovery code used
	record.reset Second factors reset
	locked Too many wrong codes
	EVENTS
	for name in challenge.verified challenge.failed factor.pending \
	    otp.generated unlocked error something.new; do
		delivered "$name is not mailed" "$(event "$name" | notify)"
	done
	delivered "address" "$(event locked ',"address":"bob@mail.example"' |
	    notify)"
	like "it is used" "$(mail_new bob)" '^To: bob@mail\.example$'
	delivered "a user of another realm, without address" \
	    "$(event locked ',"realm":"shop"' | notify)"
	delivered "codes left" "$(event recovery_code.used ',"left":3' |
	    notify)"
	like "how many" "$(mail_new alice)" '^Recovery codes left: 3\.$'
	delivered "a host that says too much" \
	    "$(event locked ',"rhost":"a\nBcc: bob@sandbox\n\nx"' | notify)"
	like "is one line of text" "$(mail_new alice)" \
	    'From: +a\?Bcc: bob@sandbox\?\?x$'
	is "and no more mail" "$(mail_count alice),$(mail_count bob)" 0,0
	refused "an address that is none" \
	    "$(event locked ',"address":"a@b>\r\nX: y"' | notify)" \
	    'no mail address'
	refused "no JSON" "$(echo hello | notify)" 'standard input'
	refused "nothing" "$(notify </dev/null)" 'standard input'
	mail_conf '[mail]\nserver = smtp://sandbox:2525\ntls = no'
	delivered "nowhere to send it" "$(event locked | notify)"
	is "is no mail" "$(mail_count alice)" 0
	mail_conf '[mail]\nserver = smtp://sandbox:2525\ntls = no\ndomain = sandbox'
	delivered "with a domain" "$(event locked | notify)"
	like "it arrives" "$(mail_new alice)" '^To: alice@sandbox$'
}

# The shipped event program is this script.
event_script() {
	local script=${MFA_VENDOR:-/usr/lib/medusa-mfa}/events.d/50-notify-mail
	is "the example of an event program is root's, and no link" \
	    "$(stat -c '%F %U %a' "$script")" "regular file root 755"
	mail_conf '[mail]\nserver = smtp://localhost:2525'
	delivered "it runs" "$(event factor.enabled | notify "$script")"
	like "and mails" "$(mail_new alice)" '^Subject: Second factor added on'
}

add_users alice bob
mail_server_start
is "the programs are root's, no links, without privileges" \
    "$(stat -c '%F %U %a' "$libexec/deliver-mail" "$libexec/notify-mail")" \
    "regular file root 755
regular file root 755"
plain
realms
addresses
injection
malformed
tls
passwords
troubles
configuration
surroundings
secrecy
notices
event_script
done_testing
