/* SPDX-License-Identifier: MIT */
/*
 * Names: of users as files (R22), of files as users, of networks.
 */
#include "tests/proof/fuzz/fuzz.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verifier/config/network.h"
#include "verifier/crypt/crypt.h"
#include "verifier/engine/subject.h"
#include "verifier/store/store.h"

static void
begin(void)
{
	FUZZ_WANT(mfa_crypt_init() == MFA_OK);
}

struct named {
	char realm[MFA_SUBJECT_REALM + 1];
	char name[MFA_SUBJECT_NAME + 1];
	char id[MFA_STORE_ID_MAX + 1];
	bool good;
};

/* A file's name that nothing can climb out of. */
static void
look_at_id(const struct named *n)
{
	FUZZ_WANT(fuzz_ends(n->id, sizeof(n->id)));
	FUZZ_WANT(strspn(n->id, "abcdefghijklmnopqrstuvwxyz0123456789_-%") ==
	    strlen(n->id));
	FUZZ_WANT(mfa_store_id_ok(n->id));
	FUZZ_WANT(n->id[0] == 'u' || n->id[0] == 'h' || n->id[0] == 'r' ||
	    n->id[0] == 's');
	FUZZ_WANT((n->id[0] == 'u' || n->id[0] == 'h') ==
	    (strcmp(n->realm, "unix") == 0));
}

/* Back again, for one that is not hashed. */
static void
look_back(const struct named *n)
{
	char realm[MFA_SUBJECT_REALM + 1], name[MFA_SUBJECT_NAME + 1];

	mfa_subject_name(n->id, realm, name);
	FUZZ_WANT(strcmp(realm, n->realm) == 0);
	FUZZ_WANT(strcmp(name, n->id[0] == 'u' || n->id[0] == 'r' ?
	    n->name : n->id) == 0);
}

/* As text that names it again, of another realm than unix, which asks NSS. */
static void
look_at_text(const struct named *n)
{
	static struct mfa_subject subject, again;
	char text[MFA_SUBJECT_TEXT];

	if (strcmp(n->realm, "unix") == 0)
		return;
	if (mfa_subject_in_realm(n->realm, n->name, &subject) != MFA_OK)
		return;
	FUZZ_WANT(n->name[0] != '\0' && strcmp(subject.id, n->id) == 0);
	mfa_subject_format(&subject, text);
	FUZZ_WANT(fuzz_ends(text, sizeof(text)) && fuzz_sentence(text));
	FUZZ_WANT(mfa_subject_parse(text, &again) == MFA_OK);
	FUZZ_WANT(strcmp(again.name, n->name) == 0 &&
	    strcmp(again.realm, n->realm) == 0 &&
	    strcmp(again.id, n->id) == 0);
}

static void
take(struct fuzz_in *in, struct named *n)
{
	fuzz_line(in, n->realm, sizeof(n->realm));
	fuzz_line(in, n->name, sizeof(n->name));
	n->good = mfa_subject_id(n->realm, n->name, n->id) == MFA_OK;
	if (!n->good)
		return;
	look_at_id(n);
	look_back(n);
	look_at_text(n);
}

/* Lines: realm, name, realm, name. */
static void
run_subject(const uint8_t *data, size_t size)
{
	struct fuzz_in in = { data, size };
	static struct named a, b;

	take(&in, &a);
	take(&in, &b);
	if (a.good && b.good)
		FUZZ_WANT((strcmp(a.id, b.id) == 0) ==
		    (strcmp(a.realm, b.realm) == 0 &&
		    strcmp(a.name, b.name) == 0));
}

