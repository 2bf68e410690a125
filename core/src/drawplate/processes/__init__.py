# SPDX-License-Identifier: Apache-2.0
"""Child processes: each has a limit, and none outlives the process that started it."""

from drawplate.processes.child import Child, start
from drawplate.processes.complete import Done, run
from drawplate.processes.crew import Crew, crew
from drawplate.processes.limits import limit
from drawplate.processes.scratch import scratch, scratch_root

__all__ = ["Child", "Crew", "Done", "crew", "limit", "run", "scratch", "scratch_root", "start"]
