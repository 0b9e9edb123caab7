import { expect, test } from "vitest";
import { decodeMonitorStatus, type Monitor } from "./readiness.ts";

function names(monitors: readonly Monitor[], wanted: (monitor: Monitor) => boolean): string[] {
  return monitors.filter(wanted).map((monitor) => monitor.name);
}

test("83 07 FF 00: lamp on, three codes, spark ignition, everything supported and complete", () => {
  const status = decodeMonitorStatus(0x83, 0x07, 0xff, 0x00);
  expect(status).toMatchObject({ milOn: true, dtcCount: 3, ignition: "spark" });
  expect(status.monitors).toHaveLength(11);
  expect(status.monitors.every((monitor) => monitor.supported && monitor.complete)).toBe(true);
});

test("a petrol car after clearing: catalyst, evaporative system and sensors are not complete", () => {
  const { monitors, milOn } = decodeMonitorStatus(0x00, 0x07, 0xe5, 0xe5);
  expect(milOn).toBe(false);
  expect(names(monitors, (monitor) => monitor.supported && !monitor.complete)).toEqual([
    "catalyst",
    "evaporative-system",
    "oxygen-sensor",
    "oxygen-sensor-heater",
    "egr-vvt",
  ]);
});

test("bit 4 of a petrol engine is its particulate filter", () => {
  const { monitors } = decodeMonitorStatus(0x00, 0x07, 0x71, 0x10);
  expect(names(monitors, (monitor) => monitor.supported && !monitor.complete)).toEqual(["particulate-filter"]);
});

test("bits 4 to 6 of B say that a continuous monitor is not complete", () => {
  const { monitors } = decodeMonitorStatus(0x00, 0x27, 0x00, 0x00);
  expect(names(monitors, (monitor) => !monitor.complete)).toEqual(["fuel-system"]);
});

test("compression ignition has its own monitors and no reserved ones", () => {
  const { ignition, monitors } = decodeMonitorStatus(0x00, 0x0e, 0xeb, 0x40);
  expect(ignition).toBe("compression");
  expect(names(monitors, (monitor) => monitor.supported)).toEqual([
    "fuel-system",
    "comprehensive-components",
    "nmhc-catalyst",
    "nox-aftertreatment",
    "boost-pressure",
    "exhaust-gas-sensor",
    "particulate-filter",
    "egr-vvt",
  ]);
  expect(names(monitors, (monitor) => !monitor.complete)).toEqual(["particulate-filter"]);
});
