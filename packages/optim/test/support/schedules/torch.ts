import {
  constantFactorSchedule,
  constantSchedule,
  cosineAnnealingSchedule,
  cosineRestartsSchedule,
  cyclicSchedule,
  exponentialDecaySchedule,
  inverseTimeDecaySchedule,
  joinSchedules,
  linearSchedule,
  multiplySchedules,
  oneCycleMomentumSchedule,
  oneCycleSchedule,
  piecewiseConstantSchedule,
  piecewiseInterpolateSchedule,
  polynomialSchedule,
  rexSchedule,
  stepDecaySchedule,
  warmupStableDecaySchedule,
} from "@layerwise/optim";
import type { Schedules } from "./index.ts";

const wsd = { peakValue: 1, warmupSteps: 10, decaySteps: 40, steps: 110 };
const cycle = { initValue: 0.1, peakValue: 1 };

/** By PyTorch 1.13. */
export const first: Schedules = {
  "MultiStepLR([30,80],.1)": piecewiseConstantSchedule(1, { 30: 0.1, 80: 0.1 }),
  "ExponentialLR(.95)": exponentialDecaySchedule({ initValue: 1, rate: 0.95 }),
  "LinearLR(1/3,1,10)": linearSchedule({ initValue: 1 / 3, endValue: 1, steps: 10 }),
  "ConstantLR(1/3,10)": constantFactorSchedule({ endValue: 1, steps: 10 }),
  "CosineAnnealingLR(50,.1)": cosineAnnealingSchedule({
    initValue: 1,
    endValue: 0.1,
    steps: 50,
  }),
  "CosineAnnealingWarmRestarts(20,2,.01)": cosineRestartsSchedule({
    initValue: 1,
    endValue: 0.01,
    steps: 20,
    stepsFactor: 2,
  }),
  "OneCycleLR(1,100)": oneCycleSchedule({ peakValue: 1, steps: 100 }),
  "CyclicLR(.1,1,20)": cyclicSchedule({ ...cycle, upSteps: 20 }),
};

/** By PyTorch 1.13, too. */
export const more: Schedules = {
  "StepLR(30,.2)": stepDecaySchedule({ initValue: 1, rate: 0.2, steps: 30 }),
  "ConstantLR(.25,17)": constantFactorSchedule({ endValue: 1, factor: 0.25, steps: 17 }),
  "PolynomialLR(100,p1)": polynomialSchedule({
    initValue: 1,
    endValue: 0,
    steps: 100,
    power: 1,
  }),
  "PolynomialLR(70,p2.5)": polynomialSchedule({
    initValue: 1,
    endValue: 0,
    steps: 70,
    power: 2.5,
  }),
  "LinearLR(1,.2,60)": linearSchedule({ initValue: 1, endValue: 0.2, steps: 60 }),
  "CosineAnnealingLR(16,.05)": cosineAnnealingSchedule({
    initValue: 1,
    endValue: 0.05,
    steps: 16,
  }),
  "CosineAnnealingWarmRestarts(15,1)": cosineRestartsSchedule({ initValue: 1, steps: 15 }),
  "CosineAnnealingWarmRestarts(4,3,.1)": cosineRestartsSchedule({
    initValue: 1,
    endValue: 0.1,
    steps: 4,
    stepsFactor: 3,
  }),
  "CyclicLR(.1,1,10,25)": cyclicSchedule({ ...cycle, upSteps: 10, downSteps: 25 }),
  "CyclicLR(.1,1,10,25,momentum)": cyclicSchedule({
    initValue: 0.9,
    peakValue: 0.8,
    upSteps: 10,
    downSteps: 25,
  }),
  "CyclicLR(.1,1,12,triangular2)": cyclicSchedule({
    ...cycle,
    upSteps: 12,
    mode: "triangular2",
  }),
  "CyclicLR(.1,1,12,8,triangular2)": cyclicSchedule({
    ...cycle,
    upSteps: 12,
    downSteps: 8,
    mode: "triangular2",
  }),
  "CyclicLR(.1,1,12,exp_range,.97)": cyclicSchedule({
    ...cycle,
    upSteps: 12,
    mode: "expRange",
    gamma: 0.97,
  }),
  "OneCycleLR(1,121,linear)": oneCycleSchedule({
    peakValue: 1,
    steps: 121,
    interpolation: "linear",
  }),
  "OneCycleLR(.4,121,pct=.25,div=10,finaldiv=500)": oneCycleSchedule({
    peakValue: 0.4,
    steps: 121,
    pctStart: 0.25,
    divFactor: 10,
    finalDivFactor: 500,
  }),
  "OneCycleLR(1,121,three_phase)": oneCycleSchedule({
    peakValue: 1,
    steps: 121,
    threePhase: true,
  }),
  "OneCycleLR(1,121,three_phase,linear,pct=.4)": oneCycleSchedule({
    peakValue: 1,
    steps: 121,
    pctStart: 0.4,
    threePhase: true,
    interpolation: "linear",
  }),
  "OneCycleLR(1,121,momentum)": oneCycleMomentumSchedule({ steps: 121 }),
  "OneCycleLR(1,121,three_phase,linear,momentum .8-.99)": oneCycleMomentumSchedule({
    initValue: 0.99,
    peakValue: 0.8,
    steps: 121,
    threePhase: true,
    interpolation: "linear",
  }),
  "LambdaLR(1/(1+t/10))": inverseTimeDecaySchedule({ initValue: 1, rate: 1, steps: 10 }),
  "MultiplicativeLR(.97)": exponentialDecaySchedule({ initValue: 1, rate: 0.97 }),
  "Sequential(Linear(.1,1,10),Exponential(.95)@10)": joinSchedules(
    [
      linearSchedule({ initValue: 0.1, endValue: 1, steps: 10 }),
      exponentialDecaySchedule({ initValue: 1, rate: 0.95 }),
    ],
    [10],
  ),
  "Chained(Constant(.1,20),Exponential(.98))": multiplySchedules(
    constantFactorSchedule({ endValue: 1, factor: 0.1, steps: 20 }),
    exponentialDecaySchedule({ initValue: 1, rate: 0.98 }),
    constantSchedule(1),
  ),
  "SWALR(.2,30,cos)": piecewiseInterpolateSchedule(1, { 30: 0.2 }, "cosine"),
  "SWALR(.2,30,linear)": piecewiseInterpolateSchedule(1, { 30: 0.2 }),
};

/** By pytorch_optimizer 3.8.0. */
export const kozistr: Schedules = {
  "REX(100,.8,.1)": rexSchedule({ initValue: 0.8, endValue: 0.1, steps: 100 }),
  "REX(60)": rexSchedule({ initValue: 1, steps: 60 }),
  "WSD(10,60,40,cosine)": warmupStableDecaySchedule({ ...wsd, shape: "cosine" }),
  "WSD(10,60,40,1-sqrt)": warmupStableDecaySchedule(wsd),
  "WSD(10,60,40,linear)": warmupStableDecaySchedule({ ...wsd, shape: "linear" }),
  "WSD(10,60,40,1-square)": warmupStableDecaySchedule({ ...wsd, shape: "square" }),
  "WSD(10,60,40,cosine,min=.1)": warmupStableDecaySchedule({
    ...wsd,
    shape: "cosine",
    endValue: 0.1,
  }),
};
