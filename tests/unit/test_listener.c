/* SPDX-License-Identifier: MIT */
/* R18, R21, R28: the listening verifier: its caps, its children, its end. */
#include "tests/unit/server.h"

/* ---- caps ---- */

static void
test_R28_eight_for_each_uid(void **state)
{
	struct server *s = *state;
	int i;

	for (i = 0; i < MFA_CHILDREN_A_UID; i++)
		assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	for (i = 0; i < 3; i++)
		assert_int_equal(visit(s, OFFICE_ALICE), MFA_ERR_BUSY);
	assert_int_equal(children(s->pid), MFA_CHILDREN_A_UID);
	/* Nobody else is affected. */
	assert_int_equal(visit(s, OFFICE_BOB), MFA_OK);
	for (i = 0; i < 20; i++)
		assert_int_equal(visit(s, 0), MFA_OK);
	assert_int_equal(visit(s, OFFICE_ALICE), MFA_ERR_BUSY);
	/* Who leaves makes room. */
	hang_up(s);
	all_children_end(s);
	assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
}

/*
 * What a peer is told whose hello is there before the verifier looks, and who
 * looks after the verifier hung up: a hello left unread would be a reset.
 */
static enum mfa_err
greet_early_look_late(struct server *s, uid_t uid)
{
	mfa_wire_Request hello = mfa_wire_Request_init_zero;
	struct pollfd p = { .events = POLLIN };
	mfa_wire_Reply reply;

	assert_int_equal(kill(s->pid, SIGSTOP), 0);
	p.fd = dial(s, uid);
	hello.which_what = mfa_wire_Request_hello_tag;
	hello.what.hello.lowest = MFA_WIRE_LOWEST;
	hello.what.hello.highest = MFA_WIRE_VERSION;
	say(p.fd, &hello);
	assert_int_equal(kill(s->pid, SIGCONT), 0);
	for (int i = 0; i < 1000 && (p.revents & POLLHUP) == 0; i++) {
		assert_true(poll(&p, 1, 5) >= 0);
		pause_a_little();
	}
	assert_int_equal(p.revents & POLLHUP, POLLHUP);
	assert_int_equal(mfa_wire_recv_reply(p.fd, &reply,
	    mfa_wire_clock() + 5000), MFA_OK);
	return (enum mfa_err)reply.what.error.code;
}

static void
test_R28_busy_is_told_to_who_greets_at_once(void **state)
{
	struct server *s = *state;

	for (int i = 0; i < MFA_CHILDREN_A_UID; i++)
		assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	assert_int_equal(greet_early_look_late(s, OFFICE_ALICE),
	    MFA_ERR_BUSY);
}

static void
test_R28_who_is_nobody_is_told_so(void **state)
{
	struct server *s = *state;

	assert_int_equal(greet_early_look_late(s, 6000), MFA_ERR_DENIED);
}

static void
test_R28_others_never_take_root_s_share(void **state)
{
	struct server *s = *state;

	for (uid_t uid = 5000; uid < 5016; uid++) {
		for (int i = 0; i < MFA_CHILDREN_A_UID; i++)
			assert_int_equal(visit(s, uid), MFA_OK);
	}
	assert_int_equal(s->n, MFA_CHILDREN_OTHERS);
	assert_int_equal(visit(s, 5016), MFA_ERR_BUSY);
	leave(s);
	for (int i = 0; i < 10; i++)
		assert_int_equal(visit(s, 0), MFA_OK);
}

/* Those who say nothing give way to another uid (places.h). */
static void
test_R28_silent_ones_give_way(void **state)
{
	struct server *s = *state;

	for (uid_t uid = 5000; uid < 5016; uid++) {
		for (int i = 0; i < MFA_CHILDREN_A_UID; i++)
			assert_true(dial(s, uid) >= 0);
	}
	assert_int_equal(s->n, MFA_CHILDREN_OTHERS);
	assert_int_equal(visit(s, 5016), MFA_OK);
	for (int i = 0; i < MFA_CHILDREN_A_UID - 2; i++)
		assert_int_equal(visit(s, 5016), MFA_OK);
	assert_true(children(s->pid) <= MFA_CHILDREN_OTHERS + MFA_LEAVERS);
	/* No crash: it is the same, and refuses nobody. */
	assert_int_equal(visit(s, 5000), MFA_ERR_BUSY);
	hang_up(s);
	all_children_end(s);
	for (uid_t uid = 5000; uid < 5016; uid++)
		assert_int_equal(visit(s, uid), MFA_OK);
	stop(s, SIGTERM);
}

static void
log_in(int fd, const char *user, mfa_wire_Reply *reply)
{
	mfa_wire_Request login = mfa_wire_Request_init_zero;

	login.which_what = mfa_wire_Request_login_tag;
	memcpy(login.what.login.user, user, strlen(user) + 1);
	login.what.login.retry = 1;
	say(fd, &login);
	assert_int_equal(mfa_wire_recv_reply(fd, reply,
	    mfa_wire_clock() + 5000), MFA_OK);
}

