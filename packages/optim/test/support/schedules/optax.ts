import {
  cosineDecaySchedule,
  cosineOneCycleSchedule,
  exponentialDecaySchedule,
  joinSchedules,
  linearOneCycleSchedule,
  linearSchedule,
  piecewiseConstantSchedule,
  piecewiseInterpolateSchedule,
  polynomialSchedule,
  sgdrSchedule,
  warmupConstantSchedule,
  warmupCosineDecaySchedule,
  warmupExponentialDecaySchedule,
} from "@layerwise/optim";
import type { Schedules } from "./index.ts";

const upAndDown = { initValue: 1, endValue: 0.1, steps: 100, begin: 10 };
const wave = { peakValue: 1, warmupSteps: 5, steps: 40 };

/** By optax' source on numpy. */
export const source: Schedules = {
  "linear(1,.1,100,begin=10)": linearSchedule(upAndDown),
  "polynomial(1,.1,p2,100)": polynomialSchedule({ ...upAndDown, begin: 0, power: 2 }),
  "exponential(1,20,.5)": exponentialDecaySchedule({ initValue: 1, rate: 0.5, steps: 20 }),
  "exponential staircase": exponentialDecaySchedule({
    initValue: 1,
    rate: 0.5,
    steps: 20,
    begin: 5,
    staircase: true,
    endValue: 0.1,
  }),
  "cosine exponent2": cosineDecaySchedule({ initValue: 1, steps: 100, alpha: 0.1, exponent: 2 }),
  "warmup_cosine(0,1,10,100,.1)": warmupCosineDecaySchedule({
    peakValue: 1,
    warmupSteps: 10,
    steps: 100,
    endValue: 0.1,
  }),
  "warmup_exp(0,1,10,20,.5)": warmupExponentialDecaySchedule({
    peakValue: 1,
    warmupSteps: 10,
    steps: 20,
    rate: 0.5,
  }),
  "warmup_constant(0,1,10)": warmupConstantSchedule({ peakValue: 1, warmupSteps: 10 }),
  "cosine_onecycle(100,1)": cosineOneCycleSchedule({ peakValue: 1, steps: 100 }),
  sgdr2x40: sgdrSchedule([wave, wave]),
  "piecewise_constant(1,{30:.1,60:.5})": piecewiseConstantSchedule(1, { 30: 0.1, 60: 0.5 }),
  "join(linear,cosine@20)": joinSchedules(
    [
      linearSchedule({ initValue: 0, endValue: 1, steps: 20 }),
      cosineDecaySchedule({ initValue: 1, steps: 80 }),
    ],
    [20],
  ),
};

/** By optax 0.2.8. */
export const release: Schedules = {
  "linear(.1,1,10,begin=3)": linearSchedule({ initValue: 0.1, endValue: 1, steps: 10, begin: 3 }),
  "polynomial(1,.1,p1.5,80,begin=7)": polynomialSchedule({
    initValue: 1,
    endValue: 0.1,
    steps: 80,
    begin: 7,
    power: 1.5,
  }),
  "polynomial(.1,1,p3,50)": polynomialSchedule({
    initValue: 0.1,
    endValue: 1,
    steps: 50,
    power: 3,
  }),
  "exponential(1,10,.7,begin=4,end=.05)": exponentialDecaySchedule({
    initValue: 1,
    rate: 0.7,
    steps: 10,
    begin: 4,
    endValue: 0.05,
  }),
  "exponential(.1,10,1.3,end=.8)": exponentialDecaySchedule({
    initValue: 0.1,
    rate: 1.3,
    steps: 10,
    endValue: 0.8,
  }),
  "exponential(1,7,.9,staircase)": exponentialDecaySchedule({
    initValue: 1,
    rate: 0.9,
    steps: 7,
    staircase: true,
  }),
  "cosine(.3,90,alpha=.2,exponent=.7)": cosineDecaySchedule({
    initValue: 0.3,
    steps: 90,
    alpha: 0.2,
    exponent: 0.7,
  }),
  "warmup_constant(.05,1,13)": warmupConstantSchedule({
    initValue: 0.05,
    peakValue: 1,
    warmupSteps: 13,
  }),
  "warmup_cosine(.05,1,13,110,.02,exponent=1.5)": warmupCosineDecaySchedule({
    initValue: 0.05,
    peakValue: 1,
    warmupSteps: 13,
    steps: 110,
    endValue: 0.02,
    exponent: 1.5,
  }),
  "warmup_exp(.05,1,10,20,.5,begin=6,staircase,end=.1)": warmupExponentialDecaySchedule({
    initValue: 0.05,
    peakValue: 1,
    warmupSteps: 10,
    steps: 20,
    rate: 0.5,
    begin: 6,
    staircase: true,
    endValue: 0.1,
  }),
  "warmup_exp(.05,1,10,20,.5,begin=6,end=.1)": warmupExponentialDecaySchedule({
    initValue: 0.05,
    peakValue: 1,
    warmupSteps: 10,
    steps: 20,
    rate: 0.5,
    begin: 6,
    endValue: 0.1,
  }),
  "piecewise_interpolate(linear,1,{20:.1,50:4,90:.5})": piecewiseInterpolateSchedule(1, {
    20: 0.1,
    50: 4,
    90: 0.5,
  }),
  "piecewise_interpolate(cosine,1,{20:.1,50:4,90:.5})": piecewiseInterpolateSchedule(
    1,
    { 20: 0.1, 50: 4, 90: 0.5 },
    "cosine",
  ),
  "linear_onecycle(100,1)": linearOneCycleSchedule({ peakValue: 1, steps: 100 }),
  "linear_onecycle(77,.4,pct=.25,final=.9,div=10,finaldiv=500)": linearOneCycleSchedule({
    peakValue: 0.4,
    steps: 77,
    pctStart: 0.25,
    pctFinal: 0.9,
    divFactor: 10,
    finalDivFactor: 500,
  }),
  "cosine_onecycle(77,.4,pct=.25,div=10,finaldiv=500)": cosineOneCycleSchedule({
    peakValue: 0.4,
    steps: 77,
    pctStart: 0.25,
    divFactor: 10,
    finalDivFactor: 500,
  }),
  "sgdr(30:.8,40:.5,35:.3)": sgdrSchedule([
    { initValue: 0.1, peakValue: 0.8, warmupSteps: 5, steps: 30, endValue: 0.05 },
    { initValue: 0.05, peakValue: 0.5, warmupSteps: 8, steps: 40, endValue: 0.02, exponent: 2 },
    { initValue: 0.02, peakValue: 0.3, warmupSteps: 3, steps: 35 },
  ]),
  "piecewise_constant(1,{1:.5,30:.1,31:3,60:0})": piecewiseConstantSchedule(1, {
    1: 0.5,
    30: 0.1,
    31: 3,
    60: 0,
  }),
};
