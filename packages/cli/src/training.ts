import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { describePhase, type FitEvent, finish, type Signal } from "@layerwise/pretrain";
import { SingleBar } from "cli-progress";

/** Options of the commands that train. */
export interface TrainingOptions {
  readonly output: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly limit?: number;
  readonly seed: number;
}

/** Says so before the work when its result could not be written. */
export async function checkOutput(path: string): Promise<void> {
  const reason = await access(dirname(path), constants.W_OK).catch((error: Error) => error);
  if (reason) throw new Error(`${path}: cannot be written: ${reason.message}`);
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new Error(`${path}: cannot be written: it is a folder`);
}

/** Runs a training to its end, or to Ctrl-C, and shows how far it is on stderr. */
export async function train<Result>(
  start: (signal: Signal) => AsyncGenerator<FitEvent, Result, void>,
): Promise<Result> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.on("SIGINT", interrupt);
  const show = process.stderr.isTTY ? bar() : lines();
  try {
    return await finish(start(controller.signal), show.event);
  } finally {
    show.end();
    process.off("SIGINT", interrupt);
  }
}

interface Show {
  event(event: FitEvent): void;
  end(): void;
}

const describeEpoch = ({ epoch, epochs, loss, seconds }: FitEvent & { type: "epoch" }): string =>
  `epoch ${epoch + 1}/${epochs}  loss ${loss.toFixed(4)}  ${seconds.toFixed(1)} s`;

const lines = (): Show => ({
  event: (event) => {
    if (event.type === "epoch")
      console.error(`${describePhase(event.phase)}  ${describeEpoch(event)}`);
  },
  end: () => {},
});

function bar(): Show {
  let name = "";
  let progress: SingleBar | undefined;
  return {
    event: (event) => {
      if (describePhase(event.phase) !== name) {
        progress?.stop();
        name = describePhase(event.phase);
        progress = new SingleBar({
          format: "{name} [{bar}] {percentage} %  {eta_formatted} left  {detail}",
          barCompleteChar: "=",
          barIncompleteChar: " ",
          barsize: 24,
          hideCursor: true,
          gracefulExit: false,
        });
        progress.start(event.steps, 0, { name, detail: "" });
      }
      progress?.update(event.step, {
        name,
        ...(event.type === "epoch" && { detail: describeEpoch(event) }),
      });
    },
    end: () => progress?.stop(),
  };
}
