import type { LiveSignalView, ShownValue } from "../../../contract/diagnostics-api.ts";
import { useWords } from "../language/use-words.tsx";

type Worded = Pick<ShownValue, "label" | "unit" | "digits">;

/** Values with their unit and no more digits than a car measures, as the reader's language writes numbers. */
export function useShownValue() {
  const { t, format, language } = useWords();
  const plain = (value: LiveSignalView["value"], { digits }: Worded): string => {
    if (value === null) return t("app.none");
    if (typeof value === "boolean") return t(value ? "car.yes" : "car.no");
    return typeof value === "number" ? format.number(value, digits) : value;
  };
  return {
    label: (signal: Worded) => signal.label[language],
    plain,
    value: (signal: Worded & { readonly value: LiveSignalView["value"] }) => {
      const text = plain(signal.value, signal);
      return signal.unit === "" || signal.value === null ? text : `${text} ${signal.unit}`;
    },
  };
}
