// What a program does at its start that loads Paddle-Lite: it prints at will, aborts and hangs.
#pragma once

#include <vector>

namespace runner {

// Keeps standard output for ourselves: a descriptor for it, while what the library prints goes to stderr.
int claim_stdout();

// Paddle-Lite aborts on bad input; a core file for every one would be no help to anyone.
void forbid_core_files();

// Lets this process, and what it starts, run on these cores alone. Raises RunnerError.
void bind_to(const std::vector<int>& cores);

// Numbers of the cores this process may use; empty where the system does not tell.
std::vector<int> allowed_cores();

// A reader that goes away is an error of the write, not the end of the process.
void ignore_closed_pipes();

// Ends this process when the other end of a pipe closes, that is, when whoever started it is gone. The kernel
// does it, by SIGIO, also while the library computes.
void end_with(int lifeline);

}  // namespace runner
