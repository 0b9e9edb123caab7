import {
  type DtcTable,
  decimalRun,
  driver,
  driverHigh,
  driverLow,
  type Entry,
  fault,
  hexRun,
  numbers,
  oxygenSensor,
  part,
  performance,
  range,
} from "../wording.ts";

const nox = (en: string, zh: string) => part("reductant", `NOx limit exceeded: ${en}`, `氮氧化物超标:${zh}`);
const valves = (n: number): readonly Entry[] => {
  const intake = part("cylinder-cut-off", `Cylinder ${n} deactivation or intake valve`, `${n}缸停缸/进气门控制`);
  const exhaust = part("cylinder-cut-off", `Cylinder ${n} exhaust valve`, `${n}缸排气门控制`);
  return [intake, exhaust].flatMap((valve) => [driver(valve), performance(valve), driverLow(valve), driverHigh(valve)]);
};
const deactivation = (bank: number) =>
  fault(part("cylinder-cut-off", `Cylinder deactivation system, bank ${bank}`, `停缸系统 ${bank}排`));

/** P2A00 to P2A05 and P2BA7 to P2BAE: oxygen sensors and NOx monitoring. */
export const P2A_P2B: DtcTable = {
  ...hexRun(
    "P2A00",
    [1, 2].flatMap((bank) => [1, 2, 3].map((position) => range(oxygenSensor(bank, position)))),
  ),
  ...hexRun("P2BA7", [
    nox("reductant tank empty", "尿素箱已空"),
    nox("dosing interrupted", "尿素喷射中断"),
    nox("reductant quality", "尿素品质不足"),
    nox("reductant consumption too low", "尿素消耗过低"),
    nox("EGR flow incorrect", "EGR流量不正确"),
    nox("EGR deactivated", "EGR被停用"),
    nox("cause unknown", "原因不明"),
    nox("monitoring system fault", "监测系统故障"),
  ]),
};

/** P34xx: cylinder deactivation. */
export const P34: DtcTable = {
  P3400: deactivation(1),
  // P3401 to P3496: eight codes for each of twelve cylinders.
  ...decimalRun("P3401", numbers(12).flatMap(valves)),
  P3497: deactivation(2),
};
