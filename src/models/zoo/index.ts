/** The networks that can be requested by name. A new one takes one file, one line here and one row in the table test. */
import { AppError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { densenetBc } from './densenet-bc.ts';
import { mlp } from './mlp.ts';
import { resnet } from './resnet.ts';
import { smallCnn } from './small-cnn.ts';
import { transformer } from './transformer.ts';
import { transformerClassifier } from './transformer-classifier.ts';
import { vgg } from './vgg.ts';
import { wideResnet } from './wide-resnet.ts';
import type { ZooModel } from './zoo-model.ts';

export type { ZooModel } from './zoo-model.ts';

export const zoo = {
  vgg,
  resnet,
  'wide-resnet': wideResnet,
  'densenet-bc': densenetBc,
  transformer,
  'transformer-classifier': transformerClassifier,
  mlp,
  'small-cnn': smallCnn,
} as const satisfies Record<string, ZooModel>;

export type ZooName = keyof typeof zoo;

const isZooName = (name: string): name is ZooName => Object.hasOwn(zoo, name);

/** The zoo model of that name; throws ZOO_UNKNOWN. */
export function zooModel(name: string): ZooModel {
  if (isZooName(name)) return zoo[name];
  throw new AppError('ZOO_UNKNOWN', `no zoo model is called "${name}"; known are ${Object.keys(zoo).join(', ')}`, {
    problems: [{ pointer: '/name', message: 'is unknown' }],
  });
}

/** A stock tfjs-layers topology as plain JSON; throws ZOO_UNKNOWN, or OPTION_INVALID naming the option by JSON pointer. */
export function buildZooModel(name: string, options: unknown = {}): JsonObject {
  return zooModel(name).build(options);
}
