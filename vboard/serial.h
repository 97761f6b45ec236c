/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_SERIAL_H
#define OUTBOARD_VBOARD_SERIAL_H

#include <termios.h>

#include "board.h"
#include "common/diag.h"

/* The other end of a board's serial line. */

struct vb_serial {
    int in;  /* -1: nothing comes from there */
    int out; /* -1: what is said goes nowhere */
    int listening;
    int gone;         /* where nothing comes from any more, but may still go to; -1: there is none */
    bool is_terminal; /* of a person: in raw mode, Ctrl-A X leaves */
    bool escaped;     /* Ctrl-A came */
    int lost;         /* errno of what could not be written to stdout; 0: all was */
    bool left;        /* nobody reads stdout any more, as behind `| head` */
    struct termios saved;
};

/**
 * @param how NULL: to stdout, nothing comes in; `stdio`, `pty` or `tcp:PORT` (on the loopback interface; waits for the
 *            other end). Where it is, is said on stderr.
 */
enum ob_exit vb_serial_open(struct vb_serial *serial, const char *how);
void vb_serial_close(struct vb_serial *serial);

void vb_serial_put(struct vb_serial *serial, uint8_t byte);

/** Take in what has come. wait: until something does. @return false: nothing will come any more */
bool vb_serial_take(struct vb_serial *serial, struct vb_board *board, bool wait);

#endif
