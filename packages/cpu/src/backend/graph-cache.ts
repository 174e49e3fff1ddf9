import type { Prepared } from "./engine.ts";

interface Cached {
  readonly hash: number;
  readonly key: Int32Array;
  readonly prepared: Prepared;
}

/** A list of integers that can be reused. */
export class Key {
  words: Int32Array = new Int32Array(256);
  length = 0;

  push(word: number): void {
    if (this.length === this.words.length) {
      const words = new Int32Array(2 * this.length);
      words.set(this.words);
      this.words = words;
    }
    this.words[this.length++] = word;
  }

  /** FNV-1a over words. */
  hash(): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < this.length; i++) hash = Math.imul(hash ^ this.words[i]!, 0x01000193);
    return hash;
  }

  equals(other: Int32Array): boolean {
    if (other.length !== this.length) return false;
    for (let i = 0; i < other.length; i++) if (other[i] !== this.words[i]) return false;
    return true;
  }
}

/** Prepared graphs by what they compute; the one that was used longest ago goes first. */
export class GraphCache {
  readonly #capacity: number;
  // By hash; keys with one hash share a place, of which the last one stays.
  readonly #cached = new Map<number, Cached>();
  /** Graphs that had to be prepared. */
  misses = 0;
  hits = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The prepared graph of a key, made by `prepare` where there is none. */
  get(key: Key, prepare: () => Prepared): Prepared {
    const hash = key.hash();
    const found = this.#cached.get(hash);
    if (found?.key !== undefined && key.equals(found.key)) {
      this.hits++;
      this.#cached.delete(hash);
      this.#cached.set(hash, found);
      return found.prepared;
    }
    this.misses++;
    const prepared = prepare();
    found?.prepared.dispose();
    this.#cached.delete(hash);
    this.#cached.set(hash, { hash, key: key.words.slice(0, key.length), prepared });
    if (this.#cached.size > this.#capacity) this.#evict();
    return prepared;
  }

  #evict(): void {
    const oldest = this.#cached.values().next().value;
    if (oldest === undefined) return;
    this.#cached.delete(oldest.hash);
    oldest.prepared.dispose();
  }
}
