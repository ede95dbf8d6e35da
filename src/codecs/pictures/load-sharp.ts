/** The picture library, loaded with the first picture: the API process, which knows the formats but opens no files, never loads it. */
import type { SharpConstructor } from 'sharp';

let loading: Promise<SharpConstructor> | null = null;

/** Many small pictures are processed concurrently: threads within one picture, and a cache of operations, would only take memory. */
export function loadSharp(): Promise<SharpConstructor> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}
