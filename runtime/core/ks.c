/* SPDX-License-Identifier: Apache-2.0 */
/* The key server's keys and members: see ks.h. What it says on the wire is ks_sa.c's. */
#include "runtime/core/ks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/pull.h"
#include "runtime/crypto/sig.h"

const char *
ks_name(const struct ks *ks)
{
	return ks->cfg->name;
}

/* Of its members, in a log line. */
static const char *
plural_of(const struct ks *ks)
{
	return ks->members.n == 1 ? "" : "s";
}

/* In service: it has an address to send from, and knows what it kept. */
bool
ks_serving(const struct ks *ks)
{
	return ks->cfg->server.addr != 0 && !ks->loading;
}

/* --- keys ------------------------------------------------------------------------------------- */

msec
ks_roll_lead(msec least, uint32_t lifetime)
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

	ks->version++;
	if (s->n_teks == KS_TEKS_MAX)
		ks_tek_remove(s, 0);
	t = &s->teks[s->n_teks++];
	*t = (struct ks_tek){.suite = s->cfg->suite,
	                     .keys = x_alloc((s->cfg->n_selectors + 1) * sizeof(*t->keys)),
	                     .transport = s->cfg->transport,
	                     .window = s->cfg->window,
	                     .time_window = s->cfg->time_window,
	                     .lifetime = s->cfg->lifetime,
	                     .told = !ks_has_audience(ks),
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

	if (r->shared && ks_coop_signer(ks))
		return ks_coop_signer(ks);
	return env->rsa_key && r->rsa_label ? env->rsa_key(env->arg, r->rsa_label) : NULL;
}

/*
 * What the next KEK is, but for its keys: as configured; or as it was, signed with the same pair,
 * where one of several servers lacks the pair that is configured, until another one leads.
 */
static struct ks_kek
plan_kek(const struct ks *ks, const struct ks_kek *was)
{
	const struct policy_rekey *r = &ks->cfg->server.rekey;

	if (was->signer && ks_coop_lacks_signer(ks))
		return (struct ks_kek){.present = true,
		                       .cipher = was->cipher,
		                       .sig_hash = was->sig_hash,
		                       .lifetime = was->lifetime,
		                       .unicast = was->unicast,
		                       .group_addr = was->group_addr,
		                       .group_port = was->group_port,
		                       .signer = rsa_key_ref(was->signer)};
	if (!r->configured)
		return (struct ks_kek){0};
	if (!ks_rsa_key(ks)) {
		LOG(&ks->core->env.log, KS_NO_RSA_KEYS, r->rsa_label, ks_name(ks));
		return (struct ks_kek){0};
	}
	return (struct ks_kek){.present = true,
	                       .cipher = r->cipher,
	                       .sig_hash = r->sig_hash,
	                       .lifetime = r->lifetime,
	                       .unicast = r->unicast,
	                       .group_addr = r->group_addr,
	                       .group_port = r->group_port,
	                       .signer = rsa_key_ref(ks_rsa_key(ks))};
}

void
ks_kek_next(struct ks *ks, const struct ks_kek *was)
{
	struct ks_kek next = plan_kek(ks, was);
	struct core *c = ks->core;

	ks->version++;
	ks_kek_fini(&ks->kek);
	ks->wants &= ~(unsigned)KS_WANT_KEK;
	if (!next.present)
		return;
	next.serial = ++ks->kek_serial;
	next.made = c->now;
	next.expires = c->now + SECONDS(next.lifetime);
	ks->kek = next;
	ks_coop_signer_made(ks);
	ks->kek.public = rsa_key_public_der(ks->kek.signer); /* slow to make: kept */
	ks->kek.sig_bits = rsa_key_bits(ks->kek.signer);
	for (int i = 0; i < KS_KINDS; i++) {
		struct ks_rekey_sa *sa = &ks->kek.sas[i];

		core_random(c, sa->spi, sizeof(sa->spi));
		secret_random(c, &sa->key,
		              cipher_block_size(next.cipher) + cipher_key_size(next.cipher));
	}
	ks_lkh_kek(ks);
	DEBUG(&c->env.log, DEBUG_KS_INFRASTRUCTURE,
	      "GDOI:KS:(%s): new KEK, signed with %s, %u seconds", ks_name(ks),
	      ks->cfg->server.rekey.rsa_label, next.lifetime);
}

void
ks_kek_make(struct ks *ks)
{
	ks_holders_none(ks);
	ks_kek_next(ks, &ks->kek);
}

