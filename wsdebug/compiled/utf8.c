#include "utf8.h"

#include <string.h>

#define NOT_ASCII UINT64_C(0x8080808080808080)

/* How many bytes of ASCII stand at the beginning: to within 7 of the truth, never too many. */
static size_t ascii(const uint8_t *text, size_t size)
{
    size_t at = 0;
    uint64_t word;

    for (; size - at >= sizeof word; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        if (word & NOT_ASCII)
            break;
    }
    return at;
}

/* The length of the character at `text`, of which `size` > 0 bytes are there; 0: it is none. */
static size_t character(const uint8_t *text, size_t size)
{
    const uint8_t lead = text[0];
    /* RFC 3629 4: the second byte's range is narrower after E0, ED, F0 and F4. */
    uint8_t low = 0x80, high = 0xBF;
    size_t length, at;

    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (size < length)
        return 0;
    if (lead == 0xE0)
        low = 0xA0;
    else if (lead == 0xED)
        high = 0x9F;
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F;
    if (text[1] < low || text[1] > high)
        return 0;
    for (at = 2; at < length; at++)
        if ((text[at] & 0xC0) != 0x80)
            return 0;
    return length;
}

int is_utf8(const uint8_t *text, size_t size)
{
    size_t at = 0, length;

    while (at < size) {
        at += ascii(text + at, size - at);
        /* Up to the next word that may be all ASCII, character by character. */
        do {
            if (at >= size)
                return 1;
            length = character(text + at, size - at);
            if (!length)
                return 0;
            at += length;
        } while (text[at - 1] >= 0x80);
    }
    return 1;
}
