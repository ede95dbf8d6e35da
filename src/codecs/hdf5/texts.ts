/** Elements that are text: of a fixed number of bytes, or of variable length in the global heap. */
import { type Context, createCursor } from './context.ts';
import type { Hdf5Type } from './datatype.ts';
import type { GlobalHeap } from './heaps.ts';

type TextType = Extract<Hdf5Type, { kind: 'string' | 'fixed-string' }>;

/** The texts, row-major; `heap` keeps its cache for later calls. */
export async function readTexts(
  data: Uint8Array,
  type: TextType,
  context: Context,
  heap: GlobalHeap,
): Promise<string[]> {
  const count = Math.floor(data.byteLength / type.bytes);
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const element = data.subarray(i * type.bytes, (i + 1) * type.bytes);
    texts.push(
      type.kind === 'fixed-string' ? fixedText(element, type.padding) : await heapText(element, context, heap),
    );
  }
  return texts;
}

function fixedText(element: Uint8Array, padding: 'zero' | 'blank'): string {
  const end = element.indexOf(0);
  const text = new TextDecoder().decode(end < 0 ? element : element.subarray(0, end));
  return padding === 'blank' ? text.replace(/ +$/, '') : text;
}

async function heapText(element: Uint8Array, context: Context, heap: GlobalHeap): Promise<string> {
  const cursor = createCursor(element, context, 'a text');
  const [length, address, index] = [cursor.unsigned(4), cursor.address(), cursor.unsigned(4)];
  const bytes = await heap.object(length, address, index);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
