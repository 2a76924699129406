/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The config tree into the compiler's plain lists: every word with its place, IOS's defaults filled
 * in, nothing resolved. Access lists, which take the most reading, are in compile_read_acl.c.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/compile_parts.h"

/* IOS's defaults, in seconds where they are times. */
enum {
	ISAKMP_LIFETIME = 86400,
	SA_LIFETIME = 3600,
	REKEY_LIFETIME = 86400,
	REKEY_PERIOD = 10,
	REKEY_NUMBER = 2,
	RECOVERY_INTERVAL = 300, /* seconds */
	REPLAY_WINDOW = 64,
	REPLAY_TIME = 100
};

#define DAY 86400

/* --- words ------------------------------------------------------------------------------------ */

const char *
read_text(struct compiler *c, const struct tnode *n)
{
	char buf[COMMAND_LINE_MAX];
	size_t len = tnode_text(n, buf, sizeof(buf));

	while (len && len < sizeof(buf) &&
	       buf[len - 1] == ' ') /* IOS ends some lines with a blank */
		buf[--len] = '\0';
	return arena_strdup(c->arena, buf);
}

struct word
read_line(struct compiler *c, const struct tnode *n)
{
	struct word w = {.line = tnode_line(n), .column = 1, .source = read_text(c, n)};

	w.text = w.source;
	w.length = (unsigned)strlen(w.source);
	return w;
}

struct word
read_word(struct compiler *c, const struct tnode *n, enum gram_arg arg)
{
	struct word w = {0};

	if (!n || !tnode_str(n, arg))
		return w;
	w.text = arena_strdup(c->arena, tnode_str(n, arg));
	w.line = tnode_line(n);
	w.source = read_text(c, n);
	w.column = tnode_column(n, arg, 0, &w.length);
	return w;
}

struct word
read_word_at(struct compiler *c, const struct tnode *n, enum gram_arg arg, size_t nth)
{
	struct word w = {.text = arena_strdup(c->arena, tnode_str_at(n, arg, nth)),
	                 .line = tnode_line(n),
	                 .source = read_text(c, n)};

	w.column = tnode_column(n, arg, nth, &w.length);
	return w;
}

/* An argument of the parent's one command of that key. */
static struct word
word_below(struct compiler *c, const struct tnode *parent, enum gram_key key, enum gram_arg arg)
{
	return read_word(c, tnode_first(parent, key), arg);
}

static uint32_t
number_below(const struct tnode *parent, enum gram_key key, enum gram_arg arg, uint32_t dflt)
{
	const struct tnode *n = tnode_first(parent, key);

	return n && tnode_has(n, arg) ? tnode_u32(n, arg) : dflt;
}

/* Numbers offered as keywords ("window-size 64|128"). */
static uint32_t
keyword_number(const struct tnode *n, enum gram_arg arg, uint32_t dflt)
{
	return n && tnode_str(n, arg) ? (uint32_t)strtoul(tnode_str(n, arg), NULL, 10) : dflt;
}

void *
read_array(struct compiler *c, const struct tnode *parent, enum gram_key key, size_t size)
{
	const struct tnode *n;
	size_t count = 0;

	for (n = tnode_first(parent, key); n; n = tnode_next(n))
		count++;
	return arena_alloc(c->arena, count * size);
}

#define EACH(n, parent, key)                                                                       \
	(n) = tnode_first(parent, key);                                                            \
	(n);                                                                                       \
	(n) = tnode_next(n)

/* --- interfaces and routes -------------------------------------------------------------------- */

/*
 * The map that an interface applies. A crypto map between two peers is accepted, but this program
 * cannot apply it: the user reads that it is not built, not that it does not exist.
 */
static struct word
applied_map(struct compiler *c, const struct tnode *top, const struct tnode *interface)
{
	struct word map = word_below(c, interface, KEY_IF_CRYPTO_MAP, ARG_MAP);

	if (!tnode_named(top, KEY_CRYPTO_MAP, ARG_NAME, map.text) &&
	    tnode_named(top, KEY_CRYPTO_MAP_PEER, ARG_NAME, map.text))
		return (struct word){0};
	return map;
}

