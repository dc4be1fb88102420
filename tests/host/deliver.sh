#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Codes that are sent, through the real programs and a real mail server (R5,
# R12, R26, R28), and the account that sends them (R23).

# test_log, listener_log and log_from are of mfa.sh.
# shellcheck disable=SC2034,SC2154
# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/mail.sh
. "$host_lib/mail.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

for tool in exim4 sshd sudo su pamtester curl jq; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done
here=$host_top/tests/host

# As a person sees it, and for converse.
code_prompt='Verification code \(or "send"\): '
plain_prompt='Verification code: '
on_its_way='If a code can be sent to you, it is on its way\.'

# The program that most tests deliver by; its file is changed under way.
program=/usr/local/libexec/deliver-test
post=/var/post

# conf_otp PROGRAM [TEXT [OTP-TEXT]]: TEXT belongs to [mfa].
conf_otp() {
	conf "[mfa]\nproviders = totp recovery_code otp\n${2-}\n[otp]\nprogram = $1\n${3-}"
}

# install_program: from standard input, as programs have to be.
install_program() {
	rm -rf "$program"
	cat >"$program"
	chmod 0755 "$program"
}

# What it is told goes to a file of the address's name.  For the service
# "trouble", the last word of the address says what happens.
# shellcheck disable=SC2016
good_program() {
	install_program <<-PROGRAM
	#!/bin/bash
	declare -A said
	while IFS= read -r line && [ -n "\$line" ]; do
	    said[\${line%%: *}]=\${line#*: }
	done
	printf '%s\n' "\${said[code]}" >$post/new
	printf '%s\n' "\${said[code]}" >>$post/all
	mv $post/new "$post/\${said[to]}"
	[ "\${said[service]}" = trouble ] || exit 0
	case \${said[to]##*-} in
	exit)
	    echo "the code \${said[code]} stays here" >&2
	    exit 1 ;;
	flood) exec yes "\${said[code]}" ;;
	noise)
	    head -c 10000000 /dev/zero | tr '\0' x >&2
	    exit 4 ;;
	hang) exec sleep 100 ;;
	escape)
	    setsid sh -c 'trap "" TERM HUP; sleep 101 & sleep 102' &
	    sleep 0.1
	    exit 5 ;;
	linger)
	    setsid sh -c 'sleep 103 & sleep 104' &
	    exit 0 ;;
	suicide) kill -9 \$\$ ;;
	parricide)
	    kill -9 \$PPID
	    exec sleep 105 ;;
	esac
	PROGRAM
}

# posted USER: waits for the code that the program got, and takes it.
posted() {
	local try
	for try in $(seq 200); do
		if [ -s "$post/$1" ]; then
			cat "$post/$1"
			rm -f "$post/$1"
			return
		fi
		sleep 0.02
	done
	echo "nothing for $1 after $try looks"
}

# posts USER: 1 if something waits to be taken, after a moment.
posts() {
	sleep 0.3
	find "$post" -name "$1" | wc -l
}

# enrol_sent HOW USER ADDRESS: confirmed by the first code, which HOW USER gets.
enrol_sent() {
	local out
	mfa enroll --user "$2" --provider otp --address "$3" --json \
	    >/dev/null || return 1
	out=$("$1" "$2" | mfa confirm otp --user "$2" --json) || return 1
	[ -n "${recovery[$2]-}" ] ||
	    recovery[$2]=$(jq -r '.recovery_codes[]?' <<<"$out")
}

# people HOW ADDRESS-TAIL NAME...: with an app and an address.
people() {
	local how=$1 tail=$2 name
	shift 2
	new_users "$@"
	for name; do
		enrol_sent "$how" "$name" "$name$tail" || {
			not_ok "enrol $name"
			done_testing
		}
	done
}

# ask_for SERVICE USER: a login that only asks for a code.
ask_for() {
	pam_result "$1" "$2" send >/dev/null
}

# sent_result SERVICE USER: one that asks for it and types it.
sent_result() {
	{
		echo send
		posted "$2"
	} | "$host_build/tests/host/pamtry" "$1" "$2" 2>/dev/null
}

# ---- the mail ----

# What converse runs.
export mail_box
export -f mail_new mail_code

