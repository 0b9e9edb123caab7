// AssemblyScript: compiled to ../reduce.wasm by `npm run build:jpeg`. It runs in WebAssembly, so a hostile picture reaches nothing but this
// memory.
//
// A baseline JPEG decoder (ITU-T T.81) that reduces while it decodes: each block of 8 × 8 becomes 1, 2 or 4 samples a side straight from
// its lowest coefficients, and the bits of the others are passed over several symbols at a time. What it does not do (progressive, arithmetic,
// 12 bit, four components, a colour profile) it says, and another decoder takes the picture.

import { blendRows, resampleRow, writeRow, writeTaps } from "./resample";

const OK: i32 = 0;
const UNSUPPORTED: i32 = 1;
const DAMAGED: i32 = 2;

/** Most components of a picture that is taken: luminance and two of chrominance. */
const MAX_COMPONENTS: i32 = 3;
/** Bits that one table look-up sees. Twelve: both alternating-current tables together stay within a first-level cache. */
const PEEK_BITS: i32 = 12;
const PEEK_SIZE: i32 = 1 << PEEK_BITS;
/** Fraction bits of dequantised coefficients. */
const SCALE_BITS: i32 = 10;

// Tables, four of each class: index = class * 4 + destination. A table is kept between pictures while its definition stays the same.
/** u16 per entry: code length 1..12, size << 5, run << 9; 0 where the code is longer or there is none. */
const single = memory.data(8 * PEEK_SIZE * 2);
/** u16 per entry, alternating current only: bits 1..12, run << 5 (7 bits), end of block << 12; 0 where not even one symbol fits. */
const several = memory.data(4 * PEEK_SIZE * 2);
/** i32 per length 1..17: codes of this length are below it (left-aligned to 16 bits); beside it the offset into the values. */
const limits = memory.data(8 * 18 * 4);
const offsets = memory.data(8 * 18 * 4);
const values = memory.data(8 * 256);
/** 16 counts and 256 values of the definition that each table was built from. */
const definitions = memory.data(8 * 272);
const defined = memory.data(8);

/** u16 × 64 in zigzag order, four tables. */
const quantisation = memory.data(4 * 64 * 2);
const quantised = memory.data(4);
/** f32 × 32 per component: quantiser times everything that the reduced transform multiplies by, zigzag order. */
const factors = memory.data(MAX_COMPONENTS * 32 * 4);
/** f32 × 16: coefficients of the block at hand, rows of four. */
const block = memory.data(16 * 4, 16);

/** Place in a 4 × 4 block (row * 4 + column) of each zigzag index below 25; 255 for what a reduced block leaves out. */
const place = memory.data<u8>([
  0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 255, 13, 10, 7, 255, 255, 255, 11, 14, 255, 255, 255, 255, 255, 15,
]);

// One i32 each per component.
const horizontal = memory.data(MAX_COMPONENTS * 4);
const vertical = memory.data(MAX_COMPONENTS * 4);
const quantiser = memory.data(MAX_COMPONENTS * 4);
const directTable = memory.data(MAX_COMPONENTS * 4);
const alternatingTable = memory.data(MAX_COMPONENTS * 4);
const identifier = memory.data(MAX_COMPONENTS * 4);
const side = memory.data(MAX_COMPONENTS * 4);
const stride = memory.data(MAX_COMPONENTS * 4);
const planeRows = memory.data(MAX_COMPONENTS * 4);
const plane = memory.data(MAX_COMPONENTS * 4);
const prediction = memory.data(MAX_COMPONENTS * 4);

/** Each block's mean of the first component: one byte a block, rows of `meansStride`. */
let means: usize = 0;
let meansStride: i32 = 0;

let inputBase: usize = 0;
let inputLength: i32 = 0;
let width: i32 = 0;
let height: i32 = 0;
let components: i32 = 0;
let widest: i32 = 0;
let tallest: i32 = 0;
let restartInterval: i32 = 0;
/** Offset of the first byte of entropy-coded data. */
let scanStart: i32 = 0;
/** Entropy-coded data without stuffing; segments between restart markers lie one behind the other, each padded. */
let cleanBase: usize = 0;
/** u32 pairs: first bit and end bit of each segment. */
let segmentBase: usize = 0;
let segments: i32 = 0;
let heapTop: usize = 0;

