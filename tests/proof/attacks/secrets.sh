#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What is left of a secret when a login is over (R14): nothing in the memory of
# the host, nothing in that of the verifier at its last moment or while its
# conversation is idle, nothing in that of the runner's worker when its program
# has ended, nothing in a log or a file.  memscan.c reads the memory and the
# files, needles says what it looks for; arguments.sh and cores.sh see to the rest.
# shellcheck disable=SC2154,SC2004,SC2034

# shellcheck source=../../lib/host.sh
. "$(dirname "$0")/../../lib/host.sh"
# shellcheck source=../../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../../lib/waiting.sh
. "$host_lib/waiting.sh"
# shellcheck source=../../lib/leaks.sh
. "$host_lib/leaks.sh"

scan() {
	"$programs/memscan" "$1" <"$secrets/$2" >"/tmp/scan.$3" 2>&1
	found "/tmp/scan.$3"
}

newest_verifier() {
	pgrep -n -x medusa-mfad
}

# watch PID USER NAME: memscan looks when PID is about to exit.
watch() {
	local try
	# the one of before is not to be taken for this one's
	: >"/tmp/watch.$3"
	timeout 60 "$programs/memscan" -x "$1" <"$secrets/$2" >"/tmp/watch.$3" 2>&1 &
	watchers[$3]=$!
	for try in $(seq 200); do
		grep -q . "/tmp/watch.$3" && return
		sleep 0.01
	done
	not_ok "$way: memscan -x is ready for $3" "after $try looks"
}
declare -A watchers

# result_of NAME N: the Nth line of a waiting host.
result_of() {
	local try
	for try in $(seq 500); do
		[ "$(grep -c . "/tmp/$1.out")" -lt "$2" ] || break
		sleep 0.02
	done
	sed -n "$2p" "/tmp/$1.out"
}

# over NAME USER WANTED: a host that was answered for the last time: its result,
# its memory before and after pam_end, and that of its verifier at its end.
over() {
	local name=$1 user=$2 pid=${waiters[$1]}
	is "$way: $name: PAM's result" "$(result_of "$name" 1)" "$3"
	is "$way: $name: nothing of ours is left in the host" \
	    "$(scan "$pid" "$user" "$name")" ""
	wait "${watchers[$name]}"
	is "$way: $name: nor in its verifier's last moment" \
	    "$(found "/tmp/watch.$name")" ""
	say "$name" ""
	is "$way: $name: the handle is closed" "$(result_of "$name" 2)" ended
	is "$way: $name: nothing in the host after pam_end" \
	    "$(scan "$pid" "$user" "$name")" ""
	say "$name" ""
	wait "$pid"
}

host() {
	: >"/tmp/$1.err"
	: >"/tmp/$1.out"
	waiting "$1" "$programs/memtry" "$2" "$3"
}

# one NAME USER ANSWER WANTED
one() {
	known "$2"
	typed "$2" "$3"
	host "$1" bare "$2"
	prompted "/tmp/$1.err" 1
	watch "$(newest_verifier)" "$2" "$1"
	say "$1" "$3"
	over "$1" "$2" "$4"
}

kinds_of_answer() {
	local user=$way-kinds right
	mark_log
	pending_8 "$user"
	right=$(code "$user")
	one right "$user" "$right" 0
	one replayed "$user" "$right" 7
	one wrong "$user" "$(wrong_code "$user")" 7
	one recovery "$user" "$(recovery_code "$user" 1)" 0
	one recovery-again "$user" "$(recovery_code "$user" 1)" 7
	one recovery-wrong "$user" AAAA-BBBB-CCCC-DDDD-EEEE-FFFF 7
	# as a password that is typed in the wrong place
	one malformed "$user" Not-a-code:12345 7
	like "$way: the module's own line for debug is in the log" \
	    "$(log_lines)" "^authpriv\.debug .*user=$user error=0 verdict="
}

# pending_8 USER: enrolled with codes of 8 digits, so that no code is found by
# chance among the digits that every process has.
pending_8() {
	add_users "$1"
	enrol "$1" --digits 8 || not_ok "$way: enrol $1"
}

# libpam itself wipes the password when pam_authenticate returns.
split() {
	local user=$way-split right
	pending_8 "$user"
	known "$user"
	right=$(code "$user")
	typed "$user" "$right"
	echo "hex password $(hex_of "$first_factor")" | note_secrets "$user"
	host split split "$user"
	prompted_by /tmp/split.err assword
	say split "$first_factor$right"
	is "$way: split: PAM's result" "$(result_of split 1)" 0
	is "$way: split: nothing is left in the host, password or code" \
	    "$(scan "${waiters[split]}" "$user" split)" ""
	say split ""
	is "$way: split: the handle is closed" "$(result_of split 2)" ended
	is "$way: split: nothing after pam_end" \
	    "$(scan "${waiters[split]}" "$user" split)" ""
	say split ""
	wait "${waiters[split]}"
}

enrolment() {
	local user=$way-new shown right
	add_users "$user"
	conf '[rule now]\ndecision = require\nunenrolled = enroll\n[totp]\ndigits = 8'
	host newcomer bare "$user"
	prompted_by /tmp/newcomer.err "$enrol_mark"
	shown=$(grep -oE "$enrol_mark" /tmp/newcomer.err | head -n 1 |
	    tr -d ' ')
	like "$way: enrolment in the login shows a key" "$shown" '^.{32}$'
	secret[$user]=$shown recovery[$user]=""
	# whatever new factors have else: apps take no other key by hand
	algorithm[$user]=sha1 digits[$user]=6 period[$user]=30
	right=$(code "$user")
	say newcomer "$right"
	prompted_by /tmp/newcomer.err '-.{4}-.{4}-.{4}-'
	sleep 0.2
	recovery[$user]=$(grep -oE '\b([0-9A-Z]{4}-){5}[0-9A-Z]{4}\b' \
	    /tmp/newcomer.err | sort -u)
	like "$way: and recovery codes" "${recovery[$user]}" '-'
	known "$user"
	watch "$(newest_verifier)" "$user" newcomer
	# after that: six digits are in any memory by chance
	typed "$user" "$right"
	say newcomer ""
	say newcomer ""
	over newcomer "$user" 0
	conf
}
enrol_mark='([A-Z2-7]{4} ){7}[A-Z2-7]{4}'

