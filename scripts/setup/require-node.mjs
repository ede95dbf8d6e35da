/**
 * Imported first by every script: stops an old Node with one clear line, before any newer API is linked.
 * Keep this file free of imports and of syntax that old versions cannot parse.
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
