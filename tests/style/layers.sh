#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Who may include what (docs/architecture.md).

# shellcheck source=tree.bash
. "$(dirname "$0")/tree.bash"

# A file, and what of ours it may include: patterns, in which * takes a / too.
# The first row whose file matches counts; @top is verifier/ without its folders.
own_table='
lib/base/*             lib/base/*
lib/client/*           lib/client/* lib/base/* protocol/wire_io.h protocol/wire.pb.h
protocol/*             protocol/* lib/base/*
verifier/config/*      verifier/config/* lib/base/*
verifier/crypt/*       verifier/crypt/* lib/base/*
verifier/store/*       verifier/store/* lib/base/*
verifier/event/*       verifier/event/* lib/base/*
verifier/otp/*         verifier/otp/* lib/base/* verifier/crypt/*
verifier/vault/*       verifier/vault/* lib/base/* verifier/crypt/*
verifier/provider/*    verifier/provider/* lib/base/* verifier/crypt/* verifier/otp/* protocol/record.pb.h
verifier/engine/*      verifier/*/* lib/base/* protocol/record.pb.h
verifier/runner/*      verifier/runner/* verifier/config/* verifier/event/* verifier/guard.h lib/base/* config.h
@top                   @top verifier/runner/job.h verifier/engine/* verifier/config/* verifier/event/* lib/base/* protocol/wire_io.h protocol/wire.pb.h config.h
pam_medusa_mfa/*       pam_medusa_mfa/* lib/base/* lib/client/* protocol/wire.pb.h
programs/*             programs/* lib/base/* config.h
utils/doctor/*         utils/doctor/* utils/*.h lib/base/* lib/client/* protocol/wire.pb.h config.h
utils/*                utils/* lib/base/* lib/client/* protocol/wire.pb.h config.h
'

# What one file includes beside its row, and why.
exceptions='
verifier/check.c            verifier/crypt/crypt.h   the libraries are among what is checked
verifier/check.c            verifier/vault/keyring.h so are the keys
verifier/check_programs.c   verifier/runner/safe.h   judges programs as the runner does
verifier/conversation.c     verifier/crypt/crypt.h   wipes what was sent
verifier/main.c             verifier/store/store_file.h finds the table of log lines
verifier/main.c             verifier/crypt/crypt.h   started before the first conversation
verifier/maintain.c         verifier/crypt/crypt.h   random bytes for keys and for the id of a store
verifier/maintain.c         verifier/store/store_file.h --init makes the store, --check looks at it
verifier/maintain.c         verifier/vault/keyring.h --init and --new-key make keys
verifier/maintain_keys.c    verifier/crypt/crypt.h   names of keys are hashes of them
verifier/maintain_keys.c    verifier/store/store_file.h --remove-key looks at all records
verifier/maintain_keys.c    verifier/vault/export.h  --export-keys writes keys out
verifier/maintain_keys.c    verifier/vault/keyring.h where keys are, or that they are credentials
verifier/maintain_keys.c    verifier/vault/retire.h  --remove-key moves a key
verifier/requests_keys.c    verifier/vault/keyring.h the list of keys
verifier/requests_keys.c    verifier/vault/retire.h  the list of those out of use
verifier/requests_enroll.c  verifier/crypt/crypt.h   wipes what it shows once
verifier/requests_self.c    verifier/crypt/crypt.h   wipes what it shows once
verifier/requests_login.c   verifier/crypt/crypt.h   wipes what was typed
verifier/serve.c            verifier/crypt/crypt.h   guarded memory for what passes through it, wiped
verifier/serve.c            verifier/store/store_file.h opens the store of a conversation
verifier/serve.h            verifier/vault/keyring.h keys that only root could open, held
'

# A system or library header, and who may include it.
system_table='
openssl/*              verifier/crypt/*
sodium.h               verifier/crypt/*
sodium/*               verifier/crypt/*
ini.h                  verifier/config/* programs/*
curl/*                 programs/*
pskc/*                 programs/import_pskc.c
png.h                  programs/import_qr.c
zbar.h                 programs/import_qr.c
security/*             pam_medusa_mfa/*
syslog.h               verifier/event/* pam_medusa_mfa/*
sys/syslog.h
pb.h                   protocol/* verifier/engine/codec.c
pb_*.h                 protocol/* verifier/engine/codec.c
jansson.h              utils/* verifier/runner/* programs/*
qrencode.h             utils/*
termios.h              utils/*
sys/ioctl.h            utils/*
*                      *
'

# These compute: besides the libraries above nothing but this (no I/O).
pure='verifier/otp/* verifier/crypt/*'
pure_headers='errno.h inttypes.h limits.h stdbool.h stddef.h stdint.h string.h openssl/* sodium.h'
pure_exceptions='
verifier/crypt/hmac.c dlfcn.h   OpenSSL is loaded when it is needed
verifier/otp/otpauth.c stdio.h   for snprintf alone (checked below)
'

# matches WORD PATTERN...
matches() {
	local word=$1 pattern
	shift
	for pattern; do
		if [ "$pattern" = @top ]; then
			[[ $word == verifier/* && $word != verifier/*/* ]] &&
			    return
			continue
		fi
		# shellcheck disable=SC2053
		[[ $word == $pattern ]] && return
	done
	return 1
}