/** Room for a picture of so many bytes. @returns where it is to be written */
export function input(length: i32): usize {
  inputBase = align(__heap_base);
  inputLength = length;
  heapTop = align(inputBase + <usize>length + 64);
  ensure(heapTop);
  return inputBase;
}

function align(address: usize): usize {
  return (address + 63) & ~(<usize>63);
}

function allocate(bytes: usize): usize {
  const address = heapTop;
  heapTop = align(heapTop + bytes);
  ensure(heapTop);
  return address;
}

function ensure(end: usize): void {
  const pages = <i32>((end + 0xffff) >>> 16);
  const have = memory.size();
  if (pages > have) {
    if (memory.grow(pages - have) < 0) unreachable();
  }
}

@inline
function byteAt(offset: i32): i32 {
  return <i32>load<u8>(inputBase + <usize>offset);
}

@inline
function wordAt(offset: i32): i32 {
  return (byteAt(offset) << 8) | byteAt(offset + 1);
}

/** Reads everything before the entropy-coded data. */
export function open(): i32 {
  width = 0;
  restartInterval = 0;
  memory.fill(quantised, 0, 4);
  memory.fill(horizontal, 0, MAX_COMPONENTS * 4);
  if (inputLength < 4 || wordAt(0) != 0xffd8) return UNSUPPORTED;
  let tables = 0;
  let at = 2;
  while (true) {
    if (at + 4 > inputLength || byteAt(at) != 0xff) return DAMAGED;
    while (at + 4 <= inputLength && byteAt(at + 1) == 0xff) at++;
    if (at + 4 > inputLength) return DAMAGED;
    const marker = byteAt(at + 1);
    const length = wordAt(at + 2);
    const from = at + 4;
    const end = at + 2 + length;
    if (length < 2 || end > inputLength) return DAMAGED;
    if (marker == 0xdb) {
      const status = readQuantisation(from, end);
      if (status != OK) return status;
    } else if (marker == 0xc4) {
      const status = readHuffman(from, end);
      if (status < 0) return DAMAGED;
      tables |= status;
    } else if (marker == 0xc0 || marker == 0xc1) {
      const status = readFrame(from, end);
      if (status != OK) return status;
    } else if (marker == 0xdd) {
      if (length != 4) return DAMAGED;
      restartInterval = wordAt(from);
    } else if (marker == 0xda) {
      const status = readScan(from, end, tables);
      if (status != OK) return status;
      scanStart = end;
      return OK;
    } else if (marker == 0xe2 && length >= 14 && isText(from, "ICC_PROFILE")) {
      return UNSUPPORTED;
    } else if (marker == 0xee && length >= 14 && isText(from, "Adobe")) {
      // Components that are not luminance and chrominance.
      if (byteAt(from + 11) != 1) return UNSUPPORTED;
    } else if (!(marker == 0xfe || (marker >= 0xe0 && marker <= 0xef))) {
      return UNSUPPORTED;
    }
    at = end;
  }
}

function isText(at: i32, text: string): bool {
  for (let index = 0; index < text.length; index++) {
    if (byteAt(at + index) != text.charCodeAt(index)) return false;
  }
  return true;
}

function readQuantisation(from: i32, end: i32): i32 {
  let at = from;
  while (at < end) {
    const head = byteAt(at++);
    const wide = head >> 4;
    const table = head & 15;
    if (wide > 1 || table > 3 || at + 64 * (1 + wide) > end) return DAMAGED;
    for (let index = 0; index < 64; index++) {
      const value = wide == 1 ? wordAt(at + 2 * index) : byteAt(at + index);
      if (value == 0) return DAMAGED;
      store<u16>(quantisation + <usize>((table * 64 + index) * 2), <u16>value);
    }
    store<u8>(quantised + <usize>table, 1);
    at += 64 * (1 + wide);
  }
  return OK;
}

