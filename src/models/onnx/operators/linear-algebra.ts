/** Products. What PyTorch's exporter takes apart (a transposed kernel, a product, a bias) is one linear operation again: see ../linear.ts. */
import type { Extent } from '../../../topology/operation-graph/graph.ts';
import { type Call, shapeOf, type Translations } from '../call.ts';
import { broadcastExtents, type OnnxValue, plainNumbers, type TensorValue } from '../values.ts';

function productShape(a: readonly Extent[] | null, b: readonly Extent[] | null): readonly Extent[] | null {
  if (a === null || b === null || a.length === 0 || b.length === 0) return null;
  const rows = a.length === 1 ? [] : [a.at(-2) ?? null];
  const columns = b.length === 1 ? [] : [b.at(-1) ?? null];
  const lead = broadcastExtents(a.slice(0, -2), b.slice(0, -2)) ?? [];
  return [...lead, ...rows, ...columns];
}

function matMul(call: Call): OnnxValue {
  const [a, b] = [call.tensor(0), call.tensor(1)];
  return call.emit(
    'matmul',
    { self: { ref: a.ref }, other: { ref: b.ref } },
    { shape: productShape(a.shape, b.shape) },
  );
}

const transposed = (call: Call, x: TensorValue): TensorValue =>
  call.emit('t', { self: { ref: x.ref } }, { shape: x.shape === null ? null : [...x.shape].reverse() });

function scaled(call: Call, x: OnnxValue, factor: number): OnnxValue {
  if (factor === 1) return x;
  return call.emit('mul', { self: { ref: call.asTensor(x).ref }, other: factor }, { shape: shapeOf(x) });
}

/** alpha A B + beta C, A and B transposed where asked; with B transposed and nothing else it is PyTorch's linear. */
function gemm(call: Call): OnnxValue {
  const [alpha, beta] = [call.float('alpha', 1), call.float('beta', 1)];
  const [transA, transB] = [call.int('transA', 0) === 1, call.int('transB', 0) === 1];
  const bias = call.has(2) && beta !== 0 ? call.value(2) : null;
  const isNothing = bias?.kind === 'known' && (plainNumbers(bias)?.every((value) => value === 0) ?? false);
  const added = isNothing ? null : bias;
  const x = transA ? transposed(call, call.tensor(0)) : call.tensor(0);
  const weight = call.tensor(1);
  const [rows = null] = x.shape ?? [];
  const [out = null] = (transB ? weight.shape : weight.shape?.slice(-1)) ?? [];
  const shape = [rows, out];
  const isRow = added === null || shapeOf(added)?.length === 1;
  if (transB && alpha === 1 && beta === 1 && isRow)
    return call.emit(
      'linear',
      {
        input: { ref: x.ref },
        weight: { ref: weight.ref },
        bias: added === null ? null : { ref: call.asTensor(added).ref },
      },
      { shape },
    );
  const right = transB ? transposed(call, weight) : weight;
  const product = { mat1: { ref: x.ref }, mat2: { ref: right.ref } };
  if (added === null) {
    const y = call.emit('mm', { self: product.mat1, mat2: product.mat2 }, { shape });
    return scaled(call, y, alpha);
  }
  return call.emit('addmm', { self: { ref: call.asTensor(added).ref }, ...product, beta, alpha }, { shape });
}

function einsum(call: Call): OnnxValue {
  const equation = call.text('equation', '');
  const tensors = Array.from({ length: call.inputCount }, (_, index) => call.ref(index));
  return call.emit('einsum', { equation, tensors });
}

export const linearAlgebra: Translations = { MatMul: matMul, Gemm: gemm, Einsum: einsum };
