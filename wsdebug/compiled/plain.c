/* wsdebug/protocol/plain_side.py says what is done here and why. */
#include "plain.h"

#include <string.h>
#include <structmember.h>

#include "inflate.h"
#include "utf8.h"

enum { TEXT = 1, BINARY = 2, CLOSE = 0x88, MASK = 0x80 }; /* RFC 6455 5.2 */
enum { WHOLE = 0x8, WHOLE_PACKED = 0xC };            /* FIN; with RSV1 (RFC 7692 6) */
enum { LONG = 126, MOST_CONTROL = 125, MOST_PAYLOAD = 8 << 10, HEADERS = 1 << 16 };
enum { MOST_INFLATED = 16 << 10 };

/* RFC 7692 7.2.2: what is put behind a message before it is inflated. */
static const uint8_t tail[4 + INFLATE_PADDING] = {0, 0, 0xFF, 0xFF};
enum { TAIL = 4 };

typedef struct {
    PyObject_HEAD
    PyObject *watch, *close, *read_close;
    Mark first, last, close_at;
    long long key, text, binary, last_length;
    uint8_t *history; /* what compressed messages may refer to */
    int kept, left;   /* bytes of it; inflated bytes that may still come */
    int last_opcode;  /* 0: no frame came */
    char is_masked, has_first, packs, resets;
} Side;

static PyTypeObject *side_type;

static void forget(Side *self)
{
    PyMem_Free(self->history);
    self->history = NULL;
    self->kept = 0;
}

static int side_init(Side *self, PyObject *args, PyObject *names)
{
    static char *words[] = {"side", "watch", "read_close", "most", "resets", NULL};
    PyObject *side, *watch, *read_close;
    int most, resets;

    if (!PyArg_ParseTupleAndKeywords(args, names, "USOip", words, &side, &watch, &read_close,
                                     &most, &resets))
        return -1;
    if (PyBytes_GET_SIZE(watch) != HEADERS || most < 0 || most > MOST_INFLATED) {
        PyErr_SetString(PyExc_ValueError, "watch has a byte for each of 65 536 headers, most is "
                                          "no more than 16 KiB");
        return -1;
    }
    Py_INCREF(watch);
    Py_XSETREF(self->watch, watch);
    Py_INCREF(read_close);
    Py_XSETREF(self->read_close, read_close);
    Py_CLEAR(self->close);
    forget(self);
    self->left = most;
    self->packs = most > 0;
    self->resets = (char)resets;
    self->is_masked = PyUnicode_CompareWithASCIIString(side, "client") == 0;
    self->key = -1;
    self->text = self->binary = 0;
    self->last_opcode = 0;
    self->has_first = 0;
    return 0;
}

/* The payload without its mask, in `into`; 0 where the key is none, or that of the frame before
   (RFC 6455 5.3). */
static int unmask(Side *self, const uint8_t *body, Py_ssize_t size, uint8_t *into)
{
    const uint8_t *mask = body - 4;
    const long long key = (long long)mask[0] << 24 | mask[1] << 16 | mask[2] << 8 | mask[3];
    Py_ssize_t at;

    if (!key || key == self->key)
        return 0;
    self->key = key;
    for (at = 0; at < size; at++)
        into[at] = body[at] ^ mask[at & 3];
    return 1;
}

/* Whether the message inflates without fault to what may be, and is text where it should be; behind
   its `size` bytes there is room for a tail. -1 with an exception. */
static int unpack(Side *self, uint8_t *in, Py_ssize_t size, int is_text)
{
    uint8_t room[MOST_INFLATED + INFLATE_SLACK], *grown;
    struct output out = {room, 0, (size_t)self->kept, (size_t)(self->kept + self->left)};
    int length;

    memcpy(in + size, tail, sizeof tail);
    if (self->kept)
        memcpy(room, self->history, (size_t)self->kept);
    if (inflate_message(in, (size_t)size + TAIL, &out) != INFLATED)
        return 0;
    length = (int)out.at - self->kept;
    if (is_text && !is_utf8(room + self->kept, (size_t)length))
        return 0;
    self->left -= length;
    if (self->resets || !length)
        return 1;
    grown = PyMem_Realloc(self->history, out.at);
    if (!grown) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(grown + self->kept, room + self->kept, (size_t)length);
    self->history = grown;
    self->kept += length;
    return 1;
}

/* A Close that ends with the segment (RFC 6455 5.5.1). */
static int take_close(Side *self, const uint8_t *data, Py_ssize_t size, Mark mark)
{
    const Py_ssize_t start = self->is_masked ? 6 : 2;
    const int length = data[1] ^ (self->is_masked ? MASK : 0);
    uint8_t plain[MOST_CONTROL];
    const uint8_t *body = data + start;
    PyObject *found;

    if (data[0] != CLOSE || length > MOST_CONTROL || start + length != size)
        return 0;
    if (self->is_masked && length) {
        if (!unmask(self, body, length, plain))
            return 0;
        body = plain;
    }
    found = PyObject_CallFunction(self->read_close, "y#i", body, (Py_ssize_t)length, length);
    if (!found)
        return -1;
    Py_XSETREF(self->close, found);
    self->close_at = mark;
    forget(self); /* no message can come any more */
    return 1;
}

/* How long the frame is that begins at `data`, header and all; 0 where it is none of the plain, -1
   with an exception. */
