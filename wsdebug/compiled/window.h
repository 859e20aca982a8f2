/* What a side's compressed messages may refer to: the last 32 KiB that were inflated. */
#ifndef WSDEBUG_WINDOW_H
#define WSDEBUG_WINDOW_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stddef.h>
#include <stdint.h>

#include "inflate.h"

typedef struct {
    PyObject_HEAD
    uint8_t *bytes;
    size_t size; /* bytes of history */
    size_t room; /* without the slack behind it */
    int resets;
} Window;

extern PyType_Spec window_spec;

#define TAIL_SIZE 4
/* RFC 7692 7.2.2: what is put behind a message before it is inflated. */

/* Inflates the message of `size` bytes at `in`, behind which TAIL_SIZE + INFLATE_PADDING bytes can
 * be written. 1: it is sound and part of the window now; 0: something about it is out of the
 * ordinary, and nothing has changed; -1: there is no memory, and a Python exception is set. */
int window_unpack(Window *window, uint8_t *in, size_t size, int is_text);

#endif
