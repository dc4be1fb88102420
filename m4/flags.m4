dnl SPDX-License-Identifier: MIT
dnl Compiler and linker flags, each used only where the compiler knows it.

dnl MFA_TRY_FLAG(VARIABLE, FLAG, [linker]): appends FLAG to VARIABLE if it works.
AC_DEFUN([MFA_TRY_FLAG], [
  AC_MSG_CHECKING([whether $CC takes $2])
  mfa_saved_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $2"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes]); $1="$$1 $2"], [AC_MSG_RESULT([no])])
  CFLAGS=$mfa_saved_CFLAGS
])

AC_DEFUN([MFA_WARNINGS], [
  WARN_CFLAGS=
  m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wconversion -Wsign-conversion
    -Wcast-qual -Wwrite-strings -Wmissing-prototypes -Wstrict-prototypes
    -Wformat=2 -Wvla -Wundef], [MFA_TRY_FLAG([WARN_CFLAGS], m4_quote(flag))])
  AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
])

AC_DEFUN([MFA_HARDENING], [
  HARD_CPPFLAGS=
  HARD_CFLAGS=
  HARD_LDFLAGS=
  AS_IF([test "$enable_sanitizers" = yes], [
    HARD_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
    HARD_LDFLAGS="-fsanitize=address,undefined"
  ], [
    HARD_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"
    m4_foreach_w([flag], [-fstack-protector-strong -fstack-clash-protection
      -fcf-protection], [MFA_TRY_FLAG([HARD_CFLAGS], m4_quote(flag))])
    m4_foreach_w([flag], [-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
      -Wl,--as-needed], [MFA_TRY_FLAG([HARD_LDFLAGS], m4_quote(flag))])
  ])
  PIE_CFLAGS="-fPIE"
  PIE_LDFLAGS="-pie"
  AC_SUBST([HARD_CPPFLAGS])
  AC_SUBST([HARD_CFLAGS])
  AC_SUBST([HARD_LDFLAGS])
  AC_SUBST([PIE_CFLAGS])
  AC_SUBST([PIE_LDFLAGS])
])
