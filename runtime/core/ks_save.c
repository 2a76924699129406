/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key server keeps in the store (keep.h), under the identity of its group:
 *
 *   gdoi/n134/keys               all but the members: keys, numbers, and the rekey under way
 *   gdoi/n134/members/0a010203   one member
 *   gdoi/n134/lkh/1/0f3a         of the key hierarchy of members of our kind, one part (lkh.h)
 *
 * A record is written anew when something in it has changed (ks_record.c). The records of several
 * servers, which share a store, are in coop.h; of those, parts are not kept. The head of a key
 * hierarchy is in the record of the keys, so that this one changes with every part, and nobody else
 * can have written one unseen.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks_record.h"
#include "runtime/core/lkh.h"
#include "runtime/core/push.h"
#include "runtime/crypto/sig.h"

/* --- names ------------------------------------------------------------------------------------ */

#define MEMBERS "members/" /* behind the prefix; then the member's address, 8 digits of 16 */
#define PARTS   "lkh/"     /* then the kind, a digit; the part, 4 digits of 16 */
#define PARTS_N ((size_t)KS_KINDS * LKH_PARTS)

void
ks_save_name(const struct group_id *id, char buf[static KS_NAME_MAX], const char *format, ...)
{
	char addr[ADDR_TEXT_MAX];
	va_list args;
	size_t n;

	if (id->type == GROUP_ID_ADDRESS)
		snprintf(buf, KS_NAME_MAX, KS_NAMES "a%s/", addr_text(id->value, addr));
	else
		snprintf(buf, KS_NAME_MAX, KS_NAMES "n%u/", id->value);
	n = strlen(buf);
	va_start(args, format);
	vsnprintf(buf + n, KS_NAME_MAX - n, format, args);
	va_end(args);
}

static void
prefix_name(const struct group_id *id, char buf[static KS_NAME_MAX])
{
	ks_save_name(id, buf, "%s", "");
}

static void
keys_name(const struct group_id *id, char buf[static KS_NAME_MAX])
{
	ks_save_name(id, buf, "keys");
}

static void
member_name(const struct group_id *id, uint32_t addr, char buf[static KS_NAME_MAX])
{
	ks_save_name(id, buf, MEMBERS "%08x", addr);
}

/* part: its number among all parts of all kinds, as in ks_save.parts. */
static void
part_name(const struct group_id *id, size_t part, char buf[static KS_NAME_MAX])
{
	ks_save_name(id, buf, PARTS "%zu/%04zx", part / LKH_PARTS, part % LKH_PARTS);
}

/*
 * Looks of many members ask this for each of their records, some times: the usual prefix is not
 * made for that.
 */
const char *
ks_save_behind(const struct group_id *id, const char *record)
{
	static const size_t n_names = sizeof(KS_NAMES) - 1;
	char prefix[KS_NAME_MAX];
	const char *at = record + n_names;
	uint64_t number = 0;
	size_t n;

	if (id->type == GROUP_ID_NONE || strncmp(record, KS_NAMES, n_names) != 0)
		return NULL;
	if (id->type == GROUP_ID_ADDRESS) {
		prefix_name(id, prefix);
		n = strlen(prefix);
		return strncmp(record, prefix, n) == 0 ? record + n : NULL;
	}
	if (*at++ != 'n' || (at[0] == '0' && at[1] != '/'))
		return NULL;
	for (n = 0; n < 10 && at[n] >= '0' && at[n] <= '9'; n++)
		number = number * 10 + (uint64_t)(at[n] - '0');
	return n && at[n] == '/' && number == id->value ? at + n + 1 : NULL;
}

static bool
is_named(const struct ks *ks, const char *record, const char *name)
{
	const char *behind = ks_save_behind(&ks->id, record);

	return behind && strcmp(behind, name) == 0;
}

/* Is this just a number in as many digits? */
static bool
is_hex(const char *text, size_t digits, uint32_t *ret)
{
	if (strlen(text) != digits || strspn(text, "0123456789abcdef") != digits)
		return false;
	*ret = (uint32_t)strtoul(text, NULL, 16);
	return true;
}

/* Is this, behind the prefix, a member's name, as member_name makes it? */
static bool
is_member_name(const char *name, uint32_t *ret_addr)
{
	static const size_t n = sizeof(MEMBERS) - 1;

	return !strncmp(name, MEMBERS, n) && is_hex(name + n, 8, ret_addr);
}

