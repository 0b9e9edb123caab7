import { PERMISSIONS, type PersonRole } from "../../../contract/http-api.ts";

/** Only who may clock on has a job of his own. */
export function hasMyJob(role: PersonRole): boolean {
  return role === "technician";
}

/** The page that answers a person's one question. */
export function landingOf(role: PersonRole): "/today" | "/my-job" {
  return hasMyJob(role) ? "/my-job" : "/today";
}

export function maySeeCars(role: PersonRole): boolean {
  const roles: readonly string[] = PERMISSIONS["GET /api/jobs/:id/diagnostics"];
  return roles.includes(role);
}
