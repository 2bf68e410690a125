// SPDX-License-Identifier: Apache-2.0
// Counts how often every net of a simulated design changes, from the waveform as it is written: nothing is kept.
// A net that has several names in the hierarchy has one code in the waveform, and is counted once.
//
// The result has a line "SCOPE BITS TOGGLES" per instance in the top, in the order in which they are declared.
#pragma once
#include "verilated_vcd_c.h"
#include <cstdint>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

class Toggles final : public VerilatedVcdFile {
  struct Unit {
    std::string name;
    uint64_t bits = 0, changes = 0;
  };
  struct Net {
    size_t unit = 0;
    std::string value;
  };
  std::vector<Unit> units;
  std::map<std::string, Net> nets;
  std::vector<std::string> scopes;
  std::string line;
  bool declaring = true;

  static std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> found;
    for (size_t at = 0, end; (at = text.find_first_not_of(' ', at)) != std::string::npos; at = end) {
      end = text.find(' ', at);
      if (end == std::string::npos) end = text.size();
      found.push_back(text.substr(at, end - at));
    }
    return found;
  }

  void declare(const std::string& text) {
    const auto word = words(text);
    if (word.empty()) return;
    if (word[0] == "$scope") {
      scopes.push_back(word[2]);
    } else if (word[0] == "$upscope") {
      scopes.pop_back();
    } else if (word[0] == "$enddefinitions") {
      declaring = false;
    } else if (word[0] == "$var" && scopes.size() >= DEPTH && word[4] != "clk") {
      const std::string& name = scopes[DEPTH - 1];
      if (units.empty() || units.back().name != name) units.push_back({name});
      const uint64_t bits = strtoull(word[2].c_str(), nullptr, 10);
      if (nets.emplace(word[3], Net{units.size() - 1, std::string(bits, '0')}).second) units.back().bits += bits;
    }
  }

  void change(const std::string& text) {
    if (text.empty()) return;
    std::string value, code;
    if (text[0] == 'b') {
      const size_t gap = text.find(' ');
      value = text.substr(1, gap - 1), code = text.substr(gap + 1);
    } else if (text[0] == '0' || text[0] == '1') {
      value = text.substr(0, 1), code = text.substr(1);
    } else {
      return;
    }
    const auto found = nets.find(code);
    if (found == nets.end()) return;
    std::string& before = found->second.value;
    if (value.size() < before.size()) value.insert(0, before.size() - value.size(), '0');
    if (counting)
      for (size_t bit = 0; bit < before.size(); bit++) units[found->second.unit].changes += before[bit] != value[bit];
    before = value;
  }

public:
  static constexpr size_t DEPTH = 3;  // the harness, the top, and what it is made of
  bool counting = false;

  bool open(const std::string&) override { return true; }
  void close() override {}
  ssize_t write(const char* text, ssize_t length) override {
    for (ssize_t at = 0; at < length; at++) {
      if (text[at] != '\n') {
        line += text[at];
        continue;
      }
      declaring ? declare(line) : change(line);
      line.clear();
    }
    return length;
  }
  void report(const char* path) const {
    FILE* file = fopen(path, "w");
    for (const Unit& unit : units)
      fprintf(file, "%s %llu %llu\n", unit.name.c_str(), (unsigned long long)unit.bits,
              (unsigned long long)unit.changes);
    fclose(file);
  }
};
