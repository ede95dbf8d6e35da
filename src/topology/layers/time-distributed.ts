/** TimeDistributed: applies one layer, with the same parameters, to every step of axis 1. */
import type { ConfigReader } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import { misfit, oneInput } from './misfit.ts';

export interface TimeDistributedConfig {
  /** Name, canonical class and parsed configuration of the wrapped layer. */
  readonly name: string;
  readonly className: string;
  readonly config: unknown;
}

type FindSpec = (className: string) => LayerSpec<unknown> | undefined;

const isModel = (className: string) => ['Sequential', 'Functional', 'Model'].includes(className);

/** [t, ...] -> [...] */
function stepShape(inputs: readonly Shape[]): Shape {
  const shape = oneInput(inputs);
  return shape.length >= 2 ? shape.slice(1) : misfit('must have at least 3 axes (batch, time, features)');
}

/** `find` looks up classes in the catalogue; it is a parameter, because importing the catalogue here would be a cycle. */
export function timeDistributed(find: FindSpec): LayerSpec<TimeDistributedConfig> {
  const specOf = (className: string) => find(className) ?? misfit(`wraps the unknown layer class ${className}`);
  const parse = (config: ConfigReader): TimeDistributedConfig => {
    const { className, reader } = config.nested('layer');
    const spec = find(className);
    if (spec === undefined || className === 'InputLayer') {
      const way = isModel(className) ? '; wrap each of its layers instead' : '';
      return config.fail('layer', `has the class ${className}, which cannot be wrapped${way}`, 'LAYER_UNKNOWN');
    }
    return { name: reader.layerName, className: spec.classNames[0], config: spec.parse(reader) };
  };
  return {
    classNames: ['TimeDistributed'],
    parse,
    params: ({ className, config }, inputs) => specOf(className).params(config, [stepShape(inputs)]),
    outputShape({ className, config }, inputs) {
      const inner = specOf(className).outputShape(config, [stepShape(inputs)]);
      return [oneInput(inputs)[0] ?? null, ...inner];
    },
    keras3Key: ({ name, className, config }, key) => `${name}/${find(className)?.keras3Key?.(config, key) ?? key}`,
    keras3Group: ({ className, config }, key) => `layer/${find(className)?.keras3Group?.(config, key) ?? ''}`,
  };
}