static void
read_interfaces(struct compiler *c, const struct tnode *top)
{
	struct raw_interface *e = read_array(c, top, KEY_INTERFACE, sizeof(*e));
	const struct tnode *n;

	c->raw.interfaces = e;
	for (EACH(n, top, KEY_INTERFACE)) {
		*e++ = (struct raw_interface){
		    .name = read_word(c, n, ARG_NAME),
		    .address = word_below(c, n, KEY_IF_ADDRESS, ARG_ADDRESS),
		    .addr = number_below(n, KEY_IF_ADDRESS, ARG_ADDRESS, 0),
		    .mask = number_below(n, KEY_IF_ADDRESS, ARG_MASK, 0),
		    .shutdown = tnode_first(n, KEY_IF_SHUTDOWN),
		    .acl_in = word_below(c, n, KEY_IF_ACL_IN, ARG_ACL),
		    .acl_out = word_below(c, n, KEY_IF_ACL_OUT, ARG_ACL),
		    .crypto_map = applied_map(c, top, n),
		    .crypto_map_name = word_below(c, n, KEY_IF_CRYPTO_MAP, ARG_MAP).text,
		};
		read_learned(c, tnode_first(n, KEY_IF_ADDRESS), &e[-1]);
		read_interface_edge(c, n, &e[-1]);
		c->raw.n_interfaces++;
	}
}

static struct raw_route
read_route(struct compiler *c, const struct tnode *n)
{
	return (struct raw_route){
	    .to = read_word(c, n, ARG_ADDRESS),
	    .addr = tnode_u32(n, ARG_ADDRESS),
	    .mask = tnode_u32(n, ARG_MASK),
	    .via = read_word(c, n, ARG_VIA),
	    .next_hop = tnode_u32(n, ARG_VIA),
	    .interface = read_word(c, n, ARG_INTERFACE),
	    .vrf = read_word(c, n, ARG_VRF),
	    .global = tnode_has(n, ARG_GLOBAL),
	    .distance = tnode_has(n, ARG_DISTANCE) ? (uint8_t)tnode_u32(n, ARG_DISTANCE) : 1,
	    .tag = tnode_u32(n, ARG_TAG),
	};
}

/* A router that does not route is a host, and sends by its gateway what is not on its own links. */
static struct raw_route
read_gateway(struct compiler *c, const struct tnode *n)
{
	struct word gateway = read_word(c, n, ARG_GATEWAY);

	return (struct raw_route){
	    .to = gateway, .via = gateway, .next_hop = tnode_u32(n, ARG_GATEWAY), .distance = 1};
}

static void
read_routes(struct compiler *c, const struct tnode *top)
{
	static const enum gram_key keys[] = {KEY_IP_ROUTE, KEY_IP_ROUTE_VRF};
	const struct tnode *n;
	size_t most = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (EACH(n, top, keys[i]))
			most++;
	most++; /* the default gateway */
	c->raw.routes = arena_alloc(c->arena, most * sizeof(*c->raw.routes));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (EACH(n, top, keys[i])) {
			c->raw.routes[c->raw.n_routes++] = read_route(c, n);
			if (tnode_has(n, ARG_TRACK)) {
				struct word at = read_word(c, n, ARG_TRACK);

				complain(c, DIAG_WARNING, "not-built", &at, NULL,
				         "tracking: not built yet; the route is there whatever "
				         "object %s says",
				         at.text);
			}
		}
	n = tnode_first(top, KEY_IP_DEFAULT_GATEWAY);
	if (n && !c->raw.ip_routing)
		c->raw.routes[c->raw.n_routes++] = read_gateway(c, n);
}

/* --- ISAKMP ----------------------------------------------------------------------------------- */

/* The cipher that a line names with ARG_CIPHER; none: it names none that we have. */
static enum cipher_id
cipher_named(const struct tnode *n, enum suite_use use, enum cipher_id none)
{
	const char *word = n ? tnode_str(n, ARG_CIPHER) : NULL;
	enum cipher_id id = cipher_by_word(use, word, keyword_number(n, ARG_KEYSIZE, 128));

	return id == CIPHER_COUNT ? none : id;
}

