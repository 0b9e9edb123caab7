import { Counter, Gauge, type Registry } from "prom-client";
import type { Cameras } from "../cameras/index.ts";
import type { Journal } from "../journal/journal.ts";
import type { Vision } from "../vision/index.ts";

/** Figures of cameras, dongles, vision and journal for `/metrics`, read when they are asked for. */
export function registerGatewayMetrics(
  registry: Registry,
  parts: {
    readonly cameras: Cameras;
    readonly vision: Vision;
    readonly journal: Journal;
    dongles(): readonly (readonly [dongle: string, isOnline: boolean])[];
  },
): void {
  const { cameras, vision, journal } = parts;
  perCamera("baygate_camera_frames_received_total", "Frames that arrived, whole or not", () =>
    [...cameras.status()].map(([camera, status]) => [camera, status.received]),
  );
  perCamera("baygate_camera_frames_refused_total", "Frames refused by their header", () =>
    [...cameras.status()].map(([camera, status]) => [camera, status.refused]),
  );
  perCamera("baygate_camera_frames_dropped_total", "Frames that a newer one replaced before they were looked at", () =>
    [...cameras.status()].map(([camera, status]) => [
      camera,
      status.dropped + (vision.status().perCamera.get(camera)?.dropped ?? 0),
    ]),
  );
  perCamera("baygate_camera_frames_processed_total", "Frames that were looked at", () =>
    [...vision.status().perCamera].map(([camera, status]) => [camera, status.processed]),
  );
  new Gauge({
    name: "baygate_dongle_online",
    help: "Whether the dongle is heard",
    labelNames: ["dongle"],
    registers: [registry],
    collect() {
      for (const [dongle, isOnline] of parts.dongles()) this.set({ dongle }, isOnline ? 1 : 0);
    },
  });
  new Gauge({
    name: "baygate_journal_records",
    help: "Records in the journal by stream",
    labelNames: ["stream"],
    registers: [registry],
    collect() {
      for (const [stream, count] of Object.entries(journal.statistics().records)) this.set({ stream }, count);
    },
  });
  new Gauge({
    name: "baygate_journal_commit_p99_ms",
    help: "Commit of the journal, 99th percentile of the last minute",
    registers: [registry],
    collect() {
      this.set(journal.statistics().commitP99Ms);
    },
  });

  function perCamera(
    name: string,
    help: string,
    read: () => readonly (readonly [camera: string, count: number])[],
  ): void {
    new Counter({
      name,
      help,
      labelNames: ["camera"],
      registers: [registry],
      collect() {
        this.reset();
        for (const [camera, count] of read()) this.inc({ camera }, count);
      },
    });
  }
}
