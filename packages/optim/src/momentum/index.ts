export { type AddNoiseOptions, type AddNoiseState, addNoise } from "./add-noise.ts";
export { type AggMoOptions, aggMo } from "./agg-mo.ts";
export { type AsgdOptions, asgd } from "./asgd.ts";
export {
  type AverageIteratesOptions,
  type AverageIteratesState,
  averagedParams,
  averageIterates,
} from "./average-iterates.ts";
export { type EmaOptions, type EmaState, ema } from "./ema.ts";
export { type EmaMomentumOptions, emaMomentum } from "./ema-momentum.ts";
export { type HeavyBallOptions, heavyBall } from "./heavy-ball.ts";
export { type NesterovMomentumOptions, nesterovMomentum } from "./nesterov-momentum.ts";
export { type NoisySgdOptions, noisySgd } from "./noisy-sgd.ts";
export {
  type OptimisticGradientDescentOptions,
  optimisticGradientDescent,
} from "./optimistic-gradient-descent.ts";
export { type QhmOptions, qhm } from "./qhm.ts";
export {
  type ScaleByAggmoOptions,
  type ScaleByAggmoState,
  scaleByAggmo,
} from "./scale-by-aggmo.ts";
export {
  type ScaleByOptimisticGradientOptions,
  type ScaleByOptimisticGradientState,
  scaleByOptimisticGradient,
} from "./scale-by-optimistic-gradient.ts";
export { type ScaleByQhmOptions, type ScaleByQhmState, scaleByQhm } from "./scale-by-qhm.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
export { type TraceOptions, type TraceState, trace } from "./trace.ts";
export {
  type TraceAheadExtra,
  type TraceAheadOptions,
  type TraceAheadState,
  traceAhead,
} from "./trace-ahead.ts";
