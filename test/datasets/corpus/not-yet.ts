/** Cases that fail today. A case that passes must leave this list. */
export const notYet: ReadonlySet<string> = new Set([]);