/* A text that may be a record's id, or one of a challenge's subjects. */
static void
run_id(const uint8_t *data, size_t size)
{
	char text[600], realm[MFA_SUBJECT_REALM + 1];
	char name[MFA_SUBJECT_NAME + 1], id[MFA_STORE_ID_MAX + 1];
	static struct mfa_subject subject;
	struct fuzz_in in = { data, size };
	char again[MFA_SUBJECT_TEXT];
	bool own;

	fuzz_line(&in, text, sizeof(text));
	if (strncmp(text, "unix.", 5) != 0 &&
	    mfa_subject_parse(text, &subject) == MFA_OK) {
		mfa_subject_format(&subject, again);
		FUZZ_WANT(strcmp(again, text) == 0);
	}
	if (!mfa_store_id_ok(text)) {
		FUZZ_WANT(strlen(text) != 1 || text[0] < 'a' ||
		    text[0] > 'z');
		return;
	}
	FUZZ_WANT(strlen(text) <= MFA_STORE_ID_MAX &&
	    strpbrk(text, "/.") == NULL);
	mfa_subject_name(text, realm, name);
	FUZZ_WANT(fuzz_ends(realm, sizeof(realm)) && realm[0] != '\0');
	FUZZ_WANT(fuzz_ends(name, sizeof(name)));
	/* It is the subject's own id, or else it is shown as it is. */
	own = mfa_subject_id(realm, name, id) == MFA_OK &&
	    strcmp(id, text) == 0;
	FUZZ_WANT(own || strcmp(name, text) == 0);
}

/* ---- networks ---- */

static bool
bit_of(const uint8_t *bytes, unsigned int bit)
{
	return (bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

/* Written in digits, an address is read back as itself. */
static void
read_back(const struct mfa_config_address *address)
{
	char text[INET6_ADDRSTRLEN + 8];
	struct mfa_config_address again;

	FUZZ_WANT(inet_ntop(AF_INET6, address->byte, text, sizeof(text)) !=
	    NULL);
	FUZZ_WANT(mfa_config_address_parse(text, &again) == MFA_OK);
	FUZZ_WANT(memcmp(address, &again, sizeof(again)) == 0);
	(void)strncat(text, "%eth0", 6);
	FUZZ_WANT(mfa_config_address_parse(text, &again) == MFA_OK);
	FUZZ_WANT(memcmp(address, &again, sizeof(again)) == 0);
}

static void
compare(const struct mfa_config_network *net,
    const struct mfa_config_address *at)
{
	static const uint8_t four[12] = { [10] = 0xff, [11] = 0xff };
	bool in = (memcmp(at->byte, four, 12) == 0) == net->v4;

	for (unsigned int bit = 0; bit < net->bits; bit++)
		in = in && bit_of(net->address.byte, bit) ==
		    bit_of(at->byte, bit);
	FUZZ_WANT(mfa_config_network_has(net, at) == in);
}

/* Two lines: a network, an address. */
static void
run_network(const uint8_t *data, size_t size)
{
	struct mfa_config_network net, before;
	struct mfa_config_address at, first;
	char network[80], address[80];
	struct fuzz_in in = { data, size };
	bool parsed;

	fuzz_line(&in, network, sizeof(network));
	fuzz_line(&in, address, sizeof(address));
	memset(&before, 0xa5, sizeof(before));
	net = before;
	memset(&at, 0xa5, sizeof(at));
	if (mfa_config_address_parse(address, &at) != MFA_OK)
		FUZZ_WANT(fuzz_all(&at, sizeof(at), 0xa5));
	else
		read_back(&at);
	parsed = mfa_config_network_parse(network, strlen(network), &net) ==
	    MFA_OK;
	if (!parsed) {
		FUZZ_WANT(memcmp(&net, &before, sizeof(net)) == 0);
		return;
	}
	FUZZ_WANT(net.bits <= 128 && (!net.v4 || net.bits >= 96));
	for (unsigned int bit = net.bits; bit < 128; bit++)
		FUZZ_WANT(!bit_of(net.address.byte, bit));
	compare(&net, &at);
	first = net.address;
	compare(&net, &first);
}

const struct fuzz_target fuzz_subject = { "subject",
	"R18 R22 a user's file has a name of its own that leads nowhere else",
	begin, run_subject, NULL, 0, 0 };
const struct fuzz_target fuzz_id = { "id",
	"R22 a file's name says whose it is, or is shown as it is", begin,
	run_id, NULL, 0, 0 };
const struct fuzz_target fuzz_network = { "network",
	"R21 an address is in a network as its bits say", NULL, run_network,
	NULL, 0, 0 };