enrol_by_mail() {
	local user=$way-enrol out mail
	add_users "$user"
	out=$(converse -- "$MFA_BIN/medusa-mfa" enroll --user "$user" \
	    --provider otp --address "$user@mail.example" <<-SCRIPT
	? on its way to $user@mail\\.example
	? Code that was sent:
	! 00000000
	? rong
	? Code that was sent:
	% mail_new $user >/tmp/mail-$user; sed -nE '1,/^\$/d; /^[0-9]{8}\$/p' /tmp/mail-$user
	? enabled
	SCRIPT
	)
	is "$way: R12 enroll: the first code confirms" "$?" 0
	is "$way: R12 enroll: ten recovery codes are shown" \
	    "$(grep -cE '([0-9A-Z]{4}-){5}[0-9A-Z]{4}' <<<"$out")" 10
	mail=$(<"/tmp/mail-$user")
	like "$way: R12 the mail says for what it is" "$mail" \
	    '^Service: medusa-mfa$'
	like "$way: R12 the mail says where" "$mail" '^Host: +sandbox$'
	unlike "$way: R12 there is no link in it" "$mail" '://|www\.'
}

# sending USER: password, "send", the code of the mail.
sending() {
	answers 'assword.*: ' "$first_factor" "$code_prompt" send
	printf '%s\n' "? $on_its_way" "? $code_prompt" \
	    "% mail_code $1 | tee /tmp/code-$1"
}

ki() {
	ssh_login keyboard-interactive "$1"
}

# ki_from ADDRESS USER: from another address.
ki_from() {
	ssh_command keyboard-interactive "$2"
	converse -- ssh -b "$1" "${ssh_line[@]:1}"
}

by_sshd() {
	local user=$way-sshd other=$way-other out right
	people mail_code @mail.example "$user" "$other"
	pam_full sshd retry=2
	pam_full sudo retry=1
	out=$(sending "$user" | ki "$user")
	let_in "$way: R12 sshd: send, and the code of the mail" "$user" "$out"
	pam_full sshd retry=1
	kept_out "$way: R12 sshd: asking alone is refused" \
	    "$(two send | ki "$user")"
	right=$(mail_code "$user")
	mark_log
	job sudo sudo_login "$user" < <(two "$right")
	job other ki "$other" < <(two "$right")
	job remote ki_from 127.0.0.2 "$user" < <(two "$right")
	jobs_wait
	kept_out "$way: R12 a code of sshd does not open sudo" "$(job_out sudo)"
	kept_out "$way: R12 nor another user" "$(job_out other)"
	kept_out "$way: R12 nor another remote host" "$(job_out remote)"
	is "$way: R26 the log says that no code was sent there" \
	    "$(log_lines | grep -c 'reason=no-code')" 3
	is "$way: R12 none of them was compared" \
	    "$(status_of "$user" wrong_today),$(status_of "$other" wrong_today)" \
	    0,0
	let_in "$way: R12 sshd: it is good in the next connection" "$user" \
	    "$(two "$right" | ki "$user")"
	let_in "$way: R12 sshd: a code of the app, at the same prompt" \
	    "$user" "$(two "$(code "$user")" | ki "$user")"
	job again ki "$user" < <(two "$right")
	job first ki "$user" < <(two "$(<"/tmp/code-$user")")
	let_in "$way: R12 sshd: a recovery code" "$user" \
	    "$(two "$(recovery_code "$user" 1)" | ki "$user")"
	jobs_wait
	kept_out "$way: R12 sshd: the same code again is refused" \
	    "$(job_out again)"
	kept_out "$way: R12 sshd: and so is the first one" "$(job_out first)"
}

by_others() {
	local user=$way-local out
	people mail_code @mail.example "$user"
	pam_full sudo retry=2
	pam_full su retry=2
	out=$({
		printf '%s\n' "$first_factor" send
		mail_code "$user"
	} | as "$user" sudo -S "$sudo_marker" 2>&1)
	let_in "$way: R12 sudo -S: send, and the code" "$user" "$out"
	like "$way: R12 sudo -S: the prompt" "$out" "$code_prompt"
	out=$(sending "$user" | su_login caller "$user")
	let_in "$way: R12 su: send, and the code" "$user" "$out"
	out=$({
		printf '%s\n' "$first_factor" send
		mail_code "$user"
	} | pamtester -I rhost=192.0.2.7 -I tty=tty7 su "$user" \
	    authenticate 2>&1)
	like "$way: R12 pamtester: send, and the code" "$out" \
	    'successfully authenticated'
	is "$way: R12 nobody has more mail than he asked for" \
	    "$(mail_count "$user")" 0
}

