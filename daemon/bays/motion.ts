import type { RelativeBox } from "../vision/detections.ts";

/** One coordinate under a constant-velocity Kalman filter: value, velocity per second, and their covariance. */
interface Coordinate {
  readonly value: number;
  readonly velocity: number;
  readonly pValue: number;
  readonly pCross: number;
  readonly pVelocity: number;
}

/** Centre x, centre y, width, height. With diagonal noise the four are independent, so four small filters do for one of eight dimensions. */
export type Motion = readonly [Coordinate, Coordinate, Coordinate, Coordinate];

/**
 * Nobody walks and no car manoeuvres on the same course for long: predicted velocity fades with this time constant, so that a
 * sample five seconds later, or a car hidden for half a minute, is looked for near where it was and not across the picture.
 */
const VELOCITY_FADES_S = 2;
/** Detector noise as a share of the box's size. */
const MEASUREMENT_NOISE = 0.05;
/** Acceleration, in box sizes per s² (a person turning on the spot, a car braking). */
const MANOEUVRE_NOISE = 0.3;
const UNKNOWN_VELOCITY = 0.5;

export function startMotion(box: RelativeBox): Motion {
  const size = sizeOf(box);
  const start = (value: number): Coordinate => ({
    value,
    velocity: 0,
    pValue: (MEASUREMENT_NOISE * size) ** 2,
    pCross: 0,
    pVelocity: (UNKNOWN_VELOCITY * size) ** 2,
  });
  return each(measured(box), start);
}

/** Where it will be `seconds` later. */
export function predict(motion: Motion, seconds: number): Motion {
  if (seconds <= 0) return motion;
  const fade = Math.exp(-seconds / VELOCITY_FADES_S);
  const reach = VELOCITY_FADES_S * (1 - fade);
  const size = sizeOf(boxOf(motion));
  const manoeuvre = (MANOEUVRE_NOISE * size) ** 2;
  const t = Math.min(seconds, 5);
  return each(motion, ({ value, velocity, pValue, pCross, pVelocity }) => ({
    value: value + velocity * reach,
    velocity: velocity * fade,
    pValue: pValue + 2 * reach * pCross + reach * reach * pVelocity + (manoeuvre * t ** 3) / 3,
    pCross: fade * (pCross + reach * pVelocity) + (manoeuvre * t ** 2) / 2,
    pVelocity: fade * fade * pVelocity + manoeuvre * t,
  }));
}

/** Corrects a prediction by what was measured. */
export function correct(motion: Motion, box: RelativeBox): Motion {
  const noise = (MEASUREMENT_NOISE * sizeOf(box)) ** 2;
  const [x, y, width, height] = measured(box);
  const by = (c: Coordinate, value: number): Coordinate => {
    const gain = c.pValue / (c.pValue + noise);
    const velocityGain = c.pCross / (c.pValue + noise);
    const surprise = value - c.value;
    return {
      value: c.value + gain * surprise,
      velocity: c.velocity + velocityGain * surprise,
      pValue: (1 - gain) * c.pValue,
      pCross: (1 - gain) * c.pCross,
      pVelocity: c.pVelocity - velocityGain * c.pCross,
    };
  };
  return [by(motion[0], x), by(motion[1], y), by(motion[2], width), by(motion[3], height)];
}

export function boxOf([x, y, width, height]: Motion): RelativeBox {
  const [w, h] = [Math.max(1e-4, width.value), Math.max(1e-4, height.value)];
  return [x.value - w / 2, y.value - h / 2, x.value + w / 2, y.value + h / 2];
}

function measured([x1, y1, x2, y2]: RelativeBox): readonly [number, number, number, number] {
  return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1];
}

function sizeOf([x1, y1, x2, y2]: RelativeBox): number {
  return Math.max(1e-3, Math.hypot(x2 - x1, y2 - y1));
}

function each<T>([a, b, c, d]: readonly [T, T, T, T], change: (item: T) => Coordinate): Motion {
  return [change(a), change(b), change(c), change(d)];
}
