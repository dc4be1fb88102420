/* SPDX-License-Identifier: MIT */
/* R27: files and folders that are refused, and trouble with the others. */
#include "tests/unit/config_tree.h"

#include <dirent.h>
#include <stdlib.h>

#include "lib/base/path.h"

struct trouble {
	bool fail_calloc, fail_read, fail_fdopendir, fail_readdir;
	const char *vanishing; /* removed when a folder was listed */
};
static struct trouble fix;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
enum mfa_err __real_mfa_path_read(int fd, uint8_t *buf, size_t size,
    size_t *len);
enum mfa_err __wrap_mfa_path_read(int fd, uint8_t *buf, size_t size,
    size_t *len);
DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);
struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir);

void *
__wrap_calloc(size_t n, size_t size)
{
	return fix.fail_calloc ? NULL : __real_calloc(n, size);
}

enum mfa_err
__wrap_mfa_path_read(int fd, uint8_t *buf, size_t size, size_t *len)
{
	return fix.fail_read ? MFA_ERR_IO :
			       __real_mfa_path_read(fd, buf, size, len);
}

DIR *
__wrap_fdopendir(int fd)
{
	if (!fix.fail_fdopendir)
		return __real_fdopendir(fd);
	errno = ENOMEM;
	return NULL;
}

struct dirent *
__wrap_readdir(DIR *dir)
{
	struct dirent *entry = __real_readdir(dir);

	if (entry == NULL && fix.vanishing != NULL)
		(void)unlink(fix.vanishing);
	errno = fix.fail_readdir ? EIO : 0;
	return fix.fail_readdir ? NULL : entry;
}

/* Puts something that is no plain file in place of name. */
static void
unsafe_file(const char *name)
{
	assert_int_equal(mkfifo(name, 0644), 0);
	refused(name, "not safe");
	assert_int_equal(unlink(name), 0);
	assert_int_equal(mkdir(name, 0755), 0);
	refused(name, "not safe");
	assert_int_equal(rmdir(name), 0);
	put("/t/elsewhere", "[totp]\n");
	assert_int_equal(symlink("/t/elsewhere", name), 0);
	refused(name, "symbolic links are not followed");
	assert_int_equal(unlink(name), 0);
	assert_int_equal(symlink("/dev/null", name), 0);
	refused(name, "symbolic links are not followed");
	assert_int_equal(unlink(name), 0);
	assert_int_equal(link("/t/elsewhere", name), 0);
	refused(name, "not safe");
	assert_int_equal(unlink(name), 0);
	put(name, "[totp]\n");
	assert_int_equal(chmod(name, 0664), 0);
	refused(name, "not safe");
	assert_int_equal(chmod(name, 0646), 0);
	refused(name, "not safe");
	assert_int_equal(chmod(name, 0444), 0);
	assert_int_equal(unlink(name), 0);
}

/* A dangling link is not a missing file: the vendor's is not taken. */
static void
test_R27_unsafe_files(void **state)
{
	(void)state;
	put(VENDOR "/medusa-mfa.conf", "");
	put(VENDOR "/conf.d/a.conf", "");
	unsafe_file(MAIN);
	unsafe_file(DROP_IN "a.conf");
	assert_int_equal(unlink(VENDOR "/medusa-mfa.conf"), 0);
	unsafe_file(VENDOR "/medusa-mfa.conf");
}

static void
test_R27_wrong_owner(void **state)
{
	struct mfa_config_place other = place;
	struct mfa_config c;

	(void)state;
	put(MAIN, "");
	accepted(&c);
	other.owner = 1;
	refused_as(MFA_ERR_CONFIG, &other, ETC ": ", "must belong to uid 1");
	/* A user namespace has no second owner to give the file to. */
	if (chown(MAIN, 1, 0) != 0)
		return;
	refused(MAIN ": ", "must belong to uid 0");
	assert_int_equal(chown(MAIN, 0, 1), 0);
	accepted(&c);
	assert_int_equal(chown(ETC, 1, 0), 0);
	refused_as(MFA_ERR_CONFIG, &other, MAIN ": ", "must belong to uid 1");
}

static void
test_R27_unsafe_folders(void **state)
{
	static const char *const dirs[] = { ETC, ETC "/conf.d",
		VENDOR "/conf.d", VENDOR };
	struct mfa_config c;

	(void)state;
	put(VENDOR "/medusa-mfa.conf", "");
	accepted(&c);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		assert_int_equal(chmod(dirs[i], 0775), 0);
		refused(dirs[i], "not safe");
		assert_int_equal(chmod(dirs[i], 0757), 0);
		refused(dirs[i], "not safe");
		assert_int_equal(chmod(dirs[i], 0750), 0);
		accepted(&c);
	}
	assert_int_equal(chmod("/t", 0777), 0);
	refused(ETC ": ", "not safe");
	assert_int_equal(chmod("/t", 0755), 0);
	assert_int_equal(rmdir(ETC "/conf.d"), 0);
	accepted(&c);
	assert_int_equal(symlink(VENDOR "/conf.d", ETC "/conf.d"), 0);
	refused(ETC "/conf.d: ", "symbolic links are not followed");
	assert_int_equal(unlink(ETC "/conf.d"), 0);
	put(ETC "/conf.d", "");
	refused(ETC "/conf.d: ", "not safe");
}

static void
test_R27_size(void **state)
{
	static char text[64 * 1024 + 2];
	struct mfa_config c;

	(void)state;
	memset(text, '\n', sizeof(text) - 1);
	text[64 * 1024] = '\0';
	put(MAIN, text);
	accepted(&c);
	text[64 * 1024] = '\n';
	put(MAIN, text);
	refused(MAIN ": ", "larger than 64 KiB");
}

static void
test_R3_R27_trouble_is_a_refusal(void **state)
{
	struct mfa_config c;

	(void)state;
	put(VENDOR "/medusa-mfa.conf", "");
	put(MAIN, "");
	accepted(&c);
	fix = (struct trouble){ .fail_read = true };
	refused_as(MFA_ERR_IO, &place, MAIN ": ", "reading");
	fix = (struct trouble){ .fail_readdir = true };
	refused_as(MFA_ERR_IO, &place, ETC "/conf.d: ", "reading");
	fix = (struct trouble){ .fail_fdopendir = true };
	refused_as(MFA_ERR_MEMORY, &place, ETC "/conf.d: ", "out of memory");
	fix = (struct trouble){ .fail_calloc = true };
	refused_as(MFA_ERR_MEMORY, &place, "out of memory", "");
	fix = (struct trouble){ .vanishing = NULL };
	accepted(&c);
	put(DROP_IN "a.conf", "");
	fix.vanishing = DROP_IN "a.conf";
	refused(DROP_IN "a.conf: ", "no such entry");
	fix.vanishing = NULL;
}

static int
run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_R27_unsafe_files, fresh),
		cmocka_unit_test_setup(test_R27_wrong_owner, fresh),
		cmocka_unit_test_setup(test_R27_unsafe_folders, fresh),
		cmocka_unit_test_setup(test_R27_size, fresh),
		cmocka_unit_test_setup(test_R3_R27_trouble_is_a_refusal, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
	return run_inside(run);
}
