/** Kernels that are constant almost everywhere: comparisons, logic, roundings, indices. Their gradient is zero. */
import type { GradConfig } from '../tf.ts';
import { noGradient, rule } from './rule.ts';

const zeroRule = (kernelName: string, inputs: readonly string[]): GradConfig =>
  rule(kernelName, inputs, (_, saved) =>
    Object.fromEntries(Object.entries(saved).map(([name, input]) => [name, noGradient(input)])),
  );

const ofPairs = [
  'Equal',
  'NotEqual',
  'Greater',
  'GreaterEqual',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalOr',
  'FloorDiv',
];
const ofOne = [
  ...['Sign', 'Step', 'Floor', 'Ceil', 'Round', 'LogicalNot', 'IsNan', 'IsInf', 'IsFinite'],
  ...['ArgMax', 'ArgMin', 'ZerosLike', 'OnesLike'],
];

export const zeroRules: readonly GradConfig[] = [
  ...ofPairs.map((kernelName) => zeroRule(kernelName, ['a', 'b'])),
  ...ofOne.map((kernelName) => zeroRule(kernelName, ['x'])),
  zeroRule('OneHot', ['indices']),
];
