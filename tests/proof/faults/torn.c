/* SPDX-License-Identifier: MIT */
/*
 * R1, R6, R7, R19: a write that stops anywhere, with the real envelope.
 *
 * A disk writes sectors of 512 bytes in any order, and a sector that was being
 * written may hold anything.  The store waits for each write before the next
 * one, so what a crash leaves is: so many whole writes, and of the next one any
 * of its 16 sectors.  Of each operation every such state is made; what a fresh
 * read finds must be, to the bit, the record before that write, or the record
 * after it if all of it arrived.
 *
 * All 65,536 sets of sectors of every write with the argument "full"; else all
 * of one write into each slot, and 2,000 of the others.  Cut after any byte:
 * every one of 8,191, else every seventh.  Junk in sectors: 20,000 drawn
 * states, else 1,000.
 */
#include "tests/unit/world.h"

#include <stdlib.h>

#include "tests/proof/faults/disk.h"
#include "verifier/engine/admin.h"
#include "verifier/engine/records.h"
#include "verifier/vault/keyring.h"

#define SECTOR	512
#define SECTORS (MFA_STORE_SLOT / SECTOR)
#define SETS	(1U << SECTORS)

struct torn {
	struct world *w;
	struct disk *disk;
	struct mfa_confirmed confirmed;
	bool full;
	uint64_t seed;
	unsigned int both; /* slots whose every set was tried */
	uint64_t states;   /* looked at so far */
	unsigned int wrong;
	bool within; /* sectors themselves are torn */
	uint64_t refused; /* states that were, for a header within a sector */
	/* of the write that is being torn */
	const struct disk_write *write;
	mfa_record_Record old, new;
	uint8_t rest[MFA_STORE_SLOT]; /* what its slot held */
};

struct operation {
	const char *name;
	void (*prepare)(struct torn *t);
	void (*act)(struct torn *t);
};

static uint64_t
draw(struct torn *t)
{
	t->seed ^= t->seed << 13;
	t->seed ^= t->seed >> 7;
	t->seed ^= t->seed << 17;
	return t->seed;
}

/* ---- operations ---- */

static void
enrolled(struct torn *t)
{
	world_enroll(t->w, "phone", SECRET_A, &t->confirmed);
	world_pass(t->w, 30);
}

static void
try_code(struct torn *t, enum mfa_reason wanted)
{
	char code[9];

	world_code(t->w, SECRET_A, 0, code);
	assert_int_equal(world_try(t->w, code), wanted);
}

static void
right(struct torn *t)
{
	try_code(t, MFA_REASON_OK);
}

static void
right_other_slot(struct torn *t)
{
	enrolled(t);
	right(t);
	world_pass(t->w, 30);
}

static void
wrong(struct torn *t)
{
	char code[9];

	world_wrong(t->w, code);
	assert_int_equal(world_try(t->w, code), MFA_REASON_WRONG);
}

static void
wrong_once(struct torn *t)
{
	enrolled(t);
	wrong(t);
}

static void
used(struct torn *t)
{
	enrolled(t);
	right(t);
}

static void
replay(struct torn *t)
{
	try_code(t, MFA_REASON_REPLAYED);
}

static void
recover(struct torn *t)
{
	assert_int_equal(world_try(t->w, t->confirmed.codes.code[0]),
	    MFA_REASON_OK);
}

static void
by_mail(struct torn *t)
{
	world_enroll_otp(t->w, "mail", "alice@example.org");
	world_pass(t->w, 60);
}

static void
sent(struct torn *t)
{
	assert_int_equal(world_send(t->w, "mail"), MFA_OK);
	assert_int_equal(world_try(t->w, t->w->runner.last.code),
	    MFA_REASON_OK);
}

static void
by_counter(struct torn *t)
{
	world_enroll_hotp(t->w, "token", SECRET_B);
}

static void
counted(struct torn *t)
{
	char code[9];

	world_counter(SECRET_B, 1, code);
	assert_int_equal(world_try(t->w, code), MFA_REASON_OK);
}

static void
pending(struct torn *t)
{
	char id[17];

	assert_int_equal(world_pending(t->w, "phone", SECRET_A, id), MFA_OK);
}

static void
confirm(struct torn *t)
{
	struct mfa_confirmed confirmed;
	struct mfa_typed typed;
	char code[9];

	world_code(t->w, SECRET_A, 0, code);
	typed = world_typed(code);
	assert_int_equal(mfa_enroll_confirm(&t->w->engine, &t->w->caller,
	    &t->w->subject, "phone", &typed, &confirmed), MFA_OK);
}

static void
rotated(struct torn *t)
{
	uint8_t id[MFA_KEY_ID];

	enrolled(t);
	assert_int_equal(mfa_keyring_new(t->w->keys, &t->w->env, 0, id),
	    MFA_OK);
}