/* The same where there may be members: no rekey can bring it to them. */
void
ks_kek_anew(struct ks *ks)
{
	ks_kek_make(ks);
	if (ks->kek.present && ks->oldest)
		LOG(&ks->core->env.log, KS_GM_NO_KEK, ks->members.n, ks_name(ks));
}

/* --- time ------------------------------------------------------------------------------------- */

/*
 * Do its keys get successors? Not before the server has an address for the first time; and an SA
 * that has lost its list or profile ends with the keys it has.
 */
static bool
sa_rolls(const struct ks *ks, const struct ks_sa *s)
{
	return s->cfg->n_selectors && (ks_serving(ks) || s->n_teks);
}

static msec
sa_next(const struct ks *ks, const struct ks_sa *s)
{
	const struct ks_tek *newest = s->n_teks ? &s->teks[s->n_teks - 1] : NULL;
	msec next = MSEC_NEVER;
	size_t i;

	for (i = 0; i < s->n_teks; i++)
		next = earlier_of(next, s->teks[i].expires);
	if (newest && sa_rolls(ks, s))
		next =
		    earlier_of(next, newest->expires - ks_roll_lead(SECONDS(90), newest->lifetime));
	return next;
}

void
ks_rearm(struct ks *ks)
{
	msec next = MSEC_NEVER;
	size_t i;

	if (!ks_leads(ks))
		return;
	for (i = 0; i < ks->n_sas; i++)
		next = earlier_of(next, sa_next(ks, &ks->sas[i]));
	if (ks->kek.present)
		next = earlier_of(next, ks->wants & KS_WANT_KEK
		                            ? ks->kek.expires
		                            : ks->kek.expires -
		                                  ks_roll_lead(KS_KEK_ROLL, ks->kek.lifetime));
	if (ks->oldest)
		next = earlier_of(next, ks->oldest->until);
	timer_set(&ks->core->timers, &ks->timer, next);
}

static void
sa_roll(struct ks *ks, struct ks_sa *s, msec now)
{
	const struct ks_tek *newest;
	bool goes_on = sa_rolls(ks, s);
	size_t i;

	for (i = 0; i < s->n_teks;)
		if (s->teks[i].expires <= now)
			ks_tek_remove(s, i);
		else
			i++;
	if (!goes_on)
		return;
	newest = s->n_teks ? &s->teks[s->n_teks - 1] : NULL;
	if (!newest || newest->expires - ks_roll_lead(SECONDS(90), newest->lifetime) <= now) {
		ks_tek_make(ks, s);
		ks_push_want(ks, KS_WANT_TEK, 0);
	}
}

/*
 * The KEK gets a successor. A rekey under the old KEK brings it to the members; when there are none
 * it is just made.
 */
static void
kek_roll(struct ks *ks)
{
	if (ks_has_audience(ks))
		ks_push_want(ks, KS_WANT_KEK, 0);
	else
		ks_kek_anew(ks);
}

void
ks_roll(struct ks *ks, msec now)
{
	size_t i;

	for (i = 0; i < ks->n_sas; i++)
		sa_roll(ks, &ks->sas[i], now);
	if (ks->kek.present && ks->kek.expires <= now)
		ks_kek_anew(ks);
	else if (ks->kek.present &&
	         ks->kek.expires - ks_roll_lead(KS_KEK_ROLL, ks->kek.lifetime) <= now)
		kek_roll(ks);
	while (ks->oldest && ks->oldest->until <= now)
		ks_member_gone(ks, ks->oldest);
	ks_rearm(ks);
}

static void
ks_fire(struct core *c, struct timer *t, msec now)
{
	struct ks *ks = CONTAINER(t, struct ks, timer);

	(void)c;
	if (!ks_leads(ks))
		return;
	ks_touch(ks);
	if (ks->loading)
		ks_begin_loading(ks);
	else
		ks_roll(ks, now);
}

/* --- configuration ---------------------------------------------------------------------------- */

static void
sa_fini(struct ks_sa *s)
{
	while (s->n_teks)
		ks_tek_remove(s, 0);
}

void
ks_sas_fini(struct ks *ks)
{
	for (size_t i = 0; i < ks->n_sas; i++)
		sa_fini(&ks->sas[i]);
	free(ks->sas);
	ks->sas = NULL;
	ks->n_sas = 0;
}

