/* SPDX-License-Identifier: MIT */
/*
 * usage: fake_verifier SOCKET SCRIPT PROGRAM [ARGUMENT...]
 *
 * Listens at SOCKET, starts PROGRAM, and plays the verifier's side of SCRIPT.
 * Behind an end ("request: end", "reply: hang-up") the next request is another
 * conversation's.  Fails if PROGRAM fails, or if the requests are not exactly
 * those of the script.  Without a request in the script nobody may connect.
 *
 * Replies:
 *   welcome VERSION
 *   prompt NOTE TEXT
 *   acknowledge NOTE TEXT        a prompt that is only to be read
 *   verdict CODE REASON TEXT [LOCK]   names of wire.proto, or numbers
 *   error CODE TEXT              number of enum mfa_err
 *   done                         a reply that no login expects
 *   raw HEX                      these bytes as they are; "raw" alone: none
 *   descriptor                   a prompt with a descriptor
 *   busy                         error MFA_ERR_BUSY, here and to every later
 *                                conversation; the last line
 *   silence                      nothing more until the client leaves
 *   hang-up                      closes the conversation
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pb_encode.h>

#include "protocol/wire_io.h"
#include "tests/module/script.h"

#define PATIENCE_MS  30000
#define WHO_SIZE     4500 /* printed */
#define REQUEST_SIZE 5000

struct fake {
	FILE *script;
	struct script_line line;
	int listener;
	int pipe_end; /* of the program: its end is the program's */
	int fd; /* the conversation; -1 before and after it */
	bool busy; /* for everybody who still comes */
};

struct name {
	const char *name;
	unsigned int number;
};

static const struct name verdicts[] = {
	{ "DENY", mfa_wire_VerdictCode_VERDICT_DENY },
	{ "ACCEPT", mfa_wire_VerdictCode_VERDICT_ACCEPT },
	{ "PASS", mfa_wire_VerdictCode_VERDICT_PASS },
	{ "UNAVAILABLE", mfa_wire_VerdictCode_VERDICT_UNAVAILABLE },
	{ "MISCONFIGURED", mfa_wire_VerdictCode_VERDICT_MISCONFIGURED },
	{ NULL, 0 }
};

static const struct name reasons[] = {
	{ "NONE", mfa_wire_Reason_REASON_NONE },
	{ "OK", mfa_wire_Reason_REASON_OK },
	{ "WRONG", mfa_wire_Reason_REASON_WRONG },
	{ "REPLAYED", mfa_wire_Reason_REASON_REPLAYED },
	{ "LOCKED", mfa_wire_Reason_REASON_LOCKED },
	{ "BLOCKED", mfa_wire_Reason_REASON_BLOCKED },
	{ "MALFORMED", mfa_wire_Reason_REASON_MALFORMED },
	{ "UNKNOWN_USER", mfa_wire_Reason_REASON_UNKNOWN_USER },
	{ "NOT_ENROLLED", mfa_wire_Reason_REASON_NOT_ENROLLED },
	{ "EXEMPT", mfa_wire_Reason_REASON_EXEMPT },
	{ "EXPIRED", mfa_wire_Reason_REASON_EXPIRED },
	{ "CLOCK", mfa_wire_Reason_REASON_CLOCK },
	{ "ERROR", mfa_wire_Reason_REASON_ERROR },
	{ "PASSWORD_REPEATED", mfa_wire_Reason_REASON_PASSWORD_REPEATED },
	{ "CONVERSATION", mfa_wire_Reason_REASON_CONVERSATION },
	{ "JUNK", mfa_wire_Reason_REASON_JUNK },
	{ "NO_CODE", mfa_wire_Reason_REASON_NO_CODE },
	{ "SENT", mfa_wire_Reason_REASON_SENT },
	{ "EVICTED", mfa_wire_Reason_REASON_EVICTED },
	{ "UNVERIFIED", mfa_wire_Reason_REASON_UNVERIFIED },
	{ "REFUSED", mfa_wire_Reason_REASON_REFUSED },
	{ "REMEMBERED", mfa_wire_Reason_REASON_REMEMBERED },
	{ NULL, 0 }
};

