export { type MadgradOptions, madgrad } from "./madgrad.ts";
export {
  type ScaleByMadgradOptions,
  type ScaleByMadgradState,
  scaleByMadgrad,
} from "./scale-by-madgrad.ts";