/* Has the configuration for which the keys were made changed, so that members need another key? */
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
	bool had = s->n_teks > 0;

	/* Another server may have promised it to somebody. */
	if (had && !s->teks[s->n_teks - 1].promised && !ks->coop.on)
		ks_tek_remove(s, s->n_teks - 1);
	for (size_t i = 0; i < s->n_teks; i++) {
		msec end = core_shortened(s->teks[i].expires, s->teks[i].lifetime, ks->core->now);

		if (end < s->teks[i].expires)
			s->teks[i].expires = end;
	}
	if (s->cfg->n_selectors && (had || ks_serving(ks)))
		ks_tek_make(ks, s);
	ks_push_want(ks, KS_WANT_TEK, KS_CHANGE_WAIT);
}

/* What becomes of keys that are removed here. */
static const char *
removed_text(const struct ks *ks)
{
	return ks_has_audience(ks)
	           ? "group members are told to delete its keys"
	           : "no rekey can tell group members, who use its keys until they expire";
}

/* Members are told to delete a key. */
static void
tek_gone(struct ks *ks, const struct ks_tek *t)
{
	for (size_t k = 0; (t->promised || ks->coop.on) && k < t->n_keys; k++)
		if (ks->n_gone < KS_OFFER_MAX)
			ks->gone[ks->n_gone++] = t->keys[k].spi;
}

/*
 * `crypto engine legacy disable`: keys of before, which members may refuse and the whole policy
 * with them. They stay as long as there is nothing in their place: the compiler lets an SA go on as
 * it was until its transform set is another.
 */
static void
drop_legacy(struct ks *ks)
{
	const struct policy *p = ks->core->policy;

	for (size_t i = 0; p && p->no_legacy && i < ks->n_sas; i++) {
		struct ks_sa *s = &ks->sas[i];
		size_t before = s->n_teks;
		bool replaced = s->cfg->n_selectors && !esp_suite_is_legacy(&s->cfg->suite);

		for (size_t j = replaced ? 0 : s->n_teks; j < s->n_teks;)
			if (esp_suite_is_legacy(&s->teks[j].suite)) {
				tek_gone(ks, &s->teks[j]);
				ks_tek_remove(s, j);
			} else {
				j++;
			}
		if (s->n_teks == before)
			continue;
		ks->version++;
		if (ks->oldest)
			LOG(&ks->core->env.log, KS_LEGACY_REMOVED, s->number, ks_name(ks),
			    removed_text(ks));
		ks_push_want(ks, KS_WANT_TEK, KS_CHANGE_WAIT);
	}
}

/* The keys that an `sa ipsec` had: members are told to delete them. */
static void
sa_remove(struct ks *ks, struct ks_sa *s)
{
	if (s->n_teks && ks->oldest)
		LOG(&ks->core->env.log, KS_SA_REMOVED, s->number, ks_name(ks), removed_text(ks));
	for (size_t i = 0; i < s->n_teks; i++)
		tek_gone(ks, &s->teks[i]);
	if (s->n_teks || s->suspended)
		ks_push_want(ks, KS_WANT_TEK, KS_CHANGE_WAIT);
	ks->version++;
	sa_fini(s);
}

/*
 * An `sa ipsec` that was complete has lost its list, its profile or the transform sets. A policy
 * without its entries would make members send in clear what they protect. So the server tells
 * nobody of a policy and serves nobody until it is complete again, or removed.
 */
static void
sa_suspend(struct ks *ks, struct ks_sa *s, bool was_complete)
{
	bool was = s->suspended;

	s->suspended = !s->cfg->n_selectors && (was || (was_complete && s->n_teks));
	if (s->suspended && !was)
		LOG(&ks->core->env.log, KS_SA_INCOMPLETE, s->number, ks_name(ks));
}

/*
 * A server that starts cannot know whether an incomplete `sa ipsec` was complete before: members
 * may still have its entries. When the configuration is typed for the first time, there is nothing
 * to serve yet.
 */
void
ks_sas_suspend(struct ks *ks)
{
	for (size_t i = 0; i < ks->n_sas; i++) {
		bool was = ks->sas[i].suspended;

		ks->sas[i].suspended = !ks->sas[i].cfg->n_selectors;
		if (ks->sas[i].suspended && !was)
			LOG(&ks->core->env.log, KS_SA_INCOMPLETE, ks->sas[i].number, ks_name(ks));
	}
}

static void
sa_take(struct ks *ks, struct ks_sa *s, const struct policy_sa *was)
{
	sa_suspend(ks, s, was->n_selectors);
	if (!s->suspended && sa_changed(was, s->cfg))
		sa_bump(ks, s);
}

