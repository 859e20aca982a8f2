/* Connections whose packets wait: wsdebug/transport/parked.py and wsdebug/protocol/plain_side.py say
 * what is done here and why; `Sieve` is the loop of wsdebug/transport/demultiplexer.py for them. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include "batch.h"
#include "plain.h"
#include "waiting.h"

enum { NOT, TAKEN, OVER };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, FLAGS = ACK | RST | SYN | FIN }; /* RFC 9293 3.1 */
enum { ETHERNET = 1, TCP = 6, DONT_FRAGMENT = 0x4000, NOT_WHOLE = 0x3FFF };
enum { MOST_PACKETS = 64, MOST_BYTES = 12 << 10 };

#define HALF_SPACE 0x40000000LL
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

static PyTypeObject *half_type, *whole_type;
static PyTypeObject *batch_type; /* NULL where `_records` was not built */

/* ---- one direction ------------------------------------------------------------------------ */
/* NULL with an exception. */
static Half *half_new(Whole *whole)
{
    Half *self = (Half *)half_type->tp_alloc(half_type, 0);

    if (!self)
        return NULL;
    Py_INCREF(whole);
    self->whole = (PyObject *)whole;
    self->next = self->ack = -1;
    self->ttl = -1;
    return self;
}

/* A SYN-ACK (RFC 9293 3.5), if it is the other side's first packet. */
static int take_answer(Half *self, Whole *whole, Half *peer, const Segment *one)
{
    if (self->next >= 0 || (one->flags & FLAGS) != (ACK | SYN) || one->end != one->start ||
        one->ack != peer->next || !one->window || one->packet.time < whole->last_time ||
        one->seq + 1 >= END)
        return NOT;
    if (waiting_add(&whole->packets, &one->packet))
        return -1;
    self->next = peer->ack = one->seq + 1;
    self->ack = one->ack;
    self->ttl = one->ttl;
    whole->last_time = one->packet.time;
    return TAKEN;
}

/* Whether the payload is in order; -1 with an exception. */
static int feed(Half *self, const Segment *one, long long acked)
{
    const Mark mark = {one->packet.number, one->packet.time, acked};
    const char *bytes = one->packet.data + one->start;
    PyObject *found, *place, *payload, *asked = self->feed;
    int good = -1;

    if (!asked)
        return 0;
    Py_INCREF(asked);
    if (is_plain_side(asked)) {
        good = plain_side_feed(asked, bytes, one->end - one->start, mark);
        Py_DECREF(asked);
        return good;
    }
    place = Py_BuildValue("(LLL)", mark.number, mark.time, mark.acked);
    payload = PyBytes_FromStringAndSize(bytes, one->end - one->start);
    if (place && payload) {
        found = PyObject_CallFunctionObjArgs(asked, payload, place, NULL);
        if (found)
            good = PyObject_IsTrue(found);
        Py_XDECREF(found);
    }
    Py_DECREF(asked);
    Py_XDECREF(payload);
    Py_XDECREF(place);
    return good;
}

static int take_next(Half *self, Whole *whole, Half *peer, const Segment *one)
{
    const long long step = one->ack - self->ack, acked = self->acked + step;
    const Py_ssize_t size = one->end - one->start;
    const unsigned kind = one->flags & FLAGS;
    int good;

    if (kind == ACK && size) {
        if (self->has_fin)
            return NOT;
        good = feed(self, one, acked);
        if (good <= 0)
            return good;
        self->next = one->seq + size; /* at 2**32 nothing fits any more */
        self->sent += size;
    } else if (kind == (ACK | FIN) && !size && !self->has_fin) {
        self->has_fin = 1;
        self->fin_number = one->packet.number;
        self->fin_time = one->packet.time;
        self->next = one->seq + 1;
        self->sent++;
    } else if (kind != ACK) {
        return NOT;
    }
    if (waiting_add(&whole->packets, &one->packet))
        return -1;
    self->ack = one->ack;
    self->acked = acked;
    self->ttl = one->ttl;
    whole->last_time = one->packet.time;
    return kind != ACK && peer->has_fin ? OVER : TAKEN;
}

