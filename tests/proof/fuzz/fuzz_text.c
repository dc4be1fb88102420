/* SPDX-License-Identifier: MIT */
/*
 * Texts that programs of ours are given: a delivery, an event, mail.conf; and
 * the event that the runner writes.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "programs/delivery.h"
#include "programs/mail_address.h"
#include "programs/mail_config.h"
#include "programs/mail_message.h"
#include "programs/notice.h"
#include "verifier/event/event.h"
#include "verifier/runner/json.h"

/* ---- a delivery ---- */

/* Between name and value of its line, which the text has once. */
static void
is_in(const char *whole, const char *name, const char *value)
{
	char line[MFA_DELIVERY_BYTES + 16];

	(void)snprintf(line, sizeof(line), "%s: %s\n", name, value);
	FUZZ_WANT(strstr(whole, line) != NULL);
}

static void
look_at_mail(const struct mfa_delivery *d)
{
	static char mail[MFA_MAIL_BYTES];
	char subject[256], to[MFA_MAIL_ADDRESS];
	struct mfa_mail_message message = { .from = "root@example.com",
		.to = to, .subject = subject, .body = d->message };
	size_t len = 0, lines = 0;
	const char *body;

	if (!mfa_mail_recipient(d->to, "example.com", to) ||
	    !mfa_delivery_subject(d, subject, sizeof(subject)))
		return;
	FUZZ_WANT(mfa_mail_is_address(to));
	if (mfa_mail_message_format(&message, mail, &len) != MFA_OK) {
		FUZZ_WANT(fuzz_all(mail, sizeof(mail), 0));
		return;
	}
	FUZZ_WANT(len <= sizeof(mail));
	body = memmem(mail, len, "\r\n\r\n", 4);
	FUZZ_WANT(body != NULL);
	/* No field has made a header of its own. */
	for (const char *p = mail; p < body + 2; p++)
		lines += *p == '\n';
	FUZZ_WANT(lines >= 4 && lines <= 12);
	for (size_t i = 0; i < len; i++)
		FUZZ_WANT(mail[i] != '\n' || (i > 0 && mail[i - 1] == '\r'));
}

static void
run_delivery(const uint8_t *data, size_t size)
{
	static char text[MFA_DELIVERY_BYTES], whole[MFA_DELIVERY_BYTES];
	struct mfa_delivery d, before;

	if (size >= sizeof(text))
		return;
	if (size != 0)
		memcpy(text, data, size);
	text[size] = '\0';
	memcpy(whole, text, size + 1);
	memset(&before, 0xa5, sizeof(before));
	d = before;
	if (mfa_delivery_parse(text, &d) != MFA_OK) {
		FUZZ_WANT(memcmp(&d, &before, sizeof(d)) == 0);
		return;
	}
	FUZZ_WANT(d.to[0] != '\0' && d.host[0] != '\0' && d.code[0] != '\0');
	is_in(whole, "to", d.to);
	is_in(whole, "host", d.host);
	is_in(whole, "code", d.code);
	FUZZ_WANT(strlen(whole) > strlen(d.message) && strcmp(whole +
	    strlen(whole) - strlen(d.message), d.message) == 0);
	look_at_mail(&d);
}

/* ---- an event ---- */

static void
run_notice(const uint8_t *data, size_t size)
{
	struct mfa_notice notice, before;
	enum mfa_err r;

	if (size >= MFA_NOTICE_BYTES)
		return;
	memset(&before, 0xa5, sizeof(before));
	notice = before;
	r = mfa_notice_read(size != 0 ? (const char *)data : "", size,
	    &notice);
	if (r != MFA_OK) {
		FUZZ_WANT(r == MFA_ERR_SYNTAX);
		FUZZ_WANT(memcmp(&notice, &before, sizeof(before)) == 0);
		return;
	}
	FUZZ_WANT(fuzz_ends(notice.address, sizeof(notice.address)) &&
	    fuzz_ends(notice.user, sizeof(notice.user)) &&
	    fuzz_ends(notice.subject, sizeof(notice.subject)) &&
	    fuzz_ends(notice.body, sizeof(notice.body)));
	if (!notice.wanted)
		return;
	FUZZ_WANT(notice.subject[0] != '\0' && notice.body[0] != '\0');
	for (const char *p = notice.subject; *p != '\0'; p++)
		FUZZ_WANT(*p >= 0x20 && *p <= 0x7e);
	for (const char *p = notice.body; *p != '\0'; p++)
		FUZZ_WANT((*p >= 0x20 && *p <= 0x7e) || *p == '\n');
}

/* ---- what the runner writes ---- */

