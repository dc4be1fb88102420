/* SPDX-License-Identifier: MIT */
/*
 * Where at this host a login takes place, so that a code that was given there
 * need not be given again.
 *
 * MUST (checked against seat.c):
 *  - all of it is the kernel's word, of the process that asks: nothing comes
 *    from the environment or from the user database;
 *  - whatever cannot be found out means that there is no such place.
 */
#ifndef MFA_PAM_SEAT_H
#define MFA_PAM_SEAT_H

#include <stdint.h>

struct mfa_seat {
	uint32_t session; /* of the kernel's audit, which pam_loginuid(8)
			     begins; nobody without CAP_AUDIT_CONTROL leaves
			     it; 0: no place at all */
	uint32_t ruid;	  /* whose process asks: of su, who calls it */
	uint32_t leader;  /* process of the terminal's session */
	uint64_t leader_since; /* when it began, in ticks of this boot: its
				  number and the terminal's come again */
};

/*
 * tty:  PAM_TTY; a place only if it is a terminal of /dev
 * seat: all zero if there is none
 */
void mfa_seat_look(const char *tty, struct mfa_seat *seat);

#endif
