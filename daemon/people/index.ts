/** The face of this folder: what neighbours may use. */
export { type NewPerson, openPeople, type People, type PeopleProblem, type Person, type PersonChange } from "./people.ts";
export { createSetupCode, type SetupCode } from "./setup-code.ts";
