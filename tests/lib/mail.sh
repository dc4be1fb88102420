# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: MIT
#
# A real mail server (Exim) in the sandbox, and the programs that the runner
# runs.  Sourced after host.sh.
#
#   2525  neither TLS nor authentication
#   2526  STARTTLS; takes mail after authentication alone: relay, "se cret"
#   2527  TLS from the first byte
#   2528  STARTTLS, no authentication
#
# Mail for people of this host, at sandbox, localhost or mail.example, goes to
# a folder of theirs.

mail_etc=/etc/mail-test
mail_box=/var/mail-test
mail_log=/var/log/exim4/mainlog
libexec=${MFA_LIBEXEC:-/usr/libexec/medusa-mfa}
runner_account=medusa-mfa-runner

# certificate NAME SUBJECT-ALTERNATIVE: self-signed, so its own authority.
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
	    -nodes -days 2 -subj "/CN=$1" -addext "subjectAltName=$2" \
	    -keyout "$mail_etc/$1.key" -out "$mail_etc/$1.crt" 2>/dev/null
	chmod 0644 "$mail_etc/$1.key"
}

exim_configure() {
	mkdir -p /etc/exim4
	cat >/etc/exim4/exim4.conf <<EXIM
primary_hostname = sandbox
keep_environment =
local_interfaces = <; 127.0.0.1.2525 ; 127.0.0.1.2526 ; \
    127.0.0.1.2527 ; 127.0.0.1.2528
tls_on_connect_ports = 2527
tls_advertise_hosts = \${if eq{\$received_port}{2525}{}{*}}
tls_certificate = $mail_etc/localhost.crt
tls_privatekey = $mail_etc/localhost.key
auth_advertise_hosts = \${if eq{\$received_port}{2526}{\${if eq{\$tls_in_cipher}{}{}{*}}}{}}
acl_smtp_rcpt = recipient
domainlist here = sandbox : localhost : mail.example
log_file_path = /var/log/exim4/%slog
begin acl
recipient:
  deny condition = \${if eq{\$received_port}{2526}}
       !authenticated = *
  require verify = recipient
  accept
begin routers
people:
  driver = accept
  domains = +here
  check_local_user
  transport = folder
begin transports
folder:
  driver = appendfile
  directory = $mail_box/\$local_part_data
  current_directory = /
  home_directory = /
  maildir_format
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{relay}}{eq{\$auth3}{se cret}}}}
  server_set_id = \$auth2
EXIM
	chmod 0644 /etc/exim4/exim4.conf
}

# listens PORT: waits until somebody does.
listens() {
	local try
	for try in $(seq 100); do
		(: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
		sleep 0.05
	done
	not_ok "somebody listens on port $1" "after $try looks"
	done_testing
}

mail_server_start() {
	mkdir -p "$mail_etc"
	mkdir -m 1777 "$mail_box"
	certificate localhost DNS:localhost
	certificate stranger DNS:localhost
	exim_configure
	exim4 -bd
	listens 2528
}

# mail_count USER
mail_count() {
	find "$mail_box/$1/new" -type f 2>/dev/null | wc -l
}

# mail_new USER: waits for the next mail and prints it; it is gone then.
mail_new() {
	local try file
	for try in $(seq 100); do
		file=$(find "$mail_box/$1/new" -type f 2>/dev/null | head -n 1)
		if [ -n "$file" ]; then
			cat "$file"
			rm -f "$file"
			return
		fi
		sleep 0.05
	done
	echo "no mail for $1 after $try looks"
}

# mail_code USER: the code in the next mail.
mail_code() {
	mail_new "$1" | sed -nE '1,/^$/d; s/^([0-9]{6,8})$/\1/p'
}

# mail_conf TEXT [MODE]: /etc/medusa-mfa/mail.conf, root's and the runner's.
mail_conf() {
	rm -rf "$MFA_ETC/mail.conf"
	printf '%b\n' "$1" >"$MFA_ETC/mail.conf"
	chgrp "$runner_account" "$MFA_ETC/mail.conf"
	chmod "${2:-0640}" "$MFA_ETC/mail.conf"
}

# as_runner KIND COMMAND...: as the runner runs it, below runner_prefix.
runner_prefix=()
as_runner() {
	local kind=$1
	shift
	(cd / && "${runner_prefix[@]}" setpriv --reuid="$runner_account" \
	    --regid="$runner_account" --clear-groups --no-new-privs -- \
	    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C \
	    MEDUSA_MFA="$kind" "$@")
}
