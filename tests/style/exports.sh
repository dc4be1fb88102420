#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the module and the library show to the program they are in, and what they
# bring along (R4, R20, P4).

# shellcheck source=tree.bash
. "$(dirname "$0")/tree.bash"
need nm readelf objdump strip ldd make
module_path=pam_medusa_mfa/.libs/pam_medusa_mfa.so
library_path=lib/.libs/libmedusa_mfa.so
need_built Makefile "$module_path" "$library_path"
module=$builddir/$module_path
library=$builddir/$library_path
sanitized && skip_all "a build with sanitizers brings their run time along"

max_size=$((200 * 1024))

# R20: what a guest in a foreign process leaves alone; and what is banned
# everywhere (texts.sh), since here the compiler's view counts.
never_imported='getenv|secure_getenv|setenv|unsetenv|putenv|clearenv|environ
umask|chdir|fchdir|chroot|setlocale|tzset|srand|srandom|rand|random
signal|sigaction|sigset|alarm|setitimer|timer_create|raise|kill
fork|vfork|posix_spawn|posix_spawnp|popen|system|daemon|wait|wait3|wait4
pthread_create|pthread_atfork|atexit|on_exit|__cxa_atexit|exit|abort
setuid|seteuid|setreuid|setresuid|setgid|setegid|setregid|setresgid|setgroups
setrlimit|prlimit|prctl|dlopen|openlog|closelog|syslog|setlogmask
strcpy|strcat|sprintf|vsprintf|gets|strtok|__strcpy_chk|__strcat_chk
__sprintf_chk|__vsprintf_chk|getpwnam|getpwuid|getgrnam|pam_putenv'

# imported FILE, needed FILE, exported FILE: names of symbols, libraries, symbols.
imported() {
	nm -D --undefined-only "$1" | sed 's/.* //; s/@.*//'
}

needed() {
	readelf -dW "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort
}

exported() {
	nm -D --defined-only "$1" | sed -n 's/.* T //p' | LC_ALL=C sort
}

# closure FILE: every library that it brings, and those these bring.
closure() {
	ldd "$1" | awk '$2 == "=>" { print $1 } $1 ~ /^\/.*ld-/ { print $1 }' |
	    sort -u
}

# mutable: objects of ours that can be written to while a program runs, with
# the source file they are from.
mutable() {
	local object
	cd "$builddir" || return
	while read -r object; do
		objdump -t "$object" | grep -E \
		    ' O (\.data|\.bss|\.tdata|\.tbss|\*COM\*)' |
		    grep -v ' O \.data\.rel\.ro' | sed "s,.*[ 	],$object: ,"
	done < <(find "${product[@]}" -name '*.o') |
	    sed 's,\.libs/,,; s,lib[a-z]*_la-,,; s,\.o:,.c:,' | sort -u
}

# The bytes of all segments that are loaded.
loaded_size() {
	local size sum=0
	while read -r _ _ _ _ _ size _; do
		sum=$((sum + size))
	done < <(readelf -lW "$module" | grep '^ *LOAD ')
	echo "$sum"
}

is "exactly the six entry points are exported (R4)" \
    "$(nm -D --defined-only "$module" | sed 's/.* //' | sort)" \
    "pam_sm_acct_mgmt
pam_sm_authenticate
pam_sm_chauthtok
pam_sm_close_session
pam_sm_open_session
pam_sm_setcred"
is "they are functions" \
    "$(nm -D --defined-only "$module" | grep -c ' T pam_sm_')" 6

is "it needs libpam and libc, nothing else" "$(needed "$module")" "libc.so.6
libpam.so.0"
libpam=$(ldd "$module" | sed -n 's/.*libpam\.so\.0 => \([^ ]*\).*/\1/p')
if [ -n "$libpam" ]; then
	none "it brings no library that libpam does not bring (P4)" \
	    "$(comm -23 <(closure "$module") \
		<({ closure "$libpam"; echo libpam.so.0; } | sort -u))"
else
	not_ok "it brings no library that libpam does not bring (P4)" \
	    "ldd finds no libpam: $(ldd "$module")"
fi

some "imports" "$(imported "$module" | wc -l)"
none "it imports nothing that changes its host (R20)" \
    "$(imported "$module" | grep -xE "${never_imported//$'\n'/|}")"

copy=$(mktemp)
cp "$module" "$copy"
strip "$copy"
stripped=$(stat -c %s "$copy")
rm -f "$copy"
loaded=$(loaded_size)
diag "bytes: $stripped stripped, $loaded loaded, $(stat -c %s "$module") as built"
if [ "$stripped" -le $max_size ]; then
	ok "stripped it has at most 200 KiB (P4): $stripped"
else
	not_ok "stripped it has at most 200 KiB (P4)" "$stripped bytes"
fi
if [ "$loaded" -gt 0 ] && [ "$loaded" -le $max_size ]; then
	ok "loaded it takes at most 200 KiB (P4): $loaded"
else
	not_ok "loaded it takes at most 200 KiB (P4)" "$loaded bytes"
fi

# ---- the library ----

# What the map names, and what the public headers declare, sorted.
map_names() {
	sed -n '/^global:/,/^local:/s/^	\(mfa_[a-z_]*\);$/\1/p' \
	    "$srcdir/lib/client/libmedusa_mfa.map" | LC_ALL=C sort
}
header_names() {
	cat "$srcdir"/lib/client/medusa_mfa*.h |
	    sed -n 's/^\(MFA_RESULT\|void\|const char\) \**\(mfa_[a-z_]*\)(.*/\2/p' |
	    LC_ALL=C sort
}

some "functions of the library" "$(map_names | wc -l)"
is "the library exports what its map names, with its version" \
    "$(exported "$library")" "$(map_names | sed 's/$/@@MEDUSA_MFA_1/')"
is "the map names what the header declares" "$(map_names)" "$(header_names)"
is "and nothing besides functions" \
    "$(nm -D --defined-only "$library" | grep -v ' T ')" \
    "0000000000000000 A MEDUSA_MFA_1"
is "its first version" "$(readelf -dW "$library" |
    sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')" "libmedusa_mfa.so.1"
is "it needs libc, nothing else" "$(needed "$library")" libc.so.6
none "it imports nothing that changes its host (R20)" \
    "$(imported "$library" | grep -xE "${never_imported//$'\n'/|}")"

# STYLE, house rule 8.  OpenSSL: fetched once, before any fork, then only read.
is "nothing mutable but what is known; none of it in the module (R20)" "$(mutable)" \
    "verifier/crypt/hmac.c: lib"
done_testing
