/* A packet (wsdebug/model/place.py) of the usual shape: of whole numbers of 63 bits and bytes. */
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

typedef struct {
    long long number, time, wire, place;
    const char *data;
    Py_ssize_t size;
    int link_type;
} Packet;

/* 0 where a tuple of six is of another shape. `into->data` is the tuple's. */
int packet_from(PyObject *tuple, Packet *into);

/* A tuple of six, made anew; NULL with an exception. */
PyObject *packet_tuple(const Packet *packet);
