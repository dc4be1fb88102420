#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A process that crashes during a login leaves no core (R14): the verifier,
# spawned or a listener's child, the runner and its worker, a program that it
# runs, and su.  The limit for cores is as high as this machine lets it be, every
# folder that a core could go to may be written to by all, and a process of the
# test's own, of the same account in the same folder, does leave one.  / is that
# of the sandbox.
# shellcheck disable=SC2154,SC2004,SC2034,SC2016

# shellcheck source=../../lib/host.sh
. "$(dirname "$0")/../../lib/host.sh"
# shellcheck source=../../lib/logins.sh
. "$host_lib/logins.sh"
# shellcheck source=../../lib/waiting.sh
. "$host_lib/waiting.sh"
# shellcheck source=../../lib/leaks.sh
. "$host_lib/leaks.sh"

command -v strace >/dev/null || skip_all "no strace"
[ "$(ulimit -Hc)" != 0 ] || skip_all "the hard limit for cores is 0"
pattern=$(</proc/sys/kernel/core_pattern)
case $pattern in
'|'*) skip_all "cores go to a program (core_pattern: $pattern)" ;;
'') skip_all "cores have no name (core_pattern is empty)" ;;
esac
ulimit -S -c "$(ulimit -Hc)"

caller=caller
here=/var/crash.test               # where su is started
post=/var/post
held=/run/mfa-test/held            # the program does not end while this is there
deliver=/usr/local/libexec/deliver
sent_prompt='Verification code \(or "send"\): '

# new_cores: those of now, which are gone then.
new_cores() {
	local files file
	mapfile -t files < <(find / "$here" "$core_folder" /tmp -maxdepth 1 \
	    -type f -cnewer "$started" -size +4k | sort -u)
	for file in $(core_files "${files[@]}"); do
		echo "$file"
		rm "$file"
	done
}

# control ACCOUNT FOLDER
control() {
	chmod 1777 /
	setpriv --reuid="$1" --regid="$1" --clear-groups -- \
	    bash -c 'cd "$1" && kill -SEGV $$' - "$2" >/dev/null 2>&1 &
	wait $! 2>/dev/null
	chmod 0755 /
	if [ -n "$(new_cores)" ]; then
		ok "a process of $1 in $2 leaves a core"
	else
		skip "a process of $1 in $2 leaves a core" \
		    "it does not on this machine (core_pattern: $pattern)"
	fi
}

# armed PID WHAT [CALL]: strace says how it ends, and stops it in that call.
cat >/usr/local/bin/armed <<'ARMED'
#!/bin/bash
how=(-e trace=none)
[ -z "${3-}" ] || how=(-e "trace=$3" -e "inject=$3:signal=STOP:when=1")
strace -qq "${how[@]}" -o "/tmp/died.$2" -p "$1" >/dev/null 2>&1 &
for try in {1..500}; do
	! grep -q '^TracerPid:.*[1-9]' "/proc/$1/status" || break
	sleep 0.01
done
ARMED

# crash PID WHAT SIGNAL: at once, or as soon as it is where it was armed.  Only
# then may all write to its folder, /, for paths are checked from there on.
cat >/usr/local/bin/crash <<'CRASH'
#!/bin/bash
state='[tT]'
[ -e "/tmp/died.$2" ] || { state=; armed "$1" "$2"; }
for try in {1..500}; do
	! grep -qE "^State:.$state" "/proc/$1/status" || break
	sleep 0.01
done
chmod 1777 /
kill -s "$3" "$1"
kill -CONT "$1"
for try in {1..500}; do
	! grep -qs '^+++' "/tmp/died.$2" || break
	sleep 0.01
done
chmod 0755 /
CRASH
chmod 0755 /usr/local/bin/armed /usr/local/bin/crash

# died WHAT SIGNAL: it did, and left no core.
died() {
	is "$way: $1 dies of SIG$2, without a core" \
	    "$(tail -n 1 "/tmp/died.$1")" \
	    "+++ killed by SIG$2 +++"
	is "$way: $1: and none is anywhere" "$(new_cores)" ""
	rm -f "/tmp/died.$1"
}

# as_host NAME SERVICE USER
as_host() {
	: >"/tmp/$1.err"
	: >"/tmp/$1.out"
	waiting "$1" "$programs/memtry" "$2" "$3"
}

# ended NAME: PAM's result; the host ends.
ended() {
	local try
	for try in $(seq 500); do
		[ ! -s "/tmp/$1.out" ] || break
		sleep 0.02
	done
	head -n 1 "/tmp/$1.out"
	say "$1" ""
	say "$1" ""
}

