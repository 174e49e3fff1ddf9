import type { ComputeEngine } from "./engine.ts";
import { GraphCache } from "./graph-cache.ts";
import { Templates } from "./template.ts";
import { ValueTypes } from "./value-type.ts";

const GRAPHS = 512;

/** What outlives instances of the backend, of which tfjs makes a new one after each reset. */
export class Device {
  readonly types: ValueTypes = new ValueTypes();
  readonly templates: Templates = new Templates(this.types);
  readonly graphs: GraphCache = new GraphCache(GRAPHS);
  readonly #create: () => ComputeEngine;
  #engine: ComputeEngine | undefined;

  constructor(create: () => ComputeEngine) {
    this.#create = create;
  }

  /** Created when it is first needed. */
  get engine(): ComputeEngine {
    this.#engine ??= this.#create();
    return this.#engine;
  }
}
