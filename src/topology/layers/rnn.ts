/** RNN: cells of LSTM, GRU and SimpleRNN as a layer; one cell, or several stacked ones (StackedRNNCells). */
import type { ConfigReader } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { createStoreNames } from '../store-names.ts';
import type { Shape } from '../topology.ts';
import { gru } from './gru.ts';
import { lstm } from './lstm.ts';
import {
  checkStates,
  type RecurrentConfig,
  readSequence,
  recurrentCall,
  type SequenceConfig,
  sequenceInput,
} from './recurrent.ts';
import { simpleRnn } from './simple-rnn.ts';

const layersOfCells = {
  SimpleRNNCell: { className: 'SimpleRNN', spec: simpleRnn, states: 1 },
  GRUCell: { className: 'GRU', spec: gru, states: 1 },
  LSTMCell: { className: 'LSTM', spec: lstm, states: 2 },
} as const satisfies Record<string, { className: string; spec: LayerSpec<unknown>; states: number }>;

type CellClass = keyof typeof layersOfCells;

/** A cell, described as the layer that applies it to a sequence. */
export interface RnnCell {
  readonly cell: CellClass;
  /** Prefix of the names of its parameters: 'lstm_cell', or 'stacked_rnn_cells/lstm_cell'. */
  readonly prefix: string;
  readonly config: RecurrentConfig;
}

export interface RnnConfig extends SequenceConfig {
  /** Ordered from the input to the output. */
  readonly cells: readonly RnnCell[];
}

type Nested = ReturnType<ConfigReader['nested']>;

function readCell(config: ConfigReader, { className, reader }: Nested, prefix: string): RnnCell {
  const cell = (Object.keys(layersOfCells) as CellClass[]).find((name) => name === className);
  if (cell === undefined) {
    const known = [...Object.keys(layersOfCells), 'StackedRNNCells'].join(', ');
    return config.fail(
      'cell',
      `must be one of ${known}, got ${className}. Custom cells are never run`,
      'LAYER_UNKNOWN',
    );
  }
  return { cell, prefix: `${prefix}${reader.layerName}`, config: layersOfCells[cell].spec.parse(reader) };
}

/** Reads the cells; a list means StackedRNNCells, as in Keras. */
function readCells(config: ConfigReader): RnnCell[] {
  if (Array.isArray(config.raw('cell')))
    return config.nestedList('cell').map((nested) => readCell(config, nested, 'stacked_rnn_cells/'));
  const nested = config.nested('cell');
  if (nested.className !== 'StackedRNNCells') return [readCell(config, nested, '')];
  const stack = nested.reader;
  const cells = stack.nestedList('cells').map((inner) => readCell(stack, inner, `${stack.layerName}/`));
  return cells.length > 0 ? cells : stack.fail('cells', 'must hold at least one cell');
}

const specOf = ({ cell }: RnnCell): LayerSpec<unknown> => layersOfCells[cell].spec;

const stateShapes = ({ cells }: RnnConfig): Shape[] =>
  cells.flatMap(({ cell, config }) => Array.from({ length: layersOfCells[cell].states }, (): Shape => [config.units]));

/** The class of the layer that applies a cell, and its number of states. */
export const layerOfCell = ({ cell }: RnnCell) => layersOfCells[cell];

export const rnn: LayerSpec<RnnConfig> = {
  classNames: ['RNN'],
  call: recurrentCall,
  parse: (config) => ({ ...readSequence(config), cells: readCells(config) }),
  params({ cells }, inputs) {
    const [steps = null, features = null] = sequenceInput(inputs, 2);
    return cells.flatMap((cell, index) => {
      const below = cells[index - 1]?.config.units ?? features;
      return specOf(cell)
        .params(cell.config, [[steps, below]])
        .map((param) => ({ ...param, key: `${cell.prefix}/${param.key}` }));
    });
  },
  outputShape(config, inputs, call) {
    checkStates(stateShapes(config), inputs, call);
    const [steps = null] = sequenceInput(inputs, 2);
    const units = config.cells.at(-1)?.config.units ?? null;
    return config.returnSequences ? [steps, units] : [units];
  },
  furtherShapes: (config) => (config.returnState ? stateShapes(config) : []),
  keras3Group({ cells }, key) {
    const [first] = cells;
    if (!first?.prefix.includes('/')) return 'cell';
    const claim = createStoreNames();
    const groups = cells.map(({ cell, prefix }) => [prefix, claim(cell)] as const);
    return `cell/cells/${groups.find(([prefix]) => key.startsWith(`${prefix}/`))?.[1]}`;
  },
};
