/** Something to wait on: until somebody calls or the time is over. A call while nobody waits is kept for the next who does. */
export class Wake {
  #called = false;
  #resolve: (() => void) | undefined;

  call(): void {
    if (this.#resolve === undefined) this.#called = true;
    else this.#resolve();
  }

  async wait(ms: number): Promise<void> {
    if (this.#called) {
      this.#called = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#resolve = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#resolve = undefined;
    this.#called = false;
  }
}
