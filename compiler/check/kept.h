/* SPDX-License-Identifier: Apache-2.0 */
/* What a command that is only kept would have done: which page of explain.h tells of it. */
#ifndef TESTUDO_KEPT_H
#define TESTUDO_KEPT_H

/* line: as it is rendered, without blanks before it. The id of a page; NULL: none tells of it. */
const char *kept_subject(const char *line);

#endif
