import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";

export type { Logger } from "pino";

/** Keys whose values never reach a log, at any depth that we use. */
const SECRET_KEYS = [
  "password",
  "passwordHash",
  "secret",
  "token",
  "claimCode",
  "setupCode",
  "privateKey",
  "authorization",
  "cookie",
  "badge",
];

/**
 * The process's log: JSON lines for machines, one line when something is lost and one when it is back, never one per frame.
 * @param name the process, e.g. `daemon`
 */
export function createLog(name: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    name,
    level: process.env.BAYGATE_LOG_LEVEL ?? "info",
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: "[removed]" },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return destination === undefined
    ? pino(options, pino.destination({ fd: 2, sync: false }))
    : pino(options, destination);
}
