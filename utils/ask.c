/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "utils/ask.h"

#include <errno.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "utils/command.h"
#include "utils/out.h"

/* The lowest version of the protocol that knows what a request asks. */
static uint32_t
version_needed(const mfa_wire_Request *request)
{
	switch (request->which_what) {
	case mfa_wire_Request_prove_tag:
	case mfa_wire_Request_invite_tag:
	case mfa_wire_Request_bypass_tag:
	case mfa_wire_Request_records_tag:
	case mfa_wire_Request_rekey_tag:
	case mfa_wire_Request_explain_tag:
	case mfa_wire_Request_forget_tag:
		return 3;
	case mfa_wire_Request_enroll_tag:
		/* An older one would pass over the word, and wait. */
		return request->what.enroll.enabled ? 3 : 0;
	case mfa_wire_Request_keys_tag:
		return request->what.keys.retired ? 3 : 0;
	default:
		return 0; /* whatever is spoken at all */
	}
}

/*
 * True on a host where nobody ran setup.  Where one of these lies elsewhere,
 * the other tells.
 */
static bool
is_bare(void)
{
	if (getpwnam(MFA_ACCOUNT) == NULL)
		return true;
	return access(MFA_SYSCONFDIR "/keys", F_OK) != 0 &&
	    errno == ENOENT &&
	    access(MFA_STATEDIR "/records", F_OK) != 0 && errno == ENOENT;
}

static const char setup_hint[] =
    "this host is not set up yet: run medusa-mfa setup";

void
mfa_ask_setup(void)
{
	if (is_bare())
		mfa_out_error("%s", setup_hint);
}

void
mfa_ask_explain(enum mfa_err err, struct mfa_ask_problem *problem)
{
	const char *text = mfa_strerror(err);

	if (err == MFA_ERR_UNAVAILABLE && geteuid() != 0)
		text = "the verifier service is not running: ask your "
		       "administrator to start it "
		       "(systemctl enable --now medusa-mfad.socket)";
	else if (err == MFA_ERR_UNAVAILABLE && is_bare())
		text = setup_hint;
	else if (err == MFA_ERR_UNAVAILABLE)
		text = "the verifier could not be started; "
		       "try: medusa-mfa config check";
	else if (err == MFA_ERR_VERSION)
		text = "the verifier that runs is of another release, which "
		       "does not know that: restart its service";
	problem->err = err;
	(void)mfa_text_copy(problem->text, sizeof(problem->text), text);
}

/* No more than that, or only which store it is. */
static bool
is_unexplained(const char *text)
{
	const char *plain = mfa_strerror(MFA_ERR_NOT_FOUND);
	const size_t len = strlen(text), least = strlen(plain);

	return len >= least && strcmp(text + len - least, plain) == 0;
}

/* What the verifier says is printed as it is, but for what is no ASCII. */
static enum mfa_err
refused(const mfa_wire_Error *error, struct mfa_ask_problem *problem)
{
	enum mfa_err err = MFA_ERR_PROTOCOL;

	if (error->code > MFA_OK && error->code < MFA_ERR_END)
		err = (enum mfa_err)error->code;
	mfa_ask_explain(err, problem);
	/* Perhaps there are no records yet. */
	if (is_unexplained(error->text) && geteuid() == 0 && is_bare())
		(void)mfa_text_copy(problem->text, sizeof(problem->text),
		    setup_hint);
	else if (error->text[0] != '\0')
		mfa_out_clean(error->text, problem->text,
		    sizeof(problem->text));
	return err;
}

enum mfa_err
mfa_ask_reply(struct mfa_client *client, mfa_wire_Reply *reply,
    struct mfa_ask_problem *problem)
{
	enum mfa_err r = mfa_client_recv(client, reply);

	if (r == MFA_OK && reply->which_what == mfa_wire_Reply_error_tag)
		r = refused(&reply->what.error, problem);
	else if (r != MFA_OK)
		mfa_ask_explain(r, problem);
	return r;
}

enum mfa_err
mfa_ask_open(uint32_t version, struct mfa_client **client,
    struct mfa_ask_problem *problem)
{
	enum mfa_err r = mfa_client_open(NULL, client);

	if (r == MFA_OK && mfa_client_version(*client) < version) {
		mfa_client_free(*client);
		*client = NULL;
		r = MFA_ERR_VERSION;
	}
	if (r != MFA_OK)
		mfa_ask_explain(r, problem);
	return r;
}

enum mfa_err
mfa_ask_begin(const mfa_wire_Request *request, struct mfa_client **client,
    struct mfa_ask_problem *problem)
{
	enum mfa_err r;

	r = mfa_ask_open(version_needed(request), client, problem);
	if (r != MFA_OK)
		return r;
	if ((r = mfa_client_send(*client, request)) != MFA_OK)
		mfa_ask_explain(r, problem);
	return r;
}

