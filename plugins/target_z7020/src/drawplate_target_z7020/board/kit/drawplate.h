/* SPDX-License-Identifier: Apache-2.0
 * A drawplate design behind Xilinx' AXI DMA in simple mode, without an operating system; see PG021 for its registers.
 * Not yet tried on a board.  drawplate_stream.h, made with the design, says how words are packed.
 *
 *   uint64_t source[DRAWPLATE_IN_WORDS], target[DRAWPLATE_OUT_WORDS];
 *   drawplate_pack(values, source);                    // DRAWPLATE_IN_ELEMENTS integers
 *   Xil_DCacheFlushRange((UINTPTR)source, sizeof source);
 *   drawplate_run(XPAR_AXIDMA_0_BASEADDR, source, target, 1);
 *   Xil_DCacheInvalidateRange((UINTPTR)target, sizeof target);
 *   drawplate_unpack(target, results);                 // DRAWPLATE_OUT_ELEMENTS integers
 */
#ifndef DRAWPLATE_H
#define DRAWPLATE_H
#include <stdint.h>
#include "drawplate_stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Returned by drawplate_pack and drawplate_run. */
enum { DRAWPLATE_OK = 0, DRAWPLATE_NO_CODE = -1, DRAWPLATE_DMA_ERROR = -2, DRAWPLATE_TOO_LONG = -3 };

/* Pack one frame, channels innermost.  DRAWPLATE_NO_CODE where a value is none of the input type. */
int drawplate_pack(const int32_t *values, uint64_t *words);

/* Unpack one frame of results. */
void drawplate_unpack(const uint64_t *words, int64_t *values);

/* Send frames and wait for their results; buffers are physical addresses, and caches are the caller's. */
int drawplate_run(uintptr_t dma, const uint64_t *source, uint64_t *target, uint32_t frames);

#ifdef __cplusplus
}
#endif
#endif
