import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkRemoteUrl, type RemotePolicy } from '../../../src/storage/remote/policy.ts';
import { remotePolicy } from '../../support/remote-policy.ts';

const open = remotePolicy();

const refused: readonly { url: string; says: RegExp; policy?: Partial<RemotePolicy> }[] = [
  { url: 'https://example.com/x.csv', policy: { enabled: false }, says: /DATASET_URLS/ },
  { url: 'http://example.com/x.csv', says: /only https/ },
  { url: 'ftp://example.com/x.csv', says: /only https/ },
  { url: 'file:///etc/passwd', says: /only https/ },
  { url: 'gopher://example.com', says: /only https/ },
  { url: 'data:text/csv,a', says: /only https/ },
  { url: 'https://', says: /no URL/ },
  { url: 'https://exa mple.com', says: /no URL/ },
  { url: `https://example.com/${'x'.repeat(2000)}`, says: /no URL of at most 2000/ },
  { url: 'https://user:secret@example.com/x', says: /user name or password/ },
  { url: 'https://user@example.com/x', says: /user name or password/ },
  { url: 'https://example.com:8443/x', says: /port 8443/ },
  { url: 'https://example.com:22/x', says: /port 22/ },
  { url: 'https://example.com/x', policy: { hosts: ['data.example.com'] }, says: /host example\.com is not allowed/ },
  { url: 'https://data.example.com.evil.org/x', policy: { hosts: ['data.example.com'] }, says: /not allowed/ },
  { url: 'https://127.0.0.1/x', says: /127\.0\.0\.1/ },
  { url: 'https://2130706433/x', says: /127\.0\.0\.1/ },
  { url: 'https://0x7f000001/x', says: /127\.0\.0\.1/ },
  { url: 'https://0177.0.0.1/x', says: /127\.0\.0\.1/ },
  { url: 'https://127.1/x', says: /127\.0\.0\.1/ },
  { url: 'https://0/x', says: /0\.0\.0\.0/ },
  { url: 'https://169.254.169.254/latest/meta-data', says: /169\.254/ },
  { url: 'https://[::1]/x', says: /::1/ },
  { url: 'https://[::ffff:127.0.0.1]/x', says: /::ffff:7f00:1/ },
  { url: 'https://[64:ff9b::7f00:1]/x', says: /64:ff9b/ },
  { url: 'https://１２７.0.0.1/x', says: /127\.0\.0\.1/ },
  { url: 'http://intern:9000/x', policy: { privateHosts: ['intern:9001'] }, says: /only https/ },
];
for (const { url, says, policy } of refused) {
  test(`${url.slice(0, 60)} is refused`, () => {
    assert.throws(() => checkRemoteUrl(url, { ...open, ...policy }), { code: 'REMOTE_REFUSED', message: says });
  });
}

test('a password in a refused URL is not repeated', () => {
  assert.throws(
    () => checkRemoteUrl('https://me:hunter2@example.com', open),
    (error: Error) => !error.message.includes('hunter2'),
  );
});

const accepted: readonly { url: string; policy?: Partial<RemotePolicy>; isPrivate: boolean }[] = [
  { url: 'https://example.com/x.csv', isPrivate: false },
  { url: 'https://EXAMPLE.com./x.csv', policy: { hosts: ['example.com'] }, isPrivate: false },
  { url: 'https://8.8.8.8/x', isPrivate: false },
  { url: 'https://example.com:8443/x', policy: { ports: ['443', '8443'] }, isPrivate: false },
  { url: 'http://intern:9000/x', policy: { privateHosts: ['intern:9000'] }, isPrivate: true },
  { url: 'http://127.0.0.1:9000/x', policy: { privateHosts: ['127.0.0.1'] }, isPrivate: true },
  { url: 'https://[::1]:9000/x', policy: { privateHosts: ['[::1]:9000'] }, isPrivate: true },
];
for (const { url, policy, isPrivate } of accepted) {
  test(`${url} is accepted${isPrivate ? ' as a private host' : ''}`, () => {
    assert.equal(checkRemoteUrl(url, { ...open, ...policy }).isPrivate, isPrivate);
  });
}