# row TABLE WORD: the rest of the first row that matches WORD, into row.
row() {
	local first rest
	while read -r first rest; do
		if [ -n "$first" ] && matches "$2" "$first"; then
			row=$rest
			return
		fi
	done <<<"$1"
	return 1
}

# excepted LIST FILE HEADER: and notes that it was used.
declare -A used
excepted() {
	local file header why
	while read -r file header why; do
		[ "$file $header" = "$2 $3" ] || continue
		[ -n "$why" ] || return
		used["$2 $3"]=1
		return
	done <<<"$1"
	return 1
}

# unused LIST: exceptions that nobody needs any more.
unused() {
	local file header why
	while read -r file header why; do
		[ -z "$file" ] || [ -n "${used["$file $header"]-}" ] ||
		    printf '%s no longer includes %s (%s)\n' \
			"$file" "$header" "$why"
	done <<<"$1"
}

# judge_own FILE HEADER
judge_own() {
	local patterns
	case $2 in
	config.h | protocol/*.pb.h) ;;
	medusa_mfa*.h)
		# As installed, they lie in one folder.
		[[ $1 == lib/client/medusa_mfa*.h ]] ||
		    echo "is not written from the top of the source"
		return
		;;
	*)
		if [ ! -f "$srcdir/$2" ]; then
			echo "is not written from the top of the source"
			return
		fi
		;;
	esac
	row "$own_table" "$1" || { echo "the table has no row for it"; return; }
	set -f
	read -ra patterns <<<"$row"
	set +f
	matches "$2" "${patterns[@]}" ||
	    excepted "$exceptions" "$1" "$2" || echo "not its layer"
}

# judge_system FILE HEADER
judge_system() {
	local patterns
	row "$system_table" "$2"
	set -f
	read -ra patterns <<<"$row"
	set +f
	matches "$1" "${patterns[@]}" || { echo "not in this folder"; return; }
	set -f
	# shellcheck disable=SC2086
	if matches "$1" $pure && ! matches "$2" $pure_headers; then
		excepted "$pure_exceptions" "$1" "$2" ||
		    echo "a folder without I/O"
	fi
	set +f
}

cd "$srcdir" || exit 1
mapfile -t sources < <(product_files '*.c' '*.h')
some "source files" "${#sources[@]}"

own=0 wrong_own='' wrong_system='' odd=''
while IFS=: read -r file line text; do
	where="$file:$line"
	if [[ $text =~ ^#[[:space:]]*include[[:space:]]+\"([^\"]+)\" ]]; then
		header=${BASH_REMATCH[1]}
		own=$((own + 1))
		judge_own "$file" "$header" >"${said:=$(mktemp)}"
		[ ! -s "$said" ] ||
		    wrong_own+="$where: $header: $(<"$said")"$'\n'
	elif [[ $text =~ ^#[[:space:]]*include[[:space:]]+\<([^\>]+)\> ]]; then
		header=${BASH_REMATCH[1]}
		judge_system "$file" "$header" >"${said:=$(mktemp)}"
		[ ! -s "$said" ] ||
		    wrong_system+="$where: $header: $(<"$said")"$'\n'
	else
		odd+="$where: $text"$'\n'
	fi
done < <(grep -HnE '^[[:space:]]*#[[:space:]]*(include|import)' "${sources[@]}")
rm -f "${said-}"

some "includes of our own" "$own"
none "each include of ours is of a layer below" "${wrong_own%$'\n'}"
none "each library is known to its folder alone" "${wrong_system%$'\n'}"
none "an include names its file" "${odd%$'\n'}"
none "no exception is left over" "$(unused "$exceptions"; unused "$pure_exceptions")"
none "of stdio, otp and crypt use snprintf alone" "$(grep -nwE \
    '(v?f?printf|v?dprintf|f?puts|f?putc|putchar|fopen|fdopen|freopen|fread|fwrite|fclose|f?getc|getchar|f?gets|getline|v?f?scanf|perror|remove|rename|tmpfile|setvbuf)[[:space:]]*\(' \
    verifier/otp/*.c verifier/crypt/*.c)"
done_testing
