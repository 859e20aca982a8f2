/* The inner loop of wsdebug/protocol/frames.py, which says what it does and why. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string.h>

#include "utf8.h"
#include "window.h"

/* `lanes.py`: what is looked at in a payload, one more than there; 0: the frame is not for here. */
enum { NO_LANE, NOTHING, TEXT, PACKED };
#define HEADERS 0x10000
/* RFC 6455 5.2: the length stands in the 16 bits behind the header's first two bytes. */
#define LONG 126
#define LONGEST_HEADER 8
/* `text.PIECE` in Python: a payload of so many bytes or more is not for here. */
#define PIECE ((size_t)16 << 10)

typedef struct {
    PyTypeObject *window_type;
} State;

struct frame {
    int check, masked;
    unsigned opcode;
    size_t start, length; /* of the payload; `start` counts from the header */
    uint8_t key[4];
};

static uint32_t number(const uint8_t *key)
{
    return (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 | (uint32_t)key[2] << 8 | key[3];
}

/* Reads the header at `at`; 0 where the frame is not for here or does not lie whole in `size`. */
static int frame_at(const uint8_t *at, size_t size, const uint8_t *checks, struct frame *frame)
{
    if (size < LONGEST_HEADER)
        return 0;
    frame->check = checks[at[0] << 8 | at[1]];
    if (frame->check == NO_LANE)
        return 0;
    frame->opcode = at[0] & 15;
    frame->masked = at[1] >> 7;
    frame->length = at[1] & 127;
    frame->start = 2;
    if (frame->length == LONG) {
        frame->length = (size_t)at[2] << 8 | at[3];
        frame->start = 4;
        if (frame->length < LONG || frame->length >= PIECE)
            return 0;
    }
    if (frame->masked) {
        memcpy(frame->key, at + frame->start, 4);
        frame->start += 4;
    }
    return frame->start + frame->length <= size;
}

/* RFC 6455 5.3, a word at a time; 1 where all of it is ASCII. */
static int unmask(uint8_t *to, const uint8_t *from, size_t length, const uint8_t *key)
{
    uint64_t mask, word, seen = 0;
    size_t at;

    memcpy(&mask, key, 4);
    memcpy((uint8_t *)&mask + 4, key, 4);
    for (at = 0; length - at >= 8; at += 8) {
        memcpy(&word, from + at, 8);
        word ^= mask;
        seen |= word;
        memcpy(to + at, &word, 8);
    }
    for (; at < length; at++) {
        to[at] = from[at] ^ key[at & 3];
        seen |= to[at];
    }
    return !(seen & UINT64_C(0x8080808080808080));
}

/* Whether the payload is what the frame says; -1: no memory. */
static int is_sound(const struct frame *frame, const uint8_t *payload, Window *window)
{
    uint8_t clear[PIECE + TAIL_SIZE + INFLATE_PADDING];
    int is_ascii = 0;

    if (frame->check == NOTHING)
        return 1;
    if (frame->masked)
        is_ascii = unmask(clear, payload, frame->length, frame->key);
    if (frame->check == TEXT)
        return is_ascii || is_utf8(frame->masked ? clear : payload, frame->length);
    if (!frame->masked)
        memcpy(clear, payload, frame->length);
    return window_unpack(window, clear, frame->length, frame->opcode == 1);
}

/* What `take` was told and what it found. */
struct run {
    const uint8_t *data, *checks;
    size_t at, size;
    long long key;
    Window *window;
    long texts, binaries, packed;
    struct frame last;
};

/* Goes over frames as long as they are plain; -1: no memory. */
static int follow(struct run *run)
{
    struct frame frame;
    int sound;

    while (frame_at(run->data + run->at, run->size - run->at, run->checks, &frame)) {
        const uint32_t key = frame.masked ? number(frame.key) : 0;

        /* RFC 6455 5.3: a fresh key for each frame. */
        if (frame.masked && (!key || key == run->key))
            break;
        if (frame.check == PACKED && !run->window) {
            run->packed = -1;
            break;
        }
        sound = is_sound(&frame, run->data + run->at + frame.start, run->window);
        if (sound <= 0)
            return sound;
        if (frame.masked)
            run->key = key;
        run->packed += frame.check == PACKED;
        run->texts += frame.opcode == 1;
        run->binaries += frame.opcode == 2;
        run->at += frame.start + frame.length;
        run->last = frame;
    }
    return 0;
}

static PyObject *numbers(const long long *values, Py_ssize_t count)
{
    PyObject *found = PyTuple_New(count), *value;
    Py_ssize_t at;

    for (at = 0; found && at < count; at++) {
        value = PyLong_FromLongLong(values[at]);
        if (value)
            PyTuple_SET_ITEM(found, at, value);
        else
            Py_CLEAR(found);
    }
    return found;
}

static PyObject *take(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    const State *state = PyModule_GetState(module);
    struct run run = {0};
    Py_ssize_t at;

    if (count != 5 || !PyBytes_Check(args[0]) || !PyBytes_Check(args[3]) ||
        PyBytes_GET_SIZE(args[3]) != HEADERS ||
        (args[4] != Py_None && !Py_IS_TYPE(args[4], state->window_type))) {
        PyErr_SetString(PyExc_TypeError, "take(data, at, key, checks of 65536 bytes, window)");
        return NULL;
    }
    at = PyLong_AsSsize_t(args[1]);
    run.key = PyLong_AsLongLong(args[2]);
    if (PyErr_Occurred())
        return NULL;
    if (at < 0 || at > PyBytes_GET_SIZE(args[0])) {
        PyErr_SetString(PyExc_ValueError, "at is not within data");
        return NULL;
    }
    run.data = (const uint8_t *)PyBytes_AS_STRING(args[0]);
    run.size = (size_t)PyBytes_GET_SIZE(args[0]);
    run.at = (size_t)at;
    run.checks = (const uint8_t *)PyBytes_AS_STRING(args[3]);
    run.window = args[4] == Py_None ? NULL : (Window *)args[4];
    if (follow(&run))
        return NULL;
    return numbers((long long[]){(long long)run.at, run.key, run.last.opcode,
                                 (long long)run.last.length, run.texts, run.binaries, run.packed},
                   7);
}

/* ---- the module --------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
    {"take", (PyCFunction)(void (*)(void))take, METH_FASTCALL,
     "Goes over plain frames: (where it stopped, masking key, opcode and length of the last frame\n"
     "or 0, how many texts, binaries, compressed ones; -1: one needs a window)."},
    {NULL, NULL, 0, NULL},
};

static int prepare(PyObject *module)
{
    State *state = PyModule_GetState(module);

    inflate_prepare();
    state->window_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &window_spec, NULL);
    return state->window_type ? PyModule_AddType(module, state->window_type) : -1;
}

static int visit_state(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((State *)PyModule_GetState(module))->window_type);
    return 0;
}

static int clear_state(PyObject *module)
{
    Py_CLEAR(((State *)PyModule_GetState(module))->window_type);
    return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, prepare}, {0, NULL}};

static struct PyModuleDef module = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "wsdebug.compiled._frames",
    .m_doc = "What wsdebug.protocol.frames does with plain frames, in C.",
    .m_size = sizeof(State),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = visit_state,
    .m_clear = clear_state,
};

PyMODINIT_FUNC PyInit__frames(void)
{
    return PyModuleDef_Init(&module);
}
