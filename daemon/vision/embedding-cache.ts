/**
 * What was worked out for a picture, kept for the next question about it. The least recently used goes first where there is no more room; work that is
 * under way is shared by all who ask for it, and work that failed is forgotten.
 */
export class EmbeddingCache<Embedding> {
  readonly #maxBytes: number;
  readonly #bytesOf: (embedding: Embedding) => number;
  /** In order of use: a Map keeps the order in which keys were put in. */
  readonly #kept = new Map<string, Embedding>();
  readonly #underWay = new Map<string, Promise<Embedding>>();
  #bytes = 0;

  constructor(maxBytes: number, bytesOf: (embedding: Embedding) => number) {
    this.#maxBytes = maxBytes;
    this.#bytesOf = bytesOf;
  }

  /** Bytes that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * @param key the picture's hash
   * @param work is called where nothing is known about the picture yet
   */
  async get(key: string, work: () => Promise<Embedding>): Promise<Embedding> {
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept;
    }
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const begun = work();
    this.#underWay.set(key, begun);
    try {
      const embedding = await begun;
      this.#keep(key, embedding);
      return embedding;
    } finally {
      this.#underWay.delete(key);
    }
  }

  #keep(key: string, embedding: Embedding): void {
    const bytes = this.#bytesOf(embedding);
    if (bytes > this.#maxBytes) return;
    this.#kept.set(key, embedding);
    this.#bytes += bytes;
    for (const [oldest, old] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#kept.delete(oldest);
      this.#bytes -= this.#bytesOf(old);
    }
  }
}
