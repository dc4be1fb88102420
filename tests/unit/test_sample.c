/* SPDX-License-Identifier: MIT */
/* R27: conf/medusa-mfa.conf says what the table of options says. */
#include "tests/unit/unit.h"

#include "verifier/config/check.h"
#include "verifier/config/config.h"
#include "verifier/config/options.h"
#include "verifier/config/read.h"

#define SAMPLE MFA_VECTORS "/../../conf/medusa-mfa.conf"
#define BYTES  16384

/* It names the folders of a plain installation; this build's may be others. */
static const char *
in_sample(const char *fallback)
{
	if (strcmp(fallback, MFA_SYSCONFDIR "/keys") == 0)
		return "/etc/medusa-mfa/keys";
	if (strcmp(fallback, "file:" MFA_STATEDIR) == 0)
		return "file:/var/lib/medusa-mfa";
	return fallback;
}

static FILE *
open_sample(void)
{
	FILE *f = fopen(SAMPLE, "re");

	if (f == NULL)
		fail_msg("%s cannot be opened", SAMPLE);
	return f;
}

/*
 * The first word of the section in a line "[totp]" or "#[realm example]"; false
 * if it is none.
 */
static bool
take_section(const char *line, char section[32])
{
	if (line[0] == '[') {
		if (sscanf(line, "[%31[a-z]]", section) != 1)
			fail_msg("not a section: %s", line);
	} else if (strncmp(line, "#[", 2) == 0) {
		if (sscanf(line, "#[%31[a-z] %*[a-z]]", section) != 1)
			fail_msg("not a section: %s", line);
		assert_true(strcmp(section, "realm") == 0 ||
		    strcmp(section, "provider") == 0 ||
		    strcmp(section, "rule") == 0);
	} else {
		return false;
	}
	assert_true(mfa_config_option_section(section));
	return true;
}

static void
test_R27_sample_is_the_table(void **state)
{
	bool seen[MFA_CONFIG_OPTION_MAX] = { false };
	char line[256], section[32] = "", name[64], value[128];
	FILE *f = open_sample();

	(void)state;
	while (fgets(line, sizeof(line), f) != NULL) {
		size_t i;

		assert_true(strlen(line) <= 81);
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || strcmp(line, "#") == 0 ||
		    strncmp(line, "# ", 2) == 0)
			continue;
		if (take_section(line, section))
			continue;
		value[0] = '\0';
		if (sscanf(line, "#%63[a-z_] = %127[^\n]", name, value) < 1)
			fail_msg("not a commented option: %s", line);
		i = mfa_config_option_find(section, name);
		if (i == mfa_config_option_count)
			fail_msg("in the sample only: %s.%s", section, name);
		assert_false(seen[i]);
		seen[i] = true;
		if (mfa_config_options[i].fallback == NULL)
			assert_string_not_equal(value, "");
		else
			assert_string_equal(value,
			    in_sample(mfa_config_options[i].fallback));
	}
	(void)fclose(f);
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		if (!seen[i])
			fail_msg("not in the sample: %s.%s",
			    mfa_config_options[i].section,
			    mfa_config_options[i].name);
	}
}

/* The sample, with each wrapped comment as one line. */
static void
read_flat(char flat[BYTES])
{
	char text[BYTES] = "";
	FILE *f = open_sample();
	size_t len = fread(text, 1, sizeof(text) - 1, f);
	size_t out = 0;

	(void)fclose(f);
	assert_in_range(len, 1, sizeof(text) - 2);
	for (size_t i = 0; i < len; i++) {
		bool wrapped = strncmp(text + i, "\n# ", 3) == 0;

		flat[out++] = wrapped ? ' ' : text[i];
		i += wrapped ? 2 : 0;
	}
	flat[out] = '\0';
}

/* The bounds that the sample tells are the table's. */
static void
test_R27_sample_tells_the_bounds(void **state)
{
	char flat[BYTES];

	(void)state;
	read_flat(flat);
	for (size_t i = 0; i < mfa_config_option_count; i++) {
		const struct mfa_config_option *o = &mfa_config_options[i];
		char key[80], bounds[64], head[32];
		const char *entry, *from, *section;

		if (o->max == 0)
			continue;
		(void)snprintf(head, sizeof(head), "\n[%s]", o->section);
		if ((section = strstr(flat, head)) == NULL) {
			(void)snprintf(head, sizeof(head), "\n#[%s ",
			    o->section);
			section = strstr(flat, head);
		}
		assert_non_null(section);
		(void)snprintf(key, sizeof(key), "\n#%s = ", o->name);
		(void)snprintf(bounds, sizeof(bounds), "(%u to %u)",
		    (unsigned)o->min, (unsigned)o->max);
		entry = strstr(section, key);
		assert_non_null(entry);
		from = entry;
		while (from > flat && strncmp(from, "\n\n", 2) != 0)
			from--;
		from = strstr(from, bounds);
		if (from == NULL || from > entry)
			fail_msg("%s: the sample does not say %s", o->name,
			    bounds);
	}
}

/* The instance of the row in the sample: its realm, provider or rule. */
static size_t
instance(const struct mfa_config_option *option)
{
	if (strcmp(option->section, "realm") == 0)
		return 1;
	if (strcmp(option->section, "rule") == 0)
		return MFA_CONFIG_INSTANCE_RULE;
	return strcmp(option->section, "provider") == 0 ? MFA_CONFIG_REALMS : 0;
}

/*
 * It is the vendor's file: as it is, and with every '#' before an option or a
 * section gone.
 */
static void
test_R27_sample_is_a_configuration(void **state)
{
	struct mfa_config config, defaults;
	struct mfa_config_problem problem = { "" };
	struct mfa_config_reading reading = { .config = &config,
		.problem = &problem };
	struct mfa_config_fault fault;
	char line[256], text[BYTES] = "", plain[BYTES] = "";
	FILE *f = open_sample();

	(void)state;
	while (fgets(line, sizeof(line), f) != NULL) {
		bool option = line[0] == '#' &&
		    (line[1] >= 'a' || line[1] == '[');

		(void)strncat(text, line, sizeof(text) - strlen(text) - 1);
		(void)strncat(plain, line + option,
		    sizeof(plain) - strlen(plain) - 1);
	}
	(void)fclose(f);
	mfa_config_init(&config);
	mfa_config_init(&defaults);
	assert_int_equal(mfa_config_read(&reading, "s", 1,
			     (const uint8_t *)text, strlen(text)), MFA_OK);
	assert_memory_equal(&config, &defaults, sizeof(config));
	for (size_t i = 0; i < mfa_config_option_count; i++)
		assert_int_equal(reading.origin[0][i].file, 0);
	if (mfa_config_read(&reading, "s", 2, (const uint8_t *)plain,
		strlen(plain)) != MFA_OK)
		fail_msg("%s", problem.text);
	for (size_t i = 0; i < mfa_config_option_count; i++)
		assert_int_equal(reading.origin[instance(
		    &mfa_config_options[i])][i].file, 2);
	assert_int_equal(config.realm_count, 2);
	assert_int_equal(config.outside_count, 1);
	assert_int_equal(config.rule_count, 1);
	if (mfa_config_check(&reading, &fault) != MFA_OK)
		fail_msg("%s", fault.sentence);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R27_sample_is_the_table),
		cmocka_unit_test(test_R27_sample_tells_the_bounds),
		cmocka_unit_test(test_R27_sample_is_a_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
