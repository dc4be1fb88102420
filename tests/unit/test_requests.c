/* SPDX-License-Identifier: MIT */
/*
 * R21, R31: each request, from each peer, in each state: allowed or refused as
 * written in request_rows.h.  That table is written by hand; the product's own
 * is compared with it, never used for it.  Over a real socket, with real
 * records: test_conversation_table.c.
 */
#include "tests/unit/office.h"
#include "tests/unit/request_rows.h"

#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "verifier/crypt/crypt.h"
#include "verifier/requests.h"

static const struct {
	enum mfa_state state;
	char letter;
} states[] = {
	{ MFA_STATE_NEW, 'N' },
	{ MFA_STATE_READY, 'R' },
	{ MFA_STATE_ASKED, 'A' },
	{ MFA_STATE_OVER, 'O' },
};

/* What the product says of a peer: allowed in these states. */
static void
compare(const struct row *row, const char *who, enum mfa_peer peer,
    const char *wanted)
{
	const struct mfa_request_rule *rule = mfa_request_find(row->tag);

	assert_non_null(rule);
	for (int i = 0; i < 4; i++) {
		bool says = (rule->states & states[i].state) != 0 &&
		    (rule->peers & peer) != 0;
		bool should = strchr(wanted, states[i].letter) != NULL;

		if (says != should)
			fail_msg("%s by %s in state %c is %s", row->name, who,
			    states[i].letter, says ? "allowed" : "refused");
	}
}

static void
test_R31_the_whole_table(void **state)
{
	(void)state;
	assert_int_equal(mfa_request_count, ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		compare(&rows[i], "root", MFA_PEER_ROOT, rows[i].root);
		compare(&rows[i], "the owner", MFA_PEER_OWNER, rows[i].owner);
		compare(&rows[i], "the realm's account", MFA_PEER_REALM,
		    rows[i].realm);
		compare(&rows[i], "another", MFA_PEER_OTHER, rows[i].other);
		compare(&rows[i], "the service", MFA_PEER_SERVICE,
		    rows[i].service);
		compare(&rows[i], "nobody", MFA_PEER_OVERFLOW,
		    rows[i].overflow);
	}
}

/* A request that the schema gets must get a row here and there. */
static void
test_R31_every_request_has_its_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const struct mfa_request_rule *rule =
		    mfa_request_find(rows[i].tag);
		char of = rows[i].of[0];

		assert_non_null(rule);
		assert_int_equal(rule->tag, rows[i].tag);
		assert_string_equal(rule->name, rows[i].name);
		assert_non_null(rule->handle);
		assert_int_equal(rule->user != NULL, of == 's' || of == 'u');
		assert_int_equal(rule->realm != NULL, of == 's' || of == 'r');
		assert_int_equal(rule->id != NULL, of == 'c');
	}
	assert_null(mfa_request_find(0));
	assert_null(mfa_request_find(ROWS + 1));
	assert_null(mfa_request_find((pb_size_t)-1));
	assert_int_equal(mfa_wire_Request_after_restore_tag, ROWS);
	assert_int_equal(mfa_wire_Request_msg.field_count, ROWS);
}

/* ---- what it is about ---- */

/* Instead of libc's: alice, and the accounts of two realms. */
static int nss_errno;

int
getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t size,
    struct passwd **found)
{
	static const char *const names[] = { "alice", "shopd", "toor" };
	static const uid_t uids[] = { 4711, 4720, 0 };

	*found = NULL;
	for (int i = 0; i < 3 && nss_errno == 0; i++) {
		if (strcmp(name, names[i]) != 0 || strlen(name) >= size)
			continue;
		memset(entry, 0, sizeof(*entry));
		memcpy(buffer, name, strlen(name) + 1);
		entry->pw_name = buffer;
		entry->pw_uid = uids[i];
		*found = entry;
	}
	return nss_errno;
}

/* What the product takes the request to be about: "realm/name". */
static const char *
about_of(const mfa_wire_Request *request, enum mfa_err *r)
{
	static struct mfa_request_about about;
	static char text[400];

	memset(&about, 0xa5, sizeof(about));
	*r = mfa_request_name(mfa_request_find(request->which_what), request,
	    &about);
	(void)snprintf(text, sizeof(text), "%s/%s", about.realm,
	    about.subject.name);
	return text;
}

