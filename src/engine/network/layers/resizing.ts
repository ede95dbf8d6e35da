/** Resizing and CenterCrop. */
import type { ResizingConfig } from '../../../topology/layers/resizing.ts';
import type { DataFormat } from '../../../topology/layers/window.ts';
import { resizeImages } from '../../ops/resize.ts';
import { type Tensor, type Tensor4D, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { fromChannelsLast, toChannelsLast } from './channels.ts';
import { only } from './common.ts';

type Extents = readonly [height: number, width: number];

const extentsOf = (x: Tensor): Extents => [x.shape[1] as number, x.shape[2] as number];

/** The centre of x [n, h, w, c]; an odd pixel is cut at the far side. */
function cutMiddle(x: Tensor, [height, width]: Extents): Tensor {
  const [samples, rows, columns, channels] = x.shape as [number, number, number, number];
  const start = [0, Math.floor((rows - height) / 2), Math.floor((columns - width) / 2), 0];
  return tf.slice(x, start, [samples, height, width, channels]);
}

/** The largest part of an image with the given aspect ratio. */
const cropped = ([rows, columns]: Extents, [height, width]: Extents): Extents => [
  Math.max(1, Math.min(rows, Math.trunc((columns * height) / width))),
  Math.max(1, Math.min(columns, Math.trunc((rows * width) / height))),
];

/** Adds margins of one value that give the image the aspect ratio; both sides are equal, so that an odd pixel is omitted. */
function padded(x: Tensor, [height, width]: Extents, fill: number): Tensor {
  const [rows, columns] = extentsOf(x);
  const vertical = Math.trunc((Math.max(rows, Math.trunc((columns * height) / width)) - rows) / 2);
  const horizontal =
    vertical > 0 ? 0 : Math.trunc((Math.max(columns, Math.trunc((rows * width) / height)) - columns) / 2);
  const margins: [number, number][] = [
    [0, 0],
    [vertical, vertical],
    [horizontal, horizontal],
    [0, 0],
  ];
  return vertical + horizontal === 0 ? x : tf.pad(x, margins, fill);
}

const inChannelsLast = (x: Tensor, dataFormat: DataFormat, run: (x: Tensor) => Tensor) =>
  fromChannelsLast(run(toChannelsLast(x, dataFormat)), dataFormat);

export const resizing: LayerForward<ResizingConfig> = (config, inputs) =>
  inChannelsLast(only(inputs), config.dataFormat, (x) => {
    const size: Extents = [config.height, config.width];
    const crop = (image: Tensor) => cutMiddle(image, cropped(extentsOf(image), size));
    const fitted = config.fit === 'crop' ? crop(x) : config.fit === 'pad' ? padded(x, size, config.fill) : x;
    return resizeImages(fitted as Tensor4D, size, config);
  });

export const centerCrop: LayerForward<Pick<ResizingConfig, 'height' | 'width' | 'dataFormat'>> = (config, inputs) =>
  inChannelsLast(only(inputs), config.dataFormat, (x) => {
    const size: Extents = [config.height, config.width];
    const [rows, columns] = extentsOf(x);
    if (rows >= config.height && columns >= config.width) return cutMiddle(x, size);
    const fitted = cutMiddle(x, cropped([rows, columns], size));
    return resizeImages(fitted as Tensor4D, size, { interpolation: 'bilinear_keras3', antialias: false });
  });
