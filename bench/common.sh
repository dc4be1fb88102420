# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# For the scripts beside it: where they are, how they end, what they measure on.
# Sets $self, $top and $build.

self=$(readlink -f "$0")
# shellcheck disable=SC2034
top=${self%/*/*}
build=$(readlink -f "${MFA_BUILD:-$PWD}")

die() {
	printf '%s: %s\n' "${self##*/}" "$*" >&2
	exit 1
}

# make_folder [FOLDER]: sets $folder to a new one below FOLDER or the build
# folder, which must be on a disk; it is removed in the end.
make_folder() {
	[ "$(id -u)" = 0 ] || die "needs root"
	[ -x "$build/bench/pambench" ] ||
	    die "no $build/bench/pambench: make bench, or set MFA_BUILD"
	folder=$(mktemp -d -p "${1:-$build}" bench-disk.XXXXXX) || exit 1
	# shellcheck disable=SC2064
	trap "rm -rf '$folder'" EXIT
	chmod 0755 "$folder"
	case $(df --output=fstype "$folder" | tail -n 1) in
	tmpfs | ramfs | overlay) die "$folder is not on a disk: use -d" ;;
	esac
}
