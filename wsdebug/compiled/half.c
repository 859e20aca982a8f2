/* One direction of a connection whose packets wait: see parked.h. */
#include "parked.h"

#include <structmember.h>

#include "plain.h"

#define HALF_SPACE 0x40000000LL

PyTypeObject *half_type;

Half *half_new(Whole *whole)
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

int half_next(Half *self, const Segment *one)
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
    place = one.start < 0 ? NOT : half_next(self, &one);
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

int half_ready(PyObject *module)
{
    half_type = (PyTypeObject *)PyType_FromSpec(&half_spec);
    return half_type ? PyModule_AddObjectRef(module, "ParkedHalf", (PyObject *)half_type) : -1;
}
