import { testOps } from "./ops.ts";

testOps("cpu", () => ({ absolute: 1e-6, relative: 1e-5 }));