static void
test_R21_what_a_request_names(void **state)
{
	mfa_wire_Request request;
	enum mfa_err r;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		char of = rows[i].of[0];

		if (of == 'c')
			continue;
		office_name(&request, rows[i].tag, "shop", "alice");
		assert_string_equal(about_of(&request, &r), of == 's' ?
			"shop/alice" : of == 'u' ? "unix/alice" :
			of == 'r' ? "shop/" : "unix/");
		assert_int_equal(r, MFA_OK);
		/* No realm is this host's. */
		office_name(&request, rows[i].tag, "", "alice");
		assert_string_equal(about_of(&request, &r),
		    of == 's' || of == 'u' ? "unix/alice" : "unix/");
		assert_int_equal(r, MFA_OK);
	}
	office_name(&request, mfa_wire_Request_status_tag, "", "carol");
	assert_string_equal(about_of(&request, &r), "unix/carol");
	assert_int_equal(r, MFA_OK);
	office_name(&request, mfa_wire_Request_status_tag, "shop", "");
	assert_string_equal(about_of(&request, &r), "shop/");
	assert_int_equal(r, MFA_ERR_INVALID);
	office_name(&request, mfa_wire_Request_status_tag, "No Label", "alice");
	assert_string_equal(about_of(&request, &r), "No Label/");
	assert_int_equal(r, MFA_ERR_INVALID);
	nss_errno = 5;
	office_name(&request, mfa_wire_Request_status_tag, "", "alice");
	(void)about_of(&request, &r);
	assert_int_equal(r, MFA_ERR_NSS);
	nss_errno = 0;
}

#define ID "00112233445566778899aabbccddeeff"

static void
test_R21_a_challenge_s_id_names_its_subject(void **state)
{
	static const struct {
		const char *id, *about;
		enum mfa_err r;
	} ids[] = {
		{ ID ".unix.alice", "unix/alice", MFA_OK },
		{ ID ".unix.carol", "unix/carol", MFA_OK },
		{ ID ".shop.alice", "shop/alice", MFA_OK },
		{ ID ".shop.%41", "shop/A", MFA_OK },
		{ "", NULL, MFA_ERR_EXPIRED },
		{ ID, NULL, MFA_ERR_EXPIRED },
		{ ID ".", NULL, MFA_ERR_EXPIRED },
		{ ID ".alice", NULL, MFA_ERR_EXPIRED },
		{ ID ".shop.A", NULL, MFA_ERR_EXPIRED },
		{ ID ".shop.%0a", NULL, MFA_ERR_EXPIRED },
		{ "g" ID ".unix.alice", NULL, MFA_ERR_EXPIRED },
		{ "0" ID ".unix.alice", NULL, MFA_ERR_EXPIRED },
	};
	mfa_wire_Request request;
	const char *about;
	enum mfa_err r;

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(ids) / sizeof(ids[0]); i++) {
		const char *id = ids[i / 2].id;

		memset(&request, 0, sizeof(request));
		if (i % 2 == 0) {
			request.which_what =
			    mfa_wire_Request_challenge_send_tag;
			memcpy(request.what.challenge_send.id, id,
			    strlen(id) + 1);
		} else {
			request.which_what =
			    mfa_wire_Request_challenge_verify_tag;
			memcpy(request.what.challenge_verify.id, id,
			    strlen(id) + 1);
		}
		about = about_of(&request, &r);
		assert_int_equal(r, ids[i / 2].r);
		if (r == MFA_OK)
			assert_string_equal(about, ids[i / 2].about);
	}
}

/* ---- who is who ---- */

#define SERVICE	 4700
#define SHOP	 4720 /* by name */
#define FORUM	 4721 /* by number */
#define OVERFLOW 65534

static struct mfa_conversation conversation;

static void
add_realm(const char *realm, const char *account)
{
	struct mfa_config *config = &conversation.config;
	struct mfa_config_realm *at = &config->realm[config->realm_count++];

	memcpy(at->name, realm, strlen(realm) + 1);
	memcpy(at->account, account, strlen(account) + 1);
}

static int
realms(void **state)
{
	(void)state;
	nss_errno = 0;
	memset(&conversation, 0, sizeof(conversation));
	conversation.service_uid = SERVICE;
	conversation.overflow_uid = OVERFLOW;
	mfa_config_init(&conversation.config);
	add_realm("shop", "shopd");
	add_realm("forum", "4721");
	return 0;
}

static enum mfa_peer
peer_in(const char *realm, uid_t uid, const struct mfa_subject *subject)
{
	conversation.peer.uid = uid;
	return mfa_request_peer(&conversation, realm, subject);
}

static enum mfa_peer
peer_of(uid_t uid, const struct mfa_subject *subject)
{
	return peer_in("unix", uid, subject);
}

