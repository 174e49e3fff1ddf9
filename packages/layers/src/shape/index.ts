export {
  cropping,
  type EdgeOptions,
  type MirrorOptions,
  mirrorPadding,
  zeroPadding,
} from "./pad.ts";
export { flatten, permute, reshape } from "./reshape.ts";