static void
rekey(struct torn *t)
{
	assert_int_equal(mfa_records_rekey(&t->w->engine, &t->w->caller,
	    t->w->subject.id), MFA_OK);
}

static void
reset(struct torn *t)
{
	assert_int_equal(mfa_admin_reset(&t->w->engine, &t->w->caller,
	    &t->w->subject), MFA_OK);
}

static void
disable(struct torn *t)
{
	bool last = false;

	assert_int_equal(mfa_enroll_disable(&t->w->engine, &t->w->caller,
	    &t->w->subject, "phone", &last), MFA_OK);
}

static const struct operation operations[] = {
	{ "a right code", enrolled, right },
	{ "a right code, from the other slot", wrong_once, right },
	{ "the next right code", right_other_slot, right },
	{ "a wrong code", enrolled, wrong },
	{ "a used code", used, replay },
	{ "a recovery code", enrolled, recover },
	{ "a code that is sent, and given", by_mail, sent },
	{ "a counted code", by_counter, counted },
	{ "an enrolment is confirmed", pending, confirm },
	{ "a record moves to a new key", rotated, rekey },
	{ "the last factor is disabled", enrolled, disable },
	{ "a record is reset", enrolled, reset },
};

/* ---- what a crash leaves ---- */

/* What a fresh read finds is this record; why not, if it is none. */
static bool
finds(struct torn *t, const mfa_record_Record *wanted, enum mfa_err *err)
{
	struct mfa_repo *repo = NULL;
	bool same = false;

	t->states++;
	*err = mfa_repo_open(&t->w->engine, &t->w->subject, MFA_STORE_READ,
	    &repo);
	if (*err == MFA_OK)
		same = memcmp(mfa_repo_record(repo), wanted,
			   sizeof(*wanted)) == 0;
	mfa_repo_close(repo);
	return same;
}

static uint8_t *
slot_of(struct torn *t)
{
	return t->disk->image + (size_t)t->write->slot * MFA_STORE_SLOT;
}

/* The new record if all of it is there; the first bytes are alike in both. */
static void
judge(struct torn *t, const char *how, unsigned int which)
{
	bool whole = memcmp(slot_of(t), t->write->bytes, MFA_STORE_SLOT) == 0;
	enum mfa_err err;

	if (finds(t, whole ? &t->new : &t->old, &err))
		return;
	/*
	 * Within a sector, which no disk does: a header that is half old and
	 * half new, or has a bit off, may name a key or a format that nobody
	 * knows.  That is refused, since it could be the newer record.
	 */
	if (t->within && (err == MFA_ERR_NO_KEY || err == MFA_ERR_FORMAT)) {
		t->refused++;
		return;
	}
	if (t->wrong++ < 5)
		(void)printf("# %s %x: another state (%s)\n", how, which,
		    mfa_strerror(err));
}

static void
arrive(struct torn *t, unsigned int set)
{
	uint8_t *slot = slot_of(t);

	for (unsigned int i = 0; i < SECTORS; i++) {
		const uint8_t *from = (set >> i & 1) != 0 ? t->write->bytes :
							    t->rest;

		memcpy(slot + i * SECTOR, from + i * SECTOR, SECTOR);
	}
}

static void
every_set(struct torn *t)
{
	for (unsigned int set = 0; set < SETS; set++) {
		arrive(t, set);
		judge(t, "sectors", set);
	}
	t->both |= 1U << t->write->slot;
}

/* None, all, all but one, the first and the last so many; and drawn ones. */
static void
some_sets(struct torn *t)
{
	for (unsigned int i = 0; i <= SECTORS; i++) {
		const unsigned int sets[] = { (1U << i) - 1,
			(SETS - 1) & ~((1U << i) - 1), 1U << i & (SETS - 1),
			(SETS - 1) & ~(1U << i) };

		for (size_t k = 0; k < 4; k++) {
			arrive(t, sets[k]);
			judge(t, "sectors", sets[k]);
		}
	}
	for (unsigned int i = 0; i < 2000; i++) {
		unsigned int set = (unsigned int)draw(t) & (SETS - 1);

		arrive(t, set);
		judge(t, "sectors", set);
	}
}

/* The first so many bytes are new, and the other way round. */
static void
cut_anywhere(struct torn *t)
{
	for (unsigned int n = 1; n < MFA_STORE_SLOT; n += t->full ? 1 : 7) {
		memcpy(slot_of(t), t->write->bytes, n);
		memcpy(slot_of(t) + n, t->rest + n, MFA_STORE_SLOT - n);
		judge(t, "bytes", n);
		memcpy(slot_of(t), t->rest, n);
		memcpy(slot_of(t) + n, t->write->bytes + n,
		    MFA_STORE_SLOT - n);
		judge(t, "last bytes", n);
	}
}

