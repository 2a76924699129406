/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every command that acts, of all rooms: their headers list the handlers that the grammar names, a
 * name without a handler does not compile.
 */
#ifndef TESTUDO_COMMANDS_H
#define TESTUDO_COMMANDS_H

/* Hands all commands to the shell; called once, when the program starts. */
void commands_install(void);

#endif
