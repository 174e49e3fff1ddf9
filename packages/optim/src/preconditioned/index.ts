export { type MuonOptions, type MuonState, muon } from "./muon.ts";
export {
  type NewtonSchulzCoefficients,
  type OrthogonalizeOptions,
  orthogonalize,
} from "./orthogonalize.ts";
export { type PsgdKronOptions, psgdKron } from "./psgd-kron.ts";
export { type ScaleByMuonOptions, type ScaleByMuonState, scaleByMuon } from "./scale-by-muon.ts";
export {
  type ScaleByPsgdKronOptions,
  type ScaleByPsgdKronState,
  scaleByPsgdKron,
} from "./scale-by-psgd-kron.ts";
export {
  type ScaleByShampooOptions,
  type ScaleByShampooState,
  scaleByShampoo,
} from "./scale-by-shampoo.ts";
export { type ScaleByShapeOptions, scaleByShape } from "./scale-by-shape.ts";
export { type ScaleBySoapOptions, type ScaleBySoapState, scaleBySoap } from "./scale-by-soap.ts";
export { type ShampooOptions, shampoo } from "./shampoo.ts";
export { type SoapOptions, soap } from "./soap.ts";
