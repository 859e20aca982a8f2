/* What a packet says of TCP, where all about it is plain: see parked.h. */
#include "parked.h"

enum { TCP = 6, DONT_FRAGMENT = 0x4000, NOT_WHOLE = 0x3FFF };

static uint32_t word(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static unsigned half_word(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

Py_ssize_t read_plain(const uint8_t *data, Py_ssize_t size, Segment *one, Py_ssize_t *key)
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
