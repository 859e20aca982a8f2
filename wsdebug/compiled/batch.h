/* A chunk's packets (wsdebug/model/place.py), each a row of numbers that says where its bytes
 * stand in the chunk. Its tuple is made when somebody asks for it: most are asked for once, by the
 * one loop that goes over them, and many never.
 *
 * `_records` fills it, `_parked` reads it: both know it by this header. */
#pragma once

#include "packet.h"

typedef struct {
    long long number, time, place;
    uint32_t start, size, wire;
    int link_type; /* ODD: the tuple that stands in `odd` at `start` */
} Row;

enum { ODD = INT_MIN };

typedef struct {
    PyObject_HEAD
    PyObject *chunk; /* bytes; NULL before the first row */
    PyObject *odd;   /* tuples that did not come from a row; NULL before the first */
    Row *rows;
    Py_ssize_t count, room;
} Batch;

/* The packet there, its bytes in the chunk; 0 where it is odd. */
static inline int batch_packet(const Batch *self, Py_ssize_t at, Packet *into)
{
    const Row *row = self->rows + at;

    if (row->link_type == ODD)
        return 0;
    into->number = row->number;
    into->time = row->time;
    into->wire = row->wire;
    into->place = row->place;
    into->data = PyBytes_AS_STRING(self->chunk) + row->start;
    into->size = row->size;
    into->link_type = row->link_type;
    return 1;
}

/* ---- for those who fill it ---------------------------------------------------------------- */

/* Whether rows may speak of that chunk; no where they speak of another one or it is too long. */
int batch_begins(Batch *self, PyObject *chunk);

/* One more packet, -1 with an exception. Its bytes stand in the chunk. */
int batch_add(Batch *self, const Row *row);

/* The type, a new reference; NULL with an exception. */
PyTypeObject *batch_type_new(void);
