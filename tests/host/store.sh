#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Keys for a safe and back again; what store check says; long lists (R17, R18,
# R19, R22, R28).
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

ring=$MFA_ETC/keys
records=$MFA_STATE/records
safe=/root/safe.keys

# status_out COMMAND...: fills out and status.
status_out() {
	out=$("$@" 2>&1) && status=0 || status=$?
}

# spoil FILE OFFSET
spoil() {
	printf 'x%.0s' {1..100} |
	    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# ---- keys for a safe ----

exported() {
	local old
	new_users anna
	old=$(<"$ring/primary")
	runs "rotate" mfa key rotate
	runs "rekey" mfa key rekey
	touch -d '1 hour ago' "$ring/primary"
	runs "remove" mfa key remove "$old"
	mark_log
	status_out mfa key export --output "$safe"
	is "export: status" "$status" 0
	is "a file of root's alone (R18)" "$(stat -c '%U %a' "$safe")" "root 600"
	is "the primary, and each key once (R17)" \
	    "$(grep -v '^#' "$safe" | cut -d ' ' -f 1,2)" \
	    "primary $(<"$ring/primary")
key $(<"$ring/primary")
retired $old
end 2"
	is "as it is in its file" \
	    "$(awk -v id="$old" '$2 == id { print $3 }' "$safe")" \
	    "$(<"$ring/retired/$old.key")"
	unlike "no key on the screen (R14)" "$out" '[0-9a-f]{64}'
	like "it is logged" "$(log_lines)" 'event=key.exported'
	unlike "without a key (R14)" "$(log_lines)" '[0-9a-f]{64}'
	is "through a pipe" "$(mfa key export | cksum)" "$(cksum <"$safe")"
}

not_exported() {
	local before
	before=$(cksum "$safe")
	status_out mfa key export --output "$safe"
	is "a file that is there: status" "$status" 1
	is "and it stays as it is" "$(cksum "$safe")" "$before"
	out=$("$host_lib/converse" -- "$MFA_BIN/medusa-mfa" key export \
	    </dev/null 2>&1)
	like "not on a terminal (R14)" "$out" 'not shown on a terminal'
	unlike "nothing of it (R14)" "$out" '[0-9a-f]{64}'
	chmod 0666 "$ring/retired/"*.key
	status_out mfa key export --output /root/half.keys
	is "not unless all can be read: status" "$status" 1
	like "which one it is" "$out" 'problem: [0-9a-f]{16}: not safe'
	[ ! -e /root/half.keys ] || not_ok "half a file is left"
	chmod 0640 "$ring/retired/"*.key
	fails "only for root (R21)" as anna "$MFA_BIN/medusa-mfa" key export
	fails "only for root, of medusa-mfad too (R21)" \
	    as anna "$MFA_SBIN/medusa-mfad" --export-keys
}

# As the manual has it.
put_back() {
	local line
	rm -rf "$ring"
	is "without keys nobody is let in" \
	    "$(pam_result service anna "$(code anna)")" unavail
	line=$(sed -n '/^\.Ss Putting keys back/,/^\.Ss\|^\.Sh/p' \
	    "$host_top/man/medusa-mfad.8" |
	    sed -n '/^\.Bd -literal/,/^\.Ed/p' | sed '/^\./d; s/\\e/\\/g; s/^# //')
	like "the manual says how" "$line" 'awk'
	(cd / && bash -euc "${line//SAFE/$safe}") >/tmp/manual-said ||
	    not_ok "the manual's lines run"
	is "its folder" "$(stat -c '%U %G %a' "$ring")" "root medusa-mfa 750"
	is "put back, they let in" \
	    "$(pam_result service anna "$(code anna)")" success
	is "nothing is missing" "$(mfa key export | cksum)" "$(cksum <"$safe")"
}

# A record sealed before the key went, as from a backup.
back_in_use() {
	local old file=$records/u-anna
	old=$(<"$ring/primary")
	cp -a "$file" /tmp/backup
	mfa key rotate >/dev/null
	mfa key rekey >/dev/null
	touch -d '1 hour ago' "$ring/primary"
	mfa key remove "$old" >/dev/null
	cp -a /tmp/backup "$file"
	is "a record of a key that is out of use is refused (R17)" \
	    "$(pam_result service anna "$(code anna 1)")" unavail
	like "list says which key it needs" "$(mfa key list)" \
	    "^$old .*records need it"
	like "it is among the retired" "$(mfa key retired)" "^$old +no"
	mv "$ring/retired/$old.key" "$ring/"
	is "moved back, it is in use again" \
	    "$(pam_result service anna "$(code anna 1)")" success
}

credentials() {
	local word
	mkdir -p /run/credentials/medusa-mfad.service
	cp "$ring/primary" "$ring"/*.key /run/credentials/medusa-mfad.service/
	conf '[mfa]\nencryption_key = /run/credentials/medusa-mfad.service'
	for word in rotate export "remove 0123456789abcdef"; do
		# shellcheck disable=SC2086
		status_out mfa key $word
		is "credentials: $word: status" "$status" 1
		like "credentials: $word: where to read on" "$out" \
		    'docs/services.md|CREDENTIALS'
	done
	conf
	rm -rf /run/credentials/medusa-mfad.service
}

# ---- store check ----

finding() {
	mfa store check --json |
	    jq -r --arg record "$1" '.findings[] | select(.record == $record) |
	    "\(.kind) \(.problem)"'
}

checked() {
	new_users bert carl dora emil fred
	status_out mfa store check
	is "a good store" "$status:$out" \
	    "0:6 records: 6 good, 0 with a problem, 0 orphans, 0 torn"
	spoil "$records/u-bert" 4000
	sed -i '/^carl:/d' /etc/passwd
	status_out mfa store check
	is "torn and orphaned records are no danger" "$status" 0
	like "both are named" "$out" '^note: record u-bert .*cut short'
	like "orphans are named" "$out" '^note: record u-carl .*no such user'
	is "a torn record lets in (R19)" \
	    "$(pam_result service bert "$(code bert)")" success
	is "and is whole again" "$(finding u-bert)" ""
	sed -i '/^dora:/s/:2[0-9]*:/:29999:/' /etc/passwd
	spoil "$records/u-emil" 4000
	spoil "$records/u-emil" 12192
	cp "$records/u-fred" "$records/u-greta"
	chown medusa-mfa: "$records/u-greta"
	status_out mfa store check --json
	is "danger: status" "$status" 1
	is "danger: counts" "$(jq -c \
	    '[.records, .good, .problems, .orphans, .torn]' <<<"$out")" \
	    "[7,3,3,1,0]"
	is "a user of another uid (R22)" "$(finding u-dora)" "foreign true"
	is "a damaged record (R19)" "$(finding u-emil)" "unusable true"
	is "a record of another name (R22)" "$(finding u-greta)" \
	    "unusable true"
	fails "only for root (R21)" as anna "$MFA_BIN/medusa-mfa" store check
	rm "$records/u-emil" "$records/u-greta"
}

# R28: the time that a request may take is each record's, not the list's.
long_list() {
	seq 40 | xargs -P 4 -I N "$MFA_BIN/medusa-mfa" enroll --realm shop \
	    --user many-N --json >/dev/null
	python3 - "$MFA_RUN/socket" >/tmp/slow.out <<-'PYTHON'
	import socket, sys, time
	def ask(tag, body=b""):
	    s.send(bytes([tag << 3 & 0x7f | 2 | (0x80 if tag > 15 else 0)]) +
	        (bytes([tag >> 4]) if tag > 15 else b"") +
	        bytes([len(body)]) + body)
	s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
	s.connect(sys.argv[1])
	ask(1, bytes([8, 1, 16, 3]))
	s.recv(8192)
	ask(26)
	count, done = 0, False
	while not done:
	    packet = s.recv(8192)
	    done = packet == b"" or packet[0] == 0x5a
	    count += 1
	    if count in (5, 10, 15, 20, 25, 30):
	        time.sleep(4)
	print(count, "done" if packet else "cut")
	PYTHON
	is "a list that is read slowly comes to its end (R28)" \
	    "$(cat /tmp/slow.out)" \
	    "$(($(find "$records" -type f | wc -l) + 1)) done"
}

add_users shopd
pam_bare service retry=1
exported
not_exported
put_back
back_in_use
credentials
checked
conf '[mfa]\nproviders = totp recovery_code\n[realm shop]\naccount = shopd'
way_start listening
[ -n "${MFA_QUICK-}" ] || long_list
way_stop
done_testing
