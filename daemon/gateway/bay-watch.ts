import type { BayId } from "../../contract/ids.ts";
import type { Clock } from "../../machine/clock.ts";
import { neverSeen } from "../bays/facts.ts";
import { type BayContext, BayObserver, type WatchedBay } from "../bays/observer.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { bayIds, camerasOf } from "../health/picture.ts";
import { jobAtBay } from "../jobs/jobs.ts";
import { baysWithLabour } from "../labour/labour.ts";
import type { ShopCommand } from "../shop/commands.ts";
import type { Executor } from "../shop/executor.ts";
import type { ShopState } from "../shop/shop.ts";

/** Watches the bays of the configuration, beginning with what the journal knows of them. */
export function observeBays(
  configuration: Configuration,
  executor: Executor<ShopState, ShopCommand>,
  clock: Clock,
): BayObserver {
  const bays = bayIds(configuration).map((bayId) => {
    const cameras: WatchedBay["cameras"] = Object.fromEntries(
      camerasOf(configuration, bayId).map((cameraId) => [
        cameraId,
        {
          zone: configuration.bays[bayId]?.cameras[cameraId]?.zone ?? [],
          silentAfterMs: (configuration.cameras[cameraId]?.silentAfterSeconds ?? 45) * 1000,
        },
      ]),
    );
    return { bayId, cameras };
  });
  const at = clock.stamp();
  return new BayObserver(
    bays,
    (bayId) => executor.state.bays[bayId] ?? neverSeen(bayId, at),
    (bayId) => bayContextOf(executor.expected, bayId),
    at,
  );
}

/** What the shop's state says of a bay to the one who watches it. */
function bayContextOf(state: ShopState, bayId: BayId): BayContext {
  const job = jobAtBay(state.jobs, bayId);
  return {
    recorded: state.bays[bayId]?.state,
    job: job === undefined ? undefined : { paused: job.waitReason !== null, since: job.since },
    labourRuns: baysWithLabour(state.labour).includes(bayId),
  };
}
