/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "serial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CTRL_A 1

static enum ob_exit fail(const char *what)
{
    ob_diag_error(NULL, "board: --serial: %s: %s", what, strerror(errno));
    return OB_EXIT_USAGE;
}

static void make_raw(struct vb_serial *serial)
{
    struct termios raw;

    if (tcgetattr(serial->in, &serial->saved) == 0) {
        raw = serial->saved;
        cfmakeraw(&raw);
        serial->is_terminal = tcsetattr(serial->in, TCSANOW, &raw) == 0;
    }
    if (serial->is_terminal) {
        fputs("board: Ctrl-A X leaves\r\n", stderr);
    }
}

static enum ob_exit open_pty(struct vb_serial *serial)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios raw;

    /* Open at its other end as well, for ever: clients come and go, and what is said between them goes nowhere. */
    if (fd < 0 || grantpt(fd) != 0 || unlockpt(fd) != 0 || open(ptsname(fd), O_RDWR | O_NOCTTY | O_CLOEXEC) < 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        return fail("pty");
    }
    if (tcgetattr(fd, &raw) == 0) {
        cfmakeraw(&raw);
        tcsetattr(fd, TCSANOW, &raw);
    }
    serial->in = serial->out = fd;
    fprintf(stderr, "board: the serial line is %s\n", ptsname(fd));
    return OB_EXIT_OK;
}

static enum ob_exit open_tcp(struct vb_serial *serial, const char *text)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t size = sizeof(address);
    int on = 1;

    if (*text == '\0' || *end != '\0' || port > 65535) {
        ob_diag_error(NULL, "board: --serial tcp:%s: the port is a number up to 65535; 0 takes a free one", text);
        return OB_EXIT_USAGE;
    }
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    serial->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (serial->listening < 0 || setsockopt(serial->listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(serial->listening, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(serial->listening, 1) != 0 || getsockname(serial->listening, (struct sockaddr *)&address, &size) != 0) {
        return fail("tcp");
    }
    fprintf(stderr, "board: the serial line is tcp:%u; waiting for the other end\n", ntohs(address.sin_port));
    serial->in = serial->out = accept(serial->listening, NULL, NULL);
    return serial->in < 0 ? fail("tcp") : OB_EXIT_OK;
}

enum ob_exit vb_serial_open(struct vb_serial *serial, const char *how)
{
    *serial = (struct vb_serial){.in = -1, .out = STDOUT_FILENO, .listening = -1, .gone = -1};
    if (how == NULL) {
        return OB_EXIT_OK;
    }
    if (strcmp(how, "stdio") == 0) {
        serial->in = STDIN_FILENO;
        make_raw(serial);
        return OB_EXIT_OK;
    }
    if (strcmp(how, "pty") == 0) {
        return open_pty(serial);
    }
    if (strncmp(how, "tcp:", 4) == 0) {
        return open_tcp(serial, how + 4);
    }
    ob_diag_error(NULL, "board: --serial %s: say stdio, pty or tcp:PORT", how);
    return OB_EXIT_USAGE;
}

void vb_serial_close(struct vb_serial *serial)
{
    if (serial->is_terminal) {
        tcsetattr(serial->in, TCSANOW, &serial->saved);
    }
    const int line = serial->in >= 0 ? serial->in : serial->gone;
    if (line > STDERR_FILENO) {
        close(line);
    }
    if (serial->listening >= 0) {
        close(serial->listening);
    }
}

void vb_serial_put(struct vb_serial *serial, uint8_t byte)
{
    ssize_t written;

    do {
        written = serial->out < 0 ? 1 : write(serial->out, &byte, 1);
    } while (written < 0 && errno == EINTR);
    if (written >= 0) {
        return;
    }
    if (errno == EAGAIN) {
        return; /* nobody takes what lies there: as on a wire */
    }
    if (serial->out != STDOUT_FILENO) {
        serial->out = -1; /* who was there has gone */
    } else if (errno == EPIPE) {
        serial->left = true;
    } else {
        serial->lost = errno;
    }
}

/* After one other end has gone, the next one. */
static void accept_next(struct vb_serial *serial)
{
    struct pollfd waiting = {.fd = serial->listening, .events = POLLIN};

    if (serial->in < 0 && serial->listening >= 0 && poll(&waiting, 1, 0) > 0) {
        const int old = serial->gone;
        serial->in = serial->out = accept(serial->listening, NULL, NULL);
        serial->gone = -1;
        if (old >= 0) {
            close(old);
        }
    }
}

/* Ctrl-A X leaves, Ctrl-A Ctrl-A is Ctrl-A. @return bytes that are left for the board */
static size_t escape(struct vb_serial *serial, struct vb_board *board, uint8_t *bytes, size_t len)
{
    size_t kept = 0;

    for (size_t i = 0; i < len; i++) {
        if (serial->escaped && (bytes[i] == 'x' || bytes[i] == 'X')) {
            vb_board_end(board, VB_END_STOPPED, "was stopped");
        } else if (!serial->escaped && bytes[i] == CTRL_A) {
            serial->escaped = true;
            continue;
        } else {
            bytes[kept++] = bytes[i];
        }
        serial->escaped = false;
    }
    return kept;
}

bool vb_serial_take(struct vb_serial *serial, struct vb_board *board, bool wait)
{
    uint8_t bytes[1024];
    uint32_t room = VB_INPUT_SIZE - (board->input_to - board->input_from);

    accept_next(serial);
    struct pollfd ready = {.fd = serial->in, .events = POLLIN};
    if (serial->in < 0) {
        return false;
    }
    if (poll(&ready, 1, wait ? -1 : 0) <= 0 || room < sizeof(bytes)) {
        return true; /* a signal, or nothing yet */
    }
    ssize_t len = read(serial->in, bytes, sizeof(bytes));
    if (len <= 0) {
        serial->gone = serial->in > STDERR_FILENO ? serial->in : -1; /* it may still read what is said */
        serial->in = -1;
        return false;
    }
    if (serial->is_terminal) {
        len = (ssize_t)escape(serial, board, bytes, (size_t)len);
    }
    vb_board_send(board, bytes, (uint32_t)len);
    return true;
}
