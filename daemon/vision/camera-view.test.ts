import Value from "typebox/value";
import { expect, test } from "vitest";
import { CameraId } from "../../contract/ids.ts";
import { ManualClock } from "../../machine/manual-clock.ts";
import { CameraView } from "./camera-view.ts";
import type { Frame } from "./scheduler.ts";
import type { SeenMessage } from "./worker/messages.ts";

const KEEP_ALIVE_MS = 2_500;
const clock = new ManualClock();
const signature = Uint8Array.of(1, 1, 100);
const frame = (number: number): Frame => ({
  number,
  cameraId: Value.Parse(CameraId, "north"),
  jpeg: Buffer.alloc(0),
  at: clock.stamp(),
  deaths: 0,
});
const still: SeenMessage = { kind: "seen", frame: 0, width: 64, height: 48, signature, cpuMs: 0 };
const looked: SeenMessage = { ...still, detections: [], covers: [], lookMs: 1 };

/** Shows a view one frame each 200 ms. @returns the milliseconds at which the network had to look */
function looksOf(view: CameraView, frames: number): number[] {
  const looks: number[] = [];
  for (let number = 0; number < frames; number++) {
    const nowMs = number * 200;
    const due = view.reference(frame(number), nowMs, KEEP_ALIVE_MS) === undefined;
    if (due) looks.push(nowMs);
    view.result(frame(number), due ? looked : still, nowMs);
  }
  return looks;
}

test("a still scene is looked at again when it is due, and half as often once the camera is calm", () => {
  const looks = looksOf(new CameraView(), 100);
  // The first look, one that comes due before or just as the camera is calm, and from there on one every five seconds.
  expect(looks.slice(0, 2)).toEqual([0, 5_000]);
  expect(looks.slice(1).map((at, index) => at - (looks[index] ?? 0))).toEqual([5_000, 5_000, 5_000]);
});

test("a camera before which something moved is not calm", () => {
  const view = new CameraView();
  looksOf(view, 20);
  // The gate let a frame through that was not due.
  view.reference(frame(100), 4_000, KEEP_ALIVE_MS);
  view.result(frame(100), looked, 4_000);
  expect(view.reference(frame(101), 6_400, KEEP_ALIVE_MS)).toBeDefined();
  expect(view.reference(frame(102), 6_500, KEEP_ALIVE_MS)).toBeUndefined();
});
