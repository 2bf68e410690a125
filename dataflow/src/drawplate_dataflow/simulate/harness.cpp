// SPDX-License-Identifier: Apache-2.0
// Drives a design's input stream, collects its output stream, and notes when every frame entered and left.
//
// usage: harness INPUT OUTPUT TIMES FRAMES IN_BEATS OUT_BEATS VALID READY SEED
//   INPUT, OUTPUT  words of 32-bit little-endian chunks; TIMES gets two 64-bit clocks per frame: first in, last out
//   VALID, READY   per cent of clocks in which the input is offered and the output is accepted
// Exit status 3: nothing moved for a long time (the design is stuck).
#include "Vdrawplate_top.h"
#include "verilated.h"
#ifdef TRACE
#include "verilated_vcd_c.h"
#endif
#ifdef TOGGLES
#include "toggles.h"
#endif
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

constexpr size_t IN_CHUNKS = (S_WIDTH + 31) / 32, OUT_CHUNKS = (M_WIDTH + 31) / 32;
constexpr int64_t PATIENCE = 4000000;

template <class T> void put(T& port, const uint32_t* chunks) {
  uint64_t value = chunks[0];
  if (IN_CHUNKS > 1) value |= static_cast<uint64_t>(chunks[1]) << 32;
  port = static_cast<T>(value);
}
template <std::size_t N> void put(VlWide<N>& port, const uint32_t* chunks) {
  for (size_t i = 0; i < N; i++) port[i] = chunks[i];
}
template <class T> void get(const T& port, uint32_t* chunks) {
  chunks[0] = static_cast<uint32_t>(port);
  if (OUT_CHUNKS > 1) chunks[1] = static_cast<uint32_t>(static_cast<uint64_t>(port) >> 32);
}
template <std::size_t N> void get(const VlWide<N>& port, uint32_t* chunks) {
  for (size_t i = 0; i < N; i++) chunks[i] = port[i];
}

int main(int argc, char** argv) {
  if (argc != 10) return 2;
  const int64_t frames = atoll(argv[4]), in_beats = atoll(argv[5]), out_beats = atoll(argv[6]);
  const unsigned valid = atoi(argv[7]), ready = atoi(argv[8]);
  std::mt19937 random(atoi(argv[9]));
  auto chance = [&](unsigned percent) { return percent >= 100 || random() % 100 < percent; };
  std::ifstream source(argv[1], std::ios::binary);
  std::vector<char> bytes((std::istreambuf_iterator<char>(source)), std::istreambuf_iterator<char>());
  std::vector<uint32_t> input(bytes.size() / 4);
  memcpy(input.data(), bytes.data(), input.size() * 4);
  std::vector<uint32_t> output(frames * out_beats * OUT_CHUNKS);
  std::vector<int64_t> times(2 * frames);
  std::ofstream left("left.txt", std::ios::binary);

  VerilatedContext context;
  context.traceEverOn(true);
  Vdrawplate_top top{&context};
#ifdef TOGGLES
  Toggles toggles;
  VerilatedVcdC trace{&toggles};
#elif defined(TRACE)
  VerilatedVcdC trace;
#endif
#ifdef TRACE
  top.trace(&trace, 99);
  trace.open("trace.vcd");
#endif
  uint64_t instant = 0;
  auto phase = [&](int level) {
    top.clk = level;
    top.eval();
#ifdef TRACE
    trace.dump(instant);
#endif
    instant += 5;
  };
  top.rst = 1;
  top.s_valid = 0;
  top.m_ready = 0;
  for (int i = 0; i < 4; i++) phase(0), phase(1);
  top.rst = 0;
#ifdef TOGGLES
  trace.flush();
  toggles.counting = true;
#endif

  int64_t sent = 0, got = 0, clock = 0, moved = 0;
  const int64_t to_send = frames * in_beats, to_get = frames * out_beats;
  bool offered = false;
  while (got < to_get && clock - moved < PATIENCE) {
    // A word that was offered and not taken stays on offer: valid must not fall.
    offered = sent < to_send && (offered || chance(valid));
    top.s_valid = offered;
    if (offered) put(top.s_data, &input[sent * IN_CHUNKS]);
    top.m_ready = chance(ready);
    phase(0);
    if (top.s_valid && top.s_ready) {
      if (sent % in_beats == 0) times[2 * (sent / in_beats)] = clock;
      sent++, moved = clock, offered = false;
    }
    if (top.m_valid && top.m_ready) {
      get(top.m_data, &output[got * OUT_CHUNKS]);
      got++, moved = clock;
      if (got % out_beats == 0) {
        times[2 * (got / out_beats) - 1] = clock;
        left.put('.').flush();  // a byte per frame: whoever waits looks at the size of this file
      }
    }
    phase(1);
    clock++;
  }
  top.final();
#ifdef TRACE
  trace.close();
#endif
#ifdef TOGGLES
  toggles.report("toggles.txt");
#endif
  std::ofstream(argv[2], std::ios::binary)
      .write(reinterpret_cast<const char*>(output.data()), got * OUT_CHUNKS * 4);
  std::ofstream(argv[3], std::ios::binary).write(reinterpret_cast<const char*>(times.data()), times.size() * 8);
  printf("%lld %lld %lld\n", (long long)clock, (long long)sent, (long long)got);
  return got == to_get ? 0 : 3;
}
