/* A plugin of qemu's user emulation: counts the instructions that a 64-bit ARM program executes, by kind.
 *
 *   qemu-aarch64 -plugin count_instructions.so,out=FILE program ...
 *
 * writes "total simd memory" to FILE when the program ends. The declarations are those of qemu's plugin interface,
 * version 1 (docs/devel/tcg-plugins), which Debian ships without its header. Kinds as in the A64 encoding index:
 * bits 25 to 28 of an instruction.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int, void *, uint64_t);
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);

EXPORT int qemu_plugin_version = 1;

enum { ADD_U64 = 0 };
enum { TOTAL, SIMD, MEMORY, KINDS };

static uint64_t counts[KINDS];
static char out[4096];

static void translated(plugin_id id, struct qemu_plugin_tb *block) {
  (void)id;
  uint64_t found[KINDS] = {0};
  const size_t number = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < number; ++i) {
    uint32_t code;
    memcpy(&code, qemu_plugin_insn_data(qemu_plugin_tb_get_insn(block, i)), sizeof code);
    const unsigned group = code >> 25 & 15;
    found[SIMD] += (group & 7) == 7;
    found[MEMORY] += (group & 5) == 4;
  }
  found[TOTAL] = number;
  for (int kind = 0; kind < KINDS; ++kind) {
    if (found[kind] > 0) qemu_plugin_register_vcpu_tb_exec_inline(block, ADD_U64, &counts[kind], found[kind]);
  }
}

static void ended(plugin_id id, void *data) {
  (void)id;
  (void)data;
  FILE *file = fopen(out, "w");
  if (file == NULL) return;
  fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", counts[TOTAL], counts[SIMD], counts[MEMORY]);
  fclose(file);
}

EXPORT int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int count, char **arguments) {
  (void)info;
  for (int i = 0; i < count; ++i) {
    if (strncmp(arguments[i], "out=", 4) == 0) snprintf(out, sizeof out, "%s", arguments[i] + 4);
  }
  if (out[0] == '\0') return -1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, ended, NULL);
  return 0;
}