# sudo is not among the services: nothing is sent, nothing is offered.
only_sshd() {
	local user=$way-local out
	conf_otp "$libexec/deliver-mail" '' 'services = sshd'
	pam_bare sudo retry=1
	out=$("$host_build/tests/host/pamtry" sudo "$user" 2>&1 <<<send)
	like "$way: R12 services: others have the plain prompt" "$out" \
	    "^$plain_prompt\$"
	is "$way: R12 services: send is no code there" \
	    "$(pam_result sudo "$user" send x y)" auth_err
	is "$way: R12 services: and sends none" \
	    "$(sleep 0.2; mail_count "$user")" 0
	pam_bare sshd retry=1
	out=$("$host_build/tests/host/pamtry" sshd "$user" 2>&1 <<<send)
	like "$way: R12 services: this one offers it" "$out" "$code_prompt"
	like "$way: R12 services: and sends" "$(mail_code "$user")" \
	    '^[0-9]{8}$'
	[ "$way" = spawned ] || like \
	    "$way: R12 services: who is not root only claims to be it" \
	    "$(as "$user" /usr/local/bin/pamtry sshd "$user" 2>&1 <<<send)" \
	    "^$plain_prompt\$"
	conf_otp "$libexec/deliver-mail"
}

mail_trouble() {
	local user=$way-down
	people mail_code @mail.example "$user"
	mark_log
	mail_conf '[mail]\nserver = smtp://localhost:2600\ntimeout = 3'
	is "$way: R12 mail server down: the login goes on" \
	    "$(pam_result once "$user" send "$(code "$user")")" success
	runs "$way: R26 mail server down: the log says so" log_wait \
	    "event=otp.undelivered user=$user .*factor=otp .*connect"
	mail_conf '[mail]\nserver = smtp://localhost:2525'
}

mails() {
	conf_otp "$libexec/deliver-mail"
	mail_conf '[mail]\nserver = smtp://localhost:2525'
	pam_bare once retry=3
	way_start "$way"
	enrol_by_mail
	by_sshd
	if [ "$way" != activated ]; then
		by_others
		only_sshd
		mail_trouble
	fi
	way_stop
}

# ---- limits of one code ----

# Three comparisons.
worn_out() {
	local user=$way-worn right
	people posted '' "$user"
	ask_for once "$user"
	right=$(posted "$user")
	is "$way: R12 two wrong, then right" "$(pam_result once "$user" \
	    "$(other_than "$right" 1)" "$(other_than "$right" 2)" "$right")" \
	    success
	ask_for once "$user"
	right=$(posted "$user")
	is "$way: R12 three wrong" "$(pam_result once "$user" \
	    "$(other_than "$right" 1)" "$(other_than "$right" 2)" \
	    "$(other_than "$right" 3)")" auth_err
	is "$way: R12 void the code" "$(pam_result once "$user" "$right")" \
	    auth_err
	is "$way: R7 each comparison was counted" \
	    "$(status_of "$user" wrong_today)" 5
}

