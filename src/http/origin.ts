/** From which page a browser sends a request, as far as its headers say. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * 'own': a page of this server; 'other': a page of another origin; 'unknown': a program, or a browser that does not say.
 *
 * Sec-Fetch-Site (Fetch Metadata) is what browsers say today and what no page can change; Origin is compared where it is missing.
 */
export function originOf(headers: IncomingHttpHeaders): 'own' | 'other' | 'unknown' {
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin') return 'own';
  if (site === 'cross-site' || site === 'same-site') return 'other';
  if (headers.origin === undefined) return 'unknown';
  return headers.origin.replace(/^https?:\/\//, '') === headers.host ? 'own' : 'other';
}