# A conversation that stays after the verdict, as an application's may.
idle() {
	local user=$way-idle right out=/tmp/idle.out pid
	pending_8 "$user"
	known "$user"
	right=$(code "$user")
	typed "$user" "$right"
	rm -f /tmp/idle.go
	"$host_lib/wire" "$MFA_RUN/socket" hello recv \
	    "login:user=$user:service=x" recv mark until:/tmp/idle.go \
	    "answer:text=$right" recv mark until:/tmp/idle.gone >"$out" &
	pid=$!
	prompted_by "$out" here
	is "$way: idle: nothing is open while a person types" \
	    "$(scan "$(newest_verifier)" "$user" idle)" ""
	: >/tmp/idle.go
	prompted_by "$out" verdict
	like "$way: idle: let in" "$(<"$out")" '^verdict code=1382396874 '
	is "$way: idle: nothing is left after the verdict" \
	    "$(scan "$(newest_verifier)" "$user" idle)" ""
	is "$way: idle: nor in the parent of all conversations" \
	    "$(scan "$listener_pid" "$user" idle)" ""
	: >/tmp/idle.gone
	wait "$pid"
}

# The same search finds what is there: in a process that has a key, and in the
# host what is no secret.
found_if_there() {
	local user=$way-kinds pid
	HELD=${secret[$user]} sleep 60 &
	pid=$!
	sleep 0.2
	is "$way: a key in the memory of a process is found" \
	    "$(scan "$pid" "$user" there)" 'totp-key-text in [stack]'
	kill "$pid"
	wait "$pid" 2>/dev/null
	echo "text user $user" | "$attacks/needles" >"$secrets/control"
	host control bare "$user"
	prompted /tmp/control.err 1
	like "$way: and in the host the user's name" \
	    "$(scan "${waiters[control]}" control control)" \
	    '^user in \[heap\]$'
	like "$way: and in its verifier" \
	    "$(scan "$(newest_verifier)" control control)" \
	    '^user in '
	say control ""
	say control ""
	say control ""
	wait "${waiters[control]}"
}

# A code that is sent goes through two more processes: the runner and its worker.
delivered() {
	local user=$way-sent sent runner worker
	conf "[mfa]\nproviders = totp recovery_code otp\n[otp]\nprogram = $program"
	way_stop
	way_start "$way"
	add_users "$user"
	mfa enroll --user "$user" --provider otp --address "$user@there" \
	    --json >/dev/null
	sent=$(posted 1)
	recovery[$user]=$(mfa confirm otp --user "$user" --json <<<"$sent" |
	    jq -r '.recovery_codes[]?')
	typed "$user" "$sent"
	host sent twice "$user"
	prompted_by /tmp/sent.err "$sent_prompt"
	runner=$(pgrep -o -x medusa-mfa-runn)
	: >"$held"
	say sent send
	sent=$(posted 2)
	like "$way: delivered: a code comes" "$sent" '^[0-9]{8}$'
	known "$user"
	typed "$user" "$sent"
	worker=$(pgrep -n -x medusa-mfa-runn)
	like "$way: delivered: the worker has it while its program runs" \
	    "$(scan "$worker" "$user" worker)" '^typed in '
	is "$way: delivered: nothing in the runner" \
	    "$(scan "$runner" "$user" runner)" ""
	watch "$worker" "$user" worker
	rm "$held"
	wait "${watchers[worker]}"
	is "$way: delivered: nor in the worker's last moment" \
	    "$(found /tmp/watch.worker)" ""
	watch "$(newest_verifier)" "$user" sent
	say sent "$sent"
	over sent "$user" 0
	conf
	rm -f "$post"/*
}
held=/run/mfa-test/held   # the program does not end while this is there
sent_prompt='Verification code \(or "send"\): '
post=/var/post
program=/usr/local/libexec/post-it

posted() {
	local try
	for try in $(seq 100); do
		[ "$(find "$post" -type f | wc -l)" -lt "$1" ] || break
		sleep 0.05
	done
	cat "$(find "$post" -type f -printf '%T@ %p\n' | sort -n |
	    tail -n 1 | cut -d ' ' -f 2)"
}

everything() {
	kinds_of_answer
	found_if_there
	split
	enrolment
	delivered
	[ "$way" = spawned ] || idle
}

mkdir -p "$post" "${program%/*}"
chown medusa-mfa-runner "$post"
chmod 0700 "$post"
cat >"$program" <<'PROGRAM'
#!/bin/bash
sed -n 's/^code: //p' >"/var/post/$(date +%s.%N)"
while [ -e /run/mfa-test/held ]; do sleep 0.02; done
PROGRAM
chmod 0755 "$program"
pam_bare bare retry=1 debug
pam_bare twice retry=2
pam_service split <<-EOF_SERVICE
auth requisite $MFA_MODULE split=8
auth required pam_unix.so use_first_pass nodelay
auth required $MFA_MODULE use_split
account required pam_permit.so
EOF_SERVICE
each_way everything
# where the keys of the enrolment were shown
no_file_has_them 'in /tmp/newcomer\.err$'
done_testing