# other_than CODE N
other_than() {
	printf '%08d' $(((10#$1 + $2) % 100000000))
}

resend() {
	local user=$way-again right
	people posted '' "$user"
	ask_for once "$user"
	right=$(posted "$user")
	mark_log
	ask_for once "$user"
	is "$way: R12 another one within 30 s: none goes out" \
	    "$(posts "$user")" 0
	runs "$way: R26 and the log says why" log_wait \
	    "event=otp.undelivered user=$user .*err=too_soon"
	is "$way: R12 the first one is still good" \
	    "$(pam_result once "$user" "$right")" success
}

# The default of ten in a day, the one that confirmed among them.
sends_of_a_day() {
	local user=$way-often n good=0
	people posted '' "$user"
	for n in 2 3 4 5 6 7 8 9 10; do
		[ "$(sent_result once "$user")" = success ] && good=$n
	done
	is "$way: R12 ten codes in a day" "$good" 10
	mark_log
	is "$way: R12 the next login goes on" \
	    "$(pam_result once "$user" send "$(code "$user")")" success
	is "$way: R12 but no eleventh goes out" "$(posts "$user")" 0
	runs "$way: R26 the log says why" log_wait \
	    "event=otp.undelivered user=$user .*err=locked"
}

# as_self SERVICE USER [ANSWER]...: pam_result in a program of the user's own.
as_self() {
	local service=$1 user=$2
	shift 2
	printf '%s\n' "$@" |
	    as "$user" /usr/local/bin/pamtry "$service" "$user" 2>/dev/null
}

# Who claims to be that service without being root is another caller.
peer_class() {
	local user=$way-peer right
	people posted '' "$user"
	ask_for once "$user"
	right=$(posted "$user")
	is "$way: R12 a code for root's programs is not for others" \
	    "$(as_self once "$user" "$right")" auth_err
	mark_log
	as_self once "$user" send >/dev/null
	is "$way: R12 nor do others have it replaced" "$(posts "$user")" 0
	runs "$way: R26 the log says why" log_wait \
	    "event=otp.undelivered user=$user .*err=too_soon"
	is "$way: R12 it is still good for root's" \
	    "$(pam_result once "$user" "$right")" success
	as_self once "$user" send >/dev/null
	right=$(posted "$user")
	is "$way: R12 a code for others is not for root's" \
	    "$(pam_result once "$user" "$right")" auth_err
	is "$way: R12 and keeps nobody of root's waiting" \
	    "$(sent_result once "$user")" success
}

# ---- what all see ----

# seen SERVICE USER ANSWER...: prompts, texts and result, without names.
seen() {
	local service=$1 user=$2
	shift 2
	printf '%s\n' "$@" |
	    "$host_build/tests/host/pamtry" "$service" "$user" 2>&1
}

# Nobody can tell by it who has what.
same_for_all() {
	local user name=$way-alice plain=$way-bob none=$way-carol wanted round
	local rounds=('send|12345678|send' '12345678|SEND|123456'
	    ' send otp|send nowhere|87654321' 'send|hello|send' 'send||send'
	    'send|send|send|send|send' '12345678|12345678|12345678|1')
	people posted '' "$name" "$way-locked"
	new_users "$plain"
	add_users "$none"
	conf_otp "$program" 'require = all'
	for round in 1 2 3 4 5 6; do
		pam_result often "$way-locked" "$(wrong_code "$way-locked" \
		    "$round")" >/dev/null
	done
	for round in "${rounds[@]}"; do
		IFS='|' read -ra typed <<<"$round"
		wanted=$(seen often "$name" "${typed[@]}")
		for user in "$plain" "$none" "$way-locked" nobody-here; do
			is "$way: R5 $user sees what $name does: $round" \
			    "$(seen often "$user" "${typed[@]}")" "$wanted"
		done
	done
	like "$way: R12 the prompt" "$wanted" "^$code_prompt\$"
	is "$way: R12 who has no address is sent nothing" \
	    "$(posts "$plain"),$(posts "$none")" 0,0
	for user in "$name" "$plain" "$none"; do
		job "seen-$user" ki "$user" < <(answers \
		    'assword.*: ' "$first_factor" "$code_prompt" send \
		    "$code_prompt" 00000001)
	done
	jobs_wait
	wanted=$(job_out "seen-$name" | sed "s/$name/USER/g")
	like "$way: R12 sshd: the note" "$wanted" "$on_its_way"
	for user in "$plain" "$none"; do
		is "$way: R5 sshd: $user sees what $name does" \
		    "$(job_out "seen-$user" | sed "s/$user/USER/g")" "$wanted"
	done
	conf_otp "$program"
}

# sshd answers for users that it does not know, and never asks them twice: so
# the password comes first, and who does not know it is asked for no code.
unknown_to_sshd() {
	local name=$way-alice user
	pam_service sshd <<-EOF_SERVICE
	auth requisite pam_unix.so nodelay
	auth required $MFA_MODULE
	account required pam_unix.so
	EOF_SERVICE
	for user in "$name" nobody-here; do
		job "seen-$user" ki "$user" < <(answers 'assword.*: ' wrong)
	done
	jobs_wait
	is "$way: R5 sshd: an unknown user sees what a wrong password does" \
	    "$(job_out seen-nobody-here | sed 's/nobody-here/USER/g')" \
	    "$(job_out "seen-$name" | sed "s/$name/USER/g")"
	pam_full sshd retry=2
}

# ---- programs that fail ----

# runners_left NAME: but for the listener's runner, none of its processes.
runners_left() {
	local try most=0
	[ -z "$listener_pid" ] || most=1
	for try in $(seq 60); do
		if [ "$(pgrep -u "$runner_account" -c)" -le "$most" ]; then
			ok "$1"
			return
		fi
		sleep 0.05
	done
	not_ok "$1" "after $try looks: $(pgrep -u "$runner_account" -a)"
}

# fails_to_send NAME USER REGEX [SECONDS]: the login goes on meanwhile.
fails_to_send() {
	local start=${EPOCHREALTIME/./} user=$2 took
	mark_log
	is "$way: R23 $1: the login goes on" \
	    "$(pam_result trouble "$user" send "$(code "$user")")" success
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	runs "$way: R28 $1: nobody waited for it ($took ms)" \
	    [ "$took" -lt 1500 ]
	runs "$way: R26 $1: the log says why" log_wait \
	    "authpriv.err .*event=otp.undelivered user=$user .*service=trouble .*factor=otp .*err=undelivered .*$3" "${4-}"
}

troubles() {
	local word user
	for word in exit flood noise suicide parricide escape linger hang gone open \
	    plain link deaf; do
		user+=" $way-$word"
	done
	# shellcheck disable=SC2086
	people posted '' $user
	hangs
	fails_to_send "exit 1" "$way-exit" \
	    'exit\\x201:\\x20the\\x20code\\x20\*+\\x20stays'
	fails_to_send "flood of output" "$way-flood" \
	    'more\\x20than\\x204096\\x20bytes'
	fails_to_send "flood of errors" "$way-noise" 'exit\\x204:\\x20x{100,160}( |$)'
	fails_to_send "suicide" "$way-suicide" 'died\\x20of\\x20signal\\x209'
	fails_to_send "a child with a session of its own" "$way-escape" \
	    'exit\\x205'
	is "$way: R23 it kills who runs it: the login goes on" \
	    "$(pam_result trouble "$way-parricide" send \
		"$(code "$way-parricide")")" success
	# without a name in it, so once a minute for both ways
	log_from=0
	runs "$way: R26 it kills who runs it: the log says so" log_wait \
	    'authpriv.err .*event=error err=program .*a\\x20job\\x20was\\x20lost'
	is "$way: R23 a child of one that ended well: the login" \
	    "$(pam_result trouble "$way-linger" send \
		"$(code "$way-linger")")" success
	posted "$way-linger" >/dev/null
	unsafe_programs
	sleep 0.1
	is "$way: R23 of the others nothing is left" \
	    "$(pgrep -u "$runner_account" -a sleep)" \
	    "$(pgrep -u "$runner_account" -af 'sleep 100')"
}

unsafe_programs() {
	mv "$program" "$program.aside"
	fails_to_send "no program" "$way-gone" 'not\\x20run:'
	ln -s "$program.aside" "$program"
	fails_to_send "a symbolic link" "$way-link" 'not\\x20run:'
	rm "$program"
	mv "$program.aside" "$program"
	chmod 0777 "$program"
	fails_to_send "writable by others" "$way-open" 'not\\x20run:.*unsafe|not\\x20run:.*safe'
	chmod 0644 "$program"
	fails_to_send "not executable" "$way-plain" 'not\\x20run:'
	chmod 0755 "$program"
	mv "$program" "$program.aside"
	install_program <<<$'#!/bin/sh\nexit 6'
	fails_to_send "reads nothing" "$way-deaf" 'exit\\x206'
	mv "$program.aside" "$program"
}

# It hangs while the tests go on; hung looks at what came of it.
hangs() {
	local user=$way-hang start=${EPOCHREALTIME/./} took sent
	mark_log
	is "$way: R28 hangs: the login goes on" \
	    "$(pam_result trouble "$user" send "$(code "$user")")" success
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	runs "$way: R28 hangs: nobody waited for it ($took ms)" \
	    [ "$took" -lt 1500 ]
	sent=$(posted "$user")
	like "$way: R12 hangs: it has a code" "$sent" '^[0-9]{8}$'
	like "$way: R23 hangs: it is there" \
	    "$(pgrep -u "$runner_account" -af 'sleep 100')" sleep
	unlike "$way: R14 the code is in nobody's arguments or environment" \
	    "$(cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null |
		tr '\0' '\n')" "$sent"
	{
		while ! grep -q "user=$user .*killed.x20after.x2010" \
		    "$test_log" && [ "$took" -lt 20000 ]; do
			sleep 0.1
			took=$(((${EPOCHREALTIME/./} - start) / 1000))
		done
		echo "$took" >"/tmp/hung-$way"
	} &
	hung_pids+=($!)
}

orphan=
hung_pids=()
hung() {
	wait "${hung_pids[@]}"
	log_from=0
	for way; do
		like "$way: R28 hangs: killed, and logged, after 10 to 12 s" \
		    "$(<"/tmp/hung-$way")" '^1[01][0-9]{3}$'
	done
	[ -z "$orphan" ] || runs \
	    "R23 a program that hangs is killed without the runner, too" \
	    log_wait "user=$orphan .*killed.x20after.x2010"
	runners_left "R23 no process of any program is left"
}

# ---- whom programs run as ----

probe_program() {
	install_program <<-'PROBE'
	#!/usr/bin/python3 -I
	import json, os, re, sys

	def works(call, *arguments):
	    try:
	        call(*arguments)
	        return True
	    except OSError:
	        return False

	def text_of(path):
	    with open(path, "rb") as f:
	        return f.read(1 << 16).decode("latin-1")

	# processes come and go meanwhile
	def owner(pid):
	    try:
	        return os.stat("/proc/%d/task" % pid).st_uid
	    except OSError:
	        return os.getuid()

	def name(pid):
	    try:
	        return text_of("/proc/%d/comm" % pid).strip()
	    except OSError:
	        return "gone"

	letter = sys.stdin.read()
	to = re.search("^to: (.*)$", letter, re.M).group(1)
	paths = json.loads(text_of("/var/post/paths"))
	status = dict(line.split(":\t", 1) for line in
	    text_of("/proc/self/status").split("\n") if ":\t" in line)
	others = [p for p in map(int, filter(str.isdigit, os.listdir("/proc")))
	    if owner(p) != os.getuid()]
	watched = ["/proc/%d/%s" % (p, what) for p in others + [os.getppid()]
	    for what in ("mem", "environ")]
	found = {
	    "uids": os.getresuid(),
	    "gids": os.getresgid(),
	    "groups": os.getgroups(),
	    "cwd": os.getcwd(),
	    "environ": text_of("/proc/self/environ").split("\0")[:-1],
	    "argv": sys.argv,
	    "fds": [fd for fd in range(1000) if works(os.fstat, fd)],
	    "session": os.getsid(0) == os.getpid() == os.getpgrp(),
	    "no_new_privs": status["NoNewPrivs"],
	    "caps": "".join(status[key].strip() for key in status
	        if key.startswith("Cap") and key != "CapBnd"),
	    "readable": [p for p in paths["files"] if works(text_of, p)],
	    "listable": [p for p in paths["folders"] if works(os.listdir, p)],
	    "signalled": [name(p) for p in others if works(os.kill, p, 0)],
	    "watched": [p for p in watched if works(text_of, p)],
	    "verifiers": [name(p) for p in others].count("medusa-mfad"),
	}
	with open("/var/post/new", "w") as out:
	    json.dump(found, out)
	os.rename("/var/post/new", "/var/post/" + to)
	PROBE
}

# What must not be read, and the folders it is in.
secret_paths() {
	local files folders
	files=$(
		find "$MFA_ETC/keys" "$MFA_STATE" "$mail_box" -type f \
		    ! -name store-id
		echo /etc/shadow
	)
	folders="$MFA_ETC/keys $MFA_STATE/records $mail_box/$1 $mail_box/$1/new"
	jq -n --arg files "$files" --arg folders "$folders" \
	    '{files: ($files | split("\n")), folders: ($folders | split(" "))}' \
	    >"$post/paths"
	chmod 0644 "$post/paths"
}

# said KEY: of what it found out.
said() {
	jq -c ".$1" /tmp/probed
}

probe() {
	local user=$way-probe said uid gid
	people posted '' "$user"
	mkdir -p "$mail_box/$user/new"
	echo secret >"$mail_box/$user/new/1"
	chown -R "$user" "$mail_box/$user"
	chmod -R go= "$mail_box/$user"
	secret_paths "$user"
	probe_program
	# the verifier is there as long as the login is
	{
		echo send
		posted "$user" >/tmp/probed
		recovery_code "$user" 1
	} | "$host_build/tests/host/pamtry" once "$user" >/dev/null 2>&1
	uid=$(id -u "$runner_account")
	gid=$(id -g "$runner_account")
	is "$way: R23 ids, all of them" "$(said uids)$(said gids)" \
	    "[$uid,$uid,$uid][$gid,$gid,$gid]"
	is "$way: R23 no group beside" "$(said groups)" '[]'
	is "$way: R23 the environment" "$(said environ)" \
	    '["PATH=/usr/sbin:/usr/bin:/sbin:/bin","LANG=C","MEDUSA_MFA=deliver"]'
	is "$way: R23 no arguments" "$(said argv)" "[\"$program\"]"
	is "$way: R23 the folder" "$(said cwd)" '"/"'
	is "$way: R23 descriptors" "$(said fds)" '[0,1,2]'
	is "$way: R23 a session of its own" "$(said session)" true
	is "$way: R23 no_new_privs" "$(said no_new_privs)" '"1"'
	like "$way: R23 no capability" "$(said caps)" '^"0+"$'
	like "$way: R23 it looked at files of all kinds" \
	    "$(tr -d '\n' <"$post/paths")" "$MFA_ETC/keys.*$MFA_STATE/records/.*$mail_box.*shadow"
	is "$way: R23 it can read none of them" "$(said readable)" '[]'
	is "$way: R23 nor their folders" "$(said listable)" '[]'
	like "$way: R23 there was a verifier" "$(said verifiers)" '^[1-9]'
	is "$way: R23 it can signal nobody else" "$(said signalled)" '[]'
	is "$way: R23 nor look into them, or into its runner" \
	    "$(said watched)" '[]'
	good_program
}

# own_runner: of the listener.
own_runner() {
	[ -z "$listener_pid" ] ||
	    pgrep -u "$runner_account" -P "$listener_pid"
}

# One runner for a listener, one for each spawned verifier.
lifetime() {
	local user=$way-life runner
	people posted '' "$user" "$way-orphan-hang"
	runner=$(own_runner)
	is "$way: R23 a code goes out" "$(sent_result once "$user")" success
	if [ "$way" = spawned ]; then
		runners_left "$way: R23 and no runner stays"
		return
	fi
	is "$way: R23 the runner is still the same one" \
	    "$(own_runner),$(pgrep -P "$runner" -c)" "$runner,0"
	orphan=$way-orphan-hang
	ask_for trouble "$orphan"
	posted "$orphan" >/dev/null
	mark_log
	kill -9 "$runner"
	without_runner 'runner is gone' "$user"
	is "$way: R12 without a runner the prompts are the same" \
	    "$(seen once "$user" send)" "$(seen once nobody-here send)"
}

# without_runner NAME USER: root's programs start a verifier of their own.
without_runner() {
	is "$way: R23 $1: root's programs send all the same" \
	    "$(sent_result once "$2")" success
	runs "$way: R26 $1: the log says what to do" log_wait \
	    'event=error .*runner.*restart|event=error .*changed.*restart'
	is "$way: R23 $1: others log in by the app" \
	    "$(as_self once "$2" send "$(code "$2")")" success
	is "$way: R23 $1: and are sent nothing" "$(posts "$2")" 0
	runs "$way: R26 $1: which the log says" log_wait \
	    "event=otp.undelivered user=$2 .*err=unavailable"
}

# A listener that was started with another program.
changed_program() {
	local user=$way-changed
	[ "$way" != spawned ] || return
	way_stop
	way_start "$way"
	people posted '' "$user" "$user-2"
	sed "2i : >$post/second" "$program" >"$program-2"
	chmod 0755 "$program-2"
	conf_otp "$program-2"
	mark_log
	without_runner 'program changed' "$user"
	runs "$way: R23 program changed: it was the new one" \
	    test -e "$post/second"
	way_stop
	way_start "$way"
	as_self once "$user-2" send >/dev/null
	like "$way: R23 after a restart others are sent codes, too" \
	    "$(posted "$user-2")" '^[0-9]{8}$'
	conf_otp "$program"
	way_stop
	way_start "$way"
}

# ---- SMS ----

sms() {
	local script=/usr/local/libexec/deliver-sms gateway user=sms
	install -m 0755 "$host_top/docs/examples/deliver-sms" "$script"
	/usr/bin/python3 "$here/webhook.py" 2700 "$sms_file" &
	gateway=$!
	listens 2700
	printf '%s\n' 'url = http://127.0.0.1:2700/200' 'token = t.1' \
	    'sender = Example' >"$MFA_ETC/sms.conf"
	chgrp "$runner_account" "$MFA_ETC/sms.conf"
	chmod 0640 "$MFA_ETC/sms.conf"
	conf_otp "$script"
	add_users "$user"
	runs "SMS: a number is enrolled" enrol_sent sms_code "$user" \
	    +4930123456
	is "SMS: a code by SMS lets in" "$({
		echo send
		sms_code "$user"
	} | "$host_build/tests/host/pamtry" once "$user" 2>/dev/null)" success
	is "SMS: none is left over" "$(sleep 0.2; ls "$sms_file" 2>&1)" \
	    "ls: cannot access '$sms_file': No such file or directory"
	kill "$gateway"
	wait "$gateway" 2>/dev/null
}

