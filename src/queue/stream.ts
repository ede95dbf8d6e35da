/** Entries of Redis streams as events. */
import type { JobEvent } from '../contract/job-state.ts';

export type StreamEntry = readonly [id: string, fields: readonly string[]];

/** Replies of XRANGE, or of one stream of XREAD. Only this project's scripts write these streams. */
export function decodeEvents(entries: readonly StreamEntry[]): JobEvent[] {
  return entries.map(([id, fields]) => {
    const values = new Map<string, string>();
    for (let at = 0; at + 1 < fields.length; at += 2) values.set(fields[at] as string, fields[at + 1] as string);
    return {
      id,
      type: values.get('type') as JobEvent['type'],
      at: values.get('at') ?? '',
      data: JSON.parse(values.get('data') ?? '{}'),
    };
  });
}
