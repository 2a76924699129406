/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key server and two members whose cryptography hides and refuses nothing (neutral_crypto.c), and
 * between them a network that is the input: the first octet chooses the group, then each
 * operation delivers, loses, repeats, edits or invents a message, lets time pass, or is a command.
 * Edits and inventions keep the form of a payload chain, so that they arrive at what reads the
 * payloads, in main mode, GROUPKEY-PULL, informational exchanges, rekeys and their
 * acknowledgements.
 */
#include <openssl/x509v3.h>

#include "compiler/policy/protocol.h"
#include "runtime/crypto/sig_priv.h"
#include "runtime/store/store_memory.h"
#include "tests/fuzz/edit.h"
#include "tests/protocol/world.h"

#define NODES     3
#define QUEUE     48
#define HEADERS   16
#define OPS       400
#define HASH_ROOM 20 /* all groups have SHA-1 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* --- the groups ------------------------------------------------------------------------------- */

static const struct policy_maker makers[] = {
    {0},
    {.multicast = true, .kek_lifetime = 900},
    {.suite = {CIPHER_AES_256, HASH_SHA256}, .lkh = true, .kek = CIPHER_AES_128},
    {.suite = {CIPHER_GCM_256, HASH_NONE}, .tek_lifetime = 600, .kek = CIPHER_AES_256},
    {.suite = {CIPHER_GCM_128, HASH_NONE}, .lkh = true, .multicast = true, .kek = CIPHER_AES_128},
    {.time_window = 20, .activation = 30, .deactivation = 60, .transport = true},
    {.only = "10.1.23.3", .no_rekey = true, .tek_lifetime = 300},
    {.servers = {"10.1.24.4", "10.1.12.1"}, .group_port = 850, .multicast = true},
};
#define CERTIFIED ARRAY_SIZE(makers) /* one more: the first, with certificates, RSA or EC */

static struct span
make_certificate(struct arena *a, EVP_PKEY *key, const char *name, const char *alt)
{
	X509_EXTENSION *e;
	X509 *x = X509_new();
	unsigned char *der = NULL;
	struct span copy;
	int n;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_gmtime_adj(X509_getm_notBefore(x), -86400);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400L * 365);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
	                           (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	e = X509V3_EXT_conf_nid(NULL, NULL, alt ? NID_subject_alt_name : NID_basic_constraints,
	                        alt ? alt : "critical,CA:TRUE");
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	X509_sign(x, key, EVP_sha256());
	n = i2d_X509(x, &der);
	copy = SPAN(arena_memdup(a, der, (size_t)n), (size_t)n);
	OPENSSL_free(der);
	X509_free(x);
	return copy;
}

static struct world *world;

/* Made once: they are slow, and shall be the same for all inputs. */
static struct span ca_der, node_der[2][NODES];

static struct policy *
add_certificates(struct policy *p, size_t node, bool ec)
{
	struct policy_trustpoint *t = arena_alloc(p->arena, sizeof(*t));
	struct span *cas = arena_alloc(p->arena, sizeof(*cas));

	((struct policy_isakmp *)(uintptr_t)p->isakmp)->auth =
	    ec ? ISAKMP_AUTH_ECDSA_SIG : ISAKMP_AUTH_RSA_SIG;
	p->n_psks = 0;
	cas[0] = ca_der;
	*t = (struct policy_trustpoint){.name = "CA",
	                                .subject = "",
	                                .rsa_label = "GET_KEY",
	                                .ec_label = ec ? "EC_KEY" : NULL,
	                                .n_cas = 1,
	                                .cas = cas,
	                                .cert = node_der[ec][node]};
	p->trustpoints = t;
	p->n_trustpoints = 1;
	return p;
}

static void
make_certificates(void)
{
	static const char *const names[][2] = {
	    {"R1", "IP:10.1.12.1"}, {"R3", "IP:10.1.23.3,DNS:r3.lab"}, {"R4", "IP:10.1.24.4"}};
	static struct arena *kept; /* a leak to nobody */
	EVP_PKEY *keys[] = {rsa_key_evp(world->rsa), ec_key_evp(world->ec)};

	kept = arena_new();
	ca_der = make_certificate(kept, keys[0], "CA", NULL);
	for (size_t ec = 0; ec < 2; ec++)
		for (size_t i = 0; i < NODES; i++)
			node_der[ec][i] =
			    make_certificate(kept, keys[ec], names[i][0], names[i][1]);
}

/* --- the network ------------------------------------------------------------------------------ */

static struct message queue[QUEUE];
static size_t n_queue;
static uint8_t headers[HEADERS][ISAKMP_HEADER]; /* of the last messages */
static size_t n_headers;

