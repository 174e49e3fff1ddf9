export * from "@layerwise/test";
