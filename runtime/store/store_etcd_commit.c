/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to transactions: see store_etcd_commit.h. */
#include "runtime/store/store_etcd_commit.h"

#include "runtime/store/store_etcd_scan.h"

/* Members of objects: each once. */
enum { ANSWER_HEADER = 1, ANSWER_SUCCEEDED = 2, ANSWER_RESPONSES = 4 };
enum { HEADER_REVISION = 1, HEADER_CLUSTER = 2, HEADER_MEMBER = 4, HEADER_TERM = 8 };

static void
scan_header(struct etcd_scan *scan, struct etcd_header *ret)
{
	unsigned seen = 0;
	bool more = etcd_scan_open(scan, '{', '}');

	for (; more; more = etcd_scan_more(scan, '}')) {
		struct span name = etcd_scan_name(scan);

		if (etcd_scan_is(name, "revision")) {
			etcd_scan_once(scan, &seen, HEADER_REVISION);
			ret->revision = etcd_scan_number(scan);
		} else if (etcd_scan_is(name, "cluster_id")) {
			etcd_scan_once(scan, &seen, HEADER_CLUSTER);
			ret->cluster = etcd_scan_number(scan);
		} else if (etcd_scan_is(name, "member_id")) {
			etcd_scan_once(scan, &seen, HEADER_MEMBER);
			etcd_scan_number(scan);
		} else if (etcd_scan_is(name, "raft_term")) {
			etcd_scan_once(scan, &seen, HEADER_TERM);
			ret->term = etcd_scan_number(scan);
		} else {
			scan->odd = true;
		}
	}
}

/* The usual answer: {"header":{...},"succeeded":true,"responses":[...]}. */
bool
etcd_commit_scan(struct span text, struct etcd_commit *ret)
{
	struct etcd_scan scan = etcd_scan_of(text);
	unsigned seen = 0;
	bool more = etcd_scan_open(&scan, '{', '}');

	*ret = (struct etcd_commit){0};
	for (; more; more = etcd_scan_more(&scan, '}')) {
		struct span name = etcd_scan_name(&scan);

		if (etcd_scan_is(name, "header")) {
			etcd_scan_once(&scan, &seen, ANSWER_HEADER);
			scan_header(&scan, &ret->header);
		} else if (etcd_scan_is(name, "succeeded")) {
			etcd_scan_once(&scan, &seen, ANSWER_SUCCEEDED);
			ret->done = etcd_scan_true(&scan);
		} else if (etcd_scan_is(name, "responses")) {
			etcd_scan_once(&scan, &seen, ANSWER_RESPONSES);
			etcd_scan_skip(&scan);
		} else {
			scan.odd = true; /* an error, say */
		}
	}
	ret->read = etcd_scan_done(&scan) && ret->header.revision;
	return ret->read;
}

bool
etcd_commit_parse(const json_t *answer, struct etcd_commit *ret)
{
	*ret = (struct etcd_commit){.done = json_is_true(json_object_get(answer, "succeeded"))};
	etcd_json_header(answer, &ret->header);
	ret->read = ret->header.revision != 0;
	return ret->read;
}
