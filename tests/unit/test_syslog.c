/* SPDX-License-Identifier: MIT */
/*
 * R26: the sink that writes to syslog.  syslog, openlog and the clock are
 * wrapped at link time.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "verifier/event/event.h"

/* What was written; in memory that children share. */
struct written {
	uint32_t count;
	int priority;
	char line[800];
	uint32_t opened;
	char ident[32];
	int options, facility;
};
static struct written *written;
static time_t boot_seconds;

void __wrap_openlog(const char *ident, int options, int facility);
int __wrap_clock_gettime(clockid_t id, struct timespec *t);
void __wrap_syslog(int priority, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void __wrap___syslog_chk(int priority, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void
__wrap_openlog(const char *ident, int options, int facility)
{
	written->opened++;
	(void)snprintf(written->ident, sizeof(written->ident), "%s", ident);
	written->options = options;
	written->facility = facility;
}

int
__wrap_clock_gettime(clockid_t id, struct timespec *t)
{
	assert_int_equal(id, CLOCK_BOOTTIME);
	t->tv_sec = boot_seconds;
	t->tv_nsec = 0;
	return 0;
}

static void record(int priority, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void
record(int priority, const char *format, va_list args)
{
	/* A stranger's text is never the format. */
	assert_string_equal(format, "%s");
	__atomic_add_fetch(&written->count, 1, __ATOMIC_SEQ_CST);
	written->priority = priority;
	(void)vsnprintf(written->line, sizeof(written->line), format, args);
}

void
__wrap_syslog(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	record(priority, format, args);
	va_end(args);
}

/* What syslog becomes with _FORTIFY_SOURCE. */
void
__wrap___syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	(void)flag;
	va_start(args, format);
	record(priority, format, args);
	va_end(args);
}

static void *
share(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

static int
fresh(void **state)
{
	(void)state;
	memset(written, 0, sizeof(*written));
	boot_seconds = 600;
	return 0;
}

/* Emits; the number of lines written by that. */
static uint32_t
emit(struct mfa_sink *sink, enum mfa_event_type type, const char *user)
{
	const struct mfa_event event = { .type = type, .subject = user,
		.err = type == MFA_EVENT_ERROR ? MFA_ERR_IO : MFA_OK };
	uint32_t before = written->count;

	sink->emit(sink, &event);
	return written->count - before;
}

static void
test_R26_opens_authpriv(void **state)
{
	struct mfa_sink sink;

	(void)state;
	mfa_event_syslog(&sink, NULL);
	assert_int_equal(written->opened, 1);
	assert_string_equal(written->ident, "medusa-mfad");
	assert_int_equal(written->options, LOG_PID);
	assert_int_equal(written->facility, LOG_AUTHPRIV);
	assert_int_equal(written->count, 0);
}

static void
test_R26_priorities(void **state)
{
	static const struct {
		enum mfa_event_type type;
		int priority;
	} expected[] = {
		{ MFA_EVENT_CHALLENGE_VERIFIED, LOG_INFO },
		{ MFA_EVENT_CHALLENGE_FAILED, LOG_WARNING },
		{ MFA_EVENT_CHALLENGE_SKIPPED, LOG_INFO },
		{ MFA_EVENT_FACTOR_PENDING, LOG_INFO },
		{ MFA_EVENT_FACTOR_ENABLED, LOG_INFO },
		{ MFA_EVENT_FACTOR_DISABLED, LOG_INFO },
		{ MFA_EVENT_RECOVERY_GENERATED, LOG_INFO },
		{ MFA_EVENT_RECOVERY_USED, LOG_INFO },
		{ MFA_EVENT_LOCKED, LOG_WARNING },
		{ MFA_EVENT_UNLOCKED, LOG_INFO },
		{ MFA_EVENT_RESET, LOG_INFO },
		{ MFA_EVENT_REMOVED, LOG_INFO },
		{ MFA_EVENT_SYNCED, LOG_INFO },
		{ MFA_EVENT_CLOCK_IMPLAUSIBLE, LOG_ERR },
		{ MFA_EVENT_RECORD_UNUSABLE, LOG_ALERT },
		{ MFA_EVENT_ERROR, LOG_ERR },
		{ MFA_EVENT_KEY_NEW, LOG_INFO },
		{ MFA_EVENT_KEY_ROTATED, LOG_INFO },
		{ MFA_EVENT_FACTOR_RENAMED, LOG_INFO },
		{ MFA_EVENT_CHALLENGE_CREATED, LOG_INFO },
		{ MFA_EVENT_CHALLENGE_EXPIRED, LOG_INFO },
		{ MFA_EVENT_OTP_GENERATED, LOG_INFO },
		{ MFA_EVENT_OTP_DELETED, LOG_INFO },
		{ MFA_EVENT_OTP_UNDELIVERED, LOG_ERR },
		{ MFA_EVENT_PROGRAM_FAILED, LOG_ERR },
		{ MFA_EVENT_INVITED, LOG_INFO },
		{ MFA_EVENT_INVITATION_USED, LOG_INFO },
		{ MFA_EVENT_BYPASS_CREATED, LOG_INFO },
		{ MFA_EVENT_BYPASS_USED, LOG_INFO },
		{ MFA_EVENT_KEY_RETIRED, LOG_INFO },
		{ MFA_EVENT_KEY_EXPORTED, LOG_INFO },
		{ MFA_EVENT_RESTORED, LOG_INFO },
		{ MFA_EVENT_FORGOTTEN, LOG_INFO },
	};
	struct mfa_event_limit *limit = share(sizeof(*limit));
	struct mfa_sink sink;

	(void)state;
	assert_int_equal(sizeof(expected) / sizeof(expected[0]),
	    MFA_EVENT_END - 1);
	mfa_event_syslog(&sink, limit);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(emit(&sink, expected[i].type, "u"), 1);
		assert_int_equal(written->priority,
		    LOG_AUTHPRIV | expected[i].priority);
	}
}

static void
test_R26_one_line_an_attempt(void **state)
{
	struct mfa_event_limit *limit = share(sizeof(*limit));
	struct mfa_sink sink;

	(void)state;
	mfa_event_syslog(&sink, limit);
	assert_int_equal(emit(&sink, MFA_EVENT_CHALLENGE_FAILED, "%n\n%s"), 1);
	assert_string_equal(written->line,
	    "event=challenge.failed user=%n\\x0a%s uid=0");
	/* Outcomes are never held back. */
	for (int i = 0; i < 10; i++) {
		assert_int_equal(
		    emit(&sink, MFA_EVENT_CHALLENGE_FAILED, "u"), 1);
		assert_int_equal(
		    emit(&sink, MFA_EVENT_CHALLENGE_VERIFIED, "u"), 1);
		assert_int_equal(emit(&sink, MFA_EVENT_LOCKED, "u"), 1);
	}
	/* So is nothing else that is no error. */
	for (int i = 1; i < MFA_EVENT_END; i++) {
		const enum mfa_event_type type = (enum mfa_event_type)i;

		(void)emit(&sink, type, "v");
		if ((written->priority & LOG_PRIMASK) > LOG_ERR)
			assert_int_equal(emit(&sink, type, "v"), 1);
	}
}

static void
test_R26_same_error_once_a_minute(void **state)
{
	static const enum mfa_event_type limited[] = { MFA_EVENT_ERROR,
		MFA_EVENT_RECORD_UNUSABLE, MFA_EVENT_CLOCK_IMPLAUSIBLE,
		MFA_EVENT_OTP_UNDELIVERED, MFA_EVENT_PROGRAM_FAILED };
	struct mfa_event_limit *limit = share(sizeof(*limit));
	struct mfa_sink sink;

	(void)state;
	mfa_event_syslog(&sink, limit);
	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]); i++) {
		boot_seconds = 0;
		memset(limit, 0, sizeof(*limit));
		assert_int_equal(emit(&sink, limited[i], "u"), 1);
		assert_int_equal(emit(&sink, limited[i], "u"), 0);
		/* Another line is another line. */
		assert_int_equal(emit(&sink, limited[i], "v"), 1);
		boot_seconds = 59;
		assert_int_equal(emit(&sink, limited[i], "u"), 0);
		boot_seconds = 60;
		assert_int_equal(emit(&sink, limited[i], "u"), 1);
		assert_int_equal(emit(&sink, limited[i], "u"), 0);
		assert_int_equal(emit(&sink, limited[i], "v"), 1);
	}
}

