import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useWords } from "../language/use-words.tsx";

export interface ChartSeries {
  readonly label: string;
  readonly unit: string;
  readonly digits: number;
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  readonly label: string;
  /** What stands under each column of values: wall milliseconds, or milliseconds since a beginning. */
  readonly at: readonly number[];
  readonly clock: "wall" | "since-start";
  readonly series: readonly ChartSeries[];
}

const HEIGHT_PX = 190;
/** Told apart by dash as well, for those who see no colours. */
const STROKES = [
  { colour: "--accent", dash: [] },
  { colour: "--good", dash: [8, 4] },
  { colour: "--wait", dash: [2, 3] },
  { colour: "--bad", dash: [12, 3, 2, 3] },
] as const;

/** Curves over time; each unit has an axis of its own. What is not there is a gap, never a zero. */
export function Chart({ label, at, clock, series }: ChartProps) {
  const { t, format } = useWords();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const shape = JSON.stringify(series.map(({ label: name, unit, digits }) => [name, unit, digits]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the chart is built anew when what it shows changes, not with every value
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const colour = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
    const units = [...new Set(series.map(({ unit }) => unit))];
    const seconds = (value: number) =>
      clock === "wall" ? format.timeWithSeconds(value * 1000) : `${format.number(value, 1)} s`;
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        cursor: { drag: { setScale: false } },
        scales: { x: { time: false } },
        axes: [
          {
            stroke: colour("--ink-soft"),
            grid: { stroke: colour("--line"), width: 1 },
            ticks: { stroke: colour("--line"), width: 1 },
            space: 90,
            values: (_, splits) =>
              splits.map((value) => (clock === "wall" ? format.time(value * 1000) : format.number(value, 0))),
          },
          ...units.map((unit, index) => ({
            scale: unit === "" ? "1" : unit,
            side: index % 2 === 0 ? (3 as const) : (1 as const),
            stroke: colour("--ink-soft"),
            grid: { show: index === 0, stroke: colour("--line"), width: 1 },
            ticks: { stroke: colour("--line"), width: 1 },
            size: 78,
            values: (_: uPlot, splits: number[]) => splits.map((value) => `${Math.round(value * 1000) / 1000} ${unit}`),
          })),
        ],
        series: [
          {
            label: t("car.live.time"),
            value: (_, value) => (value === null || value === undefined ? "—" : seconds(value)),
          },
          ...series.map(({ label: name, unit, digits }, index) => {
            const { colour: stroke, dash } = STROKES[index % STROKES.length] ?? STROKES[0];
            return {
              label: name,
              scale: unit === "" ? "1" : unit,
              stroke: colour(stroke),
              dash: [...dash],
              width: 2,
              points: { show: false },
              value: (_: uPlot, value: number | null) =>
                value === null ? "—" : `${format.number(value, digits)} ${unit}`,
            };
          }),
        ],
      },
      dataOf(at, series),
      element,
    );
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
      chart.current = null;
    };
  }, [shape, clock, format, t]);
  useEffect(() => {
    chart.current?.setData(dataOf(at, series));
  }, [at, series]);
  return <div ref={place} className="chart" role="img" aria-label={label} />;
}

function dataOf(at: readonly number[], series: readonly ChartSeries[]): uPlot.AlignedData {
  return [at.map((ms) => ms / 1000), ...series.map(({ values }) => [...values])];
}
