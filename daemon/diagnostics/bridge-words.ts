import type { ErrorCode } from "../../contract/errors.ts";

/** The bridge's words for why a conversation with a car came to nothing, and what the registry says of each. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  "adapter-failed": "DONGLE_FAILED",
  "battery-low": "CAR_BATTERY_LOW",
  busy: "DONGLE_BUSY",
  "can-bus-off": "CAN_CANNOT_SEND",
  "can-frame-not-taken": "CAN_CANNOT_SEND",
  "can-interface-down": "CAN_INTERFACE_ABSENT",
  "can-interface-missing": "CAN_INTERFACE_ABSENT",
  "can-not-opened": "CAN_INTERFACE_ABSENT",
  "can-package-missing": "CAN_PACKAGE_MISSING",
  "car-silent": "CAR_SILENT",
  "deadline-passed": "DONGLE_TOO_SLOW",
  "dongle-silent": "DONGLE_SILENT",
  "link-lost": "DONGLE_LINK_LOST",
  "not-allowed": "DONGLE_REFUSED",
  "not-authorised": "DONGLE_REFUSED",
  "polling-off": "POLLING_OFF",
  "recording-missing": "RECORDING_MISSING",
  "recording-unreadable": "RECORDING_UNREADABLE",
  "reports-only": "DONGLE_REPORTS_ONLY",
  "serial-package-missing": "SERIAL_PACKAGE_MISSING",
};

/** A code of the registry; a word that the registry does not know stays as the bridge said it. */
export function codeOfBridge(word: string): string {
  return (Object.hasOwn(CODES, word) ? CODES[word] : undefined) ?? word.slice(0, 60);
}