/* The hash of a use that a line names with ARG_HASH; SHA-1 without one. */
static enum hash_id
hash_named(const struct tnode *n, enum suite_use use)
{
	enum hash_id id = hash_by_word(use, n ? tnode_str(n, ARG_HASH) : NULL);

	return id == HASH_NONE ? HASH_SHA1 : id;
}

static enum isakmp_auth
auth_named(const struct tnode *n)
{
	return tnode_says(n, ARG_METHOD, "pre-share")   ? ISAKMP_AUTH_PSK
	       : tnode_says(n, ARG_METHOD, "ecdsa-sig") ? ISAKMP_AUTH_ECDSA_SIG
	                                                : ISAKMP_AUTH_RSA_SIG;
}

static struct raw_isakmp
read_policy(struct compiler *c, const struct tnode *n)
{
	const struct tnode *cipher = tnode_first(n, KEY_ISAKMP_ENCRYPTION);
	const struct tnode *hash = tnode_first(n, KEY_ISAKMP_HASH);
	const struct tnode *auth = tnode_first(n, KEY_ISAKMP_AUTHENTICATION);
	const struct tnode *group = tnode_first(n, KEY_ISAKMP_GROUP);
	struct raw_isakmp e = {.at = read_line(c, n)};

	e.policy.number = tnode_u32(n, ARG_NUMBER);
	e.policy.cipher = cipher_named(cipher, USE_IKE, CIPHER_DES);
	e.policy.hash = hash_named(hash, USE_IKE);
	e.policy.auth = auth_named(auth);
	e.policy.group = (uint16_t)keyword_number(group, ARG_GROUP, 1);
	e.policy.lifetime = number_below(n, KEY_ISAKMP_LIFETIME, ARG_SECONDS, ISAKMP_LIFETIME);
	if (tnode_says(auth, ARG_METHOD, "rsa-encr"))
		e.unfit = "authentication rsa-encr";
	else if (!dh_group_known(e.policy.group))
		e.unfit = arena_printf(c->arena, "group %u", e.policy.group);
	return e;
}

static void
read_isakmp(struct compiler *c, const struct tnode *top)
{
	struct raw_isakmp *policies =
	    read_array(c, top, KEY_CRYPTO_ISAKMP_POLICY, sizeof(*policies));
	const struct tnode *n = tnode_first(top, KEY_ISAKMP_ENABLE);

	c->raw.isakmp_enabled = !n || !tnode_negated(n);
	n = tnode_first(top, KEY_CRYPTO_ISAKMP_IDENTITY);
	c->raw.isakmp_identity = tnode_says(n, ARG_IDENTITY, "dn")         ? ISAKMP_ID_DN
	                         : tnode_says(n, ARG_IDENTITY, "hostname") ? ISAKMP_ID_HOSTNAME
	                                                                   : ISAKMP_ID_ADDRESS;
	n = tnode_first(top, KEY_CRYPTO_ISAKMP_KEEPALIVE);
	c->raw.keepalive = read_keepalive(n);
	if (n)
		c->raw.keepalive_line = read_line(c, n);
	c->raw.no_legacy = tnode_first(top, KEY_CRYPTO_ENGINE_LEGACY) != NULL;
	c->raw.store.none = tnode_says(tnode_first(top, KEY_GDOI_STORE), ARG_KIND, "none");
	n = tnode_first(top, KEY_GDOI_STORE_REQUIRED);
	c->raw.store.required = n != NULL;
	if (n)
		c->raw.store_required = read_line(c, n);
	read_shared_store(c, top, &c->raw.store);
	c->raw.isakmp = policies;
	for (EACH(n, top, KEY_CRYPTO_ISAKMP_POLICY))
		policies[c->raw.n_isakmp++] = read_policy(c, n);
	read_psks(c, top);
}

/* --- IPsec ------------------------------------------------------------------------------------ */

