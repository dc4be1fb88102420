#!/bin/bash
# SPDX-License-Identifier: MIT
#
# sudo asks for the code (R6, R24).

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

# sudo calls pam_authenticate again on the same handle.
wrong_then_right() {
	local user=$way-again out
	sudo_setup 3
	new_users "$user"
	out=$({
		two "$(wrong_code "$user")"
		printf '? try again\n'
		two "$(code "$user")"
	} | sudo_login "$user")
	let_in "$way: wrong, then right in one sudo" "$user" "$out"
	is "$way: counted once" "$(status_of "$user" wrong_today)" 1
	sudo_setup 1
}

without_asking() {
	local user=$way-silent out
	new_users "$user"
	out=$(as "$user" sudo -n "$sudo_marker" 2>&1 </dev/null)
	kept_out "$way: sudo -n is refused" "$out"
	is "$way: and not charged" "$(status_of "$user" wrong_today)" 0
	out=$(printf '%s\n' "$first_factor" "$(wrong_code "$user")" |
	    as "$user" sudo -S "$sudo_marker" 2>&1)
	kept_out "$way: sudo -S with a wrong code is refused" "$out"
	is "$way: and counted" "$(status_of "$user" wrong_today)" 1
	out=$(printf '%s\n' "$first_factor" "$(code "$user")" |
	    as "$user" sudo -S "$sudo_marker" 2>/dev/null)
	let_in "$way: sudo -S reads the code from standard input" "$user" "$out"
	verifiers_gone "$way: no verifier is left"
}

# -A: a program of the user's answers, once for each question.
asking_program() {
	local user=$way-askpass out prompts=/tmp/askpass-$way
	new_users "$user"
	out=$(as "$user" env SUDO_ASKPASS=/usr/local/bin/askpass \
	    PROMPTS="$prompts" FIRST="$first_factor" CODE="$(code "$user")" \
	    sudo -A "$sudo_marker" 2>&1 </dev/null)
	let_in "$way: sudo -A: a program answers password and code" "$user" \
	    "$out"
	is "$way: sudo -A: it was asked for both, once" \
	    "$(sed 's/.*\(password\|code\).*/\1/' "$prompts")" \
	    $'password\ncode'
}

# NOPASSWD: sudo calls no auth line, so there is nothing to answer.
nothing_asked() {
	local user=$way-nopasswd out
	new_users "$user"
	echo "$user ALL=(root) NOPASSWD: ALL" >>/etc/sudoers
	mark_log
	out=$(as "$user" timeout 20 sudo "$sudo_marker" 2>&1 </dev/null)
	is "$way: sudo with NOPASSWD runs without a prompt" "$out" "in:$user"
	is "$way: sudo with NOPASSWD asks no verifier" \
	    "$(log_lines | grep -c "event=.*user=$user ")" 0
	sudo_setup 1
}

# without USER REDIRECTIONS: sudo lacking some of its descriptors.
without() {
	as "$1" timeout 20 bash -c "exec sudo -S $sudo_marker $2" \
	    >/dev/null 2>&1
	echo "$?"
}

everything() {
	pam_full sudo retry=1
	usual_cases sudo_login
	[ "$way" != activated ] || return
	wrong_then_right
	without_asking
	asking_program
	nothing_asked
	pam_bare sudo retry=1
	# it ends if it cannot write the prompt
	closed_descriptors sudo '0 2' without
	no_zombies "$way: no zombies"
}

cat >/usr/local/bin/askpass <<'ASKPASS'
#!/bin/sh
echo "$1" >>"$PROMPTS"
case $1 in
*password*) echo "$FIRST" ;;
*code*) echo "$CODE" ;;
esac
ASKPASS
chmod 0755 /usr/local/bin/askpass
sudo_setup 1
MFA_WAYS=${MFA_WAYS:-spawned listening activated}
each_way everything
done_testing