static const struct name locks[] = {
	{ "NONE", mfa_wire_Lock_LOCK_NONE },
	{ "LOCKED", mfa_wire_Lock_LOCK_LOCKED },
	{ "UNLOCKED", mfa_wire_Lock_LOCK_UNLOCKED },
	{ NULL, 0 }
};

/* A name or a number of the line. */
static unsigned int
lookup(const struct script_line *line, size_t word, const struct name *names)
{
	for (; names->name != NULL; names++) {
		if (strcmp(names->name, line->word[word]) == 0)
			return names->number;
	}
	return (unsigned int)script_number(line, word);
}

/* What a login and the question about one have in common. */
static void
print_who(const char *const *items, char *out, size_t size)
{
	char text[4][1100];

	for (int i = 0; i < 4; i++)
		script_escape(items[i], strlen(items[i]), text[i]);
	(void)snprintf(out, size, "\"%s\" \"%s\" \"%s\" \"%s\"", text[0],
	    text[1], text[2], text[3]);
}

static void
print_login(const mfa_wire_Login *login, char *out, size_t size)
{
	const char *const items[] = { login->user, login->service,
		login->rhost, login->tty };
	char who[WHO_SIZE];

	print_who(items, who, sizeof(who));
	(void)snprintf(out, size, "login %s %s %u%s", who,
	    login->nullok ? "nullok" : "-", (unsigned int)login->retry,
	    login->key_used ? " key" : "");
}

static void
print_policy(const mfa_wire_Policy *policy, char *out, size_t size)
{
	const char *const items[] = { policy->user, policy->service,
		policy->rhost, policy->tty };
	char who[WHO_SIZE];

	print_who(items, who, sizeof(who));
	(void)snprintf(out, size, "policy %s %s %s%s", who,
	    policy->nullok ? "nullok" : "-", policy->final ? "final" : "-",
	    policy->key_used ? " key" : "");
}

/* The request in the form that a script has it. */
static void
print_request(const mfa_wire_Request *request, char *out, size_t size)
{
	const mfa_wire_Answer_text_t *text = &request->what.answer.text;
	char answer[4 * sizeof(text->bytes) + 1];
	unsigned int reason;

	switch (request->which_what) {
	case mfa_wire_Request_hello_tag:
		(void)snprintf(out, size, "hello %u %u",
		    (unsigned int)request->what.hello.lowest,
		    (unsigned int)request->what.hello.highest);
		return;
	case mfa_wire_Request_login_tag:
		print_login(&request->what.login, out, size);
		return;
	case mfa_wire_Request_policy_tag:
		print_policy(&request->what.policy, out, size);
		return;
	case mfa_wire_Request_answer_tag:
		script_escape(text->bytes, text->size, answer);
		(void)snprintf(out, size, "answer \"%s\"", answer);
		return;
	case mfa_wire_Request_abandon_tag:
		reason = (unsigned int)request->what.abandon.reason;
		(void)snprintf(out, size, "abandon %s",
		    reason + 1 < sizeof(reasons) / sizeof(reasons[0]) ?
			reasons[reason].name : "?");
		return;
	default:
		(void)snprintf(out, size, "request %u", request->which_what);
	}
}

static void
send_reply(const struct fake *fake, const mfa_wire_Reply *reply)
{
	if (mfa_wire_send_reply(fake->fd, reply,
	    mfa_wire_clock() + PATIENCE_MS) != MFA_OK)
		printf("line %u: the client is gone\n", fake->line.number);
}

