# shellcheck shell=bash disable=SC2154,SC2034
# SPDX-License-Identifier: MIT
#
# What is a secret in this run, and whether it is in a file that was written
# meanwhile (R14).  Sourced after host.sh; the programs are in
# tests/proof/attacks.

attacks=$host_top/tests/proof/attacks
programs=$host_build/tests/proof/attacks
secrets=/run/mfa-test/secrets       # by user
all_needles=/run/mfa-test/needles   # of the whole run
started=/run/mfa-test/started
mkdir -m 0700 "$secrets"
: >"$all_needles"
: >"$started"

# note_secrets USER: what is told to needles is a secret of that user.
note_secrets() {
	"$attacks/needles" | tee -a "$secrets/$1" >>"$all_needles"
}

# known USER: anew, all there is to find of a user.
known() {
	local code n=0
	rm -f "$secrets/$1"
	{
		[ -z "${secret[$1]-}" ] || echo "totp totp ${secret[$1]}"
		while IFS= read -r code; do
			n=$((n + 1))
			[ -z "$code" ] || echo "text recovery-$n $code"
		done <<<"${recovery[$1]-}"
		echo "ring $(key_file) $1 $MFA_STATE/records/u-$1"
	} | note_secrets "$1"
}

# typed USER TEXT: a code, or what was typed in its place.
typed() {
	echo "text typed $2" | note_secrets "$1"
}

# prompted_by FILE PATTERN: waits until a line of it is there.
prompted_by() {
	local try
	for try in $(seq 200); do
		grep -qE -e "$2" "$1" && return
		sleep 0.02
	done
	not_ok "$way: $2 in $1" "after $try looks: $(<"$1")"
}

# posted: the code that a program left in the folder $post, which is gone then.
posted() {
	local try
	for try in $(seq 200); do
		if grep -qsrE '^[0-9]{8}$' "$post"; then
			cat "$post"/*
			rm -f "$post"/*
			return
		fi
		sleep 0.02
	done
	echo "nothing after $try looks"
}

key_file() {
	echo "$MFA_ETC/keys/$(<"$MFA_ETC/keys/primary").key"
}

hex_of() {
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

# found FILE: what memscan found, but for the last line; a scan that saw nothing
# has shown nothing.
found() {
	if [[ $(tail -n 1 "$1") =~ ^scanned\ [1-9][0-9]{3,} ]]; then
		grep -v '^scanned \|^ready' "$1" | sort -u
	else
		echo "no scan: $(<"$1")"
	fi
}

# found_in FILE...: which secrets are in these files, in which form.
found_in() {
	printf '%s\n' "$@" >"$secrets/list"
	"$attacks/needles" --written <"$all_needles" |
	    "$programs/memscan" -f "$secrets/list" >"$secrets/found"
	found "$secrets/found"
}

# written: every file of this run, but for the needles; by the time of its last
# change of any kind, so that one that was moved is there as well.  Elsewhere
# files of the real system show through, which others may change meanwhile.
written() {
	{
		find / -maxdepth 1 -type f -cnewer "$started"
		find /etc /var /home /root /run /tmp /dev/shm -xdev -type f \
		    -cnewer "$started" ! -path "$secrets/*" \
		    ! -path "$all_needles"
	} | sort -u
}

# core_files FILE...: those that are cores, whatever they are called: ELF files
# of type 4, in either byte order.
core_files() {
	local file
	for file; do
		[[ $(od -An -v -tx1 -N 18 "$file" | tr -d ' \n') =~ \
		    ^7f454c46.{24}(0400|0004)$ ]] && echo "$file"
	done
}

# no_file_has_them REGEX: but for the ring's own and those of the test that REGEX
# says ("" if there is none).
no_file_has_them() {
	local own="in $MFA_ETC/keys/(retired/)?[0-9a-f]*\\.key\$" files form out
	mapfile -t files < <(written)
	is "R14 no key and no code is in a file but the keys' own" \
	    "$(found_in "${files[@]}" | grep -vE "$own${1:+|$1}")" ""
	diag "$(sort -u "$all_needles" | wc -l) secrets, ${#files[@]} files," \
	    "$(tail -n 1 "$secrets/found")"
	for form in "$test_log" "$MFA_STATE/records/u-.*"; do
		like "R14 among those is $form" "$(printf '%s\n' \
		    "${files[@]}")" "^$form\$"
	done
	mapfile -t files < <(find "${files[@]}" -size +4k)
	is "R14 and none is a core" "$(core_files "${files[@]}")" ""
	leak_here >"$leak"
	out=$(found_in "$leak")
	for form in ring-key ring-key-text record-key-hex totp-key-HEX \
	    totp-key-base32 typed; do
		like "R14 where one is, it is found: $form" "$out" \
		    "^$form in $leak\$"
	done
}
leak=/run/mfa-test/leak

# bytes_of NAME: of the first needle of that name.
bytes_of() {
	sed -n "s/^$1 //p" "$all_needles" | head -n 1 | tr a-f A-F |
	    basenc --base16 -d
}

# leak_here: some secrets as they could be written.
leak_here() {
	head -c 1000 /dev/zero
	bytes_of ring-key
	bytes_of ring-key-text
	echo
	bytes_of record-key | basenc --base16 | tr A-F a-f
	bytes_of totp-key | basenc --base16 -w 0
	echo
	bytes_of totp-key | base32
	echo "code=$(bytes_of typed);"
}
