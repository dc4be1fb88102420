/* SPDX-License-Identifier: MIT */
#include "verifier/runner/json.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/base/text.h"
#include "verifier/event/event.h"

#define TEXT 260 /* bytes of the longest value */

/* Every value in its own field of the event fits, escaped to six bytes each. */
_Static_assert(6 * (sizeof(struct mfa_job_event)) + 512 <= MFA_JSON_SIZE,
    "the longest event fits");

/*
 * What is no UTF-8 is not lost: such bytes become \xHH, and so does a
 * backslash, so that each can be told from the other.
 */
static json_t *
escaped(const char *text)
{
	char out[4 * TEXT + 1];
	size_t used = 0;

	for (const char *p = text; *p != '\0' && used + 4 < sizeof(out); p++) {
		uint8_t c = (uint8_t)*p;

		if (c < 0x80 && c != '\\') {
			out[used++] = (char)c;
			continue;
		}
		out[used++] = '\\';
		out[used++] = 'x';
		mfa_num_hex(&c, 1, out + used);
		used += 2;
	}
	return json_stringn(out, used);
}

/* Returns: false if memory is short, once and for all calls. */
static bool
put(json_t *object, const char *key, const char *text)
{
	json_t *value;

	if (text == NULL || text[0] == '\0')
		return true;
	/* Nor is a backslash of the text's own one of these. */
	value = strchr(text, '\\') == NULL ? json_string(text) : NULL;
	if (value == NULL)
		value = escaped(text);
	return json_object_set_new(object, key, value) == 0;
}

static bool
put_number(json_t *object, const char *key, uint32_t number)
{
	return json_object_set_new(object, key, json_integer(number)) == 0;
}

/* RFC 3339, UTC; left out for a time that no calendar has. */
static bool
put_time(json_t *object, uint64_t wall)
{
	char text[MFA_TEXT_TIME];

	if (!mfa_text_time(wall, text))
		return true;
	return put(object, "time", text);
}

/* What somebody else than root says is its word, as in the log. */
static bool
put_claims(json_t *object, const struct mfa_job_event *e)
{
	const bool claimed = e->unprivileged != 0;

	return put(object, claimed ? "claimed_service" : "service",
		   e->service) &&
	    put(object, claimed ? "claimed_rhost" : "rhost", e->rhost) &&
	    put(object, claimed ? "claimed_tty" : "tty", e->tty);
}

static bool
put_numbers(json_t *object, const struct mfa_job_event *e)
{
	if (e->has_left != 0 && !put_number(object, "left", e->left))
		return false;
	if (e->has_attempts != 0 &&
	    !put_number(object, "attempts_left", e->attempts))
		return false;
	return put_number(object, "uid", e->caller);
}

static bool
fill(json_t *object, const struct mfa_job_event *e, const char *host)
{
	return put(object, "event",
		   mfa_event_name((enum mfa_event_type)e->type)) &&
	    put_time(object, e->wall) && put(object, "host", host) &&
	    put(object, "realm", e->realm) && put(object, "user", e->subject) &&
	    put_claims(object, e) && put(object, "method", e->method) &&
	    put(object, "factor", e->factor) &&
	    put(object, "reason", e->reason) && put(object, "err", e->err == MFA_OK ? "" :
	    mfa_event_err((enum mfa_err)e->err)) &&
	    put(object, "detail", e->detail) && put_numbers(object, e) &&
	    put(object, "address", e->address);
}

enum mfa_err
mfa_json_event(const struct mfa_job_event *event, const char *host, char *out,
    size_t *len)
{
	enum mfa_err r = MFA_ERR_MEMORY;
	json_t *object;
	size_t n;

	if (event->type == 0 || event->type >= MFA_EVENT_END)
		return MFA_ERR_INVALID;
	if ((object = json_object()) == NULL)
		return MFA_ERR_MEMORY;
	if (!fill(object, event, host))
		goto out;
	n = json_dumpb(object, out, MFA_JSON_SIZE - 1,
	    JSON_COMPACT | JSON_ENSURE_ASCII);
	if (n == 0 || n >= MFA_JSON_SIZE)
		goto out;
	out[n] = '\n';
	*len = n + 1;
	r = MFA_OK;
out:
	json_decref(object);
	return r;
}
