/** Small files for uploads. */

export const csv = (rows: number, label = 'x') =>
  `a,b,${label}\n${Array.from({ length: rows }, (_, row) => `${row},${row * 2},${row % 2}`).join('\n')}\n`;

export const idx = (shape: number[], bytes: Uint8Array) => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [axis, extent] of shape.entries()) header.writeUInt32BE(extent, 4 + 4 * axis);
  return Buffer.concat([header, bytes]);
};

/** An .npy file of bytes. */
export const npy = (shape: string, bytes: Uint8Array) => {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  const magic = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
  return Buffer.concat([magic, Buffer.from(`${header}\n`), bytes]);
};

export const safetensors = (name: string, shape: number[], values: number[]) => {
  const header = Buffer.from(JSON.stringify({ [name]: { dtype: 'F32', shape, data_offsets: [0, 4 * values.length] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.from(new Float32Array(values).buffer)]);
};
