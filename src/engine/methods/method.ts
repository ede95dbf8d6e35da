/**
 * What an initialisation method is. One method per file, registered in ./index.ts, proven by the conformance table of test/engine/methods.
 *
 * A method's file imports no TensorFlow, so that the API process can list methods and check options; `run` imports what it needs when it is called.
 */
import type { Static, TSchema } from 'typebox';
import type { Topology } from '../../topology/topology.ts';
import type { MethodResult, Problem, RunControl } from '../run.ts';

export type Applicability =
  | { readonly applicable: true; readonly note?: string }
  | { readonly applicable: false; readonly reason: string };

/** What a training protocol can give a method that trains. */
export type ProtocolOption = 'optimizer' | 'batchSize' | 'momentum' | 'weightDecay' | 'clip' | 'learningRate';

/** Work of a method, apart from the pass that draws weights. */
export interface Work {
  /** Iterations over what the method tunes. */
  readonly iterations: number;
  /** Steps of trainings that judge what it tuned. */
  readonly trainingSteps: number;
}

export interface MethodCost {
  readonly least: Work;
  readonly most: Work;
}

export interface InitMethod<S extends TSchema = TSchema> {
  readonly name: string;
  /** One sentence for the catalogue. */
  readonly summary: string;
  /** Authors, title, venue or arXiv, year. */
  readonly reference: string;
  /** Strict, with a default and a description for every option. */
  readonly options: S;
  /** True when a run with these options needs a dataset. */
  needsSamples(options: Static<S>): boolean;
  /** True for methods that take weights from another network. */
  readonly needsSource?: true;
  /** Whether weights of `source` can be used. Throws METHOD_NOT_APPLICABLE naming what has no counterpart. */
  checkSource?(topology: Topology, source: Topology, options: Static<S>): void;
  /** Options that a comparison gives from its training protocol where its row does not say them; left out: none. */
  readonly protocolOptions?: readonly ProtocolOption[];
  /** True when a run is a loop that reports iterations and can be resumed. */
  readonly iterative: boolean;
  /** True when a run differentiates a gradient: its kernels need rules proven to second order. */
  readonly secondOrder: boolean;
  applicability(topology: Topology, options: Static<S>): Applicability;
  /** Options that cannot be used with one another or with this network. Throws OPTION_INVALID with the option's JSON pointer. */
  checkOptions?(topology: Topology, options: Static<S>): void;
  /** What a run with these options takes at least and at most, where that is known before; absent for methods without a search. */
  cost?(options: Static<S>): MethodCost;
  run(problem: Problem, options: Static<S>, control: RunControl): Promise<MethodResult>;
}

/** Keeps the option types of a method while the registry sees the general type. */
export function defineMethod<S extends TSchema>(method: InitMethod<S>): InitMethod<S> {
  return method;
}