/* The new array of SAs, with the keys of those that were there before. */
void
ks_take_sas(struct ks *ks)
{
	const struct policy_server *server = &ks->cfg->server;
	struct ks_sa *old = ks->sas;
	size_t n_old = ks->n_sas, i, j;

	ks->sas = x_alloc((server->n_sas + 1) * sizeof(*ks->sas));
	for (i = 0; i < server->n_sas; i++) {
		const struct policy_sa *cfg = &server->sas[i], *was = NULL;

		for (j = 0; j < n_old; j++) {
			if (old[j].number != cfg->number)
				continue;
			was = old[j].cfg;
			ks->sas[i] = old[j];
			old[j].n_teks = 0;
			old[j].suspended = false;
		}
		ks->sas[i].number = cfg->number;
		ks->sas[i].cfg = cfg;
		ks->n_sas = i + 1;
		if (was)
			sa_take(ks, &ks->sas[i], was);
	}
	ks->n_sas = server->n_sas;
	for (j = 0; j < n_old; j++)
		sa_remove(ks, &old[j]);
	free(old);
	drop_legacy(ks);
}

bool
ks_complete(const struct ks *ks)
{
	bool traffic = false;

	for (size_t i = 0; i < ks->n_sas; i++) {
		if (ks->sas[i].suspended || !ks_sa_is_keyed(ks, &ks->sas[i]))
			return false;
		traffic |= ks->sas[i].n_teks && ks->sas[i].cfg->n_selectors;
	}
	return traffic;
}

/* Members and keys. */
void
ks_forget_state(struct ks *ks)
{
	size_t i;

	ks_touch(ks);
	ks_push_end(ks);
	ks_messages_fini(ks->late, KS_MESSAGES);
	ks->wants = 0;
	ks->n_gone = 0;
	while (ks->oldest)
		ks_member_remove(ks, ks->oldest);
	for (i = 0; i < ks->n_sas; i++)
		sa_fini(&ks->sas[i]);
	ks_kek_fini(&ks->kek);
	ks_older_forget(ks);
	ks_lkh_forget(ks);
}

void
ks_free(struct ks *ks)
{
	ks_forget_state(ks);
	ks_save_fini(ks);
	ks_coop_end(ks);
	table_fini(&ks->members);
	free(ks->sas);
	timer_cancel(&ks->core->timers, &ks->timer);
	timer_cancel(&ks->core->timers, &ks->push_timer);
	timer_cancel(&ks->core->timers, &ks->revoke_timer);
	free(ks);
}

bool
ks_kek_is_signed_with(const struct ks *ks, const struct rsa_key *key)
{
	struct span now = rsa_key_public_der(key);
	bool same =
	    now.n && now.n == ks->kek.public.n && memcmp(now.p, ks->kek.public.p, now.n) == 0;

	free((void *)(uintptr_t)now.p);
	return same;
}

/* Is the KEK not, or no longer, what the configuration and the RSA key ask for? */
static bool
kek_outdated(const struct ks *ks)
{
	const struct policy_rekey *r = &ks->cfg->server.rekey;
	const struct ks_kek *k = &ks->kek;

	if (!k->present)
		return r->configured && ks_rsa_key(ks);
	if (ks_coop_lacks_signer(ks))
		return false; /* another server may have it */
	return !r->configured || !ks_rsa_key(ks) || !ks_kek_is_signed_with(ks, ks_rsa_key(ks)) ||
	       k->cipher != r->cipher || k->sig_hash != r->sig_hash || k->lifetime != r->lifetime ||
	       k->unicast != r->unicast || k->group_addr != r->group_addr ||
	       k->group_port != r->group_port || k->lkh != r->lkh;
}

/* Tells the members, under the old KEK, of the new one, or that there is no KEK any more. */
void
ks_kek_follow(struct ks *ks)
{
	if (!ks_serving(ks) || !kek_outdated(ks))
		return;
	if (ks_lkh_breaks(ks) && ks_has_audience(ks)) {
		ks_remove_members(ks, false);
		return;
	}
	if (ks_has_audience(ks))
		ks_push_want(ks, KS_WANT_KEK, KS_CHANGE_WAIT);
	else
		ks_kek_anew(ks);
}

/* With new keys, and without members. */
void
ks_begin_anew(struct ks *ks)
{
	ks->loading = false;
	ks_take_sas(ks);
	ks_sas_suspend(ks);
	if (ks_serving(ks))
		ks_kek_make(ks);
	ks_roll(ks, ks->core->now);
	ks_touch(ks);
}

