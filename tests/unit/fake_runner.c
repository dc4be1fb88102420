/* SPDX-License-Identifier: MIT */
#include "tests/unit/fake_runner.h"

#include "tests/unit/world.h"

static void
keep(char *out, size_t size, const char *text)
{
	assert_non_null(text);
	assert_true(strlen(text) < size);
	memcpy(out, text, strlen(text) + 1);
}

/*
 * A record that is open in this engine makes its memory busy; one that another
 * holds in a file is locked.
 */
static void
look(struct fake_runner *fake)
{
	struct world *w = fake->world;
	struct mfa_repo *repo = NULL;
	enum mfa_err r;

	if (fake->blind || w->mishap.open_fails != 0 || w->clock_fails)
		return;
	r = mfa_repo_open(&w->engine, &w->subject, MFA_STORE_WRITE, &repo);
	if (r == MFA_ERR_INVALID || r == MFA_ERR_BUSY)
		fake->held++;
	mfa_repo_close(repo);
}

static void
act(struct fake_runner *fake)
{
	void (*deed)(void *) = fake->meanwhile;

	look(fake);
	fake->meanwhile = NULL;
	if (deed != NULL)
		deed(fake->ctx);
}

static enum mfa_err
deliver(struct mfa_runner *runner, const struct mfa_message *message,
    bool wait)
{
	struct fake_runner *fake = runner->ctx;
	struct delivery *d = &fake->last;

	fake->delivered++;
	keep(d->realm, sizeof(d->realm), message->realm);
	keep(d->subject, sizeof(d->subject), message->subject);
	keep(d->service, sizeof(d->service), message->service);
	keep(d->rhost, sizeof(d->rhost), message->rhost);
	keep(d->factor, sizeof(d->factor), message->factor);
	keep(d->address, sizeof(d->address), message->address);
	keep(d->issuer, sizeof(d->issuer), message->issuer);
	keep(d->code, sizeof(d->code), message->code);
	d->wall = message->wall;
	d->ttl = message->ttl;
	d->wait = wait;
	d->claimed = message->claimed;
	act(fake);
	return fake->deliver_err;
}

/* As a program of one accepted answer would; an enrolment is always good. */
static void
say(const struct fake_runner *fake, char *out, size_t size)
{
	char line[160] = "";
	bool yes = strstr(fake->in, "operation: enroll\n") != NULL;

	if (fake->accepts != NULL) {
		(void)snprintf(line, sizeof(line), "\nanswer: %s\n",
		    fake->accepts);
		yes |= strstr(fake->in, line) != NULL;
	}
	if (fake->reply != NULL)
		(void)snprintf(out, size, "%s", fake->reply);
	else if (!yes)
		(void)snprintf(out, size, "verdict: refuse\n");
	else if (fake->keeps == NULL)
		(void)snprintf(out, size, "verdict: accept\n");
	else
		(void)snprintf(out, size, "verdict: accept\nkept: %s\n",
		    fake->keeps);
}

static enum mfa_err
ask(struct mfa_runner *runner, const struct mfa_question *question,
    uint8_t *out, size_t size, size_t *outlen)
{
	struct fake_runner *fake = runner->ctx;
	char reply[2048];

	fake->asked++;
	fake->index = question->index;
	keep(fake->realm, sizeof(fake->realm), question->realm);
	keep(fake->subject, sizeof(fake->subject), question->subject);
	keep(fake->factor, sizeof(fake->factor), question->factor);
	assert_true(question->len < sizeof(fake->in));
	memcpy(fake->in, question->in, question->len);
	fake->in[question->len] = '\0';
	/* Before the deed: that may be another question. */
	say(fake, reply, sizeof(reply));
	act(fake);
	if (fake->ask_err != MFA_OK)
		return fake->ask_err;
	assert_true(strlen(reply) <= size);
	memcpy(out, reply, strlen(reply));
	*outlen = strlen(reply);
	return MFA_OK;
}

void
fake_runner_init(struct fake_runner *fake, struct world *world)
{
	memset(fake, 0, sizeof(*fake));
	fake->world = world;
	fake->runner.deliver = deliver;
	fake->runner.ask = ask;
	fake->runner.ctx = fake;
	fake->keeps = "00"; /* of an enrolment, too: it must keep something */
}
