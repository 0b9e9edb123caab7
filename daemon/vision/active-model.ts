import type { Logger } from "../../machine/log.ts";
import type { ModelRole } from "./registry/manifest.ts";
import type { ActiveModel, ModelStore } from "./registry/store.ts";
import type { WorkerProblem } from "./worker/supervisor.ts";

interface FollowOptions {
  readonly store: ModelStore;
  readonly role: ModelRole;
  /** Lets another bundle work. */
  readonly takeOver: (folder: string, name: string) => void;
  readonly log: Logger;
}

/** Lets the running gateway work with what the store says: a version that was added or rolled back to takes over, one that cannot be opened goes back. */
export class ActiveModelFollower {
  readonly #options: FollowOptions;
  #followed: string;
  #damageTold = false;

  /** @param started what the gateway was started with */
  constructor(started: ActiveModel, options: FollowOptions) {
    this.#options = options;
    this.#followed = started.folder;
  }

  /** Looks whether another version is active; to be called again and again. */
  async look(): Promise<void> {
    const { store, role } = this.#options;
    this.#follow(await store.active(role));
  }

  /** A version could not be opened: the one before it is active from here on, at the next start too. */
  async refuse(folder: string, problem: WorkerProblem): Promise<void> {
    const { store, role, log } = this.#options;
    try {
      this.#follow(await store.refuse(role, folder, problem));
    } catch (error) {
      // A full disk: what works now goes on, and the next start tries again.
      log.error({ role, err: error }, "the refusal of a model could not be written down");
    }
  }

  #follow(active: ActiveModel): void {
    const { role, takeOver, log } = this.#options;
    if (active.damaged && !this.#damageTold)
      log.warn(
        { role, code: "MODEL_STORE_DAMAGED", model: active.name },
        "the active model is gone, an older one is used",
      );
    this.#damageTold = active.damaged;
    if (active.folder === this.#followed) return;
    this.#followed = active.folder;
    log.info({ role, model: active.name }, "another model is active");
    takeOver(active.folder, active.name);
  }
}
