/**
 * The interface of an initialisation method. Each method is one file, registered in ./index.ts and tested by the conformance table of
 * test/engine/methods.
 *
 * The file of a method does not import TensorFlow, so that the API process can list methods and check options; `run` imports modules when it is
 * called.
 */
import type { Static, TSchema } from 'typebox';
import type { Topology } from '../../topology/topology.ts';
import type { MethodResult, Problem, RunControl } from '../run.ts';

export type Applicability =
  | { readonly applicable: true; readonly note?: string }
  | { readonly applicable: false; readonly reason: string };

/**
 * Why a method needs a network of layers: it runs the network layer by layer ('walks'), inserts layers ('inserts'), or identifies layers by their
 * class ('finds').
 */
export type GraphRefusal = 'walks' | 'inserts' | 'finds';

/** Options of a method that trains which a training protocol can determine. */
export type ProtocolOption = 'optimizer' | 'batchSize' | 'momentum' | 'weightDecay' | 'clip' | 'learningRate';

/** The work of a method, except drawing weights once. */
export interface Work {
  /** Iterations over the tuned scales. */
  readonly iterations: number;
  /** Steps of trainings that judge the tuned scales. */
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
  /** Checks whether weights of `source` can be used. Throws METHOD_NOT_APPLICABLE naming what has no counterpart. */
  checkSource?(topology: Topology, source: Topology, options: Static<S>): void;
  /** Options that a comparison takes from its training protocol unless its row sets them; absent: none. */
  readonly protocolOptions?: readonly ProtocolOption[];
  /** True when a run reports iterations and can be resumed. */
  readonly iterative: boolean;
  /** Set for methods that need a network of layers: the reason why an operation graph is refused. */
  readonly refusesGraphs?: GraphRefusal;
  /** True when a run differentiates a gradient, so that its kernels need rules tested to second order. */
  readonly secondOrder: boolean;
  applicability(topology: Topology, options: Static<S>): Applicability;
  /** Throws OPTION_INVALID, with the option's JSON pointer, for options that contradict each other or this network. */
  checkOptions?(topology: Topology, options: Static<S>): void;
  /** Lower and upper bound of the work of a run with these options; absent for methods without a search. */
  cost?(options: Static<S>): MethodCost;
  run(problem: Problem, options: Static<S>, control: RunControl): Promise<MethodResult>;
}

/** Preserves the option types of a method, where the registry has the general type. */
export function defineMethod<S extends TSchema>(method: InitMethod<S>): InitMethod<S> {
  return method;
}
