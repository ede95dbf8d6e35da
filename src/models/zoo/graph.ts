/** Builds a functional tfjs-layers topology as plain JSON (`model.toJSON(null, false)`), one layer and one call at a time. TensorFlow is not loaded. */
import type { Json, JsonObject } from '../../json.ts';

/** The output of a layer call. */
export interface Handle {
  readonly layer: string;
  /** Shape without the batch axis. */
  readonly shape: readonly number[];
}

export interface LayerCall {
  readonly className: string;
  /** Unique in the graph; the names of the parameters begin with it. */
  readonly name: string;
  /** Configuration in snake_case, without the name. */
  readonly config?: JsonObject;
  readonly inputs: readonly Handle[];
  /** Shape of the output, without the batch axis. */
  readonly shape: readonly number[];
}

export interface Graph {
  input(name: string, shape: readonly number[], dtype?: 'float32' | 'int32'): Handle;
  call(layer: LayerCall): Handle;
  /** The finished topology. */
  model(outputs: readonly Handle[]): JsonObject;
}

const reference = ({ layer }: Handle): Json[] => [layer, 0, 0];

/** A copy without shared objects (structuredClone would preserve sharing), so that one place of the topology can be changed alone. */
const unshared = (config: JsonObject): JsonObject => JSON.parse(JSON.stringify(config));

/** An empty graph; `modelName` becomes the name of the model. */
export function createGraph(modelName: string): Graph {
  const layers: JsonObject[] = [];
  const inputs: Handle[] = [];

  return {
    input(name, shape, dtype = 'float32') {
      const config = { batch_input_shape: [null, ...shape], dtype, sparse: false, name };
      layers.push({ name, class_name: 'InputLayer', config, inbound_nodes: [] });
      const handle = { layer: name, shape };
      inputs.push(handle);
      return handle;
    },
    call({ className, name, config = {}, inputs: from, shape }) {
      layers.push({
        name,
        class_name: className,
        config: { ...unshared(config), name, trainable: true },
        inbound_nodes: [from.map((handle) => [...reference(handle), {}])],
      });
      return { layer: name, shape };
    },
    model(outputs) {
      return {
        class_name: 'Model',
        config: {
          name: modelName,
          layers,
          input_layers: inputs.map(reference),
          output_layers: outputs.map(reference),
        },
        keras_version: 'tfjs-layers 4.22.0',
        backend: 'tensor_flow.js',
      };
    },
  };
}
