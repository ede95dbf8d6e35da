/** Writes docs/gradients.md: kernel x order x error, measured on this machine. Run by `npm run docs:gradients`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import { tf } from '../../../src/engine/tf.ts';
import { proofs } from './proofs.ts';
import { defaultTolerance, orders, proveRow } from './prove.ts';

const header = `# Gradient rules and their proofs

Written by \`npm run docs:gradients\` (test/engine/gradients/write-docs.ts); do not edit.

GradInit differentiates a gradient norm, MetaInit the product of a Hessian with a gradient. tfjs' own rules are made for first order: those that save an
output drop paths in second order without an error. Here every kernel has a rule of its own (src/engine/gradients) that keeps inputs only and is made of
differentiable ops; a kernel that is not in this table is refused with \`GRADIENT_UNPROVEN\`.

Each row is one kernel in the largest error of its variants. Order k compares the exact derivative of D_(k-1) along a random direction with central differences of
D_(k-1) (Richardson extrapolation, best of three steps, float32), D_0 = sum(w h^2) + sum(u h) |x|^2 for the kernel's output h: x is reached by a second
path, so a dropped one shows. Accepted: ${defaultTolerance}. What is left is the rounding of float32 in the differences.

`;

installGradients();

const worst = new Map<string, { rows: number; errors: number[] }>();
for (const { kernel, ...proof } of proofs) {
  const errors = proveRow(proof);
  const { rows, errors: before } = worst.get(kernel) ?? { rows: 0, errors: errors.map(() => 0) };
  worst.set(kernel, { rows: rows + 1, errors: errors.map((error, index) => Math.max(error, before[index] ?? 0)) });
}

const lines = [...worst]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(
    ([kernel, { rows, errors }]) =>
      `| ${kernel} | ${rows} | ${errors.map((error) => error.toExponential(1)).join(' | ')} |`,
  );
const table = ['| Kernel | variants |', ...orders.map((order) => ` order ${order} |`)].join('');
const rule = `|---|---|${orders.map(() => '---|').join('')}`;

mkdirSync('docs', { recursive: true });
writeFileSync(
  'docs/gradients.md',
  `${header}TensorFlow ${tf.version.tfjs} for JavaScript, ${worst.size} kernels.\n\n${[table, rule, ...lines].join('\n')}\n`,
);
