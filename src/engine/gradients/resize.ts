/** Image resizing is linear: forward and gradient kernels are transposes of each other. */

import { noGradient, rule, runKernel } from './rule.ts';
import { stopGradient } from './stop-gradient.ts';

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  readonly size: [number, number];
}

const resizeRules = (forward: string, backward: string) => [
  rule(forward, ['images'], (dy, { images }, attributes: ResizeAttributes) => ({
    images: () => runKernel(backward, { images: stopGradient(images), dy }, attributes),
  })),
  rule(backward, ['images', 'dy'], (g, { images, dy }, attributes: ResizeAttributes) => ({
    dy: () => runKernel(forward, { images: g }, { ...attributes, size: dy.shape.slice(1, 3) }),
    images: noGradient(images),
  })),
];

export const resizeBilinear = resizeRules('ResizeBilinear', 'ResizeBilinearGrad');
export const resizeNearestNeighbor = resizeRules('ResizeNearestNeighbor', 'ResizeNearestNeighborGrad');
