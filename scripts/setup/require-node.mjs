/**
 * Imported first by every script: ends with a clear message on an old Node, before a newer API is imported. This file must have no imports and no
 * syntax that old versions cannot parse.
 */
const minimum = '20.11';
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 11)) {
  process.stderr.write(
    `setup: Node ${minimum} or newer is needed, found ${process.versions.node} (${process.execPath}). ` +
      'Install Node 22, for example with nvm: nvm install 22\n',
  );
  process.exit(1);
}