/* The same of a part. */
static bool
is_part_name(const char *name, size_t *ret_part)
{
	static const size_t n = sizeof(PARTS) - 1;
	uint32_t part;

	if (strncmp(name, PARTS, n) != 0 || name[n] < '0' || name[n] >= '0' + KS_KINDS ||
	    name[n + 1] != '/' || !is_hex(name + n + 2, 4, &part) || part >= LKH_PARTS)
		return false;
	*ret_part = (size_t)(name[n] - '0') * LKH_PARTS + part;
	return true;
}

/* --- what has changed ------------------------------------------------------------------------- */

void
ks_touch(struct ks *ks)
{
	ks->save.touched = true;
}

bool
ks_may_save(const struct ks *ks)
{
	return !ks->loading && !ks->coop.behind;
}

bool
ks_touched(const struct ks *ks)
{
	return ks->save.touched && ks_may_save(ks);
}

void
ks_member_changed(struct ks *ks, uint32_t addr)
{
	struct ks_member *m = ks_member_find(ks, addr);
	struct ks_save *s = &ks->save;

	if (!ks->keep->store || ks->coop.taking)
		return;
	s->touched = true;
	if (!ks_pending_list(ks, m, addr)) /* while the store is away nothing takes it out */
		return;
	x_grow(&s->changed, &s->capacity, s->n_changed + 1, sizeof(*s->changed));
	s->changed[s->n_changed++] = addr;
}

/* A server that takes over without it sends that member the rekey again. */
void
ks_member_acked(struct ks *ks, struct ks_member *m)
{
	struct ks_save *s = &ks->save;

	if (!ks->coop.on) {
		ks_member_changed(ks, m->addr);
		return;
	}
	if (!ks->keep->store || m->unsaved || m->ack_unsaved)
		return;
	m->ack_unsaved = true;
	x_grow(&s->acked, &s->acked_capacity, s->n_acked + 1, sizeof(*s->acked));
	s->acked[s->n_acked++] = m->addr;
	keep_later(ks->keep);
}

static void
mark_part(struct ks *ks, size_t part)
{
	struct ks_save *s = &ks->save;

	if (!s->parts)
		s->parts = x_alloc(PARTS_N * sizeof(*s->parts));
	s->parts[part] = true;
}

void
ks_part_changed(struct ks *ks, enum ks_kind kind, uint32_t part)
{
	if (ks->keep->store)
		mark_part(ks, (size_t)kind * LKH_PARTS + part);
}

void
ks_save_drop_removals(struct ks *ks)
{
	struct ks_save *s = &ks->save;
	size_t n = 0;

	for (size_t i = 0; i < s->n_changed; i++)
		if (ks_member_find(ks, s->changed[i]))
			s->changed[n++] = s->changed[i];
	s->n_changed = n;
	ks_pending_forget(ks);
}

void
ks_save_drop(struct ks *ks)
{
	ks_pending_forget(ks);
	ks->save.n_changed = ks->save.n_acked = ks->save.n_flying = 0;
	free(ks->save.parts);
	ks->save.parts = NULL;
}

static void
save_keys(struct ks *ks, struct keep_batch *b)
{
	uint8_t *buf = ks->keep->scratch;
	struct span now = ks_record_put_keys(ks, buf), was = secret_span(&ks->save.keys);
	char name[KS_NAME_MAX];

	keys_name(&ks->id, name);
	if (!now.p) {
		/* Better nothing than what is no longer true. */
		keep_put(b, name, (struct span){0});
		ks->save.unchecked = true;
		wipe(buf, STORE_VALUE_MAX);
		secret_fini(&ks->save.keys);
		LOG(&ks->core->env.log, STORE_TOO_LONG, ks_name(ks));
		return;
	}
	if (was.n != now.n || memcmp(was.p + KS_RECORD_STEADY, now.p + KS_RECORD_STEADY,
	                             now.n - KS_RECORD_STEADY) != 0) {
		if (ks->coop.on) {
			ks_coop_number(ks);
			now = ks_record_put_keys(ks, buf);
		}
		keep_put(b, name, now);
		ks->save.writing = true;
		secret_copy(&ks->save.keys, now);
	}
	wipe(buf, now.n);
}

int
ks_compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
save_member(struct ks *ks, struct keep_batch *b, struct ks_member *m)
{
	char name[KS_NAME_MAX];

	m->unsaved = m->ack_unsaved = false;
	ks_pending_begin(ks, m->addr);
	member_name(&ks->id, m->addr, name);
	keep_put(b, name, ks_record_put_member(ks, m, ks->keep->scratch));
}

/*
 * Those that changed first, as many as there is room for. Sorting what is left would keep some
 * waiting for ever.
 */
