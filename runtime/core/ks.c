/* The key server's keys and members: see ks.h. What it says on the wire is ks_sa.c's. */
#include "runtime/core/ks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/crypto/sig.h"

const char *
ks_name(const struct ks *ks)
{
	return ks->cfg->name;
}

/* In service: it has an address to send from. */
bool
ks_serving(const struct ks *ks)
{
	return ks->cfg->server.addr != 0;
}

static bool
id_equal(const struct group_id *a, const struct group_id *b)
{
	return a->type != GROUP_ID_NONE && a->type == b->type && a->value == b->value;
}

/* --- keys ------------------------------------------------------------------------------------- */

/* How long before its end a key gets a successor; see ks.h. */
static msec
roll_lead(msec least, uint32_t lifetime)
{
	msec life = SECONDS(lifetime);
	msec lead = life * 7 / 100 > least ? life * 7 / 100 : least;
	msec half = life / 2 > SECONDS(75) ? life / 2 : SECONDS(75);

	lead += SECONDS(35);
	return lead < half ? lead : half;
}

static bool
spi_used(const struct core *c, uint32_t spi)
{
	for (size_t i = 0; i < c->n_kss; i++)
		if (ks_key_by_spi(c->kss[i], spi, NULL))
			return true;
	return false;
}

static void
secret_random(struct core *c, struct secret *s, size_t n)
{
	uint8_t bytes[128];

	assert(n <= sizeof(bytes));
	core_random(c, bytes, n);
	secret_copy(s, SPAN(bytes, n));
	wipe(bytes, sizeof(bytes));
}

static void
tek_fini(struct ks_tek *t)
{
	for (size_t i = 0; i < t->n_keys; i++) {
		secret_fini(&t->keys[i].enc);
		secret_fini(&t->keys[i].auth);
	}
	free(t->keys);
}

void
ks_tek_remove(struct ks_sa *s, size_t i)
{
	tek_fini(&s->teks[i]);
	memmove(&s->teks[i], &s->teks[i + 1], (s->n_teks - i - 1) * sizeof(s->teks[0]));
	s->n_teks--;
}

static void
key_make(struct core *c, struct ks_tek *t, const struct selector *entry)
{
	struct ks_key *k = &t->keys[t->n_keys];
	uint32_t spi;

	do
		core_random(c, &spi, sizeof(spi));
	while (spi < KS_SPI_MIN || spi_used(c, spi));
	k->entry = *entry;
	k->spi = spi;
	secret_random(c, &k->enc, cipher_keymat_size(t->suite.cipher));
	secret_random(c, &k->auth, hash_size(t->suite.auth));
	t->n_keys++;
}

void
ks_tek_make(struct ks *ks, struct ks_sa *s)
{
	struct core *c = ks->core;
	struct ks_tek *t;

	if (s->n_teks == KS_TEKS_MAX)
		ks_tek_remove(s, 0);
	t = &s->teks[s->n_teks++];
	*t = (struct ks_tek){.suite = s->cfg->suite,
			     .keys = x_alloc((s->cfg->n_selectors + 1) * sizeof(*t->keys)),
			     .transport = s->cfg->transport,
			     .window = s->cfg->window,
			     .time_window = s->cfg->time_window,
			     .lifetime = s->cfg->lifetime,
			     .made = c->now,
			     .expires = c->now + SECONDS(s->cfg->lifetime)};
	if (!cipher_is_counter(t->suite.cipher))
		key_make(c, t, &(struct selector){.permit = true});
	for (size_t i = 0; cipher_is_counter(t->suite.cipher) && i < s->cfg->n_selectors; i++)
		if (s->cfg->selectors[i].permit && !ks_tek_key(t, &s->cfg->selectors[i]))
			key_make(c, t, &s->cfg->selectors[i]);
	DEBUG(&c->env.log, DEBUG_KS_INFRASTRUCTURE,
	      "GDOI:KS:(%s): new TEK for sa ipsec %u, spi 0x%X, %u seconds", ks_name(ks), s->number,
	      t->n_keys ? t->keys[0].spi : 0, t->lifetime);
}