static void
send_raw(const struct fake *fake)
{
	const char *hex = fake->line.word[1];
	uint8_t bytes[SCRIPT_WORD / 2];
	size_t len = 0;

	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		char pair[3] = { hex[0], hex[1], '\0' };

		bytes[len++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	(void)!send(fake->fd, bytes, len, MSG_NOSIGNAL);
}

static void
send_descriptor(const struct fake *fake)
{
	static char prompt[] = "\022\006\022\004Code";
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = prompt,
		.iov_len = sizeof(prompt) - 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fake->fd, sizeof(int));
	(void)!sendmsg(fake->fd, &msg, MSG_NOSIGNAL);
}

static void
fill_prompt(const struct script_line *line, mfa_wire_Reply *reply)
{
	mfa_wire_Prompt *prompt = &reply->what.prompt;

	reply->which_what = mfa_wire_Reply_prompt_tag;
	prompt->acknowledge = strcmp(line->word[0], "acknowledge") == 0;
	script_copy(prompt->note, sizeof(prompt->note), line->word[1]);
	script_copy(prompt->text, sizeof(prompt->text), line->word[2]);
}

static void
fill_verdict(const struct script_line *line, mfa_wire_Reply *reply)
{
	mfa_wire_Verdict *verdict = &reply->what.verdict;

	reply->which_what = mfa_wire_Reply_verdict_tag;
	verdict->code = (mfa_wire_VerdictCode)lookup(line, 1, verdicts);
	verdict->reason = (mfa_wire_Reason)lookup(line, 2, reasons);
	script_copy(verdict->text, sizeof(verdict->text), line->word[3]);
	if (line->words > 4)
		verdict->lock = (mfa_wire_Lock)lookup(line, 4, locks);
}

static void
fill_error(const struct script_line *line, mfa_wire_Reply *reply)
{
	mfa_wire_Error *error = &reply->what.error;

	reply->which_what = mfa_wire_Reply_error_tag;
	error->code = (uint32_t)script_number(line, 1);
	script_copy(error->text, sizeof(error->text), line->word[2]);
}

/* A reply of the schema; false if the line is none. */
static bool
say_message(const struct fake *fake)
{
	const char *kind = fake->line.word[0];
	mfa_wire_Reply reply;

	memset(&reply, 0, sizeof(reply));
	if (strcmp(kind, "welcome") == 0) {
		reply.which_what = mfa_wire_Reply_welcome_tag;
		reply.what.welcome.version =
		    (uint32_t)script_number(&fake->line, 1);
	} else if (strcmp(kind, "prompt") == 0 ||
	    strcmp(kind, "acknowledge") == 0) {
		fill_prompt(&fake->line, &reply);
	} else if (strcmp(kind, "verdict") == 0) {
		fill_verdict(&fake->line, &reply);
	} else if (strcmp(kind, "error") == 0) {
		fill_error(&fake->line, &reply);
	} else if (strcmp(kind, "done") == 0) {
		reply.which_what = mfa_wire_Reply_done_tag;
	} else {
		return false;
	}
	send_reply(fake, &reply);
	return true;
}

static void
send_busy(const struct fake *fake)
{
	mfa_wire_Reply reply;

	memset(&reply, 0, sizeof(reply));
	reply.which_what = mfa_wire_Reply_error_tag;
	reply.what.error.code = MFA_ERR_BUSY;
	send_reply(fake, &reply);
}

static void
say(struct fake *fake)
{
	const char *kind = fake->line.word[0];

	if (say_message(fake))
		return;
	if (strcmp(kind, "raw") == 0) {
		send_raw(fake);
	} else if (strcmp(kind, "descriptor") == 0) {
		send_descriptor(fake);
	} else if (strcmp(kind, "busy") == 0) {
		fake->busy = true;
		send_busy(fake);
	} else if (strcmp(kind, "hang-up") == 0) {
		/* What is left unread would take the replies with it. */
		mfa_wire_deafen(fake->fd);
		(void)close(fake->fd);
		fake->fd = -1;
	} else if (strcmp(kind, "silence") != 0) {
		script_die(&fake->line, "unknown reply");
	}
}