/** @returns a bit for each table that was defined, or -1 */
function readHuffman(from: i32, end: i32): i32 {
  let at = from;
  let tables = 0;
  while (at < end) {
    if (at + 17 > end) return -1;
    const head = byteAt(at++);
    const kind = head >> 4;
    const destination = head & 15;
    if (kind > 1 || destination > 3) return -1;
    let count = 0;
    for (let index = 0; index < 16; index++) count += byteAt(at + index);
    if (count > 256 || at + 16 + count > end) return -1;
    const table = kind * 4 + destination;
    if (!isDefined(table, at, 16 + count)) {
      store<u8>(defined + <usize>table, 0);
      if (!buildTable(table, at)) return -1;
      const definition = definitions + <usize>(table * 272);
      memory.copy(definition, inputBase + <usize>at, <usize>(16 + count));
      store<u8>(defined + <usize>table, 1);
    }
    tables |= 1 << table;
    at += 16 + count;
  }
  return tables;
}

function isDefined(table: i32, at: i32, length: i32): bool {
  if (load<u8>(defined + <usize>table) == 0) return false;
  return memory.compare(definitions + <usize>(table * 272), inputBase + <usize>at, <usize>length) == 0;
}

/** Canonical codes of T.81 Annex C, as look-up tables. */
function buildTable(table: i32, at: i32): bool {
  const entries = single + <usize>(table * PEEK_SIZE * 2);
  memory.fill(entries, 0, PEEK_SIZE * 2);
  const limit = limits + <usize>(table * 18 * 4);
  const offset = offsets + <usize>(table * 18 * 4);
  const value = values + <usize>(table * 256);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    const count = byteAt(at + length - 1);
    store<i32>(offset + <usize>(length * 4), index - code);
    for (let n = 0; n < count; n++, index++, code++) {
      if (code >= 1 << length) return false;
      const symbol = byteAt(at + 16 + index);
      store<u8>(value + <usize>index, <u8>symbol);
      if (length <= PEEK_BITS) {
        const entry = <u16>(length | ((symbol & 15) << 5) | ((symbol >> 4) << 9));
        const first = code << (PEEK_BITS - length);
        const repeat = 1 << (PEEK_BITS - length);
        for (let fill = 0; fill < repeat; fill++) store<u16>(entries + <usize>((first + fill) * 2), entry);
      }
    }
    store<i32>(limit + <usize>(length * 4), code << (16 - length));
    code <<= 1;
  }
  store<i32>(limit + 17 * 4, 0x10000);
  if (table >= 4) buildSeveral(table - 4, entries);
  return true;
}

/** For each window of bits: how many whole symbols stand in it, as one step. */
function buildSeveral(table: i32, entries: usize): void {
  const steps = several + <usize>(table * PEEK_SIZE * 2);
  for (let window = 0; window < PEEK_SIZE; window++) {
    let bits = 0;
    let run = 0;
    let end = 0;
    while (bits < PEEK_BITS) {
      const entry = <i32>load<u16>(entries + <usize>(((window << bits) & (PEEK_SIZE - 1)) * 2));
      const length = (entry & 31) + ((entry >> 5) & 15);
      if (entry == 0 || bits + length > PEEK_BITS) break;
      if (entry >> 5 == 0) {
        bits += length;
        end = 1;
        break;
      }
      // No such symbol: the slow way says so.
      if ((entry >> 5) % 16 == 0 && entry >> 9 != 15) break;
      if (run + (entry >> 9) + 1 > 64) break;
      bits += length;
      run += (entry >> 9) + 1;
    }
    store<u16>(steps + <usize>(window * 2), <u16>(bits | (run << 5) | (end << 12)));
  }
}

function readFrame(from: i32, end: i32): i32 {
  if (width != 0 || end - from < 6) return DAMAGED;
  if (byteAt(from) != 8) return UNSUPPORTED;
  height = wordAt(from + 1);
  width = wordAt(from + 3);
  components = byteAt(from + 5);
  if (components != 1 && components != 3) return UNSUPPORTED;
  // A height of zero is told after the scan.
  if (height == 0) return UNSUPPORTED;
  if (width == 0 || end - from != 6 + 3 * components) return DAMAGED;
  widest = 1;
  tallest = 1;
  for (let c = 0; c < components; c++) {
    const at = from + 6 + 3 * c;
    const h = byteAt(at + 1) >> 4;
    const v = byteAt(at + 1) & 15;
    const q = byteAt(at + 2);
    if (h < 1 || h > 4 || v < 1 || v > 4 || q > 3) return DAMAGED;
    put(identifier, c, byteAt(at));
    put(horizontal, c, h);
    put(vertical, c, v);
    put(quantiser, c, q);
    if (h > widest) widest = h;
    if (v > tallest) tallest = v;
  }
  // A single component is not interleaved, whatever its sampling says.
  if (components == 1) {
    put(horizontal, 0, 1);
    put(vertical, 0, 1);
    widest = 1;
    tallest = 1;
  }
  for (let c = 0; c < components; c++) {
    if (widest % get(horizontal, c) != 0 || tallest % get(vertical, c) != 0) return UNSUPPORTED;
  }
  return OK;
}

