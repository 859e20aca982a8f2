/* Packets (wsdebug/model/place.py) as bytes in a row: a tuple of six objects costs four times as
 * much, and by the time it is freed it is in no cache any more. */
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

typedef struct {
    long long number, time, wire, place;
    const char *data;
    Py_ssize_t size;
    int link_type;
} Packet;

typedef struct {
    char *bytes; /* of each packet its `Head` and its data */
    size_t used, room;
    Py_ssize_t count;
    long long first_number, last_number;
} Packets;

/* 0 where a tuple of six holds anything but whole numbers of 63 bits and bytes, exactly, and is not
   to be kept here. `into->data` is the tuple's. */
int packet_from(PyObject *tuple, Packet *into);

/* -1 with an exception: no memory. */
int packets_add(Packets *self, const Packet *packet);

/* Tuples equal to those that came, made anew; NULL with an exception. */
PyObject *packets_list(const Packets *self);

void packets_clear(Packets *self);
