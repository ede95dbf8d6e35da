/** A least-recently-used cache with a bound on what its entries weigh together. */

export interface Cache<T> {
  get(key: string): T | undefined;
  /** An entry that weighs more than the whole cache may is not kept. */
  set(key: string, value: T, weight: number): void;
  delete(key: string): void;
}

export function createCache<T>(maxWeight: number): Cache<T> {
  // A Map keeps the order of insertion: the first is the one that was used longest ago.
  const entries = new Map<string, { value: T; weight: number }>();
  let total = 0;

  const remove = (key: string) => {
    total -= entries.get(key)?.weight ?? 0;
    entries.delete(key);
  };

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, weight) {
      remove(key);
      if (weight > maxWeight) return;
      entries.set(key, { value, weight });
      total += weight;
      for (const oldest of entries.keys()) {
        if (total <= maxWeight) break;
        remove(oldest);
      }
    },
    delete: remove,
  };
}
