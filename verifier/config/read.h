/* SPDX-License-Identifier: MIT */
/*
 * One file's text into the configuration; nobody outside this folder includes
 * it.
 *
 * MUST (checked against read.c; R27):
 *  - every byte of the text belongs to an empty line, a comment, a section
 *    line or one option; nothing is skipped, joined or cut without a word;
 *  - an option is known, stands in its section, is set once a file (for each
 *    realm and provider), and has a value that its row of the table takes;
 *  - the first problem ends the reading and is said with file and line;
 *  - no byte of the text goes into the sentence, but plain names.
 */
#ifndef MFA_CONFIG_READ_H
#define MFA_CONFIG_READ_H

#include <stddef.h>
#include <stdint.h>

#include "verifier/config/config.h"
#include "verifier/config/options.h"
#include "verifier/config/section.h"

/* Bytes of the longest line: exempt_users at its fullest. */
#define MFA_CONFIG_LINE 17000

/* Where an option was last set; file 0: it has its default. */
struct mfa_config_origin {
	uint32_t file; /* ordinal, from 1 in the order of reading */
	uint32_t line;
};

/* What is carried from file to file. */
struct mfa_config_reading {
	struct mfa_config *config;
	struct mfa_config_problem *problem;
	struct mfa_config_origin origin[MFA_CONFIG_INSTANCES]
	    [MFA_CONFIG_OPTION_MAX];
	/* first line of each realm and provider */
	struct mfa_config_origin opened[MFA_CONFIG_INSTANCES];
};

/*
 * Parses len bytes of one file into reading->config.
 *
 * path: for problem texts
 * file: ordinal of the file, from 1; each file has its own
 *
 * Returns: MFA_OK; MFA_ERR_CONFIG; MFA_ERR_MEMORY.  The problem is filled in
 * on failure; the configuration is then half-changed.
 */
enum mfa_err mfa_config_read(struct mfa_config_reading *reading,
    const char *path, uint32_t file, const uint8_t *text,
    size_t len) MFA_MUST_USE;

/*
 * Says "PATH:LINE: sentence", without the line if it is 0.
 *
 * Returns: MFA_ERR_CONFIG.
 */
enum mfa_err mfa_config_say(struct mfa_config_problem *problem,
    const char *path, uint32_t line, const char *format, ...) MFA_MUST_USE
    __attribute__((format(printf, 4, 5)));

#endif
