// Progress

export { type BoxGroup, type BoxPlot, boxPlotSvg } from "./box-plot.ts";
export { type BoxStats, boxStats } from "./box-stats.ts";
export type { Curve, LineChart } from "./curve.ts";
// Plain text
export { type Align, type Cell, formatNumber } from "./format-number.ts";
export { type FormatProgressOptions, formatDuration, formatProgress } from "./format-progress.ts";
// HTML
export { htmlReport, type Report } from "./html-report.ts";
export type { TableContent } from "./html-table.ts";
export type { ImageGrid, ImageRow } from "./image-grid.ts";
export { type ColorScale, imagePng, type Range, valueRange } from "./image-png.ts";
export { lineChartSvg } from "./line-chart.ts";
// Charts and images
export type { ScaleKind } from "./number-scale.ts";
export {
  advanceProgress,
  estimateProgress,
  type Progress,
  type ProgressEstimate,
  type ProgressSample,
  startProgress,
} from "./progress.ts";
export type {
  BoxPlotSection,
  Captioned,
  ImageGridSection,
  LineChartSection,
  ParagraphSection,
  ReportSection,
  TableSection,
} from "./sections.ts";
export type { SvgOptions } from "./svg.ts";
export { type TextTableOptions, textTable } from "./text-table.ts";