/* The next line for the fake; false at the end of the script. */
static bool
next_line(struct fake *fake)
{
	while (script_next(fake->script, &fake->line)) {
		if (strcmp(fake->line.key, "request") == 0 ||
		    strcmp(fake->line.key, "reply") == 0)
			return true;
	}
	return false;
}

static int
listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	script_copy(address.sun_path, sizeof(address.sun_path), path);
	if (s < 0 || bind(s, (const struct sockaddr *)&address,
	    sizeof(address)) != 0 || chmod(path, 0666) != 0 ||
	    listen(s, 4) != 0) {
		printf("%s: %s\n", path, strerror(errno));
		exit(2);
	}
	return s;
}

/* Starts the program; its end is the end of the pipe it inherits. */
static pid_t
start(char **argv, int *pipe_end)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds) != 0 || (pid = fork()) < 0)
		exit(2);
	if (pid == 0) {
		(void)close(fds[0]);
		(void)execv(argv[0], argv);
		_exit(127);
	}
	(void)close(fds[1]);
	*pipe_end = fds[0];
	return pid;
}

/* The next conversation; false when the program ends without one. */
static bool
await(struct fake *fake)
{
	struct pollfd p[2] = { { .fd = fake->listener, .events = POLLIN },
		{ .fd = fake->pipe_end, .events = POLLIN } };

	while (poll(p, 2, PATIENCE_MS) > 0) {
		if ((p[0].revents & POLLIN) != 0) {
			fake->fd = accept(fake->listener, NULL, NULL);
			return fake->fd >= 0;
		}
		if (p[1].revents != 0)
			break;
	}
	return false;
}

/* What came, in the form that a script has it. */
static void
receive(struct fake *fake, char *got, size_t size)
{
	mfa_wire_Request request;
	enum mfa_err r;

	if (fake->fd < 0 && !await(fake)) {
		script_copy(got, size, "nobody connected");
		return;
	}
	r = mfa_wire_recv_request(fake->fd, &request,
	    mfa_wire_clock() + PATIENCE_MS);
	if (r == MFA_OK) {
		print_request(&request, got, size);
		return;
	}
	script_copy(got, size, r == MFA_ERR_CLOSED ? "end" : mfa_strerror(r));
	(void)close(fake->fd);
	fake->fd = -1;
}

static bool
expect_request(struct fake *fake)
{
	char got[REQUEST_SIZE];

	receive(fake, got, sizeof(got));
	if (strcmp(got, fake->line.rest) == 0)
		return true;
	printf("line %u: wanted request: %s\n   got request: %s\n",
	    fake->line.number, fake->line.rest, got);
	return false;
}

/* Reads the greeting first: unread, it would take the reply with it. */
static void
turn_away(struct fake *fake)
{
	char got[REQUEST_SIZE];

	receive(fake, got, sizeof(got));
	if (fake->fd < 0)
		return;
	send_busy(fake);
	(void)close(fake->fd);
	fake->fd = -1;
}

/* The whole script; after its last line only the end may come. */
static bool
play(struct fake *fake)
{
	while (next_line(fake)) {
		if (strcmp(fake->line.key, "reply") == 0)
			say(fake);
		else if (!expect_request(fake))
			return false;
	}
	if (fake->fd >= 0) {
		script_copy(fake->line.rest, sizeof(fake->line.rest), "end");
		if (!expect_request(fake))
			return false;
	}
	while (fake->busy && await(fake))
		turn_away(fake);
	if (!fake->busy && await(fake)) {
		puts("a conversation too many");
		return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct fake fake = { .fd = -1 };
	int status;
	bool good;
	pid_t pid;

	if (argc < 4 || (fake.script = fopen(argv[2], "re")) == NULL) {
		puts("usage: fake_verifier SOCKET SCRIPT PROGRAM ...");
		return 2;
	}
	fake.listener = listen_at(argv[1]);
	pid = start(argv + 3, &fake.pipe_end);
	good = play(&fake);
	(void)fflush(stdout);
	if (fake.fd >= 0)
		(void)close(fake.fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return good && status == 0 ? 0 : 1;
}
