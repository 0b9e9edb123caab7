import type { Scale, SignalDefinition } from "./pid-definition.ts";

/**
 * What PIDs 4F and 50 of one ECU say (SAE J1979): the largest values of some scales, for sensors whose range the usual scale does not fit.
 * 0 stands for the usual scale.
 */
export type PidMaxima = {
  readonly equivalenceRatio: number;
  /** Of wide-range oxygen sensors, in V and mA. */
  readonly sensorVoltage: number;
  readonly sensorCurrent: number;
  /** kPa */
  readonly manifoldPressure: number;
  /** g/s */
  readonly airFlow: number;
};

/** Reads the data bytes of PID 4F and of PID 50; empty where the ECU does not know them. */
export function readPidMaxima(pid4f: Uint8Array, pid50: Uint8Array): PidMaxima {
  const [equivalenceRatio = 0, sensorVoltage = 0, sensorCurrent = 0, tensOfKpa = 0] = pid4f;
  const [tensOfGrams = 0] = pid50;
  return {
    equivalenceRatio,
    sensorVoltage,
    sensorCurrent,
    manifoldPressure: 10 * tensOfKpa,
    airFlow: 10 * tensOfGrams,
  };
}

/** The scale of a signal in an ECU with these maxima: the highest raw value stands for the largest one. Currents run both ways from the middle. */
export function scaleWithin(maxima: PidMaxima, pid: number, { byte, bytes, scale }: SignalDefinition): Scale {
  const isCurrent = pid >= 0x34 && pid <= 0x3b && byte === 2;
  const largest = isCurrent ? maxima.sensorCurrent : largestOf(maxima, pid, byte);
  if (largest === 0) return scale;
  if (isCurrent) return { multiply: largest, divide: 0x8000, add: -largest };
  return { multiply: largest, divide: 256 ** bytes - 1, add: 0 };
}

function largestOf(maxima: PidMaxima, pid: number, byte: number): number {
  if (pid === 0x0b) return maxima.manifoldPressure;
  if (pid === 0x10) return maxima.airFlow;
  const isWideSensor = (pid >= 0x24 && pid <= 0x2b) || (pid >= 0x34 && pid <= 0x3b);
  if (pid === 0x44 || (isWideSensor && byte === 0)) return maxima.equivalenceRatio;
  return isWideSensor ? maxima.sensorVoltage : 0;
}
