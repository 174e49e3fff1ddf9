// The part of a message channel that is used here: these sources know the types of no platform.
interface Port {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
  close(): void;
}

interface Platform {
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port };
}

/**
 * Gives timers, signals and the page their turn.
 *
 * A message, because hidden pages have no animation frames and slow timers down to one a second or
 * less. An open port would keep Node running, so each pause has its own channel and closes it.
 */
export function macrotask(): Promise<void> {
  const { MessageChannel } = globalThis as unknown as Platform;
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
