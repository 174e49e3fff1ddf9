export { accuracy, errorRate, topKAccuracy } from "./accuracy.ts";
export { auc } from "./auc.ts";
export { type CalibrationOptions, expectedCalibrationError } from "./calibration.ts";
export { confusionMatrix, f1Score, precision, recall } from "./confusion.ts";
