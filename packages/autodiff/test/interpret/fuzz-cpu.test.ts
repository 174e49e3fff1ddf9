import { testRandomGraphs } from "./fuzz.ts";

testRandomGraphs("cpu", 200);
