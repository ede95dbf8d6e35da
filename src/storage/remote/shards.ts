/** URLs of several files in one, as WebDataset and shells write them: `train-{00000..00004}-of-00005.parquet`, `{train,test}.csv`. */
import { AppError } from '../../errors.ts';

const maxShards = 1024;
const braces = /\{([^{}]*)\}/;

/** One URL for each combination, in order; a URL without braces alone. Throws REMOTE_REFUSED for braces that are no range and no list, or too many files. */
export function expandShards(url: string): string[] {
  const found = braces.exec(url);
  if (found === null) return [url];
  const [whole, inside = ''] = found;
  const [before, after] = [url.slice(0, found.index), url.slice(found.index + whole.length)];
  const expanded = alternatives(inside, url).flatMap((one) => expandShards(`${before}${one}${after}`));
  if (expanded.length > maxShards) throw tooMany(url);
  return expanded;
}

const shown = (url: string) => url.slice(0, 200);
const tooMany = (url: string) =>
  new AppError('REMOTE_REFUSED', `${shown(url)}: names more than ${maxShards} files; write fewer, larger shards`);

function alternatives(inside: string, url: string): string[] {
  const range = /^(\d{1,9})\.\.(\d{1,9})$/.exec(inside);
  if (range === null) {
    const names = inside.split(',');
    if (names.length < 2 || names.some((name) => name === ''))
      throw new AppError(
        'REMOTE_REFUSED',
        `${shown(url)}: {${inside}} is neither a range such as {00000..00004} nor a list such as {train,test}`,
      );
    return names;
  }
  const [, first = '', last = ''] = range;
  const [from, to] = [Number(first), Number(last)];
  if (to < from) throw new AppError('REMOTE_REFUSED', `${shown(url)}: the range {${inside}} is empty`);
  if (to - from >= maxShards) throw tooMany(url);
  return Array.from({ length: to - from + 1 }, (_, i) => String(from + i).padStart(first.length, '0'));
}
