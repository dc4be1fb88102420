#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Whole layouts of distributions: RHEL's, as authselect writes it, with the
# stacks of conf/pam.d/rhel; Debian's common-auth, as pam-auth-update writes it
# with conf/pam-configs.  What is said in their comments is shown, too.  Modules
# that Debian does not have (pam_sss) fail as they do for a local user.
# shellcheck disable=SC2154

# shellcheck source=../lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=../lib/logins.sh
. "$host_lib/logins.sh"

way=spawned
stacks=$host_top/conf/pam.d/rhel

# placed FILE: as shipped; only the module's folder may be another.
placed() {
	sed "s|pam_medusa_mfa\\.so|$MFA_MODULE|" "$1"
}

# sshd_lines FILE: what its comment says to put into sshd_config.
sshd_lines() {
	sed -n 's/^#   \([A-Z][A-Za-z]* \)/\1/p' "$stacks/$1"
}

# ---- RHEL ----

# What "authselect select sssd" writes on RHEL 9.
authselect() {
	local name
	for name in system-auth password-auth; do
		pam_service "$name" <<-'AUTH'
		auth        required                                     pam_env.so
		auth        required                                     pam_faildelay.so delay=2000000
		auth        [default=1 ignore=ignore success=ok]         pam_usertype.so isregular
		auth        [default=1 ignore=ignore success=ok]         pam_localuser.so
		auth        sufficient                                   pam_unix.so nullok
		auth        [default=1 ignore=ignore success=ok]         pam_usertype.so isregular
		auth        sufficient                                   pam_sss.so forward_pass
		auth        required                                     pam_deny.so
		account     required                                     pam_unix.so
		account     sufficient                                   pam_localuser.so
		account     sufficient                                   pam_usertype.so issystem
		account     [default=bad success=ok user_unknown=ignore] pam_sss.so
		account     required                                     pam_permit.so
		password    requisite                                    pam_pwquality.so local_users_only
		password    sufficient                                   pam_unix.so sha512 shadow nullok use_authtok
		password    required                                     pam_deny.so
		session     optional                                     pam_keyinit.so revoke
		session     required                                     pam_limits.so
		-session    optional                                     pam_systemd.so
		session     [success=1 default=ignore]                   pam_succeed_if.so service in crond quiet use_uid
		session     required                                     pam_unix.so
		session     optional                                     pam_sss.so
		AUTH
	done
	pam_service postlogin <<-'POST'
	session     optional                   pam_umask.so silent
	session     [success=1 default=ignore] pam_succeed_if.so service !~ gdm* service !~ su* quiet
	session     [default=1]                pam_lastlog.so nowtmp showfailed
	session     optional                   pam_lastlog.so silent noupdate showfailed
	POST
	placed "$stacks/medusa-mfa-auth" | pam_service medusa-mfa-auth
}

# medusa-mfa-auth is what its comment says it is.
as_it_says() {
	is "its first factor is system-auth's" \
	    "$(grep '^auth' "$stacks/medusa-mfa-auth" | head -n 8 |
	        sed 's/\[success=[31] new_authtok_reqd=[31] default=ignore\]/sufficient/
	            s/requisite /required  /; s/  */ /g')" \
	    "$(grep '^auth' /etc/pam.d/system-auth | sed 's/  */ /g')"
	# each jumps to pam_permit.so
	is "and its jumps lead to pam_permit" \
	    "$(awk '$1 == "auth" { n++
	        if (match($0, /success=[0-9]+/)) to = n + 1 + \
	            substr($0, RSTART + 8, RLENGTH - 8)
	        else to = 0
	        if (to) want[n] = to
	        if (/pam_permit/) permit = n }
	        END { for (n in want) printf "%s", want[n] == permit }' \
	        "$stacks/medusa-mfa-auth")" 11
}

# password_and_code NAME ENTER...: ENTER USER.  USER-b does nothing but give a
# wrong password.
password_and_code() {
	local name=rhel-$1 user=r-$1
	shift
	new_users "$user" "$user-b"
	add_users "$user-c"
	mark_log
	job right "$@" "$user" < <(two "$(code "$user")")
	job wrong "$@" "$user" < <(answers 'assword.*: ' "$first_factor"
	    mapfile -t codes < <(wrong_codes "$user" 3)
	    for code in "${codes[@]}"; do answers "$code_prompt" "$code"; done)
	job password "$@" "$user-b" < <(answers 'assword.*: ' wrong)
	job plain "$@" "$user-c" < <(answers 'assword.*: ' "$first_factor")
	jobs_wait
	let_in "$name: password and code let in" "$user" "$(job_out right)"
	kept_out "$name: a wrong code is refused" "$(job_out wrong)"
	let_in "$name: who is not enrolled needs the password only" \
	    "$user-c" "$(job_out plain)"
	kept_out "$name: a wrong password is refused" "$(job_out password)"
	unlike "$name: and no code is asked for" "$(job_out password)" \
	    "$code_prompt"
	is "$name: and none is counted" "$(status_of "$user-b" wrong_today)" 0
	unlike "$name: nor does the verifier hear of it" "$(log_lines)" \
	    "event=.*user=$user-b"
}

as_caller() {
	su_login caller "$1"
}

by_keyboard() {
	ssh_login publickey,keyboard-interactive,password "$1"
}

rhel_hosts() {
	local name
	for name in su sudo login; do
		placed "$stacks/$name" | pam_service "$name"
	done
	sudo_setup 1
	password_and_code su as_caller
	password_and_code sudo sudo_login
	password_and_code login login_login
	placed "$stacks/sshd-keyboard-interactive" | pam_service sshd
	sshd_start < <(sshd_lines sshd-keyboard-interactive)
	password_and_code sshd by_keyboard
	sshd_stop
}

