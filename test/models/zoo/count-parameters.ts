/** Counts the trained parameters of a tfjs-layers topology from its JSON alone, following channels from layer to layer: no code of src. */
interface LayerJson {
  name: string;
  class_name: string;
  config: {
    batch_input_shape?: (number | null)[];
    target_shape?: number[];
    filters?: number;
    units?: number;
    use_bias?: boolean;
    kernel_size?: number[];
    strides?: number[];
    padding?: string | number[][];
    pool_size?: number[];
    input_dim?: number;
    output_dim?: number;
    axes?: number[];
  };
  inbound_nodes: [string, number, number, object][][];
}

type Sizes = number[];
type Counted = { shape: Sizes; parameters: number };

const product = (sizes: Sizes) => sizes.reduce((a, b) => a * b, 1);
const last = (sizes: Sizes) => sizes[sizes.length - 1] ?? 0;
const unchanged = (shape: Sizes): Counted => ({ shape, parameters: 0 });

function spatial(config: LayerJson['config'], [h = 0, w = 0]: Sizes, size: number[]): Sizes {
  const stride = config.strides ?? [1, 1];
  return [h, w].map((extent, axis) => {
    const step = stride[axis] ?? 1;
    return config.padding === 'same' ? Math.ceil(extent / step) : Math.floor((extent - (size[axis] ?? 1)) / step) + 1;
  });
}

function count({ class_name, config }: LayerJson, inputs: Sizes[]): Counted {
  const [x = [], other = []] = inputs;
  const biased = (units: number) => (config.use_bias ? units : 0);
  switch (class_name) {
    case 'InputLayer':
      return unchanged((config.batch_input_shape ?? []).slice(1).map(Number));
    case 'Conv2D': {
      const { filters = 0, kernel_size = [] } = config;
      const parameters = product(kernel_size) * last(x) * filters + biased(filters);
      return { shape: [...spatial(config, x, kernel_size), filters], parameters };
    }
    case 'Dense': {
      const { units = 0 } = config;
      return { shape: [...x.slice(0, -1), units], parameters: last(x) * units + biased(units) };
    }
    case 'Embedding':
      return {
        shape: [...x, config.output_dim ?? 0],
        parameters: (config.input_dim ?? 0) * (config.output_dim ?? 0),
      };
    case 'BatchNormalization':
    case 'LayerNormalization':
      return { shape: x, parameters: 2 * last(x) };
    case 'MaxPooling2D':
    case 'AveragePooling2D':
      return unchanged([...spatial(config, x, config.pool_size ?? []), last(x)]);
    case 'ZeroPadding2D': {
      const [[top = 0, bottom = 0] = [], [left = 0, right = 0] = []] = config.padding as number[][];
      const [h = 0, w = 0, c = 0] = x;
      return unchanged([h + top + bottom, w + left + right, c]);
    }
    case 'GlobalAveragePooling1D':
    case 'GlobalAveragePooling2D':
      return unchanged([last(x)]);
    case 'Flatten':
      return unchanged([product(x)]);
    case 'Reshape':
      if (product(config.target_shape ?? []) !== product(x)) throw new Error(`cannot reshape ${x}`);
      return unchanged(config.target_shape ?? []);
    case 'Concatenate':
      return unchanged([...x.slice(0, -1), inputs.reduce((sum, input) => sum + last(input), 0)]);
    case 'Dot':
      return unchanged([x[0] ?? 0, (config.axes?.[1] === 2 ? other[0] : other[1]) ?? 0]);
    case 'Add':
    case 'Minimum':
      if (`${x}` !== `${other}`) throw new Error(`cannot merge ${x} and ${other}`);
      return unchanged(x);
    case 'Activation':
    case 'Softmax':
    case 'Rescaling':
      return unchanged(x);
    default:
      throw new Error(`unknown layer ${class_name}`);
  }
}

/** Gammas and betas count, moving statistics do not. */
export function countParameters(topology: unknown): number {
  const { layers } = (topology as { config: { layers: LayerJson[] } }).config;
  const shapes = new Map<string, Sizes>();
  let total = 0;
  for (const layer of layers) {
    const inputs = (layer.inbound_nodes[0] ?? []).map(([name]) => {
      const shape = shapes.get(name);
      if (!shape) throw new Error(`${layer.name} reads ${name} before it exists`);
      return shape;
    });
    const { shape, parameters } = count(layer, inputs);
    shapes.set(layer.name, shape);
    total += parameters;
  }
  return total;
}
