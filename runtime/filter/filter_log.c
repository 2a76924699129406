/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log lines of a firewall about connections and dropped packets, and those of both kinds of
 * router about entries with `log`. A flood may not fill the log: of each kind so many lines at
 * once, then so many a second; an entry with `log` writes the first packet and then sums up.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/filter/filter_priv.h"

#define DENIED_BURST 50
#define DENIED_RATE  10 /* a second */
#define BUILT_BURST  200
#define BUILT_RATE   50
#define LOG_INTERVAL SECONDS(300) /* of an entry with `log`: both vendors' default */

#define END_MAX      96 /* "OUTSIDE1:10.1.1.1/848" */

static bool
may_write(struct log_bucket *b, unsigned burst, unsigned rate, msec now)
{
	const msec passed = now - b->at;
	const uint64_t more = passed < 0 ? 0 : (uint64_t)passed * rate / 1000;

	if (!b->at) {
		b->room = burst;
		b->at = now ? now : 1;
	} else if (more) {
		b->room = more + b->room > burst ? burst : (unsigned)more + b->room;
		b->at = now;
	}
	if (!b->room)
		return false;
	b->room--;
	return true;
}

static const char *
name_of(const struct policy_interface *i)
{
	return i->nameif ? i->nameif : i->name;
}

static const char *
proto_text(uint8_t proto, char buf[static 16])
{
	switch (proto) {
	case PROTO_ICMP:
		return "icmp";
	case PROTO_TCP:
		return "tcp";
	case PROTO_UDP:
		return "udp";
	default:
		snprintf(buf, 16, "protocol %u", proto);
		return buf;
	}
}

/* "OUTSIDE1:10.1.1.1/848"; without the port where the protocol has none. */
static const char *
end_text(const struct policy_interface *i, uint32_t addr, uint16_t port, uint8_t proto,
         char buf[static END_MAX])
{
	char a[ADDR_TEXT_MAX], p[8] = "";

	if (proto == PROTO_TCP || proto == PROTO_UDP)
		snprintf(p, sizeof(p), "/%u", port);
	snprintf(buf, END_MAX, "%.60s:%s%s", name_of(i), addr_text(addr, a), p);
	return buf;
}

/* --- connections ------------------------------------------------------------------------------ */

/* The two ends as the firewall names them: the foreign one, and ours. */
struct ends {
	const struct policy_interface *far, *near;
	uint32_t far_addr, near_addr;
	uint16_t far_port, near_port;
	char far_text[ADDR_TEXT_MAX], near_text[ADDR_TEXT_MAX];
};

static struct ends
ends_of(const struct filter *f, const struct conn *c)
{
	const struct policy_interface *in = &f->policy->interfaces[c->in],
				      *out = &f->policy->interfaces[c->out];
	struct ends e;

	e.far = c->inbound ? in : out;
	e.near = c->inbound ? out : in;
	e.far_addr = c->inbound ? c->key.src : c->key.dst;
	e.near_addr = c->inbound ? c->key.dst : c->key.src;
	e.far_port = c->inbound ? c->key.sport : c->key.dport;
	e.near_port = c->inbound ? c->key.dport : c->key.sport;
	addr_text(e.far_addr, e.far_text);
	addr_text(e.near_addr, e.near_text);
	return e;
}

static const char *
direction_text(const struct conn *c)
{
	return c->inbound ? "inbound" : "outbound";
}

