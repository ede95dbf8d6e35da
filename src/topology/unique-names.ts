/** Makes names unique where frameworks leave them ambiguous: two nested models with a layer "dense" each. */
export interface Names {
  /** `name` if it is free, else `path/name`, else with the suffix _1, _2, ... as tfjs writes it. */
  claim(name: string, path: readonly string[]): string;
}

export function createNames(): Names {
  const taken = new Set<string>();
  // Where to continue counting, so that a thousand equal names take a thousand steps.
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
