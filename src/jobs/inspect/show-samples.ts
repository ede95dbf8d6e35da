/** The first samples of a dataset for people: labels by name, pictures and masks as small PNG files. Runs in a process of the inspector. */
import { type Static, Type } from 'typebox';
import { ignoredId } from '../../batch.ts';
import { encodeThumbnail } from '../../codecs/pictures/encode-thumbnail.ts';
import type { Dataset } from '../../datasets/index.ts';
import { describeFirst, maxListedNumbers, PartName } from './describe-dataset.ts';
import { type InspectRequest, openRequested } from './inspect-files.ts';

const strict = { additionalProperties: false } as const;
const Numbers = Type.Array(Type.Number(), { description: `The first ${maxListedNumbers}, as stored.` });
const PictureUrl = Type.Union([Type.String(), Type.Null()], {
  description: 'A PNG as a data URL, at most 64 pixels a side; null where the numbers are no picture.',
});

export const DatasetSamples = Type.Object(
  {
    part: PartName,
    samples: Type.Array(
      Type.Object(
        {
          inputs: Type.Array(Type.Object({ name: Type.String(), numbers: Numbers, picture: PictureUrl }, strict)),
          target: Type.Union([Type.String(), Numbers], { description: 'The name of the class, or the first numbers.' }),
          mask: Type.Union([Type.String(), Type.Null()], {
            description: 'Ids per pixel as a PNG: from black for 0 to white for the last, grey with no label.',
          }),
        },
        strict,
      ),
    ),
  },
  { ...strict, description: 'The first samples of a dataset.' },
);
export type DatasetSamples = Static<typeof DatasetSamples>;

const maxSide = 64;

/** Throws what opening the data throws. */
export async function showSamples(request: InspectRequest, count: number): Promise<DatasetSamples> {
  const dataset = (await openRequested(request)).withoutNormalization();
  const samples: DatasetSamples['samples'] = [];
  for (const [sample, { inputs, target }] of describeFirst(dataset, count).entries()) {
    const batch = dataset.gather([sample]);
    const shown = inputs.map(async (numbers, input) => ({
      name: dataset.inputNames[input] ?? '',
      numbers,
      picture: await pictureOf(dataset, input, batch.inputs[input]?.data ?? []),
    }));
    samples.push({ inputs: await Promise.all(shown), target, mask: await maskOf(dataset, batch.targets.data) });
  }
  return { part: dataset.found.part, samples };
}

/** [h, w, 1 or 3] is a picture; its darkest and lightest numbers are those of the type, else of the data. */
async function pictureOf(dataset: Dataset, input: number, data: ArrayLike<number>): Promise<string | null> {
  const [height = 0, width = 0, channels = 0, more] = dataset.inputShapes[input] ?? [];
  const isPicture = more === undefined && (channels === 1 || channels === 3) && height > 1 && width > 1;
  if (!isPicture) return null;
  const { min, max } = dataset.rangeOf(input);
  const [dark, light] = dataset.ranges[input] ?? [min, max];
  return toUrl(height, width, channels, scaled(data, dark, light));
}

async function maskOf({ targets }: Dataset, ids: ArrayLike<number>): Promise<string | null> {
  if (targets.kind !== 'classes') return null;
  const [height = 0, width = 0, more] = targets.shape ?? [];
  if (more !== undefined || height < 2 || width < 2) return null;
  const marked = Float32Array.from(ids, (id) => (id === ignoredId ? (targets.classes - 1) / 2 : id));
  return toUrl(height, width, 1, scaled(marked, 0, targets.classes - 1));
}

const scaled = (data: ArrayLike<number>, dark: number, light: number) =>
  Uint8ClampedArray.from(data, (value) => (255 * (value - dark)) / (light - dark || 1));

async function toUrl(height: number, width: number, channels: 1 | 3, data: Uint8ClampedArray): Promise<string> {
  const png = await encodeThumbnail({ height, width, channels, data: new Uint8Array(data.buffer) }, maxSide);
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}