void
filter_log_built(struct filter *f, const struct conn *c, msec now)
{
	struct ends e;

	if (!f->log || !may_write(&f->built, BUILT_BURST, BUILT_RATE, now))
		return;
	e = ends_of(f, c);
	if (c->key.proto == PROTO_ICMP)
		LOG(f->log, ASA_ICMP_BUILT, direction_text(c), e.far_text,
		    c->inbound ? c->key.sport : 0u, e.near_text, c->inbound ? 0u : c->key.sport,
		    e.near_text, c->inbound ? 0u : c->key.sport, c->key.dport, c->icmp_code);
	else if (c->key.proto == PROTO_TCP)
		LOG(f->log, ASA_TCP_BUILT, direction_text(c), c->id, name_of(e.far), e.far_text,
		    e.far_port, e.far_text, e.far_port, name_of(e.near), e.near_text, e.near_port,
		    e.near_text, e.near_port);
	else
		LOG(f->log, ASA_UDP_BUILT, direction_text(c), c->id, name_of(e.far), e.far_text,
		    e.far_port, e.far_text, e.far_port, name_of(e.near), e.near_text, e.near_port,
		    e.near_text, e.near_port);
}

void
filter_log_teardown(struct filter *f, const struct conn *c, const char *why, msec now)
{
	const uint64_t s = (uint64_t)(now - c->begun) / 1000;
	struct ends e;

	if (!f->log || !f->policy || !may_write(&f->built, BUILT_BURST, BUILT_RATE, now))
		return;
	e = ends_of(f, c);
	if (c->key.proto == PROTO_ICMP)
		LOG(f->log, ASA_ICMP_TEARDOWN, e.far_text, c->inbound ? c->key.sport : 0u,
		    e.near_text, c->inbound ? 0u : c->key.sport, e.near_text,
		    c->inbound ? 0u : c->key.sport, c->key.dport, c->icmp_code);
	else if (c->key.proto == PROTO_TCP)
		LOG(f->log, ASA_TCP_TEARDOWN, c->id, name_of(e.far), e.far_text, e.far_port,
		    name_of(e.near), e.near_text, e.near_port, s / 3600, s / 60 % 60, s % 60,
		    c->bytes, why);
	else
		LOG(f->log, ASA_UDP_TEARDOWN, c->id, name_of(e.far), e.far_text, e.far_port,
		    name_of(e.near), e.near_text, e.near_port, s / 3600, s / 60 % 60, s % 60,
		    c->bytes);
}

/* --- what was stopped ------------------------------------------------------------------------- */

static const char *
tcp_flags_text(uint8_t flags, char buf[static 40])
{
	static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags >> i & 1)
			n += (size_t)snprintf(buf + n, 40 - n, "%s%s", n ? " " : "", names[i]);
	return n ? buf : "none";
}

/* Logs a packet that no list denied: the levels did, or there was no room for a connection. */
static void
log_by_level(struct filter *f, const struct filter_packet *p, const struct policy_interface *in,
             const struct policy_interface *out)
{
	char src[END_MAX], dst[END_MAX], proto[16];
	const struct flow *w = &p->flow;

	end_text(in, w->src, w->sport, w->proto, src);
	end_text(out, w->dst, w->dport, w->proto, dst);
	if (w->proto == PROTO_ICMP)
		LOG(f->log, ASA_DENY_ICMP, src, dst, w->icmp_type, w->icmp_code);
	else
		LOG(f->log, ASA_DENY_INBOUND, proto_text(w->proto, proto), src, dst);
}

static void
log_by_list(struct filter *f, const struct filter_packet *p, const struct policy_interface *in,
            const struct policy_interface *out, const struct filter_step *s)
{
	char src[END_MAX], dst[END_MAX], proto[16], icmp[32] = "";
	const struct flow *w = &p->flow;

	if (w->proto == PROTO_ICMP)
		snprintf(icmp, sizeof(icmp), " (type %u, code %u)", w->icmp_type, w->icmp_code);
	LOG(f->log, ASA_DENY, proto_text(w->proto, proto),
	    end_text(in, w->src, w->sport, w->proto, src),
	    end_text(out, w->dst, w->dport, w->proto, dst), icmp, s->acl->name,
	    s->ace ? s->ace->hash : 0);
}

