/** Counters since the start; what the status page, `doctor` and the metrics show. */
export interface BrokerStatistics {
  connectionsAccepted: number;
  /** Over a connection cap, of all or of one address. */
  connectionsRefused: number;
  loginsRefused: Record<string, number>;
  /** Connections killed by the packet guard, by reason. */
  guardKills: Record<string, number>;
  bytesReceived: number;
  cameraFrames: number;
  durableAccepted: number;
  durableDuplicates: number;
  /** Acknowledgement withheld because storage failed. */
  durableWithheld: number;
  /** Durable messages sent with QoS 0: taken in, but a lost one would not have been sent again. The device is set up wrongly. */
  durableAtQos0: number;
  quarantined: number;
  /** Telemetry and status that could not be understood; dropped. */
  invalidDropped: number;
  /** Publishes on topics that the sender has no right to; dropped. */
  publishesDenied: number;
  subscriptionsDenied: number;
  /** Persistent sessions asked for and given as clean ones. */
  sessionsDowngraded: number;
  /** Retain flags taken off where the table grants none. */
  retainsStripped: number;
  listenerErrors: number;
}

export function emptyStatistics(): BrokerStatistics {
  return {
    connectionsAccepted: 0,
    connectionsRefused: 0,
    loginsRefused: {},
    guardKills: {},
    bytesReceived: 0,
    cameraFrames: 0,
    durableAccepted: 0,
    durableDuplicates: 0,
    durableWithheld: 0,
    durableAtQos0: 0,
    quarantined: 0,
    invalidDropped: 0,
    publishesDenied: 0,
    subscriptionsDenied: 0,
    sessionsDowngraded: 0,
    retainsStripped: 0,
    listenerErrors: 0,
  };
}

/** Adds one under a name of a small fixed set. */
export function countUnder(counters: Record<string, number>, name: string): void {
  counters[name] = (counters[name] ?? 0) + 1;
}
