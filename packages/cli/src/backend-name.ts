/** Names of what computations can run on. */
export const backends = ["auto", "webgpu", "cpu"] as const;

/** What computations run on. */
export type BackendName = (typeof backends)[number];

/** Options of every command. */
export interface BackendOptions {
  readonly backend: BackendName;
}
