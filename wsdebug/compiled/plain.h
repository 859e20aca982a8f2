/* One side's frames where nothing about them is out of the ordinary. */
#ifndef WSDEBUG_PLAIN_H
#define WSDEBUG_PLAIN_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Packet, time in ns, bytes of the other side acknowledged. */
typedef struct {
    long long number, time, acked;
} Mark;

/* Makes the type and puts it into the module; -1 with an exception. */
int plain_side_ready(PyObject *module);

int is_plain_side(PyObject *value);

/* The next segment: 1, or 0 where something in it is out of the ordinary; -1 with an exception. */
int plain_side_feed(PyObject *side, const char *data, Py_ssize_t size, Mark mark);

/* What a side has sent when it is over; `opcode` 0: nothing before its Close. */
typedef struct {
    Mark first, last, close;
    long long text, binary, length;
    int opcode;
} PlainFigures;

/* 1, or 0 where it sent no Close. */
int plain_side_figures(PyObject *side, PlainFigures *into);

#endif
