import { expect, it } from "vitest";
import type { DongleSignals } from "../contract/payloads.ts";
import { TOPICS } from "../contract/topics.ts";
import { ManualClock } from "../machine/manual-clock.ts";
import { SignalGatherer } from "./signals.ts";

function gatherer() {
  const clock = new ManualClock();
  const told: DongleSignals[] = [];
  const reports = { signals: (signals: DongleSignals) => void told.push(signals) };
  return { clock, told, signals: new SignalGatherer({ clock, reports }) };
}

it("values go on together where one message holds them", () => {
  const { clock, told, signals } = gatherer();
  for (let n = 1; n <= 500; n++) signals.add(`cell-voltage.${n}`, 3.9 + n / 1000);
  clock.advance(200);
  expect(told.map(({ signals }) => signals.length)).toEqual([500]);
});

it("values that one message does not hold go on in several, none larger than the broker takes, and none is lost", () => {
  const { clock, told, signals } = gatherer();
  for (let n = 0; n < 2_000; n++)
    signals.add(`${n}${"\u0001".repeat(70)}`, "车".repeat(200), { unit: "\u0001".repeat(20) });
  clock.advance(200);
  for (const message of told)
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThanOrEqual(TOPICS.dongleSignals.maxBytes);
  expect(told.flatMap(({ signals }) => signals)).toHaveLength(2_000);
});
