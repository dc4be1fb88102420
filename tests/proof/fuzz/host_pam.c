/* SPDX-License-Identifier: MIT */
/* In the place of libpam: items, data, a conversation, a log. */
#include "tests/proof/fuzz/host_pam.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <security/pam_ext.h>
#include <security/pam_modutil.h>

/* What people see and what logs keep is printable, and has no answer. */
static void
look_at_text(const struct pam_handle *host, const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		FUZZ_WANT(*p >= 0x20 && *p <= 0x7e);
	FUZZ_WANT(host->marked || strstr(text, HOST_MARKER) == NULL);
}

/* ---- the person ---- */

static char *
typed(struct pam_handle *host, uint8_t kind)
{
	char line[400], *huge;

	fuzz_line(&host->in, line, sizeof(line));
	switch (kind) {
	case 2:
		return NULL;
	case 6:
		if ((huge = malloc(5000)) != NULL) {
			memset(huge, 'A', 4999);
			huge[4999] = '\0';
		}
		return huge;
	case 7:
		return strdup(host->password != NULL ? host->password : "");
	case 8:
		return strdup(HOST_MARKER);
	default:
		return strdup(line);
	}
}

int
host_converse(int n, const struct pam_message **messages,
    struct pam_response **responses, void *data)
{
	struct pam_handle *host = data;
	uint8_t kind = fuzz_byte(&host->in) % 10;

	FUZZ_WANT(n == 1 && messages[0]->msg != NULL);
	FUZZ_WANT(++host->asked <= HOST_ASKED);
	look_at_text(host, messages[0]->msg);
	*responses = NULL;
	if (kind == 3)
		return PAM_CONV_ERR;
	if (kind == 5)
		return PAM_BUF_ERR;
	if (kind == 0)
		return PAM_SUCCESS;
	*responses = malloc(sizeof(**responses));
	FUZZ_WANT(*responses != NULL);
	(*responses)->resp = typed(host, kind);
	(*responses)->resp_retcode = 0;
	return kind == 4 ? PAM_CONV_ERR : PAM_SUCCESS;
}

/* ---- libpam ---- */

static const void *
item_of(const struct pam_handle *host, int type)
{
	switch (type) {
	case PAM_USER:
		return (host->bits & HOST_NO_USER) != 0 ? NULL : host->user;
	case PAM_SERVICE:
		return (host->bits & HOST_NO_SERVICE) != 0 ? NULL :
		    host->service;
	case PAM_RHOST:
		return (host->bits & HOST_NO_RHOST) != 0 ? NULL : host->rhost;
	case PAM_TTY:
		return (host->bits & HOST_NO_TTY) != 0 ? NULL : host->tty;
	case PAM_AUTHTOK:
		return host->password;
	case PAM_CONV:
		return (host->bits & HOST_NO_CONVERSATION) != 0 ? NULL :
		    &host->conv;
	default:
		fuzz_broken("an item that is not asked for", __FILE__,
		    __LINE__);
	}
}

int
pam_get_item(const pam_handle_t *pamh, int item_type, const void **item)
{
	struct pam_handle *host;

	memcpy(&host, &pamh, sizeof(host));
	*item = NULL;
	if (host_fails(host))
		return PAM_SYSTEM_ERR;
	*item = item_of(host, item_type);
	return PAM_SUCCESS;
}

/* R20: PAM_USER and the rest are the host's. */
int
pam_set_item(pam_handle_t *pamh, int item_type, const void *item)
{
	char *copy;

	FUZZ_WANT(item_type == PAM_AUTHTOK && item != NULL);
	if (host_fails(pamh))
		return pamh->error % 2 != 0 ? PAM_BUF_ERR : PAM_SYSTEM_ERR;
	copy = strdup(item);
	free(pamh->password);
	pamh->password = copy;
	return PAM_SUCCESS;
}

static struct host_piece *
find(struct pam_handle *host, const char *name)
{
	for (size_t i = 0; i < HOST_PIECES; i++) {
		if (strcmp(host->piece[i].name, name) == 0)
			return &host->piece[i];
	}
	return NULL;
}

int
pam_set_data(pam_handle_t *pamh, const char *name, void *data,
    void (*cleanup)(pam_handle_t *pamh, void *data, int status))
{
	struct host_piece *piece = find(pamh, name);

	if (host_fails(pamh))
		return PAM_BUF_ERR;
	if (piece != NULL && piece->cleanup != NULL)
		piece->cleanup(pamh, piece->data, 0);
	if (piece == NULL)
		piece = find(pamh, "");
	FUZZ_WANT(piece != NULL);
	(void)snprintf(piece->name, sizeof(piece->name), "%s", name);
	piece->data = data;
	piece->cleanup = cleanup;
	return PAM_SUCCESS;
}

int
pam_get_data(const pam_handle_t *pamh, const char *name, const void **data)
{
	struct pam_handle *host;
	const struct host_piece *piece;

	memcpy(&host, &pamh, sizeof(host));
	piece = find(host, name);
	if (piece == NULL)
		return PAM_NO_MODULE_DATA;
	*data = piece->data;
	return PAM_SUCCESS;
}

/* Where none is set the person is asked, as libpam does. */
int
pam_get_user(pam_handle_t *pamh, const char **user, const char *prompt)
{
	uint8_t how;

	(void)prompt;
	*user = NULL;
	if (host_fails(pamh))
		return PAM_BUF_ERR;
	if ((pamh->bits & HOST_NO_USER) != 0) {
		how = fuzz_byte(&pamh->in) % 3;
		if (how == 0)
			return PAM_CONV_ERR;
		if (how == 1)
			pamh->bits &= (uint8_t)~HOST_NO_USER;
	}
	*user = item_of(pamh, PAM_USER);
	return *user != NULL ? PAM_SUCCESS : PAM_SYSTEM_ERR;
}

const char *
pam_getenv(pam_handle_t *pamh, const char *name)
{
	FUZZ_WANT(strcmp(name, "SSH_AUTH_INFO_0") == 0);
	return (pamh->bits & HOST_KEY) != 0 ? pamh->key : NULL;
}

void
pam_syslog(const pam_handle_t *pamh, int priority, const char *fmt, ...)
{
	char line[4096];
	va_list args;

	(void)priority;
	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	look_at_text(pamh, line);
}

int
pam_fail_delay(pam_handle_t *pamh, unsigned int usec)
{
	(void)pamh;
	(void)usec;
	return PAM_SUCCESS;
}

int
pam_modutil_audit_write(pam_handle_t *pamh, int type, const char *message,
    int retval)
{
	(void)pamh;
	FUZZ_WANT((type == 2205 || type == 2206) && message[0] != '\0' &&
	    retval == PAM_SUCCESS);
	return PAM_SUCCESS;
}
