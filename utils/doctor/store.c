/* SPDX-License-Identifier: MIT */
#include "utils/doctor/store.h"

#include <inttypes.h>
#include <stdio.h>

#include "utils/doctor/word.h"

static const struct trouble {
	enum mfa_err err;
	const char *id;
	const char *cause; /* others that say why, if they were told */
	bool keys;	   /* about the ring */
} troubles[] = {
	{ MFA_ERR_UNSAFE, "file-unsafe", "", false },
	{ MFA_ERR_READ_ONLY, "store-read-only", "", false },
	{ MFA_ERR_NO_SPACE, "store-full", "", false },
	{ MFA_ERR_NO_KEY, "key-missing", "not-set-up", true },
	{ MFA_ERR_FORMAT, "store-newer", "", false },
	{ MFA_ERR_NOT_FOUND, "store-missing", "not-set-up", false },
	{ MFA_ERR_DAMAGED, "store-damaged", "", false },
	{ MFA_ERR_IO, "store-problem", "file-unreadable file-unsafe", false },
	{ MFA_ERR_LIMIT, "store-problem", "", false },
	{ MFA_ERR_MEMORY, "store-problem", "", false },
	{ MFA_ERR_CRYPTO, "store-problem", "", false },
	{ MFA_ERR_NETWORK_FS, "store-problem", "", false },
};

enum mfa_err
mfa_store_err(const char *sentence)
{
	for (int err = MFA_OK + 1; err < MFA_ERR_END; err++) {
		if (mfa_word_same(mfa_strerror((enum mfa_err)err), sentence))
			return (enum mfa_err)err;
	}
	/* medusa-mfad --check says it at length. */
	return mfa_word_begins(sentence, "not safe: ") ? MFA_ERR_UNSAFE :
							 MFA_OK;
}

static const struct trouble *
trouble_of(enum mfa_err err)
{
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		if (troubles[i].err == err)
			return &troubles[i];
	}
	return NULL;
}

/* A folder above keeps the account from what is below. */
static bool
is_on_the_way(const char *place, const char *path)
{
	return mfa_word_begins(place, path) || mfa_word_begins(path, place);
}

/* At a place; without one, anywhere in store and ring. */
static bool
is_at(const struct mfa_finding *finding, const struct mfa_settings *settings,
    const char *where)
{
	if (mfa_word_same(finding->kind->id, "not-set-up"))
		return true;
	if (where != NULL)
		return is_on_the_way(finding->where, where);
	return is_on_the_way(finding->where, settings->store) ||
	    is_on_the_way(finding->where, settings->keys);
}

/* What was told of it before. */
static struct mfa_finding *
told(struct mfa_found *found, const struct mfa_settings *settings,
    const struct trouble *trouble, const char *where)
{
	for (size_t i = 0; i < found->count; i++) {
		struct mfa_finding *finding = &found->findings[i];

		if ((mfa_word_same(finding->kind->id, trouble->id) ||
			mfa_word_among(finding->kind->id, trouble->cause)) &&
		    is_at(finding, settings, where))
			return finding;
	}
	return NULL;
}

bool
mfa_store_is_told(struct mfa_found *found, const struct mfa_settings *settings,
    enum mfa_err err)
{
	const struct trouble *trouble = trouble_of(err);
	const struct mfa_finding *finding = trouble == NULL ? NULL :
	    told(found, settings, trouble, NULL);

	return finding != NULL && finding->kind->severity == MFA_DANGER;
}

bool
mfa_store_tell(struct mfa_found *found, const struct mfa_settings *settings,
    enum mfa_err err, const char *where, const char *user)
{
	const struct trouble *trouble = trouble_of(err);
	struct mfa_finding *finding;

	if (trouble == NULL)
		return false;
	if ((finding = told(found, settings, trouble, where)) != NULL) {
		mfa_found_about(finding, user);
		return true;
	}
	if (where == NULL)
		where = trouble->keys ? settings->keys : settings->store;
	mfa_found_add(found, trouble->id, user, where, "%s",
	    mfa_strerror(err));
	return true;
}

/* ---- room ---- */

uint64_t
mfa_store_room(const struct statvfs *fs)
{
	uint64_t unit = fs->f_frsize, room;

	/* Without a limit, as a tmpfs may be. */
	if (fs->f_blocks == 0 || unit == 0)
		return UINT64_MAX;
	room = fs->f_bavail / ((MFA_STORE_RECORD + unit - 1) / unit);
	/* Some make inodes as they need them, and count none. */
	if (fs->f_files != 0 && fs->f_favail < room)
		room = fs->f_favail;
	return room;
}

void
mfa_store_judge_room(const struct mfa_settings *settings,
    struct mfa_found *found)
{
	char path[300], inodes[48] = "";
	struct statvfs fs;
	uint64_t room;

	(void)snprintf(path, sizeof(path), "%s/records", settings->store);
	/* A read-only one has no room to use, and is told as that. */
	if (statvfs(path, &fs) != 0 || (fs.f_flag & ST_RDONLY) != 0)
		return;
	if ((room = mfa_store_room(&fs)) >= MFA_STORE_FEW)
		return;
	if (fs.f_files != 0)
		(void)snprintf(inodes, sizeof(inodes), " and %" PRIu64
		    " inodes", (uint64_t)fs.f_favail);
	mfa_found_add(found, room == 0 ? "store-full" : "store-nearly-full",
	    NULL, path, "there is room for %" PRIu64 " more records: %" PRIu64
	    " KiB%s are free to others than root", room,
	    (uint64_t)fs.f_bavail * fs.f_frsize / 1024, inodes);
}