static struct raw_transform
read_transform(struct compiler *c, const struct tnode *n)
{
	struct raw_transform e = {.name = read_word(c, n, ARG_NAME)};
	const struct tnode *mode = tnode_first(n, KEY_TRANSFORM_MODE);
	const char *auth = tnode_str(n, ARG_AUTH);

	e.suite.cipher = cipher_named(n, USE_ESP, CIPHER_COUNT);
	if (e.suite.cipher == CIPHER_COUNT) {
		e.suite.cipher = CIPHER_NULL;
		if (tnode_has(n, ARG_CIPHER))
			e.unfit = arena_strdup(c->arena, tnode_str(n, ARG_CIPHER));
	}
	if (auth)
		e.suite.auth = hash_by_word(USE_ESP, auth);
	if (auth && cipher_is_counter(
			e.suite.cipher)) /* a counter mode cipher protects integrity by itself */
		e.unfit =
		    arena_printf(c->arena, "%s together with %s", auth, tnode_str(n, ARG_CIPHER));
	if (tnode_has(n, ARG_AH))
		e.unfit = arena_strdup(c->arena, tnode_str(n, ARG_AH));
	if (tnode_has(n, ARG_COMP))
		e.unfit = arena_strdup(c->arena, tnode_str(n, ARG_COMP));
	e.transport = tnode_says(mode, ARG_MODE, "transport");
	return e;
}

/* All members send under one key, so that nobody can count what it encrypts. */
static void
check_volume(struct compiler *c, const struct tnode *parent, enum gram_key key)
{
	struct word at = word_below(c, parent, key, ARG_KILOBYTES);

	if (at.text)
		complain(c, DIAG_NOTE, "lifetime-kilobytes", &at, "disable",
		         "a group's keys live for a time, whatever they encrypt: a lifetime in "
		         "kilobytes has no effect");
}

static void
read_ipsec(struct compiler *c, const struct tnode *top)
{
	struct raw_transform *sets =
	    read_array(c, top, KEY_CRYPTO_IPSEC_TRANSFORM_SET, sizeof(*sets));
	struct raw_profile *profiles =
	    read_array(c, top, KEY_CRYPTO_IPSEC_PROFILE, sizeof(*profiles));
	const struct tnode *n;

	c->raw.sa_lifetime =
	    number_below(top, KEY_CRYPTO_IPSEC_LIFETIME_SECONDS, ARG_SECONDS, SA_LIFETIME);
	check_volume(c, top, KEY_CRYPTO_IPSEC_LIFETIME_KILOBYTES);
	c->raw.transforms = sets;
	for (EACH(n, top, KEY_CRYPTO_IPSEC_TRANSFORM_SET))
		sets[c->raw.n_transforms++] = read_transform(c, n);
	c->raw.profiles = profiles;
	for (EACH(n, top, KEY_CRYPTO_IPSEC_PROFILE)) {
		check_volume(c, n, KEY_PROFILE_LIFETIME_KILOBYTES);
		profiles[c->raw.n_profiles++] = (struct raw_profile){
		    .name = read_word(c, n, ARG_NAME),
		    .transform = word_below(c, n, KEY_PROFILE_TRANSFORM_SET, ARG_TRANSFORM),
		    .lifetime = number_below(n, KEY_PROFILE_LIFETIME_SECONDS, ARG_SECONDS, 0),
		};
	}
}

/* --- crypto maps ------------------------------------------------------------------------------ */

static struct raw_map *
map_named(struct compiler *c, const struct tnode *n)
{
	size_t i;

	for (i = 0; i < c->raw.n_maps; i++)
		if (tnode_says(n, ARG_NAME, c->raw.maps[i].name.text))
			return &c->raw.maps[i];
	c->raw.maps[i].name = read_word(c, n, ARG_NAME);
	c->raw.n_maps++;
	return &c->raw.maps[i];
}

static void
read_fail_close(struct compiler *c, const struct tnode *top)
{
	const struct tnode *n;

	for (EACH(n, top, KEY_CRYPTO_MAP_FAIL_CLOSE)) {
		struct raw_map *map = map_named(c, n);

		map->fail_close = read_line(c, n);
		map->fail_close_acl = word_below(c, n, KEY_MAP_FAIL_CLOSE_MATCH, ARG_ACL);
		map->fail_close_active = tnode_first(n, KEY_MAP_FAIL_CLOSE_ACTIVATE);
	}
}

