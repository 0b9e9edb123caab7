import { type Actor, actorsOf } from "./actors.ts";
import { backdropOf } from "./backdrop.ts";
import type { RelativeBox, SceneDescription, SceneTruth, TrueObject, TruePlate } from "./description.ts";
import { type Layer, layerOf } from "./layer.ts";
import { castShadows } from "./shadow.ts";

/** Fewer visible pixels than this are no object to anyone. */
const SMALLEST_OBJECT_PX = 24;

/** What a drawn frame is before sensor noise and compression. */
export interface DrawnFrame {
  readonly pixels: Uint8ClampedArray;
  readonly truth: SceneTruth;
}

/** Buffers of one picture size, used again for every frame of that size. */
interface Canvas {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly nearness: Float32Array;
  /** 1 + position in the list of actors; 0 is the room. */
  readonly owner: Uint8Array;
  /** 1 where a plate of the owner is seen. */
  readonly plate: Uint8Array;
}

let canvas: Canvas | undefined;

function canvasOf(widthPx: number, heightPx: number): Canvas {
  if (canvas?.widthPx !== widthPx || canvas.heightPx !== heightPx) {
    const pixels = widthPx * heightPx;
    canvas = {
      widthPx,
      heightPx,
      nearness: new Float32Array(pixels),
      owner: new Uint8Array(pixels),
      plate: new Uint8Array(pixels),
    };
  }
  return canvas;
}

/** Draws a scene without noise; pure, and the same on every run. */
export function drawScene(scene: SceneDescription, widthPx: number, heightPx: number): DrawnFrame {
  const backdrop = backdropOf(scene, widthPx, heightPx);
  const canvas = canvasOf(widthPx, heightPx);
  const pixels = new Uint8ClampedArray(backdrop.pixels);
  canvas.nearness.set(backdrop.nearness);
  canvas.owner.fill(0);
  const { actors, shadows } = actorsOf(scene);
  castShadows(pixels, backdrop, shadows);
  const layers = actors.map((actor) => layerOf(actor, backdrop));
  layers.forEach((layer, i) => {
    compose(pixels, canvas, layer, i + 1);
  });
  for (const layer of layers) softenOutlines(pixels, canvas, layer);
  return { pixels, truth: truthOf(scene, actors, layers, canvas) };
}

/** Lays a layer over the picture where it is nearer than what is there. */
function compose(pixels: Uint8ClampedArray, canvas: Canvas, layer: Layer, mark: number): void {
  const { widthPx, nearness, owner, plate } = canvas;
  let source = 0;
  for (let y = layer.minY; y < layer.maxY; y++) {
    let pixel = y * widthPx + layer.minX;
    for (let x = layer.minX; x < layer.maxX; x++, pixel++, source++) {
      const near = layer.nearness[source]!;
      if (near <= nearness[pixel]!) continue;
      nearness[pixel] = near;
      owner[pixel] = mark;
      plate[pixel] = layer.plate[source]!;
      pixels[pixel * 3] = layer.pixels[source * 3]!;
      pixels[pixel * 3 + 1] = layer.pixels[source * 3 + 1]!;
      pixels[pixel * 3 + 2] = layer.pixels[source * 3 + 2]!;
    }
  }
}

/** Blends the pixels along a layer's outline with their neighbours, as a lens does. */
function softenOutlines(pixels: Uint8ClampedArray, canvas: Canvas, layer: Layer): void {
  const { widthPx, heightPx, owner } = canvas;
  const row = widthPx * 3;
  const [endX, endY] = [Math.min(widthPx - 1, layer.maxX), Math.min(heightPx - 1, layer.maxY)];
  for (let y = Math.max(1, layer.minY - 1); y < endY; y++) {
    for (let x = Math.max(1, layer.minX - 1); x < endX; x++) {
      const pixel = y * widthPx + x;
      const mark = owner[pixel]!;
      if (mark === owner[pixel + 1]! && mark === owner[pixel + widthPx]!) continue;
      for (let o = pixel * 3; o < pixel * 3 + 3; o++) {
        pixels[o] = (2 * pixels[o]! + pixels[o - 3]! + pixels[o + 3]! + pixels[o - row]! + pixels[o + row]!) / 6;
      }
    }
  }
}

/** Grows around visible pixels. */
class Extent {
  minX = Number.POSITIVE_INFINITY;
  minY = Number.POSITIVE_INFINITY;
  maxX = -1;
  maxY = -1;
  areaPx = 0;

  add(x: number, y: number): void {
    this.areaPx += 1;
    if (x < this.minX) this.minX = x;
    if (x > this.maxX) this.maxX = x;
    if (y < this.minY) this.minY = y;
    if (y > this.maxY) this.maxY = y;
  }

  box(widthPx: number, heightPx: number): RelativeBox {
    return [this.minX / widthPx, this.minY / heightPx, (this.maxX + 1) / widthPx, (this.maxY + 1) / heightPx];
  }
}

function truthOf(
  scene: SceneDescription,
  actors: readonly Actor[],
  layers: readonly Layer[],
  canvas: Canvas,
): SceneTruth {
  const { widthPx, heightPx, owner, plate } = canvas;
  const objects: TrueObject[] = [];
  const plates: TruePlate[] = [];
  actors.forEach(({ label, index }, i) => {
    if (label === undefined) return;
    const layer = layers[i]!;
    const whole = new Extent();
    const onPlate = new Extent();
    for (let y = layer.minY; y < layer.maxY; y++) {
      for (let x = layer.minX; x < layer.maxX; x++) {
        const pixel = y * widthPx + x;
        if (owner[pixel] !== i + 1) continue;
        whole.add(x, y);
        if (plate[pixel] === 1) onPlate.add(x, y);
      }
    }
    if (whole.areaPx >= SMALLEST_OBJECT_PX) {
      const visibility = Math.min(1, whole.areaPx / layer.silhouettePx);
      objects.push({ label, index, box: whole.box(widthPx, heightPx), visibility });
    }
    if (label === "vehicle" && onPlate.areaPx >= SMALLEST_OBJECT_PX) {
      const { plate: text } = scene.cars[index]!;
      plates.push({ text, index, box: onPlate.box(widthPx, heightPx), areaPx: onPlate.areaPx });
    }
  });
  return { widthPx, heightPx, objects, plates };
}