sms_file=/tmp/posted
# sms_code: what the gateway got; it is gone then.
sms_code() {
	local try
	for try in $(seq 200); do
		if [ -e "$sms_file" ] && [ "$(wc -l <"$sms_file")" -ge 4 ]; then
			sed 1,3d "$sms_file" | jq -r .text |
			    grep -xE '[0-9]{8}'
			rm -f "$sms_file"
			return
		fi
		sleep 0.02
	done
	echo "no SMS after $try looks"
}

# ---- time ----

# Asked for at the beginning, used at the end.
early() {
	people posted '' late twice
	conf_otp "$program" '' 'ttl = 30'
	ask_for once late
	conf_otp "$program"
	ask_for once twice
	late_code=$(posted late)
	twice_code=$(posted twice)
	early_time=$EPOCHSECONDS
}

late() {
	local left=$((early_time + 31 - EPOCHSECONDS)) right
	[ "$left" -le 0 ] || sleep "$left"
	mark_log
	is "R12 a code is over after its ttl" \
	    "$(pam_result once late "$late_code")" auth_err
	like "R26 which is no wrong code" "$(log_lines)" \
	    'user=late .*reason=no-code'
	ask_for once twice
	right=$(posted twice)
	like "R12 after 30 s another one goes out" "$right" '^[0-9]{8}$'
	is "R12 which ends the first one" \
	    "$(pam_result once twice "$twice_code")" auth_err
	is "R12 and is good" "$(pam_result once twice "$right")" success
}