rhel_keys() {
	new_users key
	placed "$stacks/sshd-publickey" | pam_service sshd
	sshd_start < <(sshd_lines sshd-publickey)
	let_in "rhel-sshd-publickey: key and code let in" key \
	    "$(answers "$code_prompt" "$(code key)" | by_keyboard key)"
	kept_out "rhel-sshd-publickey: the key alone is refused" \
	    "$(ssh_login publickey key </dev/null)"
	sshd_stop
	# As if nobody had touched sshd_config.
	sshd_start <<<'UsePAM yes'
	kept_out "rhel: enforce refuses a key alone (R24)" \
	    "$(ssh_login publickey key </dev/null)"
	let_in "rhel: but not that of who is not enrolled" r-su-c \
	    "$(ssh_login publickey r-su-c </dev/null)"
	sshd_stop
}

# Why not simply a line in the service's own file.
rhel_traps() {
	local first=$first_factor
	new_users trap
	pam_service after-substack <<-END
	auth substack password-auth
	auth required $MFA_MODULE retry=1
	account required pam_permit.so
	END
	pam_service after-include <<-END
	auth include system-auth
	auth required $MFA_MODULE retry=1
	account required pam_permit.so
	END
	pam_service held <<-END
	auth substack medusa-mfa-auth
	account required pam_permit.so
	END
	is "a line after substack refuses a wrong password, of course" \
	    "$(pam_result after-substack trap wrong "$(wrong_code trap)")" \
	    auth_err
	is "but it has counted a wrong code of somebody without it" \
	    "$(status_of trap wrong_today)" 1
	is "a line after include is never reached" \
	    "$(pam_result after-include trap "$first")" success
	is "with medusa-mfa-auth the password alone does not do" \
	    "$(pam_result held trap "$first" "$(wrong_code trap 1)" \
	        "$(wrong_code trap 2)" "$(wrong_code trap 3)")" auth_err
	is "nor a wrong one with the right code" \
	    "$(pam_result held trap wrong "$(code trap)")" auth_err
	is "both do" "$(pam_result held trap "$first" "$(code trap)")" success
	conf '[mfa]\nrequire = all'
	is "not enrolled, where all have to be: refused" \
	    "$(pam_result held r-su-c "$first" 123456)" auth_err
	sed -i "\\,$MFA_MODULE,s/\$/ nullok/" /etc/pam.d/medusa-mfa-auth
	is "unless the line says nullok" \
	    "$(pam_result held r-su-c "$first")" success
	conf
}

# ---- Debian's pam-auth-update ----

# tester USER <SCRIPT: "in:USER" if common-auth lets in.
tester() {
	converse -- sh -c "pamtester common \"\$1\" authenticate acct_mgmt &&
	    echo in:\"\$1\"" sh "$1"
}

update() {
	DEBIAN_FRONTEND=noninteractive pam-auth-update --package "$@"
}

# The order of the modules in common-auth.
modules() {
	sed -n 's/^auth.*[[:space:]]\([a-z_]*\)\.so.*/\1/p' /etc/pam.d/common-auth
}

profile() {
	local before
	pam_service common <<-'END'
	@include common-auth
	@include common-account
	END
	before=$(</etc/pam.d/common-auth)
	install -m 0644 "$host_top/conf/pam-configs/medusa-mfa" \
	    /usr/share/pam-configs/medusa-mfa
	runs "pam-auth-update with the profile there" update
	is "it is off until somebody wants it" "$(</etc/pam.d/common-auth)" \
	    "$before"
	runs "switched on" update --enable medusa-mfa
	is "after the password's block, required" \
	    "$(modules | tr '\n' ' ')" \
	    "pam_unix pam_deny pam_permit pam_medusa_mfa pam_cap "
	like "with no argument" "$(</etc/pam.d/common-auth)" \
	    $'^auth\trequired\tpam_medusa_mfa\\.so *$'
	unlike "nowhere else" "$(cat /etc/pam.d/common-[^a]* \
	    /etc/pam.d/common-account)" medusa
	sed -i "s|pam_medusa_mfa\\.so|$MFA_MODULE|" /etc/pam.d/common-auth
	new_users deb deb-b
	job right tester deb < <(two "$(code deb)")
	job wrong tester deb < <(answers 'assword.*: ' "$first_factor" \
	    "$code_prompt" 111 "$code_prompt" 222 "$code_prompt" 333)
	job password tester deb-b < <(answers 'assword.*: ' wrong)
	job plain tester r-su-c < <(answers 'assword.*: ' "$first_factor")
	jobs_wait
	let_in "common-auth: password and code" deb "$(job_out right)"
	kept_out "common-auth: no code" "$(job_out wrong)"
	kept_out "common-auth: a wrong password" "$(job_out password)"
	unlike "does not reach us" "$(job_out password)" "$code_prompt"
	is "nor is it counted" "$(status_of deb-b wrong_today)" 0
	let_in "common-auth: not enrolled" r-su-c "$(job_out plain)"
	sed -i "s|$MFA_MODULE|pam_medusa_mfa.so|" /etc/pam.d/common-auth
	runs "switched off, before the package goes" update --remove medusa-mfa
	is "all is as before" "$(</etc/pam.d/common-auth)" "$before"
}

debian=$(mktemp -d)
cp -a /etc/pam.d/. "$debian"
# accounts of their own, so that no limit or mail of the real system matters
: >/etc/security/limits.conf
add_users caller
authselect
as_it_says
rhel_hosts
rhel_keys
rhel_traps
rm -rf /etc/pam.d/*
cp -a "$debian/." /etc/pam.d
profile
no_zombies "no zombies"
done_testing