void
ks_kek_fini(struct ks_kek *k)
{
	for (int i = 0; i < KS_KINDS; i++)
		secret_fini(&k->sas[i].key);
	rsa_key_free(k->signer);
	free((void *)(uintptr_t)k->public.p);
	*k = (struct ks_kek){0};
}

const struct rsa_key *
ks_rsa_key(const struct ks *ks)
{
	const struct core_env *env = &ks->core->env;
	const struct policy_rekey *r = &ks->cfg->server.rekey;

	return env->rsa_key && r->rsa_label ? env->rsa_key(env->arg, r->rsa_label) : NULL;
}

void
ks_kek_make(struct ks *ks)
{
	const struct policy_rekey *r = &ks->cfg->server.rekey;
	struct core *c = ks->core;

	ks_kek_fini(&ks->kek);
	if (!r->configured)
		return;
	if (!ks_rsa_key(ks)) {
		LOG(&c->env.log, KS_NO_RSA_KEYS, r->rsa_label, ks_name(ks));
		return;
	}
	ks->kek = (struct ks_kek){.present = true,
				  .cipher = r->cipher,
				  .sig_hash = r->sig_hash,
				  .lifetime = r->lifetime,
				  .unicast = r->unicast,
				  .group_addr = r->group_addr,
				  .group_port = r->group_port,
				  .made = c->now,
				  .expires = c->now + SECONDS(r->lifetime)};
	ks->kek.signer = rsa_key_ref(ks_rsa_key(ks));
	ks->kek.public = rsa_key_public_der(ks->kek.signer); /* slow to make: kept */
	ks->kek.sig_bits = rsa_key_bits(ks->kek.signer);
	for (int i = 0; i < KS_KINDS; i++) {
		struct ks_rekey_sa *sa = &ks->kek.sas[i];

		core_random(c, sa->spi, sizeof(sa->spi));
		secret_random(c, &sa->key,
			      cipher_block_size(r->cipher) + cipher_key_size(r->cipher));
	}
	DEBUG(&c->env.log, DEBUG_KS_INFRASTRUCTURE,
	      "GDOI:KS:(%s): new KEK, signed with %s, %u seconds", ks_name(ks), r->rsa_label,
	      r->lifetime);
}

/* --- time ------------------------------------------------------------------------------------- */

static msec
earlier(msec a, msec b)
{
	return a < b ? a : b;
}

/* A member that has not come for so long holds no key of the group any more. */
static msec
member_bound(const struct ks *ks)
{
	uint32_t tek = 0;
	size_t i;

	for (i = 0; i < ks->n_sas; i++)
		if (ks->sas[i].cfg->lifetime > tek)
			tek = ks->sas[i].cfg->lifetime;
	return SECONDS((msec)tek + (ks->kek.present ? ks->kek.lifetime : 0));
}

static msec
sa_next(const struct ks_sa *s)
{
	const struct ks_tek *newest = s->n_teks ? &s->teks[s->n_teks - 1] : NULL;
	msec next = MSEC_NEVER;
	size_t i;

	for (i = 0; i < s->n_teks; i++)
		next = earlier(next, s->teks[i].expires);
	if (newest)
		next = earlier(next, newest->expires - roll_lead(SECONDS(90), newest->lifetime));
	return next;
}

void
ks_rearm(struct ks *ks)
{
	msec next = MSEC_NEVER;
	size_t i;

	for (i = 0; i < ks->n_sas; i++)
		next = earlier(next, sa_next(&ks->sas[i]));
	if (ks->kek.present)
		next =
		    earlier(next, ks->wants & KS_WANT_KEK
				      ? ks->kek.expires
				      : ks->kek.expires - roll_lead(KS_KEK_ROLL, ks->kek.lifetime));
	if (ks->oldest)
		next = earlier(next, ks->oldest->seen + member_bound(ks));
	timer_set(&ks->core->timers, &ks->timer, next);
}

static void
member_unlink(struct ks *ks, struct ks_member *m)
{
	*m->prev = m->next;
	if (m->next)
		m->next->prev = m->prev;
	else
		ks->newest = m->prev;
}