static void
save_members(struct ks *ks, struct keep_batch *b)
{
	struct ks_save *s = &ks->save;
	size_t room = keep_room(ks->keep, b), n = s->n_changed < room ? s->n_changed : room;
	char name[KS_NAME_MAX];

	if (n)
		qsort(s->changed, n, sizeof(*s->changed), ks_compare_numbers);
	for (size_t i = 0; i < n; i++) {
		struct ks_member *m = ks_member_find(ks, s->changed[i]);

		if ((i && s->changed[i] == s->changed[i - 1]) || !ks_pending(ks, s->changed[i]))
			continue;
		if (m) {
			save_member(ks, b, m);
			continue;
		}
		ks_pending_begin(ks, s->changed[i]);
		member_name(&ks->id, s->changed[i], name);
		keep_put(b, name, (struct span){0});
	}
	s->n_changed -= n;
	if (s->n_changed)
		memmove(s->changed, s->changed + n, s->n_changed * sizeof(*s->changed));
	s->touched = s->n_changed > 0;
}

/* Nobody else has written the keys; who leads still does. Once in a transaction. */
static void
check_role(const struct ks *ks, struct keep_batch *b)
{
	char name[KS_NAME_MAX];

	keys_name(&ks->id, name);
	if (keep_checks(b, name))
		return;
	keep_check(b, name, ks->save.revision);
	if (!ks->coop.leads)
		return;
	ks_save_name(&ks->id, name, "leader");
	keep_check(b, name, ks->coop.term);
}

/* Only in the place of the record that is known: else a member would be back that was removed. */
static void
save_acked_member(struct ks *ks, struct keep_batch *b, struct ks_member *m)
{
	char name[KS_NAME_MAX];

	check_role(ks, b);
	member_name(&ks->id, m->addr, name);
	keep_check(b, name, m->revision);
	save_member(ks, b, m);
}

/*
 * As many as there is room for of those that were not written since for another reason. Where the
 * record's revision is not known, it waits for the look that tells it.
 */
void
ks_save_acked(struct ks *ks, struct keep_batch *b)
{
	struct ks_save *s = &ks->save;
	size_t left = 0;

	if (!s->n_acked || !ks_may_save(ks))
		return;
	if (ks->id.type == GROUP_ID_NONE) { /* nothing of it is kept */
		s->n_acked = 0;
		return;
	}
	for (size_t i = 0; i < s->n_acked; i++) {
		struct ks_member *m = ks_member_find(ks, s->acked[i]);

		if (!m || !m->ack_unsaved)
			continue;
		if (m->revision && keep_room(ks->keep, b))
			save_acked_member(ks, b, m);
		else
			s->acked[left++] = m->addr;
	}
	s->n_acked = left;
}

/* Only the leader writes keys, and only while it leads. */
static void
save_as_one_of_several(struct ks *ks, struct keep_batch *b)
{
	if (!ks->coop.leads && !ks->save.n_changed) {
		ks->save.touched = false;
		return;
	}
	check_role(ks, b);
	if (ks->coop.leads) {
		save_keys(ks, b);
		ks_coop_put_signer(ks, b);
		ks_coop_put_sids(ks, b);
	}
	save_members(ks, b);
}

static void
save_parts(struct ks *ks, struct keep_batch *b)
{
	bool *parts;
	char name[KS_NAME_MAX];

	ks_lkh_changed(ks);
	parts = ks->save.parts;
	for (size_t i = 0; parts && i < PARTS_N; i++) {
		struct span value;

		if (!parts[i])
			continue;
		parts[i] = false;
		value = ks_record_put_part(ks, (enum ks_kind)(i / LKH_PARTS), i % LKH_PARTS,
		                           ks->keep->scratch);
		part_name(&ks->id, i, name);
		keep_put(b, name, value);
		if (value.n)
			wipe(ks->keep->scratch, value.n);
	}
}

void
ks_save(struct ks *ks, struct keep_batch *b)
{
	char name[KS_NAME_MAX];

	if (!ks_touched(ks))
		return;
	ks->save.touched = false;
	if (ks->id.type == GROUP_ID_NONE)
		return;
	if (ks->coop.on) {
		save_as_one_of_several(ks, b);
		return;
	}
	keys_name(&ks->id, name);
	if (!ks->save.unchecked)
		keep_check(b, name, ks->save.revision);
	save_keys(ks, b);
	save_members(ks, b);
	save_parts(ks, b);
}