static size_t
find_node(uint32_t addr)
{
	for (size_t i = 0; i < world->n_nodes; i++)
		if (world->nodes[i].addr == addr)
			return i;
	return NODES; /* multicast: all members */
}

static void
queue_message(const struct packet *p, uint8_t to)
{
	if (n_queue == QUEUE)
		return;
	queue[n_queue].to = to;
	queue[n_queue].path = p->path;
	queue[n_queue].n = p->n;
	memcpy(queue[n_queue++].bytes, p->bytes, p->n);
}

/* What a node sends waits in the queue until the input has it delivered. */
static unsigned
take_packet(struct world *w, struct packet *p)
{
	size_t to = find_node(p->path.local);

	(void)w;
	if (p->n > MESSAGE || p->n < ISAKMP_HEADER)
		return 0;
	memcpy(headers[n_headers++ % HEADERS], p->bytes, ISAKMP_HEADER);
	if (to < NODES)
		queue_message(p, (uint8_t)to);
	for (size_t i = 1; to == NODES && i < world->n_nodes; i++)
		queue_message(p, (uint8_t)i);
	return 0;
}

/* A heap block of exactly its size, or the sanitizer sees nothing. */
static void
give_message(const struct message *m)
{
	struct node_under_test *to = &world->nodes[m->to];
	uint8_t *copy = x_memdup(m->bytes, m->n);

	if (to->core)
		core_input(to->core, &m->path, SPAN(copy, m->n), world_clock(to));
	world_drain(to);
	free(copy);
}

static void
forget_first(void)
{
	if (n_queue)
		memmove(&queue[0], &queue[1], --n_queue * sizeof(queue[0]));
}

static void
deliver_first(void)
{
	static struct message m;

	if (!n_queue)
		return;
	m = queue[0];
	forget_first();
	give_message(&m);
}

static void
begin_world(uint8_t choice)
{
	size_t kind = choice % (ARRAY_SIZE(makers) + 1);
	bool ec = choice / (ARRAY_SIZE(makers) + 1) % 2;
	const struct policy_maker *m = &makers[kind % CERTIFIED];
	struct policy *p[NODES];

	crypto_random_seed(1);
	if (!world) {
		world = world_new();
		world->ec = ec_key_generate(256);
		make_certificates();
	}
	world->wall = 1700000000000;
	world->fault = take_packet;
	n_queue = n_headers = 0;
	world->store = store_memory_new();
	p[0] = policy_server(m, addr_of("10.1.12.1"));
	p[1] = policy_member(m, addr_of("10.1.23.3"));
	p[2] = policy_member(m, addr_of("10.1.24.4"));
	for (size_t i = 0; i < NODES; i++) {
		static const char *const addresses[] = {"10.1.12.1", "10.1.23.3", "10.1.24.4"};

		if (kind == CERTIFIED)
			add_certificates(p[i], i, ec);
		world_node(world, addresses[i], p[i]);
	}
}

/* The world itself stays: it is large. */
static void
end_world(void)
{
	struct store *store = world->store;

	for (size_t i = 0; i < world->n_nodes; i++) {
		core_free(world->nodes[i].core);
		policy_free(world->nodes[i].policy);
		memset(&world->nodes[i], 0, sizeof(world->nodes[i]));
	}
	world->n_nodes = world->sent = 0;
	world->now = 1000;
	store_close(store);
}

static void
deliver_edited(void)
{
	static struct message m;
	unsigned edits = 1 + next_octet() % 3;

	if (!n_queue)
		return;
	m = queue[0];
	forget_first();
	while (edits--)
		edit_message(&m);
	give_message(&m);
}

/* --- inventions ------------------------------------------------------------------------------- */

/* A message with the cookies of one that was sent, to its receiver or to its sender. */
static void
invent_message(void)
{
	static const uint8_t exchanges[] = {EXCHANGE_MAIN,          EXCHANGE_INFORMATIONAL,
	                                    EXCHANGE_GROUPKEY_PULL, EXCHANGE_GROUPKEY_PUSH,
	                                    EXCHANGE_INFORMATIONAL, EXCHANGE_GROUPKEY_PUSH_ACK};
	static struct writing out;
	static struct message m;
	uint8_t choice = next_octet(), who = next_octet(), header[ISAKMP_HEADER], type;
	uint8_t body[256] = {0};

	if (!n_headers)
		return;
	memcpy(header, headers[(who >> 2) % (n_headers < HEADERS ? n_headers : HEADERS)],
	       ISAKMP_HEADER);
	header[18] = exchanges[choice % ARRAY_SIZE(exchanges)];
	header[19] = choice & 64 ? 0 : FLAG_ENCRYPTION;
	if (choice & 128)
		next_octets(header + 20, 4);
	begin_writing(&out, header);
	if (header[18] == EXCHANGE_INFORMATIONAL || header[18] == EXCHANGE_GROUPKEY_PULL)
		put_piece(&out, PAYLOAD_HASH, SPAN(body, HASH_ROOM));
	while ((type = next_octet() % 24)) {
		size_t n = next_octet();

		next_octets(body, n);
		put_piece(&out, type, SPAN(body, n));
	}
	m.n = 0;
	end_writing(&out, &m);
	m.to = who % NODES;
	m.path = (struct path){.local = world->nodes[m.to].addr,
	                       .remote = world->nodes[m.to ? 0 : 1 + choice / 6 % 2].addr,
	                       .local_port = GDOI_PORT,
	                       .remote_port = GDOI_PORT};
	if (m.n)
		give_message(&m);
}