enum mfa_err
mfa_ask_answer(struct mfa_client *client, unsigned int tag,
    mfa_wire_Reply *reply, struct mfa_ask_problem *problem)
{
	enum mfa_err r;

	if ((r = mfa_ask_reply(client, reply, problem)) != MFA_OK)
		goto out;
	if (reply->which_what != tag) {
		r = MFA_ERR_PROTOCOL;
		mfa_ask_explain(r, problem);
	}
out:
	if (r != MFA_OK)
		mfa_secret_wipe(reply, sizeof(*reply));
	return r;
}

enum mfa_err
mfa_ask_one(const mfa_wire_Request *request, unsigned int tag,
    mfa_wire_Reply *reply, struct mfa_ask_problem *problem)
{
	struct mfa_client *client = NULL;
	enum mfa_err r;

	memset(reply, 0, sizeof(*reply));
	if ((r = mfa_ask_begin(request, &client, problem)) == MFA_OK)
		r = mfa_ask_answer(client, tag, reply, problem);
	mfa_client_free(client);
	return r;
}

/* Reads replies up to Done. */
static enum mfa_err
hear_all(struct mfa_client *client, unsigned int tag,
    enum mfa_err (*visit)(void *ctx, const mfa_wire_Reply *reply), void *ctx,
    struct mfa_ask_problem *problem)
{
	mfa_wire_Reply reply;
	enum mfa_err r;

	memset(&reply, 0, sizeof(reply));
	for (;;) {
		if ((r = mfa_ask_reply(client, &reply, problem)) != MFA_OK)
			goto out;
		if (reply.which_what == mfa_wire_Reply_done_tag)
			goto out;
		r = reply.which_what == tag ? visit(ctx, &reply) :
					      MFA_ERR_PROTOCOL;
		if (r != MFA_OK) {
			mfa_ask_explain(r, problem);
			goto out;
		}
	}
out:
	mfa_secret_wipe(&reply, sizeof(reply));
	return r;
}

enum mfa_err
mfa_ask_each(const mfa_wire_Request *request, unsigned int tag,
    enum mfa_err (*visit)(void *ctx, const mfa_wire_Reply *reply), void *ctx,
    struct mfa_ask_problem *problem)
{
	struct mfa_client *client = NULL;
	enum mfa_err r;

	if ((r = mfa_ask_begin(request, &client, problem)) == MFA_OK)
		r = hear_all(client, tag, visit, ctx, problem);
	mfa_client_free(client);
	return r;
}

enum mfa_err
mfa_ask_each_on(struct mfa_client *client, const mfa_wire_Request *request,
    unsigned int tag,
    enum mfa_err (*visit)(void *ctx, const mfa_wire_Reply *reply), void *ctx,
    struct mfa_ask_problem *problem)
{
	enum mfa_err r = MFA_ERR_VERSION;

	if (mfa_client_version(client) >= version_needed(request))
		r = mfa_client_send(client, request);
	if (r != MFA_OK) {
		mfa_ask_explain(r, problem);
		return r;
	}
	return hear_all(client, tag, visit, ctx, problem);
}

static int
exit_of(enum mfa_err err)
{
	switch (err) {
	case MFA_ERR_WRONG:
	case MFA_ERR_REPLAYED:
		return MFA_EXIT_WRONG;
	case MFA_ERR_UNAVAILABLE:
	case MFA_ERR_BUSY:
	case MFA_ERR_TIMEOUT:
	case MFA_ERR_CLOSED:
		return MFA_EXIT_UNAVAILABLE;
	default:
		return MFA_EXIT_FAILED;
	}
}

int
mfa_ask_failed(const struct mfa_ask_problem *problem)
{
	mfa_out_error("%s", problem->text);
	return exit_of(problem->err);
}

int
mfa_ask_told(const mfa_wire_Done *done, const char *otherwise)
{
	char clean[401];

	mfa_out_clean(done->text, clean, sizeof(clean));
	(void)printf("%s\n", clean[0] != '\0' ? clean : otherwise);
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return MFA_EXIT_DONE;
	mfa_out_error("cannot write the output; it was done all the same");
	return MFA_EXIT_FAILED;
}

int
mfa_ask_done(const mfa_wire_Request *request)
{
	struct mfa_ask_problem problem;
	mfa_wire_Reply reply;

	if (mfa_ask_one(request, mfa_wire_Reply_done_tag, &reply, &problem) !=
	    MFA_OK)
		return mfa_ask_failed(&problem);
	return mfa_ask_told(&reply.what.done, "Done.");
}

int
mfa_ask_name(char *field, size_t size, const char *name)
{
	if (name[0] != '\0' && mfa_text_copy(field, size, name))
		return MFA_EXIT_DONE;
	mfa_out_error("a name must have 1 to %zu bytes", size - 1);
	return MFA_EXIT_USAGE;
}

int
mfa_ask_subject(char user[MFA_ASK_USER], char realm[MFA_ASK_REALM],
    const char *name, const char *of)
{
	int code = mfa_ask_name(user, MFA_ASK_USER, name);

	if (code == MFA_EXIT_DONE && of != NULL)
		code = mfa_ask_name(realm, MFA_ASK_REALM, of);
	return code;
}