/* --- birth ------------------------------------------------------------------------------------ */

struct ks *
ks_new(struct core *c, const struct policy_group *g)
{
	struct ks *ks = x_alloc(sizeof(*ks));

	ks->core = c;
	ks->cfg = g;
	ks->id = g->id;
	ks->newest = &ks->oldest;
	ks->pseudo_zero = MSEC_NEVER;
	core_random(c, &ks->kek_line, sizeof(ks->kek_line)); /* none that an earlier life had */
	ks->timer.fire = ks_fire;
	ks->push_timer.fire = ks_push_fire;
	ks->revoke_timer.fire = ks_revoke_fire;
	ks_settle_place(ks);
	return ks;
}

/* The configuration has changed before the store was read. */
static void
reconfigure_loading(struct ks *ks, const struct policy_group *g)
{
	bool other = !ks_id_equal(&ks->id, &g->id);

	ks->cfg = g;
	if (!other)
		return;
	ks->id = g->id;
	ks_begin_loading(ks);
}

/* --- changes ---------------------------------------------------------------------------------- */

/* Another identity is another group: its members get other keys. */
static void
take_identity(struct ks *ks, const struct group_id *id)
{
	bool other = ks->id.type != GROUP_ID_NONE && !ks_id_equal(&ks->id, id);

	if (id->type == GROUP_ID_NONE)
		return; /* it is about to be typed; until then nobody is served */
	if (other) {
		ks_save_forget(ks);
		ks_farewell(ks, "its identity is another");
		ks_forget_state(ks);
	}
	ks->id = *id;
}

/* Keys and members outlive the loss of the address; they are of use when it comes back. */
static void
note_service(struct ks *ks, bool was)
{
	bool is = ks_serving(ks);

	if (was && !is && ks->oldest)
		LOG(&ks->core->env.log, KS_OUT_OF_SERVICE, ks_name(ks), ks->members.n,
		    plural_of(ks));
	if (!was && is && ks->oldest)
		LOG(&ks->core->env.log, KS_IN_SERVICE, ks_name(ks), ks->members.n, plural_of(ks));
}

void
ks_reconfigure(struct ks *ks, const struct policy_group *g)
{
	const struct policy_group *old = ks->cfg;
	bool served = ks_serving(ks);

	if (ks_is_shared(ks, g) != ks->coop.on ||
	    (ks->coop.on &&
	     (!ks_id_equal(&ks->id, &g->id) || old->server.addr != g->server.addr))) {
		ks_change_place(ks, g);
		return;
	}
	if (ks->coop.on)
		coop_settings_of(&g->server, &ks->coop.settings);
	if (ks->cfg->server.coop.configured != g->server.coop.configured && !ks->coop.on &&
	    g->server.coop.configured)
		LOG(&ks->core->env.log, COOP_ALONE, ks_name(ks));
	if (!ks_leads(ks)) {
		ks->cfg = g;
		ks_coop_sids_moved(ks);
		ks_coop_signer_came(ks);
		coop_look(ks->core);
		return;
	}
	if (ks->loading) {
		reconfigure_loading(ks, g);
		return;
	}
	ks_touch(ks);
	if (policy_group_equal(old, g)) {
		ks->cfg = g;
		for (size_t i = 0; i < ks->n_sas; i++)
			ks->sas[i].cfg = &g->server.sas[i];
		drop_legacy(ks);
		ks_kek_follow(ks);
		ks_rearm(ks);
		return;
	}
	take_identity(ks, &g->id);
	ks->cfg = g;
	ks_coop_signer_typed(ks, &old->server.rekey);
	ks_take_sas(ks);
	ks_kek_follow(ks);
	note_service(ks, served);
	ks_coop_sids_moved(ks);
	/* Identifiers of another length, or of another part, may have been handed out already. */
	if (ks->coop.on ? old->server.sid_bits != g->server.sid_bits
	                : !policy_sids_equal(&old->server, &g->server))
		ks_sids_restart(ks);
	ks_lkh_review(ks);
	ks_roll(ks, ks->core->now);
	ks_push_resume(ks);
}

void
ks_retire(struct ks *ks)
{
	if (ks->coop.on) {
		ks_coop_leave(ks);
		return;
	}
	ks_save_forget(ks);
	ks_farewell(ks, "this node is its key server no more");
	ks_forget_state(ks);
}
