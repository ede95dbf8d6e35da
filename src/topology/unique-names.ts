/** Makes names unique where a model has duplicates, for example two nested models with a layer "dense" each. */
export interface Names {
  /** `name` if it is unused, else `path/name`, else with the suffix _1, _2, ... as in tfjs. */
  claim(name: string, path: readonly string[]): string;
}

export function createNames(): Names {
  const taken = new Set<string>();
  // The last suffix of each name, so that n equal names cost n steps.
  const suffixes = new Map<string, number>();
  const numbered = (name: string): string => {
    let suffix = suffixes.get(name) ?? 1;
    while (taken.has(`${name}_${suffix}`)) suffix++;
    suffixes.set(name, suffix + 1);
    return `${name}_${suffix}`;
  };
  return {
    claim(name, path) {
      const candidates = [name, [...path, name].join('/')];
      const free = candidates.find((candidate) => !taken.has(candidate)) ?? numbered(name);
      taken.add(free);
      return free;
    },
  };
}
