/** The networks of the GradInit benchmark, with the batch size of each: 128 as published where an iteration takes seconds, less where it takes minutes. */
export interface ZooRow {
  readonly label: string;
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly batch: number;
  readonly memory?: 'fast' | 'low';
}

const vgg = (depth: number, batchNorm: boolean): ZooRow => ({
  label: `vgg-${depth}${batchNorm ? ' BN' : ''}`,
  name: 'vgg',
  options: { depth, batchNorm },
  batch: 128,
});
const resnet = (depth: number, batchNorm: boolean, batch = 128): ZooRow => ({
  label: `resnet-${depth}${batchNorm ? ' BN' : ''}${batch === 128 ? '' : `, batch ${batch}`}`,
  name: 'resnet',
  options: { depth, batchNorm },
  batch,
});

export const zooRows: readonly ZooRow[] = [
  ...[11, 13, 16, 19].flatMap((depth) => [vgg(depth, false), vgg(depth, true)]),
  ...[20, 32, 44, 56, 110].flatMap((depth) => [resnet(depth, false), resnet(depth, true)]),
  { ...vgg(19, false), label: 'vgg-19, memory low', memory: 'low' },
  { ...resnet(110, false), label: 'resnet-110, memory low', memory: 'low' },
  { label: 'wide-resnet-28-10', name: 'wide-resnet', options: {}, batch: 16 },
  { label: 'densenet-bc-100', name: 'densenet-bc', options: {}, batch: 64 },
  { label: 'transformer-classifier', name: 'transformer-classifier', options: {}, batch: 32 },
  { label: 'transformer (iwslt size)', name: 'transformer', options: {}, batch: 16 },
  resnet(1202, true, 32),
];
