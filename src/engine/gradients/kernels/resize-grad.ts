/** The transposes of image resizing, with half-pixel centres, which the kernels of tfjs-node ignore. */
import { tf } from '../../tf.ts';
import { attribute, type OwnKernel, runOperation } from './own-kernel.ts';

interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

const flags = ({ alignCorners, halfPixelCenters }: ResizeAttributes) => [
  attribute.bool('align_corners', alignCorners),
  attribute.bool('half_pixel_centers', halfPixelCenters),
];

export const resizeBilinearGradKernel: OwnKernel<'images' | 'dy', ResizeAttributes> = {
  kernelName: 'ResizeBilinearGrad',
  tensorflow: ({ images, dy }, attributes) =>
    runOperation('ResizeBilinearGrad', [attribute.dtype('T', images), ...flags(attributes)], [dy, images]),
};

export const resizeNearestGradKernel: OwnKernel<'images' | 'dy', ResizeAttributes> = {
  kernelName: 'ResizeNearestNeighborGrad',
  tensorflow: ({ images, dy }, attributes) => {
    const size = tf.tensor1d(images.shape.slice(1, 3), 'int32');
    return runOperation('ResizeNearestNeighborGrad', [attribute.dtype('T', dy), ...flags(attributes)], [dy, size]);
  },
};
