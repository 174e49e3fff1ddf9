export { type LockedDropoutOptions, lockedDropout } from "./locked-dropout.ts";
export { type ZoneOutOptions, zoneOut } from "./zone-out.ts";
