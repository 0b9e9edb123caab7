/** The face of this folder: what neighbours may use. */
export { createPasswordHashing } from "./passwords.ts";
export { openPeople, type People, type Person } from "./people.ts";
export { createSetupCode, type SetupCode } from "./setup-code.ts";
