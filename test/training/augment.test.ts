import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ndarray } from '../../src/ndarray.ts';
import { createRandom } from '../../src/random.ts';
import { augment } from '../../src/training/augment.ts';

const [height, width, channels] = [5, 7, 2];
const pixels = height * width * channels;
/** Images whose values tell where they come from; never zero. */
const images = (count: number) =>
  ndarray(
    'float32',
    [count, height, width, channels],
    Float32Array.from({ length: count * pixels }, (_, i) => i + 1),
  );
const batchOf = (count: number) => ({
  inputs: [images(count)],
  targets: ndarray('int32', [count], new Int32Array(count)),
});
const dataOf = (count: number, wish: Parameters<typeof augment>[1], seed = 0) => {
  const [input] = augment(batchOf(count), wish, createRandom(seed, 'test')).inputs;
  return input?.data as Float32Array;
};

test('nothing asked for changes nothing, and the given batch stays as it is', () => {
  const batch = batchOf(3);
  assert.deepEqual(augment(batch, {}, createRandom(0, 'test')).inputs[0]?.data, batch.inputs[0]?.data);
  augment(batch, { crop: 2, flip: true, cutout: 3 }, createRandom(0, 'test'));
  assert.deepEqual(batch.inputs[0]?.data, images(3).data);
});

test('the same stream gives the same images, another seed others', () => {
  const wish = { crop: 2, flip: true, cutout: 3 };
  assert.deepEqual(dataOf(6, wish), dataOf(6, wish));
  assert.notDeepEqual(dataOf(6, wish), dataOf(6, wish, 1));
});

test('a crop is a shift with zeros at the border', () => {
  const source = images(1).data;
  const seen = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const data = dataOf(1, { crop: 1 }, seed);
    const found = [-1, 0, 1]
      .flatMap((di) => [-1, 0, 1].map((dj) => [di, dj] as const))
      .filter(([di, dj]) =>
        data.every((value, at) => {
          const [c, j, i] = [at % channels, Math.floor(at / channels) % width, Math.floor(at / channels / width)];
          const [si, sj] = [i + di, j + dj];
          const inside = si >= 0 && si < height && sj >= 0 && sj < width;
          return value === (inside ? source[(si * width + sj) * channels + c] : 0);
        }),
      );
    assert.equal(found.length, 1);
    seen.add(String(found[0]));
  }
  assert.equal(seen.size, 9);
});

test('about half of the images are mirrored, the others untouched', () => {
  const count = 400;
  const data = dataOf(count, { flip: true });
  const source = images(count).data;
  let mirrored = 0;
  for (let n = 0; n < count; n++) {
    const isSame = data[n * pixels] === source[n * pixels];
    if (isSame) continue;
    mirrored += 1;
    assert.equal(data[n * pixels], source[n * pixels + (width - 1) * channels]);
  }
  assert.ok(mirrored > 150 && mirrored < 250, String(mirrored));
});

test('cutout clears one square, cut at the borders, and keeps the rest', () => {
  const side = 3;
  const counts = new Set<number>();
  for (let seed = 0; seed < 200; seed++) {
    const data = dataOf(1, { cutout: side }, seed);
    const source = images(1).data;
    assert.ok(data.every((value, at) => value === 0 || value === source[at]));
    counts.add(data.filter((value) => value === 0).length / channels);
  }
  assert.ok(counts.has(side * side));
  assert.ok([...counts].every((count) => count >= 4 && count <= 9));
});

test('inputs that are not images are left alone', () => {
  const flat = {
    inputs: [ndarray('float32', [2, 3], Float32Array.from([1, 2, 3, 4, 5, 6]))],
    targets: ndarray('int32', [2], new Int32Array(2)),
  };
  assert.deepEqual(augment(flat, { crop: 2, flip: true, cutout: 2 }, createRandom(0, 'test')).inputs, flat.inputs);
});

test('channels first or last, the same draws change the same pixels', () => {
  const count = 5;
  const last = images(count);
  const planes = Float32Array.from({ length: count * pixels }, (_, at) => {
    const [n, rest] = [Math.floor(at / pixels), at % pixels];
    const [c, pixel] = [Math.floor(rest / (height * width)), rest % (height * width)];
    return last.data[n * pixels + pixel * channels + c] as number;
  });
  const first = { ...batchOf(count), inputs: [ndarray('float32', [count, channels, height, width], planes)] };
  const wish = { crop: 2, flip: true, cutout: 3 };
  const [found] = augment(first, wish, createRandom(0, 'test'), 'first').inputs;
  const expected = dataOf(count, wish);
  const back = Float32Array.from({ length: count * pixels }, (_, at) => {
    const [n, rest] = [Math.floor(at / pixels), at % pixels];
    const [pixel, c] = [Math.floor(rest / channels), rest % channels];
    return found?.data[n * pixels + c * height * width + pixel] as number;
  });
  assert.deepEqual(back, expected);
});
