import { useWords } from "../language/use-words.tsx";

interface BarsProps {
  readonly title: string;
  readonly summary: string;
  readonly unit: string;
  readonly digits: number;
  readonly values: readonly (number | null)[];
}

/** Every cell or probe as a bar between the lowest and the highest, so that the odd one out is seen; the numbers stand in a table below. */
export function Bars({ title, summary, unit, digits, values }: BarsProps) {
  const { t, format } = useWords();
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const least = Math.min(...known);
  const most = Math.max(...known);
  const span = Math.max(most - least, 10 ** -digits);
  const height = (value: number) => 8 + (92 * (value - least)) / span;
  return (
    <figure className="bars">
      <figcaption>
        <span className="strong">{title}</span> <span className="small soft">{summary}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${values.length * 10} 100`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${summary}`}
      >
        {values.map((value, index) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
            key={index}
            x={index * 10 + 1}
            width={8}
            y={value === null ? 0 : 100 - height(value)}
            height={value === null ? 100 : height(value)}
            className={
              value === null ? "bar-absent" : value === most ? "bar-most" : value === least ? "bar-least" : "bar-value"
            }
          />
        ))}
      </svg>
      <details>
        <summary>{t("car.electric.table")}</summary>
        <ol className="bar-table small">
          {values.map((value, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
            <li key={index}>
              <span className="soft">{index + 1}</span>{" "}
              {value === null ? t("app.none") : `${format.number(value, digits)} ${unit}`}
            </li>
          ))}
        </ol>
      </details>
    </figure>
  );
}
