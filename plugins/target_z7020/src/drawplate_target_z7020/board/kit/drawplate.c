/* SPDX-License-Identifier: Apache-2.0 */
#include "drawplate.h"

#include <string.h>

/* Registers of the AXI DMA in simple mode (PG021, table "Direct Register Mode Register Address Map"). */
enum { MM2S = 0x00, S2MM = 0x30, CONTROL = 0x00, STATUS = 0x04, ADDRESS = 0x18, ADDRESS_HIGH = 0x1c, LENGTH = 0x28 };
enum { RUN = 1u << 0, RESET = 1u << 2, IDLE = 1u << 1, ERRORS = 0x70u };
#define LONGEST ((1u << 26) - 1u)

#ifndef DRAWPLATE_WRITE
#define DRAWPLATE_WRITE(address, value) (*(volatile uint32_t *)(address) = (value))
#define DRAWPLATE_READ(address) (*(volatile uint32_t *)(address))
#endif

/* Bits of `words` from `at` on; a code may lie across two bus words. */
static void put(uint64_t *words, uint64_t at, unsigned bits, uint64_t code) {
  unsigned low = (unsigned)(at & 63);
  words[at >> 6] |= code << low;
  if (low + bits > 64) words[(at >> 6) + 1] |= code >> (64 - low);
}

static uint64_t get(const uint64_t *words, uint64_t at, unsigned bits) {
  unsigned low = (unsigned)(at & 63);
  uint64_t code = words[at >> 6] >> low;
  if (low + bits > 64) code |= words[(at >> 6) + 1] << (64 - low);
  return bits == 64 ? code : code & (((uint64_t)1 << bits) - 1);
}

int drawplate_pack(const int32_t *values, uint64_t *words) {
  const uint32_t whole = (DRAWPLATE_IN_BEATS - 1) * DRAWPLATE_IN_LANES;
  /* Where the last word is not full, its elements sit in the highest lanes. */
  const uint32_t spare = DRAWPLATE_IN_BEATS * DRAWPLATE_IN_LANES - DRAWPLATE_IN_ELEMENTS;
  memset(words, 0, sizeof(uint64_t) * DRAWPLATE_IN_WORDS);
  for (uint32_t element = 0; element < DRAWPLATE_IN_ELEMENTS; element++) {
    int64_t above = (int64_t)values[element] - DRAWPLATE_IN_LOW;
    int64_t code = above / DRAWPLATE_IN_STEP;
    if (above < 0 || above % DRAWPLATE_IN_STEP || code >> DRAWPLATE_IN_BITS) return DRAWPLATE_NO_CODE;
    uint32_t place = element < whole ? element : element + spare;
    uint32_t beat = place / DRAWPLATE_IN_LANES, lane = place % DRAWPLATE_IN_LANES;
    put(words, (uint64_t)beat * DRAWPLATE_IN_STRIDE + (uint64_t)lane * DRAWPLATE_IN_BITS, DRAWPLATE_IN_BITS, (uint64_t)code);
  }
  return DRAWPLATE_OK;
}

void drawplate_unpack(const uint64_t *words, int64_t *values) {
  for (uint32_t element = 0; element < DRAWPLATE_OUT_ELEMENTS; element++) {
    uint32_t beat = element / DRAWPLATE_OUT_LANES, lane = element % DRAWPLATE_OUT_LANES;
    uint64_t at = (uint64_t)beat * DRAWPLATE_OUT_STRIDE + (uint64_t)lane * DRAWPLATE_OUT_BITS;
    values[element] = DRAWPLATE_OUT_LOW + DRAWPLATE_OUT_STEP * (int64_t)get(words, at, DRAWPLATE_OUT_BITS);
  }
}

static void start(uintptr_t channel, uintptr_t buffer) {
  DRAWPLATE_WRITE(channel + CONTROL, RUN);
  DRAWPLATE_WRITE(channel + ADDRESS, (uint32_t)buffer);
  DRAWPLATE_WRITE(channel + ADDRESS_HIGH, (uint32_t)((uint64_t)buffer >> 32));
}

static int finished(uintptr_t channel) {
  for (;;) {
    uint32_t status = DRAWPLATE_READ(channel + STATUS);
    if (status & ERRORS) return DRAWPLATE_DMA_ERROR;
    if (status & IDLE) return DRAWPLATE_OK;
  }
}

int drawplate_run(uintptr_t dma, const uint64_t *source, uint64_t *target, uint32_t frames) {
  uint64_t sent = (uint64_t)frames * DRAWPLATE_IN_WORDS * 8, received = (uint64_t)frames * DRAWPLATE_OUT_WORDS * 8;
  if (sent > LONGEST || received > LONGEST) return DRAWPLATE_TOO_LONG;
  if (!frames) return DRAWPLATE_OK;
  DRAWPLATE_WRITE(dma + MM2S + CONTROL, RESET);
  while (DRAWPLATE_READ(dma + MM2S + CONTROL) & RESET) {
  }
  start(dma + S2MM, (uintptr_t)target);
  start(dma + MM2S, (uintptr_t)source);
  /* Writing a length starts a channel: the one that receives first. */
  DRAWPLATE_WRITE(dma + S2MM + LENGTH, (uint32_t)received);
  DRAWPLATE_WRITE(dma + MM2S + LENGTH, (uint32_t)sent);
  int end = finished(dma + MM2S);
  return end ? end : finished(dma + S2MM);
}
