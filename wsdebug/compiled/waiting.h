/* Packets that wait, as bytes in a row: tuples of six objects take three times as much, and are in
 * no cache any more when they are freed. */
#pragma once

#include "packet.h"

typedef struct {
    char *bytes; /* of each packet its `Head` and its data */
    size_t used, room;
    Py_ssize_t count;
    long long first_number, last_number;
} Waiting;

/* One more, of less than 4 GiB; -1 with an exception. */
int waiting_add(Waiting *self, const Packet *packet);

/* A list of tuples equal to those that came, made anew; NULL with an exception. */
PyObject *waiting_list(const Waiting *self);

void waiting_clear(Waiting *self);