function readScan(from: i32, end: i32, tables: i32): i32 {
  if (width == 0) return DAMAGED;
  // Components in scans of their own come with several scans.
  if (end - from != 4 + 2 * components || byteAt(from) != components) return UNSUPPORTED;
  for (let c = 0; c < components; c++) {
    const at = from + 1 + 2 * c;
    if (byteAt(at) != get(identifier, c)) return DAMAGED;
    const direct = byteAt(at + 1) >> 4;
    const alternating = 4 + (byteAt(at + 1) & 15);
    if (direct > 3 || alternating > 7) return DAMAGED;
    if ((tables & (1 << direct)) == 0 || (tables & (1 << alternating)) == 0) return UNSUPPORTED;
    if (load<u8>(quantised + <usize>get(quantiser, c)) == 0) return DAMAGED;
    put(directTable, c, direct);
    put(alternatingTable, c, alternating);
  }
  const rest = from + 1 + 2 * components;
  return byteAt(rest) == 0 && byteAt(rest + 1) == 63 && byteAt(rest + 2) == 0 ? OK : UNSUPPORTED;
}

@inline
function put(table: usize, component: i32, value: i32): void {
  store<i32>(table + <usize>(component * 4), value);
}

@inline
function get(table: usize, component: i32): i32 {
  return load<i32>(table + <usize>(component * 4));
}

/**
 * Decodes after `open`, with `samples` (1, 2 or 4) a side for each block of the component with the finest sampling: the picture at samples / 8
 * of its size. Coarser components get more samples where that keeps all planes at one size.
 */
export function decode(samples: i32): i32 {
  const perRow = (width + 8 * widest - 1) / (8 * widest);
  const perColumn = (height + 8 * tallest - 1) / (8 * tallest);
  for (let c = 0; c < components; c++) {
    const coarser = min(widest / get(horizontal, c), tallest / get(vertical, c));
    const n = samples * coarser <= 4 && coarser != 3 ? samples * coarser : samples;
    put(side, c, n);
    put(stride, c, perRow * get(horizontal, c) * n);
    put(planeRows, c, perColumn * get(vertical, c) * n);
    put(prediction, c, 0);
    // Beyond the end, resampling reads whole vectors.
    put(plane, c, <i32>allocate(<usize>(get(stride, c) * get(planeRows, c)) + 64));
    fillFactors(c, n);
  }
  meansStride = perRow * get(horizontal, 0);
  means = allocate(<usize>(meansStride * perColumn * get(vertical, 0)));
  const status = unstuff();
  if (status != OK) return status;
  return decodeScan(perRow, perColumn);
}

/** Where the means of the first component's blocks lie after `decode`, whatever the number of samples. */
export function blockMeans(): usize {
  return means;
}

export function blockMeansStride(): i32 {
  return meansStride;
}

/**
 * Quantiser and transform in one factor. The mean of the pixels that a sample stands for is wanted, so each frequency k weighs cos(kπ/16) for
 * pairs and cos(kπ/16)·cos(kπ/8) for fours, as the integral of its cosine does. Frequencies above are left out: their means are small.
 */
function fillFactors(component: i32, n: i32): void {
  const table = quantisation + <usize>(get(quantiser, component) * 128);
  for (let zigzag = 0; zigzag < 25; zigzag++) {
    const at = <i32>load<u8>(place + <usize>zigzag);
    let factor: f64 = 0;
    if (at != 255) {
      const weight = axisWeight(at >> 2, n) * axisWeight(at & 3, n);
      factor = <f64>load<u16>(table + <usize>(zigzag * 2)) * weight;
    }
    store<f32>(factors + <usize>((component * 32 + zigzag) * 4), <f32>factor);
  }
}

