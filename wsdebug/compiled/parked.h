/* Connections whose packets wait: wsdebug/transport/parked.py says what is done here and why. */
#pragma once

#include "packet.h"
#include "waiting.h"

enum { NOT, TAKEN, OVER };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, FLAGS = ACK | RST | SYN | FIN }; /* RFC 9293 3.1 */
enum { MOST_PACKETS = 64, MOST_BYTES = 12 << 10 };

#define END (1LL << 32)

typedef struct {
    PyObject_HEAD
    PyObject *client, *server, *key, *back, *usual;
    PyObject *odd; /* the one packet there is, if it is of no usual shape */
    Waiting packets;
    long long index, start, last_time, size;
    char is_gone;
} Whole;

typedef struct {
    PyObject_HEAD
    PyObject *whole, *peer, *feed;
    long long next, ack, sent, acked, fin_number, fin_time;
    long ttl;
    char has_fin;
} Half;

/* A packet and what its segment says, as far as it is asked. */
typedef struct {
    Packet packet;
    long long seq, ack;
    unsigned flags, window;
    long ttl;
    Py_ssize_t start, end;
} Segment;

extern PyTypeObject *half_type, *whole_type;

/* The types, made; -1 with an exception. */
int half_ready(PyObject *module);
int whole_ready(PyObject *module);
int sieve_ready(PyObject *module);

/* One direction of a connection; NULL with an exception. */
Half *half_new(Whole *whole);

/* The next packet of a side: NOT, TAKEN or OVER; -1 with an exception. */
int half_next(Half *self, const Segment *one);

/* Reads what `Transport.consume` calls plain: Ethernet, IP without options, TCP. `key` says where
   addresses and ports begin. The length of the key; 0 of any other packet. */
Py_ssize_t read_plain(const uint8_t *data, Py_ssize_t size, Segment *one, Py_ssize_t *key);
