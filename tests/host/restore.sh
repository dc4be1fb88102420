#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A backup that is made while people log in, what it would let in when it is put
# back, and what after-restore makes of it (R6, R17, R19), with the lines of
# docs/rescue.md.
# shellcheck disable=SC2154,SC2034

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

records=$MFA_STATE/records
token_key=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U
made=/tmp/made      # the last counter that was let in, by user

login() {
	pam_result service "$1" "$2"
}

# hotp_code COUNTER
hotp_code() {
	oathtool --hotp -b -c "$1" - <<<"$token_key"
}

# token USER...: with a hardware token, counter 0 used.
token() {
	local user
	for user; do
		add_users "$user"
		mfa enroll --user "$user" --provider hotp --label token \
		    --import-secret --json <<<"$token_key" >/dev/null
		runs "token of $user" mfa confirm --user "$user" token \
		    --json <<<"$(hotp_code 0)"
	done
}

# said HEADING: the block of docs/rescue.md below it.
said() {
	sed -n "/^### $1\$/,/^##/p" "$host_top/docs/rescue.md" |
	    awk '/^```$/ { inside = !inside; next } inside'
}

# run_said HEADING [SED]: runs it; services are no concern here.
run_said() {
	said "$1" | sed '/^systemctl /d; '"${2-}" >/tmp/said
	PATH=$MFA_BIN:$PATH bash -eu /tmp/said </dev/null >/tmp/said.out 2>&1
}

# busy USER...: tokens that log in one after the other until /tmp/stop is there.
busy() {
	local user n=1
	while [ ! -e /tmp/stop ]; do
		for user; do
			[ "$(login "$user" "$(hotp_code "$n")")" = success ] &&
			    echo "$n" >"$made.$user"
		done
		n=$((n + 1))
	done
}

# ---- a backup while people log in ----

backed_up() {
	local n first bad=0 pids=()
	like "the page says how" "$(said 'Making a backup')" '^tar .*-cpf'
	for n in 1 2; do
		busy "hans$n" &
		pids+=($!)
	done
	until [ -s "$made.hans1" ] && [ -s "$made.hans2" ]; do sleep 0.05; done
	first=$(<"$made.hans1")
	for n in 1 2 3 4 5 6 7 8; do
		# The page says that this is no failure.
		run_said 'Making a backup' ||
		    grep -q 'file changed as we read it' /tmp/said.out ||
		    not_ok "backup $n" "$(cat /tmp/said.out)"
		mv /root/records.tar "/root/$n.tar"
	done
	is "people logged in meanwhile" \
	    "$(($(<"$made.hans1") > first))" 1
	touch /tmp/stop
	wait "${pids[@]}"
	for n in 1 2 3 4 5 6 7 8; do
		put "/root/$n.tar"
		bad=$((bad + $(mfa store check --json | jq .problems)))
	done
	is "every record of every backup can be used (R19)" "$bad" 0
	mv /root/8.tar /root/records.tar
}

# put TAR: without after-restore, as nobody should.
put() {
	rm -rf "$MFA_STATE"
	tar -C "${MFA_STATE%/*}" --same-owner -xpf "$1"
}

owners() {
	find "$MFA_STATE" -exec stat -c '%U:%G %a %n' {} + | sort
}

# ---- what it would let in ----

# One of each is used, and used again on a record that was rolled back.
used() {
	settle 9 15
	step=$((EPOCHSECONDS / 15))
	is "an app's code" "$(login anna "$(code anna)")" success
	is "a recovery code" "$(login berta "$(recovery_code berta 1)")" success
	is "a token's code" "$(login emil "$(hotp_code 1)")" success
	is "a bypass" "$(login carl "$bypass")" success
	put /root/records.tar
	is "put back, the app's code is good once more: the danger" \
	    "$(login anna "$(code anna)")" success
	is "put back, so is the recovery code" \
	    "$(login berta "$(recovery_code berta 1)")" success
	is "put back, so is the token's" \
	    "$(login emil "$(hotp_code 1)")" success
	is "put back, so is the bypass" "$(login carl "$bypass")" success
}

# ---- after-restore ----

