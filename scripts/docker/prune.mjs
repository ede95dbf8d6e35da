/** Finds the packages of a lock file that are not needed without some direct dependencies. */

/** @typedef {{ dependencies?: Record<string, string>, optionalDependencies?: Record<string, string>, peerDependencies?: Record<string, string>, dev?: boolean }} Entry */

/**
 * @param {Readonly<Record<string, Entry>>} packages `packages` of package-lock.json; keys are paths such as node_modules/a/node_modules/b, '' is the
 * project
 * @param {readonly string[]} dropped direct dependencies
 * @returns {string[]} the paths of packages that are needed only by `dropped`, without those for development
 */
export function packagesOnlyFor(packages, dropped) {
  const direct = Object.keys(packages['']?.dependencies ?? {});
  const kept = reach(
    packages,
    direct.filter((name) => !dropped.includes(name)),
  );
  return [...reach(packages, direct)].filter((place) => !kept.has(place)).sort();
}

/**
 * @param {Readonly<Record<string, Entry>>} packages
 * @param {readonly string[]} names
 */
function reach(packages, names) {
  /** @type {Set<string>} */
  const found = new Set();
  const open = names.map((name) => place(packages, '', name));
  for (let next = open.pop(); next !== undefined || open.length > 0; next = open.pop()) {
    if (next === undefined || found.has(next)) continue;
    found.add(next);
    const { dependencies, optionalDependencies, peerDependencies } = packages[next] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
      open.push(place(packages, next, name));
  }
  return found;
}

/**
 * The path at which Node finds `name` from the package at `from`: in the nearest node_modules folder upwards.
 *
 * @param {Readonly<Record<string, Entry>>} packages
 * @param {string} from
 * @param {string} name
 * @returns {string | undefined} undefined for a peer dependency that is not installed
 */
function place(packages, from, name) {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const candidate = `${base === '' ? '' : `${base}/`}node_modules/${name}`;
    if (Object.hasOwn(packages, candidate)) return candidate;
    if (base === '') return undefined;
  }
}
