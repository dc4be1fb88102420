/* SPDX-License-Identifier: MIT */
#include "verifier/engine/groups.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/num.h"

#define NAME_BYTES  257
#define ENTRY_FIRST 4096
#define ENTRY_MOST  (8 << 20) /* a group of a hundred thousand members */
#define GROUPS_MOST 65536     /* NGROUPS_MAX of Linux */

/* By name, or by gid where that is NULL. */
struct wanted {
	const char *name;
	gid_t gid;
};

/* One look-up, with a buffer that grows as getgrnam_r(3) asks for. */
static enum mfa_err
look_up(const struct wanted *wanted, char *buffer, size_t size,
    struct group *entry, struct group **found)
{
	int r;

	do {
		r = wanted->name != NULL ?
		    getgrnam_r(wanted->name, entry, buffer, size, found) :
		    getgrgid_r(wanted->gid, entry, buffer, size, found);
	} while (r == EINTR);
	if (r == ERANGE)
		return MFA_ERR_FULL;
	if (r != 0)
		return MFA_ERR_NSS;
	return *found == NULL ? MFA_ERR_NOT_FOUND : MFA_OK;
}

static bool
names_member(const struct group *entry, const char *user)
{
	for (char **p = entry->gr_mem; p != NULL && *p != NULL; p++) {
		if (strcmp(*p, user) == 0)
			return true;
	}
	return false;
}

struct target {
	gid_t gid;
	bool listed; /* the group's own list has the user */
};

static enum mfa_err
find(const char *name, const char *user, struct target *out)
{
	struct group entry, *found = NULL;
	struct wanted wanted = { .name = name };
	enum mfa_err r = MFA_ERR_FULL;
	uint64_t number;

	if (strspn(name, "0123456789") == strlen(name)) {
		if (mfa_num_parse(name, 0, UINT32_MAX - 1, &number) != MFA_OK)
			return MFA_ERR_NOT_FOUND;
		wanted = (struct wanted){ .gid = (gid_t)number };
	}
	for (size_t size = ENTRY_FIRST; r == MFA_ERR_FULL && size <= ENTRY_MOST;
	    size *= 2) {
		char *buffer = malloc(size);

		if (buffer == NULL)
			return MFA_ERR_MEMORY;
		r = look_up(&wanted, buffer, size, &entry, &found);
		if (r == MFA_OK)
			*out = (struct target){ entry.gr_gid,
				names_member(found, user) };
		free(buffer);
	}
	return r == MFA_ERR_FULL ? MFA_ERR_NSS : r;
}

/*
 * getgrouplist(3) leaves out what a source that does not answer would have
 * said, and tells nobody but by errno.
 */
static bool
is_outage(int err)
{
	return err != 0 && err != ENOENT && err != ESRCH && err != ERANGE &&
	    err != EINVAL && err != ENOTTY;
}

static enum mfa_err
load(struct mfa_groups *groups, const struct mfa_subject *subject)
{
	int size = 64, count;

	while (groups->list == NULL && size <= GROUPS_MOST) {
		gid_t *list = calloc((size_t)size, sizeof(*list));

		if (list == NULL)
			return MFA_ERR_MEMORY;
		count = size;
		errno = 0;
		if (getgrouplist(subject->name, subject->gid, list, &count) >=
		    0) {
			groups->list = list;
			groups->count = count;
			groups->partial = is_outage(errno);
			return MFA_OK;
		}
		free(list);
		/* It says how many there are; at least some more. */
		size = count > size ? count : 2 * size;
	}
	return groups->list != NULL ? MFA_OK : MFA_ERR_NSS;
}

enum mfa_err
mfa_groups_has(struct mfa_groups *groups, const struct mfa_subject *subject,
    const char *name, size_t len, bool *has)
{
	char word[NAME_BYTES];
	struct target target;
	enum mfa_err r;

	if (len >= sizeof(word))
		return MFA_ERR_NOT_FOUND;
	memcpy(word, name, len);
	word[len] = '\0';
	if ((r = find(word, subject->name, &target)) != MFA_OK ||
	    (r = load(groups, subject)) != MFA_OK)
		return r;
	for (int i = 0; i < groups->count; i++)
		target.listed |= groups->list[i] == target.gid;
	/* Half a list says yes, but never no. */
	if (!target.listed && groups->partial)
		return MFA_ERR_NSS;
	*has = target.listed;
	return MFA_OK;
}

void
mfa_groups_free(struct mfa_groups *groups)
{
	free(groups->list);
	memset(groups, 0, sizeof(*groups));
}