put_back() {
	local block
	block=$(said 'Putting it back')
	like "the page: check, then after-restore, then start" \
	    "$(tr '\n' ' ' <<<"$block")" \
	    'store check .*store after-restore .*systemctl start .*rm '
	mark_log
	run_said 'Putting it back' 's/after-restore$/& --yes/' ||
	    not_ok "the page's lines run" "$(cat /tmp/said.out)"
	out=$(cat /tmp/said.out)
	like "store check finds nothing" "$out" ' 0 with a problem'
	like "all records are done" "$out" \
	    "^$count records: $count changed, 0 had nothing to void, 0 failed"
	like "whose recovery codes are void" "$out" \
	    "^Recovery codes of $count users are void"
	like "which tokens are to be synced" "$out" \
	    '^token to sync: medusa-mfa sync --user emil FACTOR'
	like "and what nobody can know" "$out" 'disabled are enabled again'
	is "it is logged, once for each" \
	    "$(log_lines | grep -c 'user="*anna"* .*service="*medusa-mfa')" 1
	is "owners and modes are as they were" "$(owners)" "$owners"
	like "records are the account's alone" "$owners" \
	    '^medusa-mfa:medusa-mfa 600 .*/u-anna$'
}

# Refusals pause: side by side.
refused() {
	is "the step is still that of the code" \
	    "$(($(date +%s) / 15 - step < 2))" 1
	job anna login anna "$(code anna $((step - EPOCHSECONDS / 15)))"
	job ahead login anna "$(code anna 1)"
	job berta login berta "$(recovery_code berta 1)"
	job other login berta "$(recovery_code berta 2)"
	job emil1 login emil "$(hotp_code 1)"
	job emil2 login emil "$(hotp_code 2)"
	job carl login carl "$bypass"
	jobs_wait
	is "the app's code is refused (R6)" "$(job_out anna)" auth_err
	is "so is the one that could be used ahead" "$(job_out ahead)" auth_err
	is "the recovery code is refused" "$(job_out berta)" auth_err
	is "so is one that was never used" "$(job_out other)" auth_err
	is "the token's code is refused" "$(job_out emil1)" auth_err
	is "so is its next one: nobody knows it is" "$(job_out emil2)" auth_err
	is "the bypass is refused" "$(job_out carl)" auth_err
}

good_again() {
	local fresh
	fails "two codes of which one is older than the backup are no sync" \
	    mfa sync --user emil token <<<"$(hotp_code 0; hotp_code 1)"
	runs "two new ones are" \
	    mfa sync --user emil token <<<"$(hotp_code 2; hotp_code 3)"
	is "from then on the token lets in" \
	    "$(login emil "$(hotp_code 4)")" success
	is "not with what was used" "$(login emil "$(hotp_code 1)")" auth_err
	fresh=$(mfa recovery-codes --yes --json --user berta |
	    jq -r '.recovery_codes[0]')
	is "new recovery codes are good" "$(login berta "$fresh")" success
	wait_next_step anna
	is "the app's next code but one is good" \
	    "$(login anna "$(code anna 1)")" success
	like "status: nobody has the old ones" "$(mfa status --user anna)" \
	    'Recovery codes: *none'
}

# ---- what cannot be done is named ----

one_fails() {
	local status=0
	printf 'x%.0s' {1..100} | tee \
	    >(dd of="$records/u-carl" bs=1 seek=4000 conv=notrunc status=none) |
	    dd of="$records/u-carl" bs=1 seek=12192 conv=notrunc status=none
	sleep 0.1
	out=$(mfa store after-restore --yes --json 2>/tmp/err) || status=$?
	is "a damaged record: status" "$status" 1
	like "it is named" "$(cat /tmp/err)" '^medusa-mfa: record u-carl: '
	is "the others are done" "$(jq -c '[.records, .failed]' <<<"$out")" \
	    "[$count,1]"
	is "the rest of it is JSON" "$(jq -r '.restored[] |
	    select(.user == "berta") | .recovery_codes' <<<"$out")" 9
	fails "not without leave" mfa store after-restore
	fails "only for root (R21)" as anna "$MFA_BIN/medusa-mfa" store \
	    after-restore --yes
	like "at a terminal it asks" \
	    "$(answers 'until sync\? \[y/N\] ' n | converse -- \
	        "$MFA_BIN/medusa-mfa" store after-restore)" 'nothing was changed'
}

conf '[mfa]\nproviders = totp hotp recovery_code'
pam_bare service retry=1
add_users anna berta carl
enrol anna --period 15
enrol berta
enrol carl
token emil hans1 hans2
count=6
bypass=$(mfa bypass --json --for 8h --reason rehearsal carl | jq -r .code)
owners=$(owners)
way_start listening
backed_up
used
way_stop
put_back
way_start listening
refused
good_again
one_fails
way_stop
done_testing