/* A sector that was under the head: zeros, ones, noise, one bit off. */
static void
spoil(struct torn *t, uint8_t *sector)
{
	static const uint8_t fill[] = { 0, 0xff };
	unsigned int how = (unsigned int)(draw(t) % 4);

	if (how < 2) {
		memset(sector, fill[how], SECTOR);
		return;
	}
	if (how == 2) {
		sector[draw(t) % SECTOR] ^= (uint8_t)(1U << draw(t) % 8);
		return;
	}
	for (unsigned int i = 0; i < SECTOR; i++)
		sector[i] = (uint8_t)(draw(t) >> 32);
}

static void
junk(struct torn *t)
{
	for (int n = 0; n < (t->full ? 20000 : 1000); n++) {
		unsigned int set = (unsigned int)draw(t) & (SETS - 1);
		unsigned int at = (unsigned int)draw(t) % SECTORS;

		arrive(t, set);
		spoil(t, slot_of(t) + at * SECTOR);
		judge(t, "junk in", set);
	}
}

static void
read_as(struct torn *t, unsigned int writes, mfa_record_Record *out)
{
	disk_rewind(t->disk, writes);
	world_record(t->w, out);
}

/* The write after so many whole ones. */
static void
tear(struct torn *t, unsigned int done)
{
	t->write = &t->disk->log[done];
	read_as(t, done + 1, &t->new);
	read_as(t, done, &t->old);
	memcpy(t->rest, slot_of(t), MFA_STORE_SLOT);
	if (memcmp(&t->old, &t->new, sizeof(t->old)) == 0)
		t->wrong++; /* one could not tell them apart */
	if (t->full || (t->both >> t->write->slot & 1) == 0)
		every_set(t);
	else
		some_sets(t);
	t->within = true;
	cut_anywhere(t);
	junk(t);
	t->within = false;
}

static void
run(struct torn *t, const struct operation *op)
{
	uint64_t before = t->states;

	t->wrong = 0;
	op->prepare(t);
	disk_mark(t->disk);
	op->act(t);
	assert_in_range(t->disk->writes, 1, DISK_WRITES - 1);
	for (unsigned int i = 0; i < t->disk->writes; i++)
		tear(t, i);
	(void)printf("# %s: %u writes, %llu states\n", op->name,
	    t->disk->writes, (unsigned long long)(t->states - before));
	if (t->wrong != 0)
		fail_msg("%s: %u states are wrong", op->name, t->wrong);
}

/* A world whose store is a disk. */
static void
begin(struct torn *t)
{
	void *state = NULL;

	assert_int_equal(world_new(&state), 0);
	t->w = state;
	t->w->engine.store->ops->free(t->w->engine.store);
	t->disk = disk_new();
	assert_non_null(t->disk);
	t->w->engine.store = &t->disk->base;
	t->w->runner.blind = true; /* it would look for a file */
}

static void
end(struct torn *t)
{
	void *state = t->w;

	assert_int_equal(world_free(&state), 0);
}

static void
test_R1_R6_R7_R19_torn_writes(void **state)
{
	struct torn *t = *state;

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]);
	     i++) {
		begin(t);
		run(t, &operations[i]);
		end(t);
	}
	assert_int_equal(t->both, 3);
	(void)printf("# %llu states: the old record or the new one, but for "
		     "%llu with a header torn within its sector: refused\n",
	    (unsigned long long)t->states, (unsigned long long)t->refused);
}

/* The machine crashes after each write; the same code is given again. */
static void
test_R6_R7_every_prefix_then_the_code_again(void **state)
{
	static struct disk done;
	struct torn *t = *state;
	mfa_record_Record record;
	char code[9];

	begin(t);
	enrolled(t);
	disk_mark(t->disk);
	right(t);
	assert_int_equal(t->disk->writes, 2);
	done = *t->disk;
	for (unsigned int n = 0; n <= 2; n++) {
		*t->disk = done;
		read_as(t, n, &record);
		assert_int_equal(record.factors[0].root.consecutive, n == 1);
		world_code(t->w, SECRET_A, 0, code);
		assert_int_equal(world_try(t->w, code), n == 2 ?
			MFA_REASON_REPLAYED : MFA_REASON_OK);
		*t->disk = done;
	}
	end(t);
}

int
main(int argc, char **argv)
{
	static struct torn t = { .seed = 0x2545f4914f6cdd1d };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_R1_R6_R7_R19_torn_writes, &t),
		cmocka_unit_test_prestate(
		    test_R6_R7_every_prefix_then_the_code_again, &t),
	};

	t.full = argc > 1 && strcmp(argv[1], "full") == 0;
	world_need_root();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