/** One axis of the reduced transform: 1/√8 for the constant, 1/2 times the integral for the others; √(1/2) of the 4-point basis is folded into k = 2. */
function axisWeight(k: i32, n: i32): f64 {
  if (k == 0) return 0.35355339059327373;
  if (k >= n) return 0;
  if (n == 2) return 0.35355339059327373 * 0.9061274463528878;
  if (k == 1) return 0.5 * 0.9807852804032304;
  if (k == 2) return 0.5 * 0.9238795325112867 * 0.7071067811865476;
  return 0.5 * 0.8314696123025452;
}

/** Takes out stuffed zeros and restart markers. */
function unstuff(): i32 {
  const remaining = inputLength - scanStart;
  cleanBase = allocate(<usize>remaining + 64);
  const mostSegments = restartInterval == 0 ? 1 : 70000;
  segmentBase = allocate(<usize>(mostSegments * 8));
  segments = 0;
  let from = inputBase + <usize>scanStart;
  const end = inputBase + <usize>inputLength;
  let to = cleanBase;
  let segmentStart = to;
  const marker = i8x16.splat(-1);
  while (true) {
    while (from + 16 <= end) {
      const bytes = v128.load(from);
      v128.store(to, bytes);
      const mask = i8x16.bitmask(i8x16.eq(bytes, marker));
      const clear = mask == 0 ? 16 : ctz(mask);
      from += clear;
      to += clear;
      if (mask != 0) break;
    }
    while (from < end && load<u8>(from) != 0xff) store<u8>(to++, load<u8>(from++));
    if (from + 1 >= end) return DAMAGED;
    const next = <i32>load<u8>(from, 1);
    if (next == 0) {
      store<u8>(to++, 0xff);
      from += 2;
    } else if (next == 0xff) {
      from++;
    } else {
      if (segments >= mostSegments) return DAMAGED;
      store<u32>(segmentBase + <usize>(segments * 8), <u32>((segmentStart - cleanBase) * 8));
      store<u32>(segmentBase + <usize>(segments * 8), <u32>((to - cleanBase) * 8), 4);
      segments++;
      segmentStart = to;
      if (next < 0xd0 || next > 0xd7) {
        memory.fill(to, 0, 48);
        // Further scans, or a height that comes late, are for another decoder.
        return next == 0xd9 ? OK : UNSUPPORTED;
      }
      if (next - 0xd0 != ((segments - 1) & 7)) return DAMAGED;
      from += 2;
    }
  }
  return DAMAGED;
}

// The bit reader: a position in bits, kept here while a scan is decoded.
let position: u32 = 0;

/** 32 bits at the position, of which at least 25 are valid. */
@inline
function bitsHere(): u32 {
  return bswap<u32>(load<u32>(cleanBase + (position >>> 3))) << (position & 7);
}

function decodeScan(perRow: i32, perColumn: i32): i32 {
  const total = perRow * perColumn;
  let segment = 0;
  let untilRestart = restartInterval == 0 ? total + 1 : restartInterval;
  position = load<u32>(segmentBase);
  let endBit = load<u32>(segmentBase, 4);
  for (let row = 0; row < perColumn; row++) {
    for (let column = 0; column < perRow; column++) {
      if (untilRestart == 0) {
        if (position > endBit || endBit - position > 16) return DAMAGED;
        if (++segment >= segments) return DAMAGED;
        position = load<u32>(segmentBase + <usize>(segment * 8));
        endBit = load<u32>(segmentBase + <usize>(segment * 8), 4);
        for (let c = 0; c < components; c++) put(prediction, c, 0);
        untilRestart = restartInterval;
      }
      untilRestart--;
      for (let c = 0; c < components; c++) {
        const h = get(horizontal, c);
        const v = get(vertical, c);
        const n = get(side, c);
        const pitch = get(stride, c);
        const origin = <usize>get(plane, c) + <usize>((row * v * n) * pitch + column * h * n);
        const meansHere = means + <usize>(row * v * meansStride + column * h);
        for (let y = 0; y < v; y++) {
          for (let x = 0; x < h; x++) {
            const to = origin + <usize>(y * n * pitch + x * n);
            const good = n == 2 ? blockOfTwo(c, to, pitch) : n == 4 ? blockOfFour(c, to, pitch) : blockOfOne(c, to);
            if (!good) return DAMAGED;
            if (c == 0) {
              const level = <f32>get(prediction, 0) * load<f32>(factors) + 128.5;
              store<u8>(meansHere + <usize>(y * meansStride + x), sample(level));
            }
          }
        }
      }
      // Beyond the data the reader sees zeros, which decode to something: caught before it goes far.
      if (position > endBit) return DAMAGED;
    }
  }
  // More than the padding of a last byte left over: libjpeg warns, and so do we.
  if (segment + 1 != segments || endBit - position > 16) return DAMAGED;
  return OK;
}

