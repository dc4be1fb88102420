#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The built files are as hard as the compiler can make them.

# shellcheck source=tree.bash
. "$(dirname "$0")/tree.bash"
need readelf objdump make gcc
module=pam_medusa_mfa/.libs/pam_medusa_mfa.so
programs=(verifier/medusa-mfad verifier/medusa-mfa-runner utils/medusa-mfa
    programs/deliver-mail programs/notify-mail)
need_built Makefile "$module" "${programs[@]}"
sanitized && skip_all "a build with sanitizers is not what is shipped"
cd "$builddir" || exit 1

dynamic() {
	readelf -dW "$1"
}

segments() {
	readelf -lW "$1"
}

symbols() {
	readelf --dyn-syms -W "$1" | awk '{ print $8 }' | sed 's/@.*//'
}

# has NAME TEXT REGEX, has_no NAME TEXT REGEX: without showing all of TEXT.
has() {
	if grep -qE -- "$3" <<<"$2"; then ok "$1"; else not_ok "$1" "no $3"; fi
}

has_no() {
	none "$1" "$(grep -E -- "$3" <<<"$2")"
}

# producers FILE: the options each of our files was compiled with, if gcc noted
# them.
producers() {
	readelf --debug-dump=info "$1" 2>/dev/null |
	    sed -n 's/.*DW_AT_producer.*: \(GNU C.*\)/\1/p'
}

# compiled_with FILE OPTION: all of our files in it were.
compiled_with() {
	local noted name="$1: all of it compiled with $2"
	noted=$(producers "$1")
	if [ -n "$noted" ]; then
		none "$name ($(wc -l <<<"$noted"))" "$(grep -v -e "$2" <<<"$noted")"
	else
		skip "$name" "no debug information of gcc"
	fi
}

every_file() {
	local file=$1
	has "$file: RELRO" "$(segments "$file")" '^ *GNU_RELRO '
	has "$file: bound at start" "$(dynamic "$file")" \
	    '\(FLAGS\).*BIND_NOW|\(FLAGS_1\).*NOW|\(BIND_NOW\)'
	has "$file: the stack is marked" "$(segments "$file")" '^ *GNU_STACK '
	has_no "$file: the stack is not executable" "$(segments "$file")" \
	    '^ *GNU_STACK .* RWE '
	has_no "$file: nothing is writable and executable" \
	    "$(segments "$file")" '^ *LOAD .* RWE '
	has_no "$file: no relocation in code" "$(dynamic "$file")" 'TEXTREL'
	has_no "$file: no search path" "$(dynamic "$file")" 'RPATH|RUNPATH'
	has "$file: stack protector" "$(symbols "$file")" '^__stack_chk_fail$'
	has "$file: fortified" \
	    "$(symbols "$file" | grep -v '^__stack_chk')" '^__[a-z0-9_]*_chk$|^__.*_2$'
	compiled_with "$file" -fstack-protector-strong
	compiled_with "$file" -fstack-clash-protection
}

program() {
	has "$1: position independent" "$(readelf -hW "$1")" 'Type: *DYN '
	has "$1: a program" "$(segments "$1")" '^ *INTERP '
	has "$1: marked so" "$(dynamic "$1")" '\(FLAGS_1\).*PIE'
}

# ---- control flow (x86): marked only if every input is ----

marks() {
	readelf -nW "$1" 2>/dev/null | sed -n 's/.*x86 feature: *\([A-Z, ]*\).*/\1/p'
}

# Start files of the system that lack the marks.
unmarked_inputs() {
	local name path
	for name in crti.o crtn.o; do
		path=$(gcc -print-file-name=$name)
		case $(marks "$path") in
		*IBT*SHSTK*) ;;
		*) printf '%s ' "$name" ;;
		esac
	done
}

unmarked_objects() {
	local object
	while read -r object; do
		case $(marks "$object") in
		*IBT*SHSTK*) ;;
		*) echo "$object" ;;
		esac
	done < <(find "${product[@]}" -name '*.o')
}

# lands FILE FUNCTION...: each begins where an indirect jump may land.
lands() {
	local file=$1 function wrong=
	shift
	for function; do
		objdump -d --no-show-raw-insn "$file" |
		    grep -A1 "<$function>:\$" | grep -q 'endbr64' ||
		    wrong+="$function "
	done
	none "$file: endbr64 at each entry" "$wrong"
}

control_flow() {
	local file lacking
	some "objects of ours" "$(find "${product[@]}" -name '*.o' | wc -l)"
	none "each object has the IBT and SHSTK marks" "$(unmarked_objects)"
	lands "$module" pam_sm_authenticate pam_sm_setcred pam_sm_acct_mgmt \
	    pam_sm_open_session pam_sm_close_session pam_sm_chauthtok
	for file in "${programs[@]}"; do
		lands "$file" main
	done
	lacking=$(unmarked_inputs)
	for file in "$module" "${programs[@]}"; do
		case $(marks "$file") in
		*IBT*SHSTK*) ok "$file: the IBT and SHSTK marks" ;;
		*)
			if [ -n "$lacking" ]; then
				skip "$file: the IBT and SHSTK marks" \
				    "the system's ${lacking% } has none, so no linker sets them"
			else
				not_ok "$file: the IBT and SHSTK marks"
			fi
			;;
		esac
	done
}

for file in "$module" "${programs[@]}"; do
	every_file "$file"
done
for file in "${programs[@]}"; do
	program "$file"
done
has "$module: stays loaded" "$(dynamic "$module")" '\(FLAGS_1\).*NODELETE'
case $(readelf -hW "$module" | sed -n 's/ *Machine: *//p') in
*X86-64*) control_flow ;;
*) skip "control flow" "not an x86-64 build" ;;
esac
done_testing
