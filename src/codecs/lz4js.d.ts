declare module 'lz4js' {
  /** A whole LZ4 frame. */
  export function decompress(data: Uint8Array, maxSize?: number): Uint8Array;
}