/* The tree keeps all entries by sequence number; here they come together by name. */
static void
read_maps(struct compiler *c, const struct tnode *top)
{
	const struct tnode *n;
	struct raw_map *map;
	size_t most = 0, i;

	for (EACH(n, top, KEY_CRYPTO_MAP))
		most++;
	for (EACH(n, top, KEY_CRYPTO_MAP_FAIL_CLOSE))
		most++;
	c->raw.maps = arena_alloc(c->arena, most * sizeof(*c->raw.maps));
	for (EACH(n, top, KEY_CRYPTO_MAP))
		map_named(c, n)->n++;
	for (i = 0; i < c->raw.n_maps; i++) {
		map = &c->raw.maps[i];
		map->entries = arena_alloc(c->arena, map->n * sizeof(*map->entries));
		map->n = 0;
	}
	for (EACH(n, top, KEY_CRYPTO_MAP)) {
		map = map_named(c, n);
		map->entries[map->n++] = (struct raw_map_entry){
		    .seq = tnode_u32(n, ARG_SEQ),
		    .at = read_line(c, n),
		    .group = word_below(c, n, KEY_MAP_GROUP, ARG_GROUP),
		    .acl = word_below(c, n, KEY_MAP_MATCH, ARG_ACL),
		    .identity = word_below(c, n, KEY_MAP_IDENTITY, ARG_IDENTITY),
		    .profile = word_below(c, n, KEY_MAP_ISAKMP_PROFILE, ARG_ISAKMP_PROFILE),
		};
	}
	read_fail_close(c, top);
	for (EACH(n, top, KEY_CRYPTO_MAP_LOCAL_ADDRESS))
		for (i = 0; i < c->raw.n_maps; i++)
			if (tnode_says(n, ARG_NAME, c->raw.maps[i].name.text))
				c->raw.maps[i].local_address = read_word(c, n, ARG_INTERFACE);
	for (EACH(n, top, KEY_CRYPTO_MAP_ISAKMP_PROFILE))
		for (i = 0; i < c->raw.n_maps; i++)
			if (tnode_says(n, ARG_NAME, c->raw.maps[i].name.text))
				c->raw.maps[i].profile = read_word(c, n, ARG_PROFILE);
}

/* --- groups ----------------------------------------------------------------------------------- */

static struct raw_sa
read_sa(struct compiler *c, const struct tnode *n)
{
	const struct tnode *replay = tnode_first(n, KEY_SA_REPLAY);
	struct raw_sa e = {
	    .number = tnode_u32(n, ARG_NUMBER),
	    .at = read_line(c, n),
	    .profile = word_below(c, n, KEY_SA_PROFILE, ARG_PROFILE),
	    .acl = word_below(c, n, KEY_SA_MATCH, ARG_ACL),
	    .window = keyword_number(replay, ARG_WINDOW, REPLAY_WINDOW),
	};

	if (replay && strncmp(read_text(c, replay), "replay time", 11) == 0) {
		e.replay = read_line(c, replay);
		e.window = 0;
		e.time_window =
		    tnode_has(replay, ARG_TIME) ? tnode_u32(replay, ARG_TIME) : REPLAY_TIME;
	}
	return e;
}

static struct policy_rekey
read_rekey(const struct tnode *n)
{
	const struct tnode *cipher = tnode_first(n, KEY_SERVER_REKEY_ALGORITHM);
	const struct tnode *hash = tnode_first(n, KEY_SERVER_REKEY_SIG_HASH);
	const struct tnode *lifetime = tnode_first(n, KEY_SERVER_REKEY_LIFETIME);
	struct policy_rekey r = {
	    .unicast = tnode_first(n, KEY_SERVER_REKEY_UNICAST),
	    .cipher = cipher_named(cipher, USE_REKEY, CIPHER_3DES),
	    .sig_hash = hash_named(hash, USE_REKEY),
	    .lifetime = REKEY_LIFETIME,
	    .retransmit_period =
		number_below(n, KEY_SERVER_REKEY_RETRANSMIT, ARG_PERIOD, REKEY_PERIOD),
	    .retransmit_number =
		number_below(n, KEY_SERVER_REKEY_RETRANSMIT, ARG_NUMBER, REKEY_NUMBER),
	};
	const struct tnode *retransmit = tnode_first(n, KEY_SERVER_REKEY_RETRANSMIT);

	r.periodic = retransmit && tnode_has(retransmit, ARG_PERIODIC);

	r.activation = (uint16_t)number_below(n, KEY_SERVER_REKEY_DELAY, ARG_ACTIVATION, 0);
	r.deactivation = (uint16_t)number_below(n, KEY_SERVER_REKEY_DELAY, ARG_DEACTIVATION, 0);
	r.lkh = tnode_first(n, KEY_SERVER_REKEY_MANAGEMENT);
	r.shared =
	    tnode_says(tnode_first(n, KEY_SERVER_REKEY_AUTHENTICATION), ARG_SHARED, "shared");
	r.bare_hash =
	    tnode_says(tnode_first(n, KEY_SERVER_REKEY_SIGNATURE_FORM), ARG_FORM, "bare-hash");
	n = tnode_first(n, KEY_SERVER_REKEY_ACKNOWLEDGEMENT);
	if (n && tnode_says(n, ARG_ACK, "interoperable"))
		r.acks = REKEY_ACK_INTEROPERABLE;
	else if (n && tnode_says(n, ARG_ACK, "any"))
		r.acks = REKEY_ACK_ANY;
	if (lifetime && tnode_has(lifetime, ARG_DAYS))
		r.lifetime = tnode_u32(lifetime, ARG_DAYS) * DAY;
	else if (lifetime)
		r.lifetime = tnode_u32(lifetime, ARG_SECONDS);
	return r;
}

