import { useWords } from "../language/use-words.tsx";

/** The name of a readiness monitor; one that the page does not know keeps the gateway's word. */
export function useMonitorWords(): (name: string) => string {
  const { t } = useWords();
  return (name) => t(`car.monitorName.${name}` as "car.monitorName.misfire", { defaultValue: name });
}