static void
test_R21_who_is_who(void **state)
{
	struct mfa_subject alice = { .uid = 4711, .known = true };

	(void)state;
	assert_int_equal(peer_of(0, &alice), MFA_PEER_ROOT);
	assert_int_equal(peer_of(0, NULL), MFA_PEER_ROOT);
	assert_int_equal(peer_of(4711, &alice), MFA_PEER_OWNER);
	assert_int_equal(peer_of(4712, &alice), MFA_PEER_OTHER);
	/* Who names nobody is nobody's owner. */
	assert_int_equal(peer_of(4711, NULL), MFA_PEER_OTHER);
	assert_int_equal(peer_of(SERVICE, &alice), MFA_PEER_SERVICE);
	assert_int_equal(peer_of(OVERFLOW, &alice), MFA_PEER_OVERFLOW);
	assert_int_equal(peer_of((uid_t)-1, &alice), MFA_PEER_OVERFLOW);
	/* A uid of an unknown user means nothing. */
	alice.known = false;
	assert_int_equal(peer_of(4711, &alice), MFA_PEER_OTHER);
	alice.uid = 0;
	assert_int_equal(peer_of(0, &alice), MFA_PEER_ROOT);
}

/* Being the owner, too, helps neither of them. */
static void
test_R21_service_and_overflow_own_nothing(void **state)
{
	struct mfa_subject subject = { .uid = SERVICE, .known = true };

	(void)state;
	add_realm("service", "4700");
	add_realm("overflow", "65534");
	add_realm("all", "4294967295");
	assert_int_equal(peer_of(SERVICE, &subject), MFA_PEER_SERVICE);
	assert_int_equal(peer_in("service", SERVICE, NULL), MFA_PEER_SERVICE);
	subject.uid = OVERFLOW;
	assert_int_equal(peer_of(OVERFLOW, &subject), MFA_PEER_OVERFLOW);
	assert_int_equal(peer_in("overflow", OVERFLOW, NULL),
	    MFA_PEER_OVERFLOW);
	subject.uid = (uid_t)-1;
	assert_int_equal(peer_of((uid_t)-1, &subject), MFA_PEER_OVERFLOW);
	assert_int_equal(peer_in("all", (uid_t)-1, NULL), MFA_PEER_OVERFLOW);
}

static void
test_R21_a_realm_s_account_is_its_own_only(void **state)
{
	static const char *const names[] = { "shop", "forum", "unix", "none",
		"" };
	struct mfa_subject jo = { .realm = "shop", .name = "jo",
		.known = true };

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(peer_in(names[i], SHOP, NULL),
		    i == 0 ? MFA_PEER_REALM : MFA_PEER_OTHER);
		assert_int_equal(peer_in(names[i], FORUM, NULL),
		    i == 1 ? MFA_PEER_REALM : MFA_PEER_OTHER);
		assert_int_equal(peer_in(names[i], 4711, NULL),
		    MFA_PEER_OTHER);
		assert_int_equal(peer_in(names[i], 0, NULL), MFA_PEER_ROOT);
	}
	/* Of a subject there, too; which nobody owns, whatever its uid. */
	assert_int_equal(peer_in("shop", SHOP, &jo), MFA_PEER_REALM);
	jo.uid = 4711;
	assert_int_equal(peer_in("shop", 4711, &jo), MFA_PEER_OTHER);
	/* In unix it owns itself like anybody. */
	jo.uid = SHOP;
	assert_int_equal(peer_of(SHOP, &jo), MFA_PEER_OWNER);
}

static void
test_R21_accounts_that_are_nobody(void **state)
{
	(void)state;
	add_realm("empty", "");
	add_realm("missing", "nosuch");
	add_realm("zero", "0");
	add_realm("super", "toor");
	add_realm("odd", "04721");
	add_realm("huge", "4294972017"); /* 4721 and 2 to the 32nd */
	for (uid_t uid = 1; uid < 5000; uid++) {
		assert_int_equal(peer_in("empty", uid, NULL), MFA_PEER_OTHER +
		    (uid == SERVICE ? MFA_PEER_SERVICE - MFA_PEER_OTHER : 0));
		if (uid == SERVICE)
			continue;
		assert_int_equal(peer_in("missing", uid, NULL),
		    MFA_PEER_OTHER);
		assert_int_equal(peer_in("zero", uid, NULL), MFA_PEER_OTHER);
		assert_int_equal(peer_in("super", uid, NULL), MFA_PEER_OTHER);
		assert_int_equal(peer_in("odd", uid, NULL), MFA_PEER_OTHER);
		assert_int_equal(peer_in("huge", uid, NULL), MFA_PEER_OTHER);
	}
	/* A database that fails makes nobody the account. */
	assert_int_equal(peer_in("shop", SHOP, NULL), MFA_PEER_REALM);
	nss_errno = 5;
	assert_int_equal(peer_in("shop", SHOP, NULL), MFA_PEER_OTHER);
	assert_int_equal(peer_in("forum", FORUM, NULL), MFA_PEER_REALM);
	/* Even if somebody wrote it there. */
	memcpy(conversation.config.realm[0].account, "4711", 5);
	assert_int_equal(peer_of(4711, NULL), MFA_PEER_OTHER);
}

