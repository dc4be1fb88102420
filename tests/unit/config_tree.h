/* SPDX-License-Identifier: MIT */
/*
 * What the tests of verifier/config/config.c share: a tree of their own with
 * both folders of configuration, new for each test.  To be included first.
 */
#ifndef MFA_TESTS_CONFIG_TREE_H
#define MFA_TESTS_CONFIG_TREE_H

#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/stat.h>

#include "lib/base/text.h"
#include "verifier/config/config.h"

#define ETC	"/t/etc"
#define VENDOR	"/t/vendor"
#define MAIN	ETC "/medusa-mfa.conf"
#define DROP_IN ETC "/conf.d/"

static const struct mfa_config_place place = { .etc = ETC,
	.vendor = VENDOR };

/* A cmocka setup: all folders, no files. */
static inline int
fresh(void **state)
{
	(void)state;
	(void)umask(022);
	(void)umount2("/t", MNT_DETACH);
	if ((mkdir("/t", 0755) != 0 && errno != EEXIST) ||
	    mount("none", "/t", "tmpfs", 0, "mode=0755") != 0 ||
	    mkdir(ETC, 0755) != 0 || mkdir(ETC "/conf.d", 0755) != 0 ||
	    mkdir(VENDOR, 0755) != 0 || mkdir(VENDOR "/conf.d", 0755) != 0)
		return -1;
	return 0;
}

static inline void
put(const char *path, const char *text)
{
	if (!tree_write(path, text))
		fail_msg("cannot write %s", path);
}

static inline void
accepted(struct mfa_config *config)
{
	struct mfa_config_problem problem = { "" };

	memset(config, 0xa5, sizeof(*config));
	if (mfa_config_load(&place, config, &problem) != MFA_OK)
		fail_msg("refused: %s", problem.text);
}

/* The configuration of the caller stays as it was. */
static inline void
refused_as(enum mfa_err err, const struct mfa_config_place *from,
    const char *at, const char *says)
{
	static struct mfa_config config, before;
	struct mfa_config_problem problem = { "" };
	enum mfa_err r;

	memset(&config, 0xa5, sizeof(config));
	memcpy(&before, &config, sizeof(before));
	r = mfa_config_load(from, &config, &problem);
	if (r != err || strncmp(problem.text, at, strlen(at)) != 0 ||
	    strstr(problem.text, says) == NULL)
		fail_msg("%d, '%s' instead of %d, %s %s", r, problem.text, err,
		    at, says);
	assert_memory_equal(&config, &before, sizeof(config));
	assert_true(mfa_text_printable(problem.text));
	assert_null(strpbrk(problem.text, "\"\\"));
}

static inline void
refused(const char *at, const char *says)
{
	refused_as(MFA_ERR_CONFIG, &place, at, says);
}

/* Runs the tests inside; the program's exit status. */
static inline int
run_inside(int (*run)(void))
{
	struct tree tree;
	int failed;

	/* Not cmocka's skip(): automake counts its line as a failure. */
	if (!tree_enter(&tree)) {
		(void)puts("1..0 # SKIP no namespaces of its own here");
		return 0;
	}
	failed = run();
	return tree_leave(&tree) ? failed : 1;
}

#endif
