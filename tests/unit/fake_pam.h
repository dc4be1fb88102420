/* SPDX-License-Identifier: MIT */
/*
 * In the place of libpam, for a test of what the module leaves on the handle:
 * two pieces of data and PAM_AUTHTOK.  libpam's own functions are not called.
 * free is wrapped (-Wl,--wrap=free): data that is freed was wiped (R14).
 */
#ifndef MFA_TESTS_FAKE_PAM_H
#define MFA_TESTS_FAKE_PAM_H

#include <malloc.h>
#include <stdlib.h>

#include <security/pam_modules.h>

#include "tests/unit/unit.h"

#define FAKE_PIECES 2

struct fake_piece {
	char name[64];
	void *data;
	void (*cleanup)(pam_handle_t *pamh, void *data, int status);
};

struct pam_handle {
	struct fake_piece piece[FAKE_PIECES];
	int set_data_code, get_data_code;
	char *authtok; /* allocated; NULL: not set */
	int get_item_code, set_item_code;
	unsigned int cleaned; /* pieces that cleanup functions got */
};

/* What the next free is held against; its wiped bytes. */
static const void *fake_dying;
static size_t fake_dying_size;

void __real_free(void *p);
void __wrap_free(void *p);

void
__wrap_free(void *p)
{
	if (p != NULL && p == fake_dying) {
		assert_true(unit_all(p, fake_dying_size, 0));
		fake_dying = NULL;
	}
	__real_free(p);
}

static struct fake_piece *
fake_find(struct pam_handle *pamh, const char *name)
{
	for (size_t i = 0; i < FAKE_PIECES; i++) {
		if (strcmp(pamh->piece[i].name, name) == 0)
			return &pamh->piece[i];
	}
	return NULL;
}

static void
fake_clean(pam_handle_t *pamh, struct fake_piece *piece)
{
	if (piece->cleanup == NULL)
		return;
	if (piece->data != NULL) {
		fake_dying = piece->data;
		fake_dying_size = malloc_usable_size(piece->data);
		pamh->cleaned++;
	}
	piece->cleanup(pamh, piece->data, 0);
	assert_null(fake_dying);
}

int
pam_set_data(pam_handle_t *pamh, const char *name, void *data,
    void (*cleanup)(pam_handle_t *pamh, void *data, int status))
{
	struct fake_piece *piece = fake_find(pamh, name);

	if (pamh->set_data_code != PAM_SUCCESS)
		return pamh->set_data_code;
	if (piece != NULL)
		fake_clean(pamh, piece);
	else
		piece = fake_find(pamh, "");
	if (piece == NULL)
		return PAM_BUF_ERR;
	(void)snprintf(piece->name, sizeof(piece->name), "%s", name);
	piece->data = data;
	piece->cleanup = cleanup;
	return PAM_SUCCESS;
}

/* What fails may have set data all the same. */
int
pam_get_data(const pam_handle_t *pamh, const char *name, const void **data)
{
	for (size_t i = 0; i < FAKE_PIECES; i++) {
		if (strcmp(pamh->piece[i].name, name) == 0) {
			*data = pamh->piece[i].data;
			return pamh->get_data_code;
		}
	}
	return PAM_NO_MODULE_DATA;
}

int
pam_get_item(const pam_handle_t *pamh, int item_type, const void **item)
{
	assert_int_equal(item_type, PAM_AUTHTOK);
	*item = pamh->authtok;
	return pamh->get_item_code;
}

int
pam_set_item(pam_handle_t *pamh, int item_type, const void *item)
{
	char *copy = strdup(item);

	assert_int_equal(item_type, PAM_AUTHTOK);
	if (pamh->set_item_code != PAM_SUCCESS) {
		free(copy);
		return pamh->set_item_code;
	}
	free(pamh->authtok);
	pamh->authtok = copy;
	return PAM_SUCCESS;
}

/* What pam_end does. */
static inline void
fake_end(struct pam_handle *pamh)
{
	for (size_t i = 0; i < FAKE_PIECES; i++)
		fake_clean(pamh, &pamh->piece[i]);
	free(pamh->authtok);
	memset(pamh, 0, sizeof(*pamh));
}

#endif