static void
member_append(struct ks *ks, struct ks_member *m)
{
	m->seen = ks->core->now;
	m->next = NULL;
	m->prev = ks->newest;
	*ks->newest = m;
	ks->newest = &m->next;
}

void
ks_member_touch(struct ks *ks, struct ks_member *m)
{
	member_unlink(ks, m);
	member_append(ks, m);
}

void
ks_member_remove(struct ks *ks, struct ks_member *m)
{
	if (m->target != KS_NO_TARGET) {
		ks->push.targets[m->target].member = NULL;
		ks->push.targets[m->target].done = true;
	}
	member_unlink(ks, m);
	ks->n_members[m->kind]--;
	table_remove(&ks->members, &m->by_addr);
	free(m);
}

static void
sa_roll(struct ks *ks, struct ks_sa *s, msec now)
{
	const struct ks_tek *newest;
	size_t i;

	for (i = 0; i < s->n_teks;)
		if (s->teks[i].expires <= now)
			ks_tek_remove(s, i);
		else
			i++;
	if (!ks_serving(ks) || !s->cfg->n_selectors)
		return;
	newest = s->n_teks ? &s->teks[s->n_teks - 1] : NULL;
	if (!newest || newest->expires - roll_lead(SECONDS(90), newest->lifetime) <= now) {
		ks_tek_make(ks, s);
		ks_push_want(ks, KS_WANT_TEK, 0);
	}
}

/* Members hear of the new one under the old one; where nobody is to hear, it is just made. */
static void
kek_roll(struct ks *ks)
{
	if (ks->oldest)
		ks_push_want(ks, KS_WANT_KEK, 0);
	else
		ks_kek_make(ks);
}

static void
roll(struct ks *ks, msec now)
{
	size_t i;

	for (i = 0; i < ks->n_sas; i++)
		sa_roll(ks, &ks->sas[i], now);
	if (ks->kek.present && ks->kek.expires <= now)
		ks_kek_make(ks);
	else if (ks->kek.present &&
		 ks->kek.expires - roll_lead(KS_KEK_ROLL, ks->kek.lifetime) <= now)
		kek_roll(ks);
	while (ks->oldest && ks->oldest->seen + member_bound(ks) <= now)
		ks_member_remove(ks, ks->oldest);
	ks_rearm(ks);
}

static void
ks_fire(struct core *c, struct timer *t, msec now)
{
	(void)c;
	roll(CONTAINER(t, struct ks, timer), now);
}

/* --- configuration ---------------------------------------------------------------------------- */

static void
sa_fini(struct ks_sa *s)
{
	while (s->n_teks)
		ks_tek_remove(s, 0);
}

/* What a key was made for is no longer so: members need another. */
static bool
sa_changed(const struct policy_sa *a, const struct policy_sa *b)
{
	size_t i;

	if (a->suite.cipher != b->suite.cipher || a->suite.auth != b->suite.auth ||
	    a->transport != b->transport || a->lifetime != b->lifetime ||
	    a->time_window != b->time_window || a->receive_only != b->receive_only ||
	    a->n_selectors != b->n_selectors)
		return true;
	for (i = 0; i < a->n_selectors; i++)
		if (!selector_equal(&a->selectors[i], &b->selectors[i]))
			return true;
	return false;
}

/* A key for the changed policy. */
static void
sa_bump(struct ks *ks, struct ks_sa *s)
{
	if (s->n_teks && !s->teks[s->n_teks - 1].promised)
		ks_tek_remove(s, s->n_teks - 1);
	for (size_t i = 0; i < s->n_teks; i++) {
		msec end = ks_shortened(&s->teks[i], ks->core->now);

		if (end < s->teks[i].expires)
			s->teks[i].expires = end;
	}
	if (ks_serving(ks) && s->cfg->n_selectors)
		ks_tek_make(ks, s);
	ks_push_want(ks, KS_WANT_TEK, KS_CHANGE_WAIT);
}