static void
test_R9_the_caller_s_path_is_its_kind_s(void **state)
{
	static const enum mfa_peer kinds[] = { MFA_PEER_ROOT, MFA_PEER_REALM,
		MFA_PEER_OWNER, MFA_PEER_OTHER, MFA_PEER_SERVICE,
		MFA_PEER_OVERFLOW };
	struct mfa_caller caller;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		conversation.peer.uid = (uid_t)(i * 100);
		caller = mfa_request_caller(&conversation, kinds[i]);
		assert_int_equal(caller.path,
		    i < 2 ? MFA_PATH_ROOT : MFA_PATH_OTHER);
		assert_int_equal(caller.right, i < 2 ? MFA_RIGHT_MANAGE :
		    kinds[i] == MFA_PEER_OWNER ? MFA_RIGHT_OWNER :
		    MFA_RIGHT_NONE);
		assert_int_equal(caller.uid, i * 100);
		assert_string_equal(caller.service, "medusa-mfa");
		assert_string_equal(caller.rhost, "");
		assert_string_equal(caller.tty, "");
	}
}

/* ---- programs ---- */

static struct mfa_runner_link runner;

static void
ignore(struct mfa_sink *sink, const struct mfa_event *event)
{
	(void)sink;
	(void)event;
}

/* What a hello is answered. */
static enum mfa_err
greet(uid_t uid, bool shared)
{
	static mfa_wire_Reply reply;
	struct mfa_conversation *c = &conversation;
	struct mfa_sink sink = { .emit = ignore };
	const char *hint = NULL;
	enum mfa_err r;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	c->fd = ends[1];
	c->peer.uid = uid;
	c->shared = shared;
	c->state = MFA_STATE_NEW;
	c->request.what.hello.highest = MFA_WIRE_VERSION;
	mfa_runner_open(&c->desk, &runner, &c->config, &sink);
	r = mfa_request_find(mfa_wire_Request_hello_tag)->handle(c, NULL,
	    &hint);
	assert_int_equal(c->state, r == MFA_OK ? MFA_STATE_READY :
						 MFA_STATE_NEW);
	assert_int_equal(mfa_wire_recv_reply(ends[0], &reply,
	    mfa_wire_clock() + 10) == MFA_OK, r == MFA_OK);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return r;
}

/* Root's client is turned away from a listener, and starts a verifier. */
static void
all_but_root_s_are_greeted(enum mfa_err shared)
{
	assert_int_equal(greet(0, true), shared);
	assert_int_equal(greet(0, false), MFA_OK);
	assert_int_equal(greet(4711, true), MFA_OK);
	assert_int_equal(greet(4711, false), MFA_OK);
}

static void
test_R23_root_is_busy_where_its_programs_are_not(void **state)
{
	struct mfa_config *config = &conversation.config;
	int ends[2];

	(void)state;
	/* No runner, and none wanted. */
	runner.fd = -1;
	all_but_root_s_are_greeted(MFA_OK);
	memcpy(config->otp_program, "/p", 3);
	all_but_root_s_are_greeted(MFA_ERR_BUSY);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	runner.fd = ends[0];
	assert_true(mfa_config_programs(config, &runner.programs));
	all_but_root_s_are_greeted(MFA_OK);
	/* Changed, one more; back again. */
	memcpy(config->otp_program, "/q", 3);
	all_but_root_s_are_greeted(MFA_ERR_BUSY);
	memcpy(config->otp_program, "/p", 3);
	memcpy(config->events_directory, "/e", 3);
	all_but_root_s_are_greeted(MFA_ERR_BUSY);
	config->events_directory[0] = '\0';
	all_but_root_s_are_greeted(MFA_OK);
	/* A runner that died. */
	(void)close(ends[1]);
	all_but_root_s_are_greeted(MFA_ERR_BUSY);
	/* A configuration that cannot be read is said with the next request. */
	conversation.broken = MFA_ERR_CONFIG;
	all_but_root_s_are_greeted(MFA_OK);
	(void)close(ends[0]);
}

#define REALMS(f) cmocka_unit_test_setup(f, realms)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R31_the_whole_table),
		cmocka_unit_test(test_R31_every_request_has_its_rule),
		cmocka_unit_test(test_R21_what_a_request_names),
		cmocka_unit_test(test_R21_a_challenge_s_id_names_its_subject),
		REALMS(test_R21_who_is_who),
		REALMS(test_R21_service_and_overflow_own_nothing),
		REALMS(test_R21_a_realm_s_account_is_its_own_only),
		REALMS(test_R21_accounts_that_are_nobody),
		REALMS(test_R9_the_caller_s_path_is_its_kind_s),
		REALMS(test_R23_root_is_busy_where_its_programs_are_not),
	};

	return mfa_crypt_init() == MFA_OK ?
	    cmocka_run_group_tests(tests, NULL, NULL) :
	    1;
}
