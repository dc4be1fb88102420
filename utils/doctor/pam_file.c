/* SPDX-License-Identifier: MIT */
/* The files of modules, and names that were meant for ours. */
#include <stdio.h>
#include <string.h>

#include "utils/doctor/pam_module.h"
#include "utils/doctor/word.h"

#define OURS "medusa_mfa" /* between pam_ and .so */

/* Of ten letters; the nearest of all modules that are known here is off by 8. */
#define SLIPS 2

/* Where distributions have their modules. */
static const char *const folders[] = { "/usr/lib/x86_64-linux-gnu/security",
	"/usr/lib/aarch64-linux-gnu/security", "/usr/lib64/security",
	"/usr/lib/security", "/lib/x86_64-linux-gnu/security",
	"/lib64/security", "/lib/security",
	"/usr/lib/i386-linux-gnu/security",
	"/usr/lib/arm-linux-gnueabihf/security",
	"/usr/lib/riscv64-linux-gnu/security",
	"/usr/lib/powerpc64le-linux-gnu/security",
	"/usr/lib/s390x-linux-gnu/security" };

static bool
is_module(const struct mfa_tree *tree, const char *path)
{
	struct stat st;

	/* An empty one is what a full disk leaves of a package. */
	return mfa_tree_stat(tree, path, true, &st) && st.st_size != 0;
}

bool
mfa_pam_file_is_there(const struct mfa_tree *tree, const char *module)
{
	char path[300];

	if (module[0] == '/')
		return is_module(tree, module);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folders[i],
		    module);
		if (is_module(tree, path))
			return true;
	}
	return false;
}

/* How many letters are to be put in, left out or changed (Levenshtein). */
static size_t
distance(const char *a, const char *b)
{
	size_t row[sizeof(OURS)], n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			size_t here = corner + (a[i] != b[j]);

			corner = row[j + 1];
			if (corner + 1 < here)
				here = corner + 1;
			if (row[j] + 1 < here)
				here = row[j] + 1;
			row[j + 1] = here;
		}
	}
	return row[n];
}

bool
mfa_pam_means_us(const char *name)
{
	char word[64];
	size_t len = 0;

	name = mfa_pam_base(name);
	if (mfa_word_begins(name, "pam_") || mfa_word_begins(name, "pam-"))
		name += strlen("pam_");
	for (; name[len] != '\0' && name[len] != '.' && len < sizeof(word) - 1;
	     len++)
		word[len] = name[len] >= 'A' && name[len] <= 'Z' ?
		    (char)(name[len] + ('a' - 'A')) : name[len];
	word[len] = '\0';
	return strstr(word, "medusa") != NULL || distance(word, OURS) <= SLIPS;
}

bool
mfa_pam_is_misspelt(const struct mfa_tree *tree,
    const struct mfa_pam_handler *handler)
{
	return handler->line.kind == MFA_PAM_MODULE &&
	    !mfa_pam_is_ours(handler) &&
	    mfa_pam_means_us(handler->line.module) &&
	    !mfa_pam_file_is_there(tree, handler->line.module);
}
