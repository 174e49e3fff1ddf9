import { formatNumber } from "./format-number.ts";
import type { ProgressEstimate } from "./progress.ts";

/** Holds the options of {@link formatProgress}. */
export interface FormatProgressOptions {
  /** What is being done, at the start of the line. Default nothing. */
  readonly label?: string;
  /** What is counted, after the rate's number. Default `"it"`. */
  readonly unit?: string;
  /** Characters inside the bar. Default 20; 0 leaves the bar out. */
  readonly barWidth?: number;
}

/**
 * Formats a progress estimate as one line, without a line break.
 *
 * @example
 * ```ts
 * import { formatProgress } from "@layerwise/report";
 *
 * const line = formatProgress(
 *   { done: 25, total: 100, fraction: 0.25, elapsed: 5, rate: 5, remaining: 15 },
 *   { label: "layer 1", unit: "batch", barWidth: 8 },
 * );
 * if (line !== "layer 1  [==      ]  25%  25/100  5 batch/s  0:15 left") throw new Error(line);
 * ```
 */
export function formatProgress(
  { done, total, fraction, elapsed, rate, remaining }: ProgressEstimate,
  { label = "", unit = "it", barWidth = 20 }: FormatProgressOptions = {},
): string {
  const full = Math.floor(fraction * barWidth);
  const parts = [
    label,
    barWidth > 0 ? `[${"=".repeat(full)}${" ".repeat(barWidth - full)}]` : "",
    // Rounded down: 100% is for when everything is done.
    `${Math.floor(fraction * 100)}%`,
    `${formatNumber(done)}/${formatNumber(total)}`,
    rate === undefined ? "" : `${formatNumber(Number(rate.toPrecision(3)))} ${unit}/s`,
    done >= total
      ? `${formatDuration(elapsed)} in all`
      : remaining === undefined
        ? "estimating"
        : `${formatDuration(remaining)} left`,
  ];
  return parts.filter((part) => part !== "").join("  ");
}

/**
 * Formats seconds as `m:ss`, `h:mm:ss` or `d days h:mm:ss`, rounded to the second; `unknown` when it is not finite.
 *
 * @example
 * ```ts
 * import { formatDuration } from "@layerwise/report";
 *
 * if (formatDuration(75) !== "1:15" || formatDuration(3675) !== "1:01:15") throw new Error("wrong");
 * ```
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "unknown";
  const whole = Math.max(0, Math.round(seconds));
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor(whole / 3600) % 24;
  const minutes = Math.floor(whole / 60) % 60;
  const two = (n: number): string => String(n).padStart(2, "0");
  const clock =
    whole >= 3600 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  return days > 0 ? `${days} ${days === 1 ? "day" : "days"} ${clock}` : clock;
}
