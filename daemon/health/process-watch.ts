import { monitorEventLoopDelay } from "node:perf_hooks";
import { collectDefaultMetrics, Gauge, type Registry } from "prom-client";
import { cpuTemperature } from "systeminformation";

/** Delay of the event loop since the window began, in milliseconds. */
export interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const RESOLUTION_MS = 10;

/** Measures how long the event loop keeps people and devices waiting. */
export class LoopDelayMonitor {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** The figures so far; `reset` begins a new window. */
  read(reset = false): LoopDelay {
    const ms = (nanoseconds: number) =>
      Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS) : 0;
    const delay = {
      p50Ms: ms(this.#histogram.percentile(50)),
      p99Ms: ms(this.#histogram.percentile(99)),
      maxMs: ms(this.#histogram.max),
    };
    if (reset) this.#histogram.reset();
    return delay;
  }
}

/** Temperature of the processor in °C; null where the machine tells none (virtual machines). */
export async function temperatureC(): Promise<number | null> {
  try {
    const { main } = await cpuTemperature();
    return typeof main === "number" && main > -50 && main < 150 ? main : null;
  } catch {
    return null;
  }
}

/** Gauges of the process for `/metrics`. */
export function registerProcessMetrics(
  registry: Registry,
  loop: LoopDelayMonitor,
  streams: { readonly recordsWaiting: () => number },
): void {
  collectDefaultMetrics({ register: registry, prefix: "baygate_" });
  gauge(
    registry,
    "baygate_loop_delay_p99_ms",
    "Event-loop delay, 99th percentile since start, beyond the timer's own resolution",
    () => loop.read().p99Ms,
  );
  gauge(registry, "baygate_records_waiting", "Records that headquarters has not confirmed", streams.recordsWaiting);
}

function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value());
    },
  });
}
