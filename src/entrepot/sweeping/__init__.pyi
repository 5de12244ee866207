from .sweep_result import Sweep as Sweep
