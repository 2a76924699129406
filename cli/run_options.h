/* The command line of `testudo run`. */
#ifndef TESTUDO_RUN_OPTIONS_H
#define TESTUDO_RUN_OPTIONS_H

extern const char run_help[];

/* Reads argv from argv[2] on and runs; the exit status (2: wrong usage, told on stderr). */
int run_main(int argc, char **argv);

#endif
