/* SPDX-License-Identifier: MIT */
/*
 * Replays files: every one of corpus/NAME of every target, as TAP.  With
 * arguments NAME FILE... only these, to look at a finding.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/proof/fuzz/fuzz.h"

#define INPUT 65536

static void
replay(const struct fuzz_target *target, const char *path)
{
	uint8_t *bytes;
	size_t len;
	FILE *f = fopen(path, "re");
	uint8_t *exact;

	if (f == NULL || (bytes = malloc(INPUT)) == NULL)
		fuzz_broken(path, __FILE__, __LINE__);
	len = fread(bytes, 1, INPUT, f);
	(void)fclose(f);
	/* As large as it is, so that a sanitizer sees each byte too many. */
	if ((exact = malloc(len != 0 ? len : 1)) == NULL)
		fuzz_broken(path, __FILE__, __LINE__);
	memcpy(exact, bytes, len);
	free(bytes);
	target->run(exact, len);
	free(exact);
}

static unsigned int
replay_folder(const struct fuzz_target *target, const char *folder)
{
	struct dirent **names = NULL;
	char path[4096];
	unsigned int count = 0;
	int n;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, target->name);
	n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.') {
			(void)snprintf(path, sizeof(path), "%s/%s/%s", folder,
			    target->name, names[i]->d_name);
			replay(target, path);
			count++;
		}
		free(names[i]);
	}
	free(names);
	return count;
}

/* One line each; what does not hold has ended the program. */
static int
replay_all(const char *folder)
{
	int number = 0, failed = 0;

	for (size_t i = 0; fuzz_targets[i] != NULL; i++) {
		const struct fuzz_target *target = fuzz_targets[i];
		unsigned int count;

		if (target->begin != NULL)
			target->begin();
		target->run(NULL, 0);
		count = replay_folder(target, folder);
		failed += count == 0;
		(void)printf("%sok %d - %s: %s (%u inputs)\n",
		    count == 0 ? "not " : "", ++number, target->name,
		    target->proves, count);
		(void)fflush(stdout);
	}
	(void)printf("1..%d\n", number);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static const struct fuzz_target *
find(const char *name)
{
	size_t i = 0;

	while (fuzz_targets[i] != NULL &&
	    strcmp(fuzz_targets[i]->name, name) != 0)
		i++;
	return fuzz_targets[i];
}

int
main(int argc, char **argv)
{
	const struct fuzz_target *target;

	if (argc < 2)
		return replay_all(FUZZ_CORPUS);
	if ((target = find(argv[1])) == NULL) {
		(void)fprintf(stderr, "there is no target %s\n", argv[1]);
		return EXIT_FAILURE;
	}
	if (target->begin != NULL)
		target->begin();
	for (int i = 2; i < argc; i++)
		replay(target, argv[i]);
	return EXIT_SUCCESS;
}
