/* A connection whose packets wait: see parked.h. */
#include "parked.h"

#include <structmember.h>

PyTypeObject *whole_type;

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

int whole_ready(PyObject *module)
{
    whole_type = (PyTypeObject *)PyType_FromSpec(&whole_spec);
    return whole_type ? PyModule_AddObjectRef(module, "Parked", (PyObject *)whole_type) : -1;
}