/* The new array of SAs, with the keys of those that were there before. */
static void
take_sas(struct ks *ks)
{
	const struct policy_server *server = &ks->cfg->server;
	struct ks_sa *old = ks->sas;
	size_t n_old = ks->n_sas, i, j;

	ks->sas = x_alloc((server->n_sas + 1) * sizeof(*ks->sas));
	for (i = 0; i < server->n_sas; i++) {
		const struct policy_sa *cfg = &server->sas[i];
		bool changed = false;

		for (j = 0; j < n_old; j++) {
			if (old[j].number != cfg->number)
				continue;
			changed = sa_changed(old[j].cfg, cfg);
			ks->sas[i] = old[j];
			old[j].n_teks = 0;
		}
		ks->sas[i].number = cfg->number;
		ks->sas[i].cfg = cfg;
		ks->n_sas = i + 1;
		if (changed)
			sa_bump(ks, &ks->sas[i]);
	}
	ks->n_sas = server->n_sas;
	for (j = 0; j < n_old; j++)
		sa_fini(&old[j]);
	free(old);
}

struct ks *
ks_new(struct core *c, const struct policy_group *g)
{
	struct ks *ks = x_alloc(sizeof(*ks));

	ks->core = c;
	ks->cfg = g;
	ks->newest = &ks->oldest;
	ks->pseudo_zero = MSEC_NEVER;
	ks->timer.fire = ks_fire;
	ks->push_timer.fire = ks_push_fire;
	take_sas(ks);
	if (ks_serving(ks))
		ks_kek_make(ks);
	roll(ks, c->now);
	return ks;
}

/* Members and keys. */
static void
forget(struct ks *ks)
{
	size_t i;

	ks_push_end(ks);
	ks->wants = 0;
	while (ks->oldest)
		ks_member_remove(ks, ks->oldest);
	for (i = 0; i < ks->n_sas; i++)
		sa_fini(&ks->sas[i]);
	ks_kek_fini(&ks->kek);
}

void
ks_free(struct ks *ks)
{
	forget(ks);
	table_fini(&ks->members);
	free(ks->sas);
	timer_cancel(&ks->core->timers, &ks->timer);
	timer_cancel(&ks->core->timers, &ks->push_timer);
	free(ks);
}

static bool
rekey_changed(const struct policy_rekey *a, const struct policy_rekey *b)
{
	return a->configured != b->configured || a->cipher != b->cipher ||
	       a->sig_hash != b->sig_hash || a->lifetime != b->lifetime ||
	       a->unicast != b->unicast || a->group_addr != b->group_addr ||
	       a->group_port != b->group_port ||
	       (a->configured && strcmp(a->rsa_label, b->rsa_label) != 0);
}

/* Its RSA key has come, gone, or is another by the same name. */
static bool
rsa_changed(const struct ks *ks)
{
	const struct rsa_key *key = ks_rsa_key(ks);
	struct span now;
	bool same;

	if (!key)
		return ks->kek.present;
	now = rsa_key_public_der(key);
	same = ks->kek.present && now.n == ks->kek.public.n &&
	       memcmp(now.p, ks->kek.public.p, now.n) == 0;
	free((void *)(uintptr_t)now.p);
	return !same;
}

/* Is the KEK no longer what the configuration and the RSA key ask for? */
static bool
kek_outdated(const struct ks *ks, const struct policy_rekey *was)
{
	return rekey_changed(was, &ks->cfg->server.rekey) || rsa_changed(ks);
}

/* The members hear of the new one, or that there is none any more, under the old one. */
static void
kek_replace(struct ks *ks)
{
	if (ks->kek.present && ks->oldest)
		ks_push_want(ks, KS_WANT_KEK, KS_CHANGE_WAIT);
	else
		ks_kek_make(ks);
}

void
ks_reconfigure(struct ks *ks, const struct policy_group *g)
{
	const struct policy_group *old = ks->cfg;

	ks->cfg = g;
	if (policy_group_equal(old, g)) {
		size_t i;

		for (i = 0; i < ks->n_sas; i++)
			ks->sas[i].cfg = &g->server.sas[i];
		if (g->server.rekey.configured && ks_serving(ks) && rsa_changed(ks))
			kek_replace(ks);
		ks_rearm(ks);
		return;
	}
	if (!id_equal(&old->id, &g->id) || !ks_serving(ks))
		forget(ks);
	take_sas(ks);
	if (ks_serving(ks) && kek_outdated(ks, &old->server.rekey))
		kek_replace(ks);
	roll(ks, ks->core->now);
}

