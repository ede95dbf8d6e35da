import type { ComparisonReport } from './report.ts';
export const toHtml = async (_: ComparisonReport) => '';