void
ks_saved(struct ks *ks, uint64_t revision)
{
	ks_pending_done(ks, revision);
	if (ks->save.writing) {
		ks->save.revision = revision;
		ks->save.keys_saved = ks->save.saves;
		ks->save.unchecked = false;
		ks_coop_committed(ks);
	}
	ks->save.writing = false;
	ks_coop_signer_saved(ks, revision);
}

bool
ks_save_is_keys(const struct ks *ks, const char *record)
{
	return is_named(ks, record, "keys");
}

bool
ks_save_is_of(const struct ks *ks, const char *record)
{
	return ks_save_behind(&ks->id, record);
}

bool
ks_save_is_signer(const struct ks *ks, const char *record)
{
	return is_named(ks, record, "signer");
}

bool
ks_save_is_sids(const struct ks *ks, const char *record)
{
	return is_named(ks, record, "sids");
}

bool
ks_save_is_member(const struct ks *ks, const char *record, uint32_t *ret_addr)
{
	const char *name = ks_save_behind(&ks->id, record);

	return name && is_member_name(name, ret_addr);
}

/* A removal that was forgotten meanwhile is not tried again. */
static void
save_member_again(struct ks *ks, uint32_t addr)
{
	ks_pending_refused(ks, addr);
	if (ks_member_find(ks, addr) || ks_pending(ks, addr))
		ks_member_changed(ks, addr);
}

bool
ks_save_again(struct ks *ks, const char *record)
{
	const char *name = ks_save_behind(&ks->id, record);
	size_t part;
	uint32_t addr;

	if (!name)
		return false;
	if (is_member_name(name, &addr))
		save_member_again(ks, addr);
	else if (is_part_name(name, &part))
		mark_part(ks, part);
	else
		secret_fini(&ks->save.keys);
	ks->save.touched = true;
	ks->save.writing = false;
	return true;
}

bool
ks_save_ack_refused(struct ks *ks, const char *record, bool again)
{
	struct ks_member *m;
	uint32_t addr;

	if (!ks_save_is_member(ks, record, &addr))
		return false;
	ks_pending_refused(ks, addr);
	m = ks_member_find(ks, addr);
	if (m && again)
		ks_member_acked(ks, m);
	return true;
}

void
ks_save_forget(struct ks *ks)
{
	const struct ks_member *m;
	char name[KS_NAME_MAX];

	if (!ks->keep->store || ks->id.type == GROUP_ID_NONE)
		return;
	keys_name(&ks->id, name);
	keep_forget(ks->keep, name);
	for (m = ks->oldest; m; m = m->next) {
		member_name(&ks->id, m->addr, name);
		keep_forget(ks->keep, name);
	}
	ks_lkh_touch(ks);
	ks_lkh_changed(ks);
	for (size_t i = 0; ks->save.parts && i < PARTS_N; i++) {
		if (!ks->save.parts[i])
			continue;
		part_name(&ks->id, i, name);
		keep_forget(ks->keep, name);
	}
	secret_fini(&ks->save.keys);
	ks->save.revision = 0;
	ks->save.unchecked = ks->save.writing = false;
	ks_save_drop(ks);
}

void
ks_save_whole(struct ks *ks)
{
	if (ks->loading)
		return;
	ks->save.unchecked = true;
	secret_fini(&ks->save.keys);
	for (const struct ks_member *m = ks->oldest; m; m = m->next)
		ks_member_changed(ks, m->addr);
	ks_lkh_touch(ks);
	ks_touch(ks);
}

void
ks_save_fini(struct ks *ks)
{
	if (ks->save.load)
		keep_load_cancel(ks->save.load);
	ks->save.load = NULL;
	secret_fini(&ks->save.keys);
	free(ks->save.changed);
	free(ks->save.acked);
	free(ks->save.flying);
	ks->save.changed = ks->save.acked = ks->save.flying = NULL;
	ks->save.capacity = ks->save.acked_capacity = ks->save.flying_capacity = 0;
	ks_save_drop(ks);
}

void
ks_save_load(struct ks *ks, void (*loaded)(void *ks, const struct keep_load *l))
{
	char prefix[KS_NAME_MAX];

	prefix_name(&ks->id, prefix);
	ks->save.load = keep_load(ks->keep, prefix, loaded, ks);
}

/* --- and back --------------------------------------------------------------------------------- */

static int
restore_member(struct ks *ks, struct span value)
{
	struct ks_member m = {0};
	struct ks_writer writer;
	int error = ks_record_get_member(ks, value, &m, &writer);

	if (!error && ks_member_find(ks, m.addr)) {
		free((void *)(uintptr_t)m.certs.p);
		return -STORE_TORN;
	}
	if (!error)
		ks_member_restore(ks, &m);
	return error;
}

