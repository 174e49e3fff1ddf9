// The parts that are used here: these sources know the types of no platform.
interface Port {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
  close(): void;
}

interface Platform {
  readonly setImmediate?: (callback: () => void) => void;
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port };
}

/**
 * Gives timers, signals and the page their turn.
 *
 * Browsers: a message, because hidden pages have no animation frames and slow timers down to one a
 * second or less. Node and Deno: `setImmediate`, because in Deno dozens of messages go before a timer
 * that is due.
 */
export function macrotask(): Promise<void> {
  const { setImmediate, MessageChannel } = globalThis as unknown as Platform;
  if (setImmediate) return new Promise((resolve) => setImmediate(resolve));
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
