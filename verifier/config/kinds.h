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

#define MFA_CONFIG_RULES 24	  /* [rule NAME] sections */
#define MFA_CONFIG_RULE 33	  /* bytes of a rule's name */
#define MFA_CONFIG_NETWORKS 16	  /* entries of from */

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

/* What a rule says of whom it is about. */
enum mfa_decision {
	MFA_DECISION_REQUIRE = 1,  /* asked, enrolled or not */
	MFA_DECISION_OPTIONAL = 2, /* asked if enrolled */
	MFA_DECISION_EXEMPT = 3,   /* not asked */
	MFA_DECISION_DENY = 4	   /* does not come in */
};

/* What becomes of who is not enrolled and may not pass, or not any more. */
enum mfa_unenrolled {
	MFA_UNENROLLED_REFUSE = 1,
	MFA_UNENROLLED_ENROLL = 2 /* in the login itself */
};

/* Whether a login has used a public key already. */
enum mfa_key_used {
	MFA_KEY_USED_ANY = 0, /* no condition */
	MFA_KEY_USED_YES = 1,
	MFA_KEY_USED_NO = 2
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
