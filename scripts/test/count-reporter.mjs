/**
 * A reporter for Node's test runner that prints one JSON object at the end: the numbers of passed, failed and skipped tests. Suites are not counted,
 * but their tests are; a skipped suite or a todo counts as one skipped test.
 *
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 */
export default async function* countTests(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const left = isSet(data.skip) || isSet(data.todo);
    if (data.details.type === 'suite' && !left) continue;
    if (left) counts.skipped += 1;
    else if (type === 'test:pass') counts.passed += 1;
    else counts.failed += 1;
  }
  yield JSON.stringify(counts);
}

/** @param {string | boolean | undefined} reason */
function isSet(reason) {
  return reason !== undefined && reason !== false;
}
