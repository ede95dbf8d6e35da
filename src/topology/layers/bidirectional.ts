/** Bidirectional: one recurrent layer over the sequence, another over its reverse, outputs merged at each step. */
import type { ConfigReader } from '../config-reader.ts';
import type { CallArguments, LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import { convLstm1d, convLstm2d, convLstm3d } from './conv-lstm.ts';
import { gru } from './gru.ts';
import { lstm } from './lstm.ts';
import { misfit, showShape } from './misfit.ts';
import { recurrentCall, type SequenceConfig, statePositions } from './recurrent.ts';
import { rnn } from './rnn.ts';
import { simpleRnn } from './simple-rnn.ts';

const cells = {
  SimpleRNN: simpleRnn,
  GRU: gru,
  LSTM: lstm,
  RNN: rnn,
  ConvLSTM1D: convLstm1d,
  ConvLSTM2D: convLstm2d,
  ConvLSTM3D: convLstm3d,
} as const satisfies Record<string, LayerSpec<unknown>>;

export type CellName = keyof typeof cells;

/** One of the two layers; `config` is the parsed configuration of the class `cell`. */
export interface Direction {
  /** Prefix of the names of its parameters: 'forward_lstm'. */
  readonly name: string;
  readonly cell: CellName;
  readonly config: SequenceConfig;
}

const mergeModes = ['concat', 'sum', 'mul', 'ave'] as const;

/** null: both outputs without a merge. */
export type MergeMode = (typeof mergeModes)[number] | null;

export interface BidirectionalConfig {
  readonly mergeMode: MergeMode;
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

/** tfjs and Keras 2 derive the backward layer from the forward one; Keras 3 writes both layers with their names. */
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
  const { forward, backward } = readDirections(config);
  if (forward.config.goBackwards === backward.config.goBackwards) {
    config.fail('backward_layer', 'must run in the other direction: set its go_backwards to the opposite');
  }
  for (const key of ['returnSequences', 'returnState'] as const) {
    if (forward.config[key] !== backward.config[key])
      config.fail(
        'backward_layer',
        `must have the ${key === 'returnState' ? 'return_state' : 'return_sequences'} of layer`,
      );
  }
  if (forward.name === backward.name)
    config.fail('backward_layer', `must have a name of its own, got ${backward.name}`);
  const mergeMode = config.raw('merge_mode') === null ? null : config.oneOf('merge_mode', mergeModes, 'concat');
  return { mergeMode, forward, backward };
}

const directionsOf = ({ forward, backward }: BidirectionalConfig): Direction[] => [forward, backward];

/** The direction to which a parameter belongs, and its key in that layer. */
function splitKey(config: BidirectionalConfig, key: string): [Direction, string] {
  const direction = key.startsWith(`${config.forward.name}/`) ? config.forward : config.backward;
  return [direction, key.slice(direction.name.length + 1)];
}

/** Inputs of one direction: the sequence and its half of the initial states, of which the first half is for the forward layer. */
export function directionInputs<T>(inputs: readonly T[], call: CallArguments | undefined, half: 0 | 1): T[] {
  const positions = statePositions(inputs.length, call);
  const middle = positions.length / 2;
  const own = half === 0 ? positions.slice(0, Math.floor(middle)) : positions.slice(Math.floor(middle));
  return [inputs[0] as T, ...own.map((position) => inputs[position] as T)];
}

function outputs(
  { forward, backward }: BidirectionalConfig,
  inputs: readonly Shape[],
  call: CallArguments | undefined,
) {
  return {
    forward: specOf(forward).outputShape(forward.config, directionInputs(inputs, call, 0)),
    backward: specOf(backward).outputShape(backward.config, directionInputs(inputs, call, 1)),
  };
}

export const bidirectional: LayerSpec<BidirectionalConfig> = {
  classNames: ['Bidirectional'],
  call: recurrentCall,
  parse,
  params: (config, inputs) =>
    directionsOf(config).flatMap((direction) =>
      specOf(direction)
        .params(direction.config, inputs)
        .map((param) => ({ ...param, key: `${direction.name}/${param.key}` })),
    ),
  outputShape(config, inputs, call) {
    const { forward, backward } = outputs(config, inputs, call);
    if (config.mergeMode === null) return forward;
    if (config.mergeMode !== 'concat') {
      return forward.join() === backward.join()
        ? forward
        : misfit(
            `gives ${showShape(forward)} forward and ${showShape(backward)} backward, which "${config.mergeMode}" does not merge`,
          );
    }
    const [left, right] = [forward.at(-1) ?? null, backward.at(-1) ?? null];
    return [...forward.slice(0, -1), left === null || right === null ? null : left + right];
  },
  furtherShapes(config, inputs, call) {
    const unmerged = config.mergeMode === null ? [outputs(config, inputs, call).backward] : [];
    const states = directionsOf(config).flatMap(
      (direction) => specOf(direction).furtherShapes?.(direction.config, inputs) ?? [],
    );
    return [...unmerged, ...states];
  },
  keras3Key(config, key) {
    const [direction, inner] = splitKey(config, key);
    return `${direction.name}/${specOf(direction).keras3Key?.(direction.config, inner) ?? inner}`;
  },
  keras3Group(config, key) {
    const [direction, inner] = splitKey(config, key);
    const group = specOf(direction).keras3Group?.(direction.config, inner) ?? '';
    return `${direction === config.forward ? 'forward' : 'backward'}_layer/${group}`;
  },
};
