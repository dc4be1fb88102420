#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The example of a delivery program for SMS, docs/examples/deliver-sms, with a
# gateway that it posts to (R12, R14, R23).

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/mail.sh
. "$host_lib/mail.sh"
# shellcheck source=../lib/delivery.sh
. "$host_lib/delivery.sh"

for tool in curl jq; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done
here=$host_top/tests/host

# sms_conf URL [TOKEN]
sms_conf() {
	printf 'url = %s\ntoken = %s\nsender = %s\n' "$1" \
	    "${2-tok.en_1}" 'Example "Ltd"' >"$MFA_ETC/sms.conf"
	chgrp "$runner_account" "$MFA_ETC/sms.conf"
	chmod 0640 "$MFA_ETC/sms.conf"
}

sms() {
	local gateway script=/usr/local/libexec/deliver-sms got=/tmp/posted url
	url=http://127.0.0.1:2700
	install -D -m 0755 "$host_top/docs/examples/deliver-sms" "$script"
	/usr/bin/python3 "$here/webhook.py" 2700 "$got" &
	gateway=$!
	listens 2700
	sms_conf "$url/200"
	delivered "SMS: posted" "$(deliver +4930123456 "$script")"
	is "SMS: the token is in the header" "$(sed -n '1,3p' "$got")" \
	    "/200
Bearer tok.en_1
application/json"
	is "SMS: address and message" \
	    "$(sed -n '4,$p' "$got" | jq -r '.from, .to, .text')" \
	    "Example \"Ltd\"
+4930123456
$(delivery x | sed '1,/^$/d')"
	: >"$got"
	runner_prefix=(strace -f -qq -v -s 4096 -o /tmp/programs
	    -e trace=execve)
	delivered "SMS: posted while somebody watches" \
	    "$(deliver +4930123456 "$script")"
	runner_prefix=()
	like "SMS: programs ran" "$(</tmp/programs)" 'execve\("/usr/bin/curl"'
	unlike "SMS: no code or token in arguments or environment (R14)" \
	    "$(</tmp/programs)" "$code|tok\.en_1"
	sms_conf "$url/500"
	refused "SMS: the gateway fails" "$(deliver +49301 "$script")" \
	    'the gateway answered 500'
	sms_conf "$url/302"
	: >"$got"
	refused "SMS: the gateway sends elsewhere" \
	    "$(deliver +49301 "$script")" 'the gateway answered 302'
	is "SMS: nobody follows" "$(grep -c '^/' "$got")" 1
	: >"$got"
	sms_conf "http://gateway.example/200"
	refused "SMS: not in the clear" "$(deliver +49301 "$script")" \
	    'does not begin with https'
	sms_conf "http://localhost:x@127.0.0.1:2700/200"
	refused "SMS: nor with a trick" "$(deliver +49301 "$script")" '@'
	sms_conf "https://127.0.0.1:2700/200"
	refused "SMS: no TLS there" "$(deliver +49301 "$script")" 'curl'
	sms_conf "$url/200" 'a"b'
	refused "SMS: no token that is none" "$(deliver +49301 "$script")" \
	    'no usable token'
	sms_conf "$url/200"
	refused "SMS: no address" "$(deliver 'x y' "$script")" 'cannot be used'
	refused "SMS: two addresses" "$(deliver $'+1\nto: +2' "$script")" \
	    'cannot be used'
	is "SMS: nothing was posted" "$(wc -c <"$got")" 0
	sms_conf http://127.0.0.1:2701/200
	refused "SMS: the gateway is down" "$(deliver +49301 "$script")" 'curl'
	kill "$gateway"
	wait "$gateway" 2>/dev/null
	rm -f "$MFA_ETC/sms.conf"
	refused "SMS: no settings" "$(deliver +49301 "$script")" 'cannot read'
}

sms
done_testing
