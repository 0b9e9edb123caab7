// AssemblyScript, a part of reduce.ts: rows of reduced planes become rows of the network's picture. It knows addresses and numbers only.

/** Fraction bits of resampling weights. */
const WEIGHT_BITS: i32 = 14;

const scratch = memory.data(32, 16);

/** For each of `count` positions (`room` fit the table): four i16 weights that sum to one, and behind all weights the i32 index of the first. */
export function writeTaps(table: usize, count: i32, room: i32, available: i32, ratio: f64): void {
  const radius = max(1.0, ratio);
  for (let index = 0; index < room; index++) {
    const centre = (<f64>min(index, count - 1) + 0.5) * ratio - 0.5;
    const first = <i32>Math.floor(centre - radius) + 1;
    const base = max(0, min(first, available - 4));
    const weights = table + <usize>(index * 8);
    store<u64>(weights, 0);
    let sum: f64 = 0;
    for (let tap = 0; tap < 4; tap++) sum += max(0.0, 1 - Math.abs(<f64>(first + tap) - centre) / radius);
    let given = 0;
    let heaviest = 0;
    for (let tap = 0; tap < 4; tap++) {
      const share = max(0.0, 1 - Math.abs(<f64>(first + tap) - centre) / radius) / sum;
      const weight = <i32>Math.round(share * <f64>(1 << WEIGHT_BITS));
      // The picture's edge repeats.
      const at = max(0, min(first + tap, available - 1)) - base;
      const stored = <i32>load<i16>(weights + <usize>(at * 2)) + weight;
      store<i16>(weights + <usize>(at * 2), <i16>stored);
      given += weight;
      if (stored > <i32>load<i16>(weights + <usize>(heaviest * 2))) heaviest = at;
    }
    const rest = (1 << WEIGHT_BITS) - given;
    const corrected = <i32>load<i16>(weights + <usize>(heaviest * 2)) + rest;
    store<i16>(weights + <usize>(heaviest * 2), <i16>corrected);
    store<i32>(table + <usize>(room * 8 + index * 4), base);
  }
}

/** One row out of four, 16 samples a step. Rows beyond the plane have no weight and are not read. */
export function blendRows(from: usize, pitch: i32, most: i32, weights: usize, to: usize): void {
  const row1 = from + <usize>(min(1, most) * pitch);
  const row2 = from + <usize>(min(2, most) * pitch);
  const row3 = from + <usize>(min(3, most) * pitch);
  const w01 = v128.load32_splat(weights);
  const w23 = v128.load32_splat(weights, 4);
  const half = i32x4.splat(1 << (WEIGHT_BITS - 1));
  for (let x = 0; x < pitch; x += 8) {
    const a = i16x8.extend_low_i8x16_u(v128.load64_zero(from + x));
    const b = i16x8.extend_low_i8x16_u(v128.load64_zero(row1 + x));
    const c = i16x8.extend_low_i8x16_u(v128.load64_zero(row2 + x));
    const d = i16x8.extend_low_i8x16_u(v128.load64_zero(row3 + x));
    const low = i32x4.add(
      i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), w01),
      i32x4.dot_i16x8_s(v128.shuffle<i16>(c, d, 0, 8, 1, 9, 2, 10, 3, 11), w23),
    );
    const high = i32x4.add(
      i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), w01),
      i32x4.dot_i16x8_s(v128.shuffle<i16>(c, d, 4, 12, 5, 13, 6, 14, 7, 15), w23),
    );
    const words = i16x8.narrow_i32x4_s(
      i32x4.shr_s(i32x4.add(low, half), WEIGHT_BITS),
      i32x4.shr_s(i32x4.add(high, half), WEIGHT_BITS),
    );
    v128.store64_lane(to + x, i8x16.narrow_i16x8_u(words, words), 0);
  }
}

/** One row resampled, four positions a step. */
export function resampleRow(from: usize, table: usize, count: i32, to: usize): void {
  const starts = table + <usize>((count + 8) * 8);
  const half = i32x4.splat(1 << (WEIGHT_BITS - 1));
  for (let x = 0; x < count; x += 4) {
    const at = starts + (<usize>x << 2);
    const weights = table + (<usize>x << 3);
    const first = v128.load32_lane(from + load<i32>(at, 4), v128.load32_zero(from + load<i32>(at)), 1);
    const second = v128.load32_lane(from + load<i32>(at, 12), v128.load32_zero(from + load<i32>(at, 8)), 1);
    const a = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(first), v128.load(weights));
    const b = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(second), v128.load(weights, 16));
    const sums = i32x4.add(v128.shuffle<i32>(a, b, 0, 2, 4, 6), v128.shuffle<i32>(a, b, 1, 3, 5, 7));
    const words = i32x4.shr_s(i32x4.add(sums, half), WEIGHT_BITS);
    v128.store64_lane(to + (<usize>x << 1), i16x8.narrow_i32x4_s(words, words), 0);
  }
}

/**
 * ITU-T T.871 conversion, eight pixels a step; a grey picture has its level in all three.
 * @param rows Y, and behind it, `rowBytes` apart, Cb and Cr, i16
 */
export function writeRow(rows: usize, rowBytes: usize, grey: bool, to: usize, count: i32, swapped: bool): void {
  const middle = i16x8.splat(128);
  const none = i16x8.splat(0);
  let at = to;
  for (let x = 0; x < count; x += 8) {
    const from = rows + (<usize>x << 1);
    const y = v128.load(from);
    const cb = grey ? none : i16x8.sub(v128.load(from + rowBytes), middle);
    const cr = grey ? none : i16x8.sub(v128.load(from + rowBytes * 2), middle);
    // 0.402, 0.34414, 0.71414 and 0.772 in 1/32768.
    const red = i16x8.add(y, i16x8.add(cr, i16x8.q15mulr_sat_s(cr, i16x8.splat(13173))));
    const green = i16x8.sub(
      y,
      i16x8.add(i16x8.q15mulr_sat_s(cb, i16x8.splat(11277)), i16x8.q15mulr_sat_s(cr, i16x8.splat(23401))),
    );
    const blue = i16x8.add(y, i16x8.add(cb, i16x8.q15mulr_sat_s(cb, i16x8.splat(25297))));
    const outer = swapped ? blue : red;
    const pair = i8x16.narrow_i16x8_u(outer, green);
    const last = i8x16.narrow_i16x8_u(swapped ? red : blue, none);
    const head = v128.shuffle<u8>(pair, last, 0, 8, 16, 1, 9, 17, 2, 10, 18, 3, 11, 19, 4, 12, 20, 5);
    const tail = v128.shuffle<u8>(pair, last, 13, 21, 6, 14, 22, 7, 15, 23, 0, 0, 0, 0, 0, 0, 0, 0);
    if (x + 8 <= count) {
      v128.store(at, head);
      v128.store64_lane(at + 16, tail, 0);
      at += 24;
    } else {
      // The last pixels one by one, since the next row begins behind them.
      v128.store(scratch, head);
      v128.store64_lane(scratch + 16, tail, 0);
      memory.copy(at, scratch, <usize>((count - x) * 3));
    }
  }
}
