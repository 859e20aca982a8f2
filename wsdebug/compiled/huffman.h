/* Huffman codes of DEFLATE as tables that are looked up by the next bits (RFC 1951 3.2.2). */
#ifndef WSDEBUG_HUFFMAN_H
#define WSDEBUG_HUFFMAN_H

#include <stddef.h>
#include <stdint.h>

#define HUFFMAN_LONGEST 15
#define HUFFMAN_SYMBOLS 288

/* An entry: bits of the code, bits behind the code that are added to the value, what it is, and
 * the value: of a literal the byte, of a length or distance its least, of a longer code where its
 * own table begins (and in the place of the bits added, how many bits that one is looked up by). */
typedef uint32_t entry;

#define ENTRY_BITS(e) ((e) & 15)
#define ENTRY_EXTRA(e) ((e) >> 4 & 15)
#define ENTRY_VALUE(e) ((e) >> 16)
#define ENTRY(value, extra, kind) ((entry)(value) << 16 | (kind) | (entry)(extra) << 4)
#define IS_LITERAL 0x100
#define IS_END 0x200
#define IS_LONGER 0x400
#define IS_BAD 0x800
#define IS_SPECIAL (IS_END | IS_LONGER | IS_BAD)

/* Fills `table` (of `room` entries, at least 1 << `root`) for the code with these lengths, 0 for
 * a symbol that has none; `meanings` are the symbols' entries without the bits of the code. A code
 * has to use up all bit strings, as zlib demands; `may_lack`: or be a single one of one bit, or
 * nothing. 1 where it is so, else 0. */
int huffman_table(entry *table, size_t room, unsigned root, const uint8_t *lengths, unsigned symbols,
                  const entry *meanings, int may_lack);

#endif