/** The difference that starts a block. @returns -32768 where there is no such code */
@inline
function directDifference(table: i32): i32 {
  const bits = bitsHere();
  const entry = <i32>load<u16>(single + <usize>(table * PEEK_SIZE * 2) + ((bits >>> (32 - PEEK_BITS)) << 1));
  let size: i32;
  if (entry != 0) {
    position += entry & 31;
    // Bits 9 and above are the upper half of a symbol: none here has one.
    size = entry >> 5;
  } else {
    size = longSymbol(table);
  }
  if (size > 11 || size < 0) return -32768;
  return size == 0 ? 0 : magnitude(size);
}

/** A symbol whose code has more than PEEK_BITS bits. @returns -1 where there is no such code */
function longSymbol(table: i32): i32 {
  const code = <i32>(bitsHere() >>> 16);
  for (let length = PEEK_BITS + 1; length <= 16; length++) {
    if (code < load<i32>(limits + <usize>((table * 18 + length) * 4))) {
      const index = load<i32>(offsets + <usize>((table * 18 + length) * 4)) + (code >> (16 - length));
      if (index < 0 || index > 255) return -1;
      position += length;
      return <i32>load<u8>(values + <usize>(table * 256 + index));
    }
  }
  return -1;
}

/** T.81 F.2.2.1: the next `size` bits as a signed value. */
@inline
function magnitude(size: i32): i32 {
  const raw = <i32>(bitsHere() >>> (32 - size));
  position += size;
  return raw < 1 << (size - 1) ? raw - (1 << size) + 1 : raw;
}

// Reads coefficients `1 … last` into `block` where they are kept. Returns how many were read to (64 at the end of the block), or -1.
@inline
function lowFrequencies(component: i32, table: i32, last: i32): i32 {
  let k = 1;
  const factor = factors + <usize>(component * 128);
  while (k <= last) {
    const bits = bitsHere();
    const entry = <i32>load<u16>(single + <usize>(table * PEEK_SIZE * 2) + ((bits >>> (32 - PEEK_BITS)) << 1));
    let size: i32;
    let run: i32;
    if (entry != 0) {
      position += entry & 31;
      size = (entry >> 5) & 15;
      run = entry >> 9;
    } else {
      const symbol = longSymbol(table);
      if (symbol < 0) return -1;
      size = symbol & 15;
      run = symbol >> 4;
    }
    if (size == 0) {
      if (run != 15) return run == 0 ? 64 : -1;
      k += 16;
      continue;
    }
    k += run;
    if (k > 63) return -1;
    if (k <= last) {
      const value = magnitude(size);
      const at = <usize>load<u8>(place + <usize>k);
      if (at != 255) store<f32>(block + (at << 2), <f32>value * load<f32>(factor + <usize>(k << 2)));
    } else {
      position += size;
    }
    k++;
  }
  return k > 64 ? -1 : k;
}

// Passes over what is left of a block.
@inline
function skipRest(table: i32, reached: i32): bool {
  let k = reached;
  const steps = several + <usize>((table - 4) * PEEK_SIZE * 2);
  while (k < 64) {
    const step = <i32>load<u16>(steps + ((bitsHere() >>> (32 - PEEK_BITS)) << 1));
    const next = k + ((step >> 5) & 127);
    // A step that passes the end of the block has read into the next one.
    if (step != 0 && (next < 64 || (next == 64 && step < 4096))) {
      position += step & 31;
      if (step >= 4096) return true;
      k = next;
    } else {
      k = skipOne(table, k);
      if (k < 0) return false;
    }
  }
  return k == 64;
}