/* All but the keys. */
static int
restore_others(struct ks *ks, const struct keep_load *l)
{
	char prefix[KS_NAME_MAX];
	int error = 0;

	prefix_name(&ks->id, prefix);
	for (size_t i = 0; i < keep_load_count(l) && !error; i++) {
		struct store_record record = keep_load_at(l, i);
		const char *name = record.name + strlen(prefix);
		uint32_t addr;
		size_t part;

		if (is_member_name(name, &addr))
			error = restore_member(ks, record.value);
		else if (is_part_name(name, &part))
			error = ks_record_get_part(ks, (enum ks_kind)(part / LKH_PARTS),
			                           part % LKH_PARTS, record.value);
	}
	if (!error && !ks_lkh_restored(ks))
		error = -STORE_TORN;
	return error;
}

/* Has it acknowledged the rekey under way, or a reminder of it? */
static bool
has_acked(const struct ks_push *p, const struct ks_member *m)
{
	const struct ks_message *sent = &p->messages[m->kind];

	if (!memcmp(m->acked_spi, p->origin[m->kind].spi, PUSH_SPI))
		return m->acked >= p->origin[m->kind].seq;
	/* A reminder under the KEK that the rekey has brought. */
	return p->reminding && !memcmp(m->acked_spi, sent->spi, PUSH_SPI);
}

/* Those of the rekey under way that have not acknowledged it are told again. */
void
ks_restore_targets(struct ks *ks)
{
	struct ks_push *p = &ks->push;

	if (!p->active)
		return;
	ks_push_recognise(ks);
	/* Behind those that are no members any more. */
	p->targets = x_realloc(p->targets,
	                       (p->n_targets + ks->members.n + KS_KINDS + 1) * sizeof(*p->targets));
	for (int i = 0; i < KS_KINDS && !p->unicast; i++)
		if (p->messages[i].bytes)
			p->targets[p->n_targets++] = (struct ks_target){
			    .addr = p->group_addr, .kind = i, .message = (unsigned)i};
	for (struct ks_member *m = ks->oldest; m && p->unicast; m = m->next) {
		const struct ks_message *sent = &p->messages[m->kind];

		if (!ks_holds_kek(ks, m) || !sent->bytes || sent->dismissal)
			continue;
		m->asked = m->acks;
		if (has_acked(p, m))
			continue;
		if (p->reminding && !m->acks)
			continue;
		m->target = p->n_targets;
		p->targets[p->n_targets++] = (struct ks_target){.addr = m->addr,
		                                                .kind = m->kind,
		                                                .message = m->kind,
		                                                .asked = m->acks,
		                                                .member = m};
	}
	p->open = p->n_targets;
	p->line = ks->kek_line;
	p->round = p->reminding;
	if (!p->n_targets)
		ks_push_end(ks);
}

bool
ks_restore_signer(struct ks *ks)
{
	const struct rsa_key *key = ks_rsa_key(ks);
	bool same = key && ks_kek_is_signed_with(ks, key);

	for (size_t i = 0; same && i <= KS_OLDER; i++) {
		struct ks_kek *k = i ? &ks->older[i - 1] : &ks->kek;

		if (!k->present)
			continue;
		if (k->public.n != ks->kek.public.n ||
		    memcmp(k->public.p, ks->kek.public.p, k->public.n) != 0) {
			ks_kek_fini(k); /* signed by a key that is not there any more */
			continue;
		}
		rsa_key_free(k->signer);
		k->signer = rsa_key_ref(key);
		k->sig_bits = rsa_key_bits(key);
	}
	return same;
}

enum restored
ks_restore(struct ks *ks, const struct keep_load *l, struct arena *a, bool *ret_same_sids,
           int *ret_error)
{
	struct span keys = {0};

	*ret_error = 0;
	ks->save.revision = 0;
	for (size_t i = 0; i < keep_load_count(l); i++) {
		struct store_record record = keep_load_at(l, i);

		if (ks_save_is_keys(ks, record.name)) {
			keys = record.value;
			ks->save.revision = record.revision;
		}
	}
	if (!keys.p)
		return RESTORED_NOTHING;
	*ret_error = ks_record_get_keys(ks, keys, a, ret_same_sids);
	if (!*ret_error)
		*ret_error = restore_others(ks, l);
	if (*ret_error)
		return RESTORED_BAD;
	if (ks->kek.present && !ks_restore_signer(ks))
		return RESTORED_NO_SIGNER;
	ks_restore_targets(ks);
	return RESTORED_ALL;
}
