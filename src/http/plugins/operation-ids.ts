/** Names of operations in the OpenAPI document, made from method and path: generators of clients name their functions by them. */

/** GET of the zoo is a list, too: its members are models. */
const singular = (plural: string) =>
  plural
    .replace(/^zoo$/, 'zooModel')
    .replace(/ies$/, 'y')
    .replace(/([^s])s$/, '$1');
const capitalised = (text: string) =>
  text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
const isParameter = (part: string | undefined) => part !== undefined && /^[:*]/.test(part);

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'put',
  PATCH: 'change',
  DELETE: 'delete',
};
/** Last parts of paths that are verbs. A POST there is named after the verb: cancelJob, validateJob. */
const actions: ReadonlySet<string> = new Set([
  'cancel',
  'retry',
  'pause',
  'resume',
  'validate',
  'inspect',
  'redeliver',
]);

/** GET /v1/jobs: listJobs; GET /v1/jobs/:id: getJob; POST /v1/jobs: createJob; POST /v1/jobs/:id/cancel: cancelJob; GET /v1/jobs/:id/events: getJobEvents. */
export function operationIdOf(method: string, url: string): string {
  const parts = url.split('/').filter((part) => part !== '' && part !== 'v1');
  const last = parts.at(-1) ?? '';
  const isAction = method === 'POST' && actions.has(last);
  const nouns = (isAction ? parts.slice(0, -1) : parts).flatMap((part, index, all) => {
    if (isParameter(part)) return [];
    const isOne = isParameter(all[index + 1]) || isAction || (method === 'POST' && index === all.length - 1);
    return [capitalised(isOne ? singular(part) : part)];
  });
  const isList = method === 'GET' && parts.length === 1 && singular(last) !== last;
  const verb = isAction ? last : isList ? 'list' : (verbs[method] ?? method.toLowerCase());
  return `${verb}${nouns.join('')}`;
}