/* --- members ---------------------------------------------------------------------------------- */

struct ks *
ks_find(struct core *c, const struct group_id *id)
{
	size_t i;

	for (i = 0; i < c->n_kss; i++)
		if (ks_serving(c->kss[i]) && id_equal(&c->kss[i]->cfg->id, id))
			return c->kss[i];
	return NULL;
}

bool
ks_authorized(const struct ks *ks, const struct ike_sa *sa)
{
	const struct policy_server *s = &ks->cfg->server;
	struct flow from = {.src = sa->path.remote};

	if (s->authorized_identity)
		return policy_identity_match(s->authorized_identity, sa->who.subject,
					     sa->who.names);
	/* A list that is named but not defined lets everyone in who holds a key. */
	if (!s->authorization || !s->authorized)
		return true;
	return sa->who.address && policy_acl_permits(s->authorized, &from);
}

struct ks_member *
ks_member_find(struct ks *ks, uint32_t addr)
{
	struct link *l = table_find(&ks->members, addr);

	return l ? CONTAINER(l, struct ks_member, by_addr) : NULL;
}

bool
ks_asks(const struct ks *ks, enum ks_kind kind)
{
	return ks->kek.unicast &&
	       (kind == KS_OURS || ks->cfg->server.rekey.acks != REKEY_ACK_CISCO);
}

void
ks_member_seen(struct ks *ks, uint32_t member, enum ks_kind kind)
{
	struct ks_member *m = ks_member_find(ks, member), fresh = {0};

	if (m) {
		fresh = *m;
		ks_member_remove(ks, m);
	} else if (ks->members.n >= KS_MEMBERS_MAX) {
		ks_member_remove(ks, ks->oldest);
	}
	m = x_alloc(sizeof(*m));
	m->addr = member;
	m->server = ks->cfg->server.addr;
	m->registrations = fresh.registrations + 1;
	m->rekeys_sent = fresh.rekeys_sent;
	m->acks_received = fresh.acks_received;
	m->retries = fresh.retries;
	m->failures = fresh.failures;
	memcpy(m->sent_seq, fresh.sent_seq, sizeof(m->sent_seq));
	memcpy(m->acked_seq, fresh.acked_seq, sizeof(m->acked_seq));
	m->kind = kind;
	m->acks = ks_asks(ks, kind);
	ks->n_members[kind]++;
	m->target = KS_NO_TARGET;
	m->registered = ks->core->now;
	member_append(ks, m);
	table_put(&ks->members, &m->by_addr, member);
	ks_rearm(ks);
}

/* --- what can be seen ------------------------------------------------------------------------- */

static uint32_t
seconds_until(msec when, msec now)
{
	return when <= now ? 0 : (uint32_t)((when - now) / 1000);
}

/* Of the two Rekey SAs, the one of the members there are; of both kinds: ours. */
static enum ks_kind
shown_kind(const struct ks *ks)
{
	return ks->n_members[KS_OTHERS] && !ks->n_members[KS_OURS] ? KS_OTHERS : KS_OURS;
}

static void
snap_kek(const struct ks *ks, msec now, struct arena *a, struct snap_kek *ret)
{
	const struct ks_kek *k = &ks->kek;
	const struct ks_rekey_sa *sa = &k->sas[shown_kind(ks)];

	if (!k->present)
		return;
	*ret = (struct snap_kek){
	    .present = true,
	    .cipher = k->cipher,
	    .sig_hash = k->sig_hash,
	    .sig_bits = k->sig_bits,
	    .lifetime = k->lifetime,
	    .remaining = seconds_until(k->expires, now),
	    .seq = sa->seq,
	    .time_to_rekey = seconds_until(k->expires - roll_lead(KS_KEK_ROLL, k->lifetime), now),
	};
	ret->public_key.n = k->public.n;
	ret->public_key.p = arena_memdup(a, k->public.p, k->public.n);
	memcpy(ret->spi, sa->spi, sizeof(ret->spi));
}

