/** From the rows of a file to samples of a shape: the options `shape` and `layout`, and the channel axis of grey images. */
import { AppError } from '../errors.ts';
import { sizeOf } from '../ndarray.ts';
import { refuseOption } from './array-names.ts';
import type { RawInput } from './dataset-format.ts';
import type { CompleteOptions } from './options.ts';
import type { ChannelLayout } from './statistics.ts';

/** An input whose samples have their final axes: [h, w, c] for images. */
export interface ArrangedInput extends RawInput {
  /** Of a sample as it comes out. */
  readonly sampleShape: readonly number[];
  /** Of a sample as it is stored. */
  readonly layout: ChannelLayout;
}

type Wish = Pick<CompleteOptions, 'shape' | 'layout' | 'normalize'>;

/** Throws DATASET_SHAPE_MISMATCH when `shape` does not have the elements of a row, INVALID_INPUT when it is given for several inputs. */
export function arrangeInputs(inputs: readonly RawInput[], { shape, layout, normalize }: Wish): ArrangedInput[] {
  if (shape !== undefined && inputs.length > 1) {
    refuseOption('shape', `dataset options: shape applies to datasets with one input, this one has ${inputs.length}`);
  }
  return inputs.map((input) => {
    const { rowShape, rowSize } = input.column;
    if (shape !== undefined && sizeOf(shape) !== rowSize) {
      const message = `dataset option shape [${shape}] has ${sizeOf(shape)} elements, a sample has shape [${rowShape}] with ${rowSize}`;
      throw new AppError('DATASET_SHAPE_MISMATCH', message);
    }
    const stored = shape ?? rowShape;
    // Whoever asks for a normalisation of whole numbers means features; ids are never normalised.
    const isFeatures = input.role === 'ids' && inputs.length === 1 && normalize !== 'auto' && normalize !== 'none';
    const isPixels = stored.length === 3 && (input.role !== 'ids' || isFeatures);
    const role = isPixels ? 'image' : isFeatures ? 'values' : input.role;
    const channelsFirst = isPixels && (input.channelsFirst || layout === 'channels-first');
    return { ...input, role, channelsFirst, ...samplesOf(stored, role === 'image', channelsFirst) };
  });
}

function samplesOf(
  stored: readonly number[],
  isImage: boolean,
  channelsFirst: boolean,
): Pick<ArrangedInput, 'sampleShape' | 'layout'> {
  const size = sizeOf(stored);
  const [first = 1, second = 1, third = 1] = stored;
  if (channelsFirst) {
    const pixels = second * third;
    return {
      sampleShape: [second, third, first],
      layout: { channels: first, pixels, channelStride: pixels, pixelStride: 1 },
    };
  }
  const isGrey = isImage && stored.length !== 3;
  const channels = isGrey ? 1 : (stored.at(-1) ?? 1);
  const sampleShape = isImage && stored.length === 2 ? [...stored, 1] : stored;
  return {
    sampleShape,
    layout: { channels, pixels: channels === 0 ? 0 : size / channels, channelStride: 1, pixelStride: channels },
  };
}
