/**
 * The cells of the CIFAR-10 table: network x initialisation x seed, in the order in which they are run.
 *
 * Networks, protocol and GradInit's rates are those of Zhu et al., GradInit, NeurIPS 2021, arXiv:2102.08098 (rates: the authors' launch scripts):
 * SGD with momentum 0.9, rate 0.1, batch 128, cosine over 200 epochs, weight decay 1e-4, crop, flip and cutout; clipping at 1 for the networks
 * without batch normalisation. The training ends after the first epoch, which gives Acc_1.
 */

export interface TableCell {
  /** The name of the cell's report, a file name. */
  readonly id: string;
  readonly network: string;
  readonly row: string;
  readonly seed: number;
  /** The specification of a comparison of one model, one method and one seed, without its data. */
  readonly spec: {
    readonly model: object;
    readonly gradientClip: number | null;
    readonly method: { readonly name: string; readonly options?: object };
    readonly batchSize: number;
  };
}

interface Network {
  readonly name: string;
  readonly model: object;
  readonly clip: number | null;
  /** Published rate of the scale optimizer; for networks without a script of the authors, that of the most similar one. */
  readonly gradinitRate: number;
  readonly batchSize?: number;
}

const resnet = (depth: number, batchNorm: boolean) => ({
  format: 'zoo',
  name: 'resnet',
  options: { depth, batchNorm },
});
const vgg = (batchNorm: boolean) => ({ format: 'zoo', name: 'vgg', options: { depth: 19, batchNorm } });

const networks = {
  'resnet110-bn': { name: 'ResNet-110 BN', model: resnet(110, true), clip: null, gradinitRate: 1e-3 },
  'vgg19-bn': { name: 'VGG-19 BN', model: vgg(true), clip: null, gradinitRate: 1e-1 },
  resnet110: { name: 'ResNet-110', model: resnet(110, false), clip: 1, gradinitRate: 5e-2 },
  vgg19: { name: 'VGG-19', model: vgg(false), clip: 1, gradinitRate: 1e-2 },
  'resnet20-bn': { name: 'ResNet-20 BN', model: resnet(20, true), clip: null, gradinitRate: 1e-3 },
  resnet20: { name: 'ResNet-20', model: resnet(20, false), clip: 1, gradinitRate: 5e-2 },
  'resnet56-bn': { name: 'ResNet-56 BN', model: resnet(56, true), clip: null, gradinitRate: 1e-3 },
  resnet56: { name: 'ResNet-56', model: resnet(56, false), clip: 1, gradinitRate: 5e-2 },
} as const satisfies Record<string, Network>;
export type NetworkId = keyof typeof networks;

const rows = {
  gradinit: {
    title: 'GradInit, published settings',
    method: ({ gradinitRate }: Network) => ({
      name: 'gradinit',
      options: {
        optimizer: 'sgd',
        eta: 0.1,
        gamma: 1,
        normalizeGradient: true,
        iterations: 390,
        batchSize: 128,
        learningRate: gradinitRate,
      },
    }),
  },
  kaiming: { title: 'Kaiming', method: () => ({ name: 'kaiming' }) },
  warmup: {
    title: '+1 epoch, warm-up',
    method: ({ clip }: Network) => ({ name: 'extra-epoch-warmup', options: { clip } }),
  },
  constant: {
    title: '+1 epoch, constant',
    method: ({ clip }: Network) => ({ name: 'extra-epoch-constant', options: { clip } }),
  },
  metainit: { title: 'MetaInit', method: () => ({ name: 'metainit' }) },
} as const;
export type RowId = keyof typeof rows;

function cellOf(network: NetworkId, row: RowId, seed: number): TableCell {
  const { name, model, clip, ...rest } = networks[network] as Network;
  const method = rows[row].method({ name, model, clip, ...rest });
  return {
    id: `${network}--${row}--seed${seed}`,
    network: name,
    row: rows[row].title,
    seed,
    spec: { model, gradientClip: clip, method, batchSize: rest.batchSize ?? 128 },
  };
}

const deep = ['resnet110-bn', 'vgg19-bn', 'resnet110', 'vgg19'] as const;
const shallow = ['resnet20-bn', 'resnet20', 'resnet56-bn', 'resnet56'] as const;
const first = ['gradinit', 'kaiming', 'warmup'] as const;

/** Ordered by importance: first the rows that the table is about, then the other rows, then further seeds. */
export const tableCells: readonly TableCell[] = [
  ...deep.flatMap((network) => first.map((row) => cellOf(network, row, 0))),
  ...[0, 1, 2].flatMap((seed) => shallow.flatMap((network) => first.map((row) => cellOf(network, row, seed)))),
  ...deep.flatMap((network) => (['constant', 'metainit'] as const).map((row) => cellOf(network, row, 0))),
  ...[1, 2].flatMap((seed) => deep.flatMap((network) => first.map((row) => cellOf(network, row, seed)))),
];
