/** Adds the nodes of masks to a graph, each when it is first used. */
import { ConfigReader } from './config-reader.ts';
import { findSpec } from './find-spec.ts';
import type { FlatCall } from './flatten.ts';
import type { ReadLayer } from './infer.ts';
import type { LayerSpec } from './layer-spec.ts';
import type { Operand } from './operations/operands.ts';
import { operationClass } from './operations/operation-spec.ts';
import { createNames } from './unique-names.ts';

export interface UnmaskedGraph {
  readonly read: readonly ReadLayer[];
  readonly calls: readonly FlatCall[];
  readonly order: readonly number[];
  /** Positions of the calls that give the model's outputs. */
  readonly outputs: readonly number[];
}

export interface MaskedGraph extends UnmaskedGraph {
  /** Positions of the masks of the outputs; null where no output is masked. */
  readonly outputMasks: readonly (number | null)[] | null;
}

/** The position of a mask, made when it is first asked for. */
export type Mask = () => number;

export class MaskBuilder {
  readonly #read: ReadLayer[];
  readonly #calls: FlatCall[];
  readonly #order: number[] = [];
  readonly #names = createNames();

  constructor({ read, calls }: UnmaskedGraph) {
    this.#read = [...read];
    this.#calls = [...calls];
    for (const { name } of read) this.#names.claim(name, []);
  }

  visit(position: number, call: FlatCall): void {
    this.#calls[position] = call;
    this.#order.push(position);
  }

  /** A mask that is worked out by an operation from what stands before. */
  operation(
    operation: string,
    source: ReadLayer,
    inputs: () => readonly number[],
    constants: readonly Operand[] = [],
    config = {},
  ): Mask {
    return this.#once(() => {
      const className = operationClass(operation);
      const given = inputs();
      const isOne = (findSpec(className) as LayerSpec<unknown>).classNames[0].endsWith('any');
      const named = given.map((_, input): Operand => ({ name: isOne ? 'x' : `x${input + 1}`, input }));
      return this.#add(className, source, given, { operands: [...named, ...constants] }, config);
    });
  }

  /** The steps of masks one after the other. */
  joined(source: ReadLayer, masks: readonly Mask[]): Mask {
    return this.#once(() =>
      this.#add(
        'Concatenate',
        source,
        masks.map((mask) => mask()),
        {},
        { axis: 1 },
      ),
    );
  }

  #once(make: Mask): Mask {
    let known: number | undefined;
    return () => {
      known ??= make();
      return known;
    };
  }

  #add(
    className: string,
    source: ReadLayer,
    inputs: readonly number[],
    call: FlatCall['call'],
    config: object,
  ): number {
    const spec = findSpec(className) as LayerSpec<unknown>;
    const name = this.#names.claim(`${source.name}/mask`, []);
    const reader = new ConfigReader(name, className, { ...config }, '');
    const raw = { ...source.flat.raw, name, className, config: { ...config, name }, scope: name };
    const parsed = spec.parse(reader);
    this.#read.push({
      ...source,
      flat: { ...source.flat, raw },
      name,
      scope: name,
      className,
      spec,
      reader,
      config: parsed,
    });
    this.#calls.push({ layer: this.#read.length - 1, inputs, call });
    this.#order.push(this.#calls.length - 1);
    return this.#calls.length - 1;
  }

  finish(outputs: readonly number[], masks: readonly (Mask | null)[]): MaskedGraph {
    const outputMasks = masks.map((mask) => mask?.() ?? null);
    const isMasked = outputMasks.some((mask) => mask !== null);
    return {
      read: this.#read,
      calls: this.#calls,
      order: this.#order,
      outputs,
      outputMasks: isMasked ? outputMasks : null,
    };
  }
}
