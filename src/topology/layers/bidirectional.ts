/** Bidirectional: one recurrent layer over the sequence, another over its reverse, and their outputs merged step by step. */
import type { ConfigReader } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { gru } from './gru.ts';
import { lstm } from './lstm.ts';
import type { RecurrentConfig } from './recurrent.ts';
import { simpleRnn } from './simple-rnn.ts';

const cells = { SimpleRNN: simpleRnn, GRU: gru, LSTM: lstm } as const satisfies Record<string, LayerSpec<unknown>>;

export type CellName = keyof typeof cells;

/** One of the two layers; `config` is what the spec of `cell` parses. */
export interface Direction {
  /** Prefix of its parameters: 'forward_lstm'. */
  readonly name: string;
  readonly cell: CellName;
  readonly config: RecurrentConfig;
}

const mergeModes = ['concat', 'sum', 'mul', 'ave'] as const;

export interface BidirectionalConfig {
  readonly mergeMode: (typeof mergeModes)[number];
  readonly forward: Direction;
  readonly backward: Direction;
}

const specOf = ({ cell }: Direction): LayerSpec<unknown> => cells[cell];

function readDirection(config: ConfigReader, key: string): Direction {
  const { className, reader } = config.nested(key);
  const cell = (Object.keys(cells) as CellName[]).find((name) => name === className);
  if (cell === undefined) return config.fail(key, `must be one of ${Object.keys(cells).join(', ')}, got ${className}`);
  return { name: reader.layerName, cell, config: cells[cell].parse(reader) };
}

/** tfjs and Keras 2 derive the backward layer from the forward one; Keras 3 writes both and names them itself. */
function readDirections(config: ConfigReader): Pick<BidirectionalConfig, 'forward' | 'backward'> {
  const inner = readDirection(config, 'layer');
  if ((config.raw('backward_layer') ?? null) !== null) {
    const backward = readDirection(config, 'backward_layer');
    return { forward: { ...inner, name: `forward_${inner.name.replace(/^forward_/, '')}` }, backward };
  }
  const reversed = { ...inner.config, goBackwards: !inner.config.goBackwards };
  return {
    forward: { ...inner, name: `forward_${inner.name}` },
    backward: { ...inner, name: `backward_${inner.name}`, config: reversed },
  };
}

function parse(config: ConfigReader): BidirectionalConfig {
  if (config.raw('merge_mode') === null) {
    config.fail('merge_mode', `must be one of ${mergeModes.join(', ')}: a layer has one output here`);
  }
  const { forward, backward } = readDirections(config);
  if (forward.config.goBackwards === backward.config.goBackwards) {
    config.fail('backward_layer', 'must run in the other direction: set its go_backwards to the opposite');
  }
  if (forward.config.returnSequences !== backward.config.returnSequences) {
    config.fail('backward_layer', 'must have the return_sequences of layer');
  }
  if (forward.name === backward.name)
    config.fail('backward_layer', `must have a name of its own, got ${backward.name}`);
  const mergeMode = config.oneOf('merge_mode', mergeModes, 'concat');
  const [left, right] = [forward.config.units, backward.config.units];
  if (mergeMode !== 'concat' && left !== right) {
    config.fail('merge_mode', `"${mergeMode}" needs equal units, got ${left} forward and ${right} backward`);
  }
  return { mergeMode, forward, backward };
}

const directionsOf = ({ forward, backward }: BidirectionalConfig): Direction[] => [forward, backward];

export const bidirectional: LayerSpec<BidirectionalConfig> = {
  classNames: ['Bidirectional'],
  parse,
  params: (config, inputs) =>
    directionsOf(config).flatMap((direction) =>
      specOf(direction)
        .params(direction.config, inputs)
        .map((param) => ({ ...param, key: `${direction.name}/${param.key}` })),
    ),
  outputShape({ mergeMode, forward, backward }, inputs) {
    const shape = specOf(forward).outputShape(forward.config, inputs);
    const units = forward.config.units + (mergeMode === 'concat' ? backward.config.units : 0);
    return [...shape.slice(0, -1), units];
  },
  keras3Key(config, key) {
    const direction = directionsOf(config).find(({ name }) => key.startsWith(`${name}/`));
    if (direction === undefined) return key;
    const inner = key.slice(direction.name.length + 1);
    return `${direction.name}/${specOf(direction).keras3Key?.(direction.config, inner) ?? inner}`;
  },
};
