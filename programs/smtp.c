/* SPDX-License-Identifier: MIT */
/* MUST list: smtp.h. */
#include "programs/smtp.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <curl/curl.h>

#include "lib/base/secret.h"
#include "programs/mail_message.h"

/* One attempt to send. */
struct session {
	CURL *curl;
	struct curl_slist *to;
	const char *next; /* of the mail */
	size_t left;
	long deadline; /* milliseconds, as milliseconds_now */
	bool ready;    /* every option was taken */
	char error[CURL_ERROR_SIZE];
};

static long
milliseconds_now(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
set_number(struct session *s, CURLoption option, long value)
{
	s->ready = s->ready &&
	    curl_easy_setopt(s->curl, option, value) == CURLE_OK;
}

static void
set_text(struct session *s, CURLoption option, const char *value)
{
	s->ready = s->ready &&
	    curl_easy_setopt(s->curl, option, value) == CURLE_OK;
}

/* For CURLOPT_READFUNCTION. */
static size_t
next_bytes(char *out, size_t size, size_t count, void *ctx)
{
	struct session *s = ctx;
	size_t n = size * count;

	if (n > s->left)
		n = s->left;
	memcpy(out, s->next, n);
	s->next += n;
	s->left -= n;
	return n;
}

/*
 * For CURLOPT_XFERINFOFUNCTION, called at least once a second: not 0 ends it.
 * libcurl's own time limit leaves out the answer to QUIT, for which it waits
 * two minutes.
 */
static int
is_over(void *ctx, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
    curl_off_t up)
{
	const struct session *s = ctx;

	(void)down_total;
	(void)down;
	(void)up_total;
	(void)up;
	return milliseconds_now() >= s->deadline;
}

static void
set_server(struct session *s, const struct mfa_mail_config *config)
{
	set_text(s, CURLOPT_URL, config->server);
	set_text(s, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	set_text(s, CURLOPT_REDIR_PROTOCOLS_STR, "smtp,smtps");
	set_number(s, CURLOPT_FOLLOWLOCATION, 0L);
	set_text(s, CURLOPT_PROXY, "");
	set_number(s, CURLOPT_NETRC, CURL_NETRC_IGNORED);
	set_number(s, CURLOPT_NOSIGNAL, 1L);
	set_number(s, CURLOPT_VERBOSE, 0L);
	/* A connection that is kept would be closed without a deadline. */
	set_number(s, CURLOPT_FORBID_REUSE, 1L);
	/* A name server that does not answer must not hold up the exit. */
	set_number(s, CURLOPT_QUICK_EXIT, 1L);
	if (config->user[0] != '\0') {
		set_text(s, CURLOPT_USERNAME, config->user);
		set_text(s, CURLOPT_PASSWORD, config->password);
	}
}

static void
set_deadline(struct session *s)
{
	const long left = s->deadline - milliseconds_now();

	/* 0 would mean none. */
	set_number(s, CURLOPT_TIMEOUT_MS, left > 0 ? left : 1);
	set_number(s, CURLOPT_CONNECTTIMEOUT_MS, left > 0 ? left : 1);
	set_number(s, CURLOPT_NOPROGRESS, 0L);
	s->ready = s->ready &&
	    curl_easy_setopt(s->curl, CURLOPT_XFERINFOFUNCTION, is_over) ==
	    CURLE_OK &&
	    curl_easy_setopt(s->curl, CURLOPT_XFERINFODATA, s) == CURLE_OK;
}

static void
set_tls(struct session *s, const struct mfa_mail_config *config,
    enum mfa_mail_tls tls)
{
	set_number(s, CURLOPT_USE_SSL, tls == MFA_MAIL_TLS_REQUIRED ?
	    CURLUSESSL_ALL : tls == MFA_MAIL_TLS_IF_OFFERED ? CURLUSESSL_TRY :
	    CURLUSESSL_NONE);
	set_number(s, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	set_number(s, CURLOPT_SSL_VERIFYPEER, 1L);
	set_number(s, CURLOPT_SSL_VERIFYHOST, 2L);
	if (config->ca_file[0] != '\0') {
		set_text(s, CURLOPT_CAINFO, config->ca_file);
		set_text(s, CURLOPT_CAPATH, NULL);
	}
}

static void
set_mail(struct session *s, const char *from)
{
	set_text(s, CURLOPT_MAIL_FROM, from);
	s->ready = s->ready &&
	    curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, s->to) == CURLE_OK &&
	    curl_easy_setopt(s->curl, CURLOPT_READFUNCTION, next_bytes) ==
	    CURLE_OK &&
	    curl_easy_setopt(s->curl, CURLOPT_READDATA, s) == CURLE_OK &&
	    curl_easy_setopt(s->curl, CURLOPT_ERRORBUFFER, s->error) ==
	    CURLE_OK;
	set_number(s, CURLOPT_UPLOAD, 1L);
}

/* One connection. */
static CURLcode
attempt(const struct mfa_mail_config *config, enum mfa_mail_tls tls,
    struct session *s)
{
	CURLcode code = CURLE_OUT_OF_MEMORY;

	s->curl = curl_easy_init();
	s->ready = s->curl != NULL && s->to != NULL;
	if (s->ready) {
		set_server(s, config);
		set_deadline(s);
		set_tls(s, config, tls);
		set_mail(s, config->from);
	}
	if (s->ready)
		code = curl_easy_perform(s->curl);
	curl_easy_cleanup(s->curl);
	return code;
}

/* Why it failed, the certificate by that name. */
static void
explain(const struct mfa_mail_config *config, CURLcode code, const char *error,
    struct mfa_program_problem *problem)
{
	const char *what = "";

	if (code == CURLE_ABORTED_BY_CALLBACK) {
		mfa_program_explain(problem, "%s: timed out", config->server);
		return;
	}
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		what = "its certificate cannot be verified (ca_file): ";
	else if (code == CURLE_USE_SSL_FAILED)
		what = "TLS is required, but there is none: ";
	mfa_program_explain(problem, "%s: %s%s", config->server, what,
	    error[0] != '\0' ? error : curl_easy_strerror(code));
}

enum mfa_err
mfa_smtp_send(const struct mfa_mail_config *config, const char *to,
    const char *text, size_t len, struct mfa_program_problem *problem)
{
	/* A password goes to nobody who has not proved to be the server. */
	const enum mfa_mail_tls tls = config->user[0] != '\0' ?
	    MFA_MAIL_TLS_REQUIRED :
	    config->tls;
	struct session s = { .next = text, .left = len };
	CURLcode code;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		mfa_program_explain(problem, "libcurl does not start");
		return MFA_ERR_MEMORY;
	}
	s.deadline = milliseconds_now() + (long)config->timeout * 1000;
	s.to = curl_slist_append(NULL, to);
	code = attempt(config, tls, &s);
	/*
	 * Many a server has a certificate that nobody can verify, made when it
	 * was installed.  Within this host TLS is no gain worth a lost mail,
	 * and who could be in between here could as well not offer it.
	 */
	if (code == CURLE_PEER_FAILED_VERIFICATION && config->loopback &&
	    tls == MFA_MAIL_TLS_IF_OFFERED)
		code = attempt(config, MFA_MAIL_TLS_NO, &s);
	if (code != CURLE_OK)
		explain(config, code, s.error, problem);
	curl_slist_free_all(s.to);
	curl_global_cleanup();
	return code == CURLE_OK ? MFA_OK : MFA_ERR_UNDELIVERED;
}

enum mfa_err
mfa_smtp_mail(const struct mfa_mail_config *config, const char *to,
    const char *subject, const char *body, struct mfa_program_problem *problem)
{
	char recipient[MFA_MAIL_ADDRESS], text[MFA_MAIL_BYTES];
	struct mfa_mail_message message = { .from = config->from,
		.to = recipient, .subject = subject, .body = body };
	size_t len;
	enum mfa_err r;

	if (!mfa_mail_recipient(to, config->domain, recipient)) {
		mfa_program_explain(problem, "the recipient is no mail address "
		    "that can be used");
		return MFA_ERR_INVALID;
	}
	message.time = time(NULL);
	if (getrandom(message.id, sizeof(message.id), 0) !=
	    (ssize_t)sizeof(message.id)) {
		mfa_program_explain(problem, "%s", mfa_strerror(MFA_ERR_IO));
		return MFA_ERR_IO;
	}
	r = mfa_mail_message_format(&message, text, &len);
	if (r != MFA_OK) {
		mfa_program_explain(problem, "the text does not make a mail");
		return r;
	}
	r = mfa_smtp_send(config, recipient, text, len, problem);
	mfa_secret_wipe(text, sizeof(text));
	return r;
}
