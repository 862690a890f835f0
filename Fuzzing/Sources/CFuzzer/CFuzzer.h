#pragma once
#include <stddef.h>
#include <stdint.h>

/// The loop of libFuzzer, for programs with their own `main`.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *bytes, size_t count));