function skipOne(table: i32, reached: i32): i32 {
  const bits = bitsHere();
  const entry = <i32>load<u16>(single + <usize>(table * PEEK_SIZE * 2) + ((bits >>> (32 - PEEK_BITS)) << 1));
  let symbol: i32;
  if (entry != 0) {
    position += entry & 31;
    symbol = entry >> 5;
  } else {
    symbol = longSymbol(table);
    if (symbol < 0) return -1;
  }
  const size = symbol & 15;
  const run = symbol >> 4;
  if (size == 0 && run != 15) return run == 0 ? 64 : -1;
  position += size;
  const next = reached + run + 1;
  return next > 64 ? -1 : next;
}

/** @returns the block's constant term before its factor, or -1 << 30 */
@inline
function constantTerm(component: i32): i32 {
  const difference = directDifference(get(directTable, component));
  if (difference == -32768) return -(1 << 30);
  const value = get(prediction, component) + difference;
  put(prediction, component, value);
  return value;
}

@inline
function sample(value: f32): u8 {
  // Nearest; the constant 128.5 is in the constant term.
  return <u8>(<i32>max<f32>(0, min<f32>(255, value)));
}

function blockOfOne(component: i32, to: usize): bool {
  const constant = constantTerm(component);
  if (constant == -(1 << 30)) return false;
  const level = <f32>constant * load<f32>(factors + <usize>(component * 128)) + 128.5;
  store<u8>(to, sample(level));
  return skipRest(get(alternatingTable, component), 1);
}

function blockOfTwo(component: i32, to: usize, pitch: i32): bool {
  const constant = constantTerm(component);
  if (constant == -(1 << 30)) return false;
  const level = <f32>constant * load<f32>(factors + <usize>(component * 128)) + 128.5;
  store<u64>(block, 0);
  store<u64>(block, 0, 16);
  const table = get(alternatingTable, component);
  const reached = lowFrequencies(component, table, 4);
  if (reached < 0) return false;
  const across = load<f32>(block, 4);
  const down = load<f32>(block, 16);
  const both = load<f32>(block, 20);
  const left = level + across;
  const right = level - across;
  const sum = down + both;
  const difference = down - both;
  store<u8>(to, sample(left + sum));
  store<u8>(to, sample(right + difference), 1);
  const below = to + <usize>pitch;
  store<u8>(below, sample(left - sum));
  store<u8>(below, sample(right - difference), 1);
  return skipRest(table, reached);
}

/** cos(π/8) and cos(3π/8). */
const C1: f32 = 0.9238795325112867;
const C3: f32 = 0.3826834323650898;

