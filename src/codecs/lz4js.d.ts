declare module 'lz4js' {
  /** Decompresses a whole LZ4 frame into `target`. Returns the decompressed length; where it is larger than `target`, the excess bytes are dropped. */
  export function decompressFrame(data: Uint8Array, target: Uint8Array): number;
}
