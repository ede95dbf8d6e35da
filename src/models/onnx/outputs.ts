/** Which outputs of a file are those of the network: class labels beside probabilities, as scikit-learn's converter writes them, are not. */
import type { GraphProto } from './proto.ts';
import { elementTypeOf } from './tensors.ts';

export interface NetworkOutputs {
  readonly names: readonly string[];
  readonly notices: readonly string[];
}

export function networkOutputs({ outputs, nodes }: GraphProto): NetworkOutputs {
  const named = outputs.map(({ name, elementType }) => {
    // A list of dictionaries made of a tensor: the tensor is what the network gives.
    const zip = nodes.find(
      ({ domain, opType, outputs: own }) => domain === 'ai.onnx.ml' && opType === 'ZipMap' && own[0] === name,
    );
    const isNumbers = zip !== undefined || elementTypeOf(elementType)?.dtype === 'float32';
    return { name: zip?.inputs[0] ?? name, isNumbers };
  });
  const numbers = named.filter(({ isNumbers }) => isNumbers);
  if (numbers.length === 0 || numbers.length === named.length)
    return { names: named.map(({ name }) => name), notices: [] };
  const left = named.filter(({ isNumbers }) => !isNumbers).map(({ name }) => name);
  return {
    names: numbers.map(({ name }) => name),
    notices: [`outputs without derivatives (labels) are left aside: ${left.join(', ')}`],
  };
}