function blockOfFour(component: i32, to: usize, pitch: i32): bool {
  const constant = constantTerm(component);
  if (constant == -(1 << 30)) return false;
  const level = <f32>constant * load<f32>(factors + <usize>(component * 128)) + 128.5;
  const zero = f32x4.splat(0);
  v128.store(block, zero);
  v128.store(block, zero, 16);
  v128.store(block, zero, 32);
  v128.store(block, zero, 48);
  const table = get(alternatingTable, component);
  const reached = lowFrequencies(component, table, 24);
  if (reached < 0) return false;
  store<f32>(block, level);
  // Columns of four at once, then rows as columns of the transposed block.
  let r0 = v128.load(block);
  let r1 = v128.load(block, 16);
  let r2 = v128.load(block, 32);
  let r3 = v128.load(block, 48);
  let even0 = f32x4.add(r0, r2);
  let even1 = f32x4.sub(r0, r2);
  let odd0 = f32x4.add(f32x4.mul(f32x4.splat(C1), r1), f32x4.mul(f32x4.splat(C3), r3));
  let odd1 = f32x4.sub(f32x4.mul(f32x4.splat(C3), r1), f32x4.mul(f32x4.splat(C1), r3));
  const t0 = f32x4.add(even0, odd0);
  const t1 = f32x4.add(even1, odd1);
  const t2 = f32x4.sub(even1, odd1);
  const t3 = f32x4.sub(even0, odd0);
  const a = v128.shuffle<f32>(t0, t1, 0, 4, 1, 5);
  const b = v128.shuffle<f32>(t0, t1, 2, 6, 3, 7);
  const c = v128.shuffle<f32>(t2, t3, 0, 4, 1, 5);
  const d = v128.shuffle<f32>(t2, t3, 2, 6, 3, 7);
  r0 = v128.shuffle<f32>(a, c, 0, 1, 4, 5);
  r1 = v128.shuffle<f32>(a, c, 2, 3, 6, 7);
  r2 = v128.shuffle<f32>(b, d, 0, 1, 4, 5);
  r3 = v128.shuffle<f32>(b, d, 2, 3, 6, 7);
  even0 = f32x4.add(r0, r2);
  even1 = f32x4.sub(r0, r2);
  odd0 = f32x4.add(f32x4.mul(f32x4.splat(C1), r1), f32x4.mul(f32x4.splat(C3), r3));
  odd1 = f32x4.sub(f32x4.mul(f32x4.splat(C3), r1), f32x4.mul(f32x4.splat(C1), r3));
  // Each vector is one column of the samples, top to bottom.
  const left = i16x8.narrow_i32x4_s(
    i32x4.trunc_sat_f32x4_s(f32x4.add(even0, odd0)),
    i32x4.trunc_sat_f32x4_s(f32x4.add(even1, odd1)),
  );
  const right = i16x8.narrow_i32x4_s(
    i32x4.trunc_sat_f32x4_s(f32x4.sub(even1, odd1)),
    i32x4.trunc_sat_f32x4_s(f32x4.sub(even0, odd0)),
  );
  const columns = i8x16.narrow_i16x8_u(left, right);
  const rows = v128.shuffle<u8>(columns, columns, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  v128.store32_lane(to, rows, 0);
  v128.store32_lane(to + <usize>pitch, rows, 1);
  v128.store32_lane(to + <usize>(pitch * 2), rows, 2);
  v128.store32_lane(to + <usize>(pitch * 3), rows, 3);
  return skipRest(table, reached);
}

// From reduced planes to the network's picture.

/**
 * Resamples the planes to `toWidth × toHeight` pixels of RGB, or of BGR where `swapped`, `pitch` bytes a row. The whole picture is covered:
 * sample i of a plane stands for the source pixels around (i + 1/2) of its step. A triangle as wide as the reduction, in four taps.
 * @returns where the first byte is; 0 where the reduction is beyond two, or an enlargement
 */
export function resample(toWidth: i32, toHeight: i32, swapped: bool, pitch: i32): usize {
  const output = allocate(<usize>(pitch * toHeight + 64));
  // Rows of Y, Cb and Cr after both passes, i16.
  const rowBytes = align(<usize>(toWidth + 16) * 2);
  const resampled = allocate(rowBytes * 3);
  memory.fill(resampled, 0, rowBytes * 3);
  const columns = allocate(<usize>(toWidth + 8) * 12 * components);
  const rows = allocate(<usize>toHeight * 12 * components);
  let longest = 0;
  for (let c = 0; c < components; c++) {
    const n = <f64>get(side, c);
    const perPixelX = (n / 8) * (<f64>get(horizontal, c) / <f64>widest);
    const perPixelY = (n / 8) * (<f64>get(vertical, c) / <f64>tallest);
    const ratioX = (<f64>width * perPixelX) / <f64>toWidth;
    const ratioY = (<f64>height * perPixelY) / <f64>toHeight;
    if (ratioX > 2 || ratioY > 2) return 0;
    const usedWidth = <i32>Math.ceil(<f64>width * perPixelX);
    const usedHeight = <i32>Math.ceil(<f64>height * perPixelY);
    writeTaps(columns + <usize>(toWidth + 8) * 12 * c, toWidth, toWidth + 8, usedWidth, ratioX);
    writeTaps(rows + <usize>toHeight * 12 * c, toHeight, toHeight, usedHeight, ratioY);
    longest = max(longest, usedWidth);
  }
  const blended = allocate(<usize>longest + 64);
  for (let y = 0; y < toHeight; y++) {
    for (let c = 0; c < components; c++) {
      const rowTable = rows + <usize>toHeight * 12 * c;
      const start = load<i32>(rowTable + <usize>toHeight * 8 + <usize>(y * 4));
      const pitchOfPlane = get(stride, c);
      const from = <usize>(get(plane, c) + start * pitchOfPlane);
      const most = get(planeRows, c) - 1 - start;
      blendRows(from, pitchOfPlane, most, rowTable + <usize>(y * 8), blended);
      resampleRow(blended, columns + <usize>(toWidth + 8) * 12 * c, toWidth, resampled + rowBytes * c);
    }
    writeRow(resampled, rowBytes, components == 1, output + <usize>(y * pitch), toWidth, swapped);
  }
  return output;
}
