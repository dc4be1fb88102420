/* SPDX-License-Identifier: MIT */
#include "tests/proof/fuzz/people.h"

#include <pwd.h>
#include <string.h>

#include "tests/proof/fuzz/fuzz.h"

int __wrap_getpwnam_r(const char *name, struct passwd *entry, char *buffer,
    size_t size, struct passwd **found);
int __wrap_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer,
    size_t size, struct passwd **found);

static int
give(const char *name, uid_t uid, struct passwd *entry, char *buffer,
    size_t size)
{
	FUZZ_WANT(strlen(name) < size);
	memset(entry, 0, sizeof(*entry));
	memcpy(buffer, name, strlen(name) + 1);
	entry->pw_name = buffer;
	entry->pw_uid = entry->pw_gid = uid;
	return 0;
}

static const struct {
	const char *name;
	uid_t uid;
} people[] = { { "root", 0 }, { "alice", ALICE }, { "bob", BOB },
	{ "shopd", SHOP } };
#define PEOPLE (sizeof(people) / sizeof(people[0]))

int
__wrap_getpwnam_r(const char *name, struct passwd *entry, char *buffer,
    size_t size, struct passwd **found)
{
	*found = NULL;
	for (size_t i = 0; i < PEOPLE; i++) {
		if (strcmp(people[i].name, name) == 0) {
			*found = entry;
			return give(name, people[i].uid, entry, buffer, size);
		}
	}
	return 0;
}

int
__wrap_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
    struct passwd **found)
{
	*found = NULL;
	for (size_t i = 0; i < PEOPLE; i++) {
		if (people[i].uid == uid) {
			*found = entry;
			return give(people[i].name, uid, entry, buffer, size);
		}
	}
	return 0;
}
