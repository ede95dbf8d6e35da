/** The origin of the page that sends a request, read from the headers of the browser. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * 'own': a page of this server; 'other': a page of another origin; 'unknown': a program, or a browser that sends neither header.
 *
 * Browsers set Sec-Fetch-Site (Fetch Metadata), which no page can change. Origin is compared where it is missing.
 */
export function originOf(headers: IncomingHttpHeaders): 'own' | 'other' | 'unknown' {
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin') return 'own';
  if (site === 'cross-site' || site === 'same-site') return 'other';
  if (headers.origin === undefined) return 'unknown';
  return headers.origin.replace(/^https?:\/\//, '') === headers.host ? 'own' : 'other';
}
