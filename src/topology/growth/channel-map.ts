/**
 * For each channel of a wider network, the channel of the smaller network that it repeats.
 *
 *   free         outputs of a layer: determined where they are added to other channels, otherwise unit j repeats unit j mod n
 *   same         channels that are equal in both networks: those of the inputs
 *   joined       maps one after the other: concatenations, channels of zeros
 *   spread       every channel at `times` positions: flattened images
 *   multiplied   `by` outputs per channel: depthwise convolutions
 */

interface Free {
  readonly kind: 'free';
  readonly extent: number;
  /** Null for layers that the smaller network does not have; they may repeat any channels that they are added to. */
  readonly sourceExtent: number | null;
  bound: ChannelMap | null;
}

export type ChannelMap =
  | Free
  | { readonly kind: 'same'; readonly extent: number }
  | { readonly kind: 'joined'; readonly parts: readonly ChannelMap[] }
  | { readonly kind: 'spread'; readonly times: number; readonly of: ChannelMap }
  | { readonly kind: 'multiplied'; readonly of: ChannelMap; readonly by: number };

/** For every channel, the index of the channel that it repeats, below `sourceExtent`. */
export interface Repeats {
  readonly index: readonly number[];
  readonly sourceExtent: number;
}

/** The map of a layer's outputs, not yet determined. */
export const free = (extent: number, sourceExtent: number | null): ChannelMap => ({
  kind: 'free',
  extent,
  sourceExtent,
  bound: null,
});

const bottom = (map: ChannelMap): ChannelMap => (map.kind === 'free' && map.bound ? bottom(map.bound) : map);

function contains(map: ChannelMap, part: ChannelMap): boolean {
  const found = bottom(map);
  if (found === part) return true;
  if (found.kind === 'joined') return found.parts.some((inner) => contains(inner, part));
  return found.kind === 'spread' || found.kind === 'multiplied' ? contains(found.of, part) : false;
}

/** The channels of a map; null for a layer that the smaller network does not have, as long as nothing determines them. */
export function repeatsOf(map: ChannelMap): Repeats | null {
  const found = bottom(map);
  const units = (count: number) => Array.from({ length: count }, (_, unit) => unit);
  switch (found.kind) {
    case 'same':
      return { index: units(found.extent), sourceExtent: found.extent };
    case 'free': {
      const { extent, sourceExtent } = found;
      return sourceExtent === null ? null : { index: units(extent).map((unit) => unit % sourceExtent), sourceExtent };
    }
    case 'joined': {
      const index: number[] = [];
      let sourceExtent = 0;
      for (const part of found.parts) {
        const inner = repeatsOf(part);
        if (inner === null) return null;
        for (const unit of inner.index) index.push(sourceExtent + unit);
        sourceExtent += inner.sourceExtent;
      }
      return { index, sourceExtent };
    }
    default: {
      const inner = repeatsOf(found.of);
      if (inner === null) return null;
      const { index, sourceExtent } = inner;
      if (found.kind === 'multiplied') {
        const { by } = found;
        return {
          index: index.flatMap((unit) => units(by).map((part) => unit * by + part)),
          sourceExtent: sourceExtent * by,
        };
      }
      const { times } = found;
      return {
        index: units(times).flatMap((place) => index.map((unit) => place * sourceExtent + unit)),
        sourceExtent: sourceExtent * times,
      };
    }
  }
}

/** Unifies two maps whose channels are added; returns false where they repeat different channels. */
export function tie(one: ChannelMap, other: ChannelMap): boolean {
  const [a, b] = [bottom(one), bottom(other)];
  if (a === b) return true;
  const binds = (map: ChannelMap, to: ChannelMap): boolean => {
    if (map.kind !== 'free' || contains(to, map)) return false;
    const known = map.sourceExtent === null ? null : repeatsOf(to);
    if (known !== null && (known.sourceExtent !== map.sourceExtent || known.index.length !== map.extent)) return false;
    map.bound = to;
    return true;
  };
  const isNew = (map: ChannelMap) => map.kind === 'free' && map.sourceExtent === null;
  if (isNew(b) ? binds(b, a) || binds(a, b) : binds(a, b) || binds(b, a)) return true;
  const [left, right] = [repeatsOf(a), repeatsOf(b)];
  return left !== null && right !== null && `${left.index}` === `${right.index}`;
}
