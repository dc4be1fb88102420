# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The first line of every style test: where source and build are, and TAP.
#
# srcdir and builddir come from the environment; by default the source is above
# this file, and the build is the current folder if something was configured
# there, else the source.

style_dir=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
srcdir=$(readlink -f "${srcdir:-$style_dir/../..}")
if [ -z "${builddir-}" ]; then
	builddir=$srcdir
	[ ! -e ./config.status ] || builddir=$PWD
fi
builddir=$(readlink -f "$builddir")
product=(lib protocol pam_medusa_mfa programs utils verifier)

# shellcheck source=../lib/tap.sh
. "$style_dir/../lib/tap.sh"

# need TOOL...: without one of them there is nothing that could be tested.
need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip_all "no $tool"
	done
}

# need_built FILE...: below the build folder.
need_built() {
	local file
	for file; do
		[ ! -e "$builddir/$file" ] || continue
		not_ok "$file is built" \
		    "not in $builddir: make first, or set builddir"
		done_testing
	done
}

# none NAME TEXT: TEXT lists what is wrong, a line each.
none() {
	if [ -z "$2" ]; then
		ok "$1"
	else
		not_ok "$1" "$2"
	fi
}

# some NAME NUMBER: a test that found nothing to look at has tested nothing.
some() {
	if [ "$2" -gt 0 ]; then
		ok "$1 ($2)"
	else
		not_ok "$1" "there are none"
	fi
}

# files GLOB...: from the top of the source, sorted, without what a build made.
files() {
	local glob names=() built=()
	for glob; do
		names+=(-o -name "$glob")
	done
	[ "$builddir" = "$srcdir" ] || built=(-o -samefile "$builddir")
	(cd "$srcdir" && find . \
	    \( -name .git -o -name autom4te.cache -o -name .libs \
	    -o -name .deps -o -name __pycache__ -o -path ./build \
	    -o -path ./_build -o -path ./_inst -o -path ./build-aux \
	    "${built[@]}" \) -prune \
	    -o -type f ! -name '*.pb.[ch]' ! -name '*~' ! -name '*.log' \
	    ! -name '*.trs' ! -path ./config.h ! -path ./config.h.in \
	    ! -path ./config.status ! -path ./configure ! -path ./libtool \
	    ! -path ./aclocal.m4 ! -path './m4/lt*' ! -path ./m4/libtool.m4 \
	    ! -path ./Makefile.in ! -path ./Makefile \
	    \( "${names[@]:1}" \) -print) | sed 's,^\./,,' | LC_ALL=C sort
}

# product_files GLOB...
product_files() {
	local folder
	folder=$(IFS='|'; printf '%s' "${product[*]}")
	files "$@" | grep -E "^($folder)/"
}

# make_value NAME...: what these variables are in the configured Makefile.
make_value() {
	local name
	{
		printf 'include Makefile\nstyle-value:\n'
		for name; do
			printf '\t@printf "%%s\\n" %s\n' "'\$(subst ','\\'',\$($name))'"
		done
	} | env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
	    make -s -C "$builddir" -f - style-value
}

# sanitized: is this such a build?
sanitized() {
	make_value HARD_CFLAGS | grep -q -e -fsanitize
}