static Py_ssize_t take_frame(Side *self, const uint8_t *data, Py_ssize_t size, Mark mark)
{
    const unsigned bits = (unsigned)data[0] << 8 | data[1];
    const int opcode = data[0] & 0x0F, is_packed = data[0] >> 4 == WHOLE_PACKED && self->packs;
    Py_ssize_t length = data[1] & 0x7F, start = 2;
    uint8_t plain[MOST_PAYLOAD + sizeof tail];
    const uint8_t *body;
    int good = 1;

    if ((data[0] >> 4 != WHOLE && !is_packed) || (opcode != TEXT && opcode != BINARY) ||
        (data[1] & MASK ? 1 : 0) != self->is_masked || !length || length > LONG ||
        PyBytes_AS_STRING(self->watch)[bits])
        return 0;
    if (length == LONG) {
        length = size < 4 ? 0 : (Py_ssize_t)data[2] << 8 | data[3];
        start = 4;
        if (length < LONG)
            return 0;
    }
    start += self->is_masked ? 4 : 0;
    if (length > MOST_PAYLOAD || start + length > size)
        return 0;
    body = data + start;
    if (self->is_masked) {
        if (!unmask(self, body, length, plain))
            return 0;
        body = plain;
    } else if (is_packed) {
        memcpy(plain, body, (size_t)length);
    }
    if (is_packed)
        good = unpack(self, plain, length, opcode == TEXT);
    else if (opcode == TEXT)
        good = is_utf8(body, (size_t)length);
    if (good <= 0)
        return good;
    if (opcode == TEXT)
        self->text++;
    else
        self->binary++;
    self->last_opcode = opcode;
    self->last_length = length;
    self->last = mark;
    return start + length;
}

int plain_side_feed(PyObject *side, const char *bytes, Py_ssize_t size, Mark mark)
{
    Side *self = (Side *)side;
    const uint8_t *data = (const uint8_t *)bytes;
    Py_ssize_t at = 0, taken;

    if (self->close || !self->watch)
        return 0;
    if (!self->has_first) {
        self->has_first = 1;
        self->first = mark;
    }
    while (size - at >= 2) {
        if (data[at] & 8)
            return take_close(self, data + at, size - at, mark);
        taken = take_frame(self, data + at, size - at, mark);
        if (taken <= 0)
            return (int)taken;
        at += taken;
    }
    return at == size;
}

int is_plain_side(PyObject *value)
{
    return Py_IS_TYPE(value, side_type);
}

int plain_side_figures(PyObject *side, PlainFigures *into)
{
    const Side *self = (Side *)side;

    into->first = self->first;
    into->last = self->last;
    into->close = self->close_at;
    into->text = self->text;
    into->binary = self->binary;
    into->length = self->last_length;
    into->opcode = self->last_opcode;
    return self->close != NULL;
}

static PyObject *side_call(Side *self, PyObject *args, PyObject *names)
{
    const char *data;
    Py_ssize_t size;
    Mark mark;
    int good;

    (void)names;
    if (!PyArg_ParseTuple(args, "y#(LLL)", &data, &size, &mark.number, &mark.time, &mark.acked))
        return NULL;
    good = plain_side_feed((PyObject *)self, data, size, mark);
    return good < 0 ? NULL : PyBool_FromLong(good);
}

static PyObject *side_get_first(Side *self, void *unused)
{
    (void)unused;
    if (!self->has_first)
        return Py_BuildValue("(OOO)", Py_None, Py_None, Py_None);
    return Py_BuildValue("(LLL)", self->first.number, self->first.time, self->first.acked);
}

static PyObject *side_get_last(Side *self, void *unused)
{
    (void)unused;
    if (!self->last_opcode)
        Py_RETURN_NONE;
    return Py_BuildValue("(iL(LLL))", self->last_opcode, self->last_length, self->last.number,
                         self->last.time, self->last.acked);
}

static PyObject *side_get_close_at(Side *self, void *unused)
{
    (void)unused;
    if (!self->close)
        return Py_BuildValue("(OOO)", Py_None, Py_None, Py_None);
    return Py_BuildValue("(LLL)", self->close_at.number, self->close_at.time,
                         self->close_at.acked);
}

static PyObject *side_get_total(Side *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(self->text + self->binary);
}

static void side_dealloc(Side *self)
{
    PyTypeObject *type = Py_TYPE(self);

    Py_CLEAR(self->watch);
    Py_CLEAR(self->close);
    Py_CLEAR(self->read_close);
    forget(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef side_members[] = {
    {"text", T_LONGLONG, offsetof(Side, text), READONLY, NULL},
    {"binary", T_LONGLONG, offsetof(Side, binary), READONLY, NULL},
    {"close", T_OBJECT, offsetof(Side, close), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef side_getset[] = {
    {"first", (getter)side_get_first, NULL, NULL, NULL},
    {"last", (getter)side_get_last, NULL, NULL, NULL},
    {"close_at", (getter)side_get_close_at, NULL, NULL, NULL},
    {"total", (getter)side_get_total, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot side_slots[] = {
    {Py_tp_init, side_init},       {Py_tp_call, side_call},
    {Py_tp_dealloc, side_dealloc}, {Py_tp_members, side_members},
    {Py_tp_getset, side_getset},   {0, NULL},
};

static PyType_Spec side_spec = {
    .name = "wsdebug.compiled._parked.PlainSide",
    .basicsize = sizeof(Side),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = side_slots,
};

int plain_side_ready(PyObject *module)
{
    inflate_prepare();
    side_type = (PyTypeObject *)PyType_FromSpec(&side_spec);
    if (!side_type)
        return -1;
    return PyModule_AddObjectRef(module, "PlainSide", (PyObject *)side_type);
}
