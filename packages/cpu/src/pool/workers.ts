import { type HostWorker, startWorker } from "../host-runtime.ts";
import type { Mailbox } from "./mailbox.ts";
import { WORKER_SOURCE, type WorkerData, type WorkerMessage } from "./worker-source.ts";

/** The workers of a pool. */
export class Workers {
  /** Settles when every worker is ready or gone. */
  readonly started: Promise<void>;
  readonly #mailbox: Mailbox;
  readonly #workers: HostWorker[] = [];
  readonly #threads: number;
  #reason: string | undefined;
  #starting: number;
  #ended = false;

  constructor(mailbox: Mailbox, threads: number, data: Omit<WorkerData, "thread">) {
    this.#mailbox = mailbox;
    this.#threads = threads;
    this.#starting = threads - 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.started = promise;
    for (let thread = 1; thread < threads; thread++) this.#start({ ...data, thread }, resolve);
  }

  #start(data: WorkerData, allStarted: () => void): void {
    const { thread } = data;
    let starting = true;
    const settle = (): void => {
      if (!starting) return;
      starting = false;
      this.#starting--;
      if (this.#starting === 0) allStarted();
    };
    const lose = (reason: string): void => {
      if (!this.#ended) this.#reason ??= reason;
      this.#mailbox.markGone(thread);
      settle();
    };
    const { worker, reason } = startWorker(WORKER_SOURCE, data, {
      message: (value) => {
        const message = value as WorkerMessage;
        if ("failed" in message) lose(message.failed);
        else settle();
      },
      end: lose,
    });
    if (worker !== undefined) this.#workers.push(worker);
    else lose(reason);
  }

  /** Workers that take jobs now. Read from memory: this thread may not have come to its messages. */
  get ready(): number {
    if (this.#ended) return 0;
    return this.#mailbox.readyWorkers(this.#threads);
  }

  /** Why a worker was lost. */
  get reason(): string | undefined {
    return this.#reason;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#mailbox.quit();
    for (const worker of this.#workers) worker.terminate();
  }
}
