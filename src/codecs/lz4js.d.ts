declare module 'lz4js' {
  /** Decompresses a whole LZ4 frame into `target`. Returns its length, which may be larger than that of `target`: what lies beyond is dropped. */
  export function decompressFrame(data: Uint8Array, target: Uint8Array): number;
}
