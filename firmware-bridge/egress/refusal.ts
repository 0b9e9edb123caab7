/** Which rule of the egress a write broke. */
export type EgressRule =
  /** The service is not on the list of reading services, or its form is not that of a reading request. */
  | "service"
  /** The identifier is none that a diagnostic tester uses. */
  | "address"
  /** The frame belongs to no question that was approved. */
  | "frame"
  /** Clearing codes without the fresh authority of a technician. */
  | "authority"
  /** A command or topic of the device that is not on its list. */
  | "command"
  /** The outlet is not open. */
  | "closed";

/** A write that was stopped before a byte left. Always a mistake of ours or somebody's ill will, never a state of the car. */
export class EgressRefusal extends RangeError {
  readonly rule: EgressRule;

  constructor(rule: EgressRule, detail: string) {
    super(detail);
    this.name = "EgressRefusal";
    this.rule = rule;
  }
}