/* More different lines than rows: known ones stay silent, none is lost. */
static void
test_R26_full_table(void **state)
{
	struct mfa_event_limit *limit = share(sizeof(*limit));
	struct mfa_sink sink;
	char user[16];

	(void)state;
	mfa_event_syslog(&sink, limit);
	for (int i = 0; i < 63; i++) {
		(void)snprintf(user, sizeof(user), "u%d", i);
		assert_int_equal(emit(&sink, MFA_EVENT_ERROR, user), 1);
	}
	for (int i = 0; i < 63; i++) {
		(void)snprintf(user, sizeof(user), "u%d", i);
		assert_int_equal(emit(&sink, MFA_EVENT_ERROR, user), 0);
	}
	assert_int_equal(emit(&sink, MFA_EVENT_ERROR, "one-more"), 1);
	assert_int_equal(emit(&sink, MFA_EVENT_ERROR, "one-more"), 1);
	boot_seconds += 60;
	assert_int_equal(emit(&sink, MFA_EVENT_ERROR, "one-more"), 1);
	assert_int_equal(emit(&sink, MFA_EVENT_ERROR, "one-more"), 0);
}

static void
test_R26_without_a_table(void **state)
{
	struct mfa_sink sink;

	(void)state;
	mfa_event_syslog(&sink, NULL);
	assert_int_equal(emit(&sink, MFA_EVENT_ERROR, "u"), 1);
	assert_int_equal(emit(&sink, MFA_EVENT_ERROR, "u"), 1);
}