# While it has record and keys open: as the debit is written.
verifier() {
	local user=$way-verifier right result pid
	new_users "$user"
	right=$(recovery_code "$user" 1)
	known "$user"
	as_host at-work bare "$user"
	prompted /tmp/at-work.err 1
	pid=$(pgrep -n -x medusa-mfad)
	armed "$pid" verifier-at-work fdatasync
	say at-work "$right"
	crash "$pid" verifier-at-work SEGV
	result=$(ended at-work)
	wait "${waiters[at-work]}"
	unlike "$way: the login is refused" "$result" '^(0|25)?$'
	died verifier-at-work SEGV
	as_host at-prompt bare "$user"
	prompted /tmp/at-prompt.err 1
	crash "$(pgrep -n -x medusa-mfad)" verifier-at-prompt ABRT
	say at-prompt "$right"
	result=$(ended at-prompt)
	wait "${waiters[at-prompt]}"
	unlike "$way: the login is refused" "$result" '^(0|25)?$'
	died verifier-at-prompt ABRT
}

# While each has a code.  The program dies first: it does not outlive a worker.
runner() {
	local user=$way-runner runner worker
	conf "[mfa]\nproviders = totp recovery_code otp\n[otp]\nprogram = $deliver"
	way_stop
	way_start "$way"
	add_users "$user" "$user-2"
	: >"$held"
	mfa enroll --user "$user-2" --provider otp --address "$user@there" \
	    >/dev/null 2>&1 &
	typed "$user" "$(posted)"
	crash "$(pgrep -o -x deliver)" program SEGV
	wait $!
	is "$way: a program that crashes has delivered nothing" $? 1
	died program SEGV
	rm "$held"
	mfa enroll --user "$user" --provider otp --address "$user@there" \
	    --json >/dev/null
	mfa confirm otp --user "$user" --json < <(posted) >/dev/null
	: >"$held"
	as_host sending twice "$user"
	prompted_by /tmp/sending.err "$sent_prompt"
	runner=$(pgrep -o -x medusa-mfa-runn)
	say sending send
	typed "$user" "$(posted)"
	worker=$(pgrep -n -x medusa-mfa-runn)
	like "$way: the worker is not the runner" "$runner $worker" \
	    '^([0-9]+) ([0-9]+)$'
	unlike "$way: but another" "$runner $worker" '^([0-9]+) \1$'
	crash "$worker" worker SEGV
	died worker SEGV
	crash "$runner" runner ABRT
	died runner ABRT
	rm "$held"
	say sending none
	ended sending >/dev/null
	wait "${waiters[sending]}"
	conf
}

# su of an ordinary user, at its prompt and as the code is sent.
su_of() {
	local user=$way-su right out
	new_users "$user"
	right=$(recovery_code "$user" 1)
	known "$user"
	out=$(cd "$here" && {
		printf '%s\n' "? $code_prompt" "\$ crash \$PID su-at-prompt SEGV"
	} | su_login "$caller" "$user")
	kept_out "$way: nobody is let in" "$out"
	died su-at-prompt SEGV
	out=$(cd "$here" && {
		printf '%s\n' "? $code_prompt" \
		    "\$ armed \$PID su-at-work sendto" "! $right" \
		    "\$ crash \$PID su-at-work ABRT"
	} | su_login "$caller" "$user")
	kept_out "$way: nobody is let in" "$out"
	died su-at-work ABRT
}

# What the kernel does for a set-id program: SUID_DUMP_USER is for debugging it.
su_too() {
	if [ "$(</proc/sys/fs/suid_dumpable)" = 1 ]; then
		skip "$way: su leaves no core" \
		    "fs.suid_dumpable is 1: set-id programs leave cores here"
	else
		su_of
	fi
}

everything() {
	verifier
	su_too
	runner
	verifiers_gone "$way: no verifier is left"
}

core_folder=$here
[ "${pattern#/}" = "$pattern" ] || core_folder=${pattern%/*}
mkdir -p "$here" "$core_folder" "$post" "${deliver%/*}"
chmod 1777 "$here" "$core_folder"
chown medusa-mfa-runner "$post"
cat >"$deliver" <<PROGRAM
#!/bin/bash
code=\$(sed -n 's/^code: //p')
echo "\$code" >"$post/\$\$"
while [ -e $held ]; do sleep 0.02; done
PROGRAM
chmod 0755 "$deliver"
pam_bare bare retry=1
pam_bare twice retry=2
pam_bare su retry=1
add_users "$caller"
control medusa-mfa /
control medusa-mfa-runner /
control "$caller" "$here"
each_way everything
no_file_has_them ""
done_testing
