/* The loop of wsdebug/transport/demultiplexer.py over a chunk's packets, for those that wait. */
#include "batch.h"
#include "parked.h"

enum { ETHERNET = 1 };

static PyTypeObject *batch_type; /* NULL where `_records` was not built */

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
    come = half_next((Half *)half, one);
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

int sieve_ready(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&sieve_spec);
    int failed = !type || PyModule_AddObjectRef(module, "Sieve", type);

    Py_XDECREF(type);
    name_number = PyUnicode_InternFromString("due_number");
    name_time = PyUnicode_InternFromString("due_time");
    batch_type = batch_type_known();
    return failed || !name_number || !name_time ? -1 : 0;
}