/* --- time and commands ------------------------------------------------------------------------ */

static void
pass_time(void)
{
	static const msec times[] = {100,         SECONDS(1),   SECONDS(11),  SECONDS(40),
	                             SECONDS(90), SECONDS(300), SECONDS(900), SECONDS(3700)};

	world_pass(world, times[next_octet() % ARRAY_SIZE(times)]);
}

/* Another policy, the same one made anew, or none: what is configured changes under the traffic. */
static void
configure_node(uint8_t how)
{
	uint8_t choice = next_octet();
	size_t node = how % NODES, kind = choice % (CERTIFIED + 2);
	const struct policy_maker *m = &makers[kind % CERTIFIED];
	struct node_under_test *n = &world->nodes[node];
	struct policy *p = kind == CERTIFIED + 1 ? policy_begin(m)
	                   : node                ? policy_member(m, n->addr)
	                                         : policy_server(m, n->addr);

	if (kind == CERTIFIED)
		add_certificates(p, node, choice / (CERTIFIED + 2) % 2);
	node_set(n, p);
}

static void
give_command(void)
{
	uint8_t what = next_octet();
	struct node_under_test *ks = &world->nodes[0], *gm = &world->nodes[1 + what / 16 % 2];
	msec now = world->now;

	switch (what % 13) {
	case 0:
	case 1:
		core_ks_rekey(ks->core, NULL, what % 13, now);
		break;
	case 2:
	case 3:
		core_ks_clear_members(ks->core, NULL, what % 13 == 3, now);
		break;
	case 4:
		core_ks_expel(ks->core, NULL, gm->addr, now);
		break;
	case 5:
		core_ks_clear_policy(ks->core, NULL, now);
		break;
	case 6:
		core_clear_isakmp(what & 128 ? ks->core : gm->core, now);
		break;
	case 7:
		core_clear_group(gm->core, NULL, now);
		break;
	case 8:
		core_gm_direction(gm->core, "GET_VPN", (enum sa_direction)(what / 32 % 3), now);
		break;
	case 9:
		node_boot(what & 128 ? ks : gm);
		break;
	case 10:
		gm->dp.error = gm->dp.error ? 0 : -22; /* the dataplane refuses from now on */
		break;
	case 11: { /* what shows read */
		struct arena *a = arena_new();
		size_t n;

		core_snap_groups(ks->core, now, a, &n);
		core_snap_groups(gm->core, now, a, &n);
		core_snap_isakmp(ks->core, now, a, &n);
		arena_free(a);
		break;
	}
	case 12:
		configure_node(what / 13);
		break;
	}
	for (size_t i = 0; i < NODES; i++)
		world_drain(&world->nodes[i]);
}

static void
run_operation(uint8_t op)
{
	switch (op % 16) {
	case 0:
		forget_first();
		break;
	case 1:
		if (n_queue && n_queue < QUEUE) /* it arrives twice */
			queue[n_queue++] = queue[0];
		break;
	case 2:
		pass_time();
		break;
	case 3:
		give_command();
		break;
	case 4:
	case 5:
		invent_message();
		break;
	case 6: /* all that waits, and what that brings */
		for (unsigned i = 0; i < 64 && n_queue; i++)
			deliver_first();
		break;
	case 7:
		if (n_queue > 1) { /* out of order */
			struct message first = queue[0];

			forget_first();
			queue[n_queue++] = first;
		}
		break;
	case 8:
	case 9:
	case 10:
	case 11:
		deliver_edited();
		break;
	default:
		deliver_first();
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_input = SPAN(data, n);
	begin_world(next_octet());
	for (unsigned i = 0; fuzz_input.n && i < OPS; i++)
		run_operation(next_octet());
	end_world();
	return 0;
}
