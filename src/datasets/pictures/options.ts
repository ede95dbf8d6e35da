/** The option of every format that holds pictures. */
import { Type } from 'typebox';

const Extent = Type.Integer({ minimum: 1, maximum: 8192 });

export const imageSizeOption = {
  imageSize: Type.Optional(
    Type.Tuple([Extent, Extent], {
      description:
        'Pictures: height and width that all are brought to, by an antialiased triangle filter (bilinear of PIL and torchvision), the aspect not kept. Without it, pictures of different sizes are refused.',
    }),
  ),
};
