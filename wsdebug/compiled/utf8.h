/* UTF-8 (RFC 3629), whole texts only: what is wrong with one is said in Python. */
#ifndef WSDEBUG_UTF8_H
#define WSDEBUG_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* 1 where the text is UTF-8 from its first byte to its last, else 0. */
int is_utf8(const uint8_t *text, size_t size);

#endif
