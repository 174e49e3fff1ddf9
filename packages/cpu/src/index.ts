export { type CPU, type CPUOptions, cpu } from "./cpu.ts";