static void
read_server(struct compiler *c, const struct tnode *n, struct raw_server *s)
{
	struct raw_sa *sas = read_array(c, n, KEY_SERVER_SA, sizeof(*sas));
	const struct tnode *sa;

	s->at = read_line(c, n);
	s->address = word_below(c, n, KEY_SERVER_ADDRESS, ARG_ADDRESS);
	s->addr = number_below(n, KEY_SERVER_ADDRESS, ARG_ADDRESS, 0);
	s->rekey = read_rekey(n);
	s->rekey_address = word_below(c, n, KEY_SERVER_REKEY_ADDRESS, ARG_ACL);
	s->rsa_label = word_below(c, n, KEY_SERVER_REKEY_AUTHENTICATION, ARG_LABEL);
	s->authorization = word_below(c, n, KEY_SERVER_AUTHORIZATION, ARG_ACL);
	s->authorization_identity = word_below(c, n, KEY_SERVER_AUTHORIZATION, ARG_IDENTITY);
	s->members_crl = word_below(c, n, KEY_SERVER_REGISTRATION_CRL, ARG_TRUSTPOINT);
	for (EACH(sa, n, KEY_SERVER_SA))
		sas[s->n_sas++] = read_sa(c, sa);
	s->sas = sas;
	read_sids(c, n, s);
	read_coop(c, n, &s->coop);
	if (tnode_first(n, KEY_SERVER_RECEIVE_ONLY))
		s->receive_only = read_line(c, tnode_first(n, KEY_SERVER_RECEIVE_ONLY));
}

static void
read_servers(struct compiler *c, const struct tnode *n, struct raw_group *g)
{
	const struct tnode *server;

	for (EACH(server, n, KEY_GROUP_SERVER)) {
		struct word at = read_word(c, server, ARG_ADDRESS);

		if (g->n_servers == POLICY_SERVERS_MAX) {
			complain(c, DIAG_ERROR, "servers-too-many", &at, NULL,
			         "a group has at most %d key servers: %s is left out",
			         POLICY_SERVERS_MAX, at.text);
			continue;
		}
		g->server_words[g->n_servers] = at;
		g->servers[g->n_servers++] = tnode_u32(server, ARG_ADDRESS);
	}
}