/* NOT, TAKEN or OVER; -1 with an exception. */
static int take(Half *self, const Segment *one)
{
    Whole *whole = (Whole *)self->whole;
    Half *peer = (Half *)self->peer;
    const long long step = one->ack - self->ack;
    int found;

    if (!whole || !peer || one->start > one->end || one->end > one->packet.size)
        return NOT;
    whole->size += one->packet.size;
    if (whole->size > MOST_BYTES || whole->packets.count >= MOST_PACKETS || whole->odd)
        return NOT;
    /* A feed is Python, which may let go of any of them. */
    Py_INCREF(whole);
    Py_INCREF(peer);
    if (one->seq != self->next || !one->window || one->packet.time < whole->last_time || step < 0 ||
        step > HALF_SPACE || self->acked + step > peer->sent)
        found = take_answer(self, whole, peer, one);
    else
        found = take_next(self, whole, peer, one);
    Py_DECREF(peer);
    Py_DECREF(whole);
    return found;
}

static PyObject *half_take(Half *self, PyObject *const *args, Py_ssize_t count)
{
    Segment one;
    long long values[7];
    int place;

    if (count != 8 || !PyTuple_Check(args[0]) || PyTuple_GET_SIZE(args[0]) != 6) {
        PyErr_SetString(PyExc_TypeError, "a packet and seven numbers are wanted");
        return NULL;
    }
    for (place = 0; place < 7; place++)
        values[place] = PyLong_AsLongLong(args[place + 1]);
    if (PyErr_Occurred())
        return NULL;
    if (!packet_from(args[0], &one.packet))
        return PyLong_FromLong(NOT);
    one.seq = values[0];
    one.ack = values[1];
    one.flags = (unsigned)values[2];
    one.window = (unsigned)values[3];
    one.ttl = (long)values[4];
    one.start = (Py_ssize_t)values[5];
    one.end = (Py_ssize_t)values[6];
    place = one.start < 0 ? NOT : take(self, &one);
    return place < 0 ? NULL : PyLong_FromLong(place);
}

static PyObject *half_get_fin(Half *self, void *unused)
{
    (void)unused;
    if (!self->has_fin)
        Py_RETURN_NONE;
    return Py_BuildValue("(LL)", self->fin_number, self->fin_time);
}

static PyObject *half_get_ttl(Half *self, void *unused)
{
    (void)unused;
    if (self->ttl < 0)
        Py_RETURN_NONE;
    return PyLong_FromLong(self->ttl);
}

static int half_traverse(Half *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->whole);
    Py_VISIT(self->peer);
    Py_VISIT(self->feed);
    return 0;
}

static int half_clear(Half *self)
{
    Py_CLEAR(self->whole);
    Py_CLEAR(self->peer);
    Py_CLEAR(self->feed);
    return 0;
}

