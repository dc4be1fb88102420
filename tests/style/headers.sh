#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every header compiles alone, twice in one file, and is guarded by the name of
# its folder and its own.

# shellcheck source=tree.bash
. "$(dirname "$0")/tree.bash"
need make
need_built Makefile config.h protocol/wire.pb.h protocol/record.pb.h

warnings=(-std=gnu11 -O2 -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes
    -Wundef -Werror)

# As the build has them: quoted for a shell, relative to the build folder.
flags=()
eval "flags=($(make_value DEFS DEFAULT_INCLUDES AM_CPPFLAGS CPPFLAGS \
    JANSSON_CFLAGS QRENCODE_CFLAGS SODIUM_CFLAGS CRYPTO_CFLAGS INIH_CFLAGS |
    tr '\n' ' '))"
like "the build says where headers are" "${flags[*]}" '^(.* )?-I'
mapfile -t headers < <(product_files '*.h')
some "headers" "${#headers[@]}"

guards() {
	local header macro
	for header in "${headers[@]}"; do
		macro=${header%/*}
		macro=${macro##*/}_${header##*/}
		macro=${macro//[!a-z0-9]/_}
		macro=MFA_${macro^^}
		macro=${macro/#MFA_PAM_MEDUSA_MFA_/MFA_PAM_}
		grep -qx "#ifndef $macro" "$srcdir/$header" &&
		    grep -qx "#define $macro" "$srcdir/$header" ||
		    echo "$header: wanted $macro, is $(
			sed -n 's/^#ifndef //p;T;q' "$srcdir/$header")"
	done
}

# alone COMPILER
alone() {
	local header out
	cd "$builddir" || return
	for header in "${headers[@]}"; do
		out=$(printf '#include "%s"\n' "$header" "$header" |
		    "$1" "${flags[@]}" "${warnings[@]}" -fsyntax-only -x c - \
			2>&1) || printf '%s:\n%s\n' "$header" "$out"
	done
}

none "guards are named after the file" "$(guards)"
for compiler in gcc clang; do
	name="each compiles alone: $compiler"
	if command -v "$compiler" >/dev/null; then
		none "$name" "$(alone "$compiler")"
	else
		skip "$name" "no $compiler"
	fi
done
done_testing