/* The settings of a group member. */
static void
read_client(const struct tnode *n, struct raw_group *g)
{
	static const struct {
		enum gram_arg arg;
		unsigned bit;
	} ciphers[] =
	    {
		/* clang-format off */
	    {ARG_TDES,   CIPHER_3DES},
	    {ARG_DES,    CIPHER_DES},
	    {ARG_AES128, CIPHER_AES_128},
	    {ARG_AES192, CIPHER_AES_192},
	    {ARG_AES256, CIPHER_AES_256},
		/* clang-format on */
	    },
	  hashes[] = {
	      {ARG_SHA1, HASH_SHA1},
	      {ARG_SHA256, HASH_SHA256},
	      {ARG_SHA384, HASH_SHA384},
	      {ARG_SHA512, HASH_SHA512},
	  };
	const struct tnode *c = tnode_first(n, KEY_GROUP_CLIENT_REKEY_ENCRYPTION);
	const struct tnode *h = tnode_first(n, KEY_GROUP_CLIENT_REKEY_HASH);

	const struct tnode *check = tnode_first(n, KEY_GROUP_CLIENT_RECOVERY_CHECK);

	g->passive = tnode_first(n, KEY_GROUP_PASSIVE);
	g->recovery_check = !check                 ? RECOVERY_INTERVAL
	                    : tnode_negated(check) ? 0
	                                           : tnode_u32(check, ARG_SECONDS);
	for (size_t i = 0; c && i < ARRAY_SIZE(ciphers); i++)
		if (tnode_has(c, ciphers[i].arg))
			g->rekey_ciphers |= UINT32_C(1) << ciphers[i].bit;
	for (size_t i = 0; h && i < ARRAY_SIZE(hashes); i++)
		if (tnode_has(h, hashes[i].arg))
			g->rekey_hashes |= UINT32_C(1) << hashes[i].bit;
}

static void
read_client_transforms(struct compiler *c, const struct tnode *n, struct raw_group *g)
{
	const struct tnode *t = tnode_first(n, KEY_GROUP_CLIENT_TRANSFORM_SETS);

	if (!t)
		return;
	g->transforms =
	    arena_alloc(c->arena, tnode_count(t, ARG_TRANSFORM) * sizeof(*g->transforms));
	for (size_t i = 0; i < tnode_count(t, ARG_TRANSFORM); i++)
		g->transforms[g->n_transforms++] = read_word_at(c, t, ARG_TRANSFORM, i);
}

static void
read_groups(struct compiler *c, const struct tnode *top)
{
	struct raw_group *g = read_array(c, top, KEY_CRYPTO_GDOI_GROUP, sizeof(*g));
	const struct tnode *n, *identity, *local;

	c->raw.groups = g;
	for (EACH(n, top, KEY_CRYPTO_GDOI_GROUP)) {
		identity = tnode_first(n, KEY_GROUP_IDENTITY);
		local = tnode_first(n, KEY_GROUP_SERVER_LOCAL);
		g->name = read_word(c, n, ARG_NAME);
		if (identity && tnode_has(identity, ARG_NUMBER)) {
			g->id = (struct group_id){GROUP_ID_NUMBER, tnode_u32(identity, ARG_NUMBER)};
			g->identity = read_word(c, identity, ARG_NUMBER);
		} else if (identity) {
			g->id =
			    (struct group_id){GROUP_ID_ADDRESS, tnode_u32(identity, ARG_ADDRESS)};
			g->identity = read_word(c, identity, ARG_ADDRESS);
		}
		g->client_interface = word_below(c, n, KEY_GROUP_CLIENT_INTERFACE, ARG_INTERFACE);
		g->local = local;
		if (local)
			read_server(c, local, &g->server);
		read_servers(c, n, g);
		read_client(n, g);
		read_client_transforms(c, n, g);
		c->raw.n_groups++;
		g++;
	}
}

/* --- all of it -------------------------------------------------------------------------------- */

static void
read_router(struct compiler *c, const struct tnode *top)
{
	const struct tnode *n;

	c->raw.hostname = word_below(c, top, KEY_HOSTNAME, ARG_HOSTNAME).text;
	c->raw.domain_name = word_below(c, top, KEY_IP_DOMAIN_NAME, ARG_DOMAIN).text;
	c->raw.quiet_class = word_below(c, top, KEY_LOGIN_QUIET_MODE, ARG_ACL);
	n = tnode_first(top, KEY_IP_ROUTING);
	c->raw.ip_routing = !n || !tnode_negated(n);
	read_vrfs(c, top);
	read_pools(c, top);
	read_interfaces(c, top);
	read_routes(c, top);
	read_acls(c, top);
	read_isakmp(c, top);
	read_trustpoints(c, top);
	read_cert_maps(c, top);
	read_identities(c, top);
	read_ipsec(c, top);
	read_maps(c, top);
	read_groups(c, top);
}

const struct compile_kind compile_router = {.read = read_router};
