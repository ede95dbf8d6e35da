/**
 * Renumbers the calls of nested models from 0.
 *
 * tfjs and Keras 2 count the definition of a nested model as its first call, so that references to its calls begin at 1. Keras 3 does
 * so only in output_layers, and only for Functional models. If a file has such a reference with number 0, its calls are counted from 0.
 */
import type { NamingStyle, RawLayer, RawModel, RawRef } from '../topology/raw-model.ts';

type Graph = Pick<RawModel, 'layers' | 'inputs' | 'outputs'>;

const shifted = (nested: ReadonlySet<string>, refs: readonly RawRef[]): ReadonlySet<string> => {
  const fromZero = new Set(refs.filter(({ call }) => call === 0).map(({ layer }) => layer));
  return new Set([...nested].filter((name) => !fromZero.has(name)));
};

const shift = (refs: readonly RawRef[], names: ReadonlySet<string>): RawRef[] =>
  refs.map((ref) => (names.has(ref.layer) ? { ...ref, call: ref.call - 1 } : ref));

/** The graph with the calls of nested models numbered from 0. */
export function renumberCalls(graph: Graph, style: NamingStyle): Graph {
  const { layers, inputs, outputs } = graph;
  const models = layers.filter((layer: RawLayer) => layer.model !== undefined);
  if (style === 'keras3') {
    const functional = new Set(models.filter(({ className }) => className !== 'Sequential').map(({ name }) => name));
    return { layers, inputs, outputs: shift(outputs, shifted(functional, outputs)) };
  }
  const references = [...layers.flatMap(({ calls }) => calls.flatMap((call) => call.inputs)), ...outputs];
  const names = shifted(new Set(models.map(({ name }) => name)), references);
  const renumbered = layers.map((layer) => ({
    ...layer,
    calls: layer.calls.map((call) => ({ ...call, inputs: shift(call.inputs, names) })),
  }));
  return { layers: renumbered, inputs, outputs: shift(outputs, names) };
}