static struct snap_tek
snap_tek(const struct ks_sa *s, const struct ks_tek *t, uint32_t spi, bool newest, msec now)
{
	msec roll_at = t->expires - roll_lead(SECONDS(90), t->lifetime);

	return (struct snap_tek){.sa = s->number,
				 .spi = spi,
				 .suite = t->suite,
				 .transport = t->transport,
				 .lifetime = t->lifetime,
				 .remaining = seconds_until(t->expires, now),
				 .elapsed = seconds_until(now, t->made),
				 .window = t->window,
				 .time_window = t->time_window,
				 .time_to_rekey = newest ? seconds_until(roll_at, now) : 0};
}

static void
snap_sas(const struct ks *ks, msec now, struct arena *a, struct snap_group *ret)
{
	size_t i, j, k, n_entries = 0, n_teks = 0;
	struct snap_entry *entries;
	struct snap_tek *teks;

	for (i = 0; i < ks->n_sas; i++) {
		n_entries += ks->sas[i].cfg->n_selectors;
		for (j = 0; j < ks->sas[i].n_teks; j++)
			n_teks += ks->sas[i].teks[j].n_keys;
	}
	teks = arena_alloc(a, (n_teks + 1) * sizeof(*teks));
	entries = arena_alloc(a, (n_entries + 1) * sizeof(*entries));
	ret->teks = teks;
	ret->entries = entries;
	for (i = 0; i < ks->n_sas; i++) {
		const struct ks_sa *s = &ks->sas[i];

		for (j = s->n_teks; j-- > 0;)
			for (k = 0; k < s->teks[j].n_keys; k++) {
				struct snap_tek *t = &teks[ret->n_teks++];

				*t = snap_tek(s, &s->teks[j], s->teks[j].keys[k].spi,
					      j + 1 == s->n_teks, now);
				t->profile = arena_strdup(a, s->cfg->profile);
				t->acl_name = arena_strdup(a, s->cfg->acl_name);
			}
		for (j = 0; j < s->cfg->n_selectors; j++)
			entries[ret->n_entries++] =
			    (struct snap_entry){s->cfg->selectors[j], s->number};
	}
}

static void
snap_members(const struct ks *ks, msec now, struct arena *a, struct snap_group *ret)
{
	struct snap_member *members = arena_alloc(a, (ks->members.n + 1) * sizeof(*members));
	const struct ks_member *m;

	for (m = ks->oldest; m; m = m->next) {
		struct snap_member *s = &members[ret->n_members++];

		*s = (struct snap_member){.addr = m->addr,
					  .server = m->server,
					  .registrations = m->registrations,
					  .rekeys_sent = m->rekeys_sent,
					  .acks_received = m->acks_received,
					  .retries = m->retries,
					  .failures = m->failures,
					  .testudo = m->kind == KS_OURS,
					  .registered_for = seconds_until(now, m->registered)};
		memcpy(s->sent_seq, m->sent_seq, sizeof(s->sent_seq));
		memcpy(s->acked_seq, m->acked_seq, sizeof(s->acked_seq));
	}
	ret->members = members;
}

void
ks_snap(const struct ks *ks, msec now, struct arena *a, struct snap_group *ret)
{
	*ret = (struct snap_group){.name = arena_strdup(a, ks_name(ks)),
				   .id = ks->cfg->id,
				   .local = true,
				   .local_addr = ks->cfg->server.addr,
				   .rekeys_sent = ks->pushed.rekeys,
				   .retransmits = ks->pushed.retransmits,
				   .rekey_took = (uint32_t)ks->pushed.took,
				   .sid_bits = GDOI_SID_BITS,
				   .sids_given = ks->next_sid};
	snap_kek(ks, now, a, &ret->kek);
	ret->kek.unicast = ks->kek.present ? ks->kek.unicast : ks->cfg->server.rekey.unicast;
	if (ks->push.active)
		ret->kek.retransmit_remaining = seconds_until(ks->push_timer.at, now);
	ret->pseudotime = ks_pseudotime(ks, now);
	snap_sas(ks, now, a, ret);
	snap_members(ks, now, a, ret);
}