/* Whoever makes sshd ask for one user again and again locks out that one. */
static void
test_R28_root_is_capped_for_each_subject(void **state)
{
	struct server *s = *state;
	mfa_wire_Reply reply;

	for (int i = 0; i <= MFA_CHILDREN_A_SUBJECT; i++) {
		assert_int_equal(visit(s, 0), MFA_OK);
		log_in(s->fds[s->n - 1], "alice", &reply);
		if (i < MFA_CHILDREN_A_SUBJECT) {
			assert_int_equal(reply.which_what,
			    mfa_wire_Reply_prompt_tag);
			continue;
		}
		assert_int_equal(reply.which_what, mfa_wire_Reply_error_tag);
		assert_int_equal(reply.what.error.code, MFA_ERR_BUSY);
	}
	assert_int_equal(visit(s, 0), MFA_OK);
	log_in(s->fds[s->n - 1], "bob", &reply);
	assert_int_equal(reply.which_what, mfa_wire_Reply_prompt_tag);
}

/* ---- strangers ---- */

/* What makes no sense; on a busy machine it may have been sent away already. */
static void
babble(int fd)
{
	static const uint8_t garbage[] = { 0xff, 0xfe, 0xfd };

	if (send(fd, garbage, sizeof(garbage), MSG_NOSIGNAL) < 0)
		assert_true(errno == EPIPE || errno == ECONNRESET);
}

static void
test_R28_what_peers_do_does_not_harm_it(void **state)
{
	struct server *s = *state;
	unsigned int before;

	/* A descriptor is given up before its child is waited for. */
	assert_int_equal(visit(s, 0), MFA_OK);
	leave(s);
	all_children_end(s);
	before = descriptors_of(s->pid);
	for (int i = 0; i < 30; i++) {
		int fd = dial(s, i % 2 == 0 ? 0 : OFFICE_BOB);

		/* Comes and goes; or says something that makes no sense. */
		if (i % 3 == 0)
			babble(fd);
		leave(s);
	}
	/* They are served in turn: all were taken before this one. */
	assert_int_equal(visit(s, 0), MFA_OK);
	leave(s);
	all_children_end(s);
	assert_int_equal(descriptors_of(s->pid), before);
	assert_int_equal(visit(s, OFFICE_BOB), MFA_OK);
}

/* The kernel's word on who it is reaches the conversation. */
static void
test_R21_who_asks_comes_from_the_kernel(void **state)
{
	static const uid_t refused[] = { OFFICE_SERVICE, OFFICE_NOBODY };
	struct server *s = *state;
	mfa_wire_Reply reply;

	for (int i = 0; i < 2; i++)
		assert_int_equal(visit(s, refused[i]), MFA_ERR_DENIED);
	assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	log_in(s->fds[s->n - 1], "bob", &reply);
	assert_int_equal(reply.which_what, mfa_wire_Reply_error_tag);
	assert_int_equal(reply.what.error.code, MFA_ERR_DENIED);
	/* The refusal was the end. */
	assert_int_equal(visit(s, OFFICE_ALICE), MFA_OK);
	log_in(s->fds[s->n - 1], "alice", &reply);
	assert_int_equal(reply.which_what, mfa_wire_Reply_prompt_tag);
}

/* ---- the end ---- */

static void
test_R20_no_zombie(void **state)
{
	struct server *s = *state;

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 10; i++)
			assert_int_equal(visit(s, 0), MFA_OK);
		assert_int_equal(children(s->pid), 10);
		hang_up(s);
		all_children_end(s);
	}
}

static void
test_sigterm_ends_it_but_no_conversation(void **state)
{
	struct server *s = *state;
	mfa_wire_Reply reply;

	assert_int_equal(visit(s, 0), MFA_OK);
	stop(s, SIGTERM);
	/* Nobody listens any more, its child neither. */
	assert_int_equal(dial(s, 0), -1);
	assert_int_equal(errno, ECONNREFUSED);
	log_in(s->fds[0], "alice", &reply);
	assert_int_equal(reply.which_what, mfa_wire_Reply_prompt_tag);
}

static void
test_sigint_ends_it(void **state)
{
	struct server *s = *state;

	assert_int_equal(visit(s, 0), MFA_OK);
	stop(s, SIGINT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED(test_R28_eight_for_each_uid),
		SERVED(test_R28_busy_is_told_to_who_greets_at_once),
		SERVED(test_R28_who_is_nobody_is_told_so),
		SERVED(test_R28_others_never_take_root_s_share),
		SERVED(test_R28_silent_ones_give_way),
		SERVED(test_R28_root_is_capped_for_each_subject),
		SERVED(test_R28_what_peers_do_does_not_harm_it),
		SERVED(test_R21_who_asks_comes_from_the_kernel),
		SERVED(test_R20_no_zombie),
		SERVED(test_sigterm_ends_it_but_no_conversation),
		SERVED(test_sigint_ends_it),
	};

	office_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
