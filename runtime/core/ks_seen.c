/* SPDX-License-Identifier: Apache-2.0 */
/* What a server remembers of the shared store: see ks_seen.h. */
#include "runtime/core/ks_seen.h"

#include <stdio.h>
#include <string.h>

#include "compiler/base/text.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/core/ks_record.h"
#include "runtime/wire/rd.h"
#include "runtime/wire/wr.h"

#define FORMAT        1
#define SEEN_NAME_MAX (KS_NAME_MAX + 8)
#define VALUE_MAX     (5 + KS_SEEN_PLACE + COOP_SIDS_MAX)

/* Apart from the records of a server that is alone. */
static void
name_record(const struct ks *ks, char ret[static SEEN_NAME_MAX])
{
	char group[KS_NAME_MAX];

	ks_save_name(&ks->id, group, "seen");
	snprintf(ret, SEEN_NAME_MAX, "shared/%s", group);
}

/* Of which store it is. */
static void
put_place(const struct ks *ks, uint8_t ret[static KS_SEEN_PLACE])
{
	const struct policy_store *store = &ks->core->policy->store;
	const struct policy_etcd *e = &store->etcd;
	struct text text = TEXT_INIT;
	uint8_t hash[HASH_SIZE_MAX];

	for (size_t i = 0; i < e->n_endpoints; i++)
		text_printf(&text, "%s ", e->endpoints[i]);
	text_puts(&text, e->prefix ? e->prefix : "");
	if (store->file)
		text_printf(&text, " %s", store->file);
	HASH(HASH_SHA256, hash, SPAN(text_string(&text), text.n));
	memcpy(ret, hash, KS_SEEN_PLACE);
	text_fini(&text);
}

/* False: it makes no sense. */
static bool
get_seen(struct span value, struct ks_seen *ret)
{
	struct rd r = rd_span(value);
	struct ks_seen found = {0};
	uint8_t format = rd_u8(&r);
	struct span place = rd_take(&r, KS_SEEN_PLACE);

	found.serial = rd_u32(&r);
	if (r.bad || format != FORMAT || !coop_get_sids(rd_take(&r, rd_left(&r)), &found.sids))
		return false;
	memcpy(found.place, place.p, KS_SEEN_PLACE);
	*ret = found;
	return true;
}

/* Was that in another store than is configured now? */
static bool
is_elsewhere(const struct ks *ks)
{
	uint8_t here[KS_SEEN_PLACE];

	put_place(ks, here);
	return memcmp(here, ks->coop.seen.place, sizeof(here)) != 0;
}

static void
take_seen(void *arg, const struct keep_load *l)
{
	struct ks *ks = arg;
	struct ks_seen *seen = &ks->coop.seen, found = {0};
	char name[SEEN_NAME_MAX];
	int error = keep_load_error(l);

	name_record(ks, name);
	seen->load = NULL;
	for (size_t i = 0; i < keep_load_count(l) && !error; i++) {
		struct store_record r = keep_load_at(l, i);

		if (!strcmp(r.name, name) && !get_seen(r.value, &found))
			error = -STORE_TORN;
	}
	if (error && !seen->failed)
		LOG(&ks->core->env.log, STORE_UNREADABLE, ks_name(ks), store_error_text(error),
		    !store_is_lost(error)
		        ? "it is tried again"
		        : "older records of the shared store would not be noticed");
	seen->failed = error && !store_is_lost(error);
	if (seen->failed) {
		timer_set(&ks->core->timers, &ks->core->coop.timer, ks->core->now + COOP_TICK);
		return;
	}
	*seen = found;
	seen->ready = true;
	ks->coop.moved.on = seen->serial && is_elsewhere(ks);
	coop_look(ks->core);
}

void
ks_seen_begin(struct ks *ks)
{
	struct keep *own = &ks->core->keeps[KEEP_OWN];
	char name[SEEN_NAME_MAX];

	ks->coop.seen.ready = !own->store;
	if (!own->store || ks->coop.seen.load)
		return;
	name_record(ks, name);
	ks->coop.seen.load = keep_load(own, name, take_seen, ks);
}

void
ks_seen_end(struct ks *ks)
{
	if (ks->coop.seen.load)
		keep_load_cancel(ks->coop.seen.load);
	ks->coop.seen = (struct ks_seen){0};
}

/* What it knows is in the store that is configured now. */
static void
note_place(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (k->moved.on || k->lost || !k->committed.n || !is_elsewhere(ks))
		return;
	put_place(ks, k->seen.place);
	k->seen.unsaved = true;
}

void
ks_seen_note(struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;
	struct ks_seen *seen = &ks->coop.seen;
	uint32_t serial;

	note_place(ks);
	if (k->committed.n && !ks_record_serial(secret_span(&k->committed), &serial) &&
	    serial > seen->serial) {
		seen->serial = serial;
		seen->unsaved = true;
	}
	if (!k->known.n || !seen->serial ||
	    (seen->sids.epoch == k->sids_epoch && coop_sids_cover(&seen->sids, &k->known)))
		return;
	seen->sids = k->known;
	seen->sids.epoch = k->sids_epoch;
	seen->unsaved = true;
}

void
ks_seen_recall(struct ks *ks)
{
	const struct coop_sids *s = &ks->coop.seen.sids;

	for (size_t i = 0; i < s->n && s->epoch == ks->coop.sids_epoch; i++) {
		struct coop_pool *p = coop_pool_get(&ks->coop.known, &s->pools[i].kssids);

		ks->coop.recalled_less |= !p;
		if (p && p->next < s->pools[i].next)
			p->next = s->pools[i].next;
	}
}

bool
ks_seen_touched(const struct ks *ks)
{
	return ks->coop.on && ks->coop.seen.unsaved;
}

void
ks_seen_put(struct ks *ks, struct keep_batch *b)
{
	uint8_t value[VALUE_MAX], sids[COOP_SIDS_MAX];
	struct wr w = wr_buf(value, sizeof(value));
	char name[SEEN_NAME_MAX];

	if (!ks_seen_touched(ks))
		return;
	wr_u8(&w, FORMAT);
	wr_bytes(&w, ks->coop.seen.place, KS_SEEN_PLACE);
	wr_u32(&w, ks->coop.seen.serial);
	wr_bytes(&w, sids, coop_put_sids(&ks->coop.seen.sids, sids));
	name_record(ks, name);
	keep_put(b, name, wr_done(&w));
	ks->coop.seen.unsaved = false;
}

bool
ks_seen_again(struct ks *ks, const char *record)
{
	char name[SEEN_NAME_MAX];

	name_record(ks, name);
	if (!ks->coop.on || strcmp(record, name) != 0)
		return false;
	ks->coop.seen.unsaved = true;
	return true;
}

void
ks_seen_whole(struct ks *ks)
{
	ks->coop.seen.unsaved |= ks->coop.on && ks->coop.seen.serial;
}
