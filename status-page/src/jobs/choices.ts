import { useQuery } from "@tanstack/react-query";
import type { TodayView } from "../../../contract/http-api.ts";
import type { BayId, PersonId } from "../../../contract/ids.ts";
import { fetchPeople } from "../api/calls.ts";
import { useWords } from "../language/use-words.tsx";

export interface Choices<Id extends string> {
  readonly options: { readonly value: string; readonly label: string; readonly disabled?: boolean }[];
  /** The id behind a chosen option; null for "nobody". */
  idOf(value: string): Id | null;
}

/** The bays; those where another job stands cannot be chosen. */
export function useBayChoices(view: TodayView, forJob: string | null): Choices<BayId> {
  const { t, language } = useWords();
  return {
    options: [
      { value: "", label: t("job.noBay") },
      ...view.bays.map((bay) => ({
        value: bay.id,
        label:
          bay.job !== null && bay.job.id !== forJob ? `${bay.name[language]} · ${bay.job.number}` : bay.name[language],
        disabled: bay.job !== null && bay.job.id !== forJob,
      })),
    ],
    idOf: (value) => view.bays.find((bay) => bay.id === value)?.id ?? null,
  };
}

/** The technicians a job can be given to. */
export function useTechnicianChoices(): Choices<PersonId> {
  const { t } = useWords();
  // People come and go while the page stays open for weeks.
  const people = useQuery({ queryKey: ["people"], queryFn: fetchPeople, staleTime: 60_000 });
  const technicians = (people.data?.people ?? []).filter((person) => person.role === "technician");
  return {
    options: [
      { value: "", label: t("jobs.unassigned") },
      ...technicians.map((person) => ({ value: person.id, label: person.name })),
    ],
    idOf: (value) => technicians.find((person) => person.id === value)?.id ?? null,
  };
}