static void
fill(struct fuzz_in *in, struct mfa_job_event *e, char *host, size_t size)
{
	memset(e, 0, sizeof(*e));
	e->type = fuzz_byte(in);
	e->err = fuzz_byte(in);
	e->has_left = fuzz_byte(in) & 1;
	e->has_attempts = fuzz_byte(in) & 1;
	e->unprivileged = fuzz_byte(in) & 1;
	e->wall = (uint64_t)fuzz_number(in, 4) << (fuzz_byte(in) % 32);
	e->caller = fuzz_number(in, 4);
	fuzz_line(in, host, size);
	fuzz_line(in, e->realm, sizeof(e->realm));
	fuzz_line(in, e->subject, sizeof(e->subject));
	fuzz_line(in, e->service, sizeof(e->service));
	fuzz_line(in, e->rhost, sizeof(e->rhost));
	fuzz_line(in, e->tty, sizeof(e->tty));
	fuzz_line(in, e->method, sizeof(e->method));
	fuzz_line(in, e->factor, sizeof(e->factor));
	fuzz_line(in, e->reason, sizeof(e->reason));
	fuzz_line(in, e->detail, sizeof(e->detail));
	fuzz_line(in, e->address, sizeof(e->address));
}

static const char *
user_of(json_t *event)
{
	const char *text = json_string_value(json_object_get(event, "user"));

	return text != NULL ? text : "";
}

/* One line of ASCII and JSON, that any parser takes. */
static json_t *
parse(const struct mfa_job_event *e, const char *host)
{
	static char out[MFA_JSON_SIZE];
	size_t len = 0;
	json_t *event;

	if (mfa_json_event(e, host, out, &len) != MFA_OK)
		return NULL;
	FUZZ_WANT(len >= 2 && len <= sizeof(out) && out[len - 1] == '\n');
	for (size_t i = 0; i + 1 < len; i++)
		FUZZ_WANT(out[i] >= 0x20);
	event = json_loadb(out, len, JSON_REJECT_DUPLICATES, NULL);
	FUZZ_WANT(json_is_object(event));
	return event;
}

/* Two users never look alike, and one that is plain is written as it is. */
static void
run_event(const uint8_t *data, size_t size)
{
	static struct mfa_job_event e, other;
	char host[256], *second = other.subject;
	struct fuzz_in in = { data, size };
	json_t *a, *b;

	fill(&in, &e, host, sizeof(host));
	other = e;
	fuzz_line(&in, second, sizeof(other.subject));
	a = parse(&e, host);
	b = parse(&other, host);
	FUZZ_WANT((a == NULL) == (b == NULL));
	if (a != NULL) {
		FUZZ_WANT((strcmp(e.subject, second) == 0) ==
		    (strcmp(user_of(a), user_of(b)) == 0));
		if (fuzz_sentence(e.subject) && e.subject[0] != '\0')
			FUZZ_WANT(strcmp(user_of(a), e.subject) == 0);
	}
	json_decref(a);
	json_decref(b);
}

/* ---- mail.conf ---- */

static void
run_mailconf(const uint8_t *data, size_t size)
{
	static struct mfa_mail_config config, before;
	struct mfa_program_problem problem = { "" };
	enum mfa_err r;

	memset(&before, 0xa5, sizeof(before));
	config = before;
	r = mfa_mail_config_parse("/etc/mail.conf",
	    size != 0 ? (const char *)data : "", size, &config, &problem);
	if (r != MFA_OK) {
		FUZZ_WANT(r == MFA_ERR_CONFIG);
		FUZZ_WANT(memcmp(&config, &before, sizeof(before)) == 0);
		FUZZ_WANT(strncmp(problem.text, "/etc/mail.conf", 14) == 0);
		for (const char *p = problem.text; *p != '\0'; p++)
			FUZZ_WANT(*p >= 0x20 && *p <= 0x7e);
		return;
	}
	FUZZ_WANT(strncmp(config.server, "smtp://", 7) == 0 ||
	    strncmp(config.server, "smtps://", 8) == 0);
	FUZZ_WANT(config.timeout >= 1);
	FUZZ_WANT(config.from[0] == '\0' || mfa_mail_is_address(config.from));
	FUZZ_WANT(config.domain[0] == '\0' ||
	    mfa_mail_is_domain(config.domain));
	FUZZ_WANT((config.user[0] == '\0') == (config.password[0] == '\0'));
}

const struct fuzz_target fuzz_delivery = { "delivery",
	"R12 a delivery is taken whole, and no field makes a header", NULL,
	run_delivery, NULL, 0, 0 };
const struct fuzz_target fuzz_notice = { "notice",
	"R23 an event becomes plain text or nothing", NULL, run_notice,
	NULL, 0, 0 };
const struct fuzz_target fuzz_event = { "event",
	"R23 R26 an event is one line of JSON, and no two users look alike",
	NULL, run_event, NULL, 0, 0 };
const struct fuzz_target fuzz_mailconf = { "mailconf",
	"R27 mail.conf is refused or in bounds", NULL, run_mailconf,
	NULL, 0, 0 };
