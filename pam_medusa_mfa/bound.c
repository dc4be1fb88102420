/* SPDX-License-Identifier: MIT */
/* MUST list: bound.h. */
#include "pam_medusa_mfa/bound.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/secret.h"

struct bound {
	char user[MFA_WHO_SIZE(user)];
	char service[MFA_WHO_SIZE(service)];
	size_t size;
	unsigned char bytes[MFA_BOUND_MAX];
};

static void
discard(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	mfa_secret_wipe(data, sizeof(struct bound));
	free(data);
}

/* NULL if there is nothing, or if it was dropped. */
static const struct bound *
find(pam_handle_t *pamh, const char *name)
{
	const void *data = NULL;

	if (pam_get_data(pamh, name, &data) != PAM_SUCCESS)
		return NULL;
	return data;
}

enum mfa_err
mfa_bound_put(pam_handle_t *pamh, const char *name, const struct mfa_who *who,
    const void *bytes, size_t size)
{
	struct bound *bound;

	if (size > sizeof(bound->bytes))
		return MFA_ERR_INVALID;
	if ((bound = calloc(1, sizeof(*bound))) == NULL)
		return MFA_ERR_MEMORY;
	memcpy(bound->user, who->user, sizeof(bound->user));
	memcpy(bound->service, who->service, sizeof(bound->service));
	bound->size = size;
	memcpy(bound->bytes, bytes, size);
	if (pam_set_data(pamh, name, bound, discard) != PAM_SUCCESS) {
		discard(pamh, bound, 0);
		return MFA_ERR_MEMORY;
	}
	return MFA_OK;
}

bool
mfa_bound_get(pam_handle_t *pamh, const char *name, const struct mfa_who *who,
    void *bytes, size_t size)
{
	const struct bound *bound = find(pamh, name);

	if (bound == NULL || bound->size != size ||
	    strcmp(bound->user, who->user) != 0 ||
	    strcmp(bound->service, who->service) != 0)
		return false;
	memcpy(bytes, bound->bytes, size);
	return true;
}

/* libpam runs discard on what it replaces. */
enum mfa_err
mfa_bound_drop(pam_handle_t *pamh, const char *name)
{
	if (find(pamh, name) == NULL)
		return MFA_OK;
	if (pam_set_data(pamh, name, NULL, NULL) != PAM_SUCCESS)
		return MFA_ERR_MEMORY;
	return MFA_OK;
}
