/** Loads the picture library with the first picture, so that the API process, which knows the formats but opens no files, never loads it. */
import type { SharpConstructor } from 'sharp';

let loading: Promise<SharpConstructor> | null = null;

/** Threads within one picture and the cache of operations are disabled: many small pictures are processed concurrently, and both would only take memory. */
export function loadSharp(): Promise<SharpConstructor> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}
