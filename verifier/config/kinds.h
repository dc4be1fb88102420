/* SPDX-License-Identifier: MIT */
/* Bounds of the configuration, and values that are one of a few. */
#ifndef MFA_CONFIG_KINDS_H
#define MFA_CONFIG_KINDS_H

#define MFA_CONFIG_USERS 64  /* entries of exempt_users */
#define MFA_CONFIG_PATH	 256 /* bytes of a path */

#define MFA_CONFIG_REALMS 9	  /* unix and eight more */
#define MFA_CONFIG_OUTSIDE 4	  /* providers that are programs */
#define MFA_CONFIG_SERVICES 32	  /* entries of services */
#define MFA_CONFIG_SERVICE 65	  /* bytes of one */
#define MFA_CONFIG_REALM 33	  /* bytes of a realm's name */
#define MFA_CONFIG_PROVIDER 17	  /* bytes of an outside provider's name */

enum mfa_require {
	MFA_REQUIRE_ENROLLED = 1, /* whoever is enrolled is asked */
	MFA_REQUIRE_ALL = 2	  /* everybody is asked, exempt users apart */
};

/* May a user who is not enrolled add a first factor alone (R21)? */
enum mfa_self_enroll {
	MFA_SELF_ENROLL_INVITE = 1, /* with an administrator's invitation */
	MFA_SELF_ENROLL_NO = 2,
	MFA_SELF_ENROLL_YES = 3,
	MFA_SELF_ENROLL_UNTIL = 4   /* yes, to the end of a day */
};

/* Bits of struct mfa_config_realm.provides; outside[i] is OUTSIDE << i. */
enum {
	MFA_PROVIDES_TOTP = 1,
	MFA_PROVIDES_RECOVERY_CODE = 2,
	MFA_PROVIDES_HOTP = 4,
	MFA_PROVIDES_OTP = 8,
	MFA_PROVIDES_OUTSIDE = 16
};

#endif
