import type { OpenJobRequest } from "../../../contract/http-api.ts";
import type { BayId, PersonId } from "../../../contract/ids.ts";
import { wallMsOfField } from "../language/format.ts";

/** The form as it was typed. */
export interface NewJobFields {
  readonly number: string;
  readonly plate: string;
  readonly vin: string;
  readonly work: string;
  readonly flatRateHours: string;
  /** Of a `datetime-local` field, meant in the shop's zone. */
  readonly promised: string;
}

export const EMPTY_JOB: NewJobFields = { number: "", plate: "", vin: "", work: "", flatRateHours: "", promised: "" };

export type NewJobProblem = "numberNeeded" | "vinWrong" | "hoursWrong";

/** ISO 3779: 17 characters without I, O and Q. */
const VIN = /^[A-HJ-NPR-Z0-9]{17}$/;

/** What the gateway is asked to open, or what is wrong with the form, by field. */
export function newJobRequest(
  fields: NewJobFields,
  to: { readonly bay: BayId | null; readonly technicianId: PersonId | null },
  timeZone: string,
):
  | { readonly job: Omit<OpenJobRequest, "requestId"> }
  | { readonly problems: Partial<Record<keyof NewJobFields, NewJobProblem>> } {
  const number = fields.number.trim();
  const vin = fields.vin.trim().toUpperCase();
  const plate = fields.plate.trim();
  const hours = fields.flatRateHours.trim().replace(",", ".");
  const flatRateHours = Number(hours);
  const promisedAt = wallMsOfField(fields.promised, timeZone);
  const problems: Partial<Record<keyof NewJobFields, NewJobProblem>> = {};
  if (number === "") problems.number = "numberNeeded";
  if (vin !== "" && !VIN.test(vin)) problems.vin = "vinWrong";
  if (hours !== "" && !(flatRateHours >= 0 && flatRateHours <= 1000)) problems.flatRateHours = "hoursWrong";
  if (Object.keys(problems).length > 0) return { problems };
  return {
    job: {
      number,
      work: fields.work.trim(),
      ...(plate === "" ? {} : { plate }),
      ...(vin === "" ? {} : { vin }),
      ...(hours === "" ? {} : { flatRateHours }),
      ...(promisedAt === undefined ? {} : { promisedAt }),
      ...(to.bay === null ? {} : { bay: to.bay }),
      ...(to.technicianId === null ? {} : { technicianId: to.technicianId }),
    },
  };
}
