/** What the catalogue knows of a layer class: its configuration, its parameters and its output shape. The engine adds the forward function. */
import type { ConfigReader } from './config-reader.ts';
import type { LayerParam, Shape } from './topology.ts';

export interface LayerSpec<C = never> {
  /** Names under which tfjs and Keras write it, the canonical one first. */
  readonly classNames: readonly [string, ...string[]];
  /** Reads and checks the configuration; every error names the layer and the key. */
  parse(config: ConfigReader): C;
  /** Shapes are without the batch axis. Throws LAYER_INVALID when the inputs do not fit; `inLayer` (layers/misfit.ts) adds the layer's name. */
  params(config: C, inputs: readonly Shape[]): LayerParam[];
  /** Shapes are without the batch axis. Throws as `params` does. */
  outputShape(config: C, inputs: readonly Shape[]): Shape;
  /** The path of a parameter inside its layer as Keras 3 writes it, where that differs from the key: 'kernel' -> 'lstm_cell/kernel'. */
  keras3Key?(config: C, key: string): string;
}