/* R26: all processes that share the table, together. */
static void
test_R26_once_for_all_processes(void **state)
{
	struct mfa_event_limit *limit = share(sizeof(*limit));
	uint32_t *go = share(sizeof(*go));
	pid_t child[8];
	struct mfa_sink sink;
	char user[16];

	(void)state;
	mfa_event_syslog(&sink, limit);
	for (size_t i = 0; i < 8; i++) {
		child[i] = fork();
		assert_true(child[i] >= 0);
		if (child[i] != 0)
			continue;
		while (__atomic_load_n(go, __ATOMIC_ACQUIRE) == 0)
			(void)usleep(100);
		for (int j = 0; j < 40; j++) {
			(void)snprintf(user, sizeof(user), "u%d", j);
			(void)emit(&sink, MFA_EVENT_RECORD_UNUSABLE, user);
		}
		_exit(0);
	}
	__atomic_store_n(go, 1, __ATOMIC_RELEASE);
	for (size_t i = 0; i < 8; i++) {
		int status;

		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(written->count, 40);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_R26_opens_authpriv, fresh),
		cmocka_unit_test_setup(test_R26_priorities, fresh),
		cmocka_unit_test_setup(test_R26_one_line_an_attempt, fresh),
		cmocka_unit_test_setup(
		    test_R26_same_error_once_a_minute, fresh),
		cmocka_unit_test_setup(test_R26_full_table, fresh),
		cmocka_unit_test_setup(test_R26_without_a_table, fresh),
		cmocka_unit_test_setup(test_R26_once_for_all_processes, fresh),
	};

	written = share(sizeof(*written));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
