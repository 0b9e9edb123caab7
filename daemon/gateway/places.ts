import { join } from "node:path";

/** Where the gateway keeps what, below its data directory. One table, so that the command line and the daemon cannot disagree. */
export function placesIn(dataDirectory: string) {
  return {
    journal: join(dataDirectory, "journal"),
    people: join(dataDirectory, "people"),
    page: join(dataDirectory, "page"),
    headquarters: join(dataDirectory, "headquarters"),
    /** Vehicle files that were imported. */
    vehicles: join(dataDirectory, "vehicles"),
    /** Model bundles that were added, beside those that ship. */
    models: join(dataDirectory, "models"),
    /** What GPU providers have built of models. */
    engines: join(dataDirectory, "engines"),
    /** Photos of cars, encrypted, and the box's key. */
    evidence: join(dataDirectory, "evidence"),
    backups: join(dataDirectory, "backups"),
    /** Where a running gateway listens; gone when it has stopped cleanly. */
    running: join(dataDirectory, "running.json"),
  };
}