static void half_dealloc(Half *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    half_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef half_members[] = {
    {"whole", T_OBJECT_EX, offsetof(Half, whole), READONLY, NULL},
    {"feed", T_OBJECT_EX, offsetof(Half, feed), 0, NULL},
    {"next", T_LONGLONG, offsetof(Half, next), READONLY, NULL},
    {"ack", T_LONGLONG, offsetof(Half, ack), READONLY, NULL},
    {"sent", T_LONGLONG, offsetof(Half, sent), READONLY, NULL},
    {"acked", T_LONGLONG, offsetof(Half, acked), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef half_getset[] = {
    {"fin", (getter)half_get_fin, NULL, NULL, NULL},
    {"ttl", (getter)half_get_ttl, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef half_methods[] = {
    {"take", (PyCFunction)(void (*)(void))half_take, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot half_slots[] = {
    {Py_tp_traverse, half_traverse}, {Py_tp_clear, half_clear},
    {Py_tp_dealloc, half_dealloc},   {Py_tp_members, half_members},
    {Py_tp_getset, half_getset},     {Py_tp_methods, half_methods},
    {0, NULL},
};

static PyType_Spec half_spec = {
    .name = "wsdebug.compiled._parked.ParkedHalf",
    .basicsize = sizeof(Half),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = half_slots,
};

/* ---- what it has sent: wsdebug/protocol/plain_way.py -------------------------------------- */
enum { WAY = 17 };

/* A row of numbers, of a type that is a tuple. */
static PyObject *row_of(PyTypeObject *type, const long long *numbers, Py_ssize_t count)
{
    PyObject *row = type->tp_alloc(type, count), *number;
    Py_ssize_t place;

    for (place = 0; row && place < count; place++) {
        number = PyLong_FromLongLong(numbers[place]);
        if (!number)
            Py_CLEAR(row);
        else
            PyTuple_SET_ITEM(row, place, number);
    }
    return row;
}

static PyObject *way(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    const Half *half;
    PlainFigures side;
    long long total;

    (void)module;
    if (count != 3 || !PyType_Check(args[0]) ||
        !PyType_IsSubtype((PyTypeObject *)args[0], &PyTuple_Type) ||
        !Py_IS_TYPE(args[1], half_type) || !is_plain_side(args[2])) {
        PyErr_SetString(PyExc_TypeError, "a kind of tuple, a half and its frames are wanted");
        return NULL;
    }
    half = (Half *)args[1];
    if (!plain_side_figures(args[2], &side) || !half->has_fin || half->ttl < 0)
        Py_RETURN_NONE;
    total = side.text + side.binary;
    {
        const int spoke = side.opcode != 0;
        const long long numbers[WAY] = {
            side.text,
            side.binary,
            total,
            total + 1,
            half->sent - 1, /* without the FIN */
            half->ttl,
            total - 1,
            spoke ? side.last.number : 0,
            side.close.number,
            half->fin_number,
            spoke ? side.last.time : 0,
            side.close.time,
            half->fin_time,
            side.opcode,
            spoke ? side.length : 0,
            side.first.acked,
            side.close.acked,
        };

        return row_of((PyTypeObject *)args[0], numbers, WAY);
    }
}

/* ---- one connection ----------------------------------------------------------------------- */
static int whole_init(Whole *self, PyObject *args, PyObject *names)
{
    PyObject *key, *back, *packet;
    long long index, time, seq;
    long ttl;
    Half *client, *server;
    Packet syn;

    (void)names;
    if (!PyArg_ParseTuple(args, "LSSO!LLl", &index, &key, &back, &PyTuple_Type, &packet, &time,
                          &seq, &ttl))
        return -1;
    Py_INCREF(key);
    Py_XSETREF(self->key, key);
    Py_INCREF(back);
    Py_XSETREF(self->back, back);
    waiting_clear(&self->packets);
    Py_CLEAR(self->odd);
    if (PyTuple_GET_SIZE(packet) != 6) {
        PyErr_SetString(PyExc_TypeError, "a packet has six members");
        return -1;
    }
    if (!packet_from(packet, &syn) || syn.size > MOST_BYTES) {
        Py_INCREF(packet);
        self->odd = packet; /* behind it none is taken */
    } else if (waiting_add(&self->packets, &syn)) {
        return -1;
    }
    client = half_new(self);
    Py_XSETREF(self->client, (PyObject *)client);
    server = half_new(self);
    Py_XSETREF(self->server, (PyObject *)server);
    if (!client || !server)
        return -1;
    Py_INCREF(server);
    Py_XSETREF(client->peer, (PyObject *)server);
    Py_INCREF(client);
    Py_XSETREF(server->peer, (PyObject *)client);
    client->next = seq + 1;
    client->ttl = ttl;
    self->index = index;
    self->start = self->last_time = time;
    self->size = self->odd ? MOST_BYTES : syn.size;
    self->is_gone = 0;
    return 0;
}

static PyObject *whole_part(Whole *self, PyObject *unused)
{
    PyObject *halves[2] = {self->client, self->server};
    int place;

    (void)unused;
    self->is_gone = 1;
    self->client = self->server = NULL;
    Py_CLEAR(self->usual);
    Py_CLEAR(self->odd);
    waiting_clear(&self->packets);
    for (place = 0; place < 2; place++) {
        if (!halves[place])
            continue;
        Py_CLEAR(((Half *)halves[place])->peer);
        Py_CLEAR(((Half *)halves[place])->feed);
        Py_DECREF(halves[place]);
    }
    Py_RETURN_NONE;
}

static PyObject *whole_get_settled(Whole *self, void *unused)
{
    Half *one = (Half *)self->client, *other = (Half *)self->server;

    (void)unused;
    return PyBool_FromLong(one && other && one->has_fin && other->has_fin &&
                           one->acked == other->sent && other->acked == one->sent);
}

static PyObject *whole_get_packets(Whole *self, void *unused)
{
    (void)unused;
    return self->odd ? Py_BuildValue("[O]", self->odd) : waiting_list(&self->packets);
}

static PyObject *whole_get_first_number(Whole *self, void *unused)
{
    (void)unused;
    if (!self->odd)
        return PyLong_FromLongLong(self->packets.first_number);
    Py_INCREF(PyTuple_GET_ITEM(self->odd, 0));
    return PyTuple_GET_ITEM(self->odd, 0);
}

static PyObject *whole_get_last_number(Whole *self, void *unused)
{
    if (self->odd)
        return whole_get_first_number(self, unused);
    return PyLong_FromLongLong(self->packets.last_number);
}

static int whole_traverse(Whole *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->client);
    Py_VISIT(self->server);
    Py_VISIT(self->odd);
    Py_VISIT(self->usual);
    return 0;
}

static int whole_clear(Whole *self)
{
    Py_CLEAR(self->client);
    Py_CLEAR(self->server);
    Py_CLEAR(self->odd);
    Py_CLEAR(self->usual);
    return 0;
}

static void whole_dealloc(Whole *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    whole_clear(self);
    waiting_clear(&self->packets);
    Py_CLEAR(self->key);
    Py_CLEAR(self->back);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef whole_members[] = {
    {"client", T_OBJECT_EX, offsetof(Whole, client), READONLY, NULL},
    {"server", T_OBJECT_EX, offsetof(Whole, server), READONLY, NULL},
    {"key", T_OBJECT_EX, offsetof(Whole, key), READONLY, NULL},
    {"back", T_OBJECT_EX, offsetof(Whole, back), READONLY, NULL},
    {"usual", T_OBJECT, offsetof(Whole, usual), 0, NULL},
    {"index", T_LONGLONG, offsetof(Whole, index), READONLY, NULL},
    {"start", T_LONGLONG, offsetof(Whole, start), READONLY, NULL},
    {"last_time", T_LONGLONG, offsetof(Whole, last_time), READONLY, NULL},
    {"is_gone", T_BOOL, offsetof(Whole, is_gone), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef whole_getset[] = {
    {"is_settled", (getter)whole_get_settled, NULL, NULL, NULL},
    {"packets", (getter)whole_get_packets, NULL, NULL, NULL},
    {"first_number", (getter)whole_get_first_number, NULL, NULL, NULL},
    {"last_number", (getter)whole_get_last_number, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef whole_methods[] = {
    {"part", (PyCFunction)whole_part, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot whole_slots[] = {
    {Py_tp_init, whole_init},       {Py_tp_traverse, whole_traverse},
    {Py_tp_clear, whole_clear},     {Py_tp_dealloc, whole_dealloc},
    {Py_tp_members, whole_members}, {Py_tp_getset, whole_getset},
    {Py_tp_methods, whole_methods}, {0, NULL},
};

static PyType_Spec whole_spec = {
    .name = "wsdebug.compiled._parked.Parked",
    .basicsize = sizeof(Whole),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = whole_slots,
};

/* ---- a capture's packets ------------------------------------------------------------------ */
typedef struct {
    PyObject_HEAD
    PyObject *live, *stubs, *parked, *alarms, *park, *over, *wake;
    PyObject *batch; /* a `Batch` or a list */
    PyObject *last;  /* whose packet came before: most often the next one is of the same */
    Py_ssize_t at;
    long long now, due_number, due_time;
    char is_ahead; /* `now` is of a packet that was not handed out */
} Sieve;

static PyObject *name_number, *name_time;

static uint32_t word(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static unsigned half_word(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* When somebody must be woken: changes only while Python runs. -1 with an exception. */
static int read_alarms(Sieve *self)
{
    PyObject *value;
    int overflow, place;
    long long *due[2] = {&self->due_number, &self->due_time};
    PyObject *names[2] = {name_number, name_time};

    for (place = 0; place < 2; place++) {
        value = PyObject_GetAttr(self->alarms, names[place]);
        if (!value)
            return -1;
        *due[place] = PyLong_AsLongLongAndOverflow(value, &overflow);
        Py_DECREF(value);
        if (overflow)
            *due[place] = overflow > 0 ? LLONG_MAX : LLONG_MIN;
        else if (*due[place] == -1 && PyErr_Occurred())
            return -1;
    }
    return 0;
}

/* Reads what `Transport.consume` calls plain: Ethernet, IP without options, TCP. `key` says where
   addresses and ports begin. The length of the key; 0 of any other packet. */
static Py_ssize_t read_plain(const uint8_t *data, Py_ssize_t size, Segment *one, Py_ssize_t *key)
{
    unsigned kind;
    Py_ssize_t tcp;

    if (size < 50)
        return 0;
    kind = half_word(data + 12);
    if (kind == 0x0800 && data[14] == 0x45 && data[23] == TCP) {
        const unsigned part = half_word(data + 20);

        if (part != DONT_FRAGMENT && part & NOT_WHOLE)
            return 0;
        *key = 26;
        tcp = 34;
        one->ttl = data[22];
        one->end = 14 + half_word(data + 16);
    } else if (kind == 0x86DD && data[14] >> 4 == 6 && data[20] == TCP && size >= 70) {
        *key = 22;
        tcp = 54;
        one->ttl = data[21];
        one->end = 54 + half_word(data + 18);
    } else {
        return 0;
    }
    one->seq = word(data + tcp + 4);
    one->ack = word(data + tcp + 8);
    one->flags = data[tcp + 13];
    one->window = half_word(data + tcp + 14);
    one->start = tcp + (data[tcp + 12] >> 4) * 4;
    /* RFC 9293 3.1: a header has five words at the least. */
    return data[tcp + 12] < 0x50 || one->start > one->end || one->end > size ? 0 : tcp + 4 - *key;
}

/* What Python says to so many new references, which it takes; NULL with an exception, as where one
   of them is NULL. */
static PyObject *asked(PyObject *whom, int count, ...)
{
    PyObject *found = NULL, *given[5];
    va_list rest;
    int place, failed = 0;

    va_start(rest, count);
    for (place = 0; place < count; place++) {
        given[place] = va_arg(rest, PyObject *);
        failed |= !given[place];
    }
    va_end(rest);
    if (!failed)
        found = PyObject_Vectorcall(whom, given, (size_t)count, NULL);
    for (place = 0; place < count; place++)
        Py_XDECREF(given[place]);
    return found;
}

/* A SYN of a connection that is not known: let it wait. TAKEN, NOT, or -1 with an exception. */
static int take_syn(Sieve *self, PyObject *key, const Segment *one)
{
    PyObject *found;
    int known, taken;

    if ((one->flags & FLAGS) != SYN || one->end != one->start ||
        one->packet.size > MOST_BYTES)
        return NOT;
    known = PyDict_Contains(self->live, key);
    if (!known)
        known = PyDict_Contains(self->stubs, key);
    if (known)
        return known < 0 ? -1 : NOT;
    Py_INCREF(key);
    found = asked(self->park, 5, packet_tuple(&one->packet), PyLong_FromLongLong(one->packet.time),
                  key, PyLong_FromLongLong(one->seq), PyLong_FromLong(one->ttl));
    if (!found)
        return -1;
    taken = PyObject_IsTrue(found);
    Py_DECREF(found);
    return taken < 0 || read_alarms(self) ? -1 : taken ? TAKEN : NOT;
}

static int take_half(Sieve *self, PyObject *half, const Segment *one)
{
    PyObject *found, *whole = ((Half *)half)->whole;
    int come;

    Py_INCREF(half);
    Py_INCREF(whole);
    come = take((Half *)half, one);
    if (come == OVER) {
        Py_INCREF(whole);
        found = asked(self->over, 2, whole, PyLong_FromLongLong(one->packet.time));
        come = found && !read_alarms(self) ? OVER : -1;
        Py_XDECREF(found);
    }
    Py_DECREF(whole);
    Py_DECREF(half);
    return come;
}

/* Wakes those whose turn it is; -1 with an exception. */
static int wake(Sieve *self, long long number, long long time)
{
    PyObject *found =
        asked(self->wake, 2, PyLong_FromLongLong(number), PyLong_FromLongLong(time));

    Py_XDECREF(found);
    return found ? read_alarms(self) : -1;
}

static int is_key(PyObject *key, const char *bytes, Py_ssize_t size)
{
    return PyBytes_GET_SIZE(key) == size && !memcmp(PyBytes_AS_STRING(key), bytes, (size_t)size);
}

/* The half of that key if it is one of the connection found last, and that one still waits. */
static PyObject *of_last(const Sieve *self, const char *key, Py_ssize_t size)
{
    const Whole *whole = (const Whole *)self->last;

    if (!whole || whole->is_gone)
        return NULL;
    return is_key(whole->key, key, size)    ? whole->client
           : is_key(whole->back, key, size) ? whole->server
                                            : NULL;
}

/* A packet whose connection must be looked for. As `sift`. */
static int find(Sieve *self, const char *bytes, Py_ssize_t size, const Segment *one)
{
    PyObject *half, *key = PyBytes_FromStringAndSize(bytes, size);
    int come;

    if (!key)
        return -1;
    half = PyDict_GetItemWithError(self->parked, key);
    if (half && Py_IS_TYPE(half, half_type)) {
        Py_INCREF(half);
        Py_INCREF(((Half *)half)->whole);
        Py_XSETREF(self->last, ((Half *)half)->whole);
        come = take_half(self, half, one);
        Py_DECREF(half);
    } else {
        come = half ? NOT : PyErr_Occurred() ? -1 : take_syn(self, key, one);
    }
    Py_DECREF(key);
    return come;
}

/* TAKEN or OVER where the packet needs no further look, NOT, or -1 with an exception. */
static int sift(Sieve *self, Segment *one)
{
    Py_ssize_t size, start;
    PyObject *half;

    self->now = one->packet.time;
    if ((one->packet.number >= self->due_number || one->packet.time >= self->due_time) &&
        wake(self, one->packet.number, one->packet.time))
        return -1;
    size = read_plain((const uint8_t *)one->packet.data, one->packet.size, one, &start);
    if (!size || one->packet.link_type != ETHERNET)
        return NOT;
    if (!PyDict_GET_SIZE(self->parked) && (one->flags & FLAGS) != SYN)
        return NOT;
    half = of_last(self, one->packet.data + start, size);
    return half ? take_half(self, half, one) : find(self, one->packet.data + start, size, one);
}

/* The same of a tuple. */
static int sift_tuple(Sieve *self, PyObject *packet)
{
    Segment one;

    if (!PyTuple_CheckExact(packet) || PyTuple_GET_SIZE(packet) != 6 ||
        !PyLong_CheckExact(PyTuple_GET_ITEM(packet, 1)))
        return NOT;
    self->is_ahead = 0;
    return packet_from(packet, &one.packet) ? sift(self, &one) : NOT;
}

/* The same of the packet of a batch that is next. Only where Python must look at it a tuple is made
   of it: `packet`. */
static int sift_row(Sieve *self, Batch *batch, PyObject **packet)
{
    const Py_ssize_t at = self->at++;
    Segment one;
    int come;

    if (!batch_packet(batch, at, &one.packet)) {
        *packet = PySequence_GetItem((PyObject *)batch, at);
        return *packet ? sift_tuple(self, *packet) : -1;
    }
    self->is_ahead = 0;
    come = sift(self, &one);
    if (come == NOT)
        *packet = PySequence_GetItem((PyObject *)batch, at);
    return come;
}

static PyObject *sieve_run(Sieve *self, PyObject *batch)
{
    if (!self->wake) {
        PyErr_SetString(PyExc_TypeError, "it was not told whom to ask");
        return NULL;
    }
    if (batch_type && Py_IS_TYPE(batch, batch_type))
        Py_INCREF(batch);
    else
        batch = PySequence_List(batch);
    if (!batch)
        return NULL;
    Py_XSETREF(self->batch, batch);
    self->at = 0;
    Py_INCREF(self);
    return (PyObject *)self;
}

/* Whether one more packet is there; it is held while Python runs. */
static int sift_next(Sieve *self, PyObject *batch, PyObject **packet)
{
    if (Py_IS_TYPE(batch, batch_type))
        return sift_row(self, (Batch *)batch, packet);
    *packet = PyList_GET_ITEM(batch, self->at++);
    Py_INCREF(*packet);
    return sift_tuple(self, *packet);
}

static PyObject *sieve_next(Sieve *self)
{
    PyObject *packet = NULL, *batch = self->batch;
    int come = TAKEN;

    if (!batch || read_alarms(self))
        return NULL;
    Py_INCREF(batch); /* where Python begins another one meanwhile */
    while (come > NOT && self->at < PyObject_Size(batch)) {
        Py_CLEAR(packet);
        come = sift_next(self, batch, &packet);
        self->is_ahead |= come > NOT;
    }
    Py_DECREF(batch);
    if (come == NOT)
        return packet;
    Py_XDECREF(packet);
    if (come > NOT)
        Py_CLEAR(self->batch);
    return NULL;
}

static int sieve_init(Sieve *self, PyObject *args, PyObject *names)
{
    static char *words[] = {"live", "stubs", "parked", "alarms", "park", "over", "wake", NULL};
    PyObject *live, *stubs, *parked, *alarms, *park, *over, *wake_up;

    if (!PyArg_ParseTupleAndKeywords(args, names, "O!O!O!OOOO", words, &PyDict_Type, &live,
                                     &PyDict_Type, &stubs, &PyDict_Type, &parked, &alarms, &park,
                                     &over, &wake_up))
        return -1;
    Py_INCREF(live);
    Py_XSETREF(self->live, live);
    Py_INCREF(stubs);
    Py_XSETREF(self->stubs, stubs);
    Py_INCREF(parked);
    Py_XSETREF(self->parked, parked);
    Py_INCREF(alarms);
    Py_XSETREF(self->alarms, alarms);
    Py_INCREF(park);
    Py_XSETREF(self->park, park);
    Py_INCREF(over);
    Py_XSETREF(self->over, over);
    Py_INCREF(wake_up);
    Py_XSETREF(self->wake, wake_up);
    self->now = 0;
    return 0;
}

static int sieve_traverse(Sieve *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->live);
    Py_VISIT(self->stubs);
    Py_VISIT(self->parked);
    Py_VISIT(self->alarms);
    Py_VISIT(self->park);
    Py_VISIT(self->over);
    Py_VISIT(self->wake);
    Py_VISIT(self->batch);
    Py_VISIT(self->last);
    return 0;
}

static int sieve_clear(Sieve *self)
{
    Py_CLEAR(self->live);
    Py_CLEAR(self->stubs);
    Py_CLEAR(self->parked);
    Py_CLEAR(self->alarms);
    Py_CLEAR(self->park);
    Py_CLEAR(self->over);
    Py_CLEAR(self->wake);
    Py_CLEAR(self->batch);
    Py_CLEAR(self->last);
    return 0;
}

static void sieve_dealloc(Sieve *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    sieve_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *sieve_get_now(Sieve *self, void *unused)
{
    (void)unused;
    if (!self->is_ahead)
        Py_RETURN_NONE;
    return PyLong_FromLongLong(self->now);
}

static PyGetSetDef sieve_getset[] = {
    {"now", (getter)sieve_get_now, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef sieve_methods[] = {
    {"run", (PyCFunction)sieve_run, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot sieve_slots[] = {
    {Py_tp_init, sieve_init},         {Py_tp_traverse, sieve_traverse},
    {Py_tp_clear, sieve_clear},       {Py_tp_dealloc, sieve_dealloc},
    {Py_tp_getset, sieve_getset},     {Py_tp_methods, sieve_methods},
    {Py_tp_iter, PyObject_SelfIter},  {Py_tp_iternext, sieve_next},
    {0, NULL},
};

static PyType_Spec sieve_spec = {
    .name = "wsdebug.compiled._parked.Sieve",
    .basicsize = sizeof(Sieve),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = sieve_slots,
};

/* ---- the module --------------------------------------------------------------------------- */
static PyMethodDef functions[] = {
    {"way", (PyCFunction)(void (*)(void))way, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "wsdebug.compiled._parked",
    .m_doc = "What wsdebug.transport.parked and wsdebug.protocol.plain_side do, in C.",
    .m_size = -1,
    .m_methods = functions,
};

/* What `_records` makes; NULL, and no exception, where it was not built. */
static PyTypeObject *batch_type_known(void)
{
    PyObject *records = PyImport_ImportModule("wsdebug.compiled._records");
    PyObject *type = records ? PyObject_GetAttrString(records, "Batch") : NULL;

    Py_XDECREF(records);
    PyErr_Clear();
    if (type && PyType_Check(type) && ((PyTypeObject *)type)->tp_basicsize == sizeof(Batch))
        return (PyTypeObject *)type;
    Py_XDECREF(type);
    return NULL;
}

PyMODINIT_FUNC PyInit__parked(void)
{
    PyObject *made = PyModule_Create(&module), *sieve_type;

    if (!made)
        return NULL;
    name_number = PyUnicode_InternFromString("due_number");
    name_time = PyUnicode_InternFromString("due_time");
    half_type = (PyTypeObject *)PyType_FromSpec(&half_spec);
    whole_type = (PyTypeObject *)PyType_FromSpec(&whole_spec);
    sieve_type = PyType_FromSpec(&sieve_spec);
    if (!name_number || !name_time || !half_type || !whole_type || !sieve_type ||
        PyModule_AddObjectRef(made, "ParkedHalf", (PyObject *)half_type) ||
        PyModule_AddObjectRef(made, "Parked", (PyObject *)whole_type) ||
        PyModule_AddObjectRef(made, "Sieve", sieve_type) || plain_side_ready(made)) {
        Py_DECREF(made);
        return NULL;
    }
    Py_DECREF(sieve_type);
    batch_type = batch_type_known();
    return made;
}
