export { asTfOptimizer, type TfExtra, type TfTransformation } from "./as-tf-optimizer.ts";