void
filter_log_denied(struct filter *f, const struct filter_packet *p,
                  const struct policy_interface *in, const struct policy_interface *out,
                  enum filter_reason reason, const struct filter_step *s, msec now)
{
	char src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX], flags[40];

	if (reason == FILTER_RULE && s && s->ace && s->ace->log)
		return; /* the entry has written its own line */
	if (!f->log || !may_write(&f->denied, DENIED_BURST, DENIED_RATE, now))
		return;
	switch (reason) {
	case FILTER_RULE:
	case FILTER_IMPLICIT:
		if (s && s->acl)
			log_by_list(f, p, in, out, s);
		break;
	case FILTER_NOT_SYN:
		LOG(f->log, ASA_NO_CONN, addr_text(p->flow.src, src), p->flow.sport,
		    addr_text(p->flow.dst, dst), p->flow.dport,
		    tcp_flags_text(p->flow.tcp_flags, flags), name_of(in));
		break;
	case FILTER_LEVEL:
	case FILTER_SAME:
		log_by_level(f, p, in, out);
		break;
	case FILTER_FULL:
		LOG(f->log, ASA_LIMIT, f->conns.n, f->conns.limit, addr_text(p->flow.src, src),
		    p->flow.sport, addr_text(p->flow.dst, dst), p->flow.dport, name_of(in));
		break;
	default:
		break;
	}
}

/* --- entries with `log` ----------------------------------------------------------------------- */

/* How many packets this line tells of; 0: none is written now. */
static uint64_t
log_due(struct ace_log *l, msec now)
{
	uint64_t n = ++l->met;

	if (l->told && now - l->since < LOG_INTERVAL)
		return 0;
	l->since = now;
	l->met = 0;
	return n;
}

static void
log_firewall(struct filter *f, const struct filter_acl *a, const struct policy_ace *e,
             const struct filter_packet *p, const struct policy_interface *in,
             const struct policy_interface *out, uint64_t n, bool first)
{
	char src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX], proto[16];
	const struct flow *w = &p->flow;
	const bool icmp = w->proto == PROTO_ICMP;

	LOG(f->log, ASA_ENTRY, a->acl->name, e->permit ? "permitted" : "denied",
	    proto_text(w->proto, proto), name_of(in), addr_text(w->src, src),
	    icmp ? w->icmp_type : w->sport, name_of(out), addr_text(w->dst, dst),
	    icmp ? w->icmp_code : w->dport, n, first ? "first hit" : "300-second interval",
	    e->hash);
}

static void
log_router(struct filter *f, const struct filter_acl *a, const struct policy_ace *e,
           const struct filter_packet *p, uint64_t n)
{
	const char *what = e->permit ? "permitted" : "denied", *s = n == 1 ? "" : "s";
	char src[ADDR_TEXT_MAX], dst[ADDR_TEXT_MAX];
	const struct flow *w = &p->flow;

	addr_text(w->src, src);
	addr_text(w->dst, dst);
	if (a->acl->standard)
		LOG(f->log, IPACCESSLOGS, a->acl->name, what, src, n, s);
	else if (w->proto == PROTO_ICMP)
		LOG(f->log, IPACCESSLOGDP, a->acl->name, what, src, dst, w->icmp_type, w->icmp_code,
		    n, s);
	else if (w->proto == PROTO_TCP || w->proto == PROTO_UDP)
		LOG(f->log, IPACCESSLOGP, a->acl->name, what, w->proto == PROTO_TCP ? "tcp" : "udp",
		    src, w->sport, dst, w->dport, n, s);
	else
		LOG(f->log, IPACCESSLOGNP, a->acl->name, what, w->proto, src, dst, n, s);
}

void
filter_log_entry(struct filter *f, struct filter_acl *a, size_t i, const struct filter_packet *p,
                 const struct policy_interface *in, const struct policy_interface *out, msec now)
{
	const struct policy_ace *e = &a->acl->aces[i];
	struct ace_log *l = &a->logs[i];
	const bool first = !l->told;
	uint64_t n = log_due(l, now);

	if (!n || !f->log)
		return;
	l->told = true;
	if (in)
		log_firewall(f, a, e, p, in, out, n, first);
	else
		log_router(f, a, e, p, n);
}
