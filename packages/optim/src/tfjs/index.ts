export { asTfOptimizer, type TfTransformation } from "./as-tf-optimizer.ts";