# ---- all ----

everything() {
	way=$1
	conf_otp "$program"
	pam_bare once retry=3
	pam_bare often retry=10
	pam_bare trouble retry=3
	pam_full sshd retry=2
	way_start "$way"
	worn_out
	resend
	sends_of_a_day
	[ "$way" = spawned ] || peer_class
	same_for_all
	unknown_to_sshd
	probe
	lifetime
	changed_program
	troubles
	way_stop
	verifiers_gone "$way: no verifier is left"
}

mkdir -p "$post"
chown "$runner_account" "$post"
install -D "$host_build/tests/host/pamtry" /usr/local/bin/pamtry
mkdir -p "${program%/*}"
add_users caller
sudo_setup 1
mail_server_start
sshd_start <<'SSHD'
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication yes
SSHD
good_program
conf_otp "$program"
pam_bare once retry=3
early
for way in ${MFA_WAYS:-spawned listening}; do
	everything "$way"
done
for way in ${MFA_WAYS:-spawned listening activated}; do
	mails
done
pam_bare once retry=3
sms
conf_otp "$program"
late
# shellcheck disable=SC2086
hung ${MFA_WAYS:-spawned listening}
unlike "R14 no code is in a log" "$(cat "$test_log" "$listener_log" \
    "$mail_log" /var/log/sshd.log 2>/dev/null)" \
    "$(sort -u "$post/all" /tmp/code-* | paste -sd '|')"
no_zombies "no zombies"
done_testing
